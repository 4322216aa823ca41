// SPDX-License-Identifier: Apache-2.0
/*
 * Where a payload and its base meet.  The payload's layer is the same over every base, so it has a
 * mode, an owner, a time and attributes for each directory of its own; where the base has that
 * directory as well, the base's are put back by an entry of the adapter layer.
 *
 * That does not work for a symlink of the base in the payload's way.  An entry behind a symlink
 * goes through it where the layer is unpacked into the merged tree (containerd, umoci), but makes a
 * directory in its place where it is unpacked by itself (containers/storage): what the base has
 * behind the symlink is hidden then.
 */
#include <string.h>
#include <sys/stat.h>

#include "core/alloc.h"
#include "core/path.h"
#include "layout/fit/fit_internal.h"

struct meeting {
	struct ohc_fitter *f;
	char *skip;  /* nothing of the base is below it */
	char *first; /* file of the base that the payload's replaces */
	mode_t first_mode;
	size_t n;
};

static void tell_shadow(struct ohc_fitter *f, const char *path, mode_t mode, size_t more)
{
	ohc_cleanup(ohc_freep) char *text =
		more ? ohc_xasprintf(" (and %zu more like it)", more) : ohc_xstrdup("");
	bool dir = S_ISDIR(mode);

	ohc_findings_add(&f->out->findings, OHC_FINDING_WARNING, "payload-shadows", path,
			 "is a %s of the base%s, which the payload replaces%s",
			 dir             ? "directory"
			 : S_ISLNK(mode) ? "symlink"
					 : "file",
			 dir ? " with all that is in it" : "", text);
}

static void shadow(struct meeting *m, const char *path, mode_t mode)
{
	if (m->f->fit->every)
		tell_shadow(m->f, path, mode, 0);
	else if (m->n++ == 0) {
		m->first = ohc_xstrdup(path);
		m->first_mode = mode;
	}
}

static void tell_symlink(struct ohc_fitter *f, const char *path, const char *to)
{
	ohc_findings_add(&f->out->findings, OHC_FINDING_ERROR, "prefix-symlink", path,
			 "leads to '%s' through a symlink of the base, which the payload's "
			 "directory would replace, hiding what the base has there: let the "
			 "payload go to '%s'",
			 to, to);
}

/* Is the payload's directory the same as the base's? */
static bool is_same_dir(const struct ohc_fit_entry *e, const struct ohc_file *base)
{
	return !e->implied && e->mode == base->mode && e->uid == base->uid && e->gid == base->gid &&
	       e->mtime == base->mtime && !base->n_xattrs;
}

/* True where more may be met below it. */
static bool meet_one(struct meeting *m, const struct ohc_fit_entry *e,
		     const struct ohc_rootfs_place *place)
{
	const struct ohc_file *base = &place->file;

	if (place->found != OHC_FOUND)
		return false;
	if (S_ISDIR(e->mode) && S_ISDIR(base->mode)) {
		if (!is_same_dir(e, base))
			ohc_fit_keep_dir(m->f, e->path, base);
		return true;
	}
	if (S_ISDIR(e->mode) && base->link) {
		struct ohc_rootfs_place real;

		ohc_rootfs_find(m->f->fs, e->path, OHC_FOLLOW, &real);
		tell_symlink(m->f, e->path, real.path);
		ohc_rootfs_place_clear(&real);
	} else if (!base->link || !e->link || strcmp(base->link, e->link) != 0) {
		shadow(m, e->path, base->mode);
	}
	return false;
}

static void meet(void *ctx, const struct ohc_fit_entry *e)
{
	struct meeting *m = ctx;
	struct ohc_rootfs_place place;

	if (m->skip && ohc_path_below(e->path, m->skip))
		return;
	ohc_rootfs_find(m->f->fs, e->path, OHC_NOFOLLOW, &place);
	if (!meet_one(m, e, &place) && S_ISDIR(e->mode)) {
		free(m->skip);
		m->skip = ohc_xstrdup(e->path);
	}
	ohc_rootfs_place_clear(&place);
}

static int meet_payload(struct ohc_fitter *f, const char *target, struct ohc_error *err)
{
	struct meeting m = { .f = f };
	int rc =
		f->fit->payload_walk ? f->fit->payload_walk(f->fit->ctx, target, meet, &m, err) : 0;

	if (m.n)
		tell_shadow(f, m.first, m.first_mode, m.n - 1);
	free(m.first);
	free(m.skip);
	return rc;
}

static int any_one(void *ctx, const char *path, const struct ohc_file *file)
{
	(void)path, (void)file;
	*(bool *)ctx = true;
	return 1;
}

static int judge_dir(struct ohc_fitter *f, const char *target, struct ohc_error *err)
{
	bool any = false;

	ohc_rootfs_walk(f->fs, target, any_one, &any);
	if (any)
		ohc_findings_add(&f->out->findings, OHC_FINDING_WARNING, "prefix-there", target,
				 "is in the base already: its files stay under the payload, or are "
				 "replaced by it");
	return meet_payload(f, target, err);
}

static int judge_target(struct ohc_fitter *f, const char *target,
			const struct ohc_rootfs_place *place, struct ohc_error *err)
{
	struct ohc_findings *list = &f->out->findings;

	if (place->found == OHC_LOOP)
		ohc_findings_add(list, OHC_FINDING_ERROR, "path-blocked", target,
				 "lies behind a loop of symlinks in the base");
	else if (place->found == OHC_NOT_DIR)
		ohc_findings_add(list, OHC_FINDING_ERROR, "path-blocked", target,
				 "cannot be made: '%s' of the base is no directory", place->path);
	else if (strcmp(place->path, target) != 0)
		tell_symlink(f, target, place->path);
	else if (place->found == OHC_FOUND && S_ISDIR(place->file.mode))
		return judge_dir(f, target, err);
	else if (place->found == OHC_FOUND)
		ohc_findings_add(list, OHC_FINDING_WARNING, "prefix-there", target,
				 "is a file of the base, which the payload replaces");
	return 0;
}

int ohc_fit_targets(struct ohc_fitter *f, struct ohc_error *err)
{
	const struct ohc_strv *targets = f->fit->targets;
	int rc = 0;

	for (size_t i = 0; rc == 0 && targets && i < targets->n; i++) {
		struct ohc_rootfs_place place;

		ohc_rootfs_find(f->fs, targets->v[i], OHC_FOLLOW, &place);
		rc = judge_target(f, targets->v[i], &place, err);
		ohc_rootfs_place_clear(&place);
	}
	return rc;
}
