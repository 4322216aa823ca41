/* SPDX-License-Identifier: Apache-2.0 */
/*
 * push's options in a bake list: at the top of the list for all images, and in an image's object
 * for that one.  A member is called as the option is, with '_' for '-' ("unset_env"); one that can
 * be repeated takes a string or an array; `env`, `label` and `annotation` take an object.
 *
 *	struct ohc_bake_settings one = { .base = NULL }, all = { .base = NULL };
 *
 *	rc = ohc_bake_settings_read(&reader, object, "images[3]", others, &one);
 *	ohc_bake_settings_join(&all, &one, &joined);
 *	... joined.push ...
 *	ohc_bake_settings_clear(&joined);
 *
 * An image's options win over the top of the list, and those over the command line.  Variables,
 * labels and annotations add up, so that an image can set one more; any other list replaces the one
 * before as a whole.
 */
#ifndef OHC_COMPOSE_BAKE_SETTINGS_H
#define OHC_COMPOSE_BAKE_SETTINGS_H

#include "compose/image/options.h"
#include "oci/documents/json_members.h"

struct ohc_bake_settings {
	char *base, *dest; /* NULL: not given; dest is a template */
	struct ohc_push_options
		push; /* its strings and lists are owned; base and dest are not used */
};

#define OHC_BAKE_SETTINGS_INIT                 \
	{                                      \
		.push = OHC_PUSH_OPTIONS_INIT, \
	}

/* Reads the members of obj but those named in `others` (NULL-terminated).  *ret stays the caller's
 * to clear after a failure. */
int ohc_bake_settings_read(const struct ohc_reader *r, json_t *obj, const char *path,
			   const char *const *others, struct ohc_bake_settings *ret);

/* Lays `above` over `below`. */
void ohc_bake_settings_join(const struct ohc_bake_settings *below,
			    const struct ohc_bake_settings *above, struct ohc_bake_settings *ret);

/* Writes all settings as text, always in the same order; the caller frees it. */
char *ohc_bake_settings_text(const struct ohc_bake_settings *s);

void ohc_bake_settings_clear(struct ohc_bake_settings *s);

#endif
