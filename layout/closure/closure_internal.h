/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by the files of layout/closure/closure.h. */
#ifndef OHC_LAYOUT_CLOSURE_CLOSURE_INTERNAL_H
#define OHC_LAYOUT_CLOSURE_CLOSURE_INTERNAL_H

#include "core/alloc.h"
#include "core/set.h"
#include "layout/closure/closure.h"
#include "layout/elf/derived.h"

struct ohc_own_object_kept {
	char *to, *path, *disk;
	const struct ohc_elf *elf;
	struct ohc_strv dlopen, maybe; /* what must be there, and what need not */
};

/* A path that a file has compiled in, and what it is to be (repoint.c). */
struct ohc_own_path {
	const char *old;
	/* Below the prefix, with a final / where the old one has it; "": nothing is there. */
	const char *to;
	const char *nowhere; /* below /dev, where to does not fit: nothing is there; or NULL */
	bool whole;          /* not the beginning of a longer path */
	bool listed;         /* an element of a list, too */
	bool padded;         /* behind it NULs make room for a longer one */
	bool yields;         /* what is to change already does so in that way */
};

/* A directory or file of the root that a recipe copies, and where it goes, below the prefix. */
struct ohc_own_copy {
	char *from, *to;
};

/* A symlink in the prefix that stands for a longer path. */
struct ohc_own_short {
	char *name, *to;
};

/* A file of this machine in memory. */
struct ohc_mapped_file {
	unsigned char *data; /* NULL where it is empty */
	size_t n;
};

int ohc_closure_map(const char *disk, struct ohc_mapped_file *ret, struct ohc_error *err);
void ohc_closure_unmap(struct ohc_mapped_file *f);

/* A piece of a text in a file's code: where it is, which part of the text, and where the code is
 * that moves it. */
struct ohc_own_piece {
	size_t at, from, n, code;
};

/* Finds a text that a file has in pieces in its code, and says how many those are.  The caller
 * frees *ret. */
size_t ohc_closure_find_inlined(const struct ohc_mapped_file *f, const char *text,
				struct ohc_own_piece **ret);

/* Has a file of this machine one of the texts in it?  1, 0 or a code. */
int ohc_closure_has_text(const char *disk, const char *const *texts, size_t n,
			 struct ohc_error *err);

struct ohc_closure {
	char *prefix, *dir; /* dir: PREFIX/lib */
	struct ohc_files *root;
	char *root_dir;
	struct ohc_loader *libs;

	struct ohc_own_object_kept *objects;
	size_t n_objects;

	struct ohc_own_lib *v;
	size_t n;

	/* Where there are programs of PyInstaller's: the libraries that they need of the root for
	 * those that they unpack, and all that they may use from PREFIX/lib. */
	struct ohc_strv unfrozen, frozen;
	struct ohc_strv frozen_needs; /* all that such a program needs besides its own */
	const char *helper;           /* a library that is given to them, or NULL */
	const void *helper_bytes;
	size_t helper_size;

	/* The libraries for files that are not from the root, as if one program without a search
	 * path, `bare`, had loaded all. */
	struct ohc_loader_set rootless;
	struct ohc_elf bare;
	struct ohc_strv opened, may_open; /* like dlopen and maybe, for any program */

	struct ohc_report *report;
	const struct ohc_strv *encodings; /* words for more of them, or NULL */
	const struct ohc_strv *optional;  /* patterns of libraries that may be missing, or NULL */
	struct ohc_strv repointed;        /* places below the prefix that are compiled in now */
	struct ohc_strv unfit;            /* … and those that are too long for that */
	struct ohc_strv met;              /* names of sets that came along */
	struct ohc_strv settings;         /* of launchers, where what is compiled in stays */
	struct ohc_own_tree *trees;
	size_t n_trees, n_found;     /* n_found: objects that were searched for */
	struct ohc_own_copy *copies; /* the longest first */
	size_t n_copies;
	struct ohc_own_compiled *compiled;
	size_t n_compiled;
	char *unpacks; /* the loader of programs that programs unpack, or NULL */
	bool asked;    /* scripts ask the payload for its C library (script.c) */
	struct ohc_own_short *shorts;
	size_t n_shorts;

	/* While it is searched. */
	const struct ohc_assembly *payload;
	struct ohc_faults *faults;
	struct ohc_set *told; /* missing libraries, by name */
};

/* Finds the parts of a file's search path that stay when it goes from the root's `from` (or NULL)
 * to the payload's `to`: relative ones ($ORIGIN), and directories that go into the payload with
 * it. */
void ohc_closure_paths(const struct ohc_closure *o, const struct ohc_elf *elf, const char *from,
		       const char *to, struct ohc_strv *ret);

/* Where terminals are described, below the prefix. */
#define OHC_CLOSURE_TERMINALS "share/terminfo"

/* Where OpenSSL's configuration is, below the prefix. */
#define OHC_CLOSURE_OPENSSL "etc/ssl"

/* The directory with the loader that the adapter layer links to for what programs unpack, below
 * PREFIX/lib. */
#define OHC_CLOSURE_UNPACKED "unpacked"

/* The directory that PyInstaller's programs search, below PREFIX/lib. */
#define OHC_CLOSURE_FROZEN "pyinstaller"

/* Makes the patch for a file.  to NULL: it goes to PREFIX/lib, and its search path changes for
 * that. */
int ohc_closure_patch(const struct ohc_closure *o, const struct ohc_elf *elf, const char *disk,
		      const char *from, const char *to, struct ohc_patch *ret,
		      struct ohc_error *err);

/* Remembers the paths of the root that a file of it has compiled in, but for those that the patch
 * replaces. */
int ohc_closure_look_for_paths(struct ohc_closure *o, const char *disk,
			       const struct ohc_patch *patch, struct ohc_error *err);

/* The set of a name, or NULL (sets.h). */
const struct ohc_own_set *ohc_closure_set(const char *name);

/* Takes what the sets say of a file of the root: directories, libraries; with a patch, adds to that
 * what leads the file to them.  path NULL: it is from elsewhere, and has no directory of the root
 * compiled in. */
int ohc_closure_meet(struct ohc_closure *o, const char *path, const struct ohc_elf *elf,
		     const char *disk, struct ohc_patch *patch, struct ohc_error *err);

/* Where a path of the root is below the prefix, where the recipe copies it: "." is the prefix
 * itself.  NULL where it does not.  The caller frees it. */
char *ohc_closure_copy_of(const struct ohc_closure *o, const char *path);

/* Adds what leads a file of the root to what the recipe copies. */
int ohc_closure_lead_to_copies(struct ohc_closure *o, const char *disk, struct ohc_patch *patch,
			       struct ohc_error *err);

/* Is it a directory that a program has of its own, which a base need not have (compiled.c)? */
bool ohc_closure_is_of_interest(const char *path);

/* Changes a patch what is at that offset? */
bool ohc_closure_is_patched(const struct ohc_patch *patch, uint64_t at);

/* May it be part of a path, as programs name theirs? */
bool ohc_closure_is_path_char(unsigned char c);

/* Lets the paths that a file has compiled in lead into the payload: adds to *ret, and says how many
 * did; or a code.  Then ohc_closure_add_shorts() has symlinks to add. */
int ohc_closure_repoint(struct ohc_closure *o, const char *disk, const struct ohc_own_path *paths,
			size_t n, struct ohc_patch *ret, struct ohc_error *err);
int ohc_closure_add_shorts(struct ohc_closure *o, struct ohc_assembly *b, struct ohc_error *err);

/* Paths in text files, and what they are to be, below the prefix (written.c). */
struct ohc_written {
	struct ohc_written_path {
		char *old, *to;
	} * v;
	size_t n;
};

void ohc_closure_written_add(struct ohc_written *w, const char *old, const char *to);
void ohc_closure_written_clear(struct ohc_written *w);

/* 1: *ret is the patch for a file that has them; 0; or a code. */
int ohc_closure_write(const struct ohc_closure *o, const char *disk, const struct ohc_written *w,
		      struct ohc_patch *ret, struct ohc_error *err);

/* Adds what glibc and ncurses find by its name: converters, the locale, terminals. */
int ohc_closure_add_data(struct ohc_closure *o, struct ohc_assembly *b, struct ohc_error *err);

/* A file of the root, if it is there: 1, 0 or a code.  Of a library its elf, else NULL. */
int ohc_closure_add_file(struct ohc_closure *o, struct ohc_assembly *b, const char *from,
			 const char *to, const struct ohc_elf *elf, struct ohc_error *err);

/* The same of a library of the closure, by its name, where b has what it is to find. */
int ohc_closure_repoint_lib(struct ohc_closure *o, const struct ohc_assembly *b, const char *name,
			    const struct ohc_elf *elf, const char *disk, struct ohc_patch *ret,
			    struct ohc_error *err);

/* Makes an empty loader set, for files of elf's architecture; ret_bare must stay as long. */
void ohc_closure_bare(const struct ohc_elf *elf, struct ohc_elf *ret_bare,
		      struct ohc_loader_set *ret);

/* Finds the parts of the C library for PyInstaller's programs. */
int ohc_closure_thaw(struct ohc_closure *o, const struct ohc_elf *elf, struct ohc_error *err);

/* The root's `other` is needed under the name that l has: OHC_E_FAILED where they differ. */
int ohc_closure_check_same(const struct ohc_closure *o, const struct ohc_own_lib *l,
			   const struct ohc_lib *other, const char *needed_by,
			   struct ohc_error *err);

/* The same for the payload's file at `path`, which `by` finds before the root's. */
int ohc_closure_check_own(const struct ohc_closure *o, const struct ohc_lib *lib, const char *path,
			  const struct ohc_own_object_kept *by, struct ohc_error *err);

/* Adds the libraries that c got since it had `from` of them and `missing` missing ones; first is
 * the program that needs them, c->v[0]. */
int ohc_closure_take(struct ohc_closure *o, const struct ohc_loader_set *c, size_t from,
		     size_t missing, const struct ohc_own_object_kept *first,
		     struct ohc_error *err);

/* Has the payload a file of the name anywhere?  It may be loaded by its path. */
bool ohc_closure_has(const struct ohc_closure *o, const char *name);

/* Loads the libraries that one of the payload's files opens into c, and those of
 * ohc_closure_open(). */
int ohc_closure_take_opened(struct ohc_closure *o, struct ohc_loader_set *c,
			    const struct ohc_own_object_kept *k, struct ohc_error *err);
int ohc_closure_find_opened(struct ohc_closure *o, struct ohc_error *err);

/* Adds what scripts ask for it. */
int ohc_closure_add_asked(struct ohc_closure *o, struct ohc_assembly *b, struct ohc_error *err);

int ohc_closure_add_frozen(struct ohc_closure *o, struct ohc_assembly *b, struct ohc_error *err);

#endif
