/* SPDX-License-Identifier: Apache-2.0 */
/* What is found out about the payload's ELF files, and how it is told; of check_libs*.c. */
#ifndef OHC_LAYOUT_CHECK_LIBS_INTERNAL_H
#define OHC_LAYOUT_CHECK_LIBS_INTERNAL_H

#include "layout/check/check_internal.h"
#include "layout/loader/loader.h"

/* Something that is missing, and who needs it. */
struct ohc_check_lack {
	enum ohc_missing_why why;
	char *name;
	char *found;  /* or NULL */
	bool program; /* some program needs it */
	bool second;  /* only programs that few of the payload's are like need it, of another
		       * architecture that the image's machine runs as well */
	struct ohc_tally by;
};

struct ohc_check_elfs {
	const struct ohc_check *c;
	struct ohc_loader *libs;
	struct ohc_strv programs, libraries;
	struct ohc_strv hosts; /* programs that libraries are tried with */
	size_t total;
	size_t dynamic, startable; /* programs that need a loader; that have it */
	size_t second;             /* of another architecture that the machine runs */
	struct ohc_tally damaged, foreign, textrel;
	struct ohc_tally stack, stack_libs; /* of programs, of libraries */
	struct ohc_tally outside, mixed; /* programs with a loader of the payload or the base, and a
					  * library or a libc of the other */
	char *outside_lib, *mixed_lib;
	char foreign_arch[32];
	struct ohc_check_lack *lacks;
	size_t n_lacks;
};

void ohc_check_elfs_note(struct ohc_check_elfs *x, const char *path, const struct ohc_elf *elf);

/* What closure lacks, from the index `from` on. */
void ohc_check_elfs_missing(struct ohc_check_elfs *x, const struct ohc_loaded_set *closure,
			    size_t from, bool program);
void ohc_check_elfs_mixed(struct ohc_check_elfs *x, const struct ohc_loaded_set *closure);

int ohc_check_elfs_tell(struct ohc_check_elfs *x, struct ohc_error *err);

#endif
