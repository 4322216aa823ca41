/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A command is one file, cmd/NAME.c, with a table of options, a function, and a constant that
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

#include "cmd/cli.h"
#include "cmd/options.h"
#include "core/error.h"

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
	const struct ohc_option *options; /* NULL: none of its own */
	const struct ohc_option
		*more_options[2]; /* shared ones, which fill the same state; or NULL */
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

/* Fills in the tables of a command: its own, those that it takes, and that of --help, which every
 * command has.  The list ends with NULL. */
#define OHC_TABLES_MAX 14
void ohc_command_tables(const struct ohc_command *c, const struct ohc_option *ret[OHC_TABLES_MAX]);

/* An option that some command takes from the shared tables, or NULL. */
const struct ohc_option *ohc_command_shared_option(const char *name);

/* The command of that name; OHC_E_USAGE, with what may have been meant, when there is none. */
int ohc_command_find(const struct ohc_command *const *commands, const char *name,
		     const struct ohc_command **ret, struct ohc_error *err);

/* Well-known registries, for completions. */
extern const struct ohc_word ohc_words_registry[];

extern const struct ohc_command ohc_cmd_attach;
extern const struct ohc_command ohc_cmd_bake;
extern const struct ohc_command ohc_cmd_cache;
extern const struct ohc_command ohc_cmd_check;
extern const struct ohc_command ohc_cmd_completion;
extern const struct ohc_command ohc_cmd_copy;
extern const struct ohc_command ohc_cmd_detach;
extern const struct ohc_command ohc_cmd_gc;
extern const struct ohc_command ohc_cmd_help;
extern const struct ohc_command ohc_cmd_inspect;
extern const struct ohc_command ohc_cmd_login;
extern const struct ohc_command ohc_cmd_logout;
extern const struct ohc_command ohc_cmd_pack;
extern const struct ohc_command ohc_cmd_probe;
extern const struct ohc_command ohc_cmd_push;
extern const struct ohc_command ohc_cmd_unpack;
extern const struct ohc_command ohc_cmd_upgrade;
extern const struct ohc_command ohc_cmd_verify;
extern const struct ohc_command ohc_cmd_version;

#endif
