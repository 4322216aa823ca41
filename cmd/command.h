/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a command is: one file, cmd/NAME.c, with a table of options, a function, and a constant that
 * main.c lists.
 *
 *	struct push { struct ohc_strv tags; bool dry_run; };
 *	static const struct ohc_option options[] = { … };	cmd/options.h
 *
 *	static int run(struct ohc_cli *cli, int argc, char **argv, struct ohc_error *err)
 *	{
 *		struct push *push = cli->state;
 *		…
 *		fprintf(cli->out, "%s@%s\n", argv[1], digest);
 *	}
 *
 *	const struct ohc_command ohc_cmd_push = {
 *		.name = "push", .synopsis = "[options] BASE DEST", .summary = "…",
 *		.options = options, .state_size = sizeof(struct push),
 *		.min_args = 2, .max_args = 2, .takes = OHC_TAKES_IMAGES, .run = run,
 *	};
 *
 * main() gives run() only the names; the options have filled cli->state (zero where nothing was
 * given) and, for what the command takes of "Everywhere", the fields of struct ohc_cli.  run()
 * writes results to cli->out, speaks of everything else through cli->report, and returns 0 or an
 * error, which main() prints.  It need not check whether cli->out could be written: main() does
 * that.
 */
#ifndef OHC_CMD_COMMAND_H
#define OHC_CMD_COMMAND_H

#include <stdio.h>

#include "cmd/options.h"
#include "cmd/progress.h"
#include "core/file.h"
#include "core/report.h"
#include "layout/rootfs/scan.h"
#include "oci/documents/json.h"
#include "registry/registry.h"

#define OHC_PROGRAM "ohcompose"

struct ohc_command;

/* How a registry is spoken to. */
struct ohc_cli_access {
	const char *authfile;
	const char *creds;
	bool creds_stdin;
	char *user, *password; /* of creds or standard input, asked for where needed */
	bool insecure;
};

struct ohc_cli {
	const struct ohc_command *const *commands; /* all there are; ends with NULL */
	const struct ohc_command *command;         /* the one that runs */
	void *state;                               /* of command->state_size bytes */
	FILE *out;
	struct ohc_report *report; /* NULL with -q -q: silent */
	bool help;                 /* --help was given; run() never sees it */

	/* docs/cli.md, "Everywhere".  Strings are NULL where nothing was given. */
	const char *authfile;              /* of both sides, where they have none of their own */
	struct ohc_cli_access access, src; /* access: to the destination, or to the only name */
	const char *ca_file, *cert_file, *key_file;
	struct ohc_strv mirrors;
	unsigned int retries; /* OHC_NOT_GIVEN: the default; 0: none */
	unsigned int timeout; /* seconds; 0: the default */
	unsigned int jobs;    /* 0: the default */
	const char *cache;
	bool no_cache;
	struct ohc_scan_limits limits; /* of layers that are read; the defaults are filled in */
	enum ohc_progress_mode progress;
	unsigned int quiet, verbose; /* how often -q and -v were given */
	bool json;
};

#define OHC_NOT_GIVEN (~0u)

#define OHC_CLI_INIT(table, file)                                            \
	{                                                                    \
		.commands = (table), .out = (file), .retries = OHC_NOT_GIVEN \
	}

/* The purpose by which the help groups commands. */
enum ohc_group {
	OHC_GROUP_MAKE,
	OHC_GROUP_LOOK,
	OHC_GROUP_MOVE,
	OHC_GROUP_REGISTRY,
	OHC_GROUP_SELF,
	OHC_GROUPS,
};

struct ohc_command {
	const char *name;
	enum ohc_group group;
	const char *synopsis;    /* what follows the name: "[options] BASE DEST" */
	const char *summary;     /* one line, no capital, no full stop */
	const char *description; /* paragraphs, an empty line between them; a line that starts with
				  * a space is kept as it is; NULL: none */
	const struct ohc_option *options;      /* NULL: none of its own */
	const struct ohc_option *more_options; /* of another command, which fill the same state */
	size_t state_size;
	int min_args, max_args;       /* of names; max_args -1: any number */
	const struct ohc_word *names; /* what its names can be, for the completions; NULL: files */
	bool names_commands;          /* … its names are commands */
	unsigned int takes;           /* OHC_TAKES_…: options that it shares with others */
	int (*run)(struct ohc_cli *cli, int argc, char **argv, struct ohc_error *err);
};

/* "Everywhere": options that several commands have, each where it means something.  They fill a
 * struct ohc_cli. */
enum ohc_takes {
	OHC_TAKES_AUTHFILE = 1 << 0,
	OHC_TAKES_ACCESS = 1 << 1, /* --creds, --insecure …: requests are made to a registry */
	OHC_TAKES_SOURCE = 1 << 2, /* --src-creds …: what is read is not what is written */
	OHC_TAKES_MIRROR = 1 << 3, /* images are read */
	OHC_TAKES_JOBS = 1 << 4,
	OHC_TAKES_CACHE = 1 << 5,
	OHC_TAKES_REPORT = 1 << 6, /* --progress, -q, -v */
	OHC_TAKES_JSON = 1 << 7,
	OHC_TAKES_LIMITS = 1 << 8, /* layers are read */
};

/* A command that reads an image, and one that writes one made of others. */
#define OHC_TAKES_IMAGE                                                              \
	(OHC_TAKES_AUTHFILE | OHC_TAKES_ACCESS | OHC_TAKES_MIRROR | OHC_TAKES_JOBS | \
	 OHC_TAKES_REPORT | OHC_TAKES_JSON)
#define OHC_TAKES_IMAGES (OHC_TAKES_IMAGE | OHC_TAKES_SOURCE)

/* The tables of a command: its own, those that it takes, and that of --help, which every command
 * has.  The list ends with NULL. */
#define OHC_TABLES_MAX 13
void ohc_command_tables(const struct ohc_command *c, const struct ohc_option *ret[OHC_TABLES_MAX]);

/* An option that some command takes from the shared tables, or NULL. */
const struct ohc_option *ohc_command_shared_option(const char *name);

/* The report that --progress, -q and -v ask for. */
struct ohc_report *ohc_cli_report(const struct ohc_cli *cli, FILE *out);

/* Checks the options of "Everywhere" against one another, and gets users and
 * passwords (from standard input, or from the terminal when --creds has a user alone). */
int ohc_cli_finish(struct ohc_cli *cli, struct ohc_error *err);
int ohc_cli_get_creds(struct ohc_cli *cli, struct ohc_error *err); /* a part of it */

/* Frees users and passwords; the lists are the parser's. */
void ohc_cli_clear(struct ohc_cli *cli);

/* The options as registry/registry.h takes them, for the destination or the only name, and for what
 * is read beside it; they refer to cli, which must stay. */
void ohc_cli_registry_options(const struct ohc_cli *cli, struct ohc_registry_options *ret);
void ohc_cli_source_options(const struct ohc_cli *cli, struct ohc_registry_options *ret);

/* --digest-file: opened before the work begins, so that nothing is pushed whose digest cannot be
 * written; the file appears when it is.  file may be "-", which is cli->out, or NULL, which is
 * nowhere. */
struct ohc_digest_file {
	struct ohc_newfile file;
	bool to_stdout;
};

#define OHC_DIGEST_FILE_INIT              \
	{                                 \
		.file = OHC_NEWFILE_INIT, \
	}

int ohc_digest_file_open(struct ohc_digest_file *d, const char *file, struct ohc_error *err);
int ohc_digest_file_write(struct ohc_digest_file *d, const struct ohc_cli *cli, const char *digest,
			  struct ohc_error *err);
void ohc_digest_file_close(struct ohc_digest_file *d);

/* A result as JSON: a line of cli->out, in which nothing is left that a terminal would obey. */
void ohc_cli_print_json(const struct ohc_cli *cli, const json_t *doc);

/* A document as the bytes that it is; to a terminal as text, escaped but for its line breaks. */
void ohc_cli_print_bytes(const struct ohc_cli *cli, const struct ohc_buf *bytes);

/* When dest is an archive on standard output, that has no room for results: they go to standard
 * error. */
void ohc_cli_spare_stdout(struct ohc_cli *cli, const char *dest);

/* The command of that name; OHC_E_USAGE, with what may have been meant, when there is none. */
int ohc_command_find(const struct ohc_command *const *commands, const char *name,
		     const struct ohc_command **ret, struct ohc_error *err);

/* Something that help tells of and that is no command. */
struct ohc_topic {
	const char *name;
	const char *summary; /* what is told, behind "tells" */
	const char *text;    /* as a command's description */
};

extern const struct ohc_topic ohc_topics[]; /* ends with { 0 } */

/* Registries that many use, for completions. */
extern const struct ohc_word ohc_words_registry[];

/* Help: of the program, in short, and of one command. */
void ohc_help_overview(const struct ohc_command *const *commands, FILE *out);
void ohc_help_command(const struct ohc_command *command, FILE *out);

extern const struct ohc_command ohc_cmd_bake;
extern const struct ohc_command ohc_cmd_cache;
extern const struct ohc_command ohc_cmd_check;
extern const struct ohc_command ohc_cmd_completion;
extern const struct ohc_command ohc_cmd_copy;
extern const struct ohc_command ohc_cmd_gc;
extern const struct ohc_command ohc_cmd_help;
extern const struct ohc_command ohc_cmd_inspect;
extern const struct ohc_command ohc_cmd_login;
extern const struct ohc_command ohc_cmd_logout;
extern const struct ohc_command ohc_cmd_pack;
extern const struct ohc_command ohc_cmd_probe;
extern const struct ohc_command ohc_cmd_push;
extern const struct ohc_command ohc_cmd_verify;
extern const struct ohc_command ohc_cmd_version;

#endif
