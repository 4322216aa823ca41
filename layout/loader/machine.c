// SPDX-License-Identifier: Apache-2.0
#include "layout/loader/machine.h"

#include <string.h>
#include <sys/stat.h>

#include "core/alloc.h"

#define MUSL(arch) "etc/ld-musl-" arch ".path", "/lib/ld-musl-" arch ".so.1"

static const struct ohc_machine machines[] = {
	{ "amd64", "x86_64-linux-gnu", "lib64", "x86_64", MUSL("x86_64"),
	  "/lib64/ld-linux-x86-64.so.2" },
	{ "386", "i386-linux-gnu", "lib", "i686", MUSL("i386"), "/lib/ld-linux.so.2" },
	{ "arm64", "aarch64-linux-gnu", "lib64", "aarch64", MUSL("aarch64"),
	  "/lib/ld-linux-aarch64.so.1" },
	{ "arm", "arm-linux-gnueabihf", "lib", "v7l", MUSL("armhf"), "/lib/ld-linux-armhf.so.3" },
	{ "riscv64", "riscv64-linux-gnu", "lib64", "", MUSL("riscv64"),
	  "/lib/ld-linux-riscv64-lp64d.so.1" },
	{ "ppc64le", "powerpc64le-linux-gnu", "lib64", "power8", MUSL("powerpc64le"),
	  "/lib64/ld64.so.2" },
	{ "ppc64", "powerpc64-linux-gnu", "lib64", "power8", MUSL("powerpc64"),
	  "/lib64/ld64.so.1" },
	{ "s390x", "s390x-linux-gnu", "lib64", "z900", MUSL("s390x"), "/lib/ld64.so.1" },
	{ "loong64", "loongarch64-linux-gnu", "lib64", "", MUSL("loongarch64"),
	  "/lib64/ld-linux-loongarch-lp64d.so.1" },
	{ "mips64le", "mips64el-linux-gnuabi64", "lib64", "mips", MUSL("mips64el"),
	  "/lib64/ld.so.1" },
	{ "mipsle", "mipsel-linux-gnu", "lib", "mips", MUSL("mipsel"), "/lib/ld.so.1" },
	{ "mips", "mips-linux-gnu", "lib", "mips", MUSL("mips"), "/lib/ld.so.1" },
};

/* ARM EABI, "Hardware floating-point ABI" */
#define EF_ARM_ABI_FLOAT_SOFT 0x200

static const struct ohc_machine arm_soft = { "arm", "arm-linux-gnueabi", "lib",
					     "v7l", MUSL("arm"),         "/lib/ld-linux.so.3" };

const struct ohc_machine *ohc_machine_of_arch(const char *arch)
{
	for (size_t i = 0; i < OHC_ARRAY_SIZE(machines); i++)
		if (strcmp(machines[i].arch, arch) == 0)
			return &machines[i];
	return NULL;
}

const struct ohc_machine *ohc_machine_of_elf(const struct ohc_elf *elf)
{
	const char *arch = ohc_elf_arch(elf);

	if (!arch)
		return NULL;
	if (strcmp(arch, "arm") == 0 && elf->flags & EF_ARM_ABI_FLOAT_SOFT)
		return &arm_soft;
	return ohc_machine_of_arch(arch);
}

const char *ohc_machine_loader(const struct ohc_machine *m, enum ohc_libc libc)
{
	switch (libc) {
	case OHC_LIBC_GLIBC:
		return m->glibc;
	case OHC_LIBC_MUSL:
		return m->musl;
	case OHC_LIBC_UNKNOWN:
		break;
	}
	return NULL;
}

/* The walk over a directory with loaders. */
struct loaders {
	struct ohc_files *files;
	const char *dir;
	enum ohc_libc libc;
};

/* Looks for interpreters' names, so that variants count that the table does not have. */
static int look_at_loader(void *ctx, const char *name, const struct ohc_files_node *node,
			  struct ohc_error *err)
{
	struct loaders *l = ctx;
	enum ohc_libc libc = ohc_elf_libc_of_interp(name);
	ohc_cleanup(ohc_freep) char *path = NULL;
	int rc;

	(void)node;
	if (libc == OHC_LIBC_UNKNOWN || l->libc == OHC_LIBC_MUSL)
		return 0;
	path = ohc_xasprintf("%s/%s", l->dir, name);
	rc = ohc_files_is(l->files, path, S_IFREG, err);
	if (rc > 0)
		l->libc = libc;
	return rc < 0 ? rc : 0;
}

int ohc_machine_libc_of(struct ohc_files *files, enum ohc_libc *ret, struct ohc_error *err)
{
	static const char *const dirs[] = { "/lib", "/lib64" };
	struct loaders l = { files, NULL, OHC_LIBC_UNKNOWN };
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < OHC_ARRAY_SIZE(dirs); i++) {
		l.dir = dirs[i];
		rc = ohc_files_list(files, l.dir, look_at_loader, &l, err);
	}
	if (rc < 0)
		return rc;
	*ret = l.libc;
	return 0;
}
