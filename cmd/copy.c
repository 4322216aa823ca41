// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "cmd/command.h"
#include "cmd/digest_file.h"
#include "cmd/open.h"
#include "cmd/push_options.h"
#include "compose/transports/transports.h"
#include "core/alloc.h"
#include "core/clock.h"
#include "oci/image/copy_image.h"

#define JOBS_DEFAULT 4

struct copy {
	bool all_tags, referrers;
	const char *platform, *format, *digest_file, *compression;
	unsigned int level;
};

static const struct ohc_word formats[] = { { "auto", 0 }, { "oci", 0 }, { "docker", 0 }, { 0 } };

static const struct ohc_option options[] = {
	{ "platform", 0, "OS/ARCH[/VARIANT]|all",
	  "of an index only the image of this platform (default: all)",
	  OHC_STRING(struct copy, platform) },
	{ "all-tags", 'a', NULL, "every tag of SRC, under the same tag; SRC and DEST have none",
	  OHC_FLAG(struct copy, all_tags) },
	{ "referrers", 0, NULL, "also what refers to the images: signatures, SBOMs, attestations",
	  OHC_FLAG(struct copy, referrers) },
	{ "format", 0, "auto|oci|docker",
	  "write manifests in this format; auto (default) leaves them as they are",
	  OHC_CHOICE(struct copy, format, formats) },
	{ "compression", 0, "gzip|zstd|none",
	  "compress the layers that are not compressed (default: gzip for those of a docker "
	  "archive on their way to a registry, else none)",
	  OHC_CHOICE(struct copy, compression, ohc_words_compression) },
	{ "compression-level", 0, "N", "gzip 1 to 9, zstd 1 to 19",
	  OHC_UNSIGNED(struct copy, level, 1, 19) },
	{ "digest-file", 0, "FILE", "write the digest of the result to FILE",
	  OHC_STRING(struct copy, digest_file) },
	{ 0 },
};

struct copy_job {
	struct ohc_cli *cli;
	const struct copy *o;
	struct ohc_name src, dest;
	struct ohc_store *from, *to;
	struct ohc_platform platform;
	struct ohc_copy copy;
	struct ohc_codec codec;
	struct ohc_descriptor result; /* of the last image */
	size_t images;
};

/* Was the tag typed?  A repository's is "latest" when it was not. */
static bool has_tag(const struct ohc_name *n)
{
	size_t len = strlen(n->given);

	if (n->digest || !n->tag)
		return n->digest != NULL;
	return !n->repo || strcmp(n->tag, "latest") != 0 ||
	       (len > 7 && strcmp(n->given + len - 7, ":latest") == 0);
}

static int check(const struct copy_job *j, struct ohc_error *err)
{
	if (j->src.transport == OHC_SCRATCH || j->dest.transport == OHC_SCRATCH)
		return ohc_error_set(err, OHC_E_USAGE,
				     "'scratch' is nothing, and cannot be copied");
	if (j->dest.digest)
		return ohc_error_set(err, OHC_E_USAGE,
				     "'%s': a destination has a tag; its digest is what comes out",
				     j->dest.given);
	if (j->o->all_tags && (has_tag(&j->src) || has_tag(&j->dest)))
		return ohc_error_set(err, OHC_E_USAGE,
				     "--all-tags takes names without a tag, not '%s'",
				     has_tag(&j->src) ? j->src.given : j->dest.given);
	if (j->o->digest_file && j->o->all_tags)
		return ohc_error_set(err, OHC_E_USAGE,
				     "--digest-file is for one image, not for --all-tags");
	if (j->o->referrers && j->dest.transport == OHC_DOCKER_ARCHIVE)
		return ohc_error_set(err, OHC_E_USAGE,
				     "a docker archive has no place for referrers");
	return 0;
}

/* The layers of docker archives are not compressed; in a registry they should be. */
static int configure_codec(struct copy_job *j, struct ohc_error *err)
{
	bool usual = j->src.transport == OHC_DOCKER_ARCHIVE && j->dest.transport == OHC_REGISTRY;
	int level = j->o->level ? (int)j->o->level : OHC_LEVEL_DEFAULT;

	if (!j->o->compression && !usual && j->o->level)
		return ohc_error_set(err, OHC_E_USAGE,
				     "'--compression-level' needs '--compression' here");
	if (j->o->compression || usual)
		j->copy.compress = &j->codec;
	return ohc_codec_parse(j->o->compression, level, &j->codec, err);
}

static int configure(struct copy_job *j, struct ohc_error *err)
{
	struct ohc_copy *c = &j->copy;
	const char *platform = j->o->platform;
	int rc;

	c->jobs = j->cli->jobs ? j->cli->jobs : JOBS_DEFAULT;
	c->report = j->cli->report;
	c->referrers = j->o->referrers;
	c->images_only = j->dest.transport == OHC_DOCKER_ARCHIVE;
	if (j->o->format && strcmp(j->o->format, "auto") != 0) {
		c->convert = true;
		c->family =
			strcmp(j->o->format, "docker") == 0 ? OHC_FAMILY_DOCKER : OHC_FAMILY_OCI;
	}
	rc = configure_codec(j, err);
	if (rc < 0)
		return rc;
	if (!platform || strcmp(platform, "all") == 0)
		return 0;
	rc = ohc_platform_parse(platform, &j->platform, err);
	c->platform = &j->platform;
	return rc;
}

/* Checked before anything is written: a layout may have names that are no tags
 * (localhost/app:1). */
static int check_tags(const struct copy_job *j, const struct ohc_strv *tags, struct ohc_error *err)
{
	bool any_name = j->dest.transport == OHC_LAYOUT || j->dest.transport == OHC_OCI_ARCHIVE;
	const char *tag;
	size_t i;

	ohc_strv_foreach (tags, i, tag)
		if (!any_name && ohc_name_tag_check(tag, NULL) < 0)
			return ohc_error_set(
				err, OHC_E_USAGE,
				"'%s' has an image '%.200s', which is no tag for '%s': "
				"copy it alone, and name the tag that it gets",
				j->src.given, tag, j->dest.given);
	if (tags->n > 0)
		return 0;
	return ohc_error_set(err, OHC_E_NOT_FOUND, "'%s' has no tags", j->src.given);
}

static int copy_all(struct copy_job *j, struct ohc_error *err)
{
	struct ohc_strv tags = OHC_STRV_INIT;
	const char *tag;
	size_t i;
	int rc = ohc_store_list_tags(j->from, &tags, err);

	if (rc == 0)
		rc = check_tags(j, &tags, err);
	if (rc == 0)
		rc = ohc_store_may_write(j->to, err);
	ohc_strv_foreach (&tags, i, tag) {
		if (rc < 0)
			break;
		rc = ohc_copy_image(&j->copy, tag, &tag, 1, &j->result, err);
		if (rc < 0)
			ohc_error_wrap(err, rc, "copy tag '%s'", tag);
		j->images++;
	}
	ohc_strv_clear(&tags);
	return rc;
}

static int copy_one(struct copy_job *j, struct ohc_error *err)
{
	const char *tag = j->dest.tag;
	int rc = ohc_store_may_write(j->to, err);

	j->images = 1;
	return rc < 0 ? rc
		      : ohc_copy_image(&j->copy, ohc_name_ref(&j->src), &tag, tag ? 1 : 0,
				       &j->result, err);
}

static int transfer(struct copy_job *j, struct ohc_transports *transports, struct ohc_error *err)
{
	int rc = ohc_transports_open(transports, &j->src, OHC_USE_SOURCE, &j->from, err);

	if (rc == 0)
		rc = ohc_transports_open(transports, &j->dest, OHC_USE_WRITE, &j->to, err);
	if (rc < 0)
		return rc;
	j->copy.from = j->from;
	j->copy.to = j->to;
	rc = j->o->all_tags ? copy_all(j, err) : copy_one(j, err);
	if (rc == 0)
		rc = ohc_store_finish(j->to, err);
	if (rc == 0)
		ohc_transports_say_format(j->cli->report, &j->dest, j->result.media_type);
	return rc;
}

static json_t *result_json(const struct copy_job *j, const char *name, double seconds)
{
	const struct ohc_copy_total *t = &j->copy.total;
	json_t *doc = json_object(), *blobs = json_object();

	json_object_set_new(doc, "name", ohc_json_text_value(name));

	if (!j->o->all_tags) {
		json_object_set_new(doc, "digest", json_string(j->result.digest));
		json_object_set_new(doc, "mediaType", json_string(j->result.media_type));
	}
	for (size_t i = 0; i < OHC_ARRAY_SIZE(t->blobs); i++)
		json_object_set_new(blobs, ohc_copy_action_name((enum ohc_copy_action)i),
				    json_integer((json_int_t)t->blobs[i]));
	json_object_set_new(doc, "images", json_integer((json_int_t)j->images));
	json_object_set_new(doc, "manifests", json_integer((json_int_t)t->manifests));
	json_object_set_new(doc, "blobs", blobs);
	json_object_set_new(doc, "bytes",
			    json_pack("{s:I, s:I}", "downloaded",
				      (json_int_t)j->from->stats.downloaded, "uploaded",
				      (json_int_t)j->to->stats.uploaded));
	json_object_set_new(
		doc, "requests",
		json_integer((json_int_t)(j->from->stats.requests + j->to->stats.requests)));
	json_object_set_new(doc, "seconds", json_real(seconds));
	return doc;
}

static void print(const struct copy_job *j, double seconds)
{
	ohc_cleanup(ohc_freep) char *name = ohc_name_text(&j->dest);
	ohc_cleanup(ohc_json_decref) json_t *doc = NULL;

	if (j->cli->json) {
		doc = result_json(j, name, seconds);
		ohc_cli_print_json(j->cli, doc);
	} else if (j->o->all_tags) {
		fprintf(j->cli->out, "%s: %zu tags\n", j->dest.given, j->images);
	} else {
		fprintf(j->cli->out, "%s@%s\n", name, j->result.digest);
	}
}

static int run_job(struct copy_job *j, char **argv, struct ohc_error *err)
{
	ohc_cleanup(ohc_transports_freep) struct ohc_transports *transports = NULL;
	ohc_cleanup(ohc_digest_file_close) struct ohc_digest_file digest = OHC_DIGEST_FILE_INIT;
	double start = ohc_clock_seconds();
	int rc = ohc_name_parse(argv[0], &j->src, err);

	if (rc == 0)
		rc = ohc_name_parse(argv[1], &j->dest, err);
	if (rc == 0)
		rc = check(j, err);
	if (rc == 0)
		rc = configure(j, err);
	if (rc < 0)
		return rc;
	rc = ohc_digest_file_open(&digest, j->o->digest_file, err);
	if (rc < 0)
		return rc;
	ohc_cli_spare_stdout(j->cli, argv[1]);
	transports = ohc_open_transports(j->cli, argv[1], NULL);
	rc = transfer(j, transports, err);
	if (rc == 0)
		rc = ohc_digest_file_write(&digest, j->cli, j->result.digest, err);
	if (rc == 0)
		print(j, ohc_clock_seconds() - start);
	ohc_store_close(j->from);
	ohc_store_close(j->to);
	return rc;
}

static int run(struct ohc_cli *cli, int argc, char **argv, struct ohc_error *err)
{
	struct copy_job j = { .cli = cli, .o = cli->state };
	int rc = run_job(&j, argv, err);

	(void)argc;
	ohc_copy_clear(&j.copy);
	ohc_name_clear(&j.src);
	ohc_name_clear(&j.dest);
	return rc;
}

const struct ohc_command ohc_cmd_copy = {
	.name = "copy",
	.group = OHC_GROUP_MOVE,
	.synopsis = "[options] SRC DEST",
	.summary = "copy images between registries, layouts and archives",
	.description =
		"Copies what SRC names, all platforms of it, byte for byte: the digest stays. "
		"Only what DEST does not have is moved, without a temporary file, and every blob "
		"is checked on its way.\n\n"
		"An archive can be '-': standard input or output.\n\n"
		"  ohcompose copy ubuntu:22.04 oci:images:jammy\n"
		"  ohcompose copy --platform linux/arm64 oci:images:jammy docker-archive:-:u:1",
	.options = options,
	.state_size = sizeof(struct copy),
	.min_args = 2,
	.max_args = 2,
	.takes = OHC_TAKES_IMAGES,
	.run = run,
};
