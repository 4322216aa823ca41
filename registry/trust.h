/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds the certificates that count for a host: --ca-file for all of them, --cert and --key for
 * those that were named, and certs.d as docker and podman lay it out, a directory for each
 * HOST[:PORT]:
 *
 *	/etc/docker/certs.d/HOST[:PORT]/	*.crt	CAs, in addition to the system's
 *	/etc/containers/certs.d/…		X.cert	a client certificate, with its key in X.key
 *	~/.config/containers/certs.d/…
 *
 * The first of these that is there counts; one that may not be looked into is skipped.
 *
 * The system's CAs are the first that can be read of SSL_CERT_FILE, the file that libcurl was built
 * for, and those of core/ca_files.h; and a directory, for which SSL_CERT_DIR (a list) may stand.
 *
 * A client certificate is shown to the host it was laid out for, and one of --cert to the
 * registries that were named, never to a mirror of theirs or to where they redirect.
 */
#ifndef OHC_REGISTRY_TRUST_H
#define OHC_REGISTRY_TRUST_H

#include "registry/http.h"

struct ohc_trust;

struct ohc_trust_options {
	const char *ca_file;
	const char *cert_file;
	const char *key_file;
};

struct ohc_trust *ohc_trust_new(const struct ohc_trust_options *o);
void ohc_trust_free(struct ohc_trust *t);

/* *ret stays valid as long as t.  registry: the host is one that was named; insecure: its
 * certificate is not checked.  Fails when a file of it cannot be read, and names it. */
int ohc_trust_for(struct ohc_trust *t, const char *authority, bool registry, bool insecure,
		  const struct ohc_http_tls **ret, struct ohc_error *err);

#endif
