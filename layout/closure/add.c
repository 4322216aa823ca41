// SPDX-License-Identifier: Apache-2.0
/* Adds the libraries to the payload. */
#include <string.h>
#include <sys/stat.h>

#include "core/path.h"
#include "layout/closure/closure_internal.h"
#include "layout/loader/machine.h"

int ohc_closure_add_file(struct ohc_closure *o, struct ohc_assembly *b, const char *from,
			 const char *to, const struct ohc_elf *elf, struct ohc_error *err)
{
	ohc_cleanup(ohc_files_place_clear) struct ohc_files_place place = { .path = NULL };
	ohc_cleanup(ohc_patch_clear) struct ohc_patch patch = OHC_PATCH_INIT;
	ohc_cleanup(ohc_freep) char *disk = NULL;
	int rc = ohc_files_find(o->root, from, OHC_FILES_FOLLOW, &place, err);

	if (rc < 0 || place.found != OHC_FILES_THERE || !S_ISREG(place.node.mode))
		return rc;
	disk = ohc_xasprintf("%s%s", o->root_dir, place.path);
	rc = elf ? ohc_closure_patch(o, elf, disk, NULL, NULL, &patch, err) : 0;
	if (rc >= 0 && elf)
		rc = ohc_closure_repoint_lib(o, b, ohc_path_name(to), elf, disk, &patch, err);
	if (rc >= 0 && elf)
		rc = ohc_closure_meet(o, place.path, elf, disk, &patch, err);
	if (rc >= 0 && elf)
		rc = ohc_closure_look_for_paths(o, disk, &patch, err);
	if (rc < 0)
		return rc;
	rc = ohc_assembly_file(b,
			       &(struct ohc_assembly_item){ to, place.node.mode & 0755,
							    place.node.mtime, disk, NULL, 0 },
			       &(struct ohc_content){ .kind = OHC_CONTENT_FILE, .path = disk },
			       patch.n ? &patch : NULL, err);
	return rc < 0 ? rc : 1;
}

static int add_lib(struct ohc_closure *o, struct ohc_assembly *b, const struct ohc_own_lib *l,
		   struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *to = ohc_xasprintf("%s/%s", o->dir, l->name);
	int rc;

	if (l->link)
		rc = ohc_assembly_symlink(
			b, &(struct ohc_assembly_item){ to, 0777, 0, l->path, NULL, 0 }, l->link,
			err);
	else
		rc = ohc_closure_add_file(o, b, l->path, to, l->elf, err);

	for (size_t i = 0; rc >= 0 && i < l->other_names.n; i++) {
		ohc_cleanup(ohc_freep) char *name =
			ohc_xasprintf("%s/%s", o->dir, l->other_names.v[i]);

		rc = ohc_assembly_symlink(
			b, &(struct ohc_assembly_item){ name, 0777, 0, l->path, NULL, 0 }, l->name,
			err);
	}
	return rc < 0 ? rc : 0;
}

/* Its loader is the C library; Alpine's goes by both names. */
static bool is_musl(const struct ohc_own_lib *l)
{
	bool is = strncmp(l->name, "ld-musl-", 8) == 0;

	for (size_t i = 0; i < l->other_names.n; i++)
		is |= strncmp(l->other_names.v[i], "ld-musl-", 8) == 0;
	return is;
}

/* Where musl's loader looks for libraries, besides a program's own search path. */
static int add_musl_path(struct ohc_closure *o, struct ohc_assembly *b, const struct ohc_own_lib *l,
			 struct ohc_error *err)
{
	const struct ohc_machine *m = l->elf ? ohc_machine_of_elf(l->elf) : NULL;
	ohc_cleanup(ohc_freep) char *path = NULL, *text = ohc_xasprintf("%s\n", o->dir);

	if (!m)
		return 0;
	path = ohc_xasprintf("%s/%s", o->prefix, m->musl_path);
	return ohc_assembly_file(b, &(struct ohc_assembly_item){ path, 0644, 0, l->path, NULL, 0 },
				 &(struct ohc_content){ .kind = OHC_CONTENT_BYTES,
							.bytes = text,
							.size = strlen(text) },
				 NULL, err);
}

/* The loader under the name that the adapter layer looks for. */
static int add_unpacked(const struct ohc_closure *o, struct ohc_assembly *b, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *path = NULL, *target = NULL;

	if (!o->unpacks)
		return 0;
	if (!ohc_strv_has(&o->repointed, "lib/"))
		ohc_report_say(o->report, OHC_WARNING,
			       "programs that are unpacked find no library on a base without that "
			       "loader: the prefix '%s' is too long to be compiled into it",
			       o->prefix);
	path = ohc_xasprintf("%s/" OHC_CLOSURE_UNPACKED "/%s", o->dir, o->unpacks);
	target = ohc_xasprintf("../%s", o->unpacks);
	return ohc_assembly_symlink(
		b, &(struct ohc_assembly_item){ path, 0777, 0, o->unpacks, NULL, 0 }, target, err);
}

int ohc_closure_add(struct ohc_closure *o, struct ohc_assembly *assembly, struct ohc_error *err)
{
	int rc = ohc_closure_add_data(o, assembly, err);

	if (rc == 0)
		rc = ohc_closure_add_asked(o, assembly, err);
	for (size_t i = 0; rc == 0 && i < o->n; i++) {
		rc = add_lib(o, assembly, &o->v[i], err);
		if (rc == 0 && is_musl(&o->v[i]))
			rc = add_musl_path(o, assembly, &o->v[i], err);
	}
	if (rc == 0)
		rc = add_unpacked(o, assembly, err);
	if (rc == 0)
		rc = ohc_closure_add_shorts(o, assembly, err);
	return rc < 0 ? rc : ohc_closure_add_frozen(o, assembly, err);
}
