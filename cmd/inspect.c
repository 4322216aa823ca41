// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "cmd/format.h"
#include "cmd/inspect_page.h"
#include "cmd/inspect_tree.h"
#include "cmd/inspect_volume.h"
#include "cmd/open.h"
#include "compose/composition/composition.h"
#include "core/alloc.h"
#include "core/parallel.h"
#include "layout/rootfs/peek.h"
#include "layout/files/facts.h"
#include "oci/config/config.h"
#include "oci/image/attach.h"
#include "oci/image/describe.h"

struct inspect {
	const char *platform, *format;
	bool raw, config, layers, tree, tags, referrers, volume, plain_sizes;
};

static const struct ohc_option options[] = {
	{ "platform", 0, "OS/ARCH[/VARIANT]",
	  "which image of an index (default: this machine's, else the first)",
	  OHC_STRING(struct inspect, platform) },
	{ "raw", 0, NULL, "write the manifest or index, byte for byte",
	  OHC_FLAG(struct inspect, raw) },
	{ "config", 0, NULL, "write the image's config, byte for byte",
	  OHC_FLAG(struct inspect, config) },
	{ "layers", 0, NULL, "a line for each layer: digest, size, media type, diff ID",
	  OHC_FLAG(struct inspect, layers) },
	{ "tree", 0, NULL,
	  "the paths of all layers laid over one another, each with the layer it comes from",
	  OHC_FLAG(struct inspect, tree) },
	{ "tags", 0, NULL, "the tags that the place has", OHC_FLAG(struct inspect, tags) },
	{ "referrers", 0, NULL,
	  "what hangs on the image: signatures, SBOMs and other artifacts that refer to it",
	  OHC_FLAG(struct inspect, referrers) },
	{ "volume", 0, NULL,
	  "how a payload image is mounted into containers of others: a pod for Kubernetes, whose "
	  "comments have the lines for docker and podman",
	  OHC_FLAG(struct inspect, volume) },
	{ "format", 'f', "TEMPLATE",
	  "write members of the JSON, as skopeo and docker do: '{{.Digest}}'",
	  OHC_STRING(struct inspect, format) },
	{ "plain-sizes", 0, NULL, "read the layers to know their size decompressed",
	  OHC_FLAG(struct inspect, plain_sizes) },
	{ 0 },
};

/* The image that a mode works on. */
struct inspect_job {
	const struct ohc_cli *cli;
	const struct inspect *inspect;
	const struct ohc_opened *image;
	const struct ohc_platform *platform; /* or NULL */
	const char *ref;
};

static int print_tags(const struct inspect_job *j, struct ohc_error *err)
{
	ohc_cleanup(ohc_strv_clear) struct ohc_strv tags = OHC_STRV_INIT;
	ohc_cleanup(ohc_json_decref) json_t *list = NULL;
	ohc_cleanup(ohc_strv_clear) struct ohc_strv odd = OHC_STRV_INIT;
	const char *tag;
	size_t i;
	int rc = ohc_store_list_tags_apart(j->image->store, &tags, &odd, err);

	if (rc < 0)
		return rc;
	ohc_strv_foreach (&odd, i, tag)
		ohc_report_say(j->cli->report, OHC_WARNING,
			       "left out, as it is no name of an image: '%.200s'", tag);
	if (j->cli->json) {
		list = ohc_json_texts(&tags);
		ohc_cli_print_json(j->cli, list);
		return 0;
	}
	ohc_strv_foreach (&tags, i, tag)
		fprintf(j->cli->out, "%s\n", tag);
	return 0;
}

/* Lists what is attached to the manifest or index that the name means; with --platform, to that
 * platform's manifest. */
static int print_referrers(const struct inspect_job *j, struct ohc_error *err)
{
	ohc_cleanup(ohc_document_clear) struct ohc_document doc = OHC_DOCUMENT_INIT;
	ohc_cleanup(ohc_json_decref) json_t *list = NULL;
	int rc = ohc_open_document(j->image, j->platform, &doc, err);

	if (rc == 0)
		rc = ohc_attach_list(j->image->store, doc.d.digest, &list, err);
	if (rc == 0 && j->cli->json)
		ohc_cli_print_json(j->cli, list);
	else if (rc == 0)
		ohc_inspect_page_referrers(j->cli->out, list);
	return rc;
}

/* Writes the bytes of what the name names, or with --platform of that platform's manifest. */
static int print_raw(const struct inspect_job *j, struct ohc_error *err)
{
	ohc_cleanup(ohc_document_clear) struct ohc_document doc = OHC_DOCUMENT_INIT;
	int rc = ohc_open_document(j->image, j->platform, &doc, err);

	if (rc == 0)
		ohc_cli_print_bytes(j->cli, &doc.bytes);
	return rc;
}

static int print_config(const struct inspect_job *j, struct ohc_error *err)
{
	ohc_cleanup(ohc_document_clear) struct ohc_document doc = OHC_DOCUMENT_INIT;
	ohc_cleanup(ohc_manifest_clear) struct ohc_manifest m = OHC_MANIFEST_INIT;
	ohc_cleanup(ohc_buf_clear) struct ohc_buf bytes = OHC_BUF_INIT;
	struct ohc_store *s = j->image->store;
	int rc = ohc_describe_choose(s, j->ref, j->platform, &doc, err);

	if (rc == 0)
		rc = ohc_manifest_parse(&doc, &m, err);
	if (rc == 0)
		rc = ohc_store_read_blob(s, &m.config, &bytes, err);
	if (rc == 0)
		ohc_cli_print_bytes(j->cli, &bytes);
	return rc;
}

static int print_volume(const struct inspect_job *j, struct ohc_error *err)
{
	ohc_cleanup(ohc_document_clear) struct ohc_document root = OHC_DOCUMENT_INIT,
							    doc = OHC_DOCUMENT_INIT;
	ohc_cleanup(ohc_manifest_clear) struct ohc_manifest m = OHC_MANIFEST_INIT;
	ohc_cleanup(ohc_buf_clear) struct ohc_buf bytes = OHC_BUF_INIT;
	ohc_cleanup(ohc_json_decref) json_t *config = NULL;
	ohc_cleanup(ohc_freep) char *reference = NULL;
	const struct ohc_name *name = &j->image->name;
	struct ohc_store *s = j->image->store;
	int rc;

	if (name->transport != OHC_REGISTRY)
		return ohc_error_set(err, OHC_E_USAGE,
				     "engines take a volume from a registry: copy '%s' into one, "
				     "and name it there",
				     name->given);
	rc = ohc_open_document(j->image, j->platform, &root, err);
	if (rc == 0)
		rc = ohc_describe_choose(s, j->ref, j->platform, &doc, err);
	if (rc == 0)
		rc = ohc_manifest_parse(&doc, &m, err);
	if (rc == 0)
		rc = ohc_store_read_blob(s, &m.config, &bytes, err);
	if (rc == 0)
		rc = ohc_config_parse(bytes.data, bytes.len, j->image->name.given, &config, err);
	if (rc < 0)
		return rc;
	reference = ohc_xasprintf("%s/%s@%s", name->host, name->repo, root.d.digest);
	return ohc_inspect_volume(j->cli->out, reference, config, err);
}

static int print_format(const struct inspect_job *j, json_t *image, struct ohc_error *err)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf text = OHC_BUF_INIT;
	int rc = ohc_format(j->inspect->format, image, &text, err);

	if (rc < 0)
		return rc;
	if (text.len == 0 || text.data[text.len - 1] != '\n')
		ohc_buf_adds(&text, "\n");
	ohc_cli_print_bytes(j->cli, &text);
	return 0;
}

/* The annotation as the object that it is. */
static void add_composition(json_t *image)
{
	const char *text = json_string_value(
		json_object_get(json_object_get(image, "annotations"), OHC_COMPOSITION));
	json_t *composition = NULL;

	if (text && ohc_json_parse(text, strlen(text), "", &composition, NULL) == 0)
		json_object_set_new(image, "composition", composition);
}

static int print_image(const struct inspect_job *j, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *name = ohc_open_name(j->image);
	ohc_cleanup(ohc_json_decref) json_t *image = NULL;
	struct ohc_describe_options o = {
		.platform = j->platform,
		.plain_sizes = j->inspect->plain_sizes,
		/* A registry would have to be asked for each layer. */
		.missing = j->image->name.transport != OHC_REGISTRY,
		.jobs = j->cli->jobs ? j->cli->jobs : ohc_parallel_processors(),
		.plain_max = j->cli->limits.plain_size,
		.report = j->cli->report,
	};
	int rc = ohc_describe_image(j->image->store, name, j->ref, &o, &image, err);

	if (rc < 0)
		return rc;
	add_composition(image);
	if (j->inspect->format)
		return print_format(j, image, err);
	if (j->inspect->layers && !j->cli->json)
		ohc_inspect_page_layers(j->cli->out, image);
	else if (j->inspect->layers)
		ohc_cli_print_json(j->cli, json_object_get(image, "layers"));
	else if (j->cli->json)
		ohc_cli_print_json(j->cli, image);
	else
		ohc_inspect_page(j->cli->out, image);
	return 0;
}

/* Uses the hook that push and check use, because the cache keeps what it finds under the hook's
 * name. */
static int peek(const struct inspect_job *j, const struct ohc_manifest *m, struct ohc_rootfs **ret,
		struct ohc_error *err)
{
	ohc_cleanup(ohc_peek_freep) struct ohc_peek *p = NULL;
	struct ohc_peek_options o = {
		.hook = &ohc_facts_hook,
		.cache = j->cli->kept,
		.jobs = j->cli->jobs,
		.limits = &j->cli->limits,
		.report = j->cli->report,
	};

	p = ohc_peek_new(&o);
	return ohc_peek_layers(p, j->image->store, m->layers, m->n_layers, ret, err);
}

/* An artifact may have layers of a file system, too; what else it has is no tar. */
static int check_layers(const struct ohc_manifest *m, struct ohc_error *err)
{
	for (size_t i = 0; i < m->n_layers && ohc_manifest_is_artifact(m); i++)
		if (!ohc_media_is_layer(m->layers[i].media_type))
			return ohc_error_set(err, OHC_E_FORMAT,
					     "it is no container image but an artifact, and has no "
					     "tree: layer %s is of type '%s'",
					     m->layers[i].digest, m->layers[i].media_type);
	return 0;
}

static int print_tree(const struct inspect_job *j, struct ohc_error *err)
{
	ohc_cleanup(ohc_document_clear) struct ohc_document doc = OHC_DOCUMENT_INIT;
	ohc_cleanup(ohc_manifest_clear) struct ohc_manifest m = OHC_MANIFEST_INIT;
	ohc_cleanup(ohc_rootfs_freep) struct ohc_rootfs *fs = NULL;
	int rc = ohc_describe_choose(j->image->store, j->ref, j->platform, &doc, err);

	if (rc == 0)
		rc = ohc_manifest_parse(&doc, &m, err);
	if (rc == 0)
		rc = check_layers(&m, err);
	if (rc == 0)
		rc = peek(j, &m, &fs, err);
	if (rc < 0)
		return rc;
	if (j->cli->json)
		ohc_inspect_tree_json(j->cli->out, fs, m.layers);
	else
		ohc_inspect_tree(j->cli->out, fs);
	return 0;
}

static int check_modes(const struct ohc_cli *cli, const struct inspect *i, struct ohc_error *err)
{
	const struct {
		const char *name;
		bool given;
	} modes[] = {
		{ "raw", i->raw },
		{ "config", i->config },
		{ "layers", i->layers },
		{ "tree", i->tree },
		{ "tags", i->tags },
		{ "referrers", i->referrers },
		{ "volume", i->volume },
		{ "json", cli->json && (i->raw || i->config || i->format || i->volume) },
		{ "format", i->format != NULL },
	};
	const char *first = NULL;

	for (size_t k = 0; k < OHC_ARRAY_SIZE(modes); k++) {
		if (!modes[k].given)
			continue;
		if (first)
			return ohc_error_set(err, OHC_E_USAGE,
					     "'--%s' and '--%s' cannot be given together", first,
					     modes[k].name);
		first = modes[k].name;
	}
	return 0;
}

static int run(struct ohc_cli *cli, int argc, char **argv, struct ohc_error *err)
{
	const struct inspect *i = cli->state;
	ohc_cleanup(ohc_open_clear) struct ohc_opened image = OHC_OPENED_INIT;
	struct ohc_platform platform;
	struct inspect_job j = { .cli = cli, .inspect = i, .image = &image };
	int rc = check_modes(cli, i, err);

	(void)argc;
	if (rc == 0 && i->format)
		rc = ohc_format_check(i->format, err);
	if (rc == 0 && i->platform)
		rc = ohc_platform_parse(i->platform, &platform, err);
	if (rc == 0)
		rc = ohc_open_image(cli, argv[0], &image, err);
	if (rc < 0)
		return rc;
	j.platform = i->platform ? &platform : NULL;
	j.ref = ohc_name_ref(&image.name);
	if (i->tags)
		return print_tags(&j, err);
	if (i->raw)
		return print_raw(&j, err);
	if (i->referrers)
		return print_referrers(&j, err);
	if (i->volume)
		return print_volume(&j, err);
	if (i->tree)
		return print_tree(&j, err);
	return i->config ? print_config(&j, err) : print_image(&j, err);
}

const struct ohc_command ohc_cmd_inspect = {
	.name = "inspect",
	.group = OHC_GROUP_LOOK,
	.synopsis = "[options] IMAGE",
	.summary = "show what is in an image",
	.description =
		"Shows the name, digest, platform, size, config, layers and history of IMAGE; of "
		"an index its platforms, and the image for this machine or for --platform. Only "
		"manifests and configs are read; --tree reads the layers, once. --referrers shows "
		"what others hung on it.",
	.options = options,
	.state_size = sizeof(struct inspect),
	.min_args = 1,
	.max_args = 1,
	.takes = OHC_TAKES_IMAGE | OHC_TAKES_CACHE | OHC_TAKES_LIMITS,
	.run = run,
};
