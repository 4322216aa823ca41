/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The launchers of a payload, and what each starts (ohcompose-launchers(5)).
 *
 *	struct ohc_launchers l = OHC_LAUNCHERS_INIT;
 *
 *	rc = ohc_launchers_parse(&l, "oh-x=bin/x --flag", err);		--launcher
 *	rc = ohc_launchers_put(&l, "oh-y", &env, "bin/y", &args, err);	a recipe's
 *	ohc_launchers_of_profile(&l, "openhands", prefix, assemblies, n);	those that fit it
 *	rc = ohc_launchers_add(&l, "arm64", prefix, assembly, err);	to the last of the layers
 *	ohc_launchers_clear(&l);
 *
 * A fault of a launcher is OHC_E_FORMAT and names it.  What is written is what the launcher program
 * will read: words are checked by its own parser (layout/launcher/line.h).
 */
#ifndef OHC_LAYOUT_LAUNCHER_LAUNCHERS_H
#define OHC_LAYOUT_LAUNCHER_LAUNCHERS_H

#include "core/buf.h"
#include "core/error.h"
#include "core/strv.h"
#include "layout/layer/assembly.h"

/* Below the prefix. */
#define OHC_LAUNCHERS_FILE "etc/launchers"

/* Words as the launcher has them after unquoting: "VAR=a b", "$PREFIX/x", "$@". */
struct ohc_launcher {
	char *name;
	struct ohc_strv settings;
	char *program; /* below the prefix, or absolute */
	struct ohc_strv args;
};

struct ohc_launchers {
	struct ohc_strv common; /* settings of all */
	struct ohc_strv known; /* places below the prefix that need no setting: libraries look there
				 * by themselves ("lib/locale") */
	struct ohc_launcher *v;
	size_t n;
};

#define OHC_LAUNCHERS_INIT              \
	{                               \
		.common = OHC_STRV_INIT \
	}

void ohc_launchers_clear(struct ohc_launchers *l);

/* settings and args may be NULL.  A name that is there already is an error. */
int ohc_launchers_put(struct ohc_launchers *l, const char *name, const struct ohc_strv *settings,
		      const char *program, const struct ohc_strv *args, struct ohc_error *err);

/* "NAME=[SETTING ...] PROGRAM [ARGUMENT ...]", words as a line of the file has them. */
int ohc_launchers_parse(struct ohc_launchers *l, const char *spec, struct ohc_error *err);

/* NULL: there is none of that name. */
const struct ohc_launcher *ohc_launchers_find(const struct ohc_launchers *l, const char *name);

/* The absolute path of what a launcher's line names as its program: below the prefix, unless it is
 * absolute.  The caller frees it. */
char *ohc_launchers_program(const char *program, const char *prefix);

/*
 * Adds the settings that every program of the payload needs, by what it has (a locale,
 * certificates, …), and those of the profile's launchers whose programs are there, but none whose
 * name is taken by a launcher or by a file PREFIX/bin/NAME.  profile may be NULL.  The assemblies
 * must be all of the payload's, because those below one are not searched through it.
 */
void ohc_launchers_of_profile(struct ohc_launchers *l, const char *profile, const char *prefix,
			      struct ohc_assembly *const *assemblies, size_t n);

/* The file's text.  OHC_E_FORMAT when it is more than the launcher reads. */
int ohc_launchers_text(const struct ohc_launchers *l, struct ohc_buf *ret, struct ohc_error *err);

/* Does the launcher `name` start a program in the end?  OHC_E_NOT_FOUND where a program below the
 * prefix is neither in the assembly, nor below it, nor a launcher; OHC_E_FORMAT where it may not be
 * executed, and where launchers only start each other. */
int ohc_launchers_check(const struct ohc_launchers *l, const char *name, const char *prefix,
			const struct ohc_assembly *b, struct ohc_error *err);

/*
 * Adds PREFIX/etc/launchers and PREFIX/bin/NAME.  Nothing is added where there are no launchers.
 * Fails where ohc_launchers_check() does for one of them, and where there is no launcher program
 * for arch (layout/launcher/binary.h).
 */
int ohc_launchers_add(const struct ohc_launchers *l, const char *arch, const char *prefix,
		      struct ohc_assembly *b, struct ohc_error *err);

#endif
