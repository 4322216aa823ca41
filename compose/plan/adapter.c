// SPDX-License-Identifier: Apache-2.0
#include "compose/plan/adapter.h"

#include <string.h>

#include "compose/image/owner.h"
#include "core/alloc.h"
#include "core/path.h"
#include "core/record.h"

/* How many entries a history entry names. */
#define NAMED_MAX 12

/* One fitting, for the callbacks. */
struct adapting {
	const struct ohc_adapter_what *what;
	struct ohc_adapter *adapter;
};

static bool payload_has(void *ctx, const char *path)
{
	const struct adapting *a = ctx;
	const struct ohc_adapter_what *w = a->what;

	for (size_t i = 0; i < w->in->n_payloads; i++) {
		struct ohc_payload *p = w->payloads[i];

		if (!p || !ohc_path_below(path, p->target) || !ohc_payload_has(p, path))
			continue;
		if (!ohc_strv_has(&a->adapter->provided, path))
			ohc_strv_add(&a->adapter->provided, path);
		return true;
	}
	return false;
}

static int payload_walk(void *ctx, const char *target, ohc_fit_entry_fn fn, void *fn_ctx,
			struct ohc_error *err)
{
	const struct ohc_adapter_what *w = ((const struct adapting *)ctx)->what;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < w->in->n_payloads; i++) {
		struct ohc_payload *p = w->payloads[i];

		if (p && strcmp(p->target, target) == 0)
			rc = ohc_payload_walk(p, fn, fn_ctx, err);
	}
	return rc;
}

/* Does the profile's user mean the account that was to be added? */
static bool means_account(const struct ohc_inputs *in)
{
	const struct ohc_account *a = &in->profile.account;
	const char *user = in->profile.user;
	uint32_t uid, gid;

	if (!user || !a->name || in->options->user)
		return false;
	if (strcmp(user, a->name) == 0)
		return true;
	return ohc_owner_parse(user, &uid, &gid) && uid == a->uid && gid == a->gid;
}

/* --user, else the account, else the profile's user. */
static void find_user(const struct ohc_inputs *in, struct ohc_fit *fit)
{
	fit->uid = in->profile.account.uid;
	fit->gid = in->profile.account.gid;
	if (in->options->user)
		fit->user = in->options->user;
	else if (!means_account(in))
		fit->user = in->profile.user;
}

bool ohc_adapter_wants(const struct ohc_inputs *in)
{
	const struct ohc_profile *p = &in->profile;

	return in->n_payloads || in->options->remove.n || in->account.name || p->workspace.n ||
	       p->n_links || p->n_files || p->shell || p->certificates;
}

/* The payload's files keep their owners. */
static void say_other_user(const struct ohc_adapter_what *w, const struct ohc_account *a)
{
	uint32_t uid = w->in->rules.uid, gid = w->in->rules.gid;

	for (size_t i = 0; i < w->in->n_payloads; i++) {
		const struct ohc_payload *p = w->payloads[i];

		if (p && p->label && p->label->owned) {
			uid = p->label->uid;
			gid = p->label->gid;
		}
	}
	if (uid != a->uid)
		ohc_report_say(w->in->report, OHC_NOTICE,
			       "the user is '%s', %u:%u; the payload's files belong to %u:%u",
			       a->name, a->uid, a->gid, uid, gid);
}

static void say_account(const struct ohc_adapter_what *w, const struct ohc_fitting *f)
{
	static const char *const done[] = {
		[OHC_ACCOUNT_THERE] = "is in the base",
		[OHC_ACCOUNT_ADDED] = "is added",
		[OHC_ACCOUNT_REUSED] = "of the base is used",
		[OHC_ACCOUNT_RENAMED] = "is one of the base, renamed",
	};
	const struct ohc_inputs *in = w->in;
	const struct ohc_account *a = &f->account;

	if (!a->name)
		return;
	ohc_report_say(in->report, OHC_VERBOSE, "account '%s' (%u:%u, home '%s', shell '%s') %s",
		       a->name, a->uid, a->gid, a->home, a->shell, done[f->done]);
	if (a->uid != in->account.uid)
		say_other_user(w, a);
}

static int fit(const struct ohc_adapter_what *w, struct ohc_adapter *ret, struct ohc_error *err)
{
	const struct ohc_inputs *in = w->in;
	ohc_cleanup(ohc_strv_clear) struct ohc_strv targets = OHC_STRV_INIT;
	struct adapting adapting = { w, ret };
	struct ohc_fit fit = {
		.account = in->account.name ? &in->account : NULL,
		.clash = in->clash,
		.workspace = &in->profile.workspace,
		.temporary = in->profile.workspace.n > 0,
		.links = in->profile.links,
		.n_links = in->profile.n_links,
		.files = in->profile.files,
		.n_files = in->profile.n_files,
		.shell = in->profile.shell,
		.certificates = in->profile.certificates,
		.targets = &targets,
		.remove = &in->options->remove,
		.payload_has = payload_has,
		.payload_walk = payload_walk,
		.ctx = &adapting,
		.every = in->options->every,
	};

	for (size_t i = 0; i < in->n_payloads; i++)
		if (w->payloads[i] && !ohc_strv_has(&targets, w->payloads[i]->target))
			ohc_strv_add(&targets, w->payloads[i]->target);
	find_user(in, &fit);
	return ohc_fit_base(w->fs, &fit, &ret->fitting, err);
}

/* The config's User is spelled as the profile spells it. */
static bool by_name(const char *user)
{
	return *user < '0' || *user > '9';
}

/* --no-account: the profile's user is an account that nobody makes, so it is its number. */
static bool means_profile_account(const struct ohc_inputs *in)
{
	return !in->account.name && in->profile.user && by_name(in->profile.user) &&
	       means_account(in);
}

int ohc_adapter_plan(const struct ohc_adapter_what *w, struct ohc_adapter *ret,
		     struct ohc_error *err)
{
	const struct ohc_account *a = &ret->fitting.account;
	int rc = fit(w, ret, err);

	if (rc < 0)
		return ohc_error_wrap(err, rc, "base '%s'", w->in->base.given);
	ohc_entries_sort(&ret->fitting.entries);
	say_account(w, &ret->fitting);
	if (!a->name && means_profile_account(w->in))
		ret->user = ohc_xasprintf("%u:%u", w->in->profile.account.uid,
					  w->in->profile.account.gid);
	else if (a->name && means_account(w->in))
		ret->user = by_name(w->in->profile.user) ? ohc_xstrdup(a->name)
							 : ohc_xasprintf("%u:%u", a->uid, a->gid);
	return 0;
}

static void add_account(struct ohc_buf *b, const struct ohc_account *a)
{
	ohc_record_put_text(b, a->name);
	ohc_record_put_number(b, a->uid);
	ohc_record_put_number(b, a->gid);
	ohc_record_put_text(b, a->home);
	ohc_record_put_text(b, a->shell);
}

static bool add_payload(struct ohc_buf *b, struct ohc_payload *p)
{
	const char *identity = p ? ohc_payload_identity(p) : "";

	ohc_record_put_text(b, p ? p->target : "");
	ohc_record_put_text(b, identity);
	return identity;
}

char *ohc_adapter_key(const struct ohc_adapter_what *w)
{
	const struct ohc_inputs *in = w->in;
	const struct ohc_manifest *m = &w->base->image.manifest;
	ohc_cleanup(ohc_buf_clear) struct ohc_buf b = OHC_BUF_INIT;
	char digest[OHC_DIGEST_MAX];

	ohc_record_put_number(&b, m->n_layers);
	for (size_t i = 0; i < m->n_layers; i++)
		ohc_record_put_text(&b, m->layers[i].digest);
	ohc_record_put_text(&b, in->profile.content);
	add_account(&b, &in->profile.account);
	add_account(&b, &in->account);
	ohc_record_put_number(&b, in->clash);
	ohc_record_put_text(&b, in->options->user);
	ohc_record_put_texts(&b, &in->options->remove);
	ohc_record_put_number(&b, in->options->every);
	ohc_record_put_number(&b, in->rules.mtime);
	ohc_record_put_number(&b, (uint64_t)in->rules.time);
	ohc_record_put_number(&b, in->rules.uid);
	ohc_record_put_number(&b, in->rules.gid);
	for (size_t i = 0; i < in->n_payloads; i++)
		if (!add_payload(&b, w->payloads[i]))
			return NULL;
	ohc_digest_of(b.data, b.len, digest);
	return ohc_xstrdup(digest);
}

struct ohc_adapter *ohc_adapter_new(void)
{
	struct ohc_adapter *a = ohc_xcalloc(1, sizeof(*a));

	a->refs = 1;
	a->layer = (struct ohc_layer_kept)OHC_LAYER_KEPT_INIT;
	return a;
}

struct ohc_adapter *ohc_adapter_ref(struct ohc_adapter *a)
{
	a->refs++;
	return a;
}

void ohc_adapter_unref(struct ohc_adapter *a)
{
	if (!a || --a->refs > 0)
		return;
	ohc_strv_clear(&a->provided);
	ohc_fit_clear(&a->fitting);
	ohc_layer_kept_clear(&a->layer);
	free(a->user);
	free(a);
}

char *ohc_adapter_title(const struct ohc_adapter *a)
{
	const struct ohc_entries *e = &a->fitting.entries;
	struct ohc_buf b = OHC_BUF_INIT;

	ohc_buf_adds(&b, "adapter");
	for (size_t i = 0; i < e->n && i < NAMED_MAX; i++)
		ohc_buf_addf(&b, " /%s", e->v[i].path);
	if (e->n > NAMED_MAX)
		ohc_buf_addf(&b, " and %zu more", e->n - NAMED_MAX);
	return ohc_buf_detach(&b);
}
