/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Python distributions as they lie in a site-packages directory, and whether what they require of
 * one another is there: what `pip check` says, without running an interpreter.
 *
 *	rc = ohc_py_site_load(files, "/openhands/lib/python3.12/site-packages", &site, err);
 *	ohc_py_site_check(&site, &env, problem, ctx);
 *	ohc_py_site_clear(&site);
 *
 * A distribution is a *.dist-info or *.egg-info (the "Recording installed projects" specification);
 * Requires-Dist lines are those of the "Core metadata".  Of what depends on extras, what some other
 * distribution asks for is checked.
 */
#ifndef OHC_LAYOUT_PYTHON_SITE_H
#define OHC_LAYOUT_PYTHON_SITE_H

#include "layout/files/files.h"
#include "layout/python/requirement.h"

struct ohc_py_dist {
	char *name;    /* normalized */
	char *version; /* "" where it is not known */
	struct ohc_strv requires;
	struct ohc_strv extras; /* that were asked for */
	bool borrowed;          /* from a second directory: there, but not checked itself */
};

struct ohc_py_site {
	struct ohc_py_dist *v; /* sorted by name */
	size_t n;
};

enum ohc_py_problem_kind {
	OHC_PY_MISSING,        /* no distribution of that name */
	OHC_PY_WRONG_VERSION,  /* found is its version */
	OHC_PY_NOT_UNDERSTOOD, /* the line is no requirement, or a version cannot be compared */
};

struct ohc_py_problem {
	enum ohc_py_problem_kind kind;
	const char *dist;        /* that requires */
	const char *requirement; /* as it stands */
	const char *name;        /* what is required; NULL where it is not understood */
	const char *found;       /* the version that is there, or NULL */
};

typedef void (*ohc_py_problem_fn)(void *ctx, const struct ohc_py_problem *problem);

/* *ret is zero or has been loaded before: what a second directory has is added, but what is there
 * by that name already comes first. */
int ohc_py_site_load(struct ohc_files *files, const char *dir, struct ohc_py_site *ret,
		     struct ohc_error *err);
void ohc_py_site_clear(struct ohc_py_site *site);

const struct ohc_py_dist *ohc_py_site_find(const struct ohc_py_site *site, const char *name);

void ohc_py_site_check(struct ohc_py_site *site, const struct ohc_py_env *env, ohc_py_problem_fn fn,
		       void *ctx);

/* The head of METADATA (n bytes): Name, Version and Requires-Dist, into *ret, which is zero.  False
 * where there is no name.  The caller clears it. */
bool ohc_py_metadata_parse(const char *text, size_t n, struct ohc_py_dist *ret);
void ohc_py_dist_clear(struct ohc_py_dist *d);

#endif
