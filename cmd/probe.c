// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "cmd/command.h"
#include "cmd/printable.h"
#include "core/alloc.h"
#include "core/units.h"
#include "oci/documents/name.h"
#include "registry/probe.h"

struct probe_command {
	bool leave;
	unsigned int body; /* MiB */
};

static const struct ohc_option options[] = {
	{ "body", 0, "MIB", "also try bodies of 1, 4, 16 … MiB, up to this size",
	  OHC_UNSIGNED(struct probe_command, body, 1, 1024) },
	{ "leave-blob", 0, NULL,
	  "ask what needs a blob also where none is deleted: 40 bytes stay in REPO and REPO-probe",
	  OHC_FLAG(struct probe_command, leave) },
	{ 0 },
};

static void print_line(struct ohc_cli *cli, const char *what, const char *value)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf safe = OHC_BUF_INIT;

	ohc_printable(&safe, value);
	fprintf(cli->out, "%-20s %s\n", what, ohc_buf_str(&safe));
}

static void print_bodies(struct ohc_cli *cli, const struct ohc_probe *p)
{
	char size[OHC_UNITS_TEXT];

	if (p->chunk_min)
		print_line(cli, "least chunk", ohc_units_bytes(p->chunk_min, size));
	if (p->body_max)
		print_line(cli, "largest body tried", ohc_units_bytes(p->body_max, size));
	if (p->body_refused)
		print_line(cli, "body refused", ohc_units_bytes(p->body_refused, size));
}

static void print_page(struct ohc_cli *cli, const struct ohc_probe *p)
{
	print_line(cli, "url", p->url);
	print_line(cli, "authorization", p->authorization);
	for (int i = 0; i < OHC_PROBE_ITEMS; i++) {
		ohc_cleanup(ohc_freep) char *text =
			ohc_xasprintf("%s%s%s", ohc_probe_answer_name(p->answers[i]),
				      p->why[i] ? ": " : "", p->why[i] ? p->why[i] : "");

		print_line(cli, ohc_probe_item_name((enum ohc_probe_item)i), text);
	}
	print_bodies(cli, p);
	for (size_t i = 0; i < p->limits.n; i++)
		print_line(cli, "limit", p->limits.v[i]);
	for (size_t i = 0; i < p->left.n; i++)
		print_line(cli, "left behind", p->left.v[i]);
}

/* "localhost:5000" alone would be a repository of Docker Hub, which nobody means. */
static int check_name(const char *text, struct ohc_error *err)
{
	if (strchr(text, '/') || !ohc_name_looks_like_host(text, strcspn(text, ":")))
		return 0;
	return ohc_error_set(err, OHC_E_USAGE,
			     "'%s' is a registry: name a repository in it that may be tried, "
			     "'%s/REPO'",
			     text, text);
}

static int run(struct ohc_cli *cli, int argc, char **argv, struct ohc_error *err)
{
	const struct probe_command *c = cli->state;
	const struct ohc_probe_options o = { c->leave, (uint64_t)c->body << 20 };
	struct ohc_registry_options registry;
	struct ohc_registry *r;
	struct ohc_probe p = OHC_PROBE_INIT;
	struct ohc_name name;
	int rc = check_name(argv[0], err);

	(void)argc;
	if (rc == 0)
		rc = ohc_name_parse(argv[0], &name, err);
	if (rc < 0)
		return rc;
	ohc_cli_registry_options(cli, &registry);
	r = ohc_registry_new(&registry);
	rc = ohc_probe(r, &name, &o, &p, err);
	if (rc == 0 && cli->json) {
		ohc_cleanup(ohc_json_decref) json_t *object = ohc_probe_json(&p);

		ohc_cli_print_json(cli, object);
	} else if (rc == 0) {
		print_page(cli, &p);
	}
	ohc_probe_clear(&p);
	ohc_registry_free(r);
	ohc_name_clear(&name);
	return rc;
}

const struct ohc_command ohc_cmd_probe = {
	.name = "probe",
	.synopsis = "[options] REGISTRY/REPO",
	.summary = "say what a registry can do",
	.description =
		"Asks a registry how it is spoken to, whether it lets you push to the repository, "
		"and "
		"which optional parts of the distribution API it has: mounting, uploads in one "
		"request or in chunks, referrers, deletion. Says its rate limits where it tells "
		"them.\n\n"
		"Nothing is left behind but, in some registries, the empty names REPO and "
		"REPO-probe: what must be written to find out is written only where the "
		"registry deletes it again. What was not asked is 'unknown', with the reason.",
	.options = options,
	.state_size = sizeof(struct probe_command),
	.min_args = 1,
	.max_args = 1,
	.takes = OHC_TAKES_IMAGE | OHC_TAKES_CACHE,
	.group = OHC_GROUP_REGISTRY,
	.run = run,
};
