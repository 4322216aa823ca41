/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command line that runs, as main() has read it: which command, the options of "Everywhere"
 * (cmd/shared_options.c), where results and messages go.  cmd/command.h says what a command does
 * with it.
 */
#ifndef OHC_CMD_CLI_H
#define OHC_CMD_CLI_H

#include <stdio.h>

#include "cmd/progress.h"
#include "core/buf.h"
#include "core/error.h"
#include "core/report.h"
#include "core/strv.h"
#include "layout/rootfs/scan.h"
#include "oci/documents/json.h"
#include "registry/registry.h"

#define OHC_PROGRAM "ohcompose"

struct ohc_cache;
struct ohc_command;

/* Credentials for a registry, and whether its certificate is checked. */
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
	struct ohc_cache *kept;        /* what those two say, for all of the run; NULL: none */
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

/* Prints a result as JSON: one line of cli->out, without characters that a terminal would obey. */
void ohc_cli_print_json(const struct ohc_cli *cli, const json_t *doc);

/* Prints a document byte for byte; to a terminal as text, escaped but for its line breaks. */
void ohc_cli_print_bytes(const struct ohc_cli *cli, const struct ohc_buf *bytes);

/* When dest is an archive on standard output, results go to standard error, so that they do not get
 * into it. */
void ohc_cli_spare_stdout(struct ohc_cli *cli, const char *dest);

#endif
