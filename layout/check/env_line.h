/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tells what env(1) starts as the interpreter of a script.
 *
 *	ohc_env_line_read("-S -u HOME python3 -u", true, &line);
 *	... line.name is "python3", looked for in line.path or else in the image's PATH ...
 *	ohc_env_line_clear(&line);
 *
 * The kernel gives an interpreter all that follows its name as one argument.  So "#!/usr/bin/env
 * python3 -u" looks for a program "python3 -u", which is nowhere; -S, which GNU's and the BSDs' env
 * know, splits the argument as a shell would, by quotes and backslashes.
 */
#ifndef OHC_LAYOUT_CHECK_ENV_LINE_H
#define OHC_LAYOUT_CHECK_ENV_LINE_H

#include <stdbool.h>

struct ohc_env_line {
	char *name; /* what is started, or NULL where that cannot be told from the line */
	char *path; /* where it is looked for, or NULL: where the image's PATH says */
	bool whole; /* env takes the whole argument for the name, or for options that it refuses */
};

/* arg is the argument, without blanks at its ends; splits: this env knows -S.  The caller clears
 * *ret. */
void ohc_env_line_read(const char *arg, bool splits, struct ohc_env_line *ret);
void ohc_env_line_clear(struct ohc_env_line *line);

#endif
