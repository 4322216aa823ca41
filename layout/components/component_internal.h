/* SPDX-License-Identifier: Apache-2.0 */
/* Helpers that the kinds of components share; each kind has a file of its own beside this one. */
#ifndef OHC_LAYOUT_COMPONENTS_COMPONENT_INTERNAL_H
#define OHC_LAYOUT_COMPONENTS_COMPONENT_INTERNAL_H

#include "core/alloc.h"
#include "layout/components/component.h"

/* A file or directory that goes in: where it is in a tree of files, and on this machine. */
struct ohc_component_input {
	struct ohc_files *files;
	struct ohc_files_place place; /* symlinks followed */
	const char *dir;              /* the tree's directory on this machine, "" for "/" */
	char *given;                  /* as it was named, for messages */
};

/* Finds `from` of a recipe.  OHC_E_NOT_FOUND where nothing is there. */
int ohc_component_input_find(const struct ohc_component *c, const char *from,
			     struct ohc_component_input *ret, struct ohc_error *err);
/* Looks up a path in the same tree; place.found tells whether something is there. */
int ohc_component_input_at(const struct ohc_component_input *near, const char *path,
			   enum ohc_files_follow follow, struct ohc_component_input *ret,
			   struct ohc_error *err);
void ohc_component_input_clear(struct ohc_component_input *in);

/* The path on this machine; the caller frees it. */
char *ohc_component_input_disk(const struct ohc_component_input *in);

/* "PREFIX/BELOW", or the prefix; the caller frees it. */
char *ohc_component_to(const struct ohc_component *c, const char *below);

/* How a tree is copied; zero is a plain copy that refuses symlinks that lead out. */
struct ohc_component_copy {
	const struct ohc_recipe_item *item;
	const struct ohc_strv *exclude;      /* or NULL */
	const struct ohc_strv *more_exclude; /* or NULL */
	bool dereference;                    /* symlinks that lead out */
	bool skip_dangling;                  /* … where they lead to nothing */
	bool skip_there;                     /* paths that another tree of this item has */
	mode_t mode;                         /* 0: as the files have it */
	const struct ohc_strv *dlopen;       /* of the program at `program` */
	const char *program;                 /* path in the image, or NULL */
	enum ohc_bytecode bytecode;
	const char *bytecode_tag; /* "cpython-312": other bytecode is stale; NULL: not looked at */
};

/* Copies a directory or a file to a path in the image. */
int ohc_component_copy(struct ohc_component *c, const struct ohc_component_copy *how,
		       const struct ohc_component_input *from, const char *to,
		       struct ohc_error *err);

/* Copies a file. */
int ohc_component_file(struct ohc_component *c, const struct ohc_component_copy *how,
		       const struct ohc_component_input *from, const char *to,
		       struct ohc_error *err);

/* Makes the relative path from a directory to a file, both below the prefix.  The caller frees
 * it. */
char *ohc_component_relative(const struct ohc_component *c, const char *dir, const char *file);

int ohc_component_bytes(struct ohc_component *c, const char *to, mode_t mode, int64_t mtime,
			const char *origin, const void *data, size_t n, struct ohc_error *err);
int ohc_component_symlink(struct ohc_component *c, const char *to, const char *target,
			  int64_t mtime, const char *origin, struct ohc_error *err);

/* Is the bytecode at `in` (a file in a __pycache__) to be left out?  1, 0, or a code. */
int ohc_component_bytecode(const struct ohc_component_copy *how,
			   const struct ohc_component_input *in, struct ohc_error *err);

int ohc_component_program(struct ohc_component *c, const struct ohc_recipe_item *item,
			  struct ohc_error *err);
int ohc_component_python(struct ohc_component *c, const struct ohc_recipe_item *item,
			 struct ohc_error *err);
int ohc_component_browser(struct ohc_component *c, const struct ohc_recipe_item *item,
			  struct ohc_error *err);
int ohc_component_pyinstaller(struct ohc_component *c, const struct ohc_recipe_item *item,
			      struct ohc_error *err);
int ohc_component_certificates(struct ohc_component *c, const struct ohc_recipe_item *item,
			       struct ohc_error *err);
int ohc_component_locale(struct ohc_component *c, const struct ohc_recipe_item *item,
			 struct ohc_error *err);
int ohc_component_fonts(struct ohc_component *c, const struct ohc_recipe_item *item,
			struct ohc_error *err);

#endif
