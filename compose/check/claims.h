/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Will a payload run on a base, by what its labels claim that it needs (compose/payload/label.h)?
 * For payload images whose layers are not looked at.
 *
 *	rc = ohc_check_claims(payload->label, files, "amd64", &findings, err);
 */
#ifndef OHC_COMPOSE_CHECK_CLAIMS_H
#define OHC_COMPOSE_CHECK_CLAIMS_H

#include "compose/payload/label.h"
#include "layout/check/findings.h"
#include "layout/files/files.h"

/* Has the base the libc that it needs, and a new enough one?  files is the base's tree, arch as Go
 * names it. */
int ohc_check_claims(const struct ohc_payload_label *label, struct ohc_files *files,
		     const char *arch, struct ohc_findings *ret, struct ohc_error *err);

#endif
