// SPDX-License-Identifier: Apache-2.0
/*
 * Checks the payload's ELF files: their architecture, and whether the libraries that they load are
 * there, in the versions that they need.
 *
 * Programs are resolved as their loader would, and with them the libraries that they load.  Any
 * other library is resolved by itself: which program opens it is not known, so a library that it
 * needs counts as there when anything in the payload has it (libs_names.c).  So a library that a
 * program lacks is an error, and one that a library lacks a warning.
 */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "layout/check/libs_internal.h"
#include "layout/launcher/binary.h"
#include "layout/loader/machine.h"

/* From this version on, glibc refuses to make the stack executable for a library that is opened. */
#define GLIBC_STRICT_STACK "2.41"

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

/* An image without an architecture is for any machine. */
bool ohc_check_is_foreign(const struct ohc_check *c, const struct ohc_elf *elf)
{
	const char *arch = ohc_elf_arch(elf);

	return ohc_elf_system(elf) ||
	       (*c->platform.arch && (!arch || !runs(c->platform.arch, arch)));
}

static bool is_second(const struct payload_elfs *x, const struct ohc_elf *elf)
{
	const char *arch = ohc_elf_arch(elf);

	return arch && *x->c->platform.arch && strcmp(arch, x->c->platform.arch) != 0;
}

static void note_elf(struct payload_elfs *x, const char *path, const struct ohc_elf *elf)
{
	x->total++;
	if (ohc_check_is_foreign(x->c, elf)) {
		if (x->foreign.n == 0)
			ohc_elf_target_text(elf, x->foreign_arch);
		ohc_tally_add(&x->foreign, path);
		return;
	}
	x->second += is_second(x, elf);
	if (elf->stack == OHC_ELF_STACK_EXECUTABLE)
		ohc_tally_add(ohc_elf_is_program(elf) ? &x->stack : &x->stack_libs, path);
	if (elf->textrel)
		ohc_tally_add(&x->textrel, path);
	if (elf->buried)
		ohc_tally_add(&x->buried, path);
	if (elf->pyinstaller && elf->interp && !ohc_strv_has(&elf->needed, OHC_LAUNCHER_FROZEN))
		ohc_tally_add(&x->frozen, path);
}

static struct lack *lack_of(struct payload_elfs *x, const struct ohc_missing *m)
{
	struct lack *l;

	for (size_t i = 0; i < x->n_lacks; i++) {
		l = &x->lacks[i];
		if (l->why == m->why && strcmp(l->name, m->name) == 0 &&
		    strcmp(l->found ? l->found : "", m->found ? m->found : "") == 0)
			return l;
	}
	x->lacks = ohc_xrealloc(x->lacks, x->n_lacks + 1, sizeof(*x->lacks));
	l = &x->lacks[x->n_lacks++];
	*l = (struct lack){ .why = m->why,
			    .name = ohc_xstrdup(m->name),
			    .found = ohc_xstrdup(m->found) };
	return l;
}

/* For a program without its loader only the loader is reported, because it gets none of its
 * libraries either. */
static bool lacks_loader(const struct ohc_loader_set *loaded)
{
	return loaded->n_missing && loaded->missing[0].why == OHC_MISSING_LOADER;
}

static void note_lack(struct payload_elfs *x, const struct ohc_missing *m, bool program,
		      bool second)
{
	struct lack *l = lack_of(x, m);

	l->second = second && (l->by.n == 0 || l->second);
	l->program |= program && !second;
	ohc_tally_add(&l->by, m->needed_by);
}

static void note_missing(struct payload_elfs *x, const struct ohc_loader_set *loaded)
{
	size_t n = lacks_loader(loaded) ? 1 : loaded->n_missing;
	bool second = is_second(x, loaded->v[0].elf) && 2 * x->second < x->total;
	bool command = x->command && strcmp(x->command, loaded->v[0].real) == 0;

	for (size_t i = 0; i < n; i++) {
		note_lack(x, &loaded->missing[i], true, second);
		lack_of(x, &loaded->missing[i])->command |= command;
	}
}

static void note_unknown(struct payload_elfs *x, const struct ohc_loader_set *loaded)
{
	for (size_t i = 0; i < loaded->n; i++)
		if (!loaded->v[i].elf && !ohc_strv_has(&x->unknown, loaded->v[i].real))
			ohc_strv_add(&x->unknown, loaded->v[i].real);
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
static void note_mixed(struct payload_elfs *x, const struct ohc_loader_set *loaded)
{
	const char *program = loaded->v[0].real;
	bool ours;

	if (!loaded->v[0].elf->interp || loaded->n < 2 || loaded->libc != OHC_LIBC_GLIBC)
		return;
	ours = ohc_check_is_ours(x->c, loaded->v[1].real);
	for (size_t i = 2; i < loaded->n; i++) {
		const struct ohc_lib *l = &loaded->v[i];

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

static int look_at(void *ctx, const char *path, const struct ohc_files_node *node,
		   struct ohc_error *err)
{
	struct payload_elfs *x = ctx;
	struct ohc_files_place place = { .found = OHC_FILES_THERE,
					 .path = (char *)path,
					 .node = *node };
	struct ohc_error local = OHC_ERROR_INIT;
	const struct ohc_elf *elf = NULL;
	int rc;

	if (S_ISLNK(node->mode))
		return ohc_check_libs_name_link(x, path, err);
	rc = ohc_files_elf(x->c->files, &place, &elf, &local);
	if (rc == -OHC_E_FORMAT) {
		ohc_tally_add(&x->damaged, path);
		return 0;
	}
	if (rc < 0)
		return ohc_error_copy(err, &local, rc);
	if (rc == OHC_FILES_HIDDEN)
		ohc_strv_add(&x->unknown, path);
	if (rc != 1 || elf->type == OHC_ELF_REL || elf->type == OHC_ELF_CORE)
		return 0;
	note_elf(x, path, elf);
	if (ohc_check_is_foreign(x->c, elf))
		return 0;
	ohc_check_libs_name(x, path, elf);
	/* A payload may have a C library for programs of others, and none of its own. */
	x->has_libc[ohc_elf_libc_of_interp(path)] = true;
	/* A library with an interpreter can be started as well, as libc can. */
	ohc_strv_add(ohc_elf_is_program(elf) ? &x->programs : &x->libraries, path);
	return 0;
}

/* Does the libc that a program gets refuse libraries with an executable stack? */
static void note_strict(struct payload_elfs *x, const struct ohc_loader_set *loaded)
{
	for (size_t i = 0; i < loaded->n; i++) {
		const struct ohc_lib *l = &loaded->v[i];
		const char *highest = l->elf && strcmp(l->name, "libc.so.6") == 0
					      ? ohc_elf_version_highest(&l->elf->defs, "GLIBC_")
					      : NULL;

		x->libcs += highest != NULL;
		x->strict += highest && ohc_elf_version_compare(highest, GLIBC_STRICT_STACK) >= 0;
	}
}

static int find_command(struct payload_elfs *x, struct ohc_error *err)
{
	ohc_cleanup(ohc_files_place_clear) struct ohc_files_place place = { .path = NULL };
	const char *word = ohc_check_first_word(x->c);
	int rc = word ? ohc_check_find_program(x->c, word, &place, err) : 0;

	if (rc == 0 && word && place.found == OHC_FILES_THERE)
		x->command = ohc_xstrdup(place.path);
	return rc;
}

/* The kernel wants the loader to be executable, as the program (fs/binfmt_elf.c). */
static int note_unstartable(struct payload_elfs *x, const struct ohc_loader_set *loaded,
			    struct ohc_error *err)
{
	ohc_cleanup(ohc_files_place_clear) struct ohc_files_place place = { .path = NULL };
	int rc = ohc_files_find(x->c->files, loaded->v[1].real, OHC_FILES_FOLLOW, &place, err);

	if (rc < 0)
		return rc;
	rc = (place.node.mode & 0111) != 0;
	if (rc && x->user.known)
		rc = ohc_check_may(x->c, &x->user, loaded->v[1].real, X_OK, err);
	if (rc == 0)
		ohc_tally_add(&x->unstartable, loaded->v[0].real);
	return rc < 0 ? rc : 0;
}

static int resolve_program(struct payload_elfs *x, const char *path, struct ohc_error *err)
{
	ohc_cleanup(ohc_loader_set_clear) struct ohc_loader_set loaded = OHC_LOADER_SET_INIT;
	int rc = ohc_loader_start(x->libs, path, &loaded, err);

	if (rc <= 0)
		return rc;
	note_missing(x, &loaded);
	note_unknown(x, &loaded);
	note_mixed(x, &loaded);
	note_strict(x, &loaded);
	ohc_check_libs_name_loaded(x, &loaded);
	if (loaded.v[0].elf->interp) {
		bool can_start =
			loaded.n > 1 && strcmp(loaded.v[1].path, loaded.v[0].elf->interp) == 0;

		x->dynamic++;
		x->startable += can_start;
		x->has_libc[loaded.libc] |= can_start;
		x->own_loader |= can_start && ohc_check_is_ours(x->c, loaded.v[1].real);
		rc = can_start ? note_unstartable(x, &loaded, err) : 0;
	}
	return rc < 0 ? rc : 0;
}

/* Is it for a C library that no program has which can start?  Trees of npm bring files for all. */
static bool is_other_libc(const struct payload_elfs *x, const struct ohc_elf *elf)
{
	enum ohc_libc libc = ohc_elf_libc(elf);

	return libc != OHC_LIBC_UNKNOWN && !x->has_libc[libc];
}

/* The base's programs may load the payload's libraries, too. */
static int note_base_libc(struct payload_elfs *x, struct ohc_error *err)
{
	int rc = ohc_machine_libc_of(x->c->files, &x->base_libc, err);

	x->has_libc[x->base_libc] = true;
	return rc;
}

/* libc names a loader to be started by, under which nobody loads it: the payload's is as good. */
static bool is_own_loader(const struct payload_elfs *x, const struct ohc_elf *elf,
			  const struct ohc_missing *m)
{
	return elf->interp && strcmp(m->name, elf->interp) == 0 &&
	       x->has_libc[ohc_elf_libc_of_interp(elf->interp)];
}

static int resolve_library(struct payload_elfs *x, const char *path, struct ohc_error *err)
{
	ohc_cleanup(ohc_loader_set_clear) struct ohc_loader_set c = OHC_LOADER_SET_INIT;
	int rc = ohc_set_has(x->loaded, path) ? 0 : ohc_loader_start(x->libs, path, &c, err);

	if (rc <= 0)
		return rc;
	if (is_other_libc(x, c.v[0].elf)) {
		ohc_tally_add(&x->other_libc, path);
		return 0;
	}
	for (size_t i = 0; i < c.n_missing; i++)
		if (!is_own_loader(x, c.v[0].elf, &c.missing[i]) &&
		    !ohc_check_libs_has(x, c.v[0].elf, &c.missing[i]))
			note_lack(x, &c.missing[i], false, false);
	note_unknown(x, &c);
	return 0;
}

static void elfs_clear(struct payload_elfs *x)
{
	ohc_strv_clear(&x->programs);
	ohc_strv_clear(&x->libraries);
	ohc_strv_clear(&x->unknown);
	ohc_tally_clear(&x->damaged);
	ohc_tally_clear(&x->foreign);
	ohc_tally_clear(&x->stack);
	ohc_tally_clear(&x->stack_libs);
	ohc_tally_clear(&x->textrel);
	ohc_tally_clear(&x->buried);
	ohc_tally_clear(&x->frozen);
	ohc_tally_clear(&x->unstartable);
	ohc_user_clear(&x->user);
	ohc_tally_clear(&x->other_libc);
	ohc_tally_clear(&x->outside);
	ohc_tally_clear(&x->mixed);
	for (size_t i = 0; i < x->n_lacks; i++) {
		free(x->lacks[i].name);
		free(x->lacks[i].found);
		ohc_tally_clear(&x->lacks[i].by);
	}
	free(x->lacks);
	free(x->command);
	free(x->outside_lib);
	free(x->mixed_lib);
	ohc_set_free(x->loaded);
	ohc_set_free(x->names);
	ohc_loader_free(x->libs);
}

int ohc_check_libs(const struct ohc_check *c, struct ohc_error *err)
{
	ohc_cleanup(elfs_clear) struct payload_elfs x = { .c = c,
							  .loaded = ohc_set_new(),
							  .names = ohc_set_new() };
	size_t n = c->findings->n;
	int rc = ohc_check_loader(c, &x.libs, err);

	if (rc == 0)
		rc = find_command(&x, err);
	if (rc == 0)
		rc = ohc_check_read_user(c, &x.user, err);

	for (size_t i = 0; rc == 0 && i < c->targets->n; i++)
		rc = ohc_files_walk(c->files, c->targets->v[i], look_at, &x, err);
	for (size_t i = 0; rc == 0 && i < x.programs.n; i++)
		rc = resolve_program(&x, x.programs.v[i], err);
	/* Where no program can be started, nothing loads the libraries. */
	if (x.dynamic && !x.startable)
		ohc_strv_clear(&x.libraries);
	if (rc == 0)
		rc = note_base_libc(&x, err);
	for (size_t i = 0; rc == 0 && i < x.libraries.n; i++)
		rc = resolve_library(&x, x.libraries.v[i], err);
	if (rc == 0)
		rc = ohc_check_libs_tell(&x, err);
	if (rc == 0 && x.total && c->findings->n == n)
		ohc_findings_add(c->findings, OHC_FINDING_OK, "libraries", c->targets->v[0],
				 "%zu programs and %zu libraries find all that they need",
				 x.programs.n, x.libraries.n);
	return rc;
}
