// SPDX-License-Identifier: Apache-2.0
#include "cmd/verify_rebuild.h"

#include <string.h>

#include "cmd/open.h"
#include "cmd/printable.h"
#include "cmd/verify.h"
#include "compose/rebuild/rebuild.h"
#include "core/alloc.h"

/* Where base and payloads may lie: what was named, and where the image itself lies. */
struct looked_in {
	struct ohc_name *v;
	size_t n;
};

static void looked_in_clear(struct looked_in *l)
{
	for (size_t i = 0; i < l->n; i++)
		ohc_name_clear(&l->v[i]);
	free(l->v);
}

static int read_holders(const struct ohc_strv *look_in, const struct ohc_name *own,
			struct looked_in *ret, struct ohc_error *err)
{
	int rc = 0;

	ret->v = ohc_xcalloc(look_in->n + 1, sizeof(*ret->v));
	for (size_t i = 0; rc == 0 && i < look_in->n; i++) {
		rc = ohc_name_parse(look_in->v[i], &ret->v[i], err);
		ret->n += rc == 0;
	}
	if (rc == 0)
		ohc_name_copy(&ret->v[ret->n++], own);
	return rc;
}

static json_t *image_json(const struct ohc_rebuilt_image *i)
{
	char platform[OHC_PLATFORM_TEXT];

	return json_pack("{s:s, s:s, s:o, s:o, s:b, s:o}", "digest", i->d.digest, "platform",
			 ohc_platform_text(&i->platform, platform), "rebuilt",
			 *i->again.digest ? json_string(i->again.digest) : json_null(), "program",
			 ohc_json_text_value(i->says.program), "packedElsewhere",
			 i->packed_elsewhere, "taken", ohc_json_texts(&i->taken));
}

static void print_json(const struct ohc_cli *cli, const char *name, const struct ohc_rebuilt *r,
		       json_t *findings)
{
	ohc_cleanup(ohc_json_decref) json_t *all = json_object();
	json_t *images = json_array();

	for (size_t i = 0; i < r->n; i++)
		json_array_append_new(images, image_json(&r->v[i]));
	json_object_set_new(all, "name", ohc_json_text_value(name));
	json_object_set_new(all, "digest", json_string(r->root.digest));
	json_object_set_new(all, "mediaType", json_string(r->root.media_type));
	json_object_set_new(all, "images", images);
	json_object_set(all, "findings", findings);
	ohc_cli_print_json(cli, all);
}

static void print_line(const struct ohc_cli *cli, char *text)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf line = OHC_BUF_INIT;

	ohc_printable(&line, text);
	fprintf(cli->out, "%s\n", ohc_buf_str(&line));
	free(text);
}

/* Says, too, which parts were not proved. */
static void print_image(const struct ohc_cli *cli, const struct ohc_rebuilt_image *i)
{
	for (size_t k = 0; k < i->taken.n; k++)
		print_line(cli,
			   ohc_xasprintf("payload in %s: taken as the image has it, since it was "
					 "no image of its own",
					 i->taken.v[k]));
	if (i->packed_elsewhere)
		print_line(cli, ohc_xasprintf("adapter layer: the same, packed by %s, which is "
					      "not here",
					      i->says.codec));
}

static void print_page(const struct ohc_cli *cli, const char *name, const struct ohc_rebuilt *r,
		       json_t *findings)
{
	ohc_verify_print_findings(cli, findings);
	if (r->findings > 0)
		return;
	for (size_t i = 0; i < r->n; i++) {
		ohc_cleanup(ohc_freep) char *sentence = ohc_composition_sentence(&r->v[i].says);

		print_line(cli, ohc_xasprintf("%s@%s is what comes of %s", name, r->v[i].d.digest,
					      sentence));
		print_image(cli, &r->v[i]);
	}
}

static int verdict(const char *name, const struct ohc_rebuilt *r, struct ohc_error *err)
{
	const char *other = NULL;

	if (r->findings == 0)
		return 0;
	for (size_t i = 0; i < r->n; i++)
		if (r->v[i].says.program && strcmp(r->v[i].says.program, OHC_VERSION) != 0)
			other = r->v[i].says.program;
	if (!other)
		return ohc_error_set(err, OHC_E_DIGEST,
				     "'%s' is not what it says that it was composed of: %zu "
				     "difference%s",
				     name, r->findings, r->findings == 1 ? "" : "s");
	return ohc_error_set(err, OHC_E_DIGEST,
			     "'%s' is not what this version makes of what it says: %zu "
			     "difference%s, which may be those between ohcompose %s, by which it "
			     "says that it was composed, and %s: only that version can tell",
			     name, r->findings, r->findings == 1 ? "" : "s", other, OHC_VERSION);
}

int ohc_verify_rebuild(struct ohc_cli *cli, const char *image, const struct ohc_strv *look_in,
		       struct ohc_error *err)
{
	ohc_cleanup(ohc_open_clear) struct ohc_opened opened = OHC_OPENED_INIT;
	ohc_cleanup(looked_in_clear) struct looked_in holders = { .n = 0 };
	ohc_cleanup(ohc_rebuild_clear) struct ohc_rebuilt r = { .v = NULL };
	ohc_cleanup(ohc_json_decref) json_t *findings = json_array();
	ohc_cleanup(ohc_freep) char *name = NULL;
	struct ohc_rebuild_options o = { .limits = &cli->limits,
					 .jobs = cli->jobs,
					 .report = cli->report,
					 .found = ohc_verify_add_finding,
					 .ctx = findings };
	int rc = ohc_open_image(cli, image, &opened, err);

	if (rc == 0)
		rc = read_holders(look_in, &opened.name, &holders, err);
	if (rc < 0)
		return rc;
	o.cache = cli->kept;
	o.holders = (struct ohc_holders){ holders.v, holders.n };
	rc = ohc_rebuild(opened.transports, opened.store, &opened.name, &o, &r, err);
	if (rc < 0)
		return rc;
	name = ohc_open_name(&opened);
	if (cli->json)
		print_json(cli, name, &r, findings);
	else
		print_page(cli, name, &r, findings);
	return verdict(image, &r, err);
}
