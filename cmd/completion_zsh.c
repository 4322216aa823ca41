// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "cmd/completion.h"
#include "core/alloc.h"

/* Text inside the brackets of an _arguments specification, inside single quotes. */
static void quoted(const char *text, FILE *out)
{
	for (; *text; text++) {
		if (*text == '\'')
			fputs("'\\'", out);
		else if (strchr("[]:\\", *text))
			fputc('\\', out);
		fputc(*text, out);
	}
}

static void value(const struct ohc_option *o, FILE *out)
{
	static const char *const actions[] = {
		[OHC_COMPLETE_NOTHING] = " ",
		[OHC_COMPLETE_FILES] = "_ohcompose_names",
		[OHC_COMPLETE_DIRECTORIES] = "_files -/",
	};
	ohc_cleanup(ohc_buf_clear) struct ohc_buf words = OHC_BUF_INIT;
	enum ohc_complete kind = ohc_completion_value(o);

	fputs(o->implied ? "::" : ":", out);
	quoted(o->arg, out);
	ohc_completion_words(o->words, &words);
	if (kind == OHC_COMPLETE_FILES_AND_WORDS)
		fprintf(out, ": _ohcompose_files_or %s", words.data);
	else if (kind == OHC_COMPLETE_WORDS)
		fprintf(out, ":(%s)", words.data);
	else
		fprintf(out, ":%s", actions[kind]);
}

/* '*' says that it may be repeated, '=' and '+' that a value may be joined or follow, '=-' that it
 * can only be joined. */
static void option(const struct ohc_option *o, FILE *out)
{
	fputs(" \\\n\t\t\t'*'", out);
	if (o->letter)
		fprintf(out, "{-%c%s,--%s%s}'[", o->letter, o->arg ? "+" : "", o->name,
			o->arg ? "=" : "");
	else
		fprintf(out, "'--%s%s%s[", o->name, o->arg ? "=" : "", o->implied ? "-" : "");
	quoted(o->help, out);
	fputc(']', out);
	if (o->arg)
		value(o, out);
	fputc('\'', out);
}

static void command(const struct ohc_command *c, const struct ohc_command *const *commands,
		    FILE *out)
{
	const struct ohc_option *tables[OHC_TABLES_MAX];
	ohc_cleanup(ohc_buf_clear) struct ohc_buf names = OHC_BUF_INIT;

	ohc_command_tables(c, tables);
	ohc_completion_names(c, commands, &names);
	fprintf(out, "\t%s)\n\t\t_arguments -s -S", c->name);
	for (size_t i = 0; tables[i]; i++)
		for (const struct ohc_option *o = tables[i]; o->name; o++)
			option(o, out);
	if (names.len)
		fprintf(out, " \\\n\t\t\t'*:name:(%s)'", names.data);
	else if (c->max_args != 0)
		fputs(" \\\n\t\t\t'*:name:_ohcompose_names'", out);
	fputs("\n\t\t;;\n", out);
}

void ohc_completion_zsh(const struct ohc_command *const *commands, FILE *out)
{
	fputs("#compdef ohcompose\n"
	      "# zsh completion of ohcompose, written by 'ohcompose completion zsh'\n"
	      "\n"
	      "# An image or a file: what is behind 'oci:' or 'linux/amd64=' is one, too.\n"
	      "_ohcompose_names()\n{\n"
	      "\tcompset -P '*='\n"
	      "\tif compset -P '(oci|oci-archive|docker-archive):'; then\n"
	      "\t\t_files\n"
	      "\telse\n"
	      "\t\t_alternative 'files:file:_files' \\\n"
	      "\t\t\t'transports:transport:compadd -S \"\" oci\\: oci-archive\\: "
	      "docker-archive\\:'\n"
	      "\tfi\n"
	      "}\n\n"
	      "_ohcompose_files_or()\n{\n"
	      "\t_alternative \"names:name:($*)\" 'files:file:_files'\n"
	      "}\n\n"
	      "_ohcompose()\n{\n"
	      "\tlocal command=$words[2]\n"
	      "\tlocal -a commands\n\n"
	      "\tif ((CURRENT == 2)); then\n"
	      "\t\tcommands=(",
	      out);
	for (size_t i = 0; commands[i]; i++) {
		fprintf(out, "\n\t\t\t'%s:", commands[i]->name);
		quoted(commands[i]->summary, out);
		fputc('\'', out);
	}
	fputs("\n\t\t)\n"
	      "\t\t_describe command commands\n"
	      "\t\treturn\n"
	      "\tfi\n"
	      "\tshift words\n"
	      "\t((CURRENT--))\n"
	      "\tcase $command in\n",
	      out);
	for (size_t i = 0; commands[i]; i++)
		command(commands[i], commands, out);
	/* The file is either loaded by compinit, which calls it, or read by `source`. */
	fputs("\tesac\n}\n\n"
	      "if [[ $funcstack[1] == _ohcompose ]]; then\n"
	      "\t_ohcompose \"$@\"\n"
	      "else\n"
	      "\tcompdef _ohcompose ohcompose\n"
	      "fi\n",
	      out);
}
