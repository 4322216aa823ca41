// SPDX-License-Identifier: Apache-2.0
#include "cmd/command.h"
#include "core/alloc.h"
#include "oci/documents/json.h"
#include "oci/dir/gc.h"
#include "oci/documents/name.h"

struct gc_command {
	bool dry_run, no_wait;
};

static const struct ohc_option options[] = {
	{ "dry-run", 0, NULL, "say what would be removed; remove nothing",
	  OHC_FLAG(struct gc_command, dry_run) },
	{ "no-wait", 0, NULL, "fail when somebody uses the layout, instead of waiting",
	  OHC_FLAG(struct gc_command, no_wait) },
	{ 0 },
};

static int check_name(const struct ohc_name *name, struct ohc_error *err)
{
	if (name->transport == OHC_LAYOUT && !name->tag && !name->digest)
		return 0;
	return ohc_error_set(err, OHC_E_USAGE,
			     "'%s' is no layout directory: write oci:DIR, without a tag",
			     name->given);
}

static void print(struct ohc_cli *cli, const struct gc_command *gc, const struct ohc_gc_result *r)
{
	ohc_cleanup(ohc_json_decref) json_t *doc = NULL;

	if (!cli->json) {
		fprintf(cli->out, "%s %llu files of %llu bytes, kept %llu of %llu bytes\n",
			gc->dry_run ? "would remove" : "removed", (unsigned long long)r->removed,
			(unsigned long long)r->removed_bytes, (unsigned long long)r->kept,
			(unsigned long long)r->kept_bytes);
		return;
	}
	doc = json_pack("{s:b, s:{s:I, s:I}, s:{s:I, s:I}}", "dry_run", gc->dry_run, "removed",
			"files", (json_int_t)r->removed, "bytes", (json_int_t)r->removed_bytes,
			"kept", "files", (json_int_t)r->kept, "bytes", (json_int_t)r->kept_bytes);
	ohc_cli_print_json(cli, doc);
}

static int run(struct ohc_cli *cli, int argc, char **argv, struct ohc_error *err)
{
	const struct gc_command *gc = cli->state;
	struct ohc_gc_options o = { .dry_run = gc->dry_run,
				    .no_wait = gc->no_wait,
				    .report = cli->report };
	struct ohc_gc_result result;
	struct ohc_name name;
	int rc;

	(void)argc;
	rc = ohc_name_parse(argv[0], &name, err);
	if (rc < 0)
		return rc;
	rc = check_name(&name, err);
	if (rc == 0)
		rc = ohc_dir_gc(name.path, &o, &result, err);
	if (rc == 0)
		print(cli, gc, &result);
	ohc_name_clear(&name);
	return rc;
}

const struct ohc_command ohc_cmd_gc = {
	.name = "gc",
	.group = OHC_GROUP_MOVE,
	.synopsis = "[options] oci:DIR",
	.summary = "remove from a layout directory what nothing refers to",
	.description =
		"Removes the blobs that no entry of DIR/index.json leads to, and the temporary "
		"files of programs that were killed. What hangs on an image that goes (a "
		"signature, "
		"an SBOM), and has no tag of its own, goes with it.\n\n"
		"What a running ohcompose reads or writes stays: gc waits until nobody uses the "
		"layout. Other tools take no lock of their own, but can be run under it:\n\n"
		"  flock -s DIR skopeo copy docker://… oci:DIR:tag",
	.options = options,
	.state_size = sizeof(struct gc_command),
	.min_args = 1,
	.max_args = 1,
	.takes = OHC_TAKES_REPORT | OHC_TAKES_JSON,
	.run = run,
};
