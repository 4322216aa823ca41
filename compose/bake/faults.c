// SPDX-License-Identifier: Apache-2.0
#include "compose/bake/faults.h"

#include <string.h>

#include "compose/image/inputs.h"
#include "core/alloc.h"

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
	return 0;
}
