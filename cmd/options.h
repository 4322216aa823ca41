/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Options as tables.  A command describes each of its options once; parsing, --help, the shell
 * completions and the test that holds the manual pages to it all read the same entry.
 *
 *	struct login { const char *user; bool from_stdin; };
 *
 *	static const struct ohc_option options[] = {
 *		{ "user", 'u', "USER", "name to log in with", OHC_STRING(struct login, user) },
 *		{ "password-stdin", 0, NULL, "read the password from standard input",
 *		  OHC_FLAG(struct login, from_stdin) },
 *		{ 0 },
 *	};
 *
 * The macros below name the member that an option fills, and do not compile when it is of another
 * type.  Members start as zero; strings are argv's own and stay as long as it does, lists own their
 * strings until ohc_options_clear().
 *
 * The grammar is GNU's: `--option=value` and `--option value`, options before, between and behind
 * the names, `--` ends them, `-` alone is a name, letters may be joined (`-vv`, `-uUSER`).  One
 * thing is not: an abbreviated long option is refused, since a script that uses one breaks on the
 * day that a second option begins with the same letters.
 *
 * Every failure is OHC_E_USAGE and names the option, never its value where that may be a secret.
 */
#ifndef OHC_CMD_OPTIONS_H
#define OHC_CMD_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"
#include "core/strv.h"

enum ohc_option_type {
	OHC_OPTION_FLAG,     /* bool: becomes true */
	OHC_OPTION_COUNT,    /* unsigned int: one more each time */
	OHC_OPTION_STRING,   /* const char *: the last one wins */
	OHC_OPTION_STRINGS,  /* struct ohc_strv: each is added */
	OHC_OPTION_UNSIGNED, /* unsigned int from min to max */
	OHC_OPTION_WORD,     /* an enum: the value of one of the words */
	OHC_OPTION_CHOICE,   /* const char *: one of the words as it stands */
	OHC_OPTION_SET,      /* set() knows; the value is NULL for an option without arg */
};

struct ohc_word {
	const char *word;
	unsigned int value;
};

struct ohc_option {
	const char *name; /* without the dashes; NULL ends the table */
	char letter;      /* 0: none */
	const char *arg;  /* what the help calls the value; NULL: the option has none */
	const char *help; /* no capital, no full stop */

	enum ohc_option_type type;
	size_t offset;
	unsigned int min, max;
	const struct ohc_word *words; /* ends with { 0 }; of a string: some that it may be */
	int (*set)(void *member, const char *value, struct ohc_error *err);

	/* Looks at a string before it is stored.  NULL: any will do. */
	int (*check)(const char *value, struct ohc_error *err);

	const char *implied; /* the value of --name alone, where --name=VALUE need not be written */
	const char *group;   /* the heading it stands under in the help; NULL: "Options" */
	bool ends;           /* nothing behind this option is looked at (--help) */
};

#define OHC_TYPED_OFFSET(T, member, type) \
	(offsetof(T, member) + _Generic(((T *)0)->member, type : 0))

#define OHC_FLAG(T, member) .type = OHC_OPTION_FLAG, .offset = OHC_TYPED_OFFSET(T, member, bool)
#define OHC_COUNT(T, member) \
	.type = OHC_OPTION_COUNT, .offset = OHC_TYPED_OFFSET(T, member, unsigned int)
#define OHC_STRING(T, member) \
	.type = OHC_OPTION_STRING, .offset = OHC_TYPED_OFFSET(T, member, const char *)
#define OHC_STRINGS(T, member) \
	.type = OHC_OPTION_STRINGS, .offset = OHC_TYPED_OFFSET(T, member, struct ohc_strv)
#define OHC_UNSIGNED(T, member, lowest, highest)                                          \
	.type = OHC_OPTION_UNSIGNED, .offset = OHC_TYPED_OFFSET(T, member, unsigned int), \
	.min = (lowest), .max = (highest)
#define OHC_WORD(T, member, table)                                                    \
	.type = OHC_OPTION_WORD, .offset = OHC_TYPED_OFFSET(T, member, unsigned int), \
	.words = (table)
#define OHC_CHOICE(T, member, table)                                                    \
	.type = OHC_OPTION_CHOICE, .offset = OHC_TYPED_OFFSET(T, member, const char *), \
	.words = (table)
#define OHC_SET(T, member, function) \
	.type = OHC_OPTION_SET, .offset = offsetof(T, member), .set = (function)

/* A table with the struct that it fills.  A list of them ends with { 0 }. */
struct ohc_option_set {
	const struct ohc_option *table;
	void *to;
};

/* Reads argv[0..argc) and leaves the names at its front, in their order; *ret_names is their
 * count.  On failure argv is in disorder and what was read before stays set. */
int ohc_options_parse(const struct ohc_option_set *sets, int argc, char **argv, int *ret_names,
		      struct ohc_error *err);

/* Frees the lists. */
void ohc_options_clear(const struct ohc_option_set *sets);

/* The option of that name, or NULL. */
const struct ohc_option *ohc_option_find(const struct ohc_option *table, const char *name);

#endif
