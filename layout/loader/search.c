// SPDX-License-Identifier: Apache-2.0
/* Where a loader looks: the order of layout/loader/loader.h. */
#include <string.h>

#include "core/alloc.h"
#include "core/path.h"
#include "layout/loader/loader_internal.h"

static void add_paths(const struct ohc_loaded_set *c, const struct ohc_lib *l, const char *paths,
		      struct ohc_strv *ret)
{
	/* The program's origin is what /proc/self/exe says, a library's the way it was found. */
	ohc_cleanup(ohc_freep) char *origin = ohc_path_parent(l == c->v ? l->real : l->path);

	ohc_loader_expand(paths, origin, c->v[0].elf, c->libc, ret);
}

static const char *rpath_of(const struct ohc_lib *l)
{
	return l->elf && !l->elf->runpath ? l->elf->rpath : NULL;
}

/* glibc takes a ';' for a ':' there, and replaces the same words as elsewhere. */
static void add_library_path(const struct ohc_loader *libs, const struct ohc_loaded_set *c,
			     struct ohc_strv *ret)
{
	ohc_cleanup(ohc_freep) char *list = ohc_xstrdup(libs->library_path);

	for (char *s = list; s && c->libc != OHC_LIBC_MUSL && (s = strchr(s, ';'));)
		*s = ':';
	if (list)
		add_paths(c, &c->v[0], list, ret);
}

static int search_musl(struct ohc_loader *libs, const struct ohc_loaded_set *c, size_t by,
		       struct ohc_strv *ret, struct ohc_error *err)
{
	add_library_path(libs, c, ret);
	for (size_t i = by;; i = c->v[i].parent) {
		const struct ohc_lib *l = &c->v[i];
		const char *paths = l->elf && l->elf->runpath ? l->elf->runpath : rpath_of(l);

		if (paths)
			add_paths(c, l, paths, ret);
		if (i == c->v[i].parent)
			break;
	}
	return ohc_loader_musl_path(libs, c->v[0].elf->interp, c->v[0].elf, ret, err);
}

/* The real path of the loader, where it is there: ohc_loader_start() looks for it first. */
static const char *loader_of(const struct ohc_loaded_set *c)
{
	const char *interp = c->v[0].elf->interp;

	return interp && c->n > 1 && strcmp(c->v[1].path, interp) == 0 ? c->v[1].real : NULL;
}

/* DF_1_NODEFLIB also hides what ldconfig found in the default directories. */
static int search_system(struct ohc_loader *libs, const struct ohc_loaded_set *c, bool nodeflib,
			 struct ohc_strv *ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_strv_clear) struct ohc_strv conf = OHC_STRV_INIT;
	ohc_cleanup(ohc_strv_clear) struct ohc_strv defaults = OHC_STRV_INIT;
	int rc = ohc_loader_conf(libs, &conf, err);

	if (rc < 0)
		return rc;
	ohc_loader_defaults(loader_of(c), c->v[0].elf, &defaults);
	for (size_t i = 0; i < conf.n; i++)
		if (!nodeflib || !ohc_strv_has(&defaults, conf.v[i]))
			ohc_strv_add(ret, conf.v[i]);
	for (size_t i = 0; !nodeflib && i < defaults.n; i++)
		ohc_strv_add(ret, defaults.v[i]);
	return 0;
}

int ohc_loader_search(struct ohc_loader *libs, const struct ohc_loaded_set *c, size_t by,
		      struct ohc_strv *ret, struct ohc_error *err)
{
	const struct ohc_lib *asker = &c->v[by];

	if (c->libc == OHC_LIBC_MUSL)
		return search_musl(libs, c, by, ret, err);
	for (size_t i = by; !asker->elf || !asker->elf->runpath; i = c->v[i].parent) {
		if (rpath_of(&c->v[i]))
			add_paths(c, &c->v[i], c->v[i].elf->rpath, ret);
		if (i == c->v[i].parent)
			break;
	}
	add_library_path(libs, c, ret);
	if (asker->elf && asker->elf->runpath)
		add_paths(c, asker, asker->elf->runpath, ret);
	return search_system(libs, c, asker->elf && asker->elf->nodeflib, ret, err);
}
