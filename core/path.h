/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Paths as text: '/' between components, none at the end.  Nothing of a file system is asked, and
 * both sides are absolute, or both relative to the same directory.
 */
#ifndef OHC_CORE_PATH_H
#define OHC_CORE_PATH_H

#include <stdbool.h>

/* What of path lies below dir, "b/c" of "/a/b/c" and "/a"; NULL: it is dir itself, or elsewhere. */
const char *ohc_path_below(const char *path, const char *dir);

/* Is it dir, or below it? */
bool ohc_path_is_in(const char *path, const char *dir);

/* The order of entries in a layer, bytewise, as if a directory's name ended in '/': "a-b" comes
 * before the directory "a" and all that is in it.  <0, 0, >0, as strcmp(). */
int ohc_path_compare(const char *a, bool a_is_dir, const char *b, bool b_is_dir);

/* Has it a name that begins with ".wh."?  In a layer such a name deletes another one and is none
 * itself (image-spec layer.md, "Whiteouts"), so no file can have it. */
bool ohc_path_has_whiteout(const char *path);
#define OHC_PATH_WHITEOUT_RULE "in a layer, names with .wh. in front mean that something is deleted"

/* The last component, in path. */
const char *ohc_path_name(const char *path);

/* The directory that it stands in, "." for a name alone; the caller frees it. */
char *ohc_path_parent(const char *path);

#endif
