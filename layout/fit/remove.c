// SPDX-License-Identifier: Apache-2.0
/*
 * Hides files of the base: a whiteout (image-spec layer.md, "Whiteouts") for each path, in
 * the adapter layer.  A whiteout hides what all layers below have, the payload's among them, so
 * nothing may be removed on whose place something of ours stands.
 */
#include <string.h>

#include "core/alloc.h"
#include "core/path.h"
#include "layout/fit/fit_internal.h"

static int in_the_way(const char *wanted, const char *other, struct ohc_error *err)
{
	return ohc_error_set(
		err, OHC_E_USAGE,
		"--remove '%s': '%s' is put into the image there, and would be hidden, "
		"too",
		wanted, other);
}

/* Refuses it whether the payload has something there or not, which is not known of all. */
static int in_payload(const char *wanted, const char *target, struct ohc_error *err)
{
	return ohc_error_set(err, OHC_E_USAGE,
			     "--remove '%s': what the payload that goes to '%s' has there would be "
			     "hidden, too",
			     wanted, target);
}

static int check_ours(const struct ohc_fitter *f, const char *wanted, const char *path,
		      struct ohc_error *err)
{
	const struct ohc_entries *list = &f->out->entries;
	const struct ohc_strv *targets = f->fit->targets;

	for (size_t i = 0; targets && i < targets->n; i++) {
		if (ohc_path_is_in(targets->v[i], path))
			return in_the_way(wanted, targets->v[i], err);
		if (ohc_path_is_in(path, targets->v[i]))
			return in_payload(wanted, targets->v[i], err);
	}
	for (size_t i = 0; i < list->n; i++) {
		ohc_cleanup(ohc_freep) char *entry = ohc_xasprintf("/%s", list->v[i].path);

		if (ohc_path_is_in(entry, path) && !ohc_path_has_whiteout(entry))
			return in_the_way(wanted, entry, err);
	}
	return 0;
}

/* The path is looked for through the base's symlinks, but for one at its end, which goes itself. */
static int remove_one(struct ohc_fitter *f, const char *wanted, struct ohc_error *err)
{
	struct ohc_rootfs_place place;
	int rc = 0;

	ohc_rootfs_find(f->fs, wanted, OHC_NOFOLLOW, &place);
	if (place.found != OHC_FOUND) {
		ohc_findings_add(&f->out->findings, OHC_FINDING_WARNING, "remove-missing", wanted,
				 "is to be removed, and is not in the base");
	} else {
		rc = check_ours(f, wanted, place.path, err);
		if (rc == 0)
			ohc_entries_whiteout(&f->out->entries, place.path);
	}
	ohc_rootfs_place_clear(&place);
	return rc;
}

int ohc_fit_remove(struct ohc_fitter *f, struct ohc_error *err)
{
	const struct ohc_strv *list = f->fit->remove;
	int rc = 0;

	for (size_t i = 0; list && rc == 0 && i < list->n; i++)
		rc = remove_one(f, list->v[i], err);
	return rc;
}
