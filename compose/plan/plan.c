// SPDX-License-Identifier: Apache-2.0
#include "compose/plan/plan.h"

#include <string.h>
#include <sys/stat.h>

#include "compose/plan/adapters.h"
#include "compose/plan/early.h"
#include "core/alloc.h"
#include "oci/config/config.h"

static int open_payload(const struct ohc_plan_ctx *ctx, const struct ohc_platform *platform,
			size_t i, struct ohc_payload **ret, struct ohc_error *err)
{
	const struct ohc_payload_opener opener = { ctx->transports, ctx->peek, &ctx->in->rules,
						   ctx->look };
	const struct ohc_payload_source *s = &ctx->in->payloads[i];
	int rc = ohc_payload_open(&opener, s, platform, true, ret, err);

	return rc < 0 && !s->local ? ohc_error_wrap(err, rc, "payload '%s'", s->spec.source) : rc;
}

struct owners {
	const struct ohc_payload *payload;
	uint32_t uid, gid; /* the owner that --owner asks for */
	char *wrong;       /* an entry with another owner */
	uint32_t wrong_uid, wrong_gid;
};

static void look_at_owner(void *ctx, const struct ohc_fit_entry *e)
{
	struct owners *o = ctx;

	/* Another name of a file has no owner of its own. */
	if (o->wrong || e->implied || !e->mode || (e->uid == o->uid && e->gid == o->gid))
		return;
	o->wrong = ohc_xstrdup(e->path);
	o->wrong_uid = e->uid;
	o->wrong_gid = e->gid;
}

static int wrong_owner(const struct owners *o, struct ohc_error *err)
{
	return ohc_error_set(
		err, OHC_E_USAGE,
		"--owner %u:%u: '%s' of the payload '%s' belongs to %u:%u, and the layers of an "
		"image are used as they are: pack it again with that --owner, or leave the option "
		"out",
		o->uid, o->gid, o->wrong, o->payload->source, o->wrong_uid, o->wrong_gid);
}

/* --owner is for layers that are made here.  Existing layers have owners already, which their label
 * tells, or their entries. */
static int check_owner(const struct ohc_inputs *in, struct ohc_payload *p, struct ohc_error *err)
{
	const struct ohc_payload_label *label = p->label;
	struct owners o = { .payload = p, .uid = in->rules.uid, .gid = in->rules.gid };
	int rc = in->options->owner ? ohc_payload_ready(p, err) : 0;

	if (rc < 0 || !in->options->owner || !(p->unread || p->tree))
		return rc;
	if (label && label->owned)
		look_at_owner(&o, &(struct ohc_fit_entry){ .path = label->prefix,
							   .mode = S_IFDIR,
							   .uid = label->uid,
							   .gid = label->gid });
	else
		rc = ohc_payload_walk(p, look_at_owner, &o, err);
	if (rc == 0 && o.wrong && (p->unread || p->tree))
		rc = wrong_owner(&o, err);
	free(o.wrong);
	return rc;
}

static int open_payloads(const struct ohc_plan_ctx *ctx, struct ohc_plan *plan,
			 struct ohc_error *err)
{
	const struct ohc_inputs *in = ctx->in;
	const struct ohc_platform *platform = &plan->base.image.platform;
	char text[OHC_PLATFORM_TEXT];
	bool any = in->n_payloads == 0;
	int rc = 0;

	plan->payloads = ohc_xcalloc(in->n_payloads, sizeof(struct ohc_payload *));
	for (size_t i = 0; rc == 0 && i < in->n_payloads; i++) {
		if (!ohc_payload_spec_is_for(&in->payloads[i].spec, platform))
			continue;
		any = true;
		rc = open_payload(ctx, platform, i, &plan->payloads[i], err);
		if (rc == 0)
			rc = check_owner(in, plan->payloads[i], err);
	}
	if (rc == 0 && !any)
		return ohc_error_set(err, OHC_E_NOT_FOUND,
				     "there is no payload for %s, the base's platform",
				     ohc_platform_text(platform, text));
	return rc;
}

static void add_env(const struct ohc_payload *p, struct ohc_strv *env)
{
	ohc_cleanup(ohc_json_decref) json_t *list = ohc_config_env_list(p->image->config);
	const json_t *v;
	size_t i;

	json_array_foreach (list, i, v)
		if (json_is_string(v))
			ohc_strv_add(env, json_string_value(v));
}

/* Without --profile the first payload that names one decides; one that was packed for another may
 * lack what that wants. */
static void warn_of_profile(const struct ohc_plan *plan, const struct ohc_payload *p)
{
	const struct ohc_inputs *in = plan->in;
	const char *other = p->label->profile;

	if (!in->options->profile && other && strcmp(other, in->profile.name) != 0)
		ohc_report_say(
			in->report, OHC_WARNING,
			"payload '%s' was packed for profile '%s', and the image gets '%s': "
			"name the one that is meant with --profile, and pack what is added to "
			"others without one",
			p->source, other, in->profile.name);
}

/* A payload's variables come between the base's and the profile's. */
static int init_image(struct ohc_plan *plan, struct ohc_error *err)
{
	size_t n = plan->in->n_payloads;
	struct ohc_strv *env = ohc_xcalloc(n + 1, sizeof(*env));
	int rc;

	for (size_t i = 0; i < n; i++) {
		const struct ohc_payload *p = plan->payloads[i];

		if (!p || !p->label)
			continue;
		add_env(p, &env[i]);
		warn_of_profile(plan, p);
	}
	rc = ohc_image_init(&plan->image, plan->in, &plan->base, env, n, err);
	for (size_t i = 0; i < n; i++)
		ohc_strv_clear(&env[i]);
	free(env);
	return rc;
}

int ohc_plan_tree(struct ohc_plan *plan, struct ohc_error *err)
{
	const struct ohc_manifest *m = &plan->base.image.manifest;
	int rc = plan->fs ? 0
			  : ohc_peek_layers(plan->peek, plan->base.store, m->layers, m->n_layers,
					    &plan->fs, err);

	return rc < 0 ? ohc_error_wrap(err, rc, "base '%s'", plan->in->base.given) : 0;
}

static int make_adapter(struct ohc_plan *plan, struct ohc_error *err)
{
	struct ohc_adapter_what what = { plan->in, &plan->base, plan->payloads, NULL };
	int rc = ohc_plan_tree(plan, err);

	what.fs = plan->fs;
	for (size_t i = 0; rc == 0 && i < plan->in->n_payloads; i++)
		if (plan->payloads[i])
			rc = ohc_payload_ready(plan->payloads[i], err);
	return rc < 0 ? rc : ohc_adapter_plan(&what, plan->adapter, err);
}

/* Bases with the same layers get the same adapter, which is then planned once. */
static int find_adapter(const struct ohc_plan_ctx *ctx, struct ohc_plan *plan,
			struct ohc_error *err)
{
	const struct ohc_adapter_what what = { ctx->in, &plan->base, plan->payloads, NULL };
	ohc_cleanup(ohc_freep) char *key = ctx->adapters ? ohc_adapter_key(&what) : NULL;
	int rc;

	plan->adapter = ohc_adapters_find(ctx->adapters, key);
	if (plan->adapter)
		return 0;
	plan->adapter = ohc_adapter_new();
	rc = make_adapter(plan, err);
	if (rc == 0)
		ohc_adapters_add(ctx->adapters, key, plan->adapter);
	return rc;
}

/* Plans the adapter layer; the base's accounts decide who the user is. */
static int plan_adapter(const struct ohc_plan_ctx *ctx, struct ohc_plan *plan,
			struct ohc_error *err)
{
	int rc;

	if (!ohc_adapter_wants(ctx->in)) {
		plan->adapter = ohc_adapter_new();
		return 0;
	}
	rc = find_adapter(ctx, plan, err);
	if (rc == 0 && plan->adapter->user)
		rc = ohc_config_user(plan->image.config, plan->adapter->user, err);
	return rc;
}

/* Finds the platform that the files of directories and tars are for; *ret stays as it is where
 * there are no such files, or where a payload names its platform. */
static int vote_platform(const struct ohc_inputs *in, struct ohc_platform *ret,
			 struct ohc_error *err)
{
	struct ohc_arch_votes votes = { .n = 0 };
	const char *arch;

	for (size_t i = 0; i < in->n_payloads; i++) {
		const struct ohc_payload_source *s = &in->payloads[i];
		const struct ohc_arch_votes *of_files;
		int rc;

		if (s->spec.has_platform)
			return 0;
		if (!s->local)
			continue;
		rc = ohc_payload_votes(s->local, &of_files, err);
		if (rc < 0)
			return rc;
		ohc_arch_votes_join(&votes, of_files);
	}
	arch = ohc_arch_votes_winner(&votes, ret->arch);
	if (arch && strcmp(arch, ret->arch) != 0)
		ohc_platform_set(ret, "linux", arch, NULL);
	return 0;
}

/* Where no platform was given, the payload's files decide; they need not be read where there is
 * nothing to choose from. */
static int load_base(const struct ohc_plan_ctx *ctx, struct ohc_platform want, bool given,
		     struct ohc_plan *plan, struct ohc_error *err)
{
	bool votes = !given && !ohc_base_is_single(&plan->base);
	int rc = votes ? vote_platform(ctx->in, &want, err) : 0;

	return rc < 0 ? rc
		      : ohc_base_load(ctx->transports, ctx->in, &want, given, &plan->base, err);
}

/* The walk of a payload takes processors, and a base waits for its registry: both go at once. */
static int load_early(const struct ohc_plan_ctx *ctx, const struct ohc_platform *want, bool given,
		      struct ohc_plan *plan, struct ohc_error *err)
{
	ohc_cleanup(ohc_early_end) struct ohc_early early = { .in = ctx->in };
	int rc;

	ohc_early_start(&early, want, given);
	rc = ohc_base_ask(ctx->transports, ctx->in, &plan->base, err);
	if (rc == 0)
		rc = load_base(ctx, *want, given, plan, err);
	return rc == 0 && ohc_adapter_wants(ctx->in) ? ohc_plan_tree(plan, err) : rc;
}

/* A base that an image was composed on may be asked for in several places. */
static bool can_be_early(const struct ohc_plan_ctx *ctx)
{
	return ctx->alone && ctx->in->base.transport == OHC_REGISTRY && !ctx->in->options->origin;
}

int ohc_plan_make(const struct ohc_plan_ctx *ctx, const struct ohc_platform *want, bool given,
		  struct ohc_plan *plan, struct ohc_error *err)
{
	int rc;

	plan->in = ctx->in;
	plan->peek = ctx->peek;
	rc = can_be_early(ctx) ? load_early(ctx, want, given, plan, err)
			       : load_base(ctx, *want, given, plan, err);
	if (rc == 0)
		rc = open_payloads(ctx, plan, err);
	if (rc == 0)
		rc = init_image(plan, err);
	return rc < 0 ? rc : plan_adapter(ctx, plan, err);
}

void ohc_plan_clear(struct ohc_plan *plan)
{
	for (size_t i = 0; plan->payloads && i < plan->in->n_payloads; i++)
		ohc_payload_free(plan->payloads[i]);
	free(plan->payloads);
	ohc_adapter_unref(plan->adapter);
	ohc_image_clear(&plan->image);
	ohc_rootfs_free(plan->fs);
	ohc_base_clear(&plan->base);
	*plan = (struct ohc_plan)OHC_PLAN_INIT;
}
