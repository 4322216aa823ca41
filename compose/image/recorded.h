/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The options of push that change an image, as its composition records them (member "options" of
 * compose/composition/composition.h), and back.
 *
 *	options = ohc_recorded_options(&inputs);		{"env":["A=1"],"user":"0:0"}
 *
 *	struct ohc_push_options o = OHC_PUSH_OPTIONS_INIT;
 *	rc = ohc_recorded_read(options, "image 'x'", &o, err);
 *	... o.env, o.user ...
 *	ohc_recorded_clear(&o);
 *
 * A member is called as the option is, with '_' for '-'.  What was not given, or has the value that
 * it has anyhow, is left out.  Variables, labels and annotations stand in an array, since their
 * order shows in the image.  Times are said as they were found: "now" as the time that it was.
 *
 * An option that is missing here would be forgotten by whoever makes an image again:
 * tests/unit/test_image_recorded.c holds this to push's own table.
 */
#ifndef OHC_COMPOSE_IMAGE_RECORDED_H
#define OHC_COMPOSE_IMAGE_RECORDED_H

#include "compose/image/inputs.h"
#include "oci/documents/json.h"

/* Is each of them UTF-8, so that an image can have it and say it?  0, or OHC_E_USAGE. */
int ohc_recorded_check(const struct ohc_push_options *o, struct ohc_error *err);

/* A new object. */
json_t *ohc_recorded_options(const struct ohc_inputs *in);

/* Sets members of ret, which are then owned: ohc_recorded_clear() frees them, also after a failure.
 * OHC_E_FORMAT: there is one that this version does not know, or of another type. */
int ohc_recorded_read(json_t *options, const char *what, struct ohc_push_options *ret,
		      struct ohc_error *err);
void ohc_recorded_clear(struct ohc_push_options *o);

/* The names, with '-', NULL-terminated. */
void ohc_recorded_names(struct ohc_strv *ret);

#endif
