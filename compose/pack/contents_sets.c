// SPDX-License-Identifier: Apache-2.0
/* Brings along what programs of the payload open by name (layout/closure/sets.h). */
#include <fnmatch.h>
#include <string.h>
#include <sys/stat.h>

#include "compose/pack/contents.h"
#include "core/alloc.h"
#include "core/path.h"

/* Warnings about paths that are compiled in; the others are told with -v. */
#define COMPILED_MAX 10

static int see(void *ctx, const char *path, const struct ohc_assembly_found *what)
{
	if (S_ISREG(what->mode))
		ohc_closure_see(ctx, path);
	return 0;
}

/* A search for what comes from a directory of this machine. */
struct source_search {
	const char *dir;
	const char *bin;   /* PREFIX/bin */
	const char *found; /* a path in the image, or NULL */
};

static int compare_source(void *ctx, const char *path, const struct ohc_assembly_found *what)
{
	struct source_search *s = ctx;

	/* A program of a tree is not the tree. */
	if (what->source && ohc_path_is_in(what->source, s->dir) &&
	    (!ohc_path_is_in(path, s->bin) || strcmp(what->source, s->dir) == 0))
		s->found = path;
	return s->found != NULL;
}

/* Does anything in the payload come from a path of the root? */
static bool has_from(const struct ohc_contents *p, const char *path)
{
	ohc_cleanup(ohc_freep) char *from = ohc_xasprintf("%s%s", p->root_dir, path);
	ohc_cleanup(ohc_freep) char *bin = ohc_xasprintf("%s/bin", p->prefix);
	struct source_search s = { .dir = from, .bin = bin };

	for (size_t i = 0; i < p->n && !s.found; i++)
		ohc_assembly_walk(p->assemblies[i], compare_source, &s);
	return s.found != NULL;
}

/* Is it there, by a recipe that copies it, or what it goes with? */
static bool is_there(struct ohc_contents *p, const struct ohc_own_tree *tree)
{
	ohc_cleanup(ohc_freep) char *to = ohc_xasprintf("%s/%s", p->prefix, tree->to);

	for (size_t i = 0; tree->after && i < p->copied.n; i++)
		if (fnmatch(tree->after, p->copied.v[i], FNM_PATHNAME) == 0)
			return true;
	if (!has_from(p, tree->from))
		return ohc_assembly_find(p->assemblies[p->n - 1], to).mode != 0;
	ohc_strv_add(&p->copied, tree->from);
	return true;
}

/* The length of the beginning of a path that is one program's: "/opt/NAME", "/usr/share/NAME",
 * "/usr/lib/NAME", "/usr/lib/x86_64-linux-gnu/NAME". */
static size_t find_owner(const char *path)
{
	const char *multiarch = strstr(path, "-linux-");
	size_t n = 0, parts = strncmp(path, "/opt/", 5) == 0 ? 2 : 3;

	if (multiarch && strncmp(path, "/usr/lib/", 9) == 0 &&
	    !memchr(path + 9, '/', (size_t)(multiarch - path) - 9))
		parts++;
	while (parts-- && path[n])
		n += 1 + strcspn(path + n + 1, "/");
	return n;
}

/* The payload has it under the name of what it leads to: "libx.so", of which it has libx.so.1. */
static bool has_what_it_leads_to(const struct ohc_contents *p, const char *path)
{
	ohc_cleanup(ohc_files_place_clear) struct ohc_files_place place = { .path = NULL };

	return ohc_files_find(p->root, path, OHC_FILES_FOLLOW, &place, NULL) == 0 &&
	       place.found == OHC_FILES_THERE && strcmp(place.path, path) != 0 &&
	       has_from(p, place.path);
}

/* A path and how many more there are of the same program's. */
struct compiled_dir {
	const struct ohc_own_compiled *first;
	char *dir;
	size_t more;
};

static void tell_dir(const struct ohc_contents *p, const struct compiled_dir *d,
		     enum ohc_level level)
{
	ohc_cleanup(ohc_freep) char *more =
		d->more ? ohc_xasprintf(" and %zu more below '%s'", d->more, d->dir) : NULL;

	ohc_report_say(p->o->push.report, level,
		       "'%s' looks at '%s'%s, which the root has and the payload has not: "
		       "copy it, where the program needs it, by a recipe, which leads it there",
		       d->first->by, d->first->path, more ? more : "");
}

static struct compiled_dir *find_dir(struct compiled_dir *dirs, size_t n, const char *path)
{
	size_t k = find_owner(path);

	for (size_t i = 0; i < n; i++)
		if (strlen(dirs[i].dir) == k && strncmp(dirs[i].dir, path, k) == 0)
			return &dirs[i];
	return NULL;
}

/* Tells each where there are few, and of more than that at least what to look for. */
static void tell_dirs(const struct ohc_contents *p, const struct compiled_dir *dirs, size_t n)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf rest = OHC_BUF_INIT;

	for (size_t i = 0; i < n; i++) {
		tell_dir(p, &dirs[i], i < COMPILED_MAX ? OHC_WARNING : OHC_VERBOSE);
		if (i >= COMPILED_MAX)
			ohc_buf_addf(&rest, "%s'%s'", rest.len ? ", " : "", dirs[i].dir);
	}
	if (rest.len)
		ohc_report_say(p->o->push.report, OHC_WARNING,
			       "other files of the payload look at %s, which the root has and the "
			       "payload has not (-v tells which)",
			       ohc_buf_str(&rest));
}

void ohc_contents_tell_compiled(const struct ohc_contents *p)
{
	size_t n, n_dirs = 0;
	const struct ohc_own_compiled *list = ohc_closure_compiled(p->own_libs, &n);
	ohc_cleanup(ohc_freep) struct compiled_dir *dirs = ohc_xcalloc(n + 1, sizeof(*dirs));

	for (size_t i = 0; i < n; i++) {
		struct compiled_dir *there = find_dir(dirs, n_dirs, list[i].path);

		if (has_from(p, list[i].path) || has_what_it_leads_to(p, list[i].path))
			continue;
		if (there)
			there->more++;
		else
			dirs[n_dirs++] = (struct compiled_dir){
				&list[i], ohc_xstrndup(list[i].path, find_owner(list[i].path)), 0
			};
	}
	tell_dirs(p, dirs, n_dirs);
	while (n_dirs)
		free(dirs[--n_dirs].dir);
}

static bool is_launched(const struct ohc_contents *p, const char *path)
{
	if (ohc_launchers_find(&p->launchers, ohc_path_name(path)))
		return true;
	for (size_t i = 0; i < p->launchers.n; i++) {
		ohc_cleanup(ohc_freep) char *program =
			ohc_launchers_program(p->launchers.v[i].program, p->prefix);

		if (strcmp(program, path) == 0)
			return true;
	}
	return false;
}

/* Has the payload a locale that no library looks at by itself? */
static bool has_lost_locale(const struct ohc_contents *p)
{
	ohc_cleanup(ohc_freep) char *path =
		ohc_xasprintf("%s/lib/locale/C.utf8/LC_CTYPE", p->prefix);

	return ohc_contents_has(p, path) && !ohc_closure_leads_to(p->own_libs, "lib/locale");
}

void ohc_contents_tell_unled(const struct ohc_contents *p)
{
	ohc_cleanup(ohc_freep) char *dir = ohc_xasprintf("%s/bin/", p->prefix);
	const char *first = NULL;
	size_t n = 0;

	if (!ohc_closure_settings(p->own_libs)->n && !has_lost_locale(p))
		return;
	for (size_t i = 0; i < p->n; i++)
		for (size_t k = 0; k < p->layers[i].programs.n; k++) {
			const char *path = p->layers[i].programs.v[k];

			if (strncmp(path, dir, strlen(dir)) != 0 || is_launched(p, path))
				continue;
			first = first ? first : path;
			n++;
		}
	if (n)
		ohc_report_say(p->o->push.report, OHC_WARNING,
			       "%zu programs in '%s', such as '%s', have no launcher: on a base "
			       "that has no locale C.UTF-8 and none of their files they do not "
			       "find those of the payload, to which nothing that is compiled in "
			       "could be made to lead: give them launchers (--launcher)",
			       n, dir, first);
}

static int copy_tree(struct ohc_contents *p, const struct ohc_own_tree *tree, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *from = ohc_xstrdup(tree->from);
	ohc_cleanup(ohc_freep) char *to = ohc_xstrdup(tree->to);

	if (is_there(p, tree))
		return 0;
	ohc_report_say(p->o->push.report, OHC_VERBOSE, "set '%s': '%s%s' goes to '%s/%s'",
		       tree->set, p->root_dir, from, p->prefix, to);
	return ohc_component_tree(&p->component, from, to, err);
}

/* Those from the index *done on, of which copying makes more. */
static int copy_trees(struct ohc_contents *p, size_t *done, struct ohc_error *err)
{
	const struct ohc_own_tree *trees;
	size_t n;
	int rc = 0;

	for (;; ++*done) {
		trees = ohc_closure_trees(p->own_libs, &n);
		if (*done == n || rc < 0)
			return rc;
		rc = ohc_faults_keep(&p->faults, copy_tree(p, &trees[*done], err), err);
	}
}

/* Fonts that came along as a set are found by a fonts.conf, as those of a recipe are. */
static int lead_to_fonts(struct ohc_contents *p, struct ohc_error *err)
{
	static const char conf[] = "etc/fonts/fonts.conf";
	ohc_cleanup(ohc_freep) char *path = ohc_xasprintf("%s/%s", p->prefix, conf);
	const struct ohc_own_tree *trees;
	bool fonts = false;
	size_t n;

	trees = ohc_closure_trees(p->own_libs, &n);
	for (size_t i = 0; i < n; i++)
		fonts |= strcmp(trees[i].set, "fontconfig") == 0;
	if (!fonts || ohc_assembly_find(p->assemblies[p->n - 1], path).mode)
		return 0;
	return ohc_component_fonts_conf(&p->component, err);
}

int ohc_contents_search(struct ohc_contents *p, struct ohc_error *err)
{
	size_t done = 0, before, n;
	int rc;

	p->component.assembly = p->assemblies[p->n - 1];
	for (size_t i = 0; i < p->n; i++)
		ohc_assembly_walk(p->assemblies[i], see, p->own_libs);
	/* Libraries that are found want more directories, in which are more objects. */
	do {
		rc = copy_trees(p, &done, err);
		before = done;
		if (rc == 0)
			rc = ohc_closure_find(p->own_libs, p->assemblies[p->n - 1], &p->faults,
					      err);
		ohc_closure_trees(p->own_libs, &n);
	} while (rc == 0 && n != before);
	return rc < 0 ? rc : lead_to_fonts(p, err);
}
