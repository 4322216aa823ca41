// SPDX-License-Identifier: Apache-2.0
/* Findings about the payload's ELF files. */
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/path.h"
#include "layout/check/libs_internal.h"

/* Tells of all that were counted in one finding: WHAT " (and 2 more like it)" REST. */
static void tell(const struct payload_elfs *x, enum ohc_finding_level level, const char *code,
		 const struct ohc_tally *t, const char *what, const char *rest)
{
	char more[OHC_TALLY_TEXT];

	if (t->n)
		ohc_findings_add(x->c->findings, level, code, t->first, "%s%s%s", what,
				 ohc_tally_more(t, more), rest);
}

/* Does the payload have a C library of its own, and this program is for another?  Then it is one of
 * a tree's for other systems, but not where it is what the image starts. */
static bool is_other_libc(const struct payload_elfs *x, const struct lack *l)
{
	enum ohc_libc libc = ohc_elf_libc_of_interp(l->name);

	return libc != OHC_LIBC_UNKNOWN && !x->has_libc[libc] && x->own_loader && !l->command;
}

static void tell_loader(const struct payload_elfs *x, const struct lack *l)
{
	static const char *const bases[] = { [OHC_LIBC_UNKNOWN] = "has no C library at all",
					     [OHC_LIBC_GLIBC] = "has glibc",
					     [OHC_LIBC_MUSL] = "has musl (Alpine and its like)" };
	ohc_cleanup(ohc_freep) char *what = NULL, *rest = NULL;
	enum ohc_finding_level level = OHC_FINDING_ERROR;
	const char *code = "interpreter";

	if (ohc_check_is_ours(x->c, l->name)) {
		what = ohc_xasprintf("needs the loader '%s', which the payload does not have",
				     l->name);
	} else if (l->second) {
		level = OHC_FINDING_WARNING;
		what = ohc_xasprintf("needs the loader '%s' of another architecture, which the "
				     "image does not have",
				     l->name);
	} else if (is_other_libc(x, l)) {
		level = OHC_FINDING_WARNING;
		code = "libc-family";
		what = ohc_xasprintf("needs the loader '%s', and is for another C library than the "
				     "other programs of the payload",
				     l->name);
		rest = ohc_xstrdup(": it cannot be started");
	} else {
		code = ohc_elf_libc_of_interp(l->name) ? "libc-family" : code;
		what = ohc_xasprintf("needs the loader '%s'", l->name);
		rest = ohc_xasprintf(", and the image %s: give the payload its own (ohcompose pack "
				     "--closure), or take another base",
				     bases[x->base_libc]);
	}
	tell(x, level, code, &l->by, what, rest ? rest : "");
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
		if (strcmp(ohc_path_name(x->libraries.v[i]), name) == 0)
			return x->libraries.v[i];
	return NULL;
}

static void tell_file(struct payload_elfs *x, const struct lack *l, enum ohc_finding_level level,
		      const char *more)
{
	const char *path = elsewhere(x, l->name);

	if (!path && ohc_loader_is_driver(l->name)) {
		ohc_findings_add(x->c->findings, OHC_FINDING_WARNING, "library-missing", l->name,
				 "is needed by '%s'%s, and comes with the driver of the machine "
				 "that runs it: without one it fails, and with one "
				 "LD_LIBRARY_PATH must lead to it",
				 l->by.first, more);
		return;
	}
	ohc_findings_add(x->c->findings, level, "library-missing", l->name,
			 "is needed by '%s'%s, and is not where the loader looks for it%s%s%s",
			 l->by.first, more, path ? "; the payload has '" : "", path ? path : "",
			 path ? "', which takes an RPATH (ohcompose pack --closure)" : "");
}

static const char *what_is_wrong(enum ohc_missing_why why)
{
	if (why == OHC_MISSING_ARCH)
		return "for another architecture";
	return why == OHC_MISSING_NO_LIB
		       ? "a program or an object file, which no loader takes for a library"
		       : "no ELF file, or a damaged one";
}

static int tell_lack(struct payload_elfs *x, const struct lack *l, struct ohc_error *err)
{
	enum ohc_finding_level level = l->program ? OHC_FINDING_ERROR : OHC_FINDING_WARNING;
	char more[OHC_TALLY_TEXT];

	if (l->why == OHC_MISSING_VERSION)
		return tell_version(x, l, err);
	ohc_tally_more(&l->by, more);
	if (l->why == OHC_MISSING_LOADER)
		tell_loader(x, l);
	else if (l->why == OHC_MISSING_FILE)
		tell_file(x, l, level, more);
	else
		ohc_findings_add(x->c->findings, level, "library-missing", l->name,
				 "is needed by '%s'%s, and '%s' is %s", l->by.first, more, l->found,
				 what_is_wrong(l->why));
	return 0;
}

/* A program that asks for an executable stack still gets it: the kernel grants it before glibc
 * runs. */
static void tell_stack(const struct payload_elfs *x)
{
	bool strict = x->strict && x->strict == x->libcs;

	tell(x, OHC_FINDING_WARNING, "executable-stack", &x->stack, "asks for an executable stack",
	     ", which hardened kernels refuse; patchelf --clear-execstack");
	tell(x, strict ? OHC_FINDING_ERROR : OHC_FINDING_WARNING, "executable-stack",
	     &x->stack_libs, "asks for an executable stack",
	     strict ? ", which this image's glibc refuses (2.41 and newer); patchelf "
		      "--clear-execstack"
		    : ", which glibc 2.41 and newer, and hardened kernels refuse; patchelf "
		      "--clear-execstack");
}

static void tell_foreign(struct payload_elfs *x)
{
	char more[OHC_TALLY_TEXT];
	bool most = 2 * x->foreign.n >= x->total;

	/* When it is the only one and the command, all is reported already. */
	if (x->foreign.n > 1 || (x->foreign.n && !ohc_findings_has(x->c->before, "architecture",
								   x->foreign.first, NULL)))
		ohc_findings_add(x->c->findings, most ? OHC_FINDING_ERROR : OHC_FINDING_WARNING,
				 "architecture", x->foreign.first,
				 "is for %s%s, and the image is for %s%s", x->foreign_arch,
				 ohc_tally_more(&x->foreign, more), x->c->platform.arch,
				 most ? ": take a payload or a base for the other" : "");
}

static void tell_mixed(const struct payload_elfs *x)
{
	ohc_cleanup(ohc_freep) char *mixed =
		ohc_xasprintf("would get its loader and its libc ('%s') from two different systems",
			      x->mixed.n ? x->mixed_lib : "");
	ohc_cleanup(ohc_freep) char *outside =
		ohc_xasprintf("has its own loader, but takes '%s' from the base",
			      x->outside.n ? x->outside_lib : "");

	tell(x, OHC_FINDING_ERROR, "libc-mixed", &x->mixed, mixed,
	     ": they must be of one; ohcompose pack --closure");
	tell(x, OHC_FINDING_WARNING, "library-outside", &x->outside, outside,
	     ", which another base may not have; ohcompose pack --closure");
}

static void tell_unknown(const struct payload_elfs *x)
{
	const struct ohc_tally t = { x->unknown.n ? x->unknown.v[0] : NULL, x->unknown.n };

	tell(x, OHC_FINDING_WARNING, OHC_CHECK_UNKNOWN, &t, "could not be looked at",
	     ": whether it is for this image, and finds what it loads, is not known");
}

/* Files that harm nobody unless they are used. */
static void tell_odd(const struct payload_elfs *x)
{
	tell(x, OHC_FINDING_WARNING, "text-relocations", &x->textrel,
	     "changes its own code when it is loaded",
	     ", which hardened kernels and musl refuse; build it with -fPIC");
	tell(x, OHC_FINDING_WARNING, "libc-family", &x->other_libc,
	     "is for a C library that no program of the payload and not the image has",
	     ": nothing can load it");
	tell(x, OHC_FINDING_WARNING, "pyinstaller", &x->frozen,
	     "leaves its LD_LIBRARY_PATH to all that it starts",
	     ", so that the base's curl or python3 may load its libraries and fail; ohcompose "
	     "pack --closure takes that away");
	tell(x, OHC_FINDING_WARNING, "appended-data", &x->buried, OHC_CHECK_BURIED, "");
	tell(x, OHC_FINDING_ERROR, "interpreter", &x->unstartable,
	     "has a loader that the user may not execute", ", so the kernel refuses it; chmod a+x");
	tell(x, OHC_FINDING_WARNING, "elf-damaged", &x->damaged,
	     "begins as an ELF file, and is none", "");
}

int ohc_check_libs_tell(struct payload_elfs *x, struct ohc_error *err)
{
	int rc = 0;

	tell_foreign(x);
	for (size_t i = 0; rc == 0 && i < x->n_lacks; i++)
		rc = tell_lack(x, &x->lacks[i], err);
	tell_mixed(x);
	tell_unknown(x);
	tell_stack(x);
	tell_odd(x);
	return rc;
}
