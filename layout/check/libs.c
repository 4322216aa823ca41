// SPDX-License-Identifier: Apache-2.0
/*
 * The payload's ELF files: for whom they are, and whether what they load is there, in the versions
 * that they need.
 *
 * Programs are resolved as their loader would.  A library is resolved as it stands and, where that
 * does not do, as if each of the payload's programs opened it: who really does shows only when it
 * runs.  So what a program lacks is an error, and what a library lacks a warning.
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "layout/check/check_internal.h"
#include "layout/check/libs_internal.h"
#include "layout/elf/derived.h"

/* Programs that a library is tried with. */
#define HOSTS_MAX 8

static int look_at(void *ctx, const char *path, const struct ohc_files_node *node,
		   struct ohc_error *err)
{
	struct ohc_check_elfs *x = ctx;
	struct ohc_files_place place = { .found = OHC_FILES_THERE,
					 .path = (char *)path,
					 .node = *node };
	struct ohc_error local = OHC_ERROR_INIT;
	const struct ohc_elf *elf = NULL;
	int rc = ohc_files_elf(x->c->files, &place, &elf, &local);

	if (rc == -OHC_E_FORMAT) {
		ohc_tally_add(&x->damaged, path);
		return 0;
	}
	if (rc < 0)
		return ohc_error_copy(err, &local, rc);
	if (rc == 0 || elf->type == OHC_ELF_REL || elf->type == OHC_ELF_CORE)
		return 0;
	ohc_check_elfs_note(x, path, elf);
	if (ohc_check_is_foreign(x->c, elf))
		return 0;
	/* A library with an interpreter is one that can be started as well, as libc is. */
	ohc_strv_add(ohc_elf_is_program(elf) ? &x->programs : &x->libraries, path);
	return 0;
}

static int resolve_program(struct ohc_check_elfs *x, const char *path, struct ohc_error *err)
{
	ohc_cleanup(ohc_loaded_set_clear) struct ohc_loaded_set closure = OHC_LOADED_SET_INIT;
	int rc = ohc_loader_start(x->libs, path, &closure, err);

	if (rc <= 0)
		return rc;
	ohc_check_elfs_missing(x, &closure, 0, true);
	ohc_check_elfs_mixed(x, &closure);
	if (closure.v[0].elf->interp) {
		x->dynamic++;
		x->startable +=
			closure.n > 1 && strcmp(closure.v[1].path, closure.v[0].elf->interp) == 0;
	}
	return 0;
}

/* Interpreters first: most libraries of a payload are theirs. */
static void choose_hosts(struct ohc_check_elfs *x)
{
	for (int python = 1; python >= 0; python--)
		for (size_t i = 0; i < x->programs.n && x->hosts.n < HOSTS_MAX; i++) {
			const char *name = strrchr(x->programs.v[i], '/') + 1;

			if ((strncmp(name, "python", 6) == 0) == python)
				ohc_strv_add(&x->hosts, x->programs.v[i]);
		}
}

/* Adds the library to the closure of a program; *ret_n is what is missing by it. */
static int try_host(struct ohc_check_elfs *x, const char *host, const char *path,
		    struct ohc_loaded_set *c, size_t *ret_before, struct ohc_error *err)
{
	int rc = ohc_loader_start(x->libs, host, c, err);

	if (rc <= 0)
		return rc < 0 ? rc : 0;
	*ret_before = c->n_missing;
	return ohc_loader_add(x->libs, c, path, 0, err);
}

static int resolve_library(struct ohc_check_elfs *x, const char *path, struct ohc_error *err)
{
	ohc_cleanup(ohc_loaded_set_clear) struct ohc_loaded_set best = OHC_LOADED_SET_INIT;
	size_t best_before = 0;
	int rc = ohc_loader_start(x->libs, path, &best, err);

	for (size_t i = 0; rc >= 0 && i < x->hosts.n && best.n_missing > best_before; i++) {
		ohc_cleanup(ohc_loaded_set_clear) struct ohc_loaded_set c = OHC_LOADED_SET_INIT;
		size_t before = 0;

		rc = try_host(x, x->hosts.v[i], path, &c, &before, err);
		if (rc == 0 && c.n && c.n_missing - before < best.n_missing - best_before) {
			ohc_loaded_set_clear(&best);
			best = c;
			best_before = before;
			c = (struct ohc_loaded_set)OHC_LOADED_SET_INIT;
		}
	}
	if (rc < 0)
		return rc;
	ohc_check_elfs_missing(x, &best, best_before, false);
	return 0;
}

static void elfs_clear(struct ohc_check_elfs *x)
{
	ohc_strv_clear(&x->programs);
	ohc_strv_clear(&x->libraries);
	ohc_strv_clear(&x->hosts);
	ohc_tally_clear(&x->damaged);
	ohc_tally_clear(&x->foreign);
	ohc_tally_clear(&x->stack);
	ohc_tally_clear(&x->stack_libs);
	ohc_tally_clear(&x->textrel);
	ohc_tally_clear(&x->outside);
	ohc_tally_clear(&x->mixed);
	for (size_t i = 0; i < x->n_lacks; i++) {
		free(x->lacks[i].name);
		free(x->lacks[i].found);
		ohc_tally_clear(&x->lacks[i].by);
	}
	free(x->lacks);
	free(x->outside_lib);
	free(x->mixed_lib);
	ohc_loader_free(x->libs);
}

int ohc_check_libs(const struct ohc_check *c, struct ohc_error *err)
{
	ohc_cleanup(elfs_clear) struct ohc_check_elfs x = { .c = c };
	size_t n = c->findings->n;
	int rc = ohc_check_loader(c, &x.libs, err);

	for (size_t i = 0; rc == 0 && i < c->targets->n; i++)
		rc = ohc_files_walk(c->files, c->targets->v[i], look_at, &x, err);
	for (size_t i = 0; rc == 0 && i < x.programs.n; i++)
		rc = resolve_program(&x, x.programs.v[i], err);
	choose_hosts(&x);
	/* Where nothing can be started, nothing loads them. */
	if (x.dynamic && !x.startable)
		ohc_strv_clear(&x.libraries);
	for (size_t i = 0; rc == 0 && i < x.libraries.n; i++)
		rc = resolve_library(&x, x.libraries.v[i], err);
	if (rc == 0)
		rc = ohc_check_elfs_tell(&x, err);
	if (rc == 0 && x.total && c->findings->n == n)
		ohc_findings_add(c->findings, OHC_FINDING_OK, "libraries", c->targets->v[0],
				 "%zu programs and %zu libraries find all that they need",
				 x.programs.n, x.libraries.n);
	return rc;
}
