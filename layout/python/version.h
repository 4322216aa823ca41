/* SPDX-License-Identifier: Apache-2.0 */
/* Versions and version specifiers of Python distributions (PEP 440). */
#ifndef OHC_LAYOUT_PYTHON_VERSION_H
#define OHC_LAYOUT_PYTHON_VERSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OHC_PYTHON_RELEASE_MAX 16
#define OHC_PYTHON_VERSION_MAX 256

enum ohc_python_pre { OHC_PYTHON_A, OHC_PYTHON_B, OHC_PYTHON_RC, OHC_PYTHON_NO_PRE };

/* "1!2.0rc1.post2.dev3+local"; numbers that are absent are -1. */
struct ohc_python_version {
	int64_t epoch;
	int64_t release[OHC_PYTHON_RELEASE_MAX];
	size_t n_release;
	enum ohc_python_pre pre;
	int64_t pre_n, post, dev;
	char local[64]; /* lower case, '.' between its parts; "" when there is none */
};

/* False where text (n bytes of it) is no version. */
bool ohc_python_version_parse(const char *text, size_t n, struct ohc_python_version *ret);

/* <0, 0, >0 */
int ohc_python_version_compare(const struct ohc_python_version *a,
			       const struct ohc_python_version *b);

/* Yes, no, or not known. */
enum ohc_python_answer { OHC_PYTHON_NO, OHC_PYTHON_YES, OHC_PYTHON_UNKNOWN };

/* Is `version` among those that the specifiers ask for: ">=1.2,!=1.3.*" (n bytes; "" asks for
 * nothing)?  Pre-releases count, as they do for `pip check`.  UNKNOWN where one of them is no
 * specifier, or the version is not PEP 440's. */
enum ohc_python_answer ohc_python_specifiers(const char *specifiers, size_t n, const char *version);

#endif
