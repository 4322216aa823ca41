// SPDX-License-Identifier: Apache-2.0
#include "cmd/completion.h"
#include "core/alloc.h"

/* fish's single quotes know \' and \\ */
static void quoted(const char *text, FILE *out)
{
	fputc('\'', out);
	for (; *text; text++) {
		if (*text == '\'' || *text == '\\')
			fputc('\\', out);
		fputc(*text, out);
	}
	fputc('\'', out);
}

static void option(const struct ohc_command *c, const struct ohc_option *o, FILE *out)
{
	static const char *const values[] = {
		[OHC_COMPLETE_NOTHING] = " -x",
		[OHC_COMPLETE_FILES] = " -r -F",
		[OHC_COMPLETE_DIRECTORIES] = " -x -a '(__fish_complete_directories)'",
		[OHC_COMPLETE_WORDS] = " -x",
		[OHC_COMPLETE_FILES_AND_WORDS] = " -r -F",
	};
	ohc_cleanup(ohc_buf_clear) struct ohc_buf words = OHC_BUF_INIT;
	enum ohc_complete kind = ohc_completion_value(o);

	fprintf(out, "complete -c ohcompose -n '__fish_seen_subcommand_from %s'", c->name);
	if (o->letter)
		fprintf(out, " -s %c", o->letter);
	fprintf(out, " -l %s", o->name);
	ohc_completion_words(o->words, &words);
	if (o->arg && !o->implied) { /* fish has no value that may be left out */
		fputs(values[kind], out);
		if (words.len)
			fprintf(out, " -a '%s'", words.data);
	}
	fputs(" -d ", out);
	quoted(o->help, out);
	fputc('\n', out);
}

static void command(const struct ohc_command *c, const struct ohc_command *const *commands,
		    FILE *out)
{
	const struct ohc_option *tables[OHC_TABLES_MAX];
	ohc_cleanup(ohc_buf_clear) struct ohc_buf names = OHC_BUF_INIT;

	fprintf(out, "\ncomplete -c ohcompose -n __fish_use_subcommand -a %s -d ", c->name);
	quoted(c->summary, out);
	fputc('\n', out);
	ohc_completion_names(c, commands, &names);
	if (names.len)
		fprintf(out, "complete -c ohcompose -n '__fish_seen_subcommand_from %s' -a '%s'\n",
			c->name, names.data);
	else if (c->max_args != 0)
		fprintf(out, "complete -c ohcompose -n '__fish_seen_subcommand_from %s' -F\n",
			c->name);
	ohc_command_tables(c, tables);
	for (size_t i = 0; tables[i]; i++)
		for (const struct ohc_option *o = tables[i]; o->name; o++)
			option(c, o, out);
}

void ohc_completion_fish(const struct ohc_command *const *commands, FILE *out)
{
	fputs("# fish completion of ohcompose, written by 'ohcompose completion fish'\n"
	      "complete -c ohcompose -f\n",
	      out);
	for (size_t i = 0; commands[i]; i++)
		command(commands[i], commands, out);
}
