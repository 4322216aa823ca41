/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by the files that check a payload's ELF files. */
#ifndef OHC_LAYOUT_CHECK_LIBS_INTERNAL_H
#define OHC_LAYOUT_CHECK_LIBS_INTERNAL_H

#include "core/set.h"
#include "layout/check/check_internal.h"
#include "layout/check/tally.h"
#include "layout/elf/derived.h"
#include "layout/loader/loader.h"

/* Something that is missing, and who needs it. */
struct lack {
	enum ohc_missing_why why;
	char *name;
	char *found;  /* or NULL */
	bool program; /* some program needs it */
	bool command; /* one of them is what the image starts */
	bool second;  /* only programs of a second architecture, of which there are few, need it */
	struct ohc_tally by;
};

struct payload_elfs {
	const struct ohc_check *c;
	struct ohc_loader *libs;
	struct ohc_strv programs, libraries;
	struct ohc_strv unknown; /* files that could not be looked at */
	struct ohc_set *loaded;  /* what programs load, by path */
	struct ohc_set *names;   /* see libs_names.c */
	size_t total;
	size_t dynamic, startable; /* programs that need a loader; that have it */
	bool has_libc[3];          /* of those that have it, and of the image: enum ohc_libc */
	bool own_loader;           /* … and some have the payload's */
	enum ohc_libc base_libc;   /* of the image */
	char *command;             /* what the image starts, or NULL */
	size_t second;             /* of another architecture that the machine runs */
	struct ohc_tally damaged, foreign, textrel, buried, other_libc, frozen;
	struct ohc_tally unstartable; /* programs whose loader the user may not execute */
	struct ohc_user user;
	struct ohc_tally stack, stack_libs; /* of programs, of libraries */
	struct ohc_tally outside; /* programs with the payload's loader and a library of the base */
	struct ohc_tally mixed;   /* programs with a loader and a libc of different sides */
	char *outside_lib, *mixed_lib;
	char foreign_arch[32];
	size_t libcs, strict; /* glibcs that programs get; that refuse executable stacks */
	struct lack *lacks;
	size_t n_lacks;
};

/* Notes the names of an object of the payload's, of a symlink in it, and of what a program loads
 * (libs_names.c). */
void ohc_check_libs_name(struct payload_elfs *x, const char *path, const struct ohc_elf *elf);
int ohc_check_libs_name_link(struct payload_elfs *x, const char *path, struct ohc_error *err);
void ohc_check_libs_name_loaded(struct payload_elfs *x, const struct ohc_loader_set *loaded);

/* Does any object for the same processor as elf have the name or version that is missing? */
bool ohc_check_libs_has(const struct payload_elfs *x, const struct ohc_elf *elf,
			const struct ohc_missing *m);

/* Adds the findings (libs_tell.c). */
int ohc_check_libs_tell(struct payload_elfs *x, struct ohc_error *err);

#endif
