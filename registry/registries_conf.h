/* SPDX-License-Identifier: Apache-2.0 */
/*
 * containers-registries.conf(5), version 2: tells where a repository is read from.  The first of
 * these files that is there counts:
 *
 *	$CONTAINERS_REGISTRIES_CONF
 *	${XDG_CONFIG_HOME:-~/.config}/containers/registries.conf
 *	/etc/containers/registries.conf
 *
 * then the *.conf files of registries.conf.d beside it, in order, whose entries for a prefix
 * replace those before.  Read are, of each [[registry]]: prefix, location, insecure, blocked,
 * mirror-by-digest-only and, of each [[registry.mirror]]: location, insecure, pull-from-mirror.
 * Everything else (short names, credential-helpers, …) is left alone: names here are always
 * complete.
 */
#ifndef OHC_REGISTRY_REGISTRIES_CONF_H
#define OHC_REGISTRY_REGISTRIES_CONF_H

#include <stdbool.h>

#include "oci/documents/json.h"

/* One location to read a repository from. */
struct ohc_registries_conf_location {
	char *host;
	char *repo;
	char *scheme; /* NULL: not given */
	bool insecure;
	bool by_tag, by_digest; /* what may be read from it */
};

struct ohc_registries_conf_answer {
	struct ohc_registries_conf_location *mirrors;
	size_t n_mirrors;
	struct ohc_registries_conf_location
		origin; /* host and repo are as asked unless it was relocated */
	bool relocated;
	char *blocked_by; /* the file that blocks it, or NULL */
};

struct ohc_registries_conf;

/* Nothing is read before it is needed. */
struct ohc_registries_conf *ohc_registries_conf_new(void);
void ohc_registries_conf_free(struct ohc_registries_conf *c);

/* May be called from several threads. */
int ohc_registries_conf_ask(struct ohc_registries_conf *c, const char *host, const char *repo,
			    struct ohc_registries_conf_answer *ret, struct ohc_error *err);
void ohc_registries_conf_answer_clear(struct ohc_registries_conf_answer *a);

/* "[http[s]://]HOST[:PORT][/PREFIX]" plus rest. */
int ohc_registries_conf_location_parse(const char *location, const char *rest, const char *what,
				       struct ohc_registries_conf_location *ret,
				       struct ohc_error *err);
void ohc_registries_conf_location_clear(struct ohc_registries_conf_location *p);

#endif
