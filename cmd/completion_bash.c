// SPDX-License-Identifier: Apache-2.0
#include "cmd/completion.h"
#include "core/alloc.h"

/* bash splits words at '=', so --format=o comes as three of them.  What completes is either a list
 * of words or one of compgen's actions (-f, -d), or nothing. */
static const char head[] =
	"# bash completion of ohcompose, written by 'ohcompose completion bash'\n"
	"_ohcompose()\n"
	"{\n"
	"\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}\n"
	"\tlocal command=${COMP_WORDS[1]} options='' names='' words='' action='' value='' "
	"joined=''\n"
	"\n"
	"\tif [[ $cur == '=' ]]; then\n"
	"\t\tcur='' joined=1\n"
	"\telif [[ $prev == '=' ]]; then\n"
	"\t\tprev=${COMP_WORDS[COMP_CWORD - 2]} joined=1\n"
	"\tfi\n";

static const char tail[] = "\tif [[ $value ]]; then\n"
			   "\t\t[[ ! $words ]] || action=-W\n"
			   "\telif [[ $cur == -* ]]; then\n"
			   "\t\taction=-W words=$options\n"
			   "\telif [[ $names ]]; then\n"
			   "\t\taction=-W words=$names\n"
			   "\telse\n"
			   "\t\taction=-f\n"
			   "\tfi\n"
			   "\tCOMPREPLY=()\n"
			   "\tcase $action in\n"
			   "\t-W) mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\") ;;\n"
			   "\t-[fd])\n"
			   "\t\tmapfile -t COMPREPLY < <(compgen $action -- \"$cur\")\n"
			   "\t\tcompopt -o filenames 2>/dev/null\n"
			   "\t\t;;\n"
			   "\tesac\n"
			   "}\n"
			   "complete -F _ohcompose ohcompose\n";

static void value_arm(const struct ohc_option *o, FILE *out)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf words = OHC_BUF_INIT;

	if (!o->arg)
		return;
	fputs("\t\t", out);
	if (o->letter)
		fprintf(out, "-%c | ", o->letter);
	fprintf(out, "--%s) value=%s", o->name, o->implied ? "$joined" : "1");
	switch (ohc_completion_value(o)) {
	case OHC_COMPLETE_NOTHING:
		break;
	case OHC_COMPLETE_FILES:
		fputs(" action=-f", out);
		break;
	case OHC_COMPLETE_DIRECTORIES:
		fputs(" action=-d", out);
		break;
	case OHC_COMPLETE_WORDS:
		ohc_completion_words(o->words, &words);
		fprintf(out, " words='%s'", words.data);
		break;
	}
	fputs(" ;;\n", out);
}

static void command_arm(const struct ohc_command *c, const struct ohc_command *const *commands,
			FILE *out)
{
	const struct ohc_option *tables[OHC_TABLES_MAX];
	ohc_cleanup(ohc_buf_clear) struct ohc_buf names = OHC_BUF_INIT;
	const char *gap = "";

	ohc_command_tables(c, tables);
	ohc_completion_names(c, commands, &names);
	fprintf(out, "\t%s)\n", c->name);
	if (names.len)
		fprintf(out, "\t\tnames='%s'\n", names.data);
	fputs("\t\toptions='", out);
	for (size_t i = 0; tables[i]; i++)
		for (const struct ohc_option *o = tables[i]; o->name; o++, gap = " ")
			fprintf(out, "%s--%s", gap, o->name);
	fputs("'\n\t\tcase $prev in\n", out);
	for (size_t i = 0; tables[i]; i++)
		for (const struct ohc_option *o = tables[i]; o->name; o++)
			value_arm(o, out);
	fputs("\t\tesac\n\t\t;;\n", out);
}

void ohc_completion_bash(const struct ohc_command *const *commands, FILE *out)
{
	fprintf(out, "%s\tif ((COMP_CWORD == 1)); then\n\t\tcommand='' names='", head);
	for (size_t i = 0; commands[i]; i++)
		fprintf(out, "%s%s", i ? " " : "", commands[i]->name);
	fputs("' options='--help --version'\n\tfi\n\tcase $command in\n", out);
	for (size_t i = 0; commands[i]; i++)
		command_arm(commands[i], commands, out);
	fprintf(out, "\tesac\n%s", tail);
}
