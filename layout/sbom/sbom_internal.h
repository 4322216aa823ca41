/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OHC_LAYOUT_SBOM_SBOM_INTERNAL_H
#define OHC_LAYOUT_SBOM_SBOM_INTERNAL_H

#include "core/hash.h"
#include "layout/sbom/sbom.h"
#include "oci/documents/json.h"

/*
 * A document on its way out, member by member, as none is to be whole in memory.
 *
 *	ohc_sbom_begin(&w, out);			{
 *	ohc_sbom_member(&w, "version", json_integer(1));	"version":1
 *	ohc_sbom_list(&w, "components");		"components":[
 *	ohc_sbom_item(&w, component);			{...}
 *	ohc_sbom_list_end(&w);				]
 *	ohc_sbom_uuid(&w, uuid);
 *	return ohc_sbom_end(&w, err);			}
 *
 * Values are taken over.  The first failure is kept, and told at the end.
 */
struct ohc_sbom_writer {
	struct ohc_sink *out;
	struct ohc_hash *hash; /* of all that was written */
	bool first;
	int rc;
	struct ohc_error err;
};

void ohc_sbom_begin(struct ohc_sbom_writer *w, struct ohc_sink *out);
void ohc_sbom_member(struct ohc_sbom_writer *w, const char *key, json_t *value);
void ohc_sbom_list(struct ohc_sbom_writer *w, const char *key);
void ohc_sbom_item(struct ohc_sbom_writer *w, json_t *value);
void ohc_sbom_list_end(struct ohc_sbom_writer *w);
/* Reads a file of the list; false after a failure. */
bool ohc_sbom_digests_of(struct ohc_sbom_writer *w, const struct ohc_sbom *bom,
			 const struct ohc_sbom_file *f, bool sha1, struct ohc_sbom_digests *ret);
int ohc_sbom_end(struct ohc_sbom_writer *w, struct ohc_error *err);

#define OHC_SBOM_UUID 37

/* A name for the document that depends on what was written alone (RFC 9562, version 8).  Nothing
 * but members may follow. */
void ohc_sbom_uuid(struct ohc_sbom_writer *w, char ret[OHC_SBOM_UUID]);

#endif
