// SPDX-License-Identifier: Apache-2.0
/* The libraries' way into the payload. */
#include <string.h>
#include <sys/stat.h>

#include "core/path.h"
#include "layout/closure/closure_internal.h"
#include "layout/loader/loader.h"

/* Encodings that programs meet besides UTF-8; the tables that name them come along. */
static const char *const gconv[] = { "gconv-modules",  "gconv-modules.d/gconv-modules-extra.conf",
				     "ANSI_X3.110.so", "CP1252.so",
				     "ISO8859-1.so",   "ISO8859-15.so",
				     "UTF-16.so",      "UTF-32.so",
				     "UTF-7.so" };

/* The files of a locale. */
static const char *const locale[] = {
	"LC_ADDRESS",     "LC_COLLATE",  "LC_CTYPE",     "LC_IDENTIFICATION",
	"LC_MEASUREMENT", "LC_MONETARY", "LC_NAME",      "LC_MESSAGES/SYS_LC_MESSAGES",
	"LC_NUMERIC",     "LC_PAPER",    "LC_TELEPHONE", "LC_TIME"
};

/* A file of the root, if it is there: 1, 0 or a code. */
static int add_file(struct ohc_closure *o, struct ohc_assembly *b, const char *from, const char *to,
		    const struct ohc_elf *elf, struct ohc_error *err)
{
	ohc_cleanup(ohc_files_place_clear) struct ohc_files_place place = { .path = NULL };
	ohc_cleanup(ohc_patch_clear) struct ohc_patch patch = OHC_PATCH_INIT;
	ohc_cleanup(ohc_freep) char *disk = NULL;
	int rc = ohc_files_find(o->root, from, OHC_FILES_FOLLOW, &place, err);

	if (rc < 0 || place.found != OHC_FILES_THERE || !S_ISREG(place.node.mode))
		return rc;
	disk = ohc_xasprintf("%s%s", o->root_dir, place.path);
	rc = elf ? ohc_closure_patch(o, elf, disk, NULL, NULL, &patch, err) : 0;
	if (rc < 0)
		return rc;
	rc = ohc_assembly_file(b,
			       &(struct ohc_assembly_item){ to, place.node.mode & 0755,
							    place.node.mtime, disk, NULL, 0 },
			       &(struct ohc_content){ .kind = OHC_CONTENT_FILE, .path = disk },
			       rc == 1 ? &patch : NULL, err);
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
		rc = add_file(o, b, l->path, to, l->elf, err);

	for (size_t i = 0; rc >= 0 && i < l->other_names.n; i++) {
		ohc_cleanup(ohc_freep) char *name =
			ohc_xasprintf("%s/%s", o->dir, l->other_names.v[i]);

		rc = ohc_assembly_symlink(
			b, &(struct ohc_assembly_item){ name, 0777, 0, l->path, NULL, 0 }, l->name,
			err);
	}
	return rc < 0 ? rc : 0;
}

/* Beside the C library; where /lib is no symlink, /lib/x is only that of /usr/lib/x which is needed
 * before /usr is there. */
static int add_gconv(struct ohc_closure *o, struct ohc_assembly *b, const char *libc,
		     struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *beside = ohc_path_parent(libc);
	ohc_cleanup(ohc_freep) char *dir = ohc_xasprintf("%s/gconv", beside);
	int rc = ohc_files_is(o->root, dir, S_IFDIR, err);

	if (rc == 0) {
		free(dir);
		dir = ohc_xasprintf("/usr%s/gconv", beside);
	}
	for (size_t i = 0; rc >= 0 && i < OHC_ARRAY_SIZE(gconv); i++) {
		ohc_cleanup(ohc_freep) char *from = ohc_xasprintf("%s/%s", dir, gconv[i]);
		ohc_cleanup(ohc_freep) char *to = ohc_xasprintf("%s/gconv/%s", o->dir, gconv[i]);

		rc = add_file(o, b, from, to, NULL, err);
	}
	return rc < 0 ? rc : 0;
}

/* Without one, programs that want UTF-8 do not start on a base that has none (tmux), and others
 * take all text for ASCII.  glibc reads it by the name that Debian gives it now, whatever it
 * was. */
static int add_locale(struct ohc_closure *o, struct ohc_assembly *b, struct ohc_error *err)
{
	static const char *const dirs[] = { "/usr/lib/locale/C.utf8", "/usr/lib/locale/C.UTF-8" };
	ohc_cleanup(ohc_freep) char *dir = ohc_xasprintf("%s/locale/C.utf8", o->dir);
	int there = 0, rc = 0;

	if (ohc_assembly_find(b, dir).mode != 0)
		return 0;
	for (size_t i = 0; there == 0 && i < OHC_ARRAY_SIZE(dirs); i++)
		for (size_t k = 0; rc >= 0 && k < OHC_ARRAY_SIZE(locale); k++) {
			ohc_cleanup(ohc_freep) char *from =
				ohc_xasprintf("%s/%s", dirs[i], locale[k]);
			ohc_cleanup(ohc_freep) char *to = ohc_xasprintf("%s/%s", dir, locale[k]);

			rc = add_file(o, b, from, to, NULL, err);
			there += rc > 0;
		}
	return rc < 0 ? rc : 0;
}

static int add_of_glibc(struct ohc_closure *o, struct ohc_assembly *b, const char *libc,
			struct ohc_error *err)
{
	int rc = add_gconv(o, b, libc, err);

	return rc < 0 ? rc : add_locale(o, b, err);
}

int ohc_closure_add(struct ohc_closure *o, struct ohc_assembly *assembly, struct ohc_error *err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < o->n; i++) {
		rc = add_lib(o, assembly, &o->v[i], err);
		if (rc == 0 && strcmp(o->v[i].name, "libc.so.6") == 0)
			rc = add_of_glibc(o, assembly, o->v[i].path, err);
	}
	return rc < 0 ? rc : ohc_closure_add_frozen(o, assembly, err);
}
