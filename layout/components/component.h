/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Adds the components of a recipe's layer to an assembly: trees, programs, a Python environment, a
 * browser, and the files that they need.
 *
 *	struct ohc_component c = { .recipe = &recipe, .prefix = "/openhands", .root = root,
 *				   .root_dir = "debian", .host = host, .object = object, … };
 *
 *	c.assembly = assembly;
 *	rc = ohc_component_add(&c, &recipe.layers[i].items[k], err);
 *	ohc_component_clear(&c);
 *
 * Every ELF file that goes in is shown to object(), which gives the patch for it and remembers the
 * libraries that it needs (the closure's libraries are not components).  Nothing is run, and files
 * are read only as far as needed to know what they are.
 *
 * An entry of a tree that is wrong does not hide the next one (core/faults.h).  Faults name the
 * file and, where there is a recipe, its line and column: what is not there (OHC_E_NOT_FOUND), what
 * is not what the recipe takes it for, a symlink that leads out of its tree, one path with two
 * contents (OHC_E_FAILED, OHC_E_FORMAT).
 */
#ifndef OHC_LAYOUT_COMPONENTS_COMPONENT_H
#define OHC_LAYOUT_COMPONENTS_COMPONENT_H

#include "core/faults.h"
#include "core/report.h"
#include "layout/layer/assembly.h"
#include "layout/files/files.h"
#include "layout/recipes/recipe.h"

/* An ELF file that goes into the payload. */
struct ohc_component_object {
	const struct ohc_recipe_item *item;
	const char *to;          /* its path in the image */
	struct ohc_files *files; /* the root, or this machine */
	const char *path;        /* in files */
	const char *disk;        /* on this machine */
	const struct ohc_elf *elf;
	bool program;  /* the item itself, not something in its tree */
	char **ret_to; /* of a program: set where it must lie elsewhere in the image */
	const struct ohc_strv *dlopen; /* libraries that it opens by name; or NULL */
};

/* ret is empty; the component clears it afterwards. */
typedef int (*ohc_component_object_fn)(void *ctx, const struct ohc_component_object *object,
				       struct ohc_patch *ret, struct ohc_error *err);

/* The same for any other file of a tree, of which only the place is known. */
typedef int (*ohc_component_other_fn)(void *ctx, const char *disk, struct ohc_patch *ret,
				      struct ohc_error *err);

/* Of a script: where it lies below the prefix in a tree that comes along, from which it finds the
 * rest of it.  1: *ret is that place, which the caller frees; 0; or a code. */
typedef int (*ohc_component_place_fn)(void *ctx, const char *disk, char **ret,
				      struct ohc_error *err);

struct ohc_component {
	const struct ohc_recipe *recipe;
	const char *prefix;
	struct ohc_files *root; /* where paths with a leading '/' are found */
	const char *root_dir;   /* its directory on this machine, "" for "/" */
	struct ohc_files *host; /* this machine's "/" */
	struct ohc_assembly *assembly;
	ohc_component_object_fn object; /* NULL: ELF files go in unchanged */
	ohc_component_other_fn other;   /* NULL: so do all others */
	ohc_component_place_fn place;   /* NULL: no tree comes along */
	void *ctx;
	const char *machine; /* "x86_64": for the markers of requirements */
	struct ohc_report *report;
	struct ohc_faults *faults; /* faults of a tree's entries; NULL: the first ends the copy */

	/* Paths in the image that launchers need, or NULL where there is none. */
	char *browser, *python;
	bool fonts, certificates, locale;
};

/* Is there what goes in, by its path in the recipe?  c needs recipe, root and host only. */
bool ohc_component_has(const struct ohc_component *c, const char *from);

int ohc_component_add(struct ohc_component *c, const struct ohc_recipe_item *item,
		      struct ohc_error *err);

/* Does a symlink's text lead out of its tree?  below is its path in the tree, "/bin/x".  ".." over
 * the top does, and so does an absolute path, but for one to where the payload will be. */
bool ohc_component_leads_out(const char *prefix, const char *below, const char *target);

/* Where a copy goes, below the prefix; the caller frees it. */
char *ohc_component_copied_to(const struct ohc_recipe_item *item, bool is_dir);

/* Copies a file or directory of the root to a path below the prefix, where something opens it by
 * name.  What its symlinks lead to outside comes along. */
int ohc_component_tree(struct ohc_component *c, const char *from, const char *to,
		       struct ohc_error *err);

/* Adds the fonts.conf that names PREFIX/share/fonts and the base's fonts. */
int ohc_component_fonts_conf(struct ohc_component *c, struct ohc_error *err);

/* Frees what the components have set. */
void ohc_component_clear(struct ohc_component *c);

#endif
