// SPDX-License-Identifier: Apache-2.0
#include "compose/bake/faults.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "compose/image/inputs.h"
#include "core/alloc.h"
#include "core/buf.h"

#define MISSING_SHOWN 5

/* Looks at no destination that is known only later.  *last: the options that were looked at last,
 * which most images share; the caller frees it. */
static int check_image(const struct ohc_bake_image *image, char **last, struct ohc_error *err)
{
	const struct ohc_bake_settings *s = &image->settings;
	struct ohc_bake_settings rest = *s; /* nothing is owned by it */
	struct ohc_push_options o = s->push;
	ohc_cleanup(ohc_freep) char *text = NULL;

	o.base = "scratch";
	o.dest = strchr(s->dest, '{') ? NULL : s->dest;
	rest.base = rest.dest = NULL;
	text = ohc_bake_settings_text(&rest);
	if (*last && strcmp(*last, text) == 0 && !(o.dest && (o.sbom || strchr(o.dest, '@'))))
		return 0;
	free(*last);
	*last = ohc_take(text);
	return ohc_inputs_faults(&o, err);
}

/* Is it a base that would lie on this machine, and does not?  Those of an image that is composed
 * again are told when it was read. */
static bool is_missing(const struct ohc_bake_image *image)
{
	ohc_cleanup(ohc_name_clear) struct ohc_name name = { .given = NULL };

	return image->settings.base && ohc_name_parse(image->settings.base, &name, NULL) == 0 &&
	       name.path && strcmp(name.path, "-") != 0 && access(name.path, F_OK) < 0 &&
	       errno == ENOENT;
}

/* Tells all bases that are missing at once, because there may be hundreds. */
static int check_bases(const struct ohc_bake_list *list, struct ohc_error *err)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf names = OHC_BUF_INIT;
	const struct ohc_bake_image *first = NULL;
	size_t n = 0;
	int rc;

	for (size_t i = 0; i < list->n; i++) {
		if (!is_missing(&list->v[i]))
			continue;
		first = first ? first : &list->v[i];
		if (n++ < MISSING_SHOWN)
			ohc_buf_addf(&names, "%s'%s'", n > 1 ? ", " : "", list->v[i].settings.base);
	}
	if (n == 0)
		return 0;
	if (n > MISSING_SHOWN)
		ohc_buf_addf(&names, " and %zu more", n - MISSING_SHOWN);
	if (n == 1)
		rc = ohc_error_set(err, OHC_E_NOT_FOUND, "the base %s is not there",
				   ohc_buf_str(&names));
	else
		rc = ohc_error_set(err, OHC_E_NOT_FOUND, "%zu bases are not there: %s", n,
				   ohc_buf_str(&names));
	return ohc_bake_list_wrong(list, first, rc, err);
}

int ohc_bake_faults(const struct ohc_bake_list *list, const struct ohc_push_options *command_line,
		    struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *last = NULL;
	struct ohc_push_options o = *command_line;
	int rc;

	o.base = "scratch";
	o.dest = NULL;
	rc = ohc_inputs_faults(&o, err);
	if (rc < 0)
		return rc;
	for (size_t i = 0; i < list->n; i++) {
		rc = check_image(&list->v[i], &last, err);
		if (rc < 0)
			return ohc_bake_list_wrong(list, &list->v[i], rc, err);
	}
	return check_bases(list, err);
}
