/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Paths as text: '/' between components, none at the end.  Nothing of a file system is asked, and
 * both sides are absolute, or both relative to the same directory.
 *
 *	while (ohc_path_next(&path, &part))
 *		if (part.kind == OHC_PATH_UP)
 *			...
 */
#ifndef OHC_CORE_PATH_H
#define OHC_CORE_PATH_H

#include <stdbool.h>
#include <stddef.h>

enum ohc_path_kind {
	OHC_PATH_NAME,
	OHC_PATH_DOT, /* "." */
	OHC_PATH_UP,  /* ".." */
};

struct ohc_path_part {
	const char *name; /* in the path: n bytes */
	size_t n;
	enum ohc_path_kind kind;
};

/* Gives the first component of *path and moves *path behind it and its slashes, to "" behind the
 * last one.  False where there is none. */
bool ohc_path_next(const char **path, struct ohc_path_part *ret);

/* The kind of one component. */
enum ohc_path_kind ohc_path_kind_of(const char *name, size_t n);

/* Is one of its components ".."? */
bool ohc_path_has_up(const char *path);

/* Is it "/", or absolute with one '/' between names, none at the end, and no "." and ".."?  A path
 * with a whiteout's name is not, because no layer can have it (see below). */
bool ohc_path_is_normal(const char *path);

/* The same for a relative path, which is not empty, and may be a whiteout. */
bool ohc_path_is_normal_below(const char *path);

/* Without "." and superfluous slashes: "/a/b" of "/a//./b/", "" of "./".  ".." stays.  The caller
 * frees it. */
char *ohc_path_clean(const char *path);

/* Where target leads when it is looked up in the directory dir and no symlink is on the way: "/a/c"
 * of "/a/b" and "../c".  The root's ".." is the root; a relative path that leads above where it is
 * relative to is NULL.  The caller frees it. */
char *ohc_path_follow(const char *dir, const char *target);

/* Returns the part of path below dir, "b/c" of "/a/b/c" and "/a"; NULL when path is dir itself or
 * lies elsewhere. */
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

/* Is it something with end behind it?  Not where it is end alone. */
bool ohc_path_ends_in(const char *path, const char *end);

/* The directory that it stands in, "." for a name alone; the caller frees it. */
char *ohc_path_parent(const char *path);

#endif
