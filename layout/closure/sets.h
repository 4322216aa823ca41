/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tells what programs open by name, which no file says: libraries, and directories with the rest of
 * them that they have compiled in.  A table of sets, one a kind of program; sets.c has it, meet.c
 * takes from it what belongs to a file on its way into the payload.
 */
#ifndef OHC_LAYOUT_CLOSURE_SETS_H
#define OHC_LAYOUT_CLOSURE_SETS_H

#include <stdbool.h>
#include <stddef.h>

#define OHC_SET_FILES 6
#define OHC_SET_LIBS  14
#define OHC_SET_PATHS 10

/* A directory or file of the root that comes along, and what leads to it. */
struct ohc_own_set_path {
	/* In the root: "%m" is its machine ("x86_64-linux-gnu"), '*' any one name. */
	const char *from;
	/* Below the prefix; with the name that '*' was in the place of a '*', and the prefix,
	 * without its first '/', in that of "%p".  "": the text is emptied, and what it leads to is
	 * found by PATH. */
	const char *to;
	const char
		*text; /* what is compiled in, where that is not `from`; then nothing is copied */
	bool begins;   /* the text is the beginning of longer ones, too */
	bool listed;   /* it is an element of a list, too, as "/a:/b" or "/a /b" */
	bool padded;   /* behind it are NULs, which a longer one may take */
	bool led_to;   /* nothing is compiled in: what leads to another directory leads to it */
	bool named;    /* '*' stands for the names that the file has compiled in there */
	bool of_name;  /* '*' stands only for what the file's own name has there, too */
	/* It comes along only where that one does, and no recipe copies it; or NULL. */
	const char *after;
	/* A launcher's setting where the text could not be replaced, or, with led_to, always; or
	 * NULL. */
	const char *setting;
};

struct ohc_own_set {
	const char *name;
	/* Names of files of the root that it is for, as in sh(1); NULL: only where a recipe says
	 * so. */
	const char *files[OHC_SET_FILES];
	/* The same of text files, scripts and others, that name its directories: in them, too,
	 * these are made to lead into the payload. */
	const char *texts[OHC_SET_FILES];
	/* A text goes behind the end of files whose path ends so, for what they ask the base by a
	 * path that is written nowhere as text. */
	struct {
		const char *of, *text;
	} ending;
	/* A text in programs that it is for, whatever their name; or NULL. */
	const char *text;
	/* A text in the unused bytes of the header of programs that it is for; or NULL. */
	const char *magic;
	/* They unpack programs that name the usual loader, and need these libraries. */
	bool unpacks;
	/* The end of a path in the payload, where it is no ELF file that tells: or NULL. */
	const char *path;
	bool maybe;                     /* libraries may be missing: not every root has all */
	const char *libs[OHC_SET_LIBS]; /* with '*' at the end, the highest version */
	struct ohc_own_set_path paths[OHC_SET_PATHS];
};

/* All of them. */
extern const struct ohc_own_set ohc_own_sets[];
extern const size_t ohc_own_sets_n;

#endif
