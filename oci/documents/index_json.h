/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The index.json of an image layout (image-spec image-layout.md, "index.json file"): which images
 * the layout holds, and under which tags (the annotation org.opencontainers.image.ref.name, matched
 * exactly, as skopeo does).  These are pure edits of the document: oci/dir/ reads and replaces the
 * file and takes the locks, oci/archive/ reads the one in an archive.
 *
 * Members and entries that nobody here knows survive every edit.  A tag that moves replaces its old
 * entry, as umoci does it (skopeo keeps the old entry without its name), so that gc can remove what
 * the tag named before.
 */
#ifndef OHC_OCI_DOCUMENTS_INDEX_JSON_H
#define OHC_OCI_DOCUMENTS_INDEX_JSON_H

#include <stdbool.h>

#include "core/strv.h"
#include "oci/documents/descriptor.h"

#define OHC_REF_NAME "org.opencontainers.image.ref.name"

/* The full name, which containerd and docker's containerd store write and read. */
#define OHC_CONTAINERD_NAME "io.containerd.image.name"

/* Some 20,000 tags; see also OHC_JSON_VALUES_MAX. */
#define OHC_INDEX_JSON_MAX (8u << 20)

/* An index without entries. */
json_t *ohc_index_json_new(void);

/* Parses and checks the frame: schemaVersion 2, manifests an array of objects.  The entries are
 * checked when they are looked at, so that one which only another tool understands does no harm.
 * what is "index.json of '…'", for messages. */
int ohc_index_json_parse(const void *bytes, size_t n, const char *what, json_t **ret,
			 struct ohc_error *err);

/*
 * Finds the entry that a tag names; with tag NULL the only image (where several are, the only one
 * that has a tag).  OHC_E_NOT_FOUND lists the tags that there are; a tag that stands at two
 * different manifests is OHC_E_FORMAT.
 */
int ohc_index_json_find(const json_t *index, const char *tag, const char *what,
			struct ohc_descriptor *ret, struct ohc_error *err);

/* Lists d, without a tag (index_table.h sets those).  False: it is listed already. */
bool ohc_index_json_list(json_t *index, const struct ohc_descriptor *d);

/* Removes the entries that ref (a tag, or a digest: whatever their tags) names.  False: none. */
bool ohc_index_json_remove(json_t *index, const char *ref);

/* The tag of an entry, "" where it has none.  Borrowed. */
const char *ohc_index_json_tag(const json_t *entry);

/* Adds the tags, sorted bytewise, each once. */
void ohc_index_json_tags(const json_t *index, struct ohc_strv *ret);

#endif
