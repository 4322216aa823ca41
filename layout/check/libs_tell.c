// SPDX-License-Identifier: Apache-2.0
/* Findings about the payload's ELF files. */
#include <stdio.h>
#include <string.h>

#include "layout/check/libs_internal.h"
#include "layout/loader/machine.h"

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

/* Does the payload have a C library of its own, and this program is for another?  Then it is one of
 * a tree's for other systems, but not where it is what the image starts. */
static bool is_other_libc(const struct payload_elfs *x, const struct lack *l)
{
	enum ohc_libc libc = ohc_elf_libc_of_interp(l->name);

	return libc != OHC_LIBC_UNKNOWN && !x->has_libc[libc] && x->own_loader && !l->command;
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
	if (is_other_libc(x, l)) {
		ohc_findings_add(x->c->findings, OHC_FINDING_WARNING, "libc-family", l->by.first,
				 "needs the loader '%s', and is for another C library than the "
				 "other programs of the payload%s: it cannot be started",
				 l->name, ohc_tally_more(&l->by, more));
		return 0;
	}
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

/* Where several versions of one family are missing in one file, only the highest is reported. */
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

/* When the payload has the library all the same, the program lacks a search path to it. */
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

/* A program that asks for an executable stack still gets it: the kernel grants it before glibc
 * runs. */
static void tell_stack(struct payload_elfs *x)
{
	char more[OHC_TALLY_TEXT];
	bool strict = x->strict && x->strict == x->libcs;

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

	/* When it is the only one and the command, all is reported already. */
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

int ohc_check_libs_tell(struct payload_elfs *x, struct ohc_error *err)
{
	char more[OHC_TALLY_TEXT];
	int rc = 0;

	tell_foreign(x);
	for (size_t i = 0; rc == 0 && i < x->n_lacks; i++)
		rc = tell_lack(x, &x->lacks[i], err);
	tell_mixed(x);
	tell_unknown(x);
	tell_stack(x);
	if (x->textrel.n)
		ohc_findings_add(x->c->findings, OHC_FINDING_WARNING, "text-relocations",
				 x->textrel.first,
				 "changes its own code when it is loaded%s, which hardened kernels "
				 "and musl refuse; build it with -fPIC",
				 ohc_tally_more(&x->textrel, more));
	if (x->other_libc.n)
		ohc_findings_add(x->c->findings, OHC_FINDING_WARNING, "libc-family",
				 x->other_libc.first,
				 "is for a C library that no program of the payload and not the "
				 "image has%s: nothing can load it",
				 ohc_tally_more(&x->other_libc, more));
	if (x->frozen.n)
		ohc_findings_add(
			x->c->findings, OHC_FINDING_WARNING, "pyinstaller", x->frozen.first,
			"leaves its LD_LIBRARY_PATH to all that it starts%s, so that the "
			"base's curl or python3 may load its libraries and fail; ohcompose "
			"pack --closure takes that away",
			ohc_tally_more(&x->frozen, more));
	if (x->buried.n)
		ohc_findings_add(x->c->findings, OHC_FINDING_WARNING, "appended-data",
				 x->buried.first, OHC_CHECK_BURIED "%s",
				 ohc_tally_more(&x->buried, more));
	if (x->damaged.n)
		ohc_findings_add(x->c->findings, OHC_FINDING_WARNING, "elf-damaged",
				 x->damaged.first, "begins as an ELF file, and is none%s",
				 ohc_tally_more(&x->damaged, more));
	return rc;
}
