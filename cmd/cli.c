// SPDX-License-Identifier: Apache-2.0
#include "cmd/cli.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "cmd/command.h"
#include "cmd/printable.h"
#include "core/alloc.h"
#include "oci/documents/name.h"

struct ohc_report *ohc_cli_report(const struct ohc_cli *cli, FILE *out)
{
	long long level = (long long)OHC_NOTICE + cli->verbose - cli->quiet;

	if (level < OHC_WARNING)
		return NULL;
	/* Without progress there are no notices either, unless -v asks for them. */
	if (cli->progress == OHC_PROGRESS_NONE && level == OHC_NOTICE)
		level = OHC_WARNING;
	return ohc_progress_new(&(struct ohc_progress_options){
		.mode = cli->progress,
		.level = level < OHC_TRACE ? (enum ohc_level)level : OHC_TRACE,
		.out = out,
	});
}

static int excluded(struct ohc_error *err, const char *a, const char *b)
{
	return ohc_error_set(err, OHC_E_USAGE, "'%s' and '%s' cannot be given together", a, b);
}

static int check_together(const struct ohc_cli *cli, struct ohc_error *err)
{
	if (cli->access.creds && cli->access.creds_stdin)
		return excluded(err, "--creds", "--creds-stdin");
	if (cli->src.creds && cli->src.creds_stdin)
		return excluded(err, "--src-creds", "--src-creds-stdin");
	if (cli->cache && cli->no_cache)
		return excluded(err, "--cache", "--no-cache");
	if (cli->key_file && !cli->cert_file)
		return ohc_error_set(err, OHC_E_USAGE, "'--key' needs '--cert'");
	return 0;
}

static void fill_limits(struct ohc_scan_limits *l)
{
	const struct ohc_scan_limits given = *l;

	*l = ohc_scan_limits_default;
	if (given.plain_size)
		l->plain_size = l->holes_from = given.plain_size;
	if (given.entries)
		l->entries = given.entries;
}

/* login makes its file, and logout finds nothing in one that is not there. */
static bool reads_authfile(const struct ohc_cli *cli)
{
	return cli->command != &ohc_cmd_login && cli->command != &ohc_cmd_logout;
}

/* Files that each request needs are missed once, not with each image of many. */
static int check_files(const struct ohc_cli *cli, struct ohc_error *err)
{
	const struct {
		const char *option, *file;
	} files[] = {
		{ "--ca-file", cli->ca_file },
		{ "--cert", cli->cert_file },
		{ "--key", cli->key_file },
		{ "--src-authfile", cli->src.authfile },
		{ "--dest-authfile", cli->access.authfile },
		{ "--authfile", reads_authfile(cli) ? cli->authfile : NULL },
	};

	for (size_t i = 0; i < OHC_ARRAY_SIZE(files); i++)
		if (files[i].file && faccessat(AT_FDCWD, files[i].file, R_OK, AT_EACCESS) < 0)
			return ohc_error_sys(err, "%s: cannot open '%s'", files[i].option,
					     files[i].file);
	return 0;
}

int ohc_cli_finish(struct ohc_cli *cli, struct ohc_error *err)
{
	int rc = check_together(cli, err);

	if (rc == 0)
		rc = check_files(cli, err);
	fill_limits(&cli->limits);
	return rc < 0 ? rc : ohc_cli_get_creds(cli, err);
}

void ohc_cli_print_json(const struct ohc_cli *cli, const json_t *doc)
{
	ohc_cleanup(ohc_freep) char *text = ohc_json_text(doc);
	ohc_cleanup(ohc_buf_clear) struct ohc_buf line = OHC_BUF_INIT;

	ohc_printable_json(&line, text);
	fprintf(cli->out, "%s\n", ohc_buf_str(&line));
}

void ohc_cli_print_bytes(const struct ohc_cli *cli, const struct ohc_buf *bytes)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf text = OHC_BUF_INIT;

	if (isatty(fileno(cli->out)))
		ohc_printable_lines(&text, ohc_buf_str(bytes), bytes->len);
	else
		ohc_buf_add(&text, ohc_buf_str(bytes), bytes->len);
	fwrite(ohc_buf_str(&text), 1, text.len, cli->out);
}

void ohc_cli_spare_stdout(struct ohc_cli *cli, const char *dest)
{
	struct ohc_name name;

	if (ohc_name_parse(dest, &name, NULL) < 0)
		return;
	if (name.path && strcmp(name.path, "-") == 0)
		cli->out = stderr;
	ohc_name_clear(&name);
}
