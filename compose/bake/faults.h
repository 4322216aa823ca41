/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds what is wrong with the options of a list before anything is begun, so that a slip in one of
 * a thousand images does not show when the others are made.
 *
 *	rc = ohc_bake_names(&list, err);
 *	rc = ohc_bake_faults(&list, &command_line, err);
 *
 * Payloads and profiles that are files or directories must be there.  What only a registry tells,
 * and whether a base is there, is a failure of that image alone; what all images need
 * compose/bake/ready.h asks for.
 */
#ifndef OHC_COMPOSE_BAKE_FAULTS_H
#define OHC_COMPOSE_BAKE_FAULTS_H

#include "compose/bake/list.h"

/* The command line's own faults are OHC_E_USAGE, those of an image OHC_E_FORMAT, with its place; a
 * file that is not there is OHC_E_NOT_FOUND. */
int ohc_bake_faults(const struct ohc_bake_list *list, const struct ohc_push_options *command_line,
		    struct ohc_error *err);

#endif
