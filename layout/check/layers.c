// SPDX-License-Identifier: Apache-2.0
/*
 * Do all engines make the same directories of an image's layers?  layout/fit/ways.c says why they
 * may not: a directory that a layer goes through without an entry for it is root's 0755 where the
 * layer is unpacked alone, and that is what a container sees.  A symlink becomes a directory then.
 */
#include <string.h>
#include <sys/stat.h>

#include "layout/check/check_internal.h"
#include "layout/check/tally.h"

struct layer_look {
	unsigned int from;
	struct ohc_tally dirs, links;
	struct ohc_file dir; /* the first one, and the symlink */
	unsigned int link_by;
};

static int look(void *ctx, const char *path, const struct ohc_file *file)
{
	struct layer_look *l = ctx;

	if (file->implied_by <= l->from)
		return 0;
	if (S_ISLNK(file->mode)) {
		if (l->links.n == 0)
			l->link_by = file->implied_by;
		ohc_tally_add(&l->links, path);
	} else if ((file->mode & 07777) != 0755 || file->uid || file->gid) {
		if (l->dirs.n == 0)
			l->dir = *file;
		ohc_tally_add(&l->dirs, path);
	}
	return 0;
}

static void tell_dirs(const struct layer_look *l, const char *what, struct ohc_findings *ret)
{
	const struct ohc_file *d = &l->dir;
	char more[OHC_TALLY_TEXT];

	ohc_findings_add(ret, OHC_FINDING_WARNING, "layer-directory", l->dirs.first,
			 "is %u:%u's, mode %04o, but layer %u of %s has something in it and no "
			 "entry for it%s: Docker's overlay2 and podman make it root's 0755; give "
			 "that layer an entry for the directory",
			 d->uid, d->gid, d->mode & 07777, d->implied_by, what,
			 ohc_tally_more(&l->dirs, more));
}

static void tell_links(const struct layer_look *l, const char *what, struct ohc_findings *ret)
{
	char more[OHC_TALLY_TEXT];

	ohc_findings_add(ret, OHC_FINDING_WARNING, "layer-directory", l->links.first,
			 "is a symlink, but layer %u of %s has something behind it%s: Docker's "
			 "overlay2 and podman make a directory in its place, which hides what the "
			 "symlink leads to; let that layer have the path that it leads to",
			 l->link_by, what, ohc_tally_more(&l->links, more));
}

void ohc_check_layers(const struct ohc_rootfs *fs, unsigned int from, const char *what,
		      struct ohc_findings *ret)
{
	struct layer_look l = { .from = from };

	ohc_rootfs_walk(fs, "/", look, &l);
	if (l.dirs.n)
		tell_dirs(&l, what, ret);
	if (l.links.n)
		tell_links(&l, what, ret);
	ohc_tally_clear(&l.dirs);
	ohc_tally_clear(&l.links);
}
