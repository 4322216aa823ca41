// SPDX-License-Identifier: Apache-2.0
/* Libraries that programs open by name at run time, which no file lists. */
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/path.h"
#include "layout/closure/closure_internal.h"

/* NSS looks for its modules beside itself, or in a directory there, as older releases of Debian
 * have them. */
static int add_opened(struct ohc_closure *o, struct ohc_loader_set *c, const char *name,
		      struct ohc_error *err)
{
	for (size_t i = 0; i < c->n && !strchr(name, '/'); i++) {
		ohc_cleanup(ohc_freep) char *dir = NULL, *path = NULL;
		int rc;

		if (strcmp(ohc_path_name(c->v[i].real), "libnss3.so") != 0)
			continue;
		dir = ohc_path_parent(c->v[i].real);
		path = ohc_xasprintf("%s/nss/%s", dir, name);
		rc = ohc_files_is(o->root, path, S_IFREG, err);
		if (rc != 0)
			return rc < 0 ? rc : ohc_loader_add(o->libs, c, path, i, err);
	}
	return ohc_loader_add(o->libs, c, name, 0, err);
}

int ohc_closure_take_opened(struct ohc_closure *o, struct ohc_loader_set *c,
			    const struct ohc_own_object_kept *k, struct ohc_error *err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < k->dlopen.n + k->maybe.n; i++) {
		const bool maybe = i >= k->dlopen.n;
		const char *name = maybe ? k->maybe.v[i - k->dlopen.n] : k->dlopen.v[i];
		size_t n = c->n, missing = c->n_missing;

		rc = add_opened(o, c, name, err);
		if (rc == 0 && maybe)
			ohc_loader_set_truncate(c, c->n, missing);
		if (rc == 0)
			rc = ohc_closure_take(o, c, n, missing, k, err);
	}
	return rc;
}

/* The program whose architecture counts and whose directories are searched first. */
static const struct ohc_own_object_kept *first_program(const struct ohc_closure *o)
{
	for (size_t i = 0; i < o->n_objects; i++)
		if (o->objects[i].elf->interp)
			return &o->objects[i];
	return o->n_objects ? &o->objects[0] : NULL;
}

static int say_absent(const struct ohc_closure *o, const char *name, struct ohc_error *err)
{
	return ohc_error_set(err, OHC_E_NOT_FOUND,
			     "there is no library '%s' for the payload's programs to open, in the "
			     "root '%s': install it there",
			     name, *o->root_dir ? o->root_dir : "/");
}

static int find_one(struct ohc_closure *o, struct ohc_loader_set *c, const char *name, bool maybe,
		    const struct ohc_own_object_kept *first, struct ohc_error *err)
{
	size_t n = c->n, missing = c->n_missing;
	int rc = ohc_loader_add(o->libs, c, name, 0, err);

	if (rc == 0 && c->n == n && c->n_missing > missing) {
		ohc_loader_set_truncate(c, n, missing);
		if (!maybe && !ohc_closure_has(o, ohc_path_name(name)))
			rc = ohc_faults_keep(o->faults, say_absent(o, name, err), err);
	}
	return rc < 0 ? rc : ohc_closure_take(o, c, n, missing, first, err);
}

/* The highest of the names in a directory that fit a pattern. */
struct version_search {
	const char *pattern;
	char *highest;
};

static int note_version(void *ctx, const char *path, const struct ohc_files_node *node,
			struct ohc_error *err)
{
	struct version_search *s = ctx;
	const char *name = ohc_path_name(path);

	(void)node;
	(void)err;
	if (fnmatch(s->pattern, name, 0) != 0 || (s->highest && strverscmp(name, s->highest) <= 0))
		return 0;
	free(s->highest);
	s->highest = ohc_xstrdup(name);
	return 0;
}

/* "libicuuc.so.*" is the one of the root's default directories; *ret stays NULL where there is
 * none.  The caller frees it. */
static int find_version(struct ohc_closure *o, const char *name, const struct ohc_elf *elf,
			char **ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_strv_clear) struct ohc_strv dirs = OHC_STRV_INIT;
	struct version_search s = { .pattern = name };
	int rc = 0;

	if (!strchr(name, '*')) {
		*ret = ohc_xstrdup(name);
		return 0;
	}
	ohc_loader_default_dirs(elf, &dirs);
	for (size_t i = 0; rc == 0 && !s.highest && i < dirs.n; i++)
		rc = ohc_files_list(o->root, dirs.v[i], note_version, &s, err);
	*ret = s.highest;
	return rc;
}

int ohc_closure_find_opened(struct ohc_closure *o, struct ohc_error *err)
{
	ohc_cleanup(ohc_loader_set_clear) struct ohc_loader_set c = OHC_LOADER_SET_INIT;
	const struct ohc_own_object_kept *first = first_program(o);
	struct ohc_elf bare;
	int rc = 0;

	if (o->opened.n && !first)
		return ohc_error_set(err, OHC_E_NOT_FOUND,
				     "there is no program in it that opens '%s'", o->opened.v[0]);
	if (first)
		ohc_closure_bare(first->elf, &bare, &c);
	for (size_t i = 0; rc == 0 && first && i < o->opened.n; i++)
		rc = find_one(o, &c, o->opened.v[i], false, first, err);
	for (size_t i = 0; rc == 0 && first && i < o->may_open.n; i++) {
		ohc_cleanup(ohc_freep) char *name = NULL;

		rc = find_version(o, o->may_open.v[i], first->elf, &name, err);
		if (rc == 0 && name)
			rc = find_one(o, &c, name, true, first, err);
	}
	return rc;
}
