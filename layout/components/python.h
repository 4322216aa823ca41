/* SPDX-License-Identifier: Apache-2.0 */
/* A Python environment on its way into a payload: python.c has the whole,
 * python_scripts.c the console scripts, python_requires.c and python_pth.c what is held against
 * packages. */
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

/* The scripts of a directory that a recipe names. */
int ohc_python_scripts(struct ohc_python *p, const char *from, struct ohc_error *err);

/* Those of the virtual environment that a site-packages directory is of, if it is of one. */
int ohc_python_venv_scripts(struct ohc_python *p, const struct ohc_component_input *site,
			    struct ohc_error *err);

/* OHC_E_FORMAT names what distributions require and is neither there nor allowed to be missing. */
int ohc_python_check_requires(const struct ohc_python *p, struct ohc_python_site *site,
			      struct ohc_error *err);

/* Warns of what a site-packages directory takes from outside the payload. */
int ohc_python_look_at_pth(const struct ohc_python *p, const struct ohc_component_input *site,
			   struct ohc_error *err);

#endif
