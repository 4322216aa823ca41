// SPDX-License-Identifier: Apache-2.0
/*
 * Help, made from the tables.  The text is 80 columns wide whatever the terminal is, so that it is
 * the same in a pipe, in a test and on a screen.
 */
#include "cmd/help.h"

#include <string.h>

#include "cmd/topics.h"
#include "core/alloc.h"
#include "core/buf.h"

#define WIDTH  80
#define INDENT 28 /* where an option's help starts */

/* Words of text from column `at` on, each line after the first starting at `indent`. */
static void wrap(FILE *out, const char *text, size_t len, size_t at, size_t indent)
{
	const char *end = text + len;
	size_t word, column = at;

	while (text < end) {
		word = 0;
		while (text + word < end && text[word] != ' ' && text[word] != '\n')
			word++;
		if (column > at && column + 1 + word > WIDTH) {
			fprintf(out, "\n%*s", (int)indent, "");
			column = at = indent;
		}
		column += word + (column > at);
		fprintf(out, "%s%.*s", column > at + word ? " " : "", (int)word, text);
		text += word;
		while (text < end && (*text == ' ' || *text == '\n'))
			text++;
	}
	fputc('\n', out);
}

static void paragraphs(FILE *out, const char *text)
{
	while (*text) {
		const char *end = strstr(text, "\n\n");
		size_t len = end ? (size_t)(end - text) : strlen(text);

		fputc('\n', out);
		if (*text == ' ')
			fprintf(out, "%.*s\n", (int)len, text);
		else
			wrap(out, text, len, 0, 0);
		text += len;
		text += strspn(text, "\n");
	}
}

static void option(FILE *out, const struct ohc_option *o)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf left = OHC_BUF_INIT;

	if (o->letter)
		ohc_buf_addf(&left, "  -%c, --%s", o->letter, o->name);
	else
		ohc_buf_addf(&left, "      --%s", o->name);
	if (o->arg)
		ohc_buf_addf(&left, o->implied ? "[=%s]" : " %s", o->arg);
	fputs(ohc_buf_str(&left), out);
	if (left.len + 2 > INDENT) {
		fputc('\n', out);
		left.len = 0;
	}
	fprintf(out, "%*s", (int)(INDENT - left.len), "");
	wrap(out, o->help, strlen(o->help), INDENT, INDENT);
}

static const char *group_of(const struct ohc_option *o)
{
	return o->group ? o->group : "Options";
}

/* A group's options stand together in the tables. */
static void options(FILE *out, const struct ohc_command *c)
{
	const struct ohc_option *tables[OHC_TABLES_MAX];
	const char *group = "";

	ohc_command_tables(c, tables);
	for (size_t i = 0; tables[i]; i++)
		for (const struct ohc_option *o = tables[i]; o->name; o++) {
			if (strcmp(group_of(o), group) != 0)
				fprintf(out, "\n%s:\n", group_of(o));
			group = group_of(o);
			option(out, o);
		}
}

void ohc_help_command(const struct ohc_command *c, FILE *out)
{
	fprintf(out, "Usage: %s %s %s\n\n", OHC_PROGRAM, c->name, c->synopsis);
	fprintf(out, "%s %s: %s\n", OHC_PROGRAM, c->name, c->summary);
	if (c->description)
		paragraphs(out, c->description);
	options(out, c);
}

static const char *const groups[OHC_GROUPS] = {
	[OHC_GROUP_MAKE] = "Make images",          [OHC_GROUP_LOOK] = "Look at images",
	[OHC_GROUP_MOVE] = "Move and keep images", [OHC_GROUP_REGISTRY] = "Registries",
	[OHC_GROUP_SELF] = "The program itself",
};

void ohc_help_overview(const struct ohc_command *const *commands, FILE *out)
{
	fprintf(out, "Usage: %s COMMAND [options] ...\n\n", OHC_PROGRAM);
	fprintf(out, "Composes OCI images without Docker: a base image and a payload tree become a "
		     "new\nimage, in a registry or in a directory. No daemon, no root.\n");
	for (size_t g = 0; g < OHC_GROUPS; g++) {
		fprintf(out, "\n%s:\n", groups[g]);
		for (size_t i = 0; commands[i]; i++)
			if (commands[i]->group == g)
				fprintf(out, "  %-12s%s\n", commands[i]->name,
					commands[i]->summary);
	}
	fprintf(out, "\n'%s help COMMAND' tells more of one.\n", OHC_PROGRAM);
	for (const struct ohc_topic *t = ohc_topics; t->name; t++)
		fprintf(out, "'%s help %s' tells %s.\n", OHC_PROGRAM, t->name, t->summary);
}

static const struct ohc_topic *find_topic(const char *name)
{
	for (const struct ohc_topic *t = ohc_topics; t->name; t++)
		if (strcmp(t->name, name) == 0)
			return t;
	return NULL;
}

static void help_topic(const struct ohc_topic *t, FILE *out)
{
	fprintf(out, "%s help %s: %s\n", OHC_PROGRAM, t->name, t->summary);
	paragraphs(out, t->text);
}

static int run(struct ohc_cli *cli, int argc, char **argv, struct ohc_error *err)
{
	const struct ohc_topic *topic = argc ? find_topic(argv[0]) : NULL;
	const struct ohc_command *command;
	int rc;

	if (argc == 0 || topic) {
		if (topic)
			help_topic(topic, cli->out);
		else
			ohc_help_overview(cli->commands, cli->out);
		return 0;
	}
	rc = ohc_command_find(cli->commands, argv[0], &command, err);
	if (rc == 0)
		ohc_help_command(command, cli->out);
	return rc;
}

static const struct ohc_word topic_words[] = { { "recipe", 0 }, { 0 } };

const struct ohc_command ohc_cmd_help = {
	.name = "help",
	.group = OHC_GROUP_SELF,
	.synopsis = "[COMMAND|recipe]",
	.summary = "show what there is, or how a command is used",
	.names = topic_words,
	.names_commands = true,
	.max_args = 1,
	.run = run,
};
