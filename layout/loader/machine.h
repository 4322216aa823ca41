/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The names that differ between architectures: where loaders lie, and where they look.
 *
 *	m = ohc_machine_of_arch("riscv64");
 *	if (m)
 *		... ohc_machine_loader(m, OHC_LIBC_GLIBC) ...	"/lib/ld-linux-riscv64-lp64d.so.1"
 *
 * Everything is static and need not be freed.  The sources are glibc's shlib-versions and
 * sysdeps/../ ldconfig.h, Debian's multiarch tuples, and musl's configure.
 */
#ifndef OHC_LAYOUT_LOADER_MACHINE_H
#define OHC_LAYOUT_LOADER_MACHINE_H

#include "layout/elf/derived.h"
#include "layout/files/files.h"

struct ohc_machine {
	const char *arch;      /* as ohc_elf_arch() */
	const char *multiarch; /* Debian's directory, "x86_64-linux-gnu" */
	const char *lib;       /* elsewhere: "lib64" or "lib" */
	const char *platform;  /* $PLATFORM of glibc's loader */
	const char *musl_path; /* where musl's loader has its directories from, below its prefix */
	const char *musl;      /* the path of musl's loader */
	const char *glibc;     /* the path of glibc's */
};

/* NULL where nothing is known of the machine.  "arm" means the variant with hardware floating
 * point. */
const struct ohc_machine *ohc_machine_of_elf(const struct ohc_elf *elf);
const struct ohc_machine *ohc_machine_of_arch(const char *arch);

/* The loader's path in programs of the machine that are linked with that libc; NULL for an unknown
 * libc. */
const char *ohc_machine_loader(const struct ohc_machine *machine, enum ohc_libc libc);

/* Finds the libc of a system by the loaders that are there, of any machine: musl where it has both
 * (gcompat's loader has glibc's name), unknown where it has none.  0, or a code. */
int ohc_machine_libc_of(struct ohc_files *files, enum ohc_libc *ret, struct ohc_error *err);

#endif
