/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by the files of layout/closure.h. */
#ifndef OHC_LAYOUT_CLOSURE_IMPL_H
#define OHC_LAYOUT_CLOSURE_IMPL_H

#include "core/alloc.h"
#include "layout/closure.h"
#include "layout/elf_facts.h"

struct ohc_own_object_kept {
	char *to, *path, *disk;
	const struct ohc_elf *elf;
	struct ohc_strv dlopen;
};

struct ohc_own_libs {
	char *dir; /* PREFIX/lib */
	struct ohc_files *root;
	char *root_dir;
	struct ohc_libs *libs;

	struct ohc_own_object_kept *objects;
	size_t n_objects;

	struct ohc_own_lib *v;
	size_t n;

	/* What is loaded for files that are not from the root, as if one program without a search
	 * path, `bare`, had loaded all. */
	struct ohc_closure rootless;
	struct ohc_elf bare;
	const struct ohc_bundle *payload; /* while it is searched */
};

/* How a file's bytes change.  relative: elements with $ORIGIN stay in its search path. */
int ohc_own_libs_patch(const struct ohc_own_libs *o, const struct ohc_elf *elf, const char *disk,
		       bool relative, struct ohc_patch *ret, struct ohc_error *err);

/* Is it an element that is relative to the file ($ORIGIN)? */
bool ohc_own_libs_is_relative(const char *element, size_t n);

#endif
