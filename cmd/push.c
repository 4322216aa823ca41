// SPDX-License-Identifier: Apache-2.0
#include "cmd/command.h"
#include "cmd/digest_file.h"
#include "cmd/open.h"
#include "cmd/push_options.h"
#include "core/units.h"
#include "core/alloc.h"

/* Of one image; a run over many has a report. */
static const struct ohc_option options[] = {
	{ "digest-file", 0, "FILE", "write the digest of the result to FILE",
	  OHC_STRING(struct ohc_push_command, digest_file), .group = "Result" },
	{ 0 },
};

/* Prints, for a dry run, what would be done with each layer. */
static void print_layers(const struct ohc_cli *cli, const struct ohc_image_result *r)
{
	char size[OHC_UNITS_TEXT];

	for (size_t i = 0; i < r->n_layers; i++)
		fprintf(cli->out, "%-8s %-9s %10s  %s\n", r->layers[i].role, r->layers[i].action,
			ohc_units_bytes((uint64_t)r->layers[i].d.size, size),
			r->layers[i].d.digest);
}

static void print_result(const struct ohc_cli *cli, const struct ohc_image_result *r)
{
	ohc_cleanup(ohc_json_decref) json_t *object = NULL;

	if (!cli->json) {
		fprintf(cli->out, "%s@%s\n", r->name, r->manifest.digest);
		return;
	}
	object = ohc_image_result_json(r);
	ohc_cli_print_json(cli, object);
}

static int run(struct ohc_cli *cli, int argc, char **argv, struct ohc_error *err)
{
	struct ohc_push_command *c = cli->state;
	ohc_cleanup(ohc_transports_freep) struct ohc_transports *transports = NULL;
	ohc_cleanup(ohc_image_result_clear) struct ohc_image_result r = OHC_IMAGE_RESULT_INIT;
	ohc_cleanup(ohc_digest_file_close) struct ohc_digest_file digest = OHC_DIGEST_FILE_INIT;
	int rc;

	(void)argc;
	c->push.base = argv[0];
	c->push.dest = argv[1];
	ohc_open_sign(cli, &c->push.sign);
	c->push.level = c->level ? (int)c->level : -1;
	c->push.jobs = cli->jobs;
	c->push.report = cli->report;
	c->push.limits = &cli->limits;
	rc = ohc_digest_file_open(&digest, c->push.dry_run ? NULL : c->digest_file, err);
	if (rc < 0)
		return rc;
	c->push.cache = cli->kept;
	ohc_cli_spare_stdout(cli, c->push.dest);
	transports = ohc_open_transports(cli, c->push.dest, cli->kept);
	rc = ohc_push(transports, &c->push, &r, err);
	if (rc == 0)
		rc = ohc_digest_file_write(&digest, cli, r.manifest.digest, err);
	if (rc == 0 && c->push.dry_run && !cli->json)
		print_layers(cli, &r);
	if (rc == 0)
		print_result(cli, &r);
	return rc;
}

const struct ohc_command ohc_cmd_push = {
	.name = "push",
	.group = OHC_GROUP_MAKE,
	.synopsis = "[options] BASE DEST",
	.summary = "compose BASE + payload + profile, write it to DEST",
	.description =
		"Adds a layer for each payload to the image BASE, edits its config as the profile "
		"and the options say, and writes the result to DEST. Layers of the base are "
		"mounted or streamed, never changed. The same inputs give the same digest.\n\n"
		"BASE and DEST are [docker://]HOST[:PORT]/REPO[:TAG][@DIGEST], a short name of "
		"Docker Hub's, or oci:DIR[:TAG]; BASE may be scratch.\n\n"
		"The last line of standard output is DEST@DIGEST; with --json it is an object "
		"instead.",
	.options = ohc_push_command_options,
	.more_options = { options },
	.state_size = sizeof(struct ohc_push_command),
	.min_args = 2,
	.max_args = 2,
	.takes = OHC_TAKES_IMAGES | OHC_TAKES_CACHE | OHC_TAKES_LIMITS,
	.run = run,
};
