/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requirements of Python distributions (PEP 508): "name[extra] >=1,<2 ; marker".
 *
 *	if (!ohc_python_requirement_parse(line, &r))
 *		... not understood ...
 *	if (ohc_python_marker(r.marker, &env, "extra", &answer) && answer == OHC_PYTHON_YES)
 *		... r.name must be there ...
 *	ohc_python_requirement_clear(&r);
 */
#ifndef OHC_LAYOUT_PYTHON_REQUIREMENT_H
#define OHC_LAYOUT_PYTHON_REQUIREMENT_H

#include "core/strv.h"
#include "layout/python/version.h"

/* The interpreter that a marker is evaluated for.  It runs on Linux. */
struct ohc_python_env {
	char python[16];     /* "3.12"; "" where it is not known */
	char full[32];       /* "3.12.3"; "" where it is not known */
	const char *machine; /* "x86_64"; "" where it is not known */
};

/* The value of platform.machine() for an architecture in Go's words: "x86_64" for "amd64". */
const char *ohc_python_machine(const char *arch);

struct ohc_python_requirement {
	char *name;             /* normalized */
	struct ohc_strv extras; /* normalized */
	char *specifiers;       /* "" where any version will do */
	char *marker;           /* "" where it is always required */
};

bool ohc_python_requirement_parse(const char *text, struct ohc_python_requirement *ret);
void ohc_python_requirement_clear(struct ohc_python_requirement *r);

/* False where the marker is not understood.  extra is normalized, "" for none.  The running kernel,
 * which a marker may ask for, is not known here. */
bool ohc_python_marker(const char *marker, const struct ohc_python_env *env, const char *extra,
		       enum ohc_python_answer *ret);

/* The requirements in an egg's requires.txt (n bytes), added as lines of the form above: a section
 * "[extra]", "[:marker]" or "[extra:marker]" gives those below it a marker. */
void ohc_python_requires_txt(const char *text, size_t n, struct ohc_strv *ret);

/* PEP 503: lower case, runs of '-', '_' and '.' become one '-'.  The caller frees it. */
char *ohc_python_normalize(const char *name, size_t n);

#endif
