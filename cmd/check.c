// SPDX-License-Identifier: Apache-2.0
#include "cmd/command.h"
#include "cmd/open.h"
#include "cmd/printable.h"
#include "cmd/push_options.h"
#include "compose/check/check.h"
#include "core/alloc.h"
#include "layout/account/account.h"
#include "layout/check/finding_codes.h"
#include "layout/check/policy.h"

struct check_command {
	struct ohc_push_options push; /* base is the image, dest NULL */
	const char *policy;
	bool codes;
};

#define PAYLOAD "With a payload, as push has them"

/* The options of push that decide whether the image runs. */
static const struct ohc_option options[] = {
	{ "profile", 0, "NAME|FILE",
	  "whose contract it is to keep (default: IMAGE's, else openhands)",
	  OHC_STRING(struct check_command, push.profile), .words = ohc_words_profile },
	{ "platform", 0, "OS/ARCH[/VARIANT]",
	  "which image of an index (default: the payload's, else this machine's)",
	  OHC_STRING(struct check_command, push.platform) },
	{ "policy", 0, "FILE", "a list of what must not be in it",
	  OHC_STRING(struct check_command, policy) },
	{ "codes", 0, NULL, "list the codes of findings, and what they mean",
	  OHC_FLAG(struct check_command, codes) },

	{ "payload", 0, "[OS/ARCH=]SRC[:/TARGET]",
	  "directory, tar or image, as push would add it; repeatable",
	  OHC_STRINGS(struct check_command, push.payloads), .group = PAYLOAD },
	{ "owner", 0, "UID:GID", "owner of the payload's entries (default: the profile's user)",
	  OHC_STRING(struct check_command, push.owner), .group = PAYLOAD },
	{ "account", 0, "NAME:UID[:GID[:HOME[:SHELL]]]", "account to add (default: the profile's)",
	  OHC_STRING(struct check_command, push.account), .group = PAYLOAD },
	{ "no-account", 0, NULL, "add none", OHC_FLAG(struct check_command, push.no_account),
	  .group = PAYLOAD },
	{ "on-uid-clash", 0, OHC_CLASH_TEXT, "when its uid or gid is taken",
	  OHC_CHOICE(struct check_command, push.on_uid_clash, ohc_words_clash), .group = PAYLOAD },
	{ "remove", 0, "PATH", "a file or directory of the base to hide; repeatable",
	  OHC_STRINGS(struct check_command, push.remove), .group = PAYLOAD },
	{ "env", 0, "K=V", "set a variable; repeatable",
	  OHC_STRINGS(struct check_command, push.env), .group = PAYLOAD },
	{ "unset-env", 0, "K", "remove a variable; repeatable",
	  OHC_STRINGS(struct check_command, push.unset_env), .group = PAYLOAD },
	{ "user", 0, "SPEC", "who the container runs as",
	  OHC_STRING(struct check_command, push.user), .group = PAYLOAD },
	{ "workdir", 0, "DIR", "where it starts", OHC_STRING(struct check_command, push.workdir),
	  .group = PAYLOAD },
	{ "entrypoint", 0, "JSON|STR", "an array of words, or a line for /bin/sh -c",
	  OHC_STRING(struct check_command, push.entrypoint), .group = PAYLOAD },
	{ "cmd", 0, "JSON|STR", "the same for the command",
	  OHC_STRING(struct check_command, push.cmd), .group = PAYLOAD },
	{ 0 },
};

static void print_codes(const struct ohc_cli *cli)
{
	for (size_t i = 0; i < ohc_finding_codes_n; i++)
		fprintf(cli->out, "%s: %s\n", ohc_finding_codes[i].code, ohc_finding_codes[i].help);
}

/* Findings of level ok are shown only with -v. */
static bool is_wanted(const struct ohc_cli *cli, const struct ohc_finding *f)
{
	return f->level != OHC_FINDING_OK || cli->verbose;
}

static void print_lines(const struct ohc_cli *cli, const struct ohc_findings *list)
{
	for (size_t i = 0; i < list->n; i++) {
		ohc_cleanup(ohc_buf_clear) struct ohc_buf line = OHC_BUF_INIT;
		ohc_cleanup(ohc_buf_clear) struct ohc_buf shown = OHC_BUF_INIT;

		if (!is_wanted(cli, &list->v[i]))
			continue;
		ohc_finding_line(&list->v[i], &line);
		ohc_printable(&shown, line.data);
		fprintf(cli->out, "%s\n", shown.data);
	}
}

static void print_json(const struct ohc_cli *cli, const struct ohc_findings *list)
{
	ohc_cleanup(ohc_json_decref) json_t *all = json_array();

	for (size_t i = 0; i < list->n; i++)
		if (is_wanted(cli, &list->v[i]))
			json_array_append_new(all, ohc_finding_json(&list->v[i]));
	ohc_cli_print_json(cli, all);
}

static int check_image(struct ohc_cli *cli, const char *image, struct ohc_error *err)
{
	struct check_command *c = cli->state;
	ohc_cleanup(ohc_transports_freep) struct ohc_transports *transports = NULL;
	ohc_cleanup(ohc_findings_clear) struct ohc_findings findings = OHC_FINDINGS_INIT;
	ohc_cleanup(ohc_policy_clear) struct ohc_policy policy = { .n = 0 };
	size_t errors;
	int rc = c->policy ? ohc_policy_load(c->policy, &policy, err) : 0;

	if (rc < 0)
		return rc;
	c->push.policy = c->policy ? &policy : NULL;

	c->push.base = image;
	c->push.level = -1;
	c->push.jobs = cli->jobs;
	c->push.report = cli->report;
	c->push.limits = &cli->limits;
	c->push.every = cli->verbose || cli->json;
	c->push.cache = cli->kept;
	transports = ohc_open_transports(cli, NULL, cli->kept);
	rc = ohc_check_image(transports, &c->push, &findings, err);
	if (rc < 0)
		return ohc_error_wrap(err, rc, "check '%s'", image);
	if (cli->json)
		print_json(cli, &findings);
	else
		print_lines(cli, &findings);
	errors = ohc_findings_count(&findings, OHC_FINDING_ERROR);
	if (errors == 0)
		return 0;
	return ohc_error_set(err, OHC_E_CHECK, "'%s' does not pass: errors %zu, warnings %zu",
			     image, errors, ohc_findings_count(&findings, OHC_FINDING_WARNING));
}

static int run(struct ohc_cli *cli, int argc, char **argv, struct ohc_error *err)
{
	const struct check_command *c = cli->state;

	if (c->codes && argc > 0)
		return ohc_error_set(err, OHC_E_USAGE, "--codes lists all codes: '%s' is too much",
				     argv[0]);
	if (c->codes) {
		print_codes(cli);
		return 0;
	}
	if (argc == 0)
		return ohc_error_set(err, OHC_E_USAGE, "the name of an image is missing");
	return check_image(cli, argv[0], err);
}

const struct ohc_command ohc_cmd_check = {
	.name = "check",
	.group = OHC_GROUP_LOOK,
	.synopsis = "[options] IMAGE",
	.summary = "find out whether an image will run, and keeps its contract",
	.description =
		"With --payload: will the payload run on IMAGE as its base? Composes the image in "
		"memory, as push would, and looks at it. Without: does IMAGE keep the contract of "
		"its profile?\n\n"
		"Nothing is run, unpacked or written. Each finding is a line of standard output: "
		"LEVEL code subject: what is the matter and what to do. LEVEL is error or warning, "
		"and with -v also ok. The exit status is 7 when there are errors.",
	.options = options,
	.state_size = sizeof(struct check_command),
	.min_args = 0,
	.max_args = 1,
	.takes = OHC_TAKES_IMAGES | OHC_TAKES_CACHE | OHC_TAKES_LIMITS,
	.run = run,
};
