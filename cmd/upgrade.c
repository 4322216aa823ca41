// SPDX-License-Identifier: Apache-2.0
#include "cmd/bake_run.h"
#include "compose/upgrade/upgrade.h"

#define LIST "What to upgrade"

struct upgrade_command {
	struct ohc_bake_run run; /* first: the options of a run, and push's, fill it */
	const char *list, *field, *repo;
	const char *dest, *base;
	bool base_moved, base_kept, drop_platforms;
	struct ohc_strv images;
	struct ohc_report *report;
};

static const struct ohc_option options[] = {
	{ "list", 0, "FILE",
	  "a list of images: names, CSV or JSON Lines (as bake's --report); - is stdin",
	  OHC_STRING(struct upgrade_command, list), .group = LIST },
	{ "list-field", 0, "NAME", "the column or member of --list that names the image",
	  OHC_STRING(struct upgrade_command, field), .group = LIST },
	{ "repo", 0, "REPO", "every tag of a repository or layout",
	  OHC_STRING(struct upgrade_command, repo), .group = LIST },
	{ "base-moved", 0, NULL,
	  "take the image that the base's name names now (default: an image whose base has moved "
	  "is "
	  "left as it is)",
	  OHC_FLAG(struct upgrade_command, base_moved), .group = LIST },
	{ "base-kept", 0, NULL,
	  "take the base that the image has, by its digest, even if it has moved",
	  OHC_FLAG(struct upgrade_command, base_kept), .group = LIST },
	{ "base", 0, "NEW", "another base for all of them",
	  OHC_STRING(struct upgrade_command, base), .group = LIST },
	{ "drop-platforms", 0, NULL,
	  "of an image of several platforms make those that the base and the payload still have "
	  "(default: one that would lose one is left as it is)",
	  OHC_FLAG(struct upgrade_command, drop_platforms), .group = LIST },
	{ "dest", 0, "TEMPLATE",
	  "where the new images go (default: each to its own name): {image.repo} {image.tag} "
	  "{base.slug} {base.repo} {base.tag} {base.digest} {payload.digest} {arch} {profile}",
	  OHC_STRING(struct upgrade_command, dest), .group = LIST },
	{ 0 },
};

static int read_names(struct upgrade_command *c, struct ohc_error *err)
{
	ohc_cleanup(ohc_bake_list_clear) struct ohc_bake_list list = { .v = NULL };
	const struct ohc_bake_settings none = OHC_BAKE_SETTINGS_INIT;
	const struct ohc_bake_source source = { c->list, true, c->field, c->report };
	int rc = c->list ? ohc_bake_list_read(&source, &none, &list, err) : 0;

	for (size_t i = 0; rc == 0 && i < list.n; i++) {
		const char *name = list.v[i].settings.base;

		rc = ohc_upgrade_check_name(name, c->dest, err);
		if (rc < 0)
			return ohc_bake_list_wrong(&list, &list.v[i], rc, err);
		ohc_strv_add(&c->images, name);
	}
	return rc;
}

static struct ohc_upgrade_options options_of(const struct upgrade_command *c)
{
	return (struct ohc_upgrade_options){ .images = &c->images,
					     .repo = c->repo,
					     .dest = c->dest,
					     .base = c->base,
					     .base_moved = c->base_moved,
					     .base_kept = c->base_kept,
					     .drop_platforms = c->drop_platforms,
					     .push = &c->run.push.push };
}

/* Adds the names of --list; what is made of them is there once they are looked at. */
static int prepare(void *ctx, struct ohc_bake_list *ret, struct ohc_error *err)
{
	struct upgrade_command *c = ctx;
	const struct ohc_upgrade_options what = options_of(c);
	int rc = read_names(c, err);

	(void)ret;
	return rc < 0 ? rc : ohc_upgrade_faults(&what, err);
}

static int make_list(void *ctx, struct ohc_transports *transports, const struct ohc_bake_options *o,
		     struct ohc_bake_list *ret, struct ohc_error *err)
{
	struct ohc_upgrade_options what = options_of(ctx);

	what.shard = o->shard;
	what.shards = o->shards;
	what.jobs = o->jobs;
	what.report = o->report;
	return ohc_upgrade_list(transports, &what, ret, err);
}

static int check_names(const struct upgrade_command *c, int argc, struct ohc_error *err)
{
	if (argc == 0 && !c->list && !c->repo)
		return ohc_error_set(err, OHC_E_USAGE,
				     "images are missing: IMAGE, --list FILE or --repo REPO");
	if (c->field && !c->list)
		return ohc_error_set(err, OHC_E_USAGE, "--list-field goes with --list");
	if (!!c->base + c->base_moved + c->base_kept > 1)
		return ohc_error_set(err, OHC_E_USAGE,
				     "only one of --base, --base-moved and --base-kept can be "
				     "given");
	return 0;
}

static int run(struct ohc_cli *cli, int argc, char **argv, struct ohc_error *err)
{
	struct upgrade_command *c = cli->state;
	const struct ohc_bake_maker maker = { .title = c->repo   ? c->repo
						       : c->list ? c->list
								 : "images",
					      .file = c->list,
					      .list = prepare,
					      .look = make_list,
					      .ctx = c };
	int rc = check_names(c, argc, err);

	c->report = cli->report;
	for (int i = 0; rc == 0 && i < argc; i++) {
		rc = ohc_upgrade_check_name(argv[i], c->dest, err);
		ohc_strv_add(&c->images, argv[i]);
	}
	if (rc == 0)
		rc = ohc_bake_run(cli, &c->run, &maker, err);
	ohc_strv_clear(&c->images);
	return rc;
}

const struct ohc_command ohc_cmd_upgrade = {
	.name = "upgrade",
	.group = OHC_GROUP_MAKE,
	.synopsis = "[options] IMAGE... | --list FILE | --repo REPO",
	.summary = "compose images again, with a new payload or a newer base",
	.description =
		"Composes each image again out of what it says that it was composed of: its base, "
		"payloads, profile and options. --payload takes the place of the payload that went "
		"to the same directory; all else stays, by digest, unless an option of push says "
		"otherwise. What would come out is checked as by push, and goes to the same name "
		"or by --dest to another one.\n\n"
		"Left as they are, with a word why: images that do not say how they were composed, "
		"those whose base has moved (--base-moved takes the newer one), and those that "
		"would no longer run.\n\n"
		"Everything that bake shares is shared; its options for a journal, shards and "
		"reports are there too.",
	.options = options,
	.more_options = { ohc_bake_run_options, ohc_push_command_options },
	.state_size = sizeof(struct upgrade_command),
	.min_args = 0,
	.max_args = -1,
	.takes = OHC_TAKES_IMAGES | OHC_TAKES_CACHE | OHC_TAKES_LIMITS,
	.run = run,
};
