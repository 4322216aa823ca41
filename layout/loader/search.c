// SPDX-License-Identifier: Apache-2.0
/* Lists the paths at which a loader looks, in the order of layout/loader/loader.h. */
#include <string.h>
#include <sys/stat.h>

#include "core/alloc.h"
#include "core/path.h"
#include "layout/loader/loader_internal.h"

static void add_paths(const struct ohc_loader_set *c, const struct ohc_lib *l, const char *paths,
		      struct ohc_strv *ret)
{
	/* A program's $ORIGIN is the directory of its real path, a library's that of the path at
	 * which it was found. */
	ohc_cleanup(ohc_freep) char *origin = ohc_path_parent(l == c->v ? l->real : l->path);

	ohc_loader_expand(paths, origin, c->v[0].elf, c->libc, ret);
}

static const char *rpath_of(const struct ohc_lib *l)
{
	return l->elf && !l->elf->runpath ? l->elf->rpath : NULL;
}

/* glibc takes a ';' for a ':' there, and replaces the same words as elsewhere. */
static void add_library_path(const struct ohc_loader *libs, const struct ohc_loader_set *c,
			     struct ohc_strv *ret)
{
	ohc_cleanup(ohc_freep) char *list = ohc_xstrdup(libs->library_path);

	for (char *s = list; s && c->libc != OHC_LIBC_MUSL && (s = strchr(s, ';'));)
		*s = ':';
	if (list)
		add_paths(c, &c->v[0], list, ret);
}

static int search_musl(struct ohc_loader *libs, const struct ohc_loader_set *c, size_t by,
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
static const char *loader_of(const struct ohc_loader_set *c)
{
	const char *interp = c->v[0].elf->interp;

	return interp && c->n > 1 && strcmp(c->v[1].path, interp) == 0 ? c->v[1].real : NULL;
}

static void add_in(const struct ohc_strv *dirs, const char *name, struct ohc_strv *ret)
{
	for (size_t i = 0; i < dirs->n; i++)
		ohc_strv_take(ret, ohc_xasprintf("%s%s%s", dirs->v[i],
						 strcmp(dirs->v[i], "/") == 0 ? "" : "/", name));
}

static bool lies_in(const char *path, const struct ohc_strv *dirs)
{
	ohc_cleanup(ohc_freep) char *dir = ohc_path_parent(path);

	return ohc_strv_has(dirs, dir);
}

/* A payload's own loader knows nothing of the system's directories. */
static bool is_apart(const struct ohc_loader_set *c)
{
	return loader_of(c) && c->v[1].elf && c->v[1].elf->apart;
}

/* Images with nothing but a program and its libraries have Debian's loader as a plain file in
 * /lib64, where others have theirs.  Where the libc lies tells them apart.  *ret is then a path as
 * Debian has it, which the caller frees. */
static int find_copied(struct ohc_loader *libs, const struct ohc_loader_set *c, char **ret,
		       struct ohc_error *err)
{
	static const char *const dirs[] = { "/lib64", "/usr/lib64" };
	const struct ohc_machine *m = ohc_machine_of_elf(c->v[0].elf);
	ohc_cleanup(ohc_strv_clear) struct ohc_strv debian = OHC_STRV_INIT;
	ohc_cleanup(ohc_freep) char *loader =
		m ? ohc_xasprintf("/lib/%s/ld.so", m->multiarch) : NULL;
	int rc = 0;

	for (size_t i = 0; m && rc == 0 && i < OHC_ARRAY_SIZE(dirs); i++) {
		ohc_cleanup(ohc_freep) char *libc = ohc_xasprintf("%s/libc.so.6", dirs[i]);

		rc = ohc_files_is(libs->files, libc, S_IFREG, err);
	}
	if (rc || !m)
		return rc < 0 ? rc : 0;
	ohc_loader_defaults(loader, c->v[0].elf, &debian);
	for (size_t i = 0; rc == 0 && i < debian.n; i++) {
		ohc_cleanup(ohc_freep) char *libc = ohc_xasprintf("%s/libc.so.6", debian.v[i]);

		rc = ohc_files_is(libs->files, libc, S_IFREG, err);
	}
	if (rc > 0)
		*ret = ohc_take(loader);
	return rc < 0 ? rc : 0;
}

/* DF_1_NODEFLIB also hides what ldconfig found in the default directories. */
static int search_system(struct ohc_loader *libs, const struct ohc_loader_set *c, bool nodeflib,
			 const char *name, struct ohc_strv *ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_strv_clear) struct ohc_strv cached = OHC_STRV_INIT;
	ohc_cleanup(ohc_strv_clear) struct ohc_strv defaults = OHC_STRV_INIT;
	ohc_cleanup(ohc_freep) char *copied = NULL;
	int rc = 0;

	if (is_apart(c))
		return 0;
	rc = ohc_loader_cached(libs, name, &cached, err);
	if (rc < 0)
		return rc;
	if (loader_of(c))
		rc = find_copied(libs, c, &copied, err);
	if (rc < 0)
		return rc;
	ohc_loader_defaults(copied ? copied : loader_of(c), c->v[0].elf, &defaults);
	for (size_t i = 0; i < cached.n; i++)
		if (!nodeflib || !lies_in(cached.v[i], &defaults))
			ohc_strv_add(ret, cached.v[i]);
	if (!nodeflib)
		add_in(&defaults, name, ret);
	return 0;
}

/* Adds the directories that the loaded files and the environment name. */
static void search_paths(const struct ohc_loader *libs, const struct ohc_loader_set *c, size_t by,
			 struct ohc_strv *ret)
{
	const struct ohc_lib *asker = &c->v[by];

	for (size_t i = by; !asker->elf || !asker->elf->runpath; i = c->v[i].parent) {
		if (rpath_of(&c->v[i]))
			add_paths(c, &c->v[i], c->v[i].elf->rpath, ret);
		if (i == c->v[i].parent)
			break;
	}
	add_library_path(libs, c, ret);
	if (asker->elf && asker->elf->runpath)
		add_paths(c, asker, asker->elf->runpath, ret);
}

int ohc_loader_search(struct ohc_loader *libs, const struct ohc_loader_set *c, size_t by,
		      const char *name, struct ohc_strv *ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_strv_clear) struct ohc_strv dirs = OHC_STRV_INIT;
	const struct ohc_elf *asker = c->v[by].elf;
	bool musl = c->libc == OHC_LIBC_MUSL;
	int rc = musl ? search_musl(libs, c, by, &dirs, err) : 0;

	if (rc < 0)
		return rc;
	if (!musl)
		search_paths(libs, c, by, &dirs);
	add_in(&dirs, name, ret);
	return musl ? 0 : search_system(libs, c, asker && asker->nodeflib, name, ret, err);
}
