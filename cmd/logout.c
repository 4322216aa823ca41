// SPDX-License-Identifier: Apache-2.0
#include "cmd/command.h"
#include "core/alloc.h"
#include "registry/login.h"

static int run(struct ohc_cli *cli, int argc, char **argv, struct ohc_error *err)
{
	ohc_cleanup(ohc_login_target_clear) struct ohc_login_target t = { 0 };
	ohc_cleanup(ohc_freep) char *where = NULL;
	int rc = ohc_login_target(argv[0], &t, err);

	(void)argc;
	if (rc == 0)
		rc = ohc_login_erase(&t, cli->authfile, cli->report, &where, err);
	if (rc < 0)
		return rc;
	if (where)
		ohc_report_say(cli->report, OHC_NOTICE, "logged out of '%s': removed from %s",
			       t.key, where);
	else
		ohc_report_say(cli->report, OHC_NOTICE, "not logged in to '%s'", t.key);
	return 0;
}

const struct ohc_command ohc_cmd_logout = {
	.name = "logout",
	.group = OHC_GROUP_REGISTRY,
	.synopsis = "[options] REGISTRY",
	.names = ohc_words_registry,
	.summary = "forget the credentials for a registry",
	.description =
		"Removes what `ohcompose login REGISTRY` kept, from the same file or credential "
		"helper.",
	.min_args = 1,
	.max_args = 1,
	.takes = OHC_TAKES_AUTHFILE | OHC_TAKES_REPORT,
	.run = run,
};
