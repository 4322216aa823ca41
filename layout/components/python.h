/* SPDX-License-Identifier: Apache-2.0 */
/* Copies a Python environment into a payload: python.c the whole, python_scripts.c the console
 * scripts; python_requires.c and python_pth.c check packages. */
#ifndef OHC_LAYOUT_COMPONENTS_PYTHON_H
#define OHC_LAYOUT_COMPONENTS_PYTHON_H

#include "layout/components/component_internal.h"
#include "layout/python/site.h"

struct ohc_python {
	struct ohc_component *c;
	const struct ohc_recipe_item *item;
	struct ohc_component_input program, stdlib;
	char version[16]; /* "3.12" */
	char tag[32];     /* "cpython-312" */
	char *to;         /* paths in the image: the environment, */
	char *bin, *site; /* the scripts and packages, … */
	char *final;      /* the interpreter, … */
	char *called;     /* and by which name scripts run under it */
};

/* Copies the scripts of a directory that a recipe names. */
int ohc_python_scripts(struct ohc_python *p, const char *from, struct ohc_error *err);

/* Copies the scripts of the virtual environment that the site-packages directory belongs to, if it
 * belongs to one. */
int ohc_python_venv_scripts(struct ohc_python *p, const struct ohc_component_input *site,
			    struct ohc_error *err);

/* OHC_E_FORMAT names requirements of distributions that are neither there nor allowed to be
 * missing. */
int ohc_python_check_requires(const struct ohc_python *p, struct ohc_python_site *site,
			      struct ohc_error *err);

/* Warns about directories outside the payload that a site-packages directory names. */
int ohc_python_look_at_pth(const struct ohc_python *p, const struct ohc_component_input *site,
			   struct ohc_error *err);

#endif
