/* SPDX-License-Identifier: Apache-2.0 */
/* The payloads among the inputs: those that are given, and those that an image had before. */
#ifndef OHC_COMPOSE_IMAGE_INPUTS_INTERNAL_H
#define OHC_COMPOSE_IMAGE_INPUTS_INTERNAL_H

#include "compose/image/inputs.h"

/* Parses them; nothing is looked at. */
int ohc_inputs_specs(const struct ohc_push_options *o, struct ohc_inputs *in,
		     struct ohc_error *err);

/* Once the profile is known: targets are set. */
int ohc_inputs_targets(struct ohc_inputs *in, struct ohc_error *err);

/* Once the profile is known: targets are set, and what is a file is opened. */
int ohc_inputs_payloads(struct ohc_inputs *in, struct ohc_payload_shelf *shelf,
			struct ohc_error *err);

#endif
