// SPDX-License-Identifier: Apache-2.0
#include "layout/elf/edit.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/alloc.h"
#include "layout/elf/edit_internal.h"
#include "layout/elf/derived.h"

int ohc_elf_cannot(struct ohc_elf_editor *e, const char *why)
{
	return ohc_error_set(e->r.err, OHC_E_UNSUPPORTED,
			     "'%s' cannot be given another interpreter or search path: it %s",
			     e->r.in->name, why);
}

static bool differs(const char *want, const char *is)
{
	return want && (!is || strcmp(want, is) != 0);
}

static bool needs_more(const struct ohc_strv *want, const struct ohc_elf *f)
{
	for (size_t i = 0; want && i < want->n; i++)
		if (!ohc_strv_has(&f->needed, want->v[i]))
			return true;
	return false;
}

/* A program without an interpreter is static, even with a dynamic section (static-pie). */
static void decide(struct ohc_elf_editor *e)
{
	const struct ohc_elf *f = e->facts;
	const struct ohc_elf_edit *w = e->want;

	if (f->type != OHC_ELF_EXEC && f->type != OHC_ELF_DYN)
		return;
	e->new_stack = w->clear_exec_stack && f->stack == OHC_ELF_STACK_EXECUTABLE;
	e->new_interp = f->interp && differs(w->interp, f->interp);
	if (!f->dynamic || (!f->interp && ohc_elf_is_program(f)))
		return;
	e->new_rpath = w->rpath && (f->runpath || differs(w->rpath, f->rpath));
	e->new_needed = needs_more(w->needed, f);
}

static int plan_interp(struct ohc_elf_editor *e)
{
	const struct ohc_elf_phdr *ph = ohc_elf_phdr_of(e, OHC_PT_INTERP);
	size_t n = strlen(e->want->interp) + 1;

	e->interp_over = n <= ph->filesz;
	if (e->interp_over)
		return 0;
	return ohc_elf_make_room(e, &e->interp, n, ph->offset, ph->filesz);
}

/* Architectures differ in how parts of the dynamic section refer to each other; on MIPS they do so
 * from within it. */
static int check_machine(struct ohc_elf_editor *e)
{
	const char *arch = ohc_elf_arch(e->facts);

	if (!arch || strncmp(arch, "mips", 4) == 0)
		return ohc_elf_cannot(e, "is for a machine whose files are not known well enough");
	return 0;
}

static int plan(struct ohc_elf_editor *e)
{
	int rc = check_machine(e);

	if (rc == 0)
		rc = ohc_elf_editor_read(e);
	e->drop = e->n_ph;
	if (rc == 0 && e->in_holes)
		rc = ohc_elf_find_holes(e);
	if (rc == 0 && e->new_interp)
		rc = plan_interp(e);
	if (rc == 0 && (e->new_rpath || e->new_needed))
		rc = ohc_elf_plan_dynamic(e);
	return rc < 0 ? rc : ohc_elf_plan_tail(e);
}

static int edit(const struct ohc_elf_input *in, const struct ohc_elf_edit *want,
		const struct ohc_elf *facts, bool in_holes, struct ohc_patch *ret,
		struct ohc_error *err)
{
	ohc_cleanup(ohc_elf_editor_clear) struct ohc_elf_editor e = {
		.r = { .in = in, .err = err }, .want = want, .facts = facts, .in_holes = in_holes
	};
	int rc;

	decide(&e);
	if (!e.new_interp && !e.new_rpath && !e.new_stack && !e.new_needed)
		return 0;
	rc = plan(&e);
	if (rc < 0)
		return rc;
	ohc_elf_apply(&e);
	rc = ohc_elf_emit(&e);
	if (rc < 0)
		return rc;
	*ret = e.patch;
	e.patch = (struct ohc_patch)OHC_PATCH_INIT;
	return 1;
}

int ohc_elf_edit(const struct ohc_elf_input *in, const struct ohc_elf_edit *want,
		 struct ohc_patch *ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_elf_clear) struct ohc_elf facts = OHC_ELF_INIT;
	struct ohc_error first = OHC_ERROR_INIT;
	int rc = ohc_elf_read(in, &facts, err);

	if (rc <= 0)
		return rc;
	rc = edit(in, want, &facts, false, ret, &first);
	if (rc == -OHC_E_UNSUPPORTED && edit(in, want, &facts, true, ret, NULL) == 1)
		return 1;
	return rc < 0 ? ohc_error_copy(err, &first, rc) : rc;
}

int ohc_elf_edit_memory(const void *data, size_t n, const char *name,
			const struct ohc_elf_edit *want, struct ohc_patch *ret,
			struct ohc_error *err)
{
	struct ohc_elf_memory m = { data, n };
	struct ohc_elf_input in = { name, n, ohc_elf_read_at_memory, &m };

	return ohc_elf_edit(&in, want, ret, err);
}

int ohc_elf_edit_fd(int fd, const char *name, const struct ohc_elf_edit *want,
		    struct ohc_patch *ret, struct ohc_error *err)
{
	struct ohc_elf_input in = { .name = name, .read_at = ohc_elf_read_at_fd, .ctx = &fd };
	struct stat st;

	if (fstat(fd, &st) < 0)
		return ohc_error_sys(err, "cannot look at '%s'", name);
	in.size = (uint64_t)st.st_size;
	return ohc_elf_edit(&in, want, ret, err);
}
