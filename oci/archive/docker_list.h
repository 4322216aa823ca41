/* SPDX-License-Identifier: Apache-2.0 */
/*
 * manifest.json of a docker archive: which images it has, and what they are called.
 *
 *	[ { "Config": "HEX.json", "RepoTags": [ "busybox:latest" ], "Layers": [ "ID/layer.tar" ] } ]
 *
 * docker reads it with Go's rules, so that keys may be in lower case, and names begin with "./".
 */
#ifndef OHC_OCI_ARCHIVE_DOCKER_LIST_H
#define OHC_OCI_ARCHIVE_DOCKER_LIST_H

#include "core/strv.h"
#include "oci/documents/json.h"

#define OHC_DOCKER_LIST_MAX (8u << 20)

/* Checks the types of what we use, and writes keys and paths as above; what is "manifest.json of
 * '…'". */
int ohc_docker_list_parse(const void *bytes, size_t n, const char *what, json_t **ret,
			  struct ohc_error *err);

/* The names of a list, each found without looking at all others.  list must stay, and stay as it
 * is. */
struct ohc_docker_names;
struct ohc_docker_names *ohc_docker_names_new(const json_t *list);
void ohc_docker_names_free(struct ohc_docker_names *names);

/*
 * Finds the item that is called repo:tag (repo is "docker.io/library/busybox", or NULL for any; tag
 * NULL: any).  Where several have the name and differ it is OHC_E_NOT_FOUND, and the message lists
 * the names that there are.
 */
int ohc_docker_names_find(const struct ohc_docker_names *names, const char *repo, const char *tag,
			  const char *what, const json_t **ret, struct ohc_error *err);

/* Adds the tags of repo (or of all, when it is NULL), sorted bytewise, each once.  Of all, a
 * RepoTag that is no image name is added as it stands: whoever checks tags sees that it is none. */
void ohc_docker_list_tags(const json_t *list, const char *repo, struct ohc_strv *ret);

/* "docker.io/library/busybox:1" as docker shows and stores it: "busybox:1".
 * The caller frees it. */
char *ohc_archive_docker_familiar(const char *repo, const char *tag);

#endif
