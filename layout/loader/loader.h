/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds what a program loads when it starts, as its loader would, in a tree of files
 * (layout/files/files.h) and without running anything.
 *
 *	libs = ohc_loader_new(files);
 *	rc = ohc_loader_start(libs, "/openhands/bin/tmux", &c, err);
 *	for (i = 0; i < c.n; i++)
 *		... c.v[i].real: the program, its loader, each library once ...
 *	for (i = 0; i < c.n_missing; i++)
 *		... c.missing[i] ...
 *	rc = ohc_loader_add(libs, &c, "libsoftokn3.so", 0, err);	what it will dlopen()
 *	ohc_loader_set_clear(&c);
 *	ohc_loader_free(libs);
 *
 * glibc (elf/dl-load.c; ld.so(8)): a name with a '/' is a path.  Any other is looked for among what
 * is loaded already, by soname or by the name it was asked for; then in the DT_RPATH of who needs
 * it and of those that needed that one, up to the program, unless the first has a DT_RUNPATH (of
 * any that has both, only RUNPATH counts); then in LD_LIBRARY_PATH, if ohc_loader_env() set one;
 * then in its own DT_RUNPATH; then by /etc/ld.so.cache; then in the default directories, unless
 * DF_1_NODEFLIB.  $ORIGIN, $LIB, $PLATFORM are replaced.  A file of another architecture is
 * skipped.  The cache has the libraries that were there when ldconfig ran, so never a payload's.
 * The loader that layout/closure gives a payload searches neither cache nor default directories.
 *
 * musl (ldso/dynlink.c): "libc.", "libm." and their like are the loader itself.  Any other name is
 * looked for in LD_LIBRARY_PATH, then in the RUNPATH or RPATH of who needs it and of all above,
 * then in PREFIX/etc/ld-musl-ARCH.path, or /lib, /usr/local/lib, /usr/lib.  The first file of the
 * name counts, even when it is no library.  Versions are not checked.
 */
#ifndef OHC_LAYOUT_LOADER_LOADER_H
#define OHC_LAYOUT_LOADER_LOADER_H

#include "layout/elf/derived.h"
#include "layout/files/files.h"

struct ohc_loader;

struct ohc_lib {
	char *name;                /* as it was asked for */
	char *path;                /* as the loader found it; $ORIGIN is its directory */
	char *real;                /* without symlinks */
	const struct ohc_elf *elf; /* NULL where nothing is known of the file */
	size_t parent;             /* who asked first; its own index for the program */
};

enum ohc_missing_why {
	OHC_MISSING_FILE,    /* there is none of that name where it is looked for */
	OHC_MISSING_LOADER,  /* as above: the interpreter */
	OHC_MISSING_ARCH,    /* `found` is for another architecture */
	OHC_MISSING_NO_ELF,  /* `found` is no ELF file, or a damaged one */
	OHC_MISSING_NO_LIB,  /* `found` is an ELF file of another kind: a program, an object file */
	OHC_MISSING_VERSION, /* `found` does not have the version `name` */
};

struct ohc_missing {
	enum ohc_missing_why why;
	char *name;
	char *needed_by; /* its path */
	char *found;     /* or NULL */
};

/* v[0] is the program; v[1] its loader, when it has one that is there. */
struct ohc_loader_set {
	struct ohc_lib *v;
	size_t n;
	struct ohc_missing *missing;
	size_t n_missing;
	enum ohc_libc libc;
};

#define OHC_LOADER_SET_INIT \
	{                   \
		.v = NULL   \
	}

/* files must stay as long as the loader. */
struct ohc_loader *ohc_loader_new(struct ohc_files *files);
void ohc_loader_free(struct ohc_loader *libs);
void ohc_loader_freep(struct ohc_loader **libs);

/* The value of LD_LIBRARY_PATH where the programs start; NULL: it is not set. */
void ohc_loader_env(struct ohc_loader *libs, const char *library_path);

/* Finds the program (or a library, as if it were one) at a path and all that it needs.  1, or 0
 * where the path names no ELF file of which something is known; *ret is empty then.  A missing
 * library is no failure. */
int ohc_loader_start(struct ohc_loader *libs, const char *path, struct ohc_loader_set *ret,
		     struct ohc_error *err);

/* Makes the set of a program that is not in the tree, for ohc_loader_add(): v[0] stands for it.
 * elf describes it, and must stay. */
void ohc_loader_bare(const struct ohc_elf *elf, enum ohc_libc libc, struct ohc_loader_set *ret);

/* Adds what c->v[by] opens by name or path, and all that it needs. */
int ohc_loader_add(struct ohc_loader *libs, struct ohc_loader_set *c, const char *name, size_t by,
		   struct ohc_error *err);

/* Drops what was added since the set had n libraries and n_missing missing ones. */
void ohc_loader_set_truncate(struct ohc_loader_set *c, size_t n, size_t n_missing);
void ohc_loader_set_clear(struct ohc_loader_set *c);

/* Is it of the driver of the machine that runs a program, so that no image has it? */
bool ohc_loader_is_driver(const char *name);

/* Adds the directories in which systems keep libraries for files like elf. */
void ohc_loader_default_dirs(const struct ohc_elf *elf, struct ohc_strv *ret);

/* Adds the directories of a DT_RPATH or DT_RUNPATH of a file in the directory origin.  Those that
 * are not absolute depend on where the program is started, and are left out. */
void ohc_loader_expand(const char *paths, const char *origin, const struct ohc_elf *elf,
		       enum ohc_libc libc, struct ohc_strv *ret);

#endif
