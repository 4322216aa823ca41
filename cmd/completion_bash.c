// SPDX-License-Identifier: Apache-2.0
#include "cmd/completion.h"
#include "core/alloc.h"

/* bash splits words at '=' and ':', so --format=o comes as three of them, and of oci:dir only what
 * is behind the ':'.  It does not where somebody took those out of COMP_WORDBREAKS, as other
 * completions do: `front` is then what stands before, and is given back with each word.  A value is
 * completed by words, by one of compgen's actions (-f, -d), by both or by neither. */
static const char head[] =
	"# bash completion of ohcompose, written by 'ohcompose completion bash'\n"
	"_ohcompose()\n"
	"{\n"
	"\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}\n"
	"\tlocal command=${COMP_WORDS[1]} options='' names='' words='' action='' value='' "
	"joined='' front='' IFS=$' \\t\\n'\n"
	"\n"
	"\tif [[ $cur == ':' ]]; then\n"
	"\t\tcur=''\n"
	"\telif [[ $cur == '=' ]]; then\n"
	"\t\tcur='' joined=1\n"
	"\telif [[ $prev == '=' ]]; then\n"
	"\t\tprev=${COMP_WORDS[COMP_CWORD - 2]} joined=1\n"
	"\telif [[ $cur == --*=* ]]; then\n"
	"\t\tprev=${cur%%=*} joined=1 front=${cur%%=*}= cur=${cur#*=}\n"
	"\tfi\n"
	"\tif [[ $cur == *[:=]* && $cur != [\\'\\\"]* ]]; then\n"
	"\t\tfront+=${cur%\"${cur##*[:=]}\"} cur=${cur##*[:=]}\n"
	"\tfi\n";

static const char tail[] = "\tif [[ ! $value && $cur == -* ]]; then\n"
			   "\t\twords=$options\n"
			   "\telif [[ ! $value && $names ]]; then\n"
			   "\t\twords=$names\n"
			   "\telif [[ ! $value ]]; then\n"
			   "\t\taction=-f\n"
			   "\tfi\n"
			   "\tCOMPREPLY=()\n"
			   "\t[[ $action || $words ]] || return 0\n"
			   "\tmapfile -t COMPREPLY < <(compgen $action ${words:+-W \"$words\"} -P "
			   "\"$front\" -- \"$cur\")\n"
			   "\t[[ ! $action ]] || compopt -o filenames 2>/dev/null\n"
			   "}\n"
			   "complete -F _ohcompose ohcompose\n";

static void value_arm(const struct ohc_option *o, FILE *out)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf words = OHC_BUF_INIT;
	enum ohc_complete kind = ohc_completion_value(o);

	if (!o->arg)
		return;
	fputs("\t\t", out);
	if (o->letter)
		fprintf(out, "-%c | ", o->letter);
	fprintf(out, "--%s) value=%s", o->name, o->implied ? "$joined" : "1");
	if (kind == OHC_COMPLETE_FILES || kind == OHC_COMPLETE_FILES_AND_WORDS)
		fputs(" action=-f", out);
	if (kind == OHC_COMPLETE_DIRECTORIES)
		fputs(" action=-d", out);
	ohc_completion_words(o->words, &words);
	if (words.len)
		fprintf(out, o->implied ? " words=\"${joined:+%s}\"" : " words='%s'", words.data);
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
