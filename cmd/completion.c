// SPDX-License-Identifier: Apache-2.0
#include "cmd/completion.h"

#include <string.h>

#include "core/alloc.h"

enum shell { SHELL_BASH, SHELL_ZSH, SHELL_FISH };

static const struct ohc_word shells[] = {
	{ "bash", SHELL_BASH }, { "zsh", SHELL_ZSH }, { "fish", SHELL_FISH }, { 0 }
};

const struct ohc_word ohc_words_registry[] = {
	{ "docker.io", 0 }, { "ghcr.io", 0 }, { "quay.io", 0 }, { "registry.gitlab.com", 0 }, { 0 }
};

enum ohc_complete ohc_completion_value(const struct ohc_option *o)
{
	bool files = o->arg && (strstr(o->arg, "FILE") || strstr(o->arg, "SRC"));

	if (o->words)
		return files ? OHC_COMPLETE_FILES_AND_WORDS : OHC_COMPLETE_WORDS;
	if (files)
		return OHC_COMPLETE_FILES;
	if (o->arg && strcmp(o->arg, "DIR") == 0)
		return OHC_COMPLETE_DIRECTORIES;
	return OHC_COMPLETE_NOTHING;
}

static void add_word(struct ohc_buf *list, const char *word)
{
	if (list->len)
		ohc_buf_addc(list, ' ');
	ohc_buf_adds(list, word);
}

void ohc_completion_words(const struct ohc_word *words, struct ohc_buf *ret)
{
	for (; words && words->word; words++)
		add_word(ret, words->word);
}

void ohc_completion_names(const struct ohc_command *c, const struct ohc_command *const *commands,
			  struct ohc_buf *ret)
{
	ohc_completion_words(c->names, ret);
	for (; c->names_commands && *commands; commands++)
		add_word(ret, (*commands)->name);
}

static int run(struct ohc_cli *cli, int argc, char **argv, struct ohc_error *err)
{
	static void (*const writers[])(const struct ohc_command *const *, FILE *) = {
		[SHELL_BASH] = ohc_completion_bash,
		[SHELL_ZSH] = ohc_completion_zsh,
		[SHELL_FISH] = ohc_completion_fish,
	};

	(void)argc;
	for (const struct ohc_word *w = shells; w->word; w++)
		if (strcmp(w->word, argv[0]) == 0) {
			writers[w->value](cli->commands, cli->out);
			return 0;
		}
	return ohc_error_set(err, OHC_E_USAGE, "there is no completion for '%s', only for %s",
			     argv[0], "bash, zsh and fish");
}

const struct ohc_command ohc_cmd_completion = {
	.name = "completion",
	.group = OHC_GROUP_SELF,
	.synopsis = "bash|zsh|fish",
	.summary = "write the completion script of a shell",
	.description = "Try it in a running bash or zsh by `source <(ohcompose completion SHELL)`, "
		       "in fish by `ohcompose completion fish | source`. To keep it:\n\n"
		       "  bash  ~/.local/share/bash-completion/completions/ohcompose\n"
		       "  zsh   _ohcompose in a directory of $fpath\n"
		       "  fish  ~/.config/fish/completions/ohcompose.fish",
	.names = shells,
	.min_args = 1,
	.max_args = 1,
	.run = run,
};
