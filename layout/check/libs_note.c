// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include <string.h>

#include "layout/check/libs_internal.h"
#include "layout/elf/derived.h"

/* Machines of one family run each other's 32-bit programs. */
static bool runs(const char *platform, const char *arch)
{
	static const char *const pairs[][2] = { { "amd64", "386" }, { "arm64", "arm" } };

	if (strcmp(platform, arch) == 0)
		return true;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(pairs); i++)
		if (strcmp(platform, pairs[i][0]) == 0 && strcmp(arch, pairs[i][1]) == 0)
			return true;
	return false;
}

/* An image that does not say what it is for is for whatever runs it. */
bool ohc_check_is_foreign(const struct ohc_check *c, const struct ohc_elf *elf)
{
	const char *arch = ohc_elf_arch(elf);

	return *c->platform.arch && (!arch || !runs(c->platform.arch, arch));
}

static bool is_second(const struct ohc_check_elfs *x, const struct ohc_elf *elf)
{
	const char *arch = ohc_elf_arch(elf);

	return arch && *x->c->platform.arch && strcmp(arch, x->c->platform.arch) != 0;
}

void ohc_check_elfs_note(struct ohc_check_elfs *x, const char *path, const struct ohc_elf *elf)
{
	x->total++;
	if (ohc_check_is_foreign(x->c, elf)) {
		if (x->foreign.n == 0)
			ohc_elf_arch_text(elf, x->foreign_arch);
		ohc_tally_add(&x->foreign, path);
		return;
	}
	x->second += is_second(x, elf);
	if (elf->stack == OHC_ELF_STACK_EXECUTABLE)
		ohc_tally_add(ohc_elf_is_program(elf) ? &x->stack : &x->stack_libs, path);
	if (elf->textrel)
		ohc_tally_add(&x->textrel, path);
}

static struct ohc_check_lack *lack_of(struct ohc_check_elfs *x, const struct ohc_missing *m)
{
	struct ohc_check_lack *l;

	for (size_t i = 0; i < x->n_lacks; i++) {
		l = &x->lacks[i];
		if (l->why == m->why && strcmp(l->name, m->name) == 0 &&
		    strcmp(l->found ? l->found : "", m->found ? m->found : "") == 0)
			return l;
	}
	x->lacks = ohc_xrealloc(x->lacks, x->n_lacks + 1, sizeof(*x->lacks));
	l = &x->lacks[x->n_lacks++];
	*l = (struct ohc_check_lack){ .why = m->why,
				      .name = ohc_xstrdup(m->name),
				      .found = ohc_xstrdup(m->found) };
	return l;
}

/* A program without its loader gets none of its libraries either: that much is clear. */
static bool lacks_loader(const struct ohc_loaded_set *closure)
{
	return closure->n_missing && closure->missing[0].why == OHC_MISSING_LOADER;
}

static void note_lack(struct ohc_check_elfs *x, const struct ohc_missing *m, bool program,
		      bool second)
{
	struct ohc_check_lack *l = lack_of(x, m);

	l->second = second && (l->by.n == 0 || l->second);
	l->program |= program && !second;
	ohc_tally_add(&l->by, m->needed_by);
}

void ohc_check_elfs_missing(struct ohc_check_elfs *x, const struct ohc_loaded_set *closure,
			    size_t from, bool program)
{
	size_t n = program && lacks_loader(closure) ? 1 : closure->n_missing;
	bool second = program && is_second(x, closure->v[0].elf) && 2 * x->second < x->total;

	for (size_t i = from; i < n; i++)
		note_lack(x, &closure->missing[i], program, second);
}

static bool is_libc(const char *name)
{
	static const char *const names[] = { "libc.so.6", "libpthread.so.0", "libdl.so.2",
					     "libm.so.6", "librt.so.1",      "libresolv.so.2" };

	for (size_t i = 0; i < OHC_ARRAY_SIZE(names); i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

static void note_lib(struct ohc_tally *t, char **lib, const char *program, const char *path)
{
	if (t->n == 0)
		*lib = ohc_xstrdup(path);
	ohc_tally_add(t, program);
}

/* A loader and a libc belong together to the very version. */
void ohc_check_elfs_mixed(struct ohc_check_elfs *x, const struct ohc_loaded_set *closure)
{
	const char *program = closure->v[0].real;
	bool ours;

	if (!closure->v[0].elf->interp || closure->n < 2 || closure->libc != OHC_LIBC_GLIBC)
		return;
	ours = ohc_check_is_ours(x->c, closure->v[1].real);
	for (size_t i = 2; i < closure->n; i++) {
		const struct ohc_lib *l = &closure->v[i];

		if (ohc_check_is_ours(x->c, l->real) == ours)
			continue;
		if (is_libc(l->name)) {
			note_lib(&x->mixed, &x->mixed_lib, program, l->path);
			return;
		}
		if (ours) {
			note_lib(&x->outside, &x->outside_lib, program, l->path);
			return;
		}
	}
}
