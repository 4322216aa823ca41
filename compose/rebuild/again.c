// SPDX-License-Identifier: Apache-2.0
#include "compose/rebuild/again.h"

#include <string.h>

#include "compose/image/origin.h"
#include "compose/image/recorded.h"
#include "compose/push/compose.h"
#include "compose/rebuild/compare.h"
#include "core/alloc.h"

/* Indexes in indexes. */
#define DEPTH_MAX 4

/* One image in the making. */
struct again_image {
	struct ohc_again *a;
	struct ohc_rebuilt_image *ret;
	struct ohc_loaded is;
	struct ohc_push_options options; /* recorded ones */
	struct ohc_origin origin;
	struct ohc_inputs in;
	struct ohc_composed composed;
};

static void again_clear(struct again_image *i)
{
	ohc_compose_clear(&i->composed);
	ohc_inputs_clear(&i->in);
	ohc_origin_clear(&i->origin);
	ohc_recorded_clear(&i->options);
	ohc_load_clear(&i->is);
}

/* --- the base's index --- */

void ohc_again_clear(struct ohc_again *a)
{
	for (size_t i = 0; i < a->n_bases; i++)
		ohc_document_clear(&a->bases[i]);
	free(ohc_take(a->bases));
	a->n_bases = 0;
}

int ohc_again_base(struct ohc_again *a, const struct ohc_name *base, const char *digest,
		   const struct ohc_document **ret, struct ohc_error *err)
{
	const struct ohc_held_image image = { base, digest, "the base's index" };
	ohc_cleanup(ohc_document_clear) struct ohc_document doc = OHC_DOCUMENT_INIT;
	int rc;

	for (size_t i = 0; i < a->n_bases; i++)
		if (strcmp(a->bases[i].d.digest, digest) == 0) {
			*ret = &a->bases[i];
			return 0;
		}
	rc = ohc_holders_manifest(ohc_push_session_transports(a->session), &a->o->holders, &image,
				  &doc, err);
	if (rc < 0)
		return rc;
	a->bases = ohc_xrealloc(a->bases, a->n_bases + 1, sizeof(*a->bases));
	a->bases[a->n_bases] = doc;
	doc = (struct ohc_document)OHC_DOCUMENT_INIT;
	*ret = &a->bases[a->n_bases++];
	return 0;
}

static int has_entry(struct ohc_again *a, const struct ohc_name *base, const char *digest,
		     const char *wanted, int depth, bool *ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_index_clear) struct ohc_index index = OHC_INDEX_INIT;
	const struct ohc_document *doc;
	int rc = ohc_again_base(a, base, digest, &doc, err);

	if (rc < 0 || !ohc_media_is_index(doc->d.media_type))
		return rc;
	rc = ohc_index_parse(doc, &index, err);
	for (size_t i = 0; rc == 0 && !*ret && i < index.n; i++) {
		const struct ohc_descriptor *d = &index.entries[i].d;

		*ret = strcmp(d->digest, wanted) == 0;
		if (!*ret && ohc_media_is_index(d->media_type) && depth < DEPTH_MAX)
			rc = has_entry(a, base, d->digest, wanted, depth + 1, ret, err);
	}
	return rc;
}

static void tell(struct ohc_again *a, const char *where, const char *message)
{
	ohc_cleanup(ohc_freep) char *at = ohc_xasprintf("%s%s", a->prefix, where);

	a->findings++;
	a->o->found(a->o->ctx, at, message);
}

/* The image that was taken is in what the base's name named. */
static int check_base(struct again_image *i, struct ohc_error *err)
{
	const struct ohc_composition *says = &i->ret->says;
	ohc_cleanup(ohc_freep) char *message = NULL;
	bool has = false;
	int rc;

	if (!says->base.digest || strcmp(says->base.digest, says->base.manifest) == 0)
		return 0;
	rc = has_entry(i->a, &i->origin.base, says->base.digest, says->base.manifest, 0, &has, err);
	if (rc < 0 || has)
		return rc < 0 ? ohc_error_wrap(err, rc, "base '%s'", i->origin.base.given) : 0;
	message = ohc_xasprintf("the base's index %s has no image %s", says->base.digest,
				says->base.manifest);
	tell(i->a, "annotation " OHC_COMPOSITION ".base", message);
	return 0;
}

/* --- one image --- */

static int read_says(struct again_image *i, const char *ref, struct ohc_error *err)
{
	struct ohc_again *a = i->a;
	ohc_cleanup(ohc_freep) char *what = ohc_xasprintf("image '%s'", a->name->given);
	struct ohc_platform any;
	int rc;

	ohc_platform_host(&any);
	rc = ohc_load_image(a->store, ref, a->name->given, &any, false, &i->is, err);
	if (rc < 0)
		return rc;
	i->ret->d = i->is.manifest.self;
	i->ret->platform = i->is.platform;
	rc = ohc_composition_read(&i->is.manifest, what, &i->ret->says, err);
	if (rc == 0)
		rc = ohc_recorded_read(i->ret->says.options, what, &i->options, err);
	if (rc == 0)
		rc = ohc_origin_init(&i->origin, &i->ret->says, err);
	return rc < 0 ? rc
		      : ohc_origin_add(&i->origin,
				       &(struct ohc_origin_image){ .says = &i->ret->says,
								   .loaded = &i->is,
								   .store = a->store,
								   .name = a->name },
				       err);
}

static int read_inputs(struct again_image *i, struct ohc_error *err)
{
	const struct ohc_rebuild_options *o = i->a->o;
	int rc;

	i->origin.exact = true;
	i->origin.holders = o->holders;
	for (size_t k = 0; k < i->origin.n_payloads; k++)
		i->origin.payloads[k].unread = true;
	i->options.origin = &i->origin;
	i->options.platform = i->ret->says.base.platform;
	i->options.cache = o->cache;
	i->options.limits = o->limits;
	i->options.jobs = o->jobs;
	rc = ohc_inputs_read(&i->options, ohc_push_session_transports(i->a->session), NULL, &i->in,
			     err);
	if (rc != -OHC_E_USAGE)
		return rc;
	/* Nobody typed it. */
	if (err)
		err->code = OHC_E_FORMAT;
	return ohc_error_wrap(err, -OHC_E_FORMAT, "image '%s' says how it was composed, but",
			      i->a->name->given);
}

/* Payloads whose layers came from the image itself. */
static void note_taken(struct again_image *i)
{
	const struct ohc_inputs *in = &i->in;

	for (size_t k = 0; k < in->n_payloads; k++) {
		const struct ohc_part *first = &i->composed.parts.v[i->composed.first[k]];

		if (first->kind == OHC_PART_STORED && first->title)
			ohc_strv_add(&i->ret->taken, in->payloads[k].spec.target);
	}
}

static int compose(struct again_image *i, struct ohc_error *err)
{
	struct ohc_image_result unused = OHC_IMAGE_RESULT_INIT;
	const struct ohc_compose ctx = { .session = i->a->session,
					 .in = &i->in,
					 .result = &unused };
	bool settled = false;
	int rc = ohc_compose_plan(&ctx, &i->in.platform, i->in.platform_given, &i->composed, err);

	if (rc == 0)
		rc = ohc_compose_settle(&ctx, &i->composed, &settled, err);
	if (rc < 0)
		return rc;
	note_taken(i);
	i->ret->again = i->composed.finished.manifest.d;
	return 0;
}

static int compare(struct again_image *i, struct ohc_error *err)
{
	struct ohc_again *a = i->a;
	const struct ohc_codec codec = ohc_making_small_codec(&i->in.rules);
	ohc_cleanup(ohc_freep) char *ours = ohc_codec_name(&codec);
	struct ohc_compare c = { .store = a->store,
				 .is = &i->is,
				 .should = &i->composed.plan->image.manifest,
				 .config = i->composed.finished.config,
				 .written = &i->composed.finished.manifest,
				 .parts = &i->composed.parts,
				 .codec = i->ret->says.codec,
				 .our_codec = ours,
				 .found = a->o->found,
				 .ctx = a->o->ctx,
				 .prefix = a->prefix };
	int rc = ohc_compare_images(&c, err);

	a->findings += c.n;
	i->ret->packed_elsewhere = c.packed_elsewhere;
	return rc;
}

int ohc_again_one(struct ohc_again *a, const char *ref, struct ohc_rebuilt_image *ret,
		  struct ohc_error *err)
{
	ohc_cleanup(again_clear) struct again_image i = {
		.a = a, .ret = ret, .options = OHC_PUSH_OPTIONS_INIT, .origin = OHC_ORIGIN_INIT
	};
	struct ohc_error why = OHC_ERROR_INIT;
	int rc = read_says(&i, ref, err);

	if (rc == 0)
		rc = read_inputs(&i, err);
	if (rc == 0)
		rc = check_base(&i, err);
	if (rc < 0)
		return rc;
	rc = compose(&i, &why);
	if (rc == -OHC_E_DIGEST) { /* it has no such payload */
		tell(a, "layers", why.msg);
		return 0;
	}
	return rc < 0 ? ohc_error_copy(err, &why, rc) : compare(&i, err);
}
