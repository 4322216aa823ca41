/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sets the interpreter and the library search path of an ELF file that is linked already, and lets
 * it need more libraries.  Nothing is written: the result is a patch (core/patch.h), which is laid
 * over the file while it is read.
 *
 *	struct ohc_elf_edit want = { .interp = "/openhands/lib/ld-linux-x86-64.so.2",
 *				     .rpath = "/openhands/lib:$ORIGIN/../lib" };
 *
 *	rc = ohc_elf_edit(&in, &want, &patch, err);
 *	if (rc == 1)
 *		... the file with `patch` ...
 *	ohc_patch_clear(&patch);
 *
 * Nothing is changed that is already as asked for, so editing a file twice is the same as once.
 * PT_INTERP is only changed where there is one.  The search path becomes DT_RPATH, also where it
 * was DT_RUNPATH: a RUNPATH does not count for the libraries of libraries, and hides the RPATHs of
 * the files above (ld.so(8)).
 *
 * How it is done.  A text that fits where the old one stands, and is no other text's end there, is
 * written over it.  Otherwise the file gets a tail that is loaded by a PT_LOAD of its own, at an
 * address above all others and with only the parts that changed: the interpreter's name, a copy of
 * the dynamic strings with the new one behind them, and the dynamic section when it has no entry to
 * spare.  Existing content keeps its offset and address, so nothing has to be relocated.
 *
 * The program header needs one more entry then.  It takes, in this order, a PT_NULL; a PT_NOTE that
 * repeats PT_GNU_PROPERTY; the space behind the table, from where notes and the interpreter's name
 * are moved to the tail; last, the table itself moves there.  Linux before 5.18 tells a program
 * where its header is as if it were in the first segment, so for programs the tail's offset in the
 * file is then made equal to its address, with zeros before it.
 *
 * A program can carry data behind everything that its tables name, which it looks for from the end
 * of the file: programs that bun, SBCL and other runtimes compile, archives that unpack themselves.
 * Nothing may follow that data. So then, and where a tail is impossible, the new parts go into
 * zeros that are loaded and belong to nothing (edit_holes.c), and the dynamic entry replaces one
 * that can be spared.  Where there is no such room either, the file cannot be edited.
 * (PyInstaller's programs search for their archive, and get a tail.)
 *
 * Section headers and symbols are adjusted, too: no loader reads them, but debuggers do.  Where the
 * program header moved, strip(1) and objcopy(1) break the result when they lay it out anew, so
 * strip before.
 *
 * A file that cannot be edited is OHC_E_UNSUPPORTED, a damaged one OHC_E_FORMAT; both name the
 * file.
 */
#ifndef OHC_LAYOUT_ELF_EDIT_H
#define OHC_LAYOUT_ELF_EDIT_H

#include "layout/elf/elf.h"
#include "core/patch.h"

struct ohc_elf_edit {
	const char *interp;            /* NULL: as it is */
	const char *rpath;             /* NULL: as it is; else not empty */
	bool clear_exec_stack;         /* PT_GNU_STACK loses its X */
	const struct ohc_strv *needed; /* more DT_NEEDED, behind those that are there; or NULL */
};

/* 1: *ret is the patch; 0: nothing is to be changed, or nothing can be (no ELF file, a static
 * program, an object file); or a code. */
int ohc_elf_edit(const struct ohc_elf_input *in, const struct ohc_elf_edit *want,
		 struct ohc_patch *ret, struct ohc_error *err);
int ohc_elf_edit_memory(const void *data, size_t n, const char *name,
			const struct ohc_elf_edit *want, struct ohc_patch *ret,
			struct ohc_error *err);
int ohc_elf_edit_fd(int fd, const char *name, const struct ohc_elf_edit *want,
		    struct ohc_patch *ret, struct ohc_error *err);

#endif
