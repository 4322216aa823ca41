// SPDX-License-Identifier: Apache-2.0
#include "compose/push/push.h"

#include <string.h>

#include "compose/push/compose.h"
#include "compose/image/finish.h"
#include "compose/plan/platforms.h"
#include "core/alloc.h"
#include "layout/files/facts.h"

struct push {
	struct ohc_inputs in;
	struct ohc_store *dest, *base;
	struct ohc_peek *peek;
	struct ohc_part *made;
	struct ohc_platforms platforms; /* of --platform all, else empty */
	struct ohc_composed *images;
	size_t n_images;
	struct ohc_document top; /* what the tags name: the manifest, or the index */
};

static void push_clear(struct push *p)
{
	ohc_document_clear(&p->top);
	for (size_t i = 0; i < p->n_images; i++)
		ohc_composed_clear(&p->images[i]);
	free(p->images);
	free(p->made);
	ohc_platforms_clear(&p->platforms);
	ohc_peek_free(p->peek);
	ohc_store_close(p->base);
	ohc_store_close(p->dest);
	ohc_inputs_clear(&p->in);
}

static int compose_one(struct push *p, const struct ohc_compose *ctx, struct ohc_error *err)
{
	int rc;

	p->n_images = 1;
	p->images = ohc_xcalloc(1, sizeof(*p->images));
	rc = ohc_compose_plan(ctx, &p->in.platform, p->in.platform_given, p->images, err);
	if (rc == 0)
		rc = ohc_compose_write(ctx, p->images, err);
	if (rc < 0)
		return rc;
	p->top = p->images[0].manifest;
	p->images[0].manifest = (struct ohc_document)OHC_DOCUMENT_INIT;
	return 0;
}

static int wrap_platform(const struct push *p, size_t i, int rc, struct ohc_error *err)
{
	char text[OHC_PLATFORM_TEXT];

	return rc < 0 ? ohc_error_wrap(err, rc, "%s",
				       ohc_platform_text(&p->platforms.v[i].platform, text))
		      : 0;
}

static int plan_all(struct push *p, const struct ohc_compose *ctx, struct ohc_error *err)
{
	int rc = ohc_platforms_find(ctx->transports, &p->in, &p->platforms, err);

	p->images = ohc_xcalloc(p->platforms.n, sizeof(*p->images));
	for (size_t i = 0; rc == 0 && i < p->platforms.n; i++)
		rc = wrap_platform(p, i,
				   ohc_compose_plan(ctx, &p->platforms.v[i].platform, true,
						    &p->images[p->n_images++], err),
				   err);
	return rc;
}

/* An image for each platform, then the index that lists them. */
static int compose_all(struct push *p, const struct ohc_compose *ctx, struct ohc_error *err)
{
	int rc = plan_all(p, ctx, err);

	for (size_t i = 0; rc == 0 && i < p->n_images; i++) {
		struct ohc_composed *c = &p->images[i];

		rc = ohc_compose_write(ctx, c, err);
		if (rc == 0 && !p->in.options->dry_run)
			rc = ohc_store_put_manifest(p->dest, NULL, &c->manifest, err);
		if (rc == 0)
			ohc_platforms_set(&p->platforms, i, &c->manifest.d);
		rc = wrap_platform(p, i, rc, err);
	}
	if (rc == 0)
		ohc_platforms_write(&p->platforms, &p->top);
	return rc;
}

/* Whether the destination may be written to is known before the first byte of the base is read, and
 * both are open then: a registry gives one token for them.  A layout that is opened for writing
 * appears with its first blob: a dry run may, too. */
static int open_places(struct push *p, struct ohc_transports *transports, struct ohc_error *err)
{
	const struct ohc_name *base = &p->in.base;
	int rc = ohc_transports_open(transports, &p->in.dest, OHC_USE_WRITE, &p->dest, err);

	if (rc == 0 && base->transport == OHC_REGISTRY)
		rc = ohc_transports_open(transports, base, ohc_inputs_base_use(&p->in), &p->base,
					 err);
	if (rc == 0 && !p->in.options->dry_run)
		rc = ohc_store_may_write(p->dest, err);
	return rc;
}

static int push(struct push *p, struct ohc_transports *transports, const struct ohc_push_options *o,
		struct ohc_image_result *r, struct ohc_error *err)
{
	struct ohc_compose ctx = { .transports = transports, .in = &p->in, .result = r };
	int rc = ohc_inputs_read(o, transports, &p->in, err);

	if (rc == 0)
		rc = ohc_image_check(&p->in, err);
	if (rc < 0)
		return rc;
	rc = open_places(p, transports, err);
	if (rc < 0)
		return ohc_error_wrap(err, rc, "push to '%s'", o->dest);
	p->peek = ohc_peek_new(&(struct ohc_peek_options){ .cache = o->cache,
							   .limits = o->limits,
							   .hook = &ohc_facts_hook,
							   .jobs = o->jobs,
							   .report = o->report });
	ctx.dest = p->dest;
	ctx.peek = p->peek;
	ctx.made = p->made = ohc_xcalloc(p->in.n_payloads, sizeof(*p->made));
	rc = p->in.all_platforms ? compose_all(p, &ctx, err) : compose_one(p, &ctx, err);
	if (rc == 0)
		rc = ohc_finish_tags(p->dest, &p->in, &p->top, err);
	return rc < 0 ? ohc_error_wrap(err, rc, "push to '%s'", o->dest) : 0;
}

int ohc_push(struct ohc_transports *transports, const struct ohc_push_options *o,
	     struct ohc_image_result *ret, struct ohc_error *err)
{
	ohc_cleanup(push_clear) struct push p = { .dest = NULL };
	ohc_cleanup(ohc_image_result_clear) struct ohc_image_result r = OHC_IMAGE_RESULT_INIT;
	int rc;

	ohc_image_result_start(&r);
	rc = push(&p, transports, o, &r, err);
	if (rc < 0)
		return rc;
	ohc_image_result_set(&r, &p.in, p.dest, &p.top.d);
	r.platform = p.images[0].platform;
	*ret = r;
	r = (struct ohc_image_result)OHC_IMAGE_RESULT_INIT;
	return 0;
}
