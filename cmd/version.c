// SPDX-License-Identifier: Apache-2.0
/*
 * The libraries are those the program was built with, as pkg-config named them to the Makefile:
 * including their headers for a version would give each library a second door.
 */
#include <string.h>

#include "cmd/command.h"
#include "core/alloc.h"
#include "oci/documents/json.h"

struct version {
	bool json;
};

static const struct ohc_option options[] = {
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

static int run(struct ohc_cli *cli, int argc, char **argv, struct ohc_error *err)
{
	const struct version *v = cli->state;
	ohc_cleanup(ohc_json_decref) json_t *all = json_object();
	ohc_cleanup(ohc_freep) char *text = NULL;
	const char *name;
	json_t *version;

	(void)argc, (void)argv, (void)err;
	json_object_set_new(all, "version", json_string(OHC_VERSION));
	json_object_set_new(all, "libraries", libraries());
	if (v->json) {
		text = ohc_json_text(all);
		fprintf(cli->out, "%s\n", text);
		return 0;
	}
	fprintf(cli->out, "%s %s\n", OHC_PROGRAM, OHC_VERSION);
	json_object_foreach (json_object_get(all, "libraries"), name, version)
		fprintf(cli->out, "%s %s\n", name, json_string_value(version));
	return 0;
}

const struct ohc_command ohc_cmd_version = {
	.name = "version",
	.group = OHC_GROUP_SELF,
	.synopsis = "[--json]",
	.summary = "show the version of the program and of its libraries",
	.options = options,
	.state_size = sizeof(struct version),
	.run = run,
};
