/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads the Python distributions in a site-packages directory and checks that they have what they
 * require of one another, as `pip check` does, without running an interpreter.
 *
 *	rc = ohc_python_site_load(files, "/openhands/lib/python3.12/site-packages", &site, err);
 *	ohc_python_site_check(&site, &env, problem, ctx);
 *	ohc_python_site_clear(&site);
 *
 * A distribution is a *.dist-info (the "Recording installed projects" specification), or an older
 * form of setuptools: *.egg-info, *.egg, *.egg-link.  Requires-Dist lines are those of the "Core
 * metadata"; where an egg has none, its requires.txt counts.  Requirements of an extra are checked
 * when another distribution asks for that extra.
 */
#ifndef OHC_LAYOUT_PYTHON_SITE_H
#define OHC_LAYOUT_PYTHON_SITE_H

#include "layout/files/files.h"
#include "layout/python/requirement.h"

struct ohc_python_dist {
	char *name;    /* normalized */
	char *version; /* "" where it is not known */
	struct ohc_strv requires;
	struct ohc_strv extras; /* that were asked for */
	bool borrowed;          /* from a second directory: there, but not checked itself */
};

struct ohc_python_site {
	struct ohc_python_dist *v; /* sorted by name */
	size_t n;
};

enum ohc_python_problem_kind {
	OHC_PYTHON_MISSING,        /* no distribution of that name */
	OHC_PYTHON_WRONG_VERSION,  /* found is its version */
	OHC_PYTHON_NOT_UNDERSTOOD, /* the line is no requirement, or a version cannot be compared */
};

struct ohc_python_problem {
	enum ohc_python_problem_kind kind;
	const char *dist;        /* that requires */
	const char *requirement; /* as it stands */
	const char *name;        /* the requirement; NULL where it is not understood */
	const char *found;       /* the version that is there, or NULL */
};

typedef void (*ohc_python_problem_fn)(void *ctx, const struct ohc_python_problem *problem);

/* ret is zero or has been loaded before: distributions of a second directory are added, but the
 * first of a name wins. */
int ohc_python_site_load(struct ohc_files *files, const char *dir, struct ohc_python_site *ret,
			 struct ohc_error *err);
void ohc_python_site_clear(struct ohc_python_site *site);

const struct ohc_python_dist *ohc_python_site_find(const struct ohc_python_site *site,
						   const char *name);

void ohc_python_site_check(struct ohc_python_site *site, const struct ohc_python_env *env,
			   ohc_python_problem_fn fn, void *ctx);

/* Parses the head of METADATA (n bytes): Name, Version and Requires-Dist, into *ret, which is zero.
 * False where there is no name.  The caller clears it. */
bool ohc_python_metadata_parse(const char *text, size_t n, struct ohc_python_dist *ret);
void ohc_python_dist_clear(struct ohc_python_dist *d);

#endif
