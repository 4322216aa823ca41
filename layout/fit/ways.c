// SPDX-License-Identifier: Apache-2.0
/*
 * Directories that the adapter layer goes through.
 *
 * Engines lay layers over one another in two ways.  containerd, umoci and Docker's vfs copy what
 * lies below and unpack a layer into that: a directory that is there stays as it is.  Docker's
 * overlay2 and podman unpack each layer alone and let the kernel's overlayfs merge them: a
 * directory for which the layer has no entry is made there as root's 0755, and the topmost layer's
 * directory is the one that is seen (Documentation/filesystems/overlayfs.rst, "Merging").  An image
 * is the same everywhere only when its topmost layer has an entry for each directory on the way to
 * what it holds.
 *
 * A payload's layer starts at its target, for it is the same over every base.  So the adapter,
 * which is topmost, also has entries for the directories above the targets: the base's, those of
 * another payload, and those that nobody has below one that hands down its group.
 */
#include <string.h>
#include <sys/stat.h>

#include "core/alloc.h"
#include "core/path.h"
#include "layout/fit/fit_internal.h"

void ohc_fit_keep_dir(struct ohc_fitter *f, const char *path, const struct ohc_file *is)
{
	struct ohc_entry *e =
		ohc_entries_dir(&f->out->entries, path, is->mode & 07777, is->uid, is->gid);

	e->mtime = is->mtime;
	ohc_entry_xattrs(e, is->xattrs, is->n_xattrs);
}

/* Is it a target, or below one? */
static bool is_payload(const struct ohc_fitter *f, const char *path)
{
	const struct ohc_strv *targets = f->fit->targets;

	for (size_t i = 0; targets && i < targets->n; i++)
		if (ohc_path_is_in(path, targets->v[i]))
			return true;
	return false;
}

static void keep(struct ohc_fitter *f, const char *dir)
{
	struct ohc_rootfs_place place;

	ohc_rootfs_find(f->fs, dir, OHC_NOFOLLOW, &place);
	if (place.found == OHC_FOUND && S_ISDIR(place.file.mode) && strcmp(place.path, dir) == 0)
		ohc_fit_keep_dir(f, dir, &place.file);
	ohc_rootfs_place_clear(&place);
}

/* Below a target the payload has the directories itself, or engines make them with the same
 * mode. */
static void make(struct ohc_fitter *f, const char *dir)
{
	if (!is_payload(f, dir))
		ohc_entries_dir(&f->out->entries, dir, 0755, 0, 0);
}

/* Does a directory hand something down to one that is made in it: its group, or an ACL?  Engines
 * that unpack a layer into what lies below do so for directories that nobody has. */
static bool hands_down(const struct ohc_file *dir)
{
	return S_ISDIR(dir->mode) && (dir->mode & S_ISGID || dir->n_xattrs);
}

/* Makes a directory that the base does not have, where engines would not all make the same one. */
static void make_plain(struct ohc_fitter *f, const char *dir)
{
	ohc_cleanup(ohc_freep) char *above = ohc_path_parent(dir);
	struct ohc_rootfs_place is, there;
	const struct ohc_entry *made = ohc_entries_find(&f->out->entries, above);

	ohc_rootfs_find(f->fs, dir, OHC_NOFOLLOW, &is);
	ohc_rootfs_find(f->fs, above, OHC_NOFOLLOW, &there);
	if (is.found == OHC_ABSENT && strcmp(is.path, dir) == 0 &&
	    (there.found == OHC_FOUND ? hands_down(&there.file) : made != NULL))
		make(f, dir);
	ohc_rootfs_place_clear(&is);
	ohc_rootfs_place_clear(&there);
}

/* Adds the directories above a path that have no entry yet; not the root, whose mode is the
 * engine's matter. */
static void each_above(struct ohc_fitter *f, const char *path,
		       void (*fn)(struct ohc_fitter *f, const char *dir))
{
	ohc_cleanup(ohc_freep) char *dir = ohc_xstrdup(path);

	for (char *slash = strchr(dir + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (!ohc_entries_find(&f->out->entries, dir))
			fn(f, dir);
		*slash = '/';
	}
}

static void each_above_entries(struct ohc_fitter *f,
			       void (*fn)(struct ohc_fitter *f, const char *dir))
{
	const struct ohc_entries *list = &f->out->entries;

	for (size_t i = 0, n = list->n; i < n; i++) {
		ohc_cleanup(ohc_freep) char *path = ohc_xasprintf("/%s", list->v[i].path);

		each_above(f, path, fn);
	}
}

/* Does a directory lead to an entry, or to where another payload goes, whose layer starts there? */
static bool leads_on(const struct ohc_fitter *f, const char *dir)
{
	const struct ohc_entries *list = &f->out->entries;
	const struct ohc_strv *targets = f->fit->targets;

	for (size_t i = 0; targets && i < targets->n; i++)
		if (ohc_path_below(targets->v[i], dir))
			return true;
	for (size_t i = 0; i < list->n; i++)
		if (ohc_path_below(list->v[i].path, dir + 1))
			return true;
	return false;
}

/* Adds a directory that a payload has in a layer below. */
static void keep_payloads(void *ctx, const struct ohc_fit_entry *e)
{
	struct ohc_fitter *f = ctx;

	if (!S_ISDIR(e->mode) || e->implied || !leads_on(f, e->path) ||
	    ohc_entries_find(&f->out->entries, e->path))
		return;
	ohc_entries_dir(&f->out->entries, e->path, e->mode & 07777, e->uid, e->gid)->mtime =
		e->mtime;
}

static int keep_payload(struct ohc_fitter *f, const char *target, struct ohc_error *err)
{
	if (!f->fit->payload_walk || !leads_on(f, target))
		return 0;
	return f->fit->payload_walk(f->fit->ctx, target, keep_payloads, f, err);
}

int ohc_fit_ways(struct ohc_fitter *f, struct ohc_error *err)
{
	const struct ohc_strv *targets = f->fit->targets;
	int rc = 0;

	each_above_entries(f, keep);
	for (size_t i = 0; targets && i < targets->n; i++)
		each_above(f, targets->v[i], keep);
	for (size_t i = 0; rc == 0 && targets && i < targets->n; i++)
		rc = keep_payload(f, targets->v[i], err);
	for (size_t i = 0; targets && i < targets->n; i++)
		each_above(f, targets->v[i], make_plain);
	each_above_entries(f, make);
	return rc;
}
