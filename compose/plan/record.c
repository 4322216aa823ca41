// SPDX-License-Identifier: Apache-2.0
#include "compose/plan/record.h"

#include <string.h>

#include "compose/image/origin.h"
#include "compose/image/recorded.h"
#include "core/alloc.h"
#include "core/path.h"

/* A registry's image by its name; of a layout or an archive only the tag says something to others.
 */
static void record_name(const struct ohc_name *name, char **ret_name, char **ret_tag)
{
	if (name->transport == OHC_REGISTRY || name->transport == OHC_SCRATCH)
		*ret_name = ohc_name_text(name);
	else
		*ret_tag = ohc_xstrdup(name->tag);
}

static void record_base(const struct ohc_plan *plan, struct ohc_composition *c)
{
	const struct ohc_base *base = &plan->base;
	char platform[OHC_PLATFORM_TEXT];

	record_name(&plan->in->base, &c->base.name, &c->base.tag);
	c->base.platform = ohc_xstrdup(ohc_platform_text(&base->image.platform, platform));
	if (!base->store)
		return;
	c->base.digest = ohc_xstrdup(base->image.root.digest);
	c->base.manifest = ohc_xstrdup(base->manifest);
}

/* A label's own words need not be said again. */
static void record_provided(const struct ohc_plan *plan, const struct ohc_payload *p,
			    struct ohc_composition_payload *to)
{
	const struct ohc_strv *all = &plan->adapter->provided;

	to->looked = !p->unread;
	for (size_t i = 0; to->looked && i < all->n; i++)
		if (ohc_path_below(all->v[i], p->target))
			ohc_strv_add(&to->provides, all->v[i]);
}

static void record_payload(const struct ohc_plan *plan, size_t i, const struct ohc_part *parts,
			   size_t n, struct ohc_composition *c)
{
	const struct ohc_payload *p = plan->payloads[i];
	struct ohc_composition_payload *to = ohc_composition_add_payload(c);

	if (p->image) {
		record_name(&plan->in->payloads[i].spec.image, &to->name, &to->tag);
		to->manifest = ohc_xstrdup(p->image->manifest.self.digest);
	}
	to->prefix = ohc_xstrdup(p->target);
	for (size_t k = 0; k < n; k++)
		ohc_strv_add(&to->layers, parts[k].diff_id);
	record_provided(plan, p, to);
}

static void record_payloads(const struct ohc_plan *plan, const struct ohc_parts *parts,
			    const size_t *first, struct ohc_composition *c)
{
	size_t end = parts->n, n = plan->in->n_payloads;

	while (end && parts->v[end - 1].kind == OHC_PART_SMALL) /* the adapter's */
		end--;
	for (size_t i = 0; i < n; i++) {
		size_t next = i + 1 < n ? first[i + 1] : end;

		if (plan->payloads[i])
			record_payload(plan, i, &parts->v[first[i]], next - first[i], c);
	}
}

static void record_profile(const struct ohc_profile *profile, struct ohc_composition *c)
{
	char digest[OHC_DIGEST_MAX];

	ohc_digest_of(profile->content, strlen(profile->content), digest);
	c->profile.name = ohc_xstrdup(profile->name);
	c->profile.digest = ohc_xstrdup(digest);
	c->profile.content = profile->built_in ? NULL : ohc_xstrdup(profile->content);
}

void ohc_plan_record(const struct ohc_plan *plan, const struct ohc_parts *parts,
		     const size_t *first, struct ohc_composition *c)
{
	const struct ohc_codec codec = ohc_making_small_codec(&plan->in->rules);

	const struct ohc_origin *origin = plan->in->options->origin;
	const bool exact = origin && origin->exact;

	c->program = ohc_xstrdup(exact ? origin->says->program : OHC_VERSION);
	c->codec = exact ? ohc_xstrdup(origin->says->codec) : ohc_codec_name(&codec);
	record_base(plan, c);
	record_payloads(plan, parts, first, c);
	record_profile(&plan->in->profile, c);
	c->options = ohc_recorded_options(plan->in);
}
