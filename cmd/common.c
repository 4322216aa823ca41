// SPDX-License-Identifier: Apache-2.0
#include <string.h>
#include <unistd.h>

#include "cmd/ask.h"
#include "cmd/command.h"
#include "core/alloc.h"

/* A line with a password: identity tokens of some registries have a few kilobytes. */
#define CREDS_MAX (64 * 1024)

#define EVERYWHERE "Everywhere"

static int check_mirror(const char *value, struct ohc_error *err)
{
	const char *eq = strchr(value, '=');

	if (!eq || eq == value || !eq[1])
		return ohc_error_set(err, OHC_E_USAGE, "takes HOST=URL, not '%s'", value);
	return 0;
}

static int check_creds(const char *value, struct ohc_error *err)
{
	if (!*value || *value == ':')
		return ohc_error_set(err, OHC_E_USAGE, "takes USER or USER:PASSWORD");
	return 0;
}

static const struct ohc_word progress_words[] = {
	{ "auto", OHC_PROGRESS_AUTO },   { "tty", OHC_PROGRESS_TTY },
	{ "plain", OHC_PROGRESS_PLAIN }, { "json", OHC_PROGRESS_JSON },
	{ "none", OHC_PROGRESS_NONE },   { 0 },
};

const struct ohc_option ohc_common_options[] = {
	{ "authfile", 0, "FILE", "read credentials from FILE, in the form of docker's config.json",
	  OHC_STRING(struct ohc_cli, authfile), .group = EVERYWHERE },
	{ "creds", 0, "USER[:PASSWORD]",
	  "log in to registries so; without PASSWORD it is asked for on the terminal",
	  OHC_STRING(struct ohc_cli, creds), .check = check_creds, .group = EVERYWHERE },
	{ "creds-stdin", 0, NULL, "read one line USER:PASSWORD from standard input",
	  OHC_FLAG(struct ohc_cli, creds_stdin), .group = EVERYWHERE },
	{ "insecure", 0, NULL, "accept any certificate, and plain http where https fails",
	  OHC_FLAG(struct ohc_cli, insecure), .group = EVERYWHERE },
	{ "ca-file", 0, "FILE", "trust the certificate authorities in FILE",
	  OHC_STRING(struct ohc_cli, ca_file), .group = EVERYWHERE },
	{ "cert", 0, "FILE", "show this client certificate to registries",
	  OHC_STRING(struct ohc_cli, cert_file), .group = EVERYWHERE },
	{ "key", 0, "FILE", "the private key of --cert", OHC_STRING(struct ohc_cli, key_file),
	  .group = EVERYWHERE },
	{ "mirror", 0, "HOST=URL", "pull what is at HOST from URL first; may be repeated",
	  OHC_STRINGS(struct ohc_cli, mirrors), .check = check_mirror, .group = EVERYWHERE },
	{ "retry", 0, "N", "tries after a request's first one failed (default 5)",
	  OHC_UNSIGNED(struct ohc_cli, retries, 0, 100), .group = EVERYWHERE },
	{ "timeout", 0, "SECONDS",
	  "give up where nothing moves for so long (default 60); there is no limit on the whole",
	  OHC_UNSIGNED(struct ohc_cli, timeout, 1, 86400), .group = EVERYWHERE },
	{ "jobs", 0, "N", "do so many things at a time", OHC_UNSIGNED(struct ohc_cli, jobs, 1, 256),
	  .group = EVERYWHERE },
	{ "cache", 0, "DIR", "keep what is known of layers in DIR (default: in the user's cache)",
	  OHC_STRING(struct ohc_cli, cache), .group = EVERYWHERE },
	{ "no-cache", 0, NULL, "neither read nor write a cache", OHC_FLAG(struct ohc_cli, no_cache),
	  .group = EVERYWHERE },
	{ "progress", 0, "auto|tty|plain|json|none", "how to show what is done, on standard error",
	  OHC_WORD(struct ohc_cli, progress, progress_words), .group = EVERYWHERE },
	{ "quiet", 'q', NULL, "warnings and errors only; twice: errors only",
	  OHC_COUNT(struct ohc_cli, quiet), .group = EVERYWHERE },
	{ "verbose", 'v', NULL, "say what is decided and waited for; twice: each request",
	  OHC_COUNT(struct ohc_cli, verbose), .group = EVERYWHERE },
	{ "json", 0, NULL, "write the result as JSON", OHC_FLAG(struct ohc_cli, json),
	  .group = EVERYWHERE },
	{ 0 },
};

const struct ohc_option ohc_help_options[] = {
	{ "help", 'h', NULL, "show this help", OHC_FLAG(struct ohc_cli, help), .ends = true,
	  .group = EVERYWHERE },
	{ 0 },
};

struct ohc_report *ohc_cli_report(const struct ohc_cli *cli, FILE *out)
{
	long long level = (long long)OHC_NOTICE + cli->verbose - cli->quiet;

	if (level < OHC_WARNING)
		return NULL;
	/* Who wants no progress wants no notices either, unless -v says so. */
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
	if (cli->creds && cli->creds_stdin)
		return excluded(err, "--creds", "--creds-stdin");
	if (cli->cache && cli->no_cache)
		return excluded(err, "--cache", "--no-cache");
	if (cli->key_file && !cli->cert_file)
		return ohc_error_set(err, OHC_E_USAGE, "'--key' needs '--cert'");
	return 0;
}

/* One byte at a time, so that what follows the line is left to whoever reads standard input. */
static int read_line(struct ohc_buf *line, struct ohc_error *err)
{
	ohc_cleanup(ohc_source_closep) struct ohc_source *in = NULL;
	ssize_t n;
	char c;

	in = ohc_source_fd(dup(STDIN_FILENO), "standard input");
	while ((n = ohc_source_read(in, &c, 1, err)) > 0 && c != '\n')
		if (!ohc_buf_add_max(line, &c, 1, CREDS_MAX))
			return ohc_error_set(err, OHC_E_USAGE,
					     "'--creds-stdin' reads one line of at most %d bytes",
					     CREDS_MAX);
	if (line->len && line->data[line->len - 1] == '\r')
		ohc_buf_truncate(line, line->len - 1);
	return n < 0 ? (int)n : 0;
}

static int creds_from_stdin(struct ohc_cli *cli, struct ohc_error *err)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf line = OHC_BUF_INIT;
	int rc = read_line(&line, err);
	const char *colon;

	if (rc < 0)
		return rc;
	colon = strchr(ohc_buf_str(&line), ':');
	if (!colon || colon == line.data)
		return ohc_error_set(err, OHC_E_USAGE,
				     "'--creds-stdin' found no USER:PASSWORD on standard input");
	cli->user = ohc_xstrndup(line.data, (size_t)(colon - line.data));
	cli->password = ohc_xstrdup(colon + 1);
	return 0;
}

static int creds_given(struct ohc_cli *cli, struct ohc_error *err)
{
	const char *colon = strchr(cli->creds, ':');
	ohc_cleanup(ohc_freep) char *prompt = NULL;

	if (colon) {
		cli->user = ohc_xstrndup(cli->creds, (size_t)(colon - cli->creds));
		cli->password = ohc_xstrdup(colon + 1);
		return 0;
	}
	cli->user = ohc_xstrdup(cli->creds);
	prompt = ohc_xasprintf("password of %s: ", cli->user);
	return ohc_ask_secret(prompt, "--creds-stdin", &cli->password, err);
}

int ohc_cli_finish(struct ohc_cli *cli, struct ohc_error *err)
{
	int rc = check_together(cli, err);

	if (rc == 0 && cli->creds_stdin)
		rc = creds_from_stdin(cli, err);
	if (rc == 0 && cli->creds)
		rc = creds_given(cli, err);
	return rc;
}

void ohc_cli_clear(struct ohc_cli *cli)
{
	if (cli->password)
		explicit_bzero(cli->password, strlen(cli->password));
	free(cli->password);
	free(cli->user);
}

void ohc_cli_registry_options(const struct ohc_cli *cli, struct ohc_registry_options *ret)
{
	unsigned int retries = cli->retries ? cli->retries : OHC_RETRIES_NONE;

	if (cli->retries == OHC_NOT_GIVEN)
		retries = 0;
	*ret = (struct ohc_registry_options){
		.user = cli->user,
		.password = cli->password,
		.authfile = cli->authfile,
		.ca_file = cli->ca_file,
		.cert_file = cli->cert_file,
		.key_file = cli->key_file,
		.insecure = cli->insecure,
		.mirrors = &cli->mirrors,
		.retries = retries,
		.timeout = cli->timeout,
		.user_agent = OHC_PROGRAM "/" OHC_VERSION,
		.report = cli->report,
	};
}
