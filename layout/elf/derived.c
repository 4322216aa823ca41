// SPDX-License-Identifier: Apache-2.0
#include "layout/elf/derived.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"

/* The names are those of `go tool dist list`, and reserved GOARCH values. */
static const struct arch {
	uint16_t machine;
	uint8_t bits;
	bool big;
	const char *name;
} archs[] = {
	{ 3, 32, 0, "386" },       { 62, 64, 0, "amd64" },   { 62, 32, 0, "amd64p32" },
	{ 40, 32, 0, "arm" },      { 40, 32, 1, "armbe" },   { 183, 64, 0, "arm64" },
	{ 183, 64, 1, "arm64be" }, { 20, 32, 1, "ppc" },     { 21, 64, 1, "ppc64" },
	{ 21, 64, 0, "ppc64le" },  { 22, 64, 1, "s390x" },   { 22, 32, 1, "s390" },
	{ 243, 64, 0, "riscv64" }, { 243, 32, 0, "riscv" },  { 8, 32, 1, "mips" },
	{ 8, 32, 0, "mipsle" },    { 8, 64, 1, "mips64" },   { 8, 64, 0, "mips64le" },
	{ 258, 64, 0, "loong64" }, { 43, 64, 1, "sparc64" }, { 2, 32, 1, "sparc" },
};

const char *ohc_elf_arch(const struct ohc_elf *elf)
{
	for (size_t i = 0; i < OHC_ARRAY_SIZE(archs); i++)
		if (archs[i].machine == elf->machine && archs[i].bits == elf->bits &&
		    archs[i].big == elf->big_endian)
			return archs[i].name;
	return NULL;
}

const char *ohc_elf_arch_text(const struct ohc_elf *elf, char ret[OHC_ELF_ARCH_TEXT])
{
	const char *name = ohc_elf_arch(elf);

	if (name)
		snprintf(ret, OHC_ELF_ARCH_TEXT, "%s", name);
	else
		snprintf(ret, OHC_ELF_ARCH_TEXT, "ELF machine %u", elf->machine);
	return ret;
}

static bool begins(const char *s, const char *with)
{
	return s && strncmp(s, with, strlen(with)) == 0;
}

const char *ohc_elf_system(const struct ohc_elf *elf)
{
	static const struct {
		uint8_t osabi;
		const char *name;
	} abis[] = { { 1, "HP-UX" },    { 2, "NetBSD" },   { 6, "Solaris" }, { 7, "AIX" },
		     { 8, "IRIX" },     { 9, "FreeBSD" },  { 10, "Tru64" },  { 12, "OpenBSD" },
		     { 13, "OpenVMS" }, { 17, "CloudABI" } };
	static const struct {
		const char *interp, *libc, *name;
	} systems[] = { { "/libexec/ld-elf", "libc.so.7", "FreeBSD" },
			{ "/libexec/ld.elf_so", "libc.so.12", "NetBSD" },
			{ "/usr/libexec/ld.elf_so", "libc.so.12", "NetBSD" },
			{ "/usr/libexec/ld.so", "libc.so.9", "OpenBSD" },
			{ "/system/bin/linker", "liblog.so", "Android" } };

	for (size_t i = 0; i < OHC_ARRAY_SIZE(abis); i++)
		if (abis[i].osabi == elf->osabi)
			return abis[i].name;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(systems); i++)
		if (begins(elf->interp, systems[i].interp) ||
		    ohc_strv_has(&elf->needed, systems[i].libc))
			return systems[i].name;
	return NULL;
}

const char *ohc_elf_target_text(const struct ohc_elf *elf, char ret[OHC_ELF_ARCH_TEXT])
{
	const char *system = ohc_elf_system(elf);

	if (!system)
		return ohc_elf_arch_text(elf, ret);
	snprintf(ret, OHC_ELF_ARCH_TEXT, "%s", system);
	return ret;
}

bool ohc_elf_same_arch(const struct ohc_elf *a, const struct ohc_elf *b)
{
	return a->machine == b->machine && a->bits == b->bits && a->big_endian == b->big_endian;
}

bool ohc_elf_is_program(const struct ohc_elf *elf)
{
	if (elf->type == OHC_ELF_EXEC)
		return true;
	/* Before DF_1_PIE existed, a program was known only by this. */
	return elf->type == OHC_ELF_DYN && (elf->pie || (elf->interp && !elf->soname));
}

bool ohc_elf_is_static(const struct ohc_elf *elf)
{
	return !elf->interp && elf->needed.n == 0;
}

enum ohc_libc ohc_elf_libc_of_interp(const char *interp)
{
	const char *name = strrchr(interp, '/');

	name = name ? name + 1 : interp;
	if (strncmp(name, "ld-musl-", 8) == 0)
		return OHC_LIBC_MUSL;
	if (strncmp(name, "ld-linux", 8) == 0 || strncmp(name, "ld64.so.", 8) == 0 ||
	    strncmp(name, "ld.so.", 6) == 0)
		return OHC_LIBC_GLIBC;
	return OHC_LIBC_UNKNOWN;
}

enum ohc_libc ohc_elf_libc(const struct ohc_elf *elf)
{
	enum ohc_libc libc = elf->interp ? ohc_elf_libc_of_interp(elf->interp) : OHC_LIBC_UNKNOWN;

	if (libc == OHC_LIBC_UNKNOWN && elf->soname)
		libc = ohc_elf_libc_of_interp(elf->soname);
	for (size_t i = 0; libc == OHC_LIBC_UNKNOWN && i < elf->needed.n; i++) {
		const char *name = elf->needed.v[i];

		if (strcmp(name, "libc.so.6") == 0 || strcmp(name, "libc.so.6.1") == 0)
			libc = OHC_LIBC_GLIBC;
		else if (strncmp(name, "libc.musl-", 10) == 0 || strcmp(name, "libc.so") == 0)
			libc = OHC_LIBC_MUSL;
	}
	return libc;
}

int ohc_elf_version_compare(const char *a, const char *b)
{
	while (*a || *b) {
		char *end_a, *end_b;
		unsigned long va = strtoul(a, &end_a, 10), vb = strtoul(b, &end_b, 10);

		if (va != vb)
			return va < vb ? -1 : 1;
		if (end_a == a && end_b == b)
			return strcmp(a, b);
		a = *end_a == '.' ? end_a + 1 : end_a;
		b = *end_b == '.' ? end_b + 1 : end_b;
	}
	return 0;
}

static const char *higher(const char *best, const struct ohc_strv *versions, const char *prefix)
{
	size_t n = strlen(prefix);

	for (size_t i = 0; i < versions->n; i++) {
		const char *v = versions->v[i];

		if (strncmp(v, prefix, n) != 0 || v[n] < '0' || v[n] > '9')
			continue;
		if (!best || ohc_elf_version_compare(v + n, best) > 0)
			best = v + n;
	}
	return best;
}

const char *ohc_elf_version_highest(const struct ohc_strv *versions, const char *prefix)
{
	return higher(NULL, versions, prefix);
}

const char *ohc_elf_highest_need(const struct ohc_elf *elf, const char *prefix)
{
	const char *best = NULL;

	for (size_t i = 0; i < elf->n_needs; i++)
		best = higher(best, &elf->needs[i].versions, prefix);
	return best;
}
