// SPDX-License-Identifier: Apache-2.0
#include "compose/push/compose.h"

#include <string.h>

#include "compose/check/check.h"
#include "compose/image/finish.h"
#include "compose/layers/move.h"
#include "core/alloc.h"
#include "oci/image/convert.h"

/* One image that is written. */
struct work {
	const struct ohc_compose *ctx;
	struct ohc_plan *plan;
	struct ohc_parts parts; /* all layers: the base's, each payload's, the adapter's */
	size_t *first;          /* of each payload, in parts */
	struct ohc_move move;
};

static const struct ohc_inputs *inputs(const struct work *w)
{
	return w->ctx->in;
}

/* A payload that was made for another platform already lies in the destination. */
static void add_made(struct work *w, const struct ohc_part *made)
{
	struct ohc_part *p = ohc_parts_add(&w->parts, OHC_PART_STORED, made->layer.role);

	p->stored.from = w->ctx->dest;
	p->stored.name = &inputs(w)->dest;
	p->layer.d = made->layer.d;
	memcpy(p->diff_id, made->diff_id, sizeof(p->diff_id));
}

/* Layers that are used as they are get the types of the image's own family. */
static int adopt(const struct work *w, size_t first, const char *source, struct ohc_error *err)
{
	enum ohc_family family = w->plan->image.manifest.family;
	int rc = 0;

	for (size_t i = first; rc == 0 && i < w->parts.n; i++)
		if (w->parts.v[i].kind == OHC_PART_STORED)
			rc = ohc_convert_layer(&w->parts.v[i].layer.d, family, source, err);
	return rc < 0 ? ohc_error_wrap(err, rc, "payload '%s'", source) : 0;
}

static int add_payloads(struct work *w, struct ohc_error *err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < inputs(w)->n_payloads; i++) {
		struct ohc_payload *p = w->plan->payloads[i];
		const struct ohc_part *made = &w->ctx->made[i];

		w->first[i] = w->parts.n;
		if (p && made->layer.action)
			add_made(w, made);
		else if (p)
			ohc_payload_add_parts(p, &w->parts);
		rc = adopt(w, w->first[i], inputs(w)->payloads[i].spec.source, err);
	}
	return rc;
}

/* An image differs by platform, the files of this machine do not. */
static void remember_made(struct work *w)
{
	for (size_t i = 0; i < inputs(w)->n_payloads; i++) {
		const struct ohc_part *p = &w->parts.v[w->first[i]];

		if (w->plan->payloads[i] && inputs(w)->payloads[i].local &&
		    p->kind == OHC_PART_MADE)
			w->ctx->made[i] = *p;
	}
}

static void tell_history(struct work *w, const struct ohc_part *p, const char *title)
{
	ohc_cleanup(ohc_freep) char *by = ohc_xasprintf("ohcompose push: %s", title);

	ohc_image_add_layer(&w->plan->image, &p->layer.d, p->diff_id, by);
}

static int move_adapter(struct work *w, struct ohc_error *err)
{
	struct ohc_entries *entries = &w->plan->adapter.fitting.entries;
	ohc_cleanup(ohc_freep) char *title = NULL;
	struct ohc_part *p;
	int rc;

	if (entries->n == 0)
		return 0;
	p = ohc_parts_add(&w->parts, OHC_PART_SMALL, "adapter");
	p->small.write = ohc_entries_write;
	p->small.ctx = entries;
	rc = ohc_move_parts(&w->move, p, 1, err);
	if (rc < 0)
		return rc;
	title = ohc_adapter_title(&w->plan->adapter);
	tell_history(w, p, title);
	return 0;
}

/* Moves the layers, and adds those that are not the base's to the image. */
static int move_layers(struct work *w, struct ohc_error *err)
{
	const struct ohc_base *base = &w->plan->base;
	int rc = ohc_media_layer(w->plan->image.manifest.family, inputs(w)->rules.codec.compression,
				 &w->move.media_type, err);

	if (rc < 0)
		return rc;
	ohc_parts_add_image(&w->parts, "base", &base->image, base->store, &inputs(w)->base);
	rc = add_payloads(w, err);
	if (rc == 0)
		rc = ohc_move_parts(&w->move, w->parts.v, w->parts.n, err);
	if (rc < 0)
		return rc;
	remember_made(w);
	for (size_t i = base->image.manifest.n_layers; i < w->parts.n; i++) {
		const struct ohc_part *p = &w->parts.v[i];
		ohc_cleanup(ohc_freep) char *of_image =
			ohc_xasprintf("payload %s", p->layer.d.digest);

		tell_history(w, p, p->kind == OHC_PART_MADE ? p->making->title : of_image);
	}
	return move_adapter(w, err);
}

static void tell_result(const struct work *w)
{
	struct ohc_image_result *r = w->ctx->result;

	ohc_image_result_add_parts(r, &w->parts);
	ohc_image_result_add_store(r, w->plan->base.store);
	for (size_t i = 0; i < inputs(w)->n_payloads; i++)
		if (w->plan->payloads[i])
			ohc_image_result_add_store(r, w->plan->payloads[i]->store);
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
					       ctx->in->check != OHC_PREFLIGHT_OFF,
					       OHC_PAYLOAD_TRUST };
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
	const struct ohc_inputs *in = ctx->in;
	struct work w = { .ctx = ctx,
			  .plan = c->plan,
			  .first = ohc_xcalloc(in->n_payloads, sizeof(*w.first)),
			  .move = { .transports = ctx->transports,
				    .rules = &in->rules,
				    .dest = ctx->dest,
				    .to = &in->dest,
				    .jobs = in->options->jobs,
				    .dry_run = in->options->dry_run } };
	int rc = move_layers(&w, err);

	if (rc == 0)
		rc = ohc_finish_manifest(ctx->dest, in, &c->plan->image, &c->manifest, err);
	if (rc == 0)
		tell_result(&w);
	ohc_parts_clear(&w.parts);
	free(w.first);
	forget_plan(c);
	return rc;
}

void ohc_composed_clear(struct ohc_composed *c)
{
	ohc_document_clear(&c->manifest);
	forget_plan(c);
	memset(c, 0, sizeof(*c));
}
