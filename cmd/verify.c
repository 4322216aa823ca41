// SPDX-License-Identifier: Apache-2.0
#include "cmd/verify.h"

#include "cmd/open.h"
#include "cmd/printable.h"
#include "cmd/verify_rebuild.h"
#include "core/units.h"
#include "core/alloc.h"
#include "core/parallel.h"
#include "oci/documents/json.h"
#include "oci/image/verify.h"

struct verify_command {
	bool rebuild;
	struct ohc_strv look_in;
};

static const struct ohc_option options[] = {
	{ "rebuild", 0, NULL,
	  "compose IMAGE again from what it says that it was composed of, and compare",
	  OHC_FLAG(struct verify_command, rebuild) },
	{ "look-in", 0, "NAME",
	  "with --rebuild: a repository, layout or archive that may have base or payloads, too; "
	  "may be repeated",
	  OHC_STRINGS(struct verify_command, look_in) },
	{ 0 },
};

void ohc_verify_add_finding(void *ctx, const char *where, const char *message)
{
	json_t *finding = json_object();

	json_object_set_new(finding, "where", ohc_json_text_value(where));
	json_object_set_new(finding, "message", ohc_json_text_value(message));
	json_array_append_new(ctx, finding);
}

static void print_json(const struct ohc_cli *cli, const char *name,
		       const struct ohc_verify_result *r, json_t *findings)
{
	ohc_cleanup(ohc_json_decref) json_t *all = json_object();

	json_object_set_new(all, "name", ohc_json_text_value(name));
	json_object_set_new(all, "digest", json_string(r->root.digest));
	json_object_set_new(all, "mediaType", json_string(r->root.media_type));
	json_object_set_new(all, "manifests", json_integer((json_int_t)r->documents));
	json_object_set_new(all, "blobs", json_integer((json_int_t)r->blobs));
	json_object_set_new(all, "skipped", json_integer((json_int_t)r->skipped));
	json_object_set_new(all, "bytes", json_integer((json_int_t)r->bytes));
	json_object_set_new(all, "plainBytes", json_integer((json_int_t)r->plain_bytes));
	json_object_set(all, "findings", findings);
	ohc_cli_print_json(cli, all);
}

void ohc_verify_print_findings(const struct ohc_cli *cli, const json_t *findings)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf line = OHC_BUF_INIT;
	const json_t *f;
	size_t i;

	json_array_foreach (findings, i, f) {
		ohc_buf_truncate(&line, 0);
		ohc_printable(&line, json_string_value(json_object_get(f, "where")));
		ohc_buf_adds(&line, ": ");
		ohc_printable(&line, json_string_value(json_object_get(f, "message")));
		fprintf(cli->out, "%s\n", ohc_buf_str(&line));
	}
}

static void print_page(const struct ohc_cli *cli, const char *name,
		       const struct ohc_verify_result *r, const json_t *findings)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf line = OHC_BUF_INIT;
	char bytes[OHC_UNITS_TEXT], plain[OHC_UNITS_TEXT];

	ohc_verify_print_findings(cli, findings);
	if (r->findings > 0)
		return;
	ohc_printable(&line, name);
	fprintf(cli->out, "%s@%s is sound: manifests %zu, blobs %zu (%s, layers %s plain)\n",
		ohc_buf_str(&line), r->root.digest, r->documents, r->blobs,
		ohc_units_bytes(r->bytes, bytes), ohc_units_bytes(r->plain_bytes, plain));
}

static int verify_blobs(struct ohc_cli *cli, char **argv, struct ohc_error *err)
{
	ohc_cleanup(ohc_open_clear) struct ohc_opened image = OHC_OPENED_INIT;
	ohc_cleanup(ohc_json_decref) json_t *findings = json_array();
	ohc_cleanup(ohc_freep) char *name = NULL;
	struct ohc_verify_options o = {
		.jobs = cli->jobs ? cli->jobs : ohc_parallel_processors(),
		.report = cli->report,
		.plain_max = cli->limits.plain_size,
		.found = ohc_verify_add_finding,
		.ctx = findings,
	};
	struct ohc_verify_result r;
	int rc = ohc_open_image(cli, argv[0], &image, err);

	if (rc == 0)
		rc = ohc_verify_image(image.store, ohc_name_ref(&image.name), &o, &r, err);
	if (rc < 0)
		return rc;
	name = ohc_open_name(&image);
	if (cli->json)
		print_json(cli, name, &r, findings);
	else
		print_page(cli, name, &r, findings);
	if (r.findings == 0)
		return 0;
	return ohc_error_set(err, OHC_E_DIGEST, "'%s' is not sound: %zu fault%s", argv[0],
			     r.findings, r.findings == 1 ? "" : "s");
}

static int run(struct ohc_cli *cli, int argc, char **argv, struct ohc_error *err)
{
	const struct verify_command *c = cli->state;

	(void)argc;
	if (c->rebuild)
		return ohc_verify_rebuild(cli, argv[0], &c->look_in, err);
	if (c->look_in.n)
		return ohc_error_set(err, OHC_E_USAGE, "--look-in goes with --rebuild");
	return verify_blobs(cli, argv, err);
}

const struct ohc_command ohc_cmd_verify = {
	.name = "verify",
	.group = OHC_GROUP_LOOK,
	.synopsis = "[options] IMAGE",
	.summary = "check every blob, diff ID and rule of an image",
	.description =
		"Reads all of IMAGE, every platform of an index: manifests, configs and layers by "
		"size and digest, layers as tars and against the diff IDs in their config, "
		"and the JSON against the rules of the image specification. Nothing is written.\n\n"
		"With --rebuild, IMAGE is instead composed again from what it says itself: its "
		"base "
		"and payloads are found by digest, and no layer of a payload is read. The result "
		"must have the same digest; else it is said which part differs.\n\n"
		"Each fault is a line of standard output, the place before it. The exit status is "
		"3 when there are any.",
	.options = options,
	.state_size = sizeof(struct verify_command),
	.min_args = 1,
	.max_args = 1,
	.takes = OHC_TAKES_IMAGES | OHC_TAKES_LIMITS | OHC_TAKES_CACHE,
	.run = run,
};
