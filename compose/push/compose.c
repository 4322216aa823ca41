// SPDX-License-Identifier: Apache-2.0
#include "compose/push/compose.h"

#include <string.h>

#include "compose/check/check.h"
#include "compose/image/finish.h"
#include "compose/layers/move.h"
#include "compose/plan/record.h"
#include "core/alloc.h"
#include "oci/image/convert.h"

/* Gives layers that are used as they are the media types of the image's own family. */
static int adopt(const struct ohc_composed *c, size_t first, const char *source,
		 struct ohc_error *err)
{
	enum ohc_family family = c->plan->image.manifest.family;
	int rc = 0;

	for (size_t i = first; rc == 0 && i < c->parts.n; i++)
		if (c->parts.v[i].kind == OHC_PART_STORED)
			rc = ohc_convert_layer(&c->parts.v[i].layer.d, family, source, err);
	return rc < 0 ? ohc_error_wrap(err, rc, "payload '%s'", source) : 0;
}

/* A payload that was made for another image already lies in a store. */
static int add_payloads(const struct ohc_compose *ctx, struct ohc_composed *c,
			struct ohc_error *err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < ctx->in->n_payloads; i++) {
		struct ohc_payload *p = c->plan->payloads[i];
		struct ohc_part made;

		c->first[i] = c->parts.n;
		if (p && ohc_push_session_made(ctx->session, p, false, &made))
			*ohc_parts_add(&c->parts, OHC_PART_STORED, made.layer.role) = made;
		else if (p)
			ohc_payload_add_parts(p, &c->parts);
		rc = adopt(c, c->first[i], ctx->in->payloads[i].spec.source, err);
	}
	return rc;
}

static void add_adapter(struct ohc_composed *c)
{
	struct ohc_entries *entries = &c->plan->adapter->fitting.entries;
	struct ohc_part *p;

	if (entries->n == 0)
		return;
	p = ohc_parts_add(&c->parts, OHC_PART_SMALL, "adapter");
	p->small.write = ohc_entries_write;
	p->small.ctx = entries;
	p->small.kept = &c->plan->adapter->layer;
}

static int add_parts(const struct ohc_compose *ctx, struct ohc_composed *c, struct ohc_error *err)
{
	const struct ohc_base *base = &c->plan->base;
	int rc;

	if (c->first)
		return 0;
	c->first = ohc_xcalloc(ctx->in->n_payloads, sizeof(*c->first));
	ohc_parts_add_image(&c->parts, "base", &base->image, base->store, &ctx->in->base);
	rc = add_payloads(ctx, c, err);
	if (rc == 0)
		add_adapter(c);
	if (ctx->in->dest.transport == OHC_REGISTRY)
		ohc_parts_compress(&c->parts, &ctx->in->rules.codec);
	return rc;
}

static void tell_history(struct ohc_composed *c, const struct ohc_part *p, const char *title)
{
	ohc_cleanup(ohc_freep) char *by = ohc_xasprintf("ohcompose push: %s", title);

	ohc_image_add_layer(&c->plan->image, &p->layer.d, p->diff_id, by);
}

static void annotate(struct ohc_composed *c)
{
	ohc_cleanup(ohc_composition_clear) struct ohc_composition how = OHC_COMPOSITION_INIT;
	ohc_cleanup(ohc_freep) char *text = NULL;

	ohc_plan_record(c->plan, &c->parts, c->first, &how);
	text = ohc_composition_text(&how);
	ohc_manifest_annotate(&c->plan->image.manifest, OHC_COMPOSITION, text);
}

/* Adds the layers that are not the base's to the image; of the base's only those are others that
 * were compressed. */
static void finish(struct ohc_composed *c)
{
	ohc_cleanup(ohc_freep) char *adapter = ohc_adapter_title(c->plan->adapter);
	const size_t n_base = c->plan->base.image.manifest.n_layers;

	for (size_t i = 0; i < n_base; i++)
		if (c->parts.v[i].kind == OHC_PART_PLAIN)
			ohc_manifest_set_layer(&c->plan->image.manifest, i, &c->parts.v[i].layer.d);

	for (size_t i = n_base; i < c->parts.n; i++) {
		const struct ohc_part *p = &c->parts.v[i];
		ohc_cleanup(ohc_freep) char *of_image =
			ohc_xasprintf("payload %s", p->layer.d.digest);

		tell_history(c, p,
			     p->kind == OHC_PART_SMALL ? adapter
			     : p->title                ? p->title
						       : of_image);
	}
	annotate(c);
	ohc_finish_document(&c->plan->image, &c->finished);
}

static int start_move(const struct ohc_compose *ctx, const struct ohc_composed *c,
		      struct ohc_move *ret, struct ohc_error *err)
{
	const struct ohc_inputs *in = ctx->in;

	*ret = (struct ohc_move){ .transports = ohc_push_session_transports(ctx->session),
				  .rules = &in->rules,
				  .dest = ctx->dest,
				  .to = &in->dest,
				  .jobs = in->options->jobs,
				  .dry_run = in->options->dry_run,
				  .require = in->require_mount };
	return ohc_media_layer(c->plan->image.manifest.family, in->rules.codec.compression,
			       &ret->media_type, err);
}

int ohc_compose_settle(const struct ohc_compose *ctx, struct ohc_composed *c, bool *ret_settled,
		       struct ohc_error *err)
{
	struct ohc_move m;
	int rc = start_move(ctx, c, &m, err);

	if (rc < 0)
		return rc;
	rc = add_parts(ctx, c, err);
	if (rc < 0)
		return rc;
	rc = ohc_move_settle(&m, c->parts.v, c->parts.n, ctx->in->options->skip_existing,
			     ret_settled, err);
	if (rc == 0 && *ret_settled)
		finish(c);
	return rc;
}

bool ohc_compose_may_be_there(const struct ohc_compose *ctx, const struct ohc_composed *c)
{
	const struct ohc_push_options *o = ctx->in->options;
	struct ohc_move m;

	return o->skip_existing || o->dry_run || start_move(ctx, c, &m, NULL) < 0 ||
	       ohc_move_was_here(&m, c->finished.config_d.digest);
}

void ohc_compose_keep(struct ohc_composed *c)
{
	for (size_t i = 0; i < c->parts.n; i++)
		c->parts.v[i].layer.action = "kept";
}

void ohc_compose_tell(const struct ohc_compose *ctx, const struct ohc_composed *c)
{
	struct ohc_image_result *r = ctx->result;

	ohc_image_result_add_parts(r, &c->parts);
	ohc_image_result_add_store(r, c->plan->base.store);
	for (size_t i = 0; i < ctx->in->n_payloads; i++)
		if (c->plan->payloads[i])
			ohc_image_result_add_store(r, c->plan->payloads[i]->store);
}

/* Checks before anything is written. */
static int preflight(const struct ohc_inputs *in, struct ohc_plan *plan, struct ohc_error *err)
{
	ohc_cleanup(ohc_findings_clear) struct ohc_findings findings = OHC_FINDINGS_INIT;
	int rc = ohc_check_plan(plan, in->check != OHC_PREFLIGHT_OFF, &findings, err);

	return rc < 0 ? rc : ohc_check_verdict(in, &findings, err);
}

int ohc_compose_plan(const struct ohc_compose *ctx, const struct ohc_platform *want, bool given,
		     struct ohc_composed *c, struct ohc_error *err)
{
	const bool looks = ctx->in->check != OHC_PREFLIGHT_OFF;
	const struct ohc_plan_ctx plan_ctx = {
		.transports = ohc_push_session_transports(ctx->session),
		.in = ctx->in,
		.peek = ohc_push_session_peek(ctx->session),
		.adapters = ohc_push_session_adapters(ctx->session),
		.alone = ohc_push_session_alone(ctx->session),
		.look = looks ? OHC_PAYLOAD_ALONE : OHC_PAYLOAD_TRUST,
	};
	int rc;

	c->plan = ohc_xcalloc(1, sizeof(*c->plan));
	*c->plan = (struct ohc_plan)OHC_PLAN_INIT;
	rc = ohc_plan_make(&plan_ctx, want, given, c->plan, err);
	c->platform = c->plan->base.image.platform;
	if (rc == 0)
		rc = preflight(ctx->in, c->plan, err);
	/* Frees the base's tree, the largest part of a plan, when the adapter's entries are made of
	 * it. */
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

/* The payload of this machine of which a part still has to be made, or NULL. */
static struct ohc_payload *to_make(const struct ohc_compose *ctx, const struct ohc_composed *c,
				   size_t i)
{
	struct ohc_payload *local = ctx->in->payloads[i].local;
	bool made = c->plan->payloads[i] && local && c->parts.v[c->first[i]].kind == OHC_PART_MADE;

	return made ? local : NULL;
}

/* Uses layers that another image has made meanwhile; false: some are left to be made. */
static bool take_made(const struct ohc_compose *ctx, struct ohc_composed *c,
		      const struct ohc_move *m)
{
	bool all = true;

	for (size_t i = 0; i < ctx->in->n_payloads; i++) {
		struct ohc_payload *p = to_make(ctx, c, i);
		struct ohc_part made;

		if (!p)
			continue;
		if (ohc_push_session_made(ctx->session, p, m->ask, &made)) {
			c->parts.v[c->first[i]] = made;
			ohc_descriptor_set(&c->parts.v[c->first[i]].layer.d, m->media_type,
					   made.layer.d.digest, made.layer.d.size);
		} else {
			all = false;
		}
	}
	return all;
}

/* A payload image differs by platform, the files of this machine do not. */
static void remember_made(const struct ohc_compose *ctx, const struct ohc_composed *c,
			  const struct ohc_move *m)
{
	for (size_t i = 0; i < ctx->in->n_payloads; i++) {
		struct ohc_payload *p = to_make(ctx, c, i);
		const struct ohc_part *part = &c->parts.v[c->first[i]];
		bool sure;

		if (!p || ctx->in->options->dry_run)
			continue;
		sure = m->ask || strcmp(part->layer.action, "kept") != 0;
		ohc_push_session_remember(ctx->session, p, part, &ctx->in->dest, sure);
	}
}

/* Payloads that cannot be read fail for all other images, too. */
static void tell_unread(const struct ohc_compose *ctx, const struct ohc_composed *c, int rc,
			const struct ohc_error *why)
{
	for (size_t i = 0; i < ctx->in->n_payloads; i++) {
		struct ohc_payload *p = to_make(ctx, c, i);

		if (p && c->parts.v[c->first[i]].unread)
			ohc_payload_fail(p, rc, why);
	}
}

/* Did another image find meanwhile that a payload cannot be read? */
static int check_read(const struct ohc_compose *ctx, const struct ohc_composed *c,
		      struct ohc_error *err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < ctx->in->n_payloads; i++) {
		struct ohc_payload *p = to_make(ctx, c, i);

		rc = p ? ohc_payload_ready(p, err) : 0;
	}
	return rc;
}

static int make_config(void *ctx, struct ohc_part *ret, struct ohc_error *err)
{
	struct ohc_composed *c = ctx;

	if (!c->finished.config)
		finish(c);
	return ohc_finish_config(&c->finished, ret, err);
}

static int move_parts(const struct ohc_move *m, struct ohc_composed *c, struct ohc_error *err)
{
	const struct ohc_move_last config = { make_config, c };

	return ohc_move_parts(m, c->parts.v, c->parts.n, &config, err);
}

static int make(const struct ohc_compose *ctx, struct ohc_composed *c, const struct ohc_move *m,
		struct ohc_error *err)
{
	struct ohc_error why = OHC_ERROR_INIT;
	int rc = check_read(ctx, c, err);

	if (rc < 0)
		return rc;
	rc = move_parts(m, c, &why);
	if (rc == 0) {
		remember_made(ctx, c, m);
		return 0;
	}
	tell_unread(ctx, c, rc, &why);
	return ohc_error_copy(err, &why, rc);
}

/* Payloads of this machine are to be made again: what was known of their layers may be wrong. */
static void unmake(const struct ohc_compose *ctx, struct ohc_composed *c)
{
	for (size_t i = 0; i < ctx->in->n_payloads; i++) {
		struct ohc_payload *local = ctx->in->payloads[i].local;
		ohc_cleanup(ohc_parts_clear) struct ohc_parts again = { .n = 0 };

		if (!c->plan->payloads[i] || !local ||
		    c->parts.v[c->first[i]].kind != OHC_PART_STORED)
			continue;
		ohc_payload_add_parts(local, &again);
		if (again.n == 1 && again.v[0].kind == OHC_PART_MADE)
			c->parts.v[c->first[i]] = again.v[0];
	}
}

static int move(const struct ohc_compose *ctx, struct ohc_composed *c, const struct ohc_move *m,
		struct ohc_error *err)
{
	int rc;

	if (m->ask)
		unmake(ctx, c);
	if (take_made(ctx, c, m))
		return move_parts(m, c, err);
	ohc_push_session_lock(ctx->session);
	if (take_made(ctx, c, m)) {
		ohc_push_session_unlock(ctx->session);
		return move_parts(m, c, err);
	}
	rc = make(ctx, c, m, err);
	ohc_push_session_unlock(ctx->session);
	return rc;
}

int ohc_compose_write(const struct ohc_compose *ctx, struct ohc_composed *c, bool ask,
		      struct ohc_error *err)
{
	struct ohc_move m;
	int rc = start_move(ctx, c, &m, err);

	if (rc < 0)
		return rc;
	m.ask = ask;
	rc = add_parts(ctx, c, err);
	return rc < 0 ? rc : move(ctx, c, &m, err);
}

void ohc_compose_clear(struct ohc_composed *c)
{
	ohc_finish_clear(&c->finished);
	ohc_parts_clear(&c->parts);
	free(c->first);
	forget_plan(c);
	memset(c, 0, sizeof(*c));
}
