/* SPDX-License-Identifier: Apache-2.0 */
/* Prints what oci/image/describe.h found as a page for people. */
#ifndef OHC_CMD_INSPECT_PAGE_H
#define OHC_CMD_INSPECT_PAGE_H

#include <stdio.h>

#include "oci/documents/json.h"

void ohc_inspect_page(FILE *out, const json_t *image);

/* A line for each layer: digest, size in bytes, media type and diff ID ("-"
 * where none is known). */
void ohc_inspect_page_layers(FILE *out, const json_t *image);

/* Prints what is attached to an image, as ohc_attach_list() gives it: a line for each, with digest,
 * size in bytes, type ("-" where none is known) and annotations. */
void ohc_inspect_page_referrers(FILE *out, const json_t *list);

#endif
