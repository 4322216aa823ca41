/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One line of PREFIX/etc/launchers (ohcompose-launchers(5)):
 *
 *	NAME: [SETTING ...] PROGRAM [ARGUMENT ...]
 *
 * read by the launcher, which has no C library, and by ohcompose, which writes the file and checks
 * it by the same rules.  So nothing here allocates, calls or includes anything:
 *
 *	for (;;) {
 *		rc = ohc_line_word(&at, &word);		unquoted where it stands
 *		if (rc != OHC_LINE_WORD || !ohc_line_setting(word, &set))
 *			break;				what is no setting is the program
 *		...
 *	}
 *	n = ohc_line_expand(word, &values, out, sizeof(out));
 *
 * Words end at blanks.  '...' and "..." keep blanks, and \ takes the next character as it is but
 * within '...'.  Quotes group and do nothing else: $PREFIX, $1 to $9, ${1} to ${9},
 * ${1:+TEXT} to ${9:+TEXT} and $@ are what they are within them, too, and $$ is a dollar.
 */
#ifndef OHC_LAYOUT_LAUNCHER_LINE_H
#define OHC_LAYOUT_LAUNCHER_LINE_H

#include <stdbool.h>
#include <stddef.h>

/* The limits of the file, which the launcher reads into memory, and of the names in a line. */
#define OHC_LAUNCHERS_MAX     65536
#define OHC_LAUNCHER_NAME_MAX 128
#define OHC_LAUNCHER_WORDS    256

enum ohc_line {
	OHC_LINE_END = 0,
	OHC_LINE_WORD = 1,
	OHC_LINE_BAD = -1,    /* a quote without its end, or a $ that is no placeholder */
	OHC_LINE_ABSENT = -2, /* it names an argument that was not given */
	OHC_LINE_LONG = -3,   /* it does not fit */
};

/* Takes the next word off the text at *at, which ends with a NUL and holds no newline. */
enum ohc_line ohc_line_word(char **at, char **ret);

enum ohc_setting_kind {
	OHC_SET_ALWAYS,  /* VAR=VALUE */
	OHC_SET_UNSET,   /* VAR?=VALUE		where VAR is not set */
	OHC_SET_FRONT,   /* VAR^=VALUE		in front of a list such as PATH */
	OHC_SET_BEHIND,  /* VAR+=VALUE		behind a list such as TERMINFO_DIRS */
	OHC_SET_LACKING, /* VAR!FILE|FILE=VALUE	VAR is not set, and none of the files is there;
			  * VALUE|VALUE: the first that is there, else the last */
	OHC_SET_CWD,     /* .=VALUE		the current directory */
};

struct ohc_setting {
	enum ohc_setting_kind kind;
	const char *name, *files, *value; /* only value ends with a NUL */
	size_t name_n, files_n;
};

/* False: the word is no setting. */
bool ohc_line_setting(const char *word, struct ohc_setting *ret);

struct ohc_line_values {
	const char *prefix;
	const char *const *args; /* for $1 ... */
	int n_args;
};

/* Writes the word with its placeholders replaced and a NUL behind it, at most size bytes; or
 * OHC_LINE_BAD, OHC_LINE_ABSENT, OHC_LINE_LONG.  Returns the length. */
long ohc_line_expand(const char *word, const struct ohc_line_values *v, char *out, size_t size);

/* Is it "$@", which stands for the caller's other arguments? */
bool ohc_line_is_rest(const char *word);

/* The highest N of $N in the word, 0 when there is none. */
int ohc_line_highest(const char *word);

#endif
