// SPDX-License-Identifier: Apache-2.0
/* The composition as people would say it. */
#include "compose/composition/composition.h"

#include "core/alloc.h"
#include "core/buf.h"
#include "oci/documents/digest.h"

static void add_digest(struct ohc_buf *b, const char *digest)
{
	char shown[OHC_DIGEST_SHORT];

	if (digest)
		ohc_buf_addf(b, " (%s)", ohc_digest_short(digest, shown));
}

static void add_payload(struct ohc_buf *b, const struct ohc_composition_payload *p)
{
	const char *name = p->name ? p->name : p->tag;

	ohc_buf_adds(b, name ? name : p->manifest ? "an image of a layout" : "a directory or tar");
	add_digest(b, p->manifest ? p->manifest : p->layers.v[0]);
	ohc_buf_addf(b, " in %s", p->prefix);
}

static void add_options(struct ohc_buf *b, json_t *options)
{
	const char *key, *before = " and ";
	json_t *value;

	json_object_foreach (options, key, value) {
		ohc_buf_addf(b, "%s--", before);
		for (const char *c = key; *c; c++)
			ohc_buf_addc(b, *c == '_' ? '-' : *c);
		before = ", ";
	}
}

char *ohc_composition_sentence(const struct ohc_composition *c)
{
	const char *base = c->base.name ? c->base.name : c->base.tag;
	struct ohc_buf b = OHC_BUF_INIT;

	ohc_buf_adds(&b, base ? base : "the image of a layout");
	add_digest(&b, c->base.digest);
	for (size_t i = 0; i < c->n_payloads; i++) {
		ohc_buf_adds(&b, i == 0 ? " with " : " and ");
		add_payload(&b, &c->payloads[i]);
	}
	ohc_buf_addf(&b, ", by profile %s", c->profile.name);
	add_options(&b, c->options);
	ohc_buf_addf(&b, ", with ohcompose %s", c->program);
	return ohc_buf_detach(&b);
}
