// SPDX-License-Identifier: Apache-2.0
/* Finds the libraries that the payload needs of its root. */
#include <string.h>
#include <sys/stat.h>

#include "core/glob.h"
#include "core/interrupt.h"
#include "core/path.h"
#include "layout/closure/closure_internal.h"
#include "layout/loader/loader.h"

/* Libraries that glibc opens by name, for host and user names, and when a thread ends. */
static const char *const glibc_opens[] = { "libnss_files.so.2", "libnss_dns.so.2",
					   "libnss_compat.so.2", "libresolv.so.2",
					   "libgcc_s.so.1" };

/* Does the path to a directory of the payload go up again from one that is not there?  The kernel
 * finds nothing then. */
static bool has_gap(const struct ohc_closure *o, const char *dir)
{
	struct ohc_path_part part;

	for (const char *rest = dir; ohc_path_next(&rest, &part);) {
		ohc_cleanup(ohc_freep) char *before = ohc_xstrndup(dir, (size_t)(part.name - dir));
		ohc_cleanup(ohc_freep) char *path = ohc_path_follow("/", before);

		if (part.kind == OHC_PATH_UP && ohc_path_below(path, o->prefix) &&
		    ohc_assembly_find(o->payload, path).mode == 0)
			return true;
	}
	return false;
}

/* The library's path in the payload, or NULL; the caller frees it. */
static char *find_in(const struct ohc_closure *o, const char *dir, const char *name)
{
	/* In the payload there are no symlinks of the base on the way. */
	ohc_cleanup(ohc_freep) char *path = has_gap(o, dir) ? NULL : ohc_path_follow(dir, name);
	mode_t mode = path ? ohc_assembly_find(o->payload, path).mode : 0;

	return S_ISREG(mode) || S_ISLNK(mode) ? ohc_take(path) : NULL;
}

/* Finds a library that one of the payload's files needs in the directories that the file searches:
 * its path in the payload, which the caller frees, or NULL. */
static char *find_for(const struct ohc_closure *o, const struct ohc_own_object_kept *k,
		      const char *name)
{
	ohc_cleanup(ohc_freep) char *origin = ohc_path_parent(k->to);
	ohc_cleanup(ohc_strv_clear) struct ohc_strv paths = OHC_STRV_INIT;
	ohc_cleanup(ohc_strv_clear) struct ohc_strv dirs = OHC_STRV_INIT;

	ohc_closure_paths(o, k->elf, k->path ? k->path : k->disk, k->to, &paths);
	for (size_t i = 0; i < paths.n; i++)
		ohc_loader_expand(paths.v[i], origin, k->elf, OHC_LIBC_GLIBC, &dirs);
	ohc_strv_add(&dirs, o->dir);
	for (size_t i = 0; i < dirs.n; i++) {
		char *path = find_in(o, dirs.v[i], name);

		if (path)
			return path;
	}
	return NULL;
}

static bool payload_has(const struct ohc_closure *o, const struct ohc_own_object_kept *k,
			const char *name)
{
	ohc_cleanup(ohc_freep) char *path = find_for(o, k, name);

	return path != NULL;
}

bool ohc_closure_has(const struct ohc_closure *o, const char *name)
{
	for (size_t i = 0; i < o->n_objects; i++)
		if (strcmp(ohc_path_name(o->objects[i].to), name) == 0)
			return true;
	return false;
}

static const struct ohc_own_object_kept *object_from(const struct ohc_closure *o, const char *real)
{
	for (size_t i = 0; i < o->n_objects; i++)
		if (o->objects[i].path && strcmp(o->objects[i].path, real) == 0)
			return &o->objects[i];
	return NULL;
}

static void add_name(struct ohc_own_lib *l, const char *name)
{
	if (strcmp(l->name, name) != 0 && !ohc_strv_has(&l->other_names, name))
		ohc_strv_add(&l->other_names, name);
}

/* Adds a library under its soname, and under the name by which it was needed. */
static int add_lib(struct ohc_closure *o, const struct ohc_lib *lib, const char *needed_by,
		   struct ohc_error *err)
{
	const struct ohc_own_object_kept *there = object_from(o, lib->real);
	const char *asked = ohc_path_name(lib->name);
	const char *name = lib->elf && lib->elf->soname && !strchr(lib->elf->soname, '/')
				   ? lib->elf->soname
				   : asked;
	struct ohc_own_lib *l;

	for (size_t i = 0; i < o->n; i++) {
		l = &o->v[i];
		if (strcmp(l->name, name) != 0 && strcmp(l->path, lib->real) != 0)
			continue;
		add_name(l, asked);
		return strcmp(l->path, lib->real) == 0
			       ? 0
			       : ohc_closure_check_same(o, l, lib, needed_by, err);
	}
	o->v = ohc_xrealloc(o->v, o->n + 1, sizeof(*o->v));
	l = &o->v[o->n++];
	*l = (struct ohc_own_lib){ .name = ohc_xstrdup(name),
				   .path = ohc_xstrdup(lib->real),
				   .needed_by = ohc_xstrdup(needed_by),
				   .elf = lib->elf,
				   .link = there ? ohc_xstrdup(there->to) : NULL };
	add_name(l, asked);
	return 0;
}

static void say_driver(const struct ohc_closure *o, const char *name, const char *needed_by)
{
	ohc_report_say(o->report, OHC_NOTICE,
		       "'%s' needs '%s', which comes with the driver of the machine that runs it, "
		       "and stays out: a launcher's LD_LIBRARY_PATH leads to where that has it",
		       needed_by, ohc_path_name(name));
}

/* Where many files need it, the first is named. */
static int say_missing(const struct ohc_closure *o, const struct ohc_missing *m,
		       const char *needed_by, struct ohc_error *err)
{
	const char *root = *o->root_dir ? o->root_dir : "/";
	ohc_cleanup(ohc_freep) char *what =
		ohc_xasprintf("%s\n%s", m->name, m->found ? m->found : "");

	if (!ohc_set_add(o->told, what))
		return 0;
	if (m->why != OHC_MISSING_VERSION && o->optional &&
	    ohc_glob_any(o->optional, ohc_path_name(m->name))) {
		ohc_report_say(o->report, OHC_VERBOSE,
			       "'%s' needs '%s', which is nowhere, and may be missing", needed_by,
			       m->name);
		return 0;
	}
	if (m->why != OHC_MISSING_VERSION && ohc_loader_is_driver(m->name)) {
		say_driver(o, m->name, needed_by);
		return 0;
	}
	if (m->why == OHC_MISSING_VERSION)
		return ohc_error_set(err, OHC_E_NOT_FOUND,
				     "'%s' needs version '%s' of a library, which '%s' in the root "
				     "'%s' does not have: take a newer root",
				     needed_by, m->name, m->found, root);
	return ohc_error_set(err, OHC_E_NOT_FOUND,
			     "'%s' needs '%s', which is not in the root '%s'%s%s%s: install it "
			     "there, leave '%s' out, or say that it may be missing (--optional)",
			     needed_by, m->name, root, m->found ? " (but '" : "",
			     m->found ? m->found : "",
			     m->found ? "', which is no good for it)" : "", needed_by);
}

/* The payload's file that needs it; NULL where a library needs it. */
static const struct ohc_own_object_kept *asker(const struct ohc_closure *o,
					       const struct ohc_loader_set *c, size_t by,
					       const struct ohc_own_object_kept *first)
{
	return by == 0 ? first : object_from(o, c->v[by].real);
}

/* Finds it by the RPATHs of the files that load it, all the way up: its path in the payload, which
 * the caller frees, or NULL. */
static char *find_for_askers(const struct ohc_closure *o, const struct ohc_loader_set *c, size_t i,
			     const struct ohc_own_object_kept *first)
{
	const char *name = c->v[i].name;
	char *path = NULL;

	do {
		const struct ohc_own_object_kept *by;

		i = c->v[i].parent;
		by = asker(o, c, i, first);
		path = by ? find_for(o, by, name) : NULL;
	} while (!path && i != c->v[i].parent);
	return path;
}

static bool is_loader(const struct ohc_loader_set *c, size_t i)
{
	return i == 1 && c->v[0].elf->interp && strcmp(c->v[1].path, c->v[0].elf->interp) == 0;
}

int ohc_closure_take(struct ohc_closure *o, const struct ohc_loader_set *c, size_t from,
		     size_t missing, const struct ohc_own_object_kept *first, struct ohc_error *err)
{
	int rc = 0;

	for (size_t i = from; rc == 0 && i < c->n; i++) {
		const struct ohc_lib *l = &c->v[i];
		const struct ohc_own_object_kept *by = asker(o, c, l->parent, first);
		ohc_cleanup(ohc_freep) char *there =
			is_loader(c, i) ? NULL : find_for_askers(o, c, i, first);

		/* The root's is the driver of the machine that packs. */
		if (!there && ohc_loader_is_driver(l->name)) {
			if (ohc_set_add(o->told, ohc_path_name(l->name)))
				say_driver(o, l->name, by ? by->disk : first->disk);
			continue;
		}
		rc = there ? ohc_closure_check_own(o, l, there, first, err)
			   : add_lib(o, l, by ? by->disk : ohc_path_name(c->v[l->parent].real),
				     err);
		rc = ohc_faults_keep(o->faults, rc, err);
	}
	for (size_t i = missing; rc == 0 && i < c->n_missing; i++) {
		const struct ohc_missing *m = &c->missing[i];

		if (m->why != OHC_MISSING_VERSION &&
		    (payload_has(o, first, m->name) || ohc_closure_has(o, ohc_path_name(m->name))))
			continue;
		/* Another library of its name may be loaded by then. */
		if (m->why == OHC_MISSING_VERSION && ohc_closure_has(o, ohc_path_name(m->found)))
			continue;
		rc = say_missing(
			o, m, *m->needed_by == '/' && m->needed_by[1] ? m->needed_by : first->disk,
			err);
		rc = ohc_faults_keep(o->faults, rc, err);
	}
	return rc;
}

/* Like ohc_closure_take_opened(), for the libraries that the unpacked ones will need. */
static int take_unfrozen(struct ohc_closure *o, struct ohc_loader_set *c,
			 const struct ohc_own_object_kept *k, struct ohc_error *err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < o->unfrozen.n; i++) {
		size_t n = c->n, missing = c->n_missing;

		rc = ohc_loader_add(o->libs, c, o->unfrozen.v[i], 0, err);
		if (rc == 0)
			rc = ohc_closure_take(o, c, n, missing, k, err);
	}
	for (size_t i = 0; rc == 0 && i < k->elf->needed.n; i++)
		if (!ohc_strv_has(&o->frozen, k->elf->needed.v[i]))
			ohc_strv_add(&o->frozen, k->elf->needed.v[i]);
	return rc;
}

static int take_more(struct ohc_closure *o, struct ohc_loader_set *c,
		     const struct ohc_own_object_kept *k, struct ohc_error *err)
{
	int rc = k->elf->pyinstaller ? take_unfrozen(o, c, k, err) : 0;

	return rc < 0 ? rc : ohc_closure_take_opened(o, c, k, err);
}

static int find_of_root(struct ohc_closure *o, const struct ohc_own_object_kept *k,
			struct ohc_error *err)
{
	ohc_cleanup(ohc_loader_set_clear) struct ohc_loader_set c = OHC_LOADER_SET_INIT;
	int rc = ohc_loader_start(o->libs, k->path, &c, err);

	if (rc <= 0)
		return rc;
	rc = ohc_closure_take(o, &c, 1, 0, k, err);
	return rc < 0 ? rc : take_more(o, &c, k, err);
}

static int say_version(const struct ohc_closure *o, const char *version,
		       const struct ohc_own_lib *of, const struct ohc_own_object_kept *k,
		       struct ohc_error *err)
{
	const struct ohc_missing m = { .why = OHC_MISSING_VERSION,
				       .name = (char *)version,
				       .found = of->path };

	return ohc_faults_keep(o->faults, say_missing(o, &m, k->disk, err), err);
}

/* Checks versions as the loader does: a library that has versions must have those asked for. */
static int check_versions(const struct ohc_closure *o, const struct ohc_own_object_kept *k,
			  const struct ohc_elf_need *need, struct ohc_error *err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < o->n; i++) {
		const struct ohc_own_lib *l = &o->v[i];

		if (strcmp(l->name, need->file) != 0 || !l->elf || l->elf->defs.n == 0)
			continue;
		for (size_t n = 0; rc == 0 && n < need->versions.n; n++)
			if (!ohc_strv_has(&l->elf->defs, need->versions.v[n]))
				rc = say_version(o, need->versions.v[n], l, k, err);
	}
	return rc;
}

/* A file that is not from the root searches only by its own RPATH. */
static int find_of_other(struct ohc_closure *o, const struct ohc_own_object_kept *k,
			 struct ohc_error *err)
{
	struct ohc_loader_set *c = &o->rootless;
	int rc = 0;

	if (c->n == 0)
		ohc_closure_bare(k->elf, &o->bare, c);
	for (size_t i = 0; rc == 0 && i <= k->elf->needed.n; i++) {
		const char *name = i < k->elf->needed.n ? k->elf->needed.v[i] : k->elf->interp;
		size_t n = c->n, missing = c->n_missing;

		if (!name || payload_has(o, k, ohc_path_name(name)))
			continue;
		rc = ohc_loader_add(o->libs, c, name, 0, err);
		if (rc == 0)
			rc = ohc_closure_take(o, c, n, missing, k, err);
	}
	for (size_t i = 0; rc == 0 && i < k->elf->n_needs; i++)
		rc = check_versions(o, k, &k->elf->needs[i], err);
	return rc < 0 ? rc : take_more(o, c, k, err);
}

static const struct ohc_own_lib *glibc_of(const struct ohc_closure *o)
{
	for (size_t i = 0; i < o->n; i++)
		if (strcmp(o->v[i].name, "libc.so.6") == 0)
			return &o->v[i];
	return NULL;
}

static int find_what_glibc_opens(struct ohc_closure *o, struct ohc_error *err)
{
	const struct ohc_own_lib *libc = glibc_of(o);
	ohc_cleanup(ohc_loader_set_clear) struct ohc_loader_set c = OHC_LOADER_SET_INIT;
	int rc = 0;

	if (!libc)
		return 0;
	rc = ohc_loader_start(o->libs, libc->path, &c, err);
	for (size_t i = 0; rc >= 0 && i < OHC_ARRAY_SIZE(glibc_opens); i++) {
		size_t n = c.n;

		rc = ohc_loader_add(o->libs, &c, glibc_opens[i], 0, err);
		for (; rc == 0 && n < c.n; n++) {
			ohc_cleanup(ohc_freep) char *there = find_in(o, o->dir, c.v[n].name);

			rc = there ? 0
				   : add_lib(o, &c.v[n], ohc_path_name(c.v[c.v[n].parent].real),
					     err);
		}
	}
	return rc < 0 ? rc : 0;
}

static int meet_lib(struct ohc_closure *o, const struct ohc_own_lib *l, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *disk = ohc_xasprintf("%s%s", o->root_dir, l->path);

	return l->elf && !l->link ? ohc_closure_meet(o, l->path, l->elf, disk, NULL, err) : 0;
}

/* Libraries open libraries by name, too, which may do the same. */
static int find_opened(struct ohc_closure *o, struct ohc_error *err)
{
	size_t before, met = 0;
	int rc;

	do {
		before = o->may_open.n;
		rc = ohc_closure_find_opened(o, err);
		if (rc == 0)
			rc = find_what_glibc_opens(o, err);
		for (; rc == 0 && met < o->n; met++)
			rc = meet_lib(o, &o->v[met], err);
	} while (rc == 0 && o->may_open.n != before);
	return rc;
}

int ohc_closure_find(struct ohc_closure *o, const struct ohc_assembly *payload,
		     struct ohc_faults *faults, struct ohc_error *err)
{
	int rc = 0;

	o->payload = payload;
	o->faults = faults;
	for (; rc == 0 && o->n_found < o->n_objects; o->n_found++) {
		const struct ohc_own_object_kept *k = &o->objects[o->n_found];

		rc = ohc_interrupt_check(err);
		if (rc == 0)
			rc = k->path ? find_of_root(o, k, err) : find_of_other(o, k, err);
	}
	if (rc == 0)
		rc = find_opened(o, err);
	o->payload = NULL;
	o->faults = NULL;
	return rc;
}
