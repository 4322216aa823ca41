/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Image names, as CLI.md lists them (the registry form as distribution's reference.md):
 *
 *	[docker://]HOST[:PORT]/REPO[:TAG][@DIGEST]	short names are Docker Hub's
 *	oci:DIR[:TAG]  oci-archive:FILE[:TAG]  docker-archive:FILE[:REPO:TAG]  scratch
 *
 * A first component is a host when it has a '.' or ':' or is "localhost"; else it is Docker Hub's,
 * and a Hub repository of one component lies in "library/".  A layout's TAG is what follows the
 * last ':' unless that has a '/' in it; DIR may be quoted from this by a trailing ':'.
 */
#ifndef OHC_OCI_DOCUMENTS_NAME_H
#define OHC_OCI_DOCUMENTS_NAME_H

#include <stdbool.h>

#include "core/error.h"

enum ohc_transport {
	OHC_REGISTRY,
	OHC_LAYOUT,
	OHC_OCI_ARCHIVE,
	OHC_DOCKER_ARCHIVE,
	OHC_SCRATCH,
};

struct ohc_name {
	enum ohc_transport transport;
	char *given;  /* as it was typed, for messages */
	char *host;   /* registry: "docker.io", "localhost:5000" */
	char *repo;   /* registry: "library/ubuntu"; docker-archive: REPO or NULL */
	char *path;   /* layout and archives */
	char *tag;    /* NULL when none was given (and for a registry without digest: "latest") */
	char *digest; /* or NULL */
};

/* On failure *ret is untouched, and the message shows the place that is wrong. */
int ohc_name_parse(const char *text, struct ohc_name *ret, struct ohc_error *err);
void ohc_name_clear(struct ohc_name *name);

/* What asks a store for the image: the digest, else the tag, else NULL ("the only one"). */
const char *ohc_name_ref(const struct ohc_name *name);

/* Fully qualified: "docker.io/library/ubuntu:22.04", "oci:dir:tag"; the caller frees it.  This is
 * also the value of org.opencontainers.image.base.name. */
char *ohc_name_text(const struct ohc_name *name);

/* 0, or OHC_E_FORMAT: 1 to 128 of [A-Za-z0-9_.-], not starting with '.' or '-'. */
int ohc_name_tag_check(const char *tag, struct ohc_error *err);

#endif
