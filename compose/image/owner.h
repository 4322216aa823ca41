/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owners as options, recipes and profiles name them: "UID:GID", or "UID" for a group of the same
 * number.
 *
 *	if (ohc_owner_parse("1000:1001", &uid, &gid))
 *		...
 *	rc = ohc_owner_read(text, &uid, &gid, err);		the same, with a message
 */
#ifndef OHC_COMPOSE_IMAGE_OWNER_H
#define OHC_COMPOSE_IMAGE_OWNER_H

#include <stdbool.h>
#include <stdint.h>

#include "core/error.h"

/* False where it is no pair of numbers. */
bool ohc_owner_parse(const char *text, uint32_t *ret_uid, uint32_t *ret_gid);

/* As above; OHC_E_USAGE where it is none. */
int ohc_owner_read(const char *text, uint32_t *ret_uid, uint32_t *ret_gid, struct ohc_error *err);

#endif
