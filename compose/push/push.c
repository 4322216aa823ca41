// SPDX-License-Identifier: Apache-2.0
#include "compose/push/push.h"

#include <string.h>

#include "compose/push/compose.h"
#include "compose/image/finish.h"
#include "compose/plan/platforms.h"
#include "core/alloc.h"
#include "core/report_once.h"

struct push {
	struct ohc_push_session *session;
	struct ohc_inputs in;
	struct ohc_report_once *once; /* what platforms tell */
	struct ohc_store *dest, *base;
	struct ohc_platforms platforms; /* of --platform all, else empty */
	struct ohc_composed *images;
	size_t n_images;
	struct ohc_document index; /* of --platform all */
	struct ohc_error refusal;  /* of the destination, while it is planned */
	bool planned;
};

static void push_clear(struct push *p)
{
	ohc_document_clear(&p->index);
	for (size_t i = 0; i < p->n_images; i++)
		ohc_compose_clear(&p->images[i]);
	free(p->images);
	ohc_platforms_clear(&p->platforms);
	ohc_store_close(p->base);
	ohc_store_close(p->dest);
	ohc_inputs_clear(&p->in);
	ohc_report_once_freep(&p->once);
}

/* Where there are several images, an error names the platform. */
static int wrap_platform(const struct push *p, size_t i, int rc, struct ohc_error *err)
{
	char text[OHC_PLATFORM_TEXT];

	return rc < 0 && p->in.all_platforms
		       ? ohc_error_wrap(err, rc, "%s",
					ohc_platform_text(&p->platforms.v[i].platform, text))
		       : rc;
}

/* Names the platforms of what only some of them tell. */
static int plan_platforms(struct push *p, const struct ohc_compose *ctx, struct ohc_error *err)
{
	char text[OHC_PLATFORM_TEXT];
	int rc = 0;

	p->images = ohc_xcalloc(p->platforms.n, sizeof(*p->images));
	for (size_t i = 0; rc == 0 && i < p->platforms.n; i++) {
		const struct ohc_platform *platform = &p->platforms.v[i].platform;

		ohc_report_once_part(p->once, ohc_platform_text(platform, text));
		rc = ohc_compose_plan(ctx, platform, true, &p->images[p->n_images++], err);
		rc = wrap_platform(p, i, rc, err);
	}
	ohc_report_once_join(p->once, p->platforms.n);
	return rc;
}

static int plan(struct push *p, const struct ohc_compose *ctx, struct ohc_error *err)
{
	int rc;

	if (!p->in.all_platforms) {
		p->n_images = 1;
		p->images = ohc_xcalloc(1, sizeof(*p->images));
		return ohc_compose_plan(ctx, &p->in.platform, p->in.platform_given, p->images, err);
	}
	rc = ohc_platforms_find(ohc_push_session_transports(p->session), &p->in, &p->platforms,
				err);
	return rc < 0 ? rc : plan_platforms(p, ctx, err);
}

/* Makes the document that the tags name: the manifest, or the index over several. */
static const struct ohc_document *top(struct push *p)
{
	if (!p->in.all_platforms)
		return &p->images[0].finished.manifest;
	ohc_document_clear(&p->index);
	for (size_t i = 0; i < p->n_images; i++)
		ohc_platforms_set(&p->platforms, i, &p->images[i].finished.manifest.d);
	ohc_platforms_write(&p->platforms, &p->index);
	return &p->index;
}

/* Is the very image that would be made there already? */
static int look(struct push *p, const struct ohc_compose *ctx, bool *ret, struct ohc_error *err)
{
	bool all = true, settled = false;
	int rc = 0;

	for (size_t i = 0; rc == 0 && all && i < p->n_images; i++) {
		rc = wrap_platform(p, i, ohc_compose_settle(ctx, &p->images[i], &settled, err),
				   err);
		all &= settled && ohc_compose_may_be_there(ctx, &p->images[i]);
	}
	*ret = false;
	if (rc < 0 || !all)
		return rc;
	return ohc_finish_is_there(p->dest, &p->in, top(p), ret, err);
}

/* Writes everything that the document refers to. */
static int write_images(struct push *p, const struct ohc_compose *ctx, bool ask,
			struct ohc_error *err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < p->n_images; i++) {
		struct ohc_composed *c = &p->images[i];

		rc = ohc_compose_write(ctx, c, ask, err);
		if (rc == 0 && p->in.all_platforms && !p->in.options->dry_run)
			rc = ohc_store_put_manifest(p->dest, NULL, &c->finished.manifest, err);
		rc = wrap_platform(p, i, rc, err);
	}
	return rc < 0 ? rc : ohc_finish_manifest(p->dest, &p->in, top(p), err);
}

static bool is_payload_unread(const struct push *p)
{
	bool unread = false;

	for (size_t i = 0; i < p->in.n_payloads; i++) {
		struct ohc_payload *local = p->in.payloads[i].local;

		unread |= local && ohc_payload_has_failed(local);
	}
	return unread;
}

/* A registry that refuses the manifest may have lost blobs that an earlier run brought there. */
static bool may_be_outdated(const struct push *p, int rc)
{
	return p->in.dest.transport == OHC_REGISTRY && p->in.options->cache &&
	       !p->in.options->dry_run && !is_payload_unread(p) &&
	       (rc == -OHC_E_FAILED || rc == -OHC_E_FORMAT || rc == -OHC_E_NOT_FOUND);
}

static int write_all(struct push *p, const struct ohc_compose *ctx, struct ohc_error *err)
{
	struct ohc_error first = OHC_ERROR_INIT;
	int rc = write_images(p, ctx, false, &first);

	if (rc < 0 && may_be_outdated(p, rc)) {
		ohc_report_say(p->in.options->report, OHC_VERBOSE,
			       "%s: once more, asking for each blob", first.msg);
		rc = write_images(p, ctx, true, err);
	} else if (rc < 0) {
		ohc_error_copy(err, &first, rc);
	}
	return rc < 0 ? rc : ohc_finish_image(p->dest, &p->in, top(p), err);
}

/* --sbom: each payload's, on the image of each platform. */
static int attach_boms(struct push *p, struct ohc_error *err)
{
	struct ohc_boms *boms = ohc_push_session_boms(p->session);
	size_t all = 0, n;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < p->n_images; i++) {
		const struct ohc_composed *c = &p->images[i];

		for (size_t k = 0; rc == 0 && k < p->in.n_payloads; k++) {
			if (!c->plan->payloads[k])
				continue;
			rc = ohc_boms_attach(boms, c->plan->payloads[k], p->dest,
					     &c->finished.manifest.d, p->in.options->report, &n,
					     err);
			all += n;
		}
	}
	if (rc == 0 && all == 0)
		ohc_report_say(
			p->in.options->report, OHC_WARNING,
			"--sbom: no list of what is in it hangs on the payload: pack makes one");
	return rc < 0 || all == 0 ? rc : ohc_store_finish(p->dest, err);
}

/* A list hangs on the image of each platform, a signature on what the tags name. */
static int tell_hanging(struct push *p, struct ohc_error *err)
{
	const struct ohc_push_options *o = p->in.options;
	const bool index = p->in.all_platforms;
	int rc = 0;

	for (size_t i = 0; rc == 0 && o->sbom && i < p->n_images; i++)
		rc = ohc_finish_tell_hanging(p->dest, &p->in, &p->images[i].finished.manifest, err);
	if (rc == 0 && o->sign.command && (index || !o->sbom))
		rc = ohc_finish_tell_hanging(p->dest, &p->in, top(p), err);
	return rc;
}

/* Finds out whether the destination may be written to before the first byte of the base is read.  A
 * refusal is told without naming the base. */
static int may_write(void *arg, struct ohc_error *err)
{
	struct push *p = arg;
	int rc = ohc_store_may_write(p->dest, err);

	if (rc < 0 && !p->planned)
		ohc_error_copy(&p->refusal, err, rc);
	return rc;
}

/* Both are open at the same time: a registry gives one token for them.  A layout that is opened for
 * writing appears with its first blob: a dry run may, too. */
static int open_stores(struct push *p, struct ohc_transports *transports, struct ohc_error *err)
{
	const struct ohc_name *base = &p->in.base;
	int rc = ohc_transports_open(transports, &p->in.dest, OHC_USE_WRITE, &p->dest, err);

	if (rc == 0 && base->transport == OHC_REGISTRY)
		rc = ohc_transports_open(transports, base, ohc_inputs_base_use(&p->in), &p->base,
					 err);
	return rc;
}

static int push(struct push *p, const struct ohc_push_options *o, struct ohc_image_result *r,
		struct ohc_error *err)
{
	struct ohc_transports *transports = ohc_push_session_transports(p->session);
	struct ohc_compose ctx = { .session = p->session, .in = &p->in, .result = r };
	int rc = ohc_inputs_parse(o, &p->in, err);

	p->once = ohc_report_once_new(o->report);
	p->in.report = ohc_report_once_report(p->once);
	if (rc == 0)
		rc = open_stores(p, transports, err);
	if (rc == 0)
		rc = ohc_inputs_look(transports, ohc_push_session_shelf(p->session), &p->in, err);
	if (rc < 0)
		return rc;
	ctx.dest = p->dest;
	if (!o->dry_run) {
		p->in.before_reading = may_write;
		p->in.before_ctx = p;
	}
	rc = plan(p, &ctx, err);
	p->planned = true;
	if (rc < 0 && p->refusal.code)
		ohc_error_copy(err, &p->refusal, rc);
	if (rc == 0)
		rc = look(p, &ctx, &r->there, err);
	if (rc == 0)
		rc = r->there ? ohc_finish_signature(p->dest, &p->in, top(p), err)
			      : write_all(p, &ctx, err);
	if (rc == 0 && o->sbom && !o->dry_run)
		rc = attach_boms(p, err);
	if (rc == 0 && o->dry_run)
		rc = tell_hanging(p, err);
	for (size_t i = 0; rc == 0 && i < p->n_images; i++) {
		if (r->there)
			ohc_compose_keep(&p->images[i]);
		ohc_compose_tell(&ctx, &p->images[i]);
	}
	return rc < 0 ? ohc_error_wrap(err, rc, "push to '%s'", o->dest) : 0;
}

int ohc_push_in(struct ohc_push_session *session, const struct ohc_push_options *o,
		struct ohc_image_result *ret, struct ohc_error *err)
{
	ohc_cleanup(push_clear) struct push p = { .session = session };
	ohc_cleanup(ohc_image_result_clear) struct ohc_image_result r = OHC_IMAGE_RESULT_INIT;
	int rc;

	ohc_image_result_start(&r);
	rc = push(&p, o, &r, err);
	if (rc < 0)
		return rc;
	ohc_image_result_set(&r, &p.in, p.dest, &top(&p)->d);
	r.platform = p.images[0].platform;
	*ret = r;
	r = (struct ohc_image_result)OHC_IMAGE_RESULT_INIT;
	return 0;
}

int ohc_push(struct ohc_transports *transports, const struct ohc_push_options *o,
	     struct ohc_image_result *ret, struct ohc_error *err)
{
	struct ohc_push_session *session = ohc_push_session_new(
		transports, &(struct ohc_push_session_options){ .cache = o->cache,
								.report = o->report,
								.limits = o->limits,
								.jobs = o->jobs,
								.alone = true });
	int rc = ohc_push_in(session, o, ret, err);

	ohc_push_session_free(session);
	return rc;
}
