/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An index.json of thousands of tags (oci/documents/index_json.h), whose entries are found by tag
 * without looking at each: for whoever asks or sets many tags of one document.
 *
 *	table = ohc_index_table_new(index);
 *	rc = ohc_index_table_find(table, "22.04", what, &d, err);
 *	changed |= ohc_index_table_put(table, "mine", &d);
 *	ohc_index_table_free(table);
 *
 * The document is whole again when the table is freed, and not before; nobody else edits it
 * meanwhile.
 */
#ifndef OHC_OCI_DOCUMENTS_INDEX_TABLE_H
#define OHC_OCI_DOCUMENTS_INDEX_TABLE_H

#include "oci/documents/index_json.h"

struct ohc_index_table;

/* Keeps a reference to index. */
struct ohc_index_table *ohc_index_table_new(json_t *index);
void ohc_index_table_free(struct ohc_index_table *t);
void ohc_index_table_freep(struct ohc_index_table **t);

/* As ohc_index_json_find(). */
int ohc_index_table_find(const struct ohc_index_table *t, const char *tag, const char *what,
			 struct ohc_descriptor *ret, struct ohc_error *err);

/* Makes the tag name d.  False: nothing had to be changed. */
bool ohc_index_table_put(struct ohc_index_table *t, const char *tag,
			 const struct ohc_descriptor *d);

/* The entry that a tag names, or NULL; borrowed. */
json_t *ohc_index_table_entry(const struct ohc_index_table *t, const char *tag);

#endif
