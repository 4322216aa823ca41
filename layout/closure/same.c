// SPDX-License-Identifier: Apache-2.0
/* Compares libraries of one name: PREFIX/lib can have only one. */
#include <string.h>

#include "layout/closure/closure_internal.h"
#include "layout/loader/loader.h"

/* Compares two files of this machine. */
static int same_content(const char *a, const char *b, struct ohc_error *err)
{
	ohc_cleanup(ohc_assembly_freep) struct ohc_assembly *probe = ohc_assembly_new("/", NULL);
	const char *const paths[] = { a, b };
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < 2; i++)
		rc = ohc_assembly_file(
			probe, &(struct ohc_assembly_item){ "//lib", 0755, 0, paths[i], NULL, 0 },
			&(struct ohc_content){ .kind = OHC_CONTENT_FILE, .path = paths[i] }, NULL,
			err);
	return rc;
}

int ohc_closure_check_same(const struct ohc_closure *o, const struct ohc_own_lib *l,
			   const struct ohc_lib *other, const char *needed_by,
			   struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *a = ohc_xasprintf("%s%s", o->root_dir, l->path);
	ohc_cleanup(ohc_freep) char *b = ohc_xasprintf("%s%s", o->root_dir, other->real);

	if (same_content(a, b, err) == 0)
		return 0;
	return ohc_error_set(err, OHC_E_FAILED,
			     "'%s' (needed by '%s') and '%s' (needed by '%s') are both '%s', and "
			     "differ",
			     a, l->needed_by, b, needed_by, l->name);
}

/* Cuts the common end off both paths: "/usr/bin/x" and "/openhands/bin/x" give "/usr" and
 * "/openhands". */
static void part_paths(const char *disk, const char *to, size_t *ret_disk, size_t *ret_to)
{
	size_t n = strlen(disk), k = strlen(to), whole = 0;

	for (size_t i = 1; i <= n && i <= k && disk[n - i] == to[k - i]; i++)
		if (disk[n - i] == '/')
			whole = i;
	*ret_disk = n - whole;
	*ret_to = k - whole;
}

/* Do two files come from one tree of this machine, which was copied as a whole? */
static bool of_one_tree(const char *disk, const char *to, const char *disk2, const char *to2)
{
	size_t n, k, n2, k2;

	part_paths(disk, to, &n, &k);
	part_paths(disk2, to2, &n2, &k2);
	return n == n2 && k == k2 && strncmp(disk, disk2, n) == 0 && strncmp(to, to2, k) == 0;
}

/* PREFIX/lib has the library from a tree, and the root has another one.  The programs of that tree
 * need the tree's; any other program was made for the root's. */
int ohc_closure_check_own(const struct ohc_closure *o, const struct ohc_lib *lib, const char *path,
			  const struct ohc_own_object_kept *by, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *disk = ohc_xasprintf("%s%s", o->root_dir, lib->real);
	struct ohc_assembly_found found = ohc_assembly_find(o->payload, path);
	size_t n = strlen(o->dir);

	if (strncmp(path, o->dir, n) != 0 || strchr(path + n + 1, '/') || !found.source ||
	    strcmp(found.source, disk) == 0 || of_one_tree(by->disk, by->to, found.source, path) ||
	    same_content(found.source, disk, err) == 0)
		return 0;
	return ohc_error_set(err, OHC_E_FAILED,
			     "'%s' (in the payload as '%s') and '%s' (needed by '%s') are both "
			     "'%s', and differ",
			     found.source, path, disk, by->disk, path + n + 1);
}
