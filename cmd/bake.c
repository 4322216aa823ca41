// SPDX-License-Identifier: Apache-2.0
#include "cmd/bake_run.h"

#define LIST "What to bake"

struct bake_command {
	struct ohc_bake_run run; /* first: the options of a run, and push's, fill it */
	const char *dest, *bases, *field;
	const char *file; /* NULL: bases is the list */
	struct ohc_report *report;
};

static const struct ohc_option options[] = {
	{ "bases", 0, "FILE",
	  "a list of bases instead of FILE: names, CSV or JSON Lines; - is stdin",
	  OHC_STRING(struct bake_command, bases), .group = LIST },
	{ "base-field", 0, "NAME", "the column or member of --bases that names the base",
	  OHC_STRING(struct bake_command, field), .group = LIST },
	{ "dest", 0, "TEMPLATE",
	  "where images go, unless the list says so: {base.slug} {base.repo} {base.tag} "
	  "{base.digest} {payload.digest} {arch} {profile}",
	  OHC_STRING(struct bake_command, dest), .group = LIST },
	{ 0 },
};

static int read_list(void *ctx, struct ohc_bake_list *ret, struct ohc_error *err)
{
	const struct bake_command *c = ctx;
	struct ohc_bake_settings defaults = OHC_BAKE_SETTINGS_INIT;
	const struct ohc_bake_source source = { c->file ? c->file : c->bases, !c->file, c->field,
						c->report };

	defaults.push = c->run.push.push;
	defaults.dest = (char *)c->dest;
	return ohc_bake_list_read(&source, &defaults, ret, err);
}

static int run(struct ohc_cli *cli, int argc, char **argv, struct ohc_error *err)
{
	struct bake_command *c = cli->state;
	const char *file = argc ? argv[0] : c->bases;
	const struct ohc_bake_maker maker = {
		.title = file, .file = file, .list = read_list, .ctx = c
	};

	if ((argc == 0) == !c->bases)
		return ohc_error_set(err, OHC_E_USAGE,
				     argc ? "FILE and --bases cannot be given together"
					  : "a list is missing: FILE, or --bases FILE");
	if (c->field && argc)
		return ohc_error_set(err, OHC_E_USAGE, "--base-field goes with --bases");
	c->file = argc ? argv[0] : NULL;
	c->report = cli->report;
	return ohc_bake_run(cli, &c->run, &maker, err);
}

const struct ohc_command ohc_cmd_bake = {
	.name = "bake",
	.synopsis = "[options] FILE | --bases FILE --dest TEMPLATE",
	.summary = "compose many images, with one payload sent once",
	.description =
		"Composes every image of a list as push does. The payload is read, compressed and "
		"uploaded once and then mounted; layers that bases share are looked at once; "
		"connections and tokens are shared.\n\n"
		"FILE is JSON: {\"payload\": …, \"dest\": …, \"images\": [{\"base\": …}, …]}, with "
		"push's options at the top and per image. --bases takes a plain list of names, a "
		"CSV "
		"or JSON Lines instead.\n\n"
		"An image that fails does not stop the others; the exit status is 0 only when all "
		"are there. Options of push, given here, hold for every image.",
	.options = options,
	.more_options = { ohc_bake_run_options, ohc_push_command_options },
	.state_size = sizeof(struct bake_command),
	.min_args = 0,
	.max_args = 1,
	.takes = OHC_TAKES_IMAGES | OHC_TAKES_CACHE | OHC_TAKES_LIMITS,
	.run = run,
};
