// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "cmd/printable.h"
#include "cmd/subject.h"
#include "core/alloc.h"
#include "oci/image/attach.h"
#include "oci/store/referrers.h"

struct detach {
	const char *type, *platform;
	bool all;
};

static const struct ohc_option options[] = {
	{ "type", 0, "MEDIATYPE", "what is of this type", OHC_STRING(struct detach, type) },
	{ "all", 0, NULL, "everything that hangs there", OHC_FLAG(struct detach, all) },
	{ "platform", 0, "OS/ARCH[/VARIANT]",
	  "from the image of this platform (default: from the index itself)",
	  OHC_STRING(struct detach, platform) },
	{ 0 },
};

static const char *member(const json_t *entry, const char *key)
{
	const char *s = json_string_value(json_object_get(entry, key));

	return s ? s : "";
}

static bool is_wanted(const struct detach *o, const json_t *entry, char **digests, int n)
{
	for (int i = 0; i < n; i++)
		if (strcmp(digests[i], member(entry, "digest")) == 0)
			return true;
	return o->all || (o->type && strcmp(o->type, member(entry, "artifactType")) == 0);
}

/* Fails when a digest that was asked for is not attached, or when the options select nothing. */
static int check_wanted(const struct ohc_cli *cli, const char *image, const json_t *list,
			char **digests, int n, struct ohc_error *err)
{
	const struct detach *o = cli->state;
	json_t *entry;
	size_t i;

	for (int k = 0; k < n; k++)
		if (ohc_referrers_find(list, digests[k]) == json_array_size(list))
			return ohc_error_set(err, OHC_E_NOT_FOUND, "%.100s does not hang on '%s'",
					     digests[k], image);
	json_array_foreach (list, i, entry)
		if (is_wanted(o, entry, digests, n))
			return 0;
	if (o->type)
		return ohc_error_set(err, OHC_E_NOT_FOUND, "nothing of type '%.200s' hangs on '%s'",
				     o->type, image);
	return ohc_error_set(err, OHC_E_NOT_FOUND, "nothing hangs on '%s'", image);
}

static int remove_wanted(struct ohc_cli *cli, struct ohc_store *s, const char *subject,
			 const json_t *list, char **digests, int n, json_t *removed,
			 struct ohc_error *err)
{
	json_t *entry;
	size_t i;
	int rc = 0;

	json_array_foreach (list, i, entry) {
		if (rc < 0 || !is_wanted(cli->state, entry, digests, n))
			continue;
		rc = ohc_store_delete_referrer(s, subject, member(entry, "digest"), err);
		if (rc == 0)
			json_array_append(removed, entry);
	}
	return rc < 0 ? rc : ohc_store_finish(s, err);
}

static void print(const struct ohc_cli *cli, const json_t *removed)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf line = OHC_BUF_INIT;
	json_t *entry;
	size_t i;

	if (cli->json) {
		ohc_cli_print_json(cli, removed);
		return;
	}
	json_array_foreach (removed, i, entry) {
		ohc_buf_truncate(&line, 0);
		ohc_printable(&line, member(entry, "artifactType"));
		fprintf(cli->out, "%s %s\n", member(entry, "digest"), ohc_buf_str(&line));
	}
}

static int run(struct ohc_cli *cli, int argc, char **argv, struct ohc_error *err)
{
	ohc_cleanup(ohc_open_clear) struct ohc_opened image = OHC_OPENED_INIT;
	ohc_cleanup(ohc_json_decref) json_t *list = NULL, *removed = json_array();
	const struct detach *o = cli->state;
	struct ohc_descriptor subject;
	int rc = 0;

	if ((argc > 1) + (o->type != NULL) + o->all != 1)
		return ohc_error_set(err, OHC_E_USAGE,
				     "say what to take off: digests, --type MEDIATYPE or --all");
	for (int i = 1; rc == 0 && i < argc; i++)
		if (!ohc_digest_valid(argv[i]))
			rc = ohc_error_set(err, OHC_E_USAGE,
					   "'%.200s' is no digest: it is 'sha256:' and 64 "
					   "hexadecimal digits",
					   argv[i]);
	if (rc == 0)
		rc = ohc_subject_open(cli, argv[0], o->platform, &image, &subject, err);
	if (rc == 0)
		rc = ohc_attach_list(image.store, subject.digest, &list, err);
	if (rc == 0)
		rc = check_wanted(cli, argv[0], list, argv + 1, argc - 1, err);
	if (rc == 0)
		rc = remove_wanted(cli, image.store, subject.digest, list, argv + 1, argc - 1,
				   removed, err);
	if (rc == 0 || json_array_size(removed) > 0)
		print(cli, removed);
	return rc;
}

const struct ohc_command ohc_cmd_detach = {
	.name = "detach",
	.group = OHC_GROUP_MOVE,
	.synopsis = "[options] IMAGE [DIGEST...]",
	.summary = "take files off an image that 'attach' or others hung on it",
	.description =
		"Removes artifacts that refer to IMAGE, by digest, by type, or all, and prints "
		"each. "
		"IMAGE itself does not change. 'inspect --referrers' lists what there is.\n\n"
		"A registry must allow deleting; where it keeps no list of referrers, it is enough "
		"that it takes a new list.",
	.options = options,
	.state_size = sizeof(struct detach),
	.min_args = 1,
	.max_args = -1,
	.takes = OHC_TAKES_AUTHFILE | OHC_TAKES_ACCESS | OHC_TAKES_REPORT | OHC_TAKES_JSON,
	.run = run,
};
