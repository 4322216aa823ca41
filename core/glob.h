/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Patterns for paths, as .gitignore and .dockerignore have them: '*', '?' and [...] match within
 * one component, "**" as a component matches any number of them.  A pattern without a '/' (but at
 * its end, which is dropped) is for names in any directory, one with a '/' for the whole path.
 *
 *	ohc_glob("*.o", "src/a/b.o")			true
 *	ohc_glob("src/" "**" "/x", "src/a/b/x")		true
 */
#ifndef OHC_CORE_GLOB_H
#define OHC_CORE_GLOB_H

#include <stdbool.h>

#include "core/strv.h"

/* False of one that can fit nothing: it is empty, ends in a backslash, or has "." or ".." between
 * slashes. */
bool ohc_glob_is_pattern(const char *pattern);

/* path is relative and normalized. */
bool ohc_glob(const char *pattern, const char *path);

/* Does any of the patterns match? */
bool ohc_glob_any(const struct ohc_strv *patterns, const char *path);

#endif
