/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The facts of files, found while their layer is read (layout/rootfs/scan.h's hook) and kept in its
 * index: of ELF files what a loader must know, the head of a Python distribution's METADATA, the
 * header of Python's bytecode.  The same bytes are made of files in a directory
 * (layout/files/facts_of_dir.h).
 *
 *	struct ohc_peek_options o = { .hook = &ohc_facts_hook, … };
 *	...
 *	ohc_facts_read(place.file.facts, place.file.n_facts, &facts);
 */
#ifndef OHC_LAYOUT_FILES_FACTS_H
#define OHC_LAYOUT_FILES_FACTS_H

#include "layout/rootfs/scan.h"
#include "layout/elf/elf.h"

extern const struct ohc_scan_hook ohc_facts_hook;

enum ohc_facts_kind {
	OHC_FACTS_NONE,
	OHC_FACTS_ELF,     /* elf */
	OHC_FACTS_DAMAGED, /* begins as an ELF file, and is damaged */
	OHC_FACTS_HIDDEN,  /* an ELF file that could not be read while it streamed by */
	OHC_FACTS_TEXT,    /* text: the file's first bytes */
};

struct ohc_facts {
	enum ohc_facts_kind kind;
	struct ohc_elf elf;
	const void *text; /* borrowed from what was read */
	size_t n_text;
};

/* How much of a file's beginning is kept as text. */
struct ohc_facts_text {
	size_t max;
	bool head; /* only up to the first empty line: METADATA's description follows it */
};

/* Reads the facts that the hook wrote; OHC_FACTS_NONE for anything else.  The caller clears
 * them. */
void ohc_facts_read(const void *bytes, size_t n, struct ohc_facts *ret);
void ohc_facts_clear(struct ohc_facts *facts);

/* The kind alone: what follows it may be damaged. */
enum ohc_facts_kind ohc_facts_kind_of(const void *bytes, size_t n);

/* Encodes facts as bytes. */
void ohc_facts_encode_elf(int rc, const struct ohc_elf *elf, struct ohc_buf *ret);
void ohc_facts_encode_text(const struct ohc_facts_text *of, const void *text, size_t n,
			   struct ohc_buf *ret);

/* Can the file be of interest at all?  By name and mode, so that tens of thousands of others need
 * not be opened: programs, libraries (.so, .node), and files whose text is kept. */
bool ohc_facts_wanted(const char *path, mode_t mode);

/* The same for a file that is no ELF file, by its first n bytes.  Of one that should be ELF (a Git
 * LFS pointer in place of a library) a few bytes are kept that show it. */
const struct ohc_facts_text *ohc_facts_text_wanted(const char *path, mode_t mode, const void *head,
						   size_t n);

#endif
