/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Image names, as docs/cli.md lists them (the registry form as distribution's reference.md):
 *
 *	[docker://]HOST[:PORT]/REPO[:TAG][@DIGEST]	short names are Docker Hub's
 *	oci:DIR[:NAME]  oci-archive:FILE[:NAME]  docker-archive:FILE[:REPO:TAG]  scratch
 *
 * A first component is a host when it has a '.' or ':' or is "localhost"; else it is Docker Hub's,
 * and a Hub repository of one component lies in "library/".
 *
 * A layout's NAME is any that image-spec allows (podman and skopeo write whole image names there,
 * "localhost/app:1"), so the text is split by looking at the disk: at the first ':' before which
 * something is there, else at the one whose path could be made.  A ':' behind DIR says that all of
 * it is the directory.
 *
 * Names come from strangers, too (an index.json, a registry's list): they are checked by the
 * functions below where they come in, and once more before a path, a URL or a header is made of
 * them.
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
	char *tag;    /* a layout's NAME; NULL when none was given (registry: "latest") */
	char *digest; /* or NULL */
};

/* On failure *ret is untouched, and the message shows which part is wrong. */
int ohc_name_parse(const char *text, struct ohc_name *ret, struct ohc_error *err);
void ohc_name_clear(struct ohc_name *name);
void ohc_name_copy(struct ohc_name *ret, const struct ohc_name *name);

/* The reference to ask a store for: the digest, else the tag, else NULL ("the only one"). */
const char *ohc_name_ref(const struct ohc_name *name);

/* Fully qualified: "docker.io/library/ubuntu:22.04", "oci:dir:tag", and only for a host that is
 * called as a transport is "docker://oci:5000/x:1"; the caller frees it.  This is also the value of
 * org.opencontainers.image.base.name. */
char *ohc_name_text(const struct ohc_name *name);

/* Where the blobs of the image lie: "HOST/REPO" of a registry, the path of a layout or archive, ""
 * of scratch.  The caller frees it. */
char *ohc_name_place(const struct ohc_name *name);

/* Would the first n bytes of a name be taken for a host, were there a '/' behind them? */
bool ohc_name_looks_like_host(const char *s, size_t n);

/* A registry's tag: 1 to 128 of [A-Za-z0-9_.-], not starting with '.' or '-'; else OHC_E_USAGE. */
int ohc_name_tag_check(const char *tag, struct ohc_error *err);

/* A name in a layout: a tag as above, or what image-spec has for org.opencontainers.image.ref.name,
 * of at most OHC_REF_MAX bytes; else OHC_E_USAGE. */
#define OHC_REF_MAX 512
int ohc_name_ref_check(const char *name, struct ohc_error *err);

#endif
