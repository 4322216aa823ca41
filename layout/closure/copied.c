// SPDX-License-Identifier: Apache-2.0
/* Lets files find what a recipe copies from the root by the place where that lies in the payload,
 * as the table of sets does for what it knows of. */
#include <string.h>

#include "core/path.h"
#include "layout/closure/closure_internal.h"

void ohc_closure_copied(struct ohc_closure *o, const char *from, const char *to)
{
	size_t at = o->n_copies, n = strlen(from);
	ohc_cleanup(ohc_freep) char *dir = NULL;

	while (n > 1 && from[n - 1] == '/')
		n--;
	dir = ohc_xstrndup(from, n);
	if (ohc_path_is_in(dir, o->prefix))
		return;
	o->copies = ohc_xrealloc(o->copies, o->n_copies + 1, sizeof(*o->copies));
	/* The longest first: of a directory and one in it that goes elsewhere, this is meant. */
	for (; at > 0 && strlen(o->copies[at - 1].from) < n; at--)
		o->copies[at] = o->copies[at - 1];
	o->copies[at] = (struct ohc_own_copy){ ohc_take(dir), ohc_xstrdup(to) };
	o->n_copies++;
}

char *ohc_closure_copy_of(const struct ohc_closure *o, const char *path)
{
	for (size_t i = 0; i < o->n_copies; i++) {
		const struct ohc_own_copy *c = &o->copies[i];
		const char *below = ohc_path_below(path, c->from);

		if (strcmp(path, c->from) == 0)
			return ohc_xstrdup(*c->to ? c->to : ".");
		if (below && *below)
			return ohc_xasprintf("%s%s%s", c->to, *c->to ? "/" : "", below);
	}
	return NULL;
}

static void say_unfit(struct ohc_closure *o, const struct ohc_own_copy *c, const char *disk)
{
	ohc_cleanup(ohc_freep) char *once = ohc_xasprintf("unfit %s", c->from);

	if (ohc_strv_has(&o->met, once))
		return;
	ohc_strv_take(&o->met, ohc_take(once));
	ohc_report_say(o->report, OHC_WARNING,
		       "'%s' looks at '%s' on every base, not at what is copied from there: that "
		       "takes a prefix of at most %zu bytes, and '%s' has %zu; or a profile with "
		       "\"links\": { \"%s\": \"%s%s%s\" }, where no base has that",
		       disk, c->from, strlen(c->from) - 2, o->prefix, strlen(o->prefix), c->from,
		       o->prefix, *c->to ? "/" : "", c->to);
}

static int lead_to(struct ohc_closure *o, const struct ohc_own_copy *c, const char *disk,
		   struct ohc_patch *patch, struct ohc_error *err)
{
	struct ohc_own_path path = {
		.old = c->from, .to = *c->to ? c->to : ".", .listed = true, .yields = true
	};
	int rc = ohc_closure_repoint(o, disk, &path, 1, patch, err);

	/* It may be in pieces besides. */
	path.listed = false;
	if (rc >= 0 && !ohc_strv_has(&o->unfit, path.to))
		rc = ohc_closure_repoint(o, disk, &path, 1, patch, err);
	if (rc >= 0 && ohc_strv_has(&o->unfit, path.to))
		say_unfit(o, c, disk);
	return rc < 0 ? rc : 0;
}

int ohc_closure_lead_to_copies(struct ohc_closure *o, const char *disk, struct ohc_patch *patch,
			       struct ohc_error *err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < o->n_copies; i++)
		if (ohc_closure_is_of_interest(o->copies[i].from))
			rc = lead_to(o, &o->copies[i], disk, patch, err);
	return rc;
}
