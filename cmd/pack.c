// SPDX-License-Identifier: Apache-2.0
#include "cmd/command.h"
#include "cmd/digest_file.h"
#include "cmd/open.h"
#include "cmd/printable.h"
#include "cmd/push_options.h"
#include "core/units.h"
#include "compose/pack/pack.h"
#include "core/alloc.h"

struct pack_command {
	struct ohc_pack_options pack; /* but for source, dest, jobs and report */
	unsigned int level;           /* of compression; 0: not given */
	const char *digest_file;
};

#define PAYLOAD "Payload"
#define CONFIG  "Image config"
#define LAYERS  "Layers"
#define RESULT  "Result"

static const struct ohc_word sbom_words[] = {
	{ "none", 0 }, { "cyclonedx", 0 }, { "spdx", 0 }, { 0 }
};

static const struct ohc_option options[] = {
	{ "prefix", 0, "DIR", "where it lies in the image (default: /openhands)",
	  OHC_STRING(struct pack_command, pack.prefix), .group = PAYLOAD },
	{ "owner", 0, "UID:GID", "owner of its entries (default: the profile's account)",
	  OHC_STRING(struct pack_command, pack.push.owner), .group = PAYLOAD },
	{ "profile", 0, "NAME|FILE", "what push is to apply with it",
	  OHC_STRING(struct pack_command, pack.push.profile), .words = ohc_words_profile,
	  .group = PAYLOAD },
	{ "closure", 0, NULL, "give every program its own loader and libraries",
	  OHC_FLAG(struct pack_command, pack.closure), .group = PAYLOAD },
	{ "root", 0, "DIR", "where they, and paths with a leading '/', are found (default: /)",
	  OHC_STRING(struct pack_command, pack.root), .group = PAYLOAD },
	{ "dlopen", 0, "LIB", "a library that they open by name, for the closure; repeatable",
	  OHC_STRINGS(struct pack_command, pack.dlopen), .group = PAYLOAD },
	{ "optional", 0, "GLOB", "a library that may be missing in the closure; repeatable",
	  OHC_STRINGS(struct pack_command, pack.optional), .group = PAYLOAD },
	{ "exclude", 0, "GLOB", "leave out what matches, as .gitignore does; repeatable",
	  OHC_STRINGS(struct pack_command, pack.exclude), .group = PAYLOAD },
	{ "dereference", 0, NULL, "of symlinks that lead out of SOURCE copy what they lead to",
	  OHC_FLAG(struct pack_command, pack.dereference), .group = PAYLOAD },
	{ "launcher", 0, "NAME=COMMAND",
	  "make PREFIX/bin/NAME, which starts a program of it with arguments; repeatable",
	  OHC_STRINGS(struct pack_command, pack.launchers), .group = PAYLOAD },
	{ "platform", 0, "OS/ARCH[/VARIANT]", "what it is for (default: what its programs are for)",
	  OHC_STRING(struct pack_command, pack.push.platform), .group = PAYLOAD },

	{ "env", 0, "K=V", "a variable that it wants; $NAME is the base's value; repeatable",
	  OHC_STRINGS(struct pack_command, pack.env), .group = CONFIG },
	{ "label", 0, "K=V", "set a label; repeatable",
	  OHC_STRINGS(struct pack_command, pack.push.labels), .group = CONFIG },
	{ "annotation", 0, "K=V", "set an annotation of the manifest; repeatable",
	  OHC_STRINGS(struct pack_command, pack.push.annotations), .group = CONFIG },
	{ "created", 0, "TIME",
	  "RFC 3339, seconds since 1970, or 'now' (default: SOURCE_DATE_EPOCH, else 1970)",
	  OHC_STRING(struct pack_command, pack.push.created), .group = CONFIG },

	{ "format", 0, "auto|oci|docker", "of the manifest and config (default: oci)",
	  OHC_CHOICE(struct pack_command, pack.push.format, ohc_words_format), .group = LAYERS },
	{ "compression", 0, "gzip|zstd|none", "of the layers (default: gzip)",
	  OHC_CHOICE(struct pack_command, pack.push.compression, ohc_words_compression),
	  .group = LAYERS },
	{ "compression-level", 0, "N", "gzip 1 to 9, zstd 1 to 19",
	  OHC_UNSIGNED(struct pack_command, level, 1, 19), .group = LAYERS },
	{ "mtime", 0, "preserve|clamp|epoch",
	  "times of files: as they are (default), none after SOURCE_DATE_EPOCH, or all 1970",
	  OHC_CHOICE(struct pack_command, pack.push.mtime, ohc_words_mtime), .group = LAYERS },

	{ "tag", 0, "TAG", "a further tag of DEST; repeatable",
	  OHC_STRINGS(struct pack_command, pack.push.tags), .group = RESULT },
	{ "sbom", 0, "none|cyclonedx|spdx",
	  "the list of what is in the payload, as a referrer of the image (default: cyclonedx)",
	  OHC_CHOICE(struct pack_command, pack.sbom, sbom_words), .group = RESULT },
	{ "sign", 0, "COMMAND",
	  "have COMMAND sign the result before a tag names it; {} is NAME@DIGEST",
	  OHC_STRING(struct pack_command, pack.push.sign.command), .group = RESULT },
	{ "digest-file", 0, "FILE", "write the digest of the result to FILE",
	  OHC_STRING(struct pack_command, digest_file), .group = RESULT },
	{ "dry-run", 0, NULL, "say what each layer would hold; write nothing",
	  OHC_FLAG(struct pack_command, pack.push.dry_run), .group = RESULT },
	{ 0 },
};

static void print_path(const struct ohc_cli *cli, const char *what, const char *path,
		       const char *needed_by)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf shown = OHC_BUF_INIT;

	ohc_printable(&shown, path);
	if (needed_by) {
		ohc_buf_adds(&shown, "  (needed by ");
		ohc_printable(&shown, needed_by);
		ohc_buf_addc(&shown, ')');
	}
	fprintf(cli->out, "  %-8s %s\n", what, shown.data);
}

/* Prints what a dry run found. */
static void print_layers(const struct ohc_cli *cli, const struct ohc_pack_result *r)
{
	char size[OHC_UNITS_TEXT];

	for (size_t i = 0; i < r->n_layers; i++) {
		const struct ohc_pack_layer *l = &r->layers[i];
		ohc_cleanup(ohc_buf_clear) struct ohc_buf name = OHC_BUF_INIT;

		ohc_printable(&name, l->name);
		fprintf(cli->out, "%s: %llu entries, %s, %s\n", ohc_buf_str(&name),
			(unsigned long long)l->entries, ohc_units_bytes(l->bytes, size),
			r->push.layers[i].action);
		for (size_t k = 0; k < l->programs.n; k++)
			print_path(cli, "program", l->programs.v[k], NULL);
		for (size_t k = 0; k < l->libraries.n; k++)
			print_path(cli, "library", l->libraries.v[k], l->needed_by.v[k]);
	}
}

static void print_result(const struct ohc_cli *cli, const struct ohc_pack_result *r)
{
	ohc_cleanup(ohc_json_decref) json_t *object = NULL;

	if (!cli->json) {
		fprintf(cli->out, "%s@%s\n", r->push.name, r->push.manifest.digest);
		return;
	}
	object = ohc_pack_result_json(r);
	ohc_cli_print_json(cli, object);
}

static int run(struct ohc_cli *cli, int argc, char **argv, struct ohc_error *err)
{
	struct pack_command *c = cli->state;
	struct ohc_push_options *push = &c->pack.push;
	ohc_cleanup(ohc_transports_freep) struct ohc_transports *transports = NULL;
	ohc_cleanup(ohc_pack_result_clear) struct ohc_pack_result r = OHC_PACK_RESULT_INIT;
	ohc_cleanup(ohc_digest_file_close) struct ohc_digest_file digest = OHC_DIGEST_FILE_INIT;
	int rc;

	(void)argc;
	c->pack.source = argv[0];
	push->dest = argv[1];
	ohc_open_sign(cli, &push->sign);
	push->level = c->level ? (int)c->level : -1;
	push->jobs = cli->jobs;
	push->report = cli->report;
	push->limits = &cli->limits;
	rc = ohc_digest_file_open(&digest, push->dry_run ? NULL : c->digest_file, err);
	if (rc < 0)
		return rc;
	push->cache = cli->kept;
	ohc_cli_spare_stdout(cli, push->dest);
	transports = ohc_open_transports(cli, push->dest, cli->kept);
	rc = ohc_pack(transports, &c->pack, &r, err);
	if (rc == 0)
		rc = ohc_digest_file_write(&digest, cli, r.push.manifest.digest, err);
	if (rc == 0 && push->dry_run && !cli->json)
		print_layers(cli, &r);
	if (rc == 0)
		print_result(cli, &r);
	return rc;
}

const struct ohc_command ohc_cmd_pack = {
	.name = "pack",
	.group = OHC_GROUP_MAKE,
	.synopsis = "[options] SOURCE DEST",
	.summary = "make a payload image from a tree or a recipe",
	.description =
		"Makes an image whose layers hold nothing but the payload, below one prefix, so "
		"that push can put it on any base: its layers are mounted then, not one byte of "
		"them is read or sent again. With a closure its programs run on every base, "
		"whatever libc that has, or none.\n\n"
		"SOURCE is a directory, a tar, an image, or a recipe (FILE.json, "
		"ohcompose-recipe(5)), which says "
		"what goes into each layer.\n\n"
		"The last line of standard output is DEST@DIGEST; with --json it is an object "
		"instead.",
	.options = options,
	.state_size = sizeof(struct pack_command),
	.min_args = 2,
	.max_args = 2,
	.takes = OHC_TAKES_IMAGES | OHC_TAKES_CACHE | OHC_TAKES_LIMITS,
	.run = run,
};
