// SPDX-License-Identifier: Apache-2.0
/*
 * Programs that cannot be edited, started by the payload's loader instead:
 *
 *	PREFIX/lib/LOADER --argv0 PROGRAM --library-path PREFIX/lib PROGRAM ARGUMENT...
 *
 * Such a program sees the loader in /proc/self/exe and in its auxiliary vector, not itself.  So it
 * must not look there, as far as its bytes tell, but find itself by its name, if it does at all.
 */
#include <sys/stat.h>

#include "core/path.h"
#include "layout/closure/closure_internal.h"

static const char *const looks[] = { "/proc/self/", "/proc/%", "getauxval" };

/* Can the root's loader be told a program's name?  glibc's can since 2.33. */
static int knows_argv0(const struct ohc_closure *o, const char *interp, struct ohc_error *err)
{
	static const char *const option[] = { "argv0" };
	ohc_cleanup(ohc_files_place_clear) struct ohc_files_place place = { .path = NULL };
	ohc_cleanup(ohc_freep) char *disk = NULL;
	int rc = ohc_files_find(o->root, interp, OHC_FILES_FOLLOW, &place, err);

	if (rc < 0 || place.found != OHC_FILES_THERE || !S_ISREG(place.node.mode))
		return rc;
	disk = ohc_xasprintf("%s%s", o->root_dir, place.path);
	return ohc_closure_has_text(disk, option, 1, err);
}

int ohc_closure_can_load(const struct ohc_closure *o, const struct ohc_elf *elf, const char *disk,
			 struct ohc_error *err)
{
	int rc;

	/* A search path of the root's would come before --library-path. */
	if (!elf->interp || !ohc_elf_is_program(elf) || elf->rpath || elf->runpath)
		return 0;
	rc = ohc_closure_has_text(disk, looks, OHC_ARRAY_SIZE(looks), err);
	return rc != 0 ? (rc < 0 ? rc : 0) : knows_argv0(o, elf->interp, err);
}
