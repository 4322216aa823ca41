// SPDX-License-Identifier: Apache-2.0
#include "cmd/cli.h"
#include "cmd/open.h"
#include "cmd/printable.h"
#include "compose/unpack/unpack.h"
#include "core/alloc.h"
#include "core/path.h"
#include "core/units.h"

struct unpack_command {
	const char *prefix, *platform;
};

static const struct ohc_option options[] = {
	{ "prefix", 0, "DIR", "the payload's directory in the image (default: as pack says it)",
	  OHC_STRING(struct unpack_command, prefix) },
	{ "platform", 0, "OS/ARCH[/VARIANT]", "which image of an index (default: this machine's)",
	  OHC_STRING(struct unpack_command, platform) },
	{ 0 },
};

static void print(const struct ohc_cli *cli, const char *dir, const struct ohc_unpack_result *r)
{
	ohc_cleanup(ohc_json_decref) json_t *all = NULL;
	ohc_cleanup(ohc_buf_clear) struct ohc_buf line = OHC_BUF_INIT;
	char bytes[OHC_UNITS_TEXT];

	if (cli->json) {
		all = json_object();
		json_object_set_new(all, "directory", ohc_json_text_value(dir));
		json_object_set_new(all, "prefix", ohc_json_text_value(r->prefix));
		json_object_set_new(all, "digest", json_string(r->digest));
		json_object_set_new(all, "entries", json_integer((json_int_t)r->entries));
		json_object_set_new(all, "bytes", json_integer((json_int_t)r->bytes));
		ohc_cli_print_json(cli, all);
		return;
	}
	ohc_printable(&line, dir);
	ohc_buf_adds(&line, ":");
	ohc_printable(&line, r->prefix);
	ohc_report_say(cli->report, OHC_VERBOSE, "unpacked entries: %llu (%s)",
		       (unsigned long long)r->entries, ohc_units_bytes(r->bytes, bytes));
	fprintf(cli->out, "%s\n", ohc_buf_str(&line));
}

static int run(struct ohc_cli *cli, int argc, char **argv, struct ohc_error *err)
{
	ohc_cleanup(ohc_open_clear) struct ohc_opened image = OHC_OPENED_INIT;
	ohc_cleanup(ohc_unpack_result_clear) struct ohc_unpack_result r = { .prefix = NULL };
	const struct unpack_command *c = cli->state;
	struct ohc_unpack_options o = {
		.dir = argv[1], .prefix = c->prefix, .limits = &cli->limits, .report = cli->report
	};
	struct ohc_platform platform;
	int rc = 0;

	(void)argc;
	if (c->prefix && (!ohc_path_is_normal(c->prefix) || !c->prefix[1]))
		return ohc_error_set(err, OHC_E_USAGE,
				     "--prefix '%s': an absolute directory is wanted, and not '/'",
				     c->prefix);
	if (c->platform) {
		rc = ohc_platform_parse(c->platform, &platform, err);
		o.platform = &platform;
	}
	if (rc == 0)
		rc = ohc_open_image(cli, argv[0], &image, err);
	if (rc == 0)
		rc = ohc_unpack(image.store, ohc_name_ref(&image.name), argv[0], &o, &r, err);
	if (rc < 0)
		return rc;
	print(cli, argv[1], &r);
	return 0;
}

const struct ohc_command ohc_cmd_unpack = {
	.name = "unpack",
	.group = OHC_GROUP_MOVE,
	.synopsis = "[options] PAYLOAD DIR",
	.summary = "put a payload image into a directory",
	.description =
		"Writes what a payload image has below its prefix into DIR, which is new or empty, "
		"for "
		"shared file systems and bind mounts: apptainer --bind DIR:PREFIX, docker -v. Its "
		"programs must be seen at the prefix, which is printed behind DIR.\n\n"
		"Everything belongs to whoever runs this. DIR appears when all is there, and every "
		"layer "
		"was what its digest says. Whoever made the image, nothing is written outside DIR.",
	.options = options,
	.state_size = sizeof(struct unpack_command),
	.min_args = 2,
	.max_args = 2,
	.takes = OHC_TAKES_IMAGE | OHC_TAKES_LIMITS,
	.run = run,
};
