// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "compose/image/inputs_internal.h"
#include "compose/image/origin.h"
#include "core/alloc.h"

static int check_stdin(const struct ohc_inputs *in, struct ohc_error *err)
{
	size_t n = 0;

	for (size_t i = 0; i < in->n_payloads; i++)
		n += strcmp(in->payloads[i].spec.source, "-") == 0;
	if (n > 1)
		return ohc_error_set(err, OHC_E_USAGE,
				     "--payload -: standard input can be read only once");
	return 0;
}

/* A payload that the image had: by its image's digest, or as the layers that it is. */
static void keep_spec(const struct ohc_payload_kept *kept, struct ohc_payload_source *ret)
{
	struct ohc_payload_spec *spec = &ret->spec;

	ret->kept = kept;
	spec->target = ohc_xstrdup(kept->says->prefix);
	spec->is_image = kept->says->manifest;
	if (spec->is_image)
		ohc_name_copy(&spec->image, &kept->name);
	spec->source = ohc_xstrdup(spec->is_image ? spec->image.given : spec->target);
	spec->has_platform = kept->has_platform;
	spec->platform = kept->platform;
}

static void keep_specs(const struct ohc_origin *origin, struct ohc_inputs *in)
{
	in->payloads = ohc_xcalloc(origin->n_payloads, sizeof(*in->payloads));
	for (; in->n_payloads < origin->n_payloads; in->n_payloads++)
		keep_spec(&origin->payloads[in->n_payloads], &in->payloads[in->n_payloads]);
}

/* Takes the given ones that go to target out of `given` into *to; false: none does. */
static bool move_given(struct ohc_payload_source *given, size_t n, const char *target,
		       struct ohc_inputs *to)
{
	bool any = false;

	for (size_t i = 0; i < n; i++) {
		if (!given[i].spec.target || strcmp(given[i].spec.target, target) != 0)
			continue;
		to->payloads[to->n_payloads++] = given[i];
		memset(&given[i], 0, sizeof(given[i]));
		any = true;
	}
	return any;
}

static bool went_before(const struct ohc_origin *origin, size_t n, const char *target)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(origin->payloads[i].says->prefix, target) == 0)
			return true;
	return false;
}

static bool is_given(const struct ohc_inputs *in, const char *target)
{
	for (size_t i = 0; i < in->n_payloads; i++)
		if (!in->payloads[i].kept && strcmp(in->payloads[i].spec.target, target) == 0)
			return true;
	return false;
}

/* Each given payload takes the place of what the image has at its target; the others are kept. */
static int replace_payloads(struct ohc_inputs *in, struct ohc_error *err)
{
	const struct ohc_origin *origin = in->options->origin;
	struct ohc_payload_source *given = in->payloads;
	size_t n = in->n_payloads;

	if (!origin || in->options->payloads.n == 0)
		return 0;
	for (size_t i = 0; i < n; i++)
		if (!went_before(origin, origin->n_payloads, given[i].spec.target))
			return ohc_error_set(err, OHC_E_USAGE,
					     "the image has no payload in '%s' that '%s' could "
					     "replace",
					     given[i].spec.target, given[i].spec.source);
	in->n_payloads = 0;
	in->payloads = ohc_xcalloc(n + origin->n_payloads, sizeof(*in->payloads));
	for (size_t i = 0; i < origin->n_payloads; i++) {
		const char *target = origin->payloads[i].says->prefix;

		if (!move_given(given, n, target, in) && !is_given(in, target))
			keep_spec(&origin->payloads[i], &in->payloads[in->n_payloads++]);
	}
	free(given);
	return 0;
}

int ohc_inputs_specs(const struct ohc_push_options *o, struct ohc_inputs *in, struct ohc_error *err)
{
	int rc = 0;

	if (o->origin && o->payloads.n == 0) {
		keep_specs(o->origin, in);
		return 0;
	}
	in->payloads = ohc_xcalloc(o->payloads.n, sizeof(*in->payloads));
	for (size_t i = 0; rc == 0 && i < o->payloads.n; i++)
		rc = ohc_payload_spec_parse(o->payloads.v[i], &in->payloads[in->n_payloads++].spec,
					    err);
	return rc < 0 ? rc : check_stdin(in, err);
}

int ohc_inputs_targets(struct ohc_inputs *in, struct ohc_error *err)
{
	for (size_t i = 0; i < in->n_payloads; i++) {
		struct ohc_payload_spec *spec = &in->payloads[i].spec;

		if (!spec->target && !in->profile.prefix)
			return ohc_error_set(err, OHC_E_USAGE,
					     "profile '%s' has no prefix: say where the payload "
					     "goes, as --payload %s:/openhands",
					     in->profile.name, spec->source);
		if (!spec->target)
			spec->target = ohc_xstrdup(in->profile.prefix);
	}
	return 0;
}

int ohc_inputs_payloads(struct ohc_inputs *in, struct ohc_payload_shelf *shelf,
			struct ohc_error *err)
{
	int rc = ohc_inputs_targets(in, err);

	if (rc == 0)
		rc = replace_payloads(in, err);
	for (size_t i = 0; rc == 0 && i < in->n_payloads; i++)
		rc = shelf ? ohc_payload_shelf_look(shelf, &in->payloads[i], &in->rules, err)
			   : ohc_payload_source_look(&in->payloads[i], &in->rules, err);
	return rc;
}
