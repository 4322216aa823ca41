/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds and adds a payload's own libraries: those that all its programs and libraries load, found
 * as their loader would find it in the root that they come from, each once, flat, in PREFIX/lib,
 * with the loader itself (docs/design.md, "A payload that runs anywhere").
 *
 *	o = ohc_closure_new("/openhands", root, "debian");
 *	rc = ohc_closure_object(o, &object, &patch, err);	for each ELF file of the payload:
 *								how its bytes change
 *	rc = ohc_closure_find(o, assembly, &faults, err);	when all are in it, or below it
 *	... ohc_closure_list(o, &n) ...
 *	rc = ohc_closure_add(o, assembly, err);
 *	ohc_closure_free(o);
 *
 * A program gets PREFIX/lib/LOADER as its interpreter, and a DT_RPATH: the directories of its own
 * search path that are in the payload, too (relative ones, $ORIGIN, and those of its own tree),
 * then PREFIX/lib, which stands for the root's directories.  So does a library that has a RUNPATH,
 * which would hide the program's RPATH, or directories of the root in its RPATH.  Any other library
 * is searched for by the program's RPATH, and stays as it is.
 *
 * A library that is needed is looked for in the payload, by the new search path of the file and of
 * those that load it, and else in the root, by the loader's rules.  A library of the root that is
 * in one of the payload's trees is not added twice: PREFIX/lib gets a symlink to it.  A library
 * that is not found is no fault where the payload has a file of that name anywhere (it is loaded by
 * its path, then), else it is OHC_E_NOT_FOUND, and the message names the file that needs it.  Two
 * libraries with one name and different content are OHC_E_FAILED, and the message names both; so is
 * a library that a tree brings to PREFIX/lib when a program from elsewhere needs another one of
 * that name.
 *
 * A program of PyInstaller's brings all its libraries but the C library's, unpacks them when it
 * starts and names their directory in LD_LIBRARY_PATH, which comes after an RPATH.  So its RPATH is
 * PREFIX/lib/pyinstaller, which has symlinks to the few libraries that it does not bring, and
 * nothing else of PREFIX/lib.
 *
 * glibc brings the files that it opens by name at run time: the name services libnss_files and
 * libnss_dns (where they are files of their own) and libnss_compat, libresolv, libgcc_s for the end
 * of threads, the gconv modules of the encodings that programs still meet, and the locale C.utf8,
 * where the payload has none.
 *
 * The loader and the C library look for these, and for libraries, in the payload and nowhere else:
 * the base's are for another version, and crash it.  The directories that they have compiled in are
 * replaced (repoint.c), musl's loader is told by PREFIX/etc/ld-musl-ARCH.path.
 */
#ifndef OHC_LAYOUT_CLOSURE_CLOSURE_H
#define OHC_LAYOUT_CLOSURE_CLOSURE_H

#include "core/faults.h"
#include "layout/layer/assembly.h"
#include "layout/files/files.h"
#include "layout/loader/loader.h"

struct ohc_closure;

/* root_dir is the root's directory on this machine, "" for "/".  root, root_dir and the facts of
 * objects must stay. */
struct ohc_closure *ohc_closure_new(const char *prefix, struct ohc_files *root,
				    const char *root_dir);
/* Where decisions are told; without it they are not. */
void ohc_closure_tell(struct ohc_closure *o, struct ohc_report *report);

void ohc_closure_free(struct ohc_closure *o);
void ohc_closure_freep(struct ohc_closure **o);

/* A directory or file of the root that a recipe copies, and its place below the prefix: files that
 * have the one compiled in are made to lead to the other, and so are sets.  Before the first
 * object. */
void ohc_closure_copied(struct ohc_closure *o, const char *from, const char *to);

/* An ELF file that goes into the payload. */
struct ohc_own_object {
	const char *to;   /* its path in the image */
	const char *path; /* in the root; NULL: it is not from there */
	const char *disk; /* on this machine */
	const struct ohc_elf *elf;
	/* Libraries that it opens by name, or sets of them: "chromium", "python"; or NULL. */
	const struct ohc_strv *dlopen;
};

/* Libraries that may be missing, as patterns of names (core/glob.h): trees bring files for machines
 * that have more.  The patterns must stay. */
void ohc_closure_optional(struct ohc_closure *o, const struct ohc_strv *patterns);

/* Converters for encodings that not every program meets, by words that are known and must stay. */
bool ohc_closure_knows_encodings(const char *word);
void ohc_closure_encodings(struct ohc_closure *o, const struct ohc_strv *words);

/* A library that goes beside those of PyInstaller's programs, and that they need: its name and its
 * bytes, which must stay.  Before the first object. */
void ohc_closure_thaw_with(struct ohc_closure *o, const char *name, const void *bytes, size_t n);

/* Remembers the object.  1: *ret is the patch for it; 0: it stays as it is; or a code. */
int ohc_closure_object(struct ohc_closure *o, const struct ohc_own_object *object,
		       struct ohc_patch *ret, struct ohc_error *err);

/* Of a program that cannot be edited (OHC_E_UNSUPPORTED): can the payload's loader start it?  1, 0
 * or a code. */
int ohc_closure_can_load(const struct ohc_closure *o, const struct ohc_elf *elf, const char *disk,
			 struct ohc_error *err);

/* Is a file a script of Node's, by its name?  Then ohc_closure_script() looks whether it asks the
 * base for the C library that the payload has.  1: *ret is the patch that lets it ask the payload;
 * 0; or a code. */
bool ohc_closure_is_script(const char *path);
int ohc_closure_script(struct ohc_closure *o, const char *disk, struct ohc_patch *ret,
		       struct ohc_error *err);

/* The same of a text file that a set tells of (sets.h): the patch leads it to what the payload has
 * of its directories, which come along. */
int ohc_closure_text(struct ohc_closure *o, const char *disk, struct ohc_patch *ret,
		     struct ohc_error *err);

/* Does a script lie in a directory of a set's, the rest of which it finds from where it is?  Then
 * that comes along.  1: *ret is the script's place below the prefix, which the caller frees; 0; or
 * a code. */
int ohc_closure_place(struct ohc_closure *o, const char *disk, char **ret, struct ohc_error *err);

/* Libraries that any program of the payload opens by name: names or sets, as above. */
void ohc_closure_open(struct ohc_closure *o, const struct ohc_strv *names);

/* Looks at a file or directory of the payload that is no object: it may belong to a set
 * (sets.h). */
void ohc_closure_see(struct ohc_closure *o, const char *path);

/* Directories of the root that programs of the payload open by name (sets.h), as far as they are
 * known yet: from its objects, and after a search from its libraries.  Who copies them adds their
 * objects, and searches again. */
struct ohc_own_tree {
	const char *set;
	const char *after; /* the pattern of one without which it is not wanted, or NULL */
	char *from, *to;   /* in the root; below the prefix */
};

const struct ohc_own_tree *ohc_closure_trees(const struct ohc_closure *o, size_t *ret_n);

/* Paths of the root that files of it have compiled in, and still have in the payload; of each the
 * first file. */
struct ohc_own_compiled {
	char *path, *by;
};

const struct ohc_own_compiled *ohc_closure_compiled(const struct ohc_closure *o, size_t *ret_n);

/* Settings of launchers that lead programs to these where what they have compiled in could not be
 * replaced.  After ohc_closure_add(). */
const struct ohc_strv *ohc_closure_settings(const struct ohc_closure *o);

/* Libraries that are missing or clash are added to faults.  May be called again when there are
 * more objects. */
int ohc_closure_find(struct ohc_closure *o, const struct ohc_assembly *payload,
		     struct ohc_faults *faults, struct ohc_error *err);

struct ohc_own_lib {
	char *name;      /* in PREFIX/lib */
	char *path;      /* in the root */
	char *needed_by; /* first: a file on this machine, or another library's name */
	const struct ohc_elf *elf;
	struct ohc_strv other_names; /* symlinks to it */
	char *link;                  /* where the payload has it already, or NULL */
};

const struct ohc_own_lib *ohc_closure_list(const struct ohc_closure *o, size_t *ret_n);

/* Adds the libraries that were found, patched. */
int ohc_closure_add(struct ohc_closure *o, struct ohc_assembly *assembly, struct ohc_error *err);

/* After that: does a library look at a place below the prefix by itself, so that no variable has to
 * lead it there?  "lib/locale". */
bool ohc_closure_leads_to(const struct ohc_closure *o, const char *to);

#endif
