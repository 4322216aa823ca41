// SPDX-License-Identifier: Apache-2.0
/*
 * Access to registries: users and passwords of --creds, --creds-stdin and their --src- forms.
 */
#include <string.h>
#include <unistd.h>

#include "cmd/ask.h"
#include "cmd/command.h"
#include "core/alloc.h"

/* A line with a password: identity tokens of some registries have a few kilobytes. */
#define CREDS_MAX (64 * 1024)

/* Reads one byte at a time, so that what follows the line is left to the next reader of standard
 * input. */
static int read_line(const char *option, struct ohc_buf *line, struct ohc_error *err)
{
	ohc_cleanup(ohc_source_closep) struct ohc_source *in = NULL;
	ssize_t n;
	char c;

	in = ohc_source_fd(dup(STDIN_FILENO), "standard input");
	while ((n = ohc_source_read(in, &c, 1, err)) > 0 && c != '\n')
		if (!ohc_buf_add_max(line, &c, 1, CREDS_MAX))
			return ohc_error_set(err, OHC_E_USAGE,
					     "'%s' reads one line of at most %d bytes", option,
					     CREDS_MAX);
	if (line->len && line->data[line->len - 1] == '\r')
		ohc_buf_truncate(line, line->len - 1);
	return n < 0 ? (int)n : 0;
}

/* Splits "USER:PASSWORD"; false when the text has no such form. */
static bool split(struct ohc_cli_access *a, const char *text)
{
	const char *colon = strchr(text, ':');

	if (!colon || colon == text)
		return false;
	a->user = ohc_xstrndup(text, (size_t)(colon - text));
	a->password = ohc_xstrdup(colon + 1);
	return true;
}

static int from_stdin(struct ohc_cli_access *a, const char *option, struct ohc_error *err)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf line = OHC_BUF_INIT;
	int rc = read_line(option, &line, err);

	if (rc == 0 && !split(a, ohc_buf_str(&line)))
		rc = ohc_error_set(err, OHC_E_USAGE,
				   "'%s' found no USER:PASSWORD on standard input", option);
	return rc;
}

static int given(struct ohc_cli_access *a, const char *option, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *prompt = NULL;

	if (split(a, a->creds))
		return 0;
	a->user = ohc_xstrdup(a->creds);
	prompt = ohc_xasprintf("password of %s: ", a->user);
	return ohc_ask_secret(prompt, option, &a->password, err);
}

static int get(struct ohc_cli_access *a, const char *option, struct ohc_error *err)
{
	if (a->creds_stdin)
		return from_stdin(a, option, err);
	return a->creds ? given(a, option, err) : 0;
}

/* Where both are on standard input, the source's line comes first, as its name does. */
int ohc_cli_get_creds(struct ohc_cli *cli, struct ohc_error *err)
{
	int rc = get(&cli->src, "--src-creds-stdin", err);

	return rc < 0 ? rc : get(&cli->access, "--creds-stdin", err);
}

static void clear(struct ohc_cli_access *a)
{
	if (a->password)
		explicit_bzero(a->password, strlen(a->password));
	free(a->password);
	free(a->user);
}

void ohc_cli_clear(struct ohc_cli *cli)
{
	clear(&cli->access);
	clear(&cli->src);
}

static void registry_options(const struct ohc_cli *cli, const struct ohc_cli_access *a,
			     struct ohc_registry_options *ret)
{
	unsigned int retries = cli->retries ? cli->retries : OHC_RETRIES_NONE;

	if (cli->retries == OHC_NOT_GIVEN)
		retries = 0;
	*ret = (struct ohc_registry_options){
		.user = a->user,
		.password = a->password,
		.authfile = a->authfile ? a->authfile : cli->authfile,
		.ca_file = cli->ca_file,
		.cert_file = cli->cert_file,
		.key_file = cli->key_file,
		.insecure = a->insecure,
		.source = a == &cli->src,
		.mirrors = &cli->mirrors,
		.retries = retries,
		.timeout = cli->timeout,
		.user_agent = OHC_PROGRAM "/" OHC_VERSION,
		.hosts = cli->kept,
		.report = cli->report,
	};
}

void ohc_cli_registry_options(const struct ohc_cli *cli, struct ohc_registry_options *ret)
{
	registry_options(cli, &cli->access, ret);
}

void ohc_cli_source_options(const struct ohc_cli *cli, struct ohc_registry_options *ret)
{
	registry_options(cli, &cli->src, ret);
}
