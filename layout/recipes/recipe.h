/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Recipes: what a payload is made of, as a JSON file that people write (cmd/ohcompose-recipe.5,
 * layout/recipes/recipe.schema.json).
 *
 *	{
 *	  "prefix": "/openhands", "profile": "openhands", "owner": "1000:1000",
 *	  "env": { "PATH": "/openhands/bin:$PATH" },
 *	  "layers": [
 *	    { "name": "tools", "programs": [ "/usr/bin/tmux", "/usr/bin/git" ],
 *	      "certificates": true, "locale": true },
 *	    { "name": "code", "copy": [ { "from": "src", "to": "code", "exclude": [ "*.o" ] } ] }
 *	  ],
 *	  "launchers": [ { "name": "oh-tmux", "program": "bin/tmux" } ]
 *	}
 *
 *	rc = ohc_recipe_load("recipe.json", &recipe, err);
 *	... recipe.layers[0].items[1].from ...
 *	return ohc_recipe_wrap(&recipe, recipe.layers[0].items[1].at, rc, err);
 *	ohc_recipe_clear(&recipe);
 *
 * Paths of things that go in are of two kinds: one that starts with '/' is in the root (the
 * machine, or the directory that "root" or --root names), any other is below the recipe's own
 * directory.  Paths of where they go are below the prefix.
 *
 * A fault is OHC_E_FORMAT and tells file, line, column and member.  An unknown member is a fault.
 * Each item knows where it stands, so that faults that are found later (a file that is not there)
 * can tell it, too.
 */
#ifndef OHC_LAYOUT_RECIPES_RECIPE_H
#define OHC_LAYOUT_RECIPES_RECIPE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/buf.h"
#include "core/strv.h"
#include "core/error.h"

enum ohc_recipe_kind {
	OHC_RECIPE_COPY,
	OHC_RECIPE_PROGRAM,
	OHC_RECIPE_PYTHON,
	OHC_RECIPE_BROWSER,
	OHC_RECIPE_PYINSTALLER,
	OHC_RECIPE_CERTIFICATES,
	OHC_RECIPE_LOCALE,
	OHC_RECIPE_FONTS,
	OHC_RECIPE_KINDS
};

enum ohc_bytecode {
	OHC_BYTECODE_KEEP,  /* what is valid stays, what is stale is left out */
	OHC_BYTECODE_CHECK, /* stale bytecode is an error */
	OHC_BYTECODE_NONE,  /* none goes in */
};

/* One thing that goes into a layer.  Members that a kind does not have are NULL or empty. */
struct ohc_recipe_item {
	enum ohc_recipe_kind kind;
	char *at;   /* where it stands in the recipe, "layers[0].copy[1]" */
	char *from; /* as it stands; of PYTHON the interpreter */
	char *to; /* below the prefix, normalized, "" for the prefix itself; NULL: the kind's own */

	struct ohc_strv exclude; /* COPY, PYTHON: patterns */
	bool dereference;        /* COPY */
	mode_t mode;             /* 0: as the files have it */
	struct ohc_strv dlopen;  /* COPY, PROGRAM, BROWSER, PYTHON: what it opens by name */
	char *as;                /* BROWSER: another name of its program, or NULL */
	char *stdlib;            /* PYTHON, or NULL */
	char *venv;              /* PYTHON: below the prefix, or NULL */
	struct ohc_strv site_packages, scripts;
	struct ohc_strv unmet; /* PYTHON: distributions that may be missing */
	enum ohc_bytecode bytecode;
	struct ohc_strv fonts; /* FONTS: directories and files */
};

struct ohc_recipe_layer {
	char *at;
	char *name;
	char *when; /* what the root must have, else it is left out; NULL: nothing */
	struct ohc_recipe_item *items;
	size_t n_items;
};

struct ohc_recipe_launcher {
	char *at;
	char *name;
	char *program; /* below the prefix, normalized */
	char *when;    /* as a layer's */
	struct ohc_strv args;
	struct ohc_strv env; /* KEY=VALUE */
};

struct ohc_recipe {
	char *file; /* NULL: it was made of options */
	char *dir;  /* what relative paths start at */
	struct ohc_buf text;

	char *prefix;              /* absolute, normalized, not "/"; NULL: not said */
	char *owner;               /* "UID:GID" */
	char *profile;             /* a known one's name, or a file's */
	char *version;             /* of the payload, and the next two of what it was made of … */
	char *revision, *source;   /* … as org.opencontainers.image.* has them, or NULL */
	char *root;                /* a directory of this machine, or NULL */
	bool closure;              /* own loader and libraries; true unless it says false */
	struct ohc_strv env;       /* KEY=VALUE */
	struct ohc_strv optional;  /* patterns of libraries that may be missing */
	struct ohc_strv encodings; /* words of layout/closure's */
	struct ohc_recipe_layer *layers;
	size_t n_layers;
	struct ohc_recipe_launcher *launchers;
	size_t n_launchers;
};

#define OHC_RECIPE_INIT      \
	{                    \
		.file = NULL \
	}

int ohc_recipe_load(const char *file, struct ohc_recipe *ret, struct ohc_error *err);
void ohc_recipe_clear(struct ohc_recipe *r);

/* Makes the recipe of a directory, as if a file had a single copy of it. */
void ohc_recipe_of_dir(const char *dir, struct ohc_recipe *ret);

/* Adds a launcher, as if the recipe's file had it. */
struct ohc_recipe_launcher *ohc_recipe_add_launcher(struct ohc_recipe *r, const char *name,
						    const char *program);

/* Leaves out layers and launchers with a `when` that there is nothing of. */
void ohc_recipe_narrow(struct ohc_recipe *r,
		       bool (*has)(void *ctx, const char *name, const char *when), void *ctx);

/* Puts file, line and column of `at` before the message.  Returns rc. */
int ohc_recipe_wrap(const struct ohc_recipe *r, const char *at, int rc, struct ohc_error *err);

/* The path of something that goes in: *ret_rooted tells that it lies in the root.  The caller frees
 * it. */
char *ohc_recipe_path(const struct ohc_recipe *r, const char *from, bool *ret_rooted);

#endif
