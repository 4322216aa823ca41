/* SPDX-License-Identifier: Apache-2.0 */
/* Findings of both ways to verify: as JSON, and a line each. */
#ifndef OHC_CMD_VERIFY_H
#define OHC_CMD_VERIFY_H

#include "cmd/cli.h"

/* An ohc_found_fn (oci/image/verify.h), whose ctx is the array that the finding joins. */
void ohc_verify_add_finding(void *ctx, const char *where, const char *message);

void ohc_verify_print_findings(const struct ohc_cli *cli, const json_t *findings);

#endif
