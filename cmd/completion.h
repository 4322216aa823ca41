/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside of `ohcompose completion`: one file a shell, each of which writes a script from the same
 * tables as --help.  The scripts hold everything; they do not run the program.
 */
#ifndef OHC_CMD_COMPLETION_H
#define OHC_CMD_COMPLETION_H

#include "cmd/command.h"

enum ohc_complete {
	OHC_COMPLETE_NOTHING, /* any text */
	OHC_COMPLETE_FILES,
	OHC_COMPLETE_DIRECTORIES,
	OHC_COMPLETE_WORDS,
	OHC_COMPLETE_FILES_AND_WORDS,
};

/* Tells what can complete an option's value, by what its help calls it: DIR; FILE or SRC; words;
 * NAME|FILE. */
enum ohc_complete ohc_completion_value(const struct ohc_option *o);

/* The words that a command's names can be, a space between them; "" for files. */
void ohc_completion_names(const struct ohc_command *c, const struct ohc_command *const *commands,
			  struct ohc_buf *ret);

/* The words of an option, a space between them. */
void ohc_completion_words(const struct ohc_word *words, struct ohc_buf *ret);

void ohc_completion_bash(const struct ohc_command *const *commands, FILE *out);
void ohc_completion_zsh(const struct ohc_command *const *commands, FILE *out);
void ohc_completion_fish(const struct ohc_command *const *commands, FILE *out);

#endif
