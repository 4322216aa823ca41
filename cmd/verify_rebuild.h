/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `verify --rebuild`: is an image what it says that it was composed of?
 *
 *	rc = ohc_verify_rebuild(cli, "localhost:5000/x:1", &look_in, err);
 *
 * look_in: what else may hold base and payloads.  Prints what was found; what differs is
 * OHC_E_DIGEST.
 */
#ifndef OHC_CMD_VERIFY_REBUILD_H
#define OHC_CMD_VERIFY_REBUILD_H

#include "cmd/cli.h"

int ohc_verify_rebuild(struct ohc_cli *cli, const char *image, const struct ohc_strv *look_in,
		       struct ohc_error *err);

#endif
