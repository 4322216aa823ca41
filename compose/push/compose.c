// SPDX-License-Identifier: Apache-2.0
#include "compose/push/compose.h"

#include <string.h>

#include "compose/check/check.h"
#include "compose/image/move.h"
#include "compose/plan/plan.h"
#include "core/alloc.h"

/* What is read and made on the way. */
struct work {
	const struct ohc_compose *ctx;
	struct ohc_plan *plan;
	struct ohc_composed *out;
};

static const struct ohc_inputs *inputs(const struct work *w)
{
	return w->ctx->in;
}

static struct ohc_part *add_part(struct work *w, const char *role)
{
	struct ohc_composed *c = w->out;
	struct ohc_part *p;

	c->parts = ohc_xrealloc(c->parts, c->n_parts + 1, sizeof(*c->parts));
	p = &c->parts[c->n_parts++];
	memset(p, 0, sizeof(*p));
	p->layer.role = role;
	return p;
}

static void add_image_layers(struct work *w, const char *role, const struct ohc_loaded *image,
			     struct ohc_store *from, const struct ohc_name *name)
{
	const json_t *ids = json_object_get(json_object_get(image->config, "rootfs"), "diff_ids");

	for (size_t i = 0; i < image->manifest.n_layers; i++) {
		struct ohc_part *p = add_part(w, role);
		const char *id = json_string_value(json_array_get(ids, i));

		p->from = from;
		p->name = name;
		p->layer.d = image->manifest.layers[i];
		snprintf(p->facts.diff_id, sizeof(p->facts.diff_id), "%s", id ? id : "");
	}
}

/* What was made for another platform already lies in the destination. */
static void add_tree(struct work *w, size_t i)
{
	const struct ohc_part *made = &w->ctx->made[i];
	const struct ohc_extract *x = ohc_plan_extract(w->plan, i);
	struct ohc_part *p = add_part(w, "payload");

	if (!made->layer.action) {
		p->tree = &inputs(w)->payloads[i];
		p->making = x ? &x->making : NULL;
		return;
	}
	p->from = w->ctx->dest;
	p->name = &inputs(w)->dest;
	p->layer.d = made->layer.d;
	p->facts = made->facts;
}

static void add_payloads(struct work *w)
{
	const struct ohc_inputs *in = inputs(w);

	for (size_t i = 0; i < in->n_payloads; i++) {
		const struct ohc_payload *p = &in->payloads[i];
		const struct ohc_payload_image *image = &w->plan->images[i];

		if (!ohc_plan_has(w->plan, i))
			continue;
		if (p->is_image && !image->extract)
			add_image_layers(w, "payload", &image->image, image->store, &p->image);
		else
			add_tree(w, i);
	}
}

static void say_layer(struct work *w, const struct ohc_part *p, const char *what)
{
	ohc_cleanup(ohc_freep) char *by = ohc_xasprintf("ohcompose push: %s", what);

	ohc_image_add_layer(&w->plan->image, &p->layer.d, p->facts.diff_id, by);
}

static int add_adapter(struct work *w, struct ohc_move *m, struct ohc_error *err)
{
	struct ohc_entries *entries = &w->plan->adapter.fitting.entries;
	ohc_cleanup(ohc_freep) char *title = NULL;
	struct ohc_part part = { .from = NULL };
	int rc;

	if (entries->n == 0)
		return 0;
	rc = ohc_move_small(m, ohc_entries_write, entries, &part, err);
	if (rc < 0)
		return rc;
	title = ohc_adapter_title(&w->plan->adapter);
	*add_part(w, part.layer.role) = part;
	say_layer(w, &part, title);
	return 0;
}

static void remember_trees(struct work *w)
{
	for (size_t i = 0; i < w->out->n_parts; i++) {
		const struct ohc_part *p = &w->out->parts[i];

		if (p->tree && !p->tree->is_image) /* an image differs by platform */
			w->ctx->made[p->tree - inputs(w)->payloads] = *p;
	}
}

/* Moves the layers, and adds those that are not the base's to the image. */
static int move_layers(struct work *w, struct ohc_error *err)
{
	struct ohc_composed *c = w->out;
	struct ohc_move m = { .transports = w->ctx->transports,
			      .in = inputs(w),
			      .dest = w->ctx->dest };
	size_t n_base = w->plan->base.image.manifest.n_layers;
	int rc = ohc_media_layer(w->plan->image.manifest.family, inputs(w)->codec.compression,
				 &m.media_type, err);

	if (rc < 0)
		return rc;
	add_image_layers(w, "base", &w->plan->base.image, w->plan->base.store, &inputs(w)->base);
	add_payloads(w);
	rc = ohc_move_parts(&m, c->parts, c->n_parts, err);
	if (rc < 0)
		return rc;
	remember_trees(w);
	for (size_t i = n_base; i < c->n_parts; i++) {
		const struct ohc_part *p = &c->parts[i];
		ohc_cleanup(ohc_freep) char *what =
			ohc_xasprintf("payload %s", p->tree ? p->tree->target : p->layer.d.digest);

		say_layer(w, p, what);
	}
	return add_adapter(w, &m, err);
}

static int write_config(struct work *w, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *text = ohc_image_config_text(&w->plan->image);
	const char *media = w->plan->image.manifest.family == OHC_FAMILY_DOCKER
				    ? OHC_MEDIA_DOCKER_CONFIG
				    : OHC_MEDIA_OCI_CONFIG;
	struct ohc_descriptor d;
	int rc = 0;

	ohc_descriptor_of(&d, media, text, strlen(text));
	if (!inputs(w)->options->dry_run)
		rc = ohc_store_put_bytes(w->ctx->dest, text, strlen(text), media, &d, err);
	if (rc < 0)
		return ohc_error_wrap(err, rc, "image config");
	ohc_manifest_set_config(&w->plan->image.manifest, &d);
	ohc_manifest_write(&w->plan->image.manifest, &w->out->manifest);
	return 0;
}

static void add_stats(struct ohc_composed *c, struct ohc_store *s)
{
	if (!s)
		return;
	c->downloaded += atomic_load(&s->stats.downloaded);
	c->requests += atomic_load(&s->stats.requests);
}

/* Before anything is written. */
static int preflight(const struct ohc_inputs *in, struct ohc_plan *plan, struct ohc_error *err)
{
	ohc_cleanup(ohc_findings_clear) struct ohc_findings findings = OHC_FINDINGS_INIT;
	int rc = ohc_check_plan(plan, in->check != OHC_PREFLIGHT_OFF, &findings, err);

	return rc < 0 ? rc : ohc_check_verdict(in, &findings, err);
}

int ohc_compose_plan(const struct ohc_compose *ctx, const struct ohc_platform *want, bool given,
		     struct ohc_composed *c, struct ohc_error *err)
{
	const struct ohc_plan_ctx plan_ctx = { ctx->transports, ctx->in, ctx->peek,
					       ctx->in->check != OHC_PREFLIGHT_OFF, false };
	int rc;

	c->plan = ohc_xcalloc(1, sizeof(*c->plan));
	*c->plan = (struct ohc_plan)OHC_PLAN_INIT;
	rc = ohc_plan_make(&plan_ctx, want, given, c->plan, err);
	c->platform = c->plan->base.image.platform;
	if (rc == 0)
		rc = preflight(ctx->in, c->plan, err);
	/* The largest part of a plan; what comes of it is in the adapter's entries. */
	ohc_rootfs_free(c->plan->fs);
	c->plan->fs = NULL;
	return rc;
}

static void forget_plan(struct ohc_composed *c)
{
	if (c->plan)
		ohc_plan_clear(c->plan);
	free(c->plan);
	c->plan = NULL;
}

int ohc_compose_write(const struct ohc_compose *ctx, struct ohc_composed *c, struct ohc_error *err)
{
	struct work w = { .ctx = ctx, .plan = c->plan, .out = c };
	int rc = move_layers(&w, err);

	if (rc == 0)
		rc = write_config(&w, err);
	add_stats(c, c->plan->base.store);
	for (size_t i = 0; i < ctx->in->n_payloads; i++)
		add_stats(c, c->plan->images[i].store);
	forget_plan(c);
	return rc;
}

void ohc_composed_clear(struct ohc_composed *c)
{
	ohc_document_clear(&c->manifest);
	forget_plan(c);
	free(c->parts);
	memset(c, 0, sizeof(*c));
}
