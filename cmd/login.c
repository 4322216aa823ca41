// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "cmd/ask.h"
#include "cmd/command.h"
#include "core/alloc.h"
#include "core/file.h"
#include "registry/login.h"

#define PASSWORD_MAX (64 * 1024)

struct login {
	const char *user;
	bool password_stdin;
};

static const struct ohc_option options[] = {
	{ "user", 'u', "USER", "name to log in with; without it, it is asked for",
	  OHC_STRING(struct login, user) },
	{ "password-stdin", 0, NULL, "read the password from standard input",
	  OHC_FLAG(struct login, password_stdin) },
	{ 0 },
};

static void wipe(char **s)
{
	if (*s)
		explicit_bzero(*s, strlen(*s));
	free(*s);
}

/* Reads all of standard input but the last line end, which `echo` and editors add. */
static int password_from_stdin(char **ret, struct ohc_error *err)
{
	struct ohc_buf b = OHC_BUF_INIT;
	int rc = ohc_file_read("-", PASSWORD_MAX, &b, err);

	if (rc < 0) {
		ohc_buf_clear(&b);
		return rc;
	}
	if (b.len && b.data[b.len - 1] == '\n')
		ohc_buf_truncate(&b, b.len - 1);
	if (b.len && b.data[b.len - 1] == '\r')
		ohc_buf_truncate(&b, b.len - 1);
	if (b.len == 0 || strlen(b.data) != b.len)
		rc = ohc_error_set(err, OHC_E_USAGE, "there is no password on standard input");
	if (rc == 0)
		*ret = ohc_buf_detach(&b);
	ohc_buf_clear(&b);
	return rc;
}

static int get_user(struct ohc_cli *cli, const char *registry, char **ret, struct ohc_error *err)
{
	const struct login *l = cli->state;
	ohc_cleanup(ohc_freep) char *prompt = ohc_xasprintf("user name at %s: ", registry);

	if (!l->user && cli->access.user) {
		*ret = ohc_xstrdup(cli->access.user);
		return 0;
	}
	if (!l->user)
		return ohc_ask_line(prompt, "--user", ret, err);
	*ret = ohc_xstrdup(l->user);
	return 0;
}

static int get_password(struct ohc_cli *cli, const char *registry, const char *user, char **ret,
			struct ohc_error *err)
{
	const struct login *l = cli->state;
	ohc_cleanup(ohc_freep) char *prompt =
		ohc_xasprintf("password of %s at %s: ", user, registry);

	if (l->password_stdin)
		return password_from_stdin(ret, err);
	if (cli->access.password) {
		*ret = ohc_xstrdup(cli->access.password);
		return 0;
	}
	return ohc_ask_secret(prompt, "--password-stdin", ret, err);
}

static int check(const struct ohc_cli *cli, struct ohc_error *err)
{
	const struct login *l = cli->state;

	if (l->password_stdin && !l->user)
		return ohc_error_set(err, OHC_E_USAGE, "'--password-stdin' needs '--user'");
	if (cli->access.user && (l->user || l->password_stdin))
		return ohc_error_set(err, OHC_E_USAGE,
				     "user and password are given twice: leave '--creds' out");
	return 0;
}

static int run(struct ohc_cli *cli, int argc, char **argv, struct ohc_error *err)
{
	ohc_cleanup(ohc_login_target_clear) struct ohc_login_target t = { 0 };
	ohc_cleanup(ohc_freep) char *user = NULL, *where = NULL;
	ohc_cleanup(wipe) char *password = NULL;
	struct ohc_registry_options o = { 0 };
	struct ohc_registry *client;
	int rc = check(cli, err);

	(void)argc;
	if (rc == 0)
		rc = ohc_login_target(argv[0], &t, err);
	if (rc == 0)
		rc = get_user(cli, t.registry, &user, err);
	if (rc == 0)
		rc = get_password(cli, t.registry, user, &password, err);
	if (rc < 0)
		return rc;
	ohc_cli_registry_options(cli, &o);
	o.user = user;
	o.password = password;
	client = ohc_registry_new(&o);
	rc = ohc_login(client, &t, user, password, cli->authfile, &where, err);
	ohc_registry_free(client);
	if (rc == 0)
		ohc_report_say(cli->report, OHC_NOTICE, "logged in to '%s' as '%s', kept in %s",
			       t.registry, user, where);
	return rc;
}

const struct ohc_command ohc_cmd_login = {
	.name = "login",
	.group = OHC_GROUP_REGISTRY,
	.synopsis = "[options] REGISTRY",
	.names = ohc_words_registry,
	.summary = "keep credentials for a registry",
	.description =
		"Tries user name and password at REGISTRY (HOST[:PORT], or HOST/NAMESPACE for what "
		"lies "
		"there only) and keeps them where docker and podman find them too: in the file of "
		"--authfile or REGISTRY_AUTH_FILE, else in $DOCKER_CONFIG/config.json or "
		"~/.docker/config.json, or with the credential helper that this file names.",
	.options = options,
	.state_size = sizeof(struct login),
	.min_args = 1,
	.max_args = 1,
	.takes = OHC_TAKES_AUTHFILE | OHC_TAKES_ACCESS | OHC_TAKES_REPORT,
	.run = run,
};
