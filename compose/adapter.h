/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the adapter layer holds (DESIGN.md §2): the few entries that fit a payload to one base.  So
 * far these are the profile's workspace directories, which belong to the image's user.
 */
#ifndef OHC_COMPOSE_ADAPTER_H
#define OHC_COMPOSE_ADAPTER_H

#include "compose/inputs.h"
#include "layout/entries.h"

/* Adds to *ret; nothing where nothing is needed. */
void ohc_adapter_entries(const struct ohc_inputs *in, struct ohc_entries *ret);

#endif
