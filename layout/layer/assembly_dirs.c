// SPDX-License-Identifier: Apache-2.0
/*
 * An assembly's directories.  Its layer has an entry for each one on the way to what it holds, also
 * for those that a layer below has (layout/fit/ways.c says why), and all layers give it the same
 * mode and time.
 */
#include <string.h>

#include "core/path.h"
#include "layout/layer/assembly_internal.h"

typedef int (*way_fn)(struct ohc_assembly *b, const struct ohc_assembly_item *item, const char *dir,
		      struct ohc_error *err);

/* Adds the directories on the way to a path, from the prefix on. */
static int each_on_way(struct ohc_assembly *b, const struct ohc_assembly_item *item, way_fn fn,
		       struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *dir = ohc_xstrdup(item->path);
	int rc = 0;

	for (char *p = dir + strlen(b->prefix); rc == 0 && *p; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		rc = fn(b, item, dir, err);
		*p = '/';
	}
	return rc;
}

static int check_on_way(struct ohc_assembly *b, const struct ohc_assembly_item *item,
			const char *dir, struct ohc_error *err)
{
	const struct ohc_assembly_entry *e = ohc_assembly_entry_of(b, dir);

	if (!e || S_ISDIR(e->mode))
		return 0;
	return ohc_error_set(err, OHC_E_FAILED,
			     "'%s' (from '%s') is no directory, but '%s' (from '%s') goes through "
			     "it",
			     dir, ohc_assembly_origin(e), item->path, item->origin);
}

static void set_dir(struct ohc_assembly_entry *e, const struct ohc_assembly_entry *as)
{
	e->mode = as->mode;
	e->mtime = as->mtime;
	free(e->origin);
	e->origin = ohc_xstrdup(as->origin);
	ohc_assembly_xattrs_free(e->xattrs, e->n_xattrs);
	e->xattrs = ohc_assembly_xattrs(as->xattrs, as->n_xattrs);
	e->n_xattrs = as->n_xattrs;
}

/* A layer has an entry for each directory, also for one that a layer below has. */
static int add_on_way(struct ohc_assembly *b, const struct ohc_assembly_item *item, const char *dir,
		      struct ohc_error *err)
{
	const struct ohc_assembly_item on_way = { .path = dir, .mode = 0755 };
	const struct ohc_assembly_entry *below;

	(void)item, (void)err;
	if (ohc_assembly_own_entry(b, dir))
		return 0;
	below = ohc_assembly_entry_of(b->below, dir);
	if (below)
		set_dir(ohc_assembly_append(b, &on_way, S_IFDIR), below);
	else
		ohc_assembly_append(b, &on_way, S_IFDIR);
	return 0;
}

int ohc_assembly_put(struct ohc_assembly *b, const struct ohc_assembly_item *item,
		     const struct ohc_assembly_entry **ret, struct ohc_error *err)
{
	int rc;

	if (!ohc_path_is_in(item->path, b->prefix))
		return ohc_error_set(err, OHC_E_FAILED, "'%s' (from '%s') is not below '%s'",
				     item->path, item->origin ? item->origin : "elsewhere",
				     b->prefix);
	if (ohc_path_has_whiteout(item->path))
		return ohc_error_set(
			err, OHC_E_FAILED,
			"'%s' (from '%s') cannot be put there: " OHC_PATH_WHITEOUT_RULE, item->path,
			item->origin ? item->origin : "elsewhere");
	rc = each_on_way(b, item, check_on_way, err);
	if (rc < 0)
		return rc;
	*ret = ohc_assembly_entry_of(b, item->path);
	return !*ret;
}

struct ohc_assembly_entry *ohc_assembly_enter(struct ohc_assembly *b,
					      const struct ohc_assembly_item *item, mode_t type)
{
	each_on_way(b, item, add_on_way, NULL);
	return ohc_assembly_append(b, item, type);
}

/* Finds the entry in which mode and time of a directory of an assembly below are noted: an entry of
 * this assembly where it has the directory, too; else one in `names`, so that no layer gets
 * directories alone. */
static struct ohc_assembly *notes_of(struct ohc_assembly *b, const char *path)
{
	if (ohc_assembly_own_entry(b, path))
		return b;
	if (!b->named)
		b->named = ohc_assembly_new(b->prefix, NULL);
	return b->named;
}

int ohc_assembly_dir(struct ohc_assembly *b, const struct ohc_assembly_item *item,
		     struct ohc_error *err)
{
	const struct ohc_assembly_entry *there;
	struct ohc_assembly_entry as = { .mode = S_IFDIR | (item->mode & 07777),
					 .mtime = item->mtime,
					 .origin = (char *)item->origin,
					 .xattrs = (struct ohc_xattr *)item->xattrs,
					 .n_xattrs = item->n_xattrs };
	int rc = ohc_assembly_put(b, item, &there, err);

	if (rc < 0)
		return rc;
	if (rc == 0 && !S_ISDIR(there->mode))
		return ohc_assembly_conflict(there, item, err);
	if (rc == 0 && there->origin)
		return 0;
	if (rc > 0) {
		set_dir(ohc_assembly_enter(b, item, S_IFDIR), &as);
		return 0;
	}
	/* A directory that was only on the way gets its mode and time. */
	b = notes_of(b, item->path);
	there = ohc_assembly_own_entry(b, item->path);
	set_dir(there ? &b->v[there - b->v] : ohc_assembly_append(b, item, S_IFDIR), &as);
	return 0;
}

/* Mode and time of a directory, as far as an assembly knows them. */
static const struct ohc_assembly_entry *noted(const struct ohc_assembly *b, const char *path)
{
	const struct ohc_assembly_entry *e = ohc_assembly_own_entry(b, path);

	if ((!e || !e->origin) && b->named)
		e = ohc_assembly_own_entry(b->named, path);
	return e && e->origin ? e : NULL;
}

static void settle(struct ohc_assembly_entry *dir, struct ohc_assembly *const *assemblies, size_t n)
{
	ohc_cleanup(ohc_freep) char *path = ohc_xasprintf("/%s", dir->path);
	const struct ohc_assembly_entry *e = NULL;

	for (size_t i = 0; i < n && !e; i++)
		e = noted(assemblies[i], path);
	if (e)
		set_dir(dir, e);
}

void ohc_assembly_settle(struct ohc_assembly *const *assemblies, size_t n)
{
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < assemblies[i]->n; k++) {
			struct ohc_assembly_entry *e = &assemblies[i]->v[k];

			if (S_ISDIR(e->mode) && !e->origin)
				settle(e, assemblies, n);
		}
}
