// SPDX-License-Identifier: Apache-2.0
#include "compose/check/check.h"

#include <string.h>
#include <sys/stat.h>

#include "compose/check/memo.h"
#include "compose/composition/composition.h"
#include "compose/image/owner.h"
#include "core/alloc.h"
#include "layout/check/check.h"
#include "layout/check/policy.h"
#include "layout/files/facts.h"
#include "layout/files/of_image.h"

/* How many findings of a kind push shows before it refers to check. */
#define SHOWN_MAX 20

static int apply(struct ohc_plan *plan, const struct ohc_buf *index, const char *what,
		 struct ohc_error *err)
{
	return ohc_rootfs_apply(plan->fs, ohc_buf_str(index), index->len, what, err);
}

static int add_payload(struct ohc_plan *plan, struct ohc_payload *p, struct ohc_findings *ret,
		       struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *what = ohc_xasprintf("the payload '%s'", p->source);
	const struct ohc_buf *entries;
	int rc;

	if (p->unread)
		ohc_findings_add(ret, OHC_FINDING_OK, "libraries", p->target,
				 "needs no library of the base, as its labels say");
	rc = ohc_payload_entries(p, &entries, err);
	if (rc < 0)
		return rc;
	if (p->tree)
		ohc_check_layers(p->tree, 0, what, ret);
	ohc_payload_slim(p);
	return apply(plan, entries, p->source, err);
}

static int add_adapter(struct ohc_plan *plan, struct ohc_error *err)
{
	const struct ohc_entries *entries = &plan->adapter->fitting.entries;
	struct ohc_layer_index index = OHC_LAYER_INDEX_INIT;
	int rc;

	for (size_t i = 0; i < entries->n; i++) {
		const struct ohc_entry *from = &entries->v[i];
		ohc_cleanup(ohc_freep) char *hidden = ohc_entry_hides(from);
		struct ohc_layer_entry e = { .path = from->path,
					     .mode = from->mode,
					     .uid = from->uid,
					     .gid = from->gid,
					     .mtime = from->mtime };

		if (hidden) {
			e = (struct ohc_layer_entry){ .kind = OHC_LAYER_WHITEOUT, .path = hidden };
		} else if (S_ISLNK(from->mode)) {
			e.link = from->data;
		} else if (S_ISREG(from->mode)) {
			e.size = from->size;
			e.data = from->data;
			e.n_data = from->data ? from->size : 0;
		}
		ohc_layer_index_add(&index, &e);
	}
	rc = apply(plan, &index.bytes, "adapter layer", err);
	ohc_layer_index_clear(&index);
	return rc;
}

static int run_checks(struct ohc_rootfs *fs, const struct ohc_loaded *image, const json_t *config,
		      const json_t *base_config, const struct ohc_profile *profile,
		      const struct ohc_strv *targets, const struct ohc_strv *unread,
		      struct ohc_findings *ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_files_freep) struct ohc_files *files = ohc_files_image(fs);
	const struct ohc_check c = { .files = files,
				     .config = config,
				     .base_config = base_config,
				     .platform = image->platform,
				     .profile = profile,
				     .targets = targets,
				     .unread = unread,
				     .findings = ret };

	return ohc_check_run(&c, err);
}

static void check_policy(const struct ohc_inputs *in, const struct ohc_rootfs *fs,
			 struct ohc_findings *ret)
{
	if (in->options->policy)
		ohc_policy_check(in->options->policy, fs, ret);
}

static int check_tree(struct ohc_plan *plan, struct ohc_findings *ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_strv_clear) struct ohc_strv targets = OHC_STRV_INIT;
	ohc_cleanup(ohc_strv_clear) struct ohc_strv unread = OHC_STRV_INIT;
	const unsigned int of_base = ohc_rootfs_layers(plan->fs);
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < plan->in->n_payloads; i++) {
		struct ohc_payload *p = plan->payloads[i];
		struct ohc_strv *known;

		if (!p)
			continue;
		rc = add_payload(plan, p, ret, err);
		known = p->unread ? &unread : &targets;
		if (!ohc_strv_has(known, p->target))
			ohc_strv_add(known, p->target);
	}
	if (rc == 0)
		rc = add_adapter(plan, err);
	if (rc < 0)
		return rc;
	ohc_check_layers(plan->fs, of_base, "the image", ret);
	check_policy(plan->in, plan->fs, ret);
	return run_checks(plan->fs, &plan->base.image, plan->image.config, plan->base.image.config,
			  &plan->in->profile, &targets, &unread, ret, err);
}

/* The same, or the findings that are remembered for the very same plan, which has no policy. */
static int recall_tree(struct ohc_plan *plan, struct ohc_findings *ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *key =
		plan->in->options->policy ? NULL : ohc_check_memo_key(plan);
	int rc;

	if (ohc_check_memo_get(plan, key, ret))
		return 0;
	rc = ohc_plan_tree(plan, err);
	if (rc == 0)
		rc = check_tree(plan, ret, err);
	if (rc == 0)
		ohc_check_memo_put(plan, key, ret);
	return rc;
}

static struct ohc_finding *find(const struct ohc_findings *list, const struct ohc_finding *f)
{
	for (size_t i = 0; i < list->n; i++)
		if (strcmp(list->v[i].code, f->code) == 0 &&
		    strcmp(list->v[i].subject, f->subject) == 0)
			return &list->v[i];
	return NULL;
}

int ohc_check_plan(struct ohc_plan *plan, bool run, struct ohc_findings *ret, struct ohc_error *err)
{
	const struct ohc_findings *fitting = &plan->adapter->fitting.findings;
	int rc = run ? recall_tree(plan, ret, err) : 0;

	if (rc < 0)
		return rc;
	/* Of findings that both made, the fitting's is kept, because it knows the base. */
	for (size_t i = 0; i < fitting->n; i++) {
		const struct ohc_finding *f = &fitting->v[i];
		struct ohc_finding *same = find(ret, f);

		if (same) {
			free(same->message);
			same->message = ohc_xstrdup(f->message);
			continue;
		}
		ohc_findings_add(ret, f->level, f->code, f->subject, "%s", f->message);
	}
	ohc_findings_sort(ret);
	return 0;
}

static void say(const struct ohc_inputs *in, const struct ohc_finding *f)
{
	static const char *const prefixes[] = { [OHC_FINDING_OK] = "ok ",
						[OHC_FINDING_WARNING] = "",
						[OHC_FINDING_ERROR] = "cannot run: " };

	ohc_report_say(in->report, f->level == OHC_FINDING_OK ? OHC_VERBOSE : OHC_WARNING,
		       "%s%s: '%s' %s", prefixes[f->level], f->code, f->subject, f->message);
}

/* The finding that refuses the push is told once, as the error; all others before it. */
int ohc_check_verdict(const struct ohc_inputs *in, const struct ohc_findings *list,
		      struct ohc_error *err)
{
	size_t errors = ohc_findings_count(list, OHC_FINDING_ERROR), shown = 0;
	size_t wrong = errors + ohc_findings_count(list, OHC_FINDING_WARNING);
	const bool refuse = errors > 0 && in->check == OHC_PREFLIGHT_REFUSE;

	for (size_t i = refuse; i < list->n; i++)
		if (list->v[i].level == OHC_FINDING_OK || shown++ < SHOWN_MAX)
			say(in, &list->v[i]);
	if (wrong - refuse > SHOWN_MAX)
		ohc_report_say(in->report, OHC_WARNING,
			       "and %zu more: 'ohcompose check' tells all of them",
			       wrong - refuse - SHOWN_MAX);
	if (!refuse)
		return 0;
	return ohc_error_set(err, OHC_E_CHECK,
			     "the image would not run as it should (errors: %zu), and nothing was "
			     "written; --check=warn pushes all the same: %s: '%s' %s",
			     errors, list->v[0].code, list->v[0].subject, list->v[0].message);
}

/* The profile that an image was composed with, as it says; one that the program carries, as this
 * version has it. */
static bool profile_of(const struct ohc_composition *says, struct ohc_profile *ret)
{
	struct ohc_error ignored = OHC_ERROR_INIT;
	const char *name = says->profile.name, *content = says->profile.content;

	if (content)
		return ohc_profile_parse(content, "the image's profile", ret, &ignored) == 0;
	return ohc_profile_is_built_in(name) && ohc_profile_load(name, ret, &ignored) == 0;
}

/* Takes what an image says of itself: where its payloads are, and, where no other profile is asked
 * for, whose contract it is to keep.  What cannot be read says nothing. */
static const struct ohc_profile *take_said(const struct ohc_inputs *in,
					   const struct ohc_manifest *m, struct ohc_profile *said,
					   struct ohc_strv *targets)
{
	ohc_cleanup(ohc_composition_clear) struct ohc_composition says = OHC_COMPOSITION_INIT;
	struct ohc_error ignored = OHC_ERROR_INIT;
	const struct ohc_profile *profile = &in->profile;

	if (ohc_composition_text_of(m) &&
	    ohc_composition_read(m, "the image", &says, &ignored) == 0) {
		for (size_t i = 0; i < says.n_payloads; i++)
			ohc_strv_add(targets, says.payloads[i].prefix);
		if (!in->options->profile && profile_of(&says, said))
			profile = said;
	}
	if (profile->prefix && !ohc_strv_has(targets, profile->prefix))
		ohc_strv_add(targets, profile->prefix);
	return profile;
}

/* Checks the image itself against its profile. */
static int check_alone(const struct ohc_plan_ctx *ctx, struct ohc_findings *ret,
		       struct ohc_error *err)
{
	const struct ohc_inputs *in = ctx->in;
	struct ohc_base base = { .store = NULL };
	ohc_cleanup(ohc_rootfs_freep) struct ohc_rootfs *fs = NULL;
	ohc_cleanup(ohc_strv_clear) struct ohc_strv targets = OHC_STRV_INIT;
	ohc_cleanup(ohc_profile_clear) struct ohc_profile said = { .name = NULL };
	const struct ohc_profile *profile = NULL;
	const struct ohc_manifest *m = &base.image.manifest;
	int rc = ohc_base_load(ctx->transports, in, &in->platform, in->platform_given, &base, err);

	if (rc == 0)
		rc = ohc_peek_layers(ctx->peek, base.store, m->layers, m->n_layers, &fs, err);
	if (rc == 0)
		ohc_check_layers(fs, 0, "the image", ret);
	if (rc == 0)
		check_policy(in, fs, ret);
	if (rc == 0)
		profile = take_said(in, m, &said, &targets);
	if (rc == 0)
		rc = run_checks(fs, &base.image, base.image.config, NULL, profile, &targets, NULL,
				ret, err);
	ohc_base_clear(&base);
	ohc_findings_sort(ret);
	return rc;
}

static int check_payloads(const struct ohc_plan_ctx *ctx, struct ohc_findings *ret,
			  struct ohc_error *err)
{
	ohc_cleanup(ohc_plan_clear) struct ohc_plan plan = OHC_PLAN_INIT;
	struct ohc_error local = OHC_ERROR_INIT;
	int rc = ohc_plan_make(ctx, &ctx->in->platform, ctx->in->platform_given, &plan, &local);

	/* The account cannot be added: push would stop there, too. */
	if (rc == -OHC_E_CHECK) {
		ohc_findings_add(ret, OHC_FINDING_ERROR, "account", ctx->in->account.name, "%s",
				 local.msg);
		return 0;
	}
	if (rc < 0)
		return ohc_error_copy(err, &local, rc);
	return ohc_check_plan(&plan, true, ret, err);
}

int ohc_check_image(struct ohc_transports *transports, const struct ohc_push_options *o,
		    struct ohc_findings *ret, struct ohc_error *err)
{
	const struct ohc_peek_options peek_options = { .cache = o->cache,
						       .limits = o->limits,
						       .hook = &ohc_facts_hook,
						       .jobs = o->jobs,
						       .report = o->report };
	ohc_cleanup(ohc_peek_freep) struct ohc_peek *peek = ohc_peek_new(&peek_options);
	ohc_cleanup(ohc_inputs_clear) struct ohc_inputs in = { .options = o };
	const struct ohc_plan_ctx ctx = { .transports = transports,
					  .in = &in,
					  .peek = peek,
					  .look = OHC_PAYLOAD_PEEK,
					  .alone = true };
	int rc = ohc_inputs_read(o, transports, NULL, &in, err);

	if (rc == 0 && in.all_platforms)
		rc = ohc_error_set(err, OHC_E_USAGE,
				   "'--platform all': one platform is checked at a time");
	if (rc < 0)
		return rc;
	return in.n_payloads ? check_payloads(&ctx, ret, err) : check_alone(&ctx, ret, err);
}
