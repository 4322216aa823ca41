// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "cmd/command.h"
#include "core/units.h"
#include "core/alloc.h"
#include "core/cache.h"
#include "oci/documents/json.h"

struct cache {
	uint64_t keep;
	bool keep_given;
};

static int set_keep(void *member, const char *value, struct ohc_error *err)
{
	struct cache *c = OHC_CONTAINER_OF(member, struct cache, keep);
	int rc = ohc_units_parse(value, &c->keep, err);

	c->keep_given = rc == 0;
	return rc;
}

static const struct ohc_option options[] = {
	{ "keep", 0, "SIZE", "prune: leave what was used last, up to SIZE bytes (500M, 2G)",
	  OHC_SET(struct cache, keep, set_keep) },
	{ 0 },
};

static void print_json(struct ohc_cli *cli, json_t *doc)
{
	ohc_cli_print_json(cli, doc);
	json_decref(doc);
}

static json_t *use_json(uint64_t entries, uint64_t bytes)
{
	return json_pack("{s:I, s:I}", "entries", (json_int_t)entries, "bytes", (json_int_t)bytes);
}

static void info_json(struct ohc_cli *cli, const char *dir, const struct ohc_cache_info *info)
{
	json_t *doc = json_object(), *uses = json_object();

	json_object_set_new(doc, "directory", ohc_json_text_value(dir));
	json_object_update_new(doc, use_json(info->entries, info->bytes));
	json_object_set_new(doc, "limit", json_integer((json_int_t)OHC_CACHE_MAX));
	for (size_t i = 0; i < info->n; i++)
		json_object_set_new(uses, info->v[i].ns,
				    use_json(info->v[i].entries, info->v[i].bytes));
	json_object_set_new(doc, "namespaces", uses);
	print_json(cli, doc);
}

static int show_info(struct ohc_cli *cli, struct ohc_cache *c, struct ohc_error *err)
{
	char text[OHC_UNITS_TEXT], limit[OHC_UNITS_TEXT];
	struct ohc_cache_info info;
	int rc = ohc_cache_info(c, &info, err);

	if (rc < 0)
		return rc;
	if (cli->json) {
		info_json(cli, ohc_cache_dir(c), &info);
	} else {
		fprintf(cli->out, "%s: %llu entries, %s of at most %s\n", ohc_cache_dir(c),
			(unsigned long long)info.entries, ohc_units_bytes(info.bytes, text),
			ohc_units_bytes(OHC_CACHE_MAX, limit));
		for (size_t i = 0; i < info.n; i++)
			fprintf(cli->out, "  %-16s %8llu entries %10s\n", info.v[i].ns,
				(unsigned long long)info.v[i].entries,
				ohc_units_bytes(info.v[i].bytes, text));
	}
	ohc_cache_info_clear(&info);
	return 0;
}

static int prune(struct ohc_cli *cli, struct ohc_cache *c, struct ohc_error *err)
{
	const struct cache *state = cli->state;
	char text[OHC_UNITS_TEXT];
	struct ohc_cache_use removed;
	int rc = ohc_cache_prune(c, state->keep, &removed, err);

	if (rc < 0)
		return rc;
	if (cli->json)
		print_json(cli,
			   json_pack("{s:o}", "removed", use_json(removed.entries, removed.bytes)));
	else
		fprintf(cli->out, "removed %llu entries, %s\n", (unsigned long long)removed.entries,
			ohc_units_bytes(removed.bytes, text));
	return 0;
}

static const struct ohc_word verbs[] = { { "info", 0 }, { "prune", 1 }, { 0 } };

static int run(struct ohc_cli *cli, int argc, char **argv, struct ohc_error *err)
{
	static int (*const does[])(struct ohc_cli *, struct ohc_cache *,
				   struct ohc_error *) = { show_info, prune };
	const struct cache *state = cli->state;
	const struct ohc_word *verb = verbs;

	(void)argc;
	while (verb->word && strcmp(verb->word, argv[0]) != 0)
		verb++;
	if (!verb->word)
		return ohc_error_set(err, OHC_E_USAGE, "unknown action '%s': info or prune",
				     argv[0]);
	if (state->keep_given && does[verb->value] != prune)
		return ohc_error_set(err, OHC_E_USAGE, "'--keep' belongs to 'cache prune'");
	if (!cli->kept)
		return ohc_error_set(err, OHC_E_USAGE,
				     "there is no cache: name one with --cache DIR");
	return does[verb->value](cli, cli->kept, err);
}

const struct ohc_command ohc_cmd_cache = {
	.name = "cache",
	.group = OHC_GROUP_SELF,
	.synopsis = "[options] info|prune",
	.summary = "show or remove what is kept of layers between runs",
	.description = "The cache holds what was found out about the layers of images, so that "
		       "none is read twice. All of it can be found out again: removing it costs "
		       "time, nothing else.\n\n"
		       "It lies in DIR of --cache, else in $XDG_CACHE_HOME/ohcompose, else in "
		       "~/.cache/ohcompose.",
	.options = options,
	.state_size = sizeof(struct cache),
	.min_args = 1,
	.max_args = 1,
	.names = verbs,
	.takes = OHC_TAKES_CACHE | OHC_TAKES_REPORT | OHC_TAKES_JSON,
	.run = run,
};
