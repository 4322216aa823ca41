/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OHC_LAYOUT_SBOM_SBOM_INTERNAL_H
#define OHC_LAYOUT_SBOM_SBOM_INTERNAL_H

#include "layout/sbom/sbom.h"
#include "oci/documents/json.h"

#define OHC_SBOM_UUID 37

/* A name for the document that depends on the document alone (RFC 9562, version 8: of the digest
 * of its canonical text). */
void ohc_sbom_uuid(const json_t *doc, char ret[OHC_SBOM_UUID]);

#endif
