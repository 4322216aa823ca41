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
#include "layout/check/tally.h"
#include "layout/elf/derived.h"
#include "layout/loader/loader.h"
#include "layout/loader/machine.h"

/* Programs that a library is tried with. */
#define HOSTS_MAX 8

/* From this on glibc refuses to make the stack executable for a library that is opened. */
#define GLIBC_STRICT_STACK "2.41"

/* Something that is missing, and who needs it. */
struct lack {
	enum ohc_missing_why why;
	char *name;
	char *found;  /* or NULL */
	bool program; /* some program needs it */
	bool second;  /* only programs that few of the payload's are like need it, of another
		       * architecture that the image's machine runs as well */
	struct ohc_tally by;
};

struct payload_elfs {
	const struct ohc_check *c;
	struct ohc_loader *libs;
	struct ohc_strv programs, libraries;
	struct ohc_strv hosts;   /* programs that libraries are tried with */
	struct ohc_strv unknown; /* files that could not be looked at */
	size_t total;
	size_t dynamic, startable; /* programs that need a loader; that have it */
	size_t second;             /* of another architecture that the machine runs */
	struct ohc_tally damaged, foreign, textrel;
	struct ohc_tally stack, stack_libs; /* of programs, of libraries */
	struct ohc_tally outside, mixed; /* programs with a loader of the payload or the base, and a
					  * library or a libc of the other */
	char *outside_lib, *mixed_lib;
	char foreign_arch[32];
	struct lack *lacks;
	size_t n_lacks;
};

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

/* A program without its loader gets none of its libraries either: that much is clear. */
static bool lacks_loader(const struct ohc_loader_set *closure)
{
	return closure->n_missing && closure->missing[0].why == OHC_MISSING_LOADER;
}

static void note_lack(struct payload_elfs *x, const struct ohc_missing *m, bool program,
		      bool second)
{
	struct lack *l = lack_of(x, m);

	l->second = second && (l->by.n == 0 || l->second);
	l->program |= program && !second;
	ohc_tally_add(&l->by, m->needed_by);
}

/* Tells the libraries that are missing, from the index `from` on. */
static void note_missing(struct payload_elfs *x, const struct ohc_loader_set *closure, size_t from,
			 bool program)
{
	size_t n = program && lacks_loader(closure) ? 1 : closure->n_missing;
	bool second = program && is_second(x, closure->v[0].elf) && 2 * x->second < x->total;

	for (size_t i = from; i < n; i++)
		note_lack(x, &closure->missing[i], program, second);
}

static void note_unknown(struct payload_elfs *x, const struct ohc_loader_set *closure)
{
	for (size_t i = 0; i < closure->n; i++)
		if (!closure->v[i].elf && !ohc_strv_has(&x->unknown, closure->v[i].real))
			ohc_strv_add(&x->unknown, closure->v[i].real);
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
static void note_mixed(struct payload_elfs *x, const struct ohc_loader_set *closure)
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

/* As a part of a sentence: the image "has …". */
static int base_libc(const struct ohc_check *c, const char **ret, struct ohc_error *err)
{
	static const char *const texts[] = { [OHC_LIBC_UNKNOWN] = "has no C library at all",
					     [OHC_LIBC_GLIBC] = "has glibc",
					     [OHC_LIBC_MUSL] = "has musl (Alpine and its like)" };
	enum ohc_libc libc = OHC_LIBC_UNKNOWN;
	int rc = ohc_machine_libc_of(c->files, &libc, err);

	*ret = texts[libc];
	return rc;
}

static int tell_loader(struct payload_elfs *x, const struct lack *l, struct ohc_error *err)
{
	char more[OHC_TALLY_TEXT];
	const char *base;
	int rc;

	if (ohc_check_is_ours(x->c, l->name)) {
		ohc_findings_add(x->c->findings, OHC_FINDING_ERROR, "interpreter", l->by.first,
				 "needs the loader '%s', which the payload does not have%s",
				 l->name, ohc_tally_more(&l->by, more));
		return 0;
	}
	if (l->second) {
		ohc_findings_add(x->c->findings, OHC_FINDING_WARNING, "interpreter", l->by.first,
				 "needs the loader '%s' of another architecture, which the image "
				 "does not have%s",
				 l->name, ohc_tally_more(&l->by, more));
		return 0;
	}
	rc = base_libc(x->c, &base, err);
	if (rc < 0)
		return rc;
	ohc_findings_add(x->c->findings, OHC_FINDING_ERROR,
			 ohc_elf_libc_of_interp(l->name) ? "libc-family" : "interpreter",
			 l->by.first,
			 "needs the loader '%s'%s, and the image %s: give the payload its own "
			 "(ohcompose pack --closure), or take another base",
			 l->name, ohc_tally_more(&l->by, more), base);
	return 0;
}

static const char *code_of_version(const char *version)
{
	static const char *const codes[][2] = { { "GLIBC_", "libc-version" },
						{ "GLIBCXX_", "libstdcxx-version" },
						{ "CXXABI_", "libstdcxx-version" } };

	for (size_t i = 0; i < OHC_ARRAY_SIZE(codes); i++)
		if (strncmp(version, codes[i][0], strlen(codes[i][0])) == 0)
			return codes[i][1];
	return "library-version";
}

/* The versions in `found` that begin as `version` does; "" where that is not known. */
static int highest_of(struct payload_elfs *x, const char *found, const char *version, char *ret,
		      size_t size, struct ohc_error *err)
{
	ohc_cleanup(ohc_files_place_clear) struct ohc_files_place place = { .path = NULL };
	ohc_cleanup(ohc_freep) char *prefix = ohc_xstrndup(version, strcspn(version, "_") + 1);
	const struct ohc_elf *elf = NULL;
	const char *highest = NULL;
	int rc = ohc_files_find(x->c->files, found, OHC_FILES_FOLLOW, &place, err);

	*ret = '\0';
	if (rc == 0)
		rc = ohc_files_elf(x->c->files, &place, &elf, err);
	if (rc == 1)
		highest = ohc_elf_version_highest(&elf->defs, prefix);
	if (highest)
		snprintf(ret, size, ", only up to %s%s", prefix, highest);
	return rc < 0 ? rc : 0;
}

/* Of the versions of one family that are missing of one file, the highest speaks for all. */
static bool is_highest(const struct payload_elfs *x, const struct lack *l)
{
	size_t n = strcspn(l->name, "_");

	for (size_t i = 0; i < x->n_lacks; i++) {
		const struct lack *o = &x->lacks[i];

		if (o == l || o->why != OHC_MISSING_VERSION || strcmp(o->found, l->found) != 0 ||
		    strncmp(o->name, l->name, n + 1) != 0 || !l->name[n])
			continue;
		if (ohc_elf_version_compare(o->name + n + 1, l->name + n + 1) > 0)
			return false;
	}
	return true;
}

static int tell_version(struct payload_elfs *x, const struct lack *l, struct ohc_error *err)
{
	char more[OHC_TALLY_TEXT], highest[128];
	int rc = highest_of(x, l->found, l->name, highest, sizeof(highest), err);

	if (rc < 0 || !is_highest(x, l))
		return rc;
	ohc_findings_add(x->c->findings, l->program ? OHC_FINDING_ERROR : OHC_FINDING_WARNING,
			 code_of_version(l->name), l->by.first,
			 "needs %s%s, which '%s' does not have%s: give the payload its own "
			 "(ohcompose pack --closure), build it on an older system, or take a newer "
			 "base",
			 l->name, ohc_tally_more(&l->by, more), l->found, highest);
	return 0;
}

/* Where the payload has it all the same, the program does not say so. */
static const char *elsewhere(const struct payload_elfs *x, const char *name)
{
	for (size_t i = 0; i < x->libraries.n; i++)
		if (strcmp(strrchr(x->libraries.v[i], '/') + 1, name) == 0)
			return x->libraries.v[i];
	return NULL;
}

static void tell_file(struct payload_elfs *x, const struct lack *l, enum ohc_finding_level level,
		      const char *more)
{
	const char *path = elsewhere(x, l->name);

	ohc_findings_add(x->c->findings, level, "library-missing", l->name,
			 "is needed by '%s'%s, and is not where the loader looks for it%s%s%s",
			 l->by.first, more, path ? "; the payload has '" : "", path ? path : "",
			 path ? "', which takes an RPATH (ohcompose pack --closure)" : "");
}

static int tell_lack(struct payload_elfs *x, const struct lack *l, struct ohc_error *err)
{
	enum ohc_finding_level level = l->program ? OHC_FINDING_ERROR : OHC_FINDING_WARNING;
	char more[OHC_TALLY_TEXT];

	if (l->why == OHC_MISSING_LOADER)
		return tell_loader(x, l, err);
	if (l->why == OHC_MISSING_VERSION)
		return tell_version(x, l, err);
	ohc_tally_more(&l->by, more);
	if (l->why == OHC_MISSING_FILE)
		tell_file(x, l, level, more);
	else
		ohc_findings_add(x->c->findings, level, "library-missing", l->name,
				 "is needed by '%s'%s, and '%s' is %s", l->by.first, more, l->found,
				 l->why == OHC_MISSING_ARCH ? "for another architecture"
							    : "no ELF file, or a damaged one");
	return 0;
}

/* The libc that the payload's first dynamic program gets. */
static int is_strict(struct payload_elfs *x, bool *ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_loader_set_clear) struct ohc_loader_set c = OHC_LOADER_SET_INIT;
	int rc = x->hosts.n ? ohc_loader_start(x->libs, x->hosts.v[0], &c, err) : 0;

	*ret = false;
	for (size_t i = 0; i < c.n; i++) {
		const char *highest = c.v[i].elf && strcmp(c.v[i].name, "libc.so.6") == 0
					      ? ohc_elf_version_highest(&c.v[i].elf->defs, "GLIBC_")
					      : NULL;

		if (highest && ohc_elf_version_compare(highest, GLIBC_STRICT_STACK) >= 0)
			*ret = true;
	}
	return rc < 0 ? rc : 0;
}

/* A program that asks for it still gets it: the kernel sees to that before glibc does. */
static int tell_stack(struct payload_elfs *x, struct ohc_error *err)
{
	char more[OHC_TALLY_TEXT];
	bool strict = false;
	int rc = x->stack_libs.n ? is_strict(x, &strict, err) : 0;

	if (rc < 0)
		return rc;
	if (x->stack.n)
		ohc_findings_add(x->c->findings, OHC_FINDING_WARNING, "executable-stack",
				 x->stack.first,
				 "asks for an executable stack%s, which hardened kernels refuse; "
				 "patchelf --clear-execstack",
				 ohc_tally_more(&x->stack, more));
	if (x->stack_libs.n)
		ohc_findings_add(x->c->findings, strict ? OHC_FINDING_ERROR : OHC_FINDING_WARNING,
				 "executable-stack", x->stack_libs.first,
				 "asks for an executable stack%s, which %s; patchelf "
				 "--clear-execstack",
				 ohc_tally_more(&x->stack_libs, more),
				 strict ? "this image's glibc refuses (2.41 and newer)"
					: "glibc 2.41 and newer, and hardened kernels refuse");
	return 0;
}

static bool is_told(const struct payload_elfs *x, const char *path)
{
	const struct ohc_findings *f = x->c->findings;

	for (size_t i = 0; i < f->n; i++)
		if (strcmp(f->v[i].code, "architecture") == 0 && strcmp(f->v[i].subject, path) == 0)
			return true;
	return false;
}

static void tell_foreign(struct payload_elfs *x)
{
	char more[OHC_TALLY_TEXT];
	bool most = 2 * x->foreign.n >= x->total;

	/* Where it is the command, and no other, all is said. */
	if (x->foreign.n > 1 || (x->foreign.n && !is_told(x, x->foreign.first)))
		ohc_findings_add(x->c->findings, most ? OHC_FINDING_ERROR : OHC_FINDING_WARNING,
				 "architecture", x->foreign.first,
				 "is for %s%s, and the image is for %s%s", x->foreign_arch,
				 ohc_tally_more(&x->foreign, more), x->c->platform.arch,
				 most ? ": take a payload or a base for the other" : "");
}

static void tell_mixed(struct payload_elfs *x)
{
	char more[OHC_TALLY_TEXT];

	if (x->mixed.n)
		ohc_findings_add(x->c->findings, OHC_FINDING_ERROR, "libc-mixed", x->mixed.first,
				 "would get its loader and its libc ('%s') from two different "
				 "systems%s: they must be of one; ohcompose pack --closure",
				 x->mixed_lib, ohc_tally_more(&x->mixed, more));
	if (x->outside.n)
		ohc_findings_add(
			x->c->findings, OHC_FINDING_WARNING, "library-outside", x->outside.first,
			"has its own loader, but takes '%s' from the base%s, which another "
			"base may not have; ohcompose pack --closure",
			x->outside_lib, ohc_tally_more(&x->outside, more));
}

static void tell_unknown(struct payload_elfs *x)
{
	const struct ohc_tally t = { x->unknown.n ? x->unknown.v[0] : NULL, x->unknown.n };
	char more[OHC_TALLY_TEXT];

	if (t.n)
		ohc_findings_add(x->c->findings, OHC_FINDING_WARNING, OHC_CHECK_UNKNOWN, t.first,
				 "could not be looked at%s: whether it is for this image, and "
				 "finds what it loads, is not known",
				 ohc_tally_more(&t, more));
}

static int tell_all(struct payload_elfs *x, struct ohc_error *err)
{
	char more[OHC_TALLY_TEXT];
	int rc = 0;

	tell_foreign(x);
	for (size_t i = 0; rc == 0 && i < x->n_lacks; i++)
		rc = tell_lack(x, &x->lacks[i], err);
	tell_mixed(x);
	tell_unknown(x);
	if (rc == 0)
		rc = tell_stack(x, err);
	if (x->textrel.n)
		ohc_findings_add(x->c->findings, OHC_FINDING_WARNING, "text-relocations",
				 x->textrel.first,
				 "changes its own code when it is loaded%s, which hardened kernels "
				 "and musl refuse; build it with -fPIC",
				 ohc_tally_more(&x->textrel, more));
	if (x->damaged.n)
		ohc_findings_add(x->c->findings, OHC_FINDING_WARNING, "elf-damaged",
				 x->damaged.first, "begins as an ELF file, and is none%s",
				 ohc_tally_more(&x->damaged, more));
	return rc;
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
	int rc = ohc_files_elf(x->c->files, &place, &elf, &local);

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
	/* A library with an interpreter is one that can be started as well, as libc is. */
	ohc_strv_add(ohc_elf_is_program(elf) ? &x->programs : &x->libraries, path);
	return 0;
}

static int resolve_program(struct payload_elfs *x, const char *path, struct ohc_error *err)
{
	ohc_cleanup(ohc_loader_set_clear) struct ohc_loader_set closure = OHC_LOADER_SET_INIT;
	int rc = ohc_loader_start(x->libs, path, &closure, err);

	if (rc <= 0)
		return rc;
	note_missing(x, &closure, 0, true);
	note_unknown(x, &closure);
	note_mixed(x, &closure);
	if (closure.v[0].elf->interp) {
		x->dynamic++;
		x->startable +=
			closure.n > 1 && strcmp(closure.v[1].path, closure.v[0].elf->interp) == 0;
	}
	return 0;
}

/* Interpreters first: most libraries of a payload are theirs. */
static void choose_hosts(struct payload_elfs *x)
{
	for (int python = 1; python >= 0; python--)
		for (size_t i = 0; i < x->programs.n && x->hosts.n < HOSTS_MAX; i++) {
			const char *name = strrchr(x->programs.v[i], '/') + 1;

			if ((strncmp(name, "python", 6) == 0) == python)
				ohc_strv_add(&x->hosts, x->programs.v[i]);
		}
}

/* Adds the library to the closure of a program; *ret_n is what is missing by it. */
static int try_host(struct payload_elfs *x, const char *host, const char *path,
		    struct ohc_loader_set *c, size_t *ret_before, struct ohc_error *err)
{
	int rc = ohc_loader_start(x->libs, host, c, err);

	if (rc <= 0)
		return rc < 0 ? rc : 0;
	*ret_before = c->n_missing;
	return ohc_loader_add(x->libs, c, path, 0, err);
}

static int resolve_library(struct payload_elfs *x, const char *path, struct ohc_error *err)
{
	ohc_cleanup(ohc_loader_set_clear) struct ohc_loader_set best = OHC_LOADER_SET_INIT;
	size_t best_before = 0;
	int rc = ohc_loader_start(x->libs, path, &best, err);

	for (size_t i = 0; rc >= 0 && i < x->hosts.n && best.n_missing > best_before; i++) {
		ohc_cleanup(ohc_loader_set_clear) struct ohc_loader_set c = OHC_LOADER_SET_INIT;
		size_t before = 0;

		rc = try_host(x, x->hosts.v[i], path, &c, &before, err);
		if (rc == 0 && c.n && c.n_missing - before < best.n_missing - best_before) {
			ohc_loader_set_clear(&best);
			best = c;
			best_before = before;
			c = (struct ohc_loader_set)OHC_LOADER_SET_INIT;
		}
	}
	if (rc < 0)
		return rc;
	note_missing(x, &best, best_before, false);
	note_unknown(x, &best);
	return 0;
}

static void elfs_clear(struct payload_elfs *x)
{
	ohc_strv_clear(&x->programs);
	ohc_strv_clear(&x->libraries);
	ohc_strv_clear(&x->hosts);
	ohc_strv_clear(&x->unknown);
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
	ohc_cleanup(elfs_clear) struct payload_elfs x = { .c = c };
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
		rc = tell_all(&x, err);
	if (rc == 0 && x.total && c->findings->n == n)
		ohc_findings_add(c->findings, OHC_FINDING_OK, "libraries", c->targets->v[0],
				 "%zu programs and %zu libraries find all that they need",
				 x.programs.n, x.libraries.n);
	return rc;
}
