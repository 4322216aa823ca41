// SPDX-License-Identifier: Apache-2.0
/*
 * The libraries are those the program was built with, as pkg-config named them to the Makefile:
 * including their headers for a version would give each library a second door.  In the static
 * program (dist/) they are what is linked in, with Debian's versions, which tell its security
 * patches.
 */
#include <string.h>

#include "cmd/command.h"
#include "core/alloc.h"
#include "core/hash.h"
#include "layout/launcher/binary.h"
#include "oci/documents/json.h"

struct version {
	bool json;
	unsigned int verbose;
};

static const struct ohc_option options[] = {
	{ "verbose", 'v', NULL, "show the digests of the launchers, too",
	  OHC_COUNT(struct version, verbose) },
	{ "json", 0, NULL, "write the result as JSON", OHC_FLAG(struct version, json) },
	{ 0 },
};

/* OHC_LIBRARIES is "name version name version …". */
static json_t *libraries(void)
{
	ohc_cleanup(ohc_freep) char *list = ohc_xstrdup(OHC_LIBRARIES);
	json_t *all = json_object();
	char *rest = NULL, *name, *version;

	for (name = strtok_r(list, " ", &rest); name; name = strtok_r(NULL, " ", &rest)) {
		version = strtok_r(NULL, " ", &rest);
		json_object_set_new(all, name, json_string(version ? version : ""));
	}
	return all;
}

static json_t *digest_of(const void *data, size_t n)
{
	ohc_cleanup(ohc_hash_freep) struct ohc_hash *hash = ohc_hash_new(OHC_SHA256);
	char hex[OHC_HASH_HEX_MAX];

	ohc_hash_update(hash, data, n);
	ohc_hash_hex(hash, hex);
	return json_sprintf("sha256:%s", hex);
}

/* A payload's layer has one digest wherever it is packed with the same launchers, and the same
 * library for what PyInstaller made. */
static json_t *launchers(void)
{
	static const struct {
		const char *arch, *frozen;
	} archs[] = { { "amd64", "frozen-amd64" }, { "arm64", "frozen-arm64" } };
	json_t *all = json_object();

	for (size_t i = 0; i < OHC_ARRAY_SIZE(archs); i++) {
		const void *data;
		size_t n;

		if (ohc_launcher_binary(archs[i].arch, &data, &n, NULL) == 0)
			json_object_set_new(all, archs[i].arch, digest_of(data, n));
		if (ohc_launcher_frozen(archs[i].arch, &data, &n))
			json_object_set_new(all, archs[i].frozen, digest_of(data, n));
	}
	return all;
}

static int run(struct ohc_cli *cli, int argc, char **argv, struct ohc_error *err)
{
	const struct version *v = cli->state;
	ohc_cleanup(ohc_json_decref) json_t *all = json_object();
	ohc_cleanup(ohc_freep) char *text = NULL;
	const char *name;
	json_t *value;

	(void)argc, (void)argv, (void)err;
	json_object_set_new(all, "version", json_string(OHC_VERSION));
	json_object_set_new(all, "libraries", libraries());
	json_object_set_new(all, "launchers", launchers());
	if (v->json) {
		text = ohc_json_text(all);
		fprintf(cli->out, "%s\n", text);
		return 0;
	}
	fprintf(cli->out, "%s %s\n", OHC_PROGRAM, OHC_VERSION);
	json_object_foreach (json_object_get(all, "libraries"), name, value)
		fprintf(cli->out, "%s %s\n", name, json_string_value(value));
	if (v->verbose)
		json_object_foreach (json_object_get(all, "launchers"), name, value)
			fprintf(cli->out, "launcher %s %s\n", name, json_string_value(value));
	return 0;
}

const struct ohc_command ohc_cmd_version = {
	.name = "version",
	.group = OHC_GROUP_SELF,
	.synopsis = "[-v] [--json]",
	.summary = "show the version of the program and of its libraries",
	.options = options,
	.state_size = sizeof(struct version),
	.run = run,
};
