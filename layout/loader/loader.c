// SPDX-License-Identifier: Apache-2.0
#include "layout/loader/loader.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/alloc.h"
#include "core/path.h"
#include "layout/loader/loader_internal.h"

/* A browser has some hundred libraries; no real program has more than this. */
#define CLOSURE_MAX 4096

/* The search for one name. */
struct library_search {
	struct ohc_loader *libs;
	struct ohc_loader_set *c;
	const char *name;
	size_t by;
	char *wrong; /* the first file that did not fit, and why */
	enum ohc_missing_why why;
};

struct ohc_loader *ohc_loader_new(struct ohc_files *files)
{
	struct ohc_loader *libs = ohc_xcalloc(1, sizeof(*libs));

	libs->files = files;
	return libs;
}

void ohc_loader_free(struct ohc_loader *libs)
{
	if (!libs)
		return;
	free(libs->library_path);
	ohc_buf_clear(&libs->cache_text);
	free(libs->cached);
	ohc_strv_clear(&libs->conf);
	free(libs);
}

void ohc_loader_freep(struct ohc_loader **libs)
{
	ohc_loader_free(*libs);
}

void ohc_loader_env(struct ohc_loader *libs, const char *library_path)
{
	free(libs->library_path);
	libs->library_path = ohc_xstrdup(library_path);
}

static void add_missing(struct ohc_loader_set *c, enum ohc_missing_why why, const char *name,
			const char *needed_by, const char *found)
{
	c->missing = ohc_xrealloc(c->missing, c->n_missing + 1, sizeof(*c->missing));
	c->missing[c->n_missing++] =
		(struct ohc_missing){ why, ohc_xstrdup(name), ohc_xstrdup(needed_by),
				      ohc_xstrdup(found) };
}

static void add_lib(struct ohc_loader_set *c, const char *name, const char *path, const char *real,
		    const struct ohc_elf *elf, size_t parent)
{
	if ((c->n & (c->n + 1)) == 0)
		c->v = ohc_xrealloc(c->v, 2 * (c->n + 1), sizeof(*c->v));
	c->v[c->n++] = (struct ohc_lib){ ohc_xstrdup(name), ohc_xstrdup(path), ohc_xstrdup(real),
					 elf, parent };
}

/* Gets the facts of a file.  1: *ret is set; 2: it seems to be an ELF file, but nothing is known of
 * it; 0: it is no ELF file, or damaged. */
static int look_at(struct ohc_loader *libs, const struct ohc_files_place *place,
		   const struct ohc_elf **ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf head = OHC_BUF_INIT;
	struct ohc_error local = OHC_ERROR_INIT;
	int rc = ohc_files_elf(libs->files, place, ret, &local);

	if (rc == -OHC_E_FORMAT)
		return 0;
	if (rc < 0)
		return ohc_error_copy(err, &local, rc);
	if (rc == 1)
		return 1;
	*ret = NULL;
	if (rc == OHC_FILES_HIDDEN)
		return 2;
	rc = ohc_files_read(libs->files, place, OHC_ELF_MAGIC_N, &head, err);
	return rc < 0 ? rc : rc == 0 && head.len < OHC_ELF_MAGIC_N ? 2 : 0;
}

static const struct ohc_elf *program_elf(const struct ohc_loader_set *c)
{
	return c->v[0].elf;
}

/* Would a loader take the file as a library?  Both want a dynamic section; glibc no program either
 * (elf/dl-load.c, since 2.30 by DF_1_PIE, too), which musl does not mind (ldso/dynlink.c). */
static bool is_library(const struct library_search *s, const struct ohc_elf *elf)
{
	bool musl = s->c->libc == OHC_LIBC_MUSL;

	if (!elf || strcmp(s->name, s->c->v[0].elf->interp ? s->c->v[0].elf->interp : "") == 0)
		return true;
	return elf->dynamic && (elf->type == OHC_ELF_DYN || (musl && elf->type == OHC_ELF_EXEC)) &&
	       (musl || !elf->pie);
}

static void note_wrong(struct library_search *s, const char *path, enum ohc_missing_why why)
{
	if (s->wrong)
		return;
	s->wrong = ohc_xstrdup(path);
	s->why = why;
}

/* Tries a path.  1: the search ends here; the library was added, or was there by another name. */
static int try_path(struct library_search *s, const char *path, struct ohc_error *err)
{
	ohc_cleanup(ohc_files_place_clear) struct ohc_files_place place = { .path = NULL };
	bool musl = s->c->libc == OHC_LIBC_MUSL;
	const struct ohc_elf *elf = NULL;
	int rc = ohc_files_find(s->libs->files, path, OHC_FILES_FOLLOW, &place, err);

	if (rc < 0 || place.found != OHC_FILES_THERE || S_ISDIR(place.node.mode))
		return rc;
	for (size_t i = 0; i < s->c->n; i++)
		if (strcmp(s->c->v[i].real, place.path) == 0)
			return 1;
	rc = look_at(s->libs, &place, &elf, err);
	if (rc < 0)
		return rc;
	if (rc == 0 || (elf && !ohc_elf_same_arch(elf, program_elf(s->c)))) {
		note_wrong(s, path, rc == 0 ? OHC_MISSING_NO_ELF : OHC_MISSING_ARCH);
		/* glibc goes on after a file of another architecture, and gives up on any other
		 * wrong file. */
		if (rc == 0 || musl) {
			add_missing(s->c, s->why, s->name, s->c->v[s->by].path, s->wrong);
			return 1;
		}
		return 0;
	}
	if (is_library(s, elf))
		add_lib(s->c, s->name, path, place.path, elf, s->by);
	else
		add_missing(s->c, OHC_MISSING_NO_LIB, s->name, s->c->v[s->by].path, path);
	return 1;
}

static int try_paths(struct library_search *s, const struct ohc_strv *paths, struct ohc_error *err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < paths->n; i++)
		rc = try_path(s, paths->v[i], err);
	return rc;
}

static bool musl_itself(const char *name)
{
	static const char *const names[] = {
		"c.", "pthread.", "rt.", "m.", "dl.", "util.", "xnet."
	};

	if (strncmp(name, "ld-musl-", 8) == 0)
		return true;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(names); i++)
		if (strncmp(name, "lib", 3) == 0 &&
		    strncmp(name + 3, names[i], strlen(names[i])) == 0)
			return true;
	return false;
}

static bool loaded(const struct ohc_loader_set *c, const char *name)
{
	if (c->libc == OHC_LIBC_MUSL && musl_itself(name))
		return true;
	for (size_t i = 0; i < c->n; i++) {
		const struct ohc_lib *l = &c->v[i];

		if (strcmp(l->name, name) == 0 || strcmp(l->path, name) == 0)
			return true;
		if (l->elf && l->elf->soname && strcmp(l->elf->soname, name) == 0)
			return true;
	}
	return false;
}

static int find(struct library_search *s, struct ohc_error *err)
{
	ohc_cleanup(ohc_strv_clear) struct ohc_strv paths = OHC_STRV_INIT;
	int rc;

	if (loaded(s->c, s->name))
		return 0;
	if (strchr(s->name, '/')) {
		ohc_cleanup(ohc_freep) char *origin = ohc_path_parent(s->c->v[s->by].path);

		ohc_loader_expand(s->name, origin, program_elf(s->c), s->c->libc, &paths);
		rc = paths.n ? try_path(s, paths.v[0], err) : 0;
	} else {
		rc = ohc_loader_search(s->libs, s->c, s->by, s->name, &paths, err);
		if (rc == 0)
			rc = try_paths(s, &paths, err);
	}
	if (rc == 0)
		add_missing(s->c, s->wrong ? s->why : OHC_MISSING_FILE, s->name,
			    s->c->v[s->by].path, s->wrong);
	return rc < 0 ? rc : 0;
}

static int find_name(struct ohc_loader *libs, struct ohc_loader_set *c, const char *name, size_t by,
		     struct ohc_error *err)
{
	struct library_search s = { .libs = libs, .c = c, .name = name, .by = by };
	int rc = c->n < CLOSURE_MAX
			 ? find(&s, err)
			 : ohc_error_set(err, OHC_E_FORMAT, "'%s' loads more than %d libraries",
					 c->v[0].path, CLOSURE_MAX);

	free(s.wrong);
	return rc;
}

static const struct ohc_lib *by_name(const struct ohc_loader_set *c, const char *name)
{
	for (size_t i = 0; i < c->n; i++)
		if (strcmp(c->v[i].name, name) == 0 ||
		    (c->v[i].elf && c->v[i].elf->soname && strcmp(c->v[i].elf->soname, name) == 0))
			return &c->v[i];
	return NULL;
}

/* As in glibc's _dl_check_map_versions(), a library without any versions satisfies every
 * version. */
static void check_versions(struct ohc_loader_set *c, const struct ohc_lib *l)
{
	for (size_t i = 0; l->elf && i < l->elf->n_needs; i++) {
		const struct ohc_elf_need *need = &l->elf->needs[i];
		const struct ohc_lib *of = by_name(c, need->file);

		if (!of || !of->elf || of->elf->defs.n == 0)
			continue;
		for (size_t k = 0; k < need->versions.n; k++)
			if (!ohc_strv_has(&of->elf->defs, need->versions.v[k]))
				add_missing(c, OHC_MISSING_VERSION, need->versions.v[k], l->path,
					    of->path);
	}
}

/* Adds all that v[from] and those behind it need, breadth first, as the loader does. */
static int load_from(struct ohc_loader *libs, struct ohc_loader_set *c, size_t from,
		     struct ohc_error *err)
{
	int rc = 0;

	for (size_t i = from; rc == 0 && i < c->n; i++) {
		const struct ohc_elf *elf = c->v[i].elf;

		for (size_t k = 0; rc == 0 && elf && k < elf->needed.n; k++)
			rc = find_name(libs, c, elf->needed.v[k], i, err);
	}
	for (size_t i = from; rc == 0 && c->libc != OHC_LIBC_MUSL && i < c->n; i++)
		check_versions(c, &c->v[i]);
	return rc;
}

static int find_loader(struct ohc_loader *libs, struct ohc_loader_set *c, struct ohc_error *err)
{
	const char *interp = c->v[0].elf->interp;
	struct library_search s = { .libs = libs, .c = c, .name = interp, .by = 0 };
	int rc;

	if (!interp)
		return 0;
	rc = try_path(&s, interp, err);
	if (rc == 0)
		add_missing(c, s.wrong ? s.why : OHC_MISSING_LOADER, interp, c->v[0].path, s.wrong);
	free(s.wrong);
	return rc < 0 ? rc : 0;
}

int ohc_loader_start(struct ohc_loader *libs, const char *path, struct ohc_loader_set *ret,
		     struct ohc_error *err)
{
	ohc_cleanup(ohc_files_place_clear) struct ohc_files_place place = { .path = NULL };
	ohc_cleanup(ohc_loader_set_clear) struct ohc_loader_set c = OHC_LOADER_SET_INIT;
	const struct ohc_elf *elf = NULL;
	int rc = ohc_files_find(libs->files, path, OHC_FILES_FOLLOW, &place, err);

	if (rc == 0)
		rc = ohc_files_elf(libs->files, &place, &elf, err);
	if (rc != 1)
		return rc < 0 ? rc : 0;
	add_lib(&c, path, path, place.path, elf, 0);
	c.libc = ohc_elf_libc(elf);
	rc = find_loader(libs, &c, err);
	if (rc == 0)
		rc = load_from(libs, &c, 0, err);
	if (rc < 0)
		return rc;
	*ret = c;
	c = (struct ohc_loader_set)OHC_LOADER_SET_INIT;
	return 1;
}

void ohc_loader_bare(const struct ohc_elf *elf, enum ohc_libc libc, struct ohc_loader_set *ret)
{
	struct ohc_loader_set c = { .libc = libc };

	add_lib(&c, "", "/", "/", elf, 0);
	*ret = c;
}

int ohc_loader_add(struct ohc_loader *libs, struct ohc_loader_set *c, const char *name, size_t by,
		   struct ohc_error *err)
{
	size_t n = c->n;
	int rc = find_name(libs, c, name, by, err);

	return rc < 0 ? rc : load_from(libs, c, n, err);
}

void ohc_loader_set_truncate(struct ohc_loader_set *c, size_t n, size_t n_missing)
{
	while (c->n > n) {
		struct ohc_lib *l = &c->v[--c->n];

		free(l->name);
		free(l->path);
		free(l->real);
	}
	while (c->n_missing > n_missing) {
		struct ohc_missing *m = &c->missing[--c->n_missing];

		free(m->name);
		free(m->needed_by);
		free(m->found);
	}
}

void ohc_loader_set_clear(struct ohc_loader_set *c)
{
	ohc_loader_set_truncate(c, 0, 0);
	free(c->v);
	free(c->missing);
	*c = (struct ohc_loader_set)OHC_LOADER_SET_INIT;
}
