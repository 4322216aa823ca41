// SPDX-License-Identifier: Apache-2.0
#include "cmd/bake_run.h"

#include <string.h>

#include "cmd/bake_files.h"
#include "cmd/bake_plan.h"
#include "cmd/bake_status.h"
#include "cmd/bake_warnings.h"
#include "cmd/open.h"
#include "cmd/progress.h"
#include "compose/bake/faults.h"
#include "compose/bake/names.h"
#include "core/alloc.h"
#include "core/clock.h"
#include "core/id.h"
#include "core/map.h"
#include "core/units.h"

#define FLOW "How"
#define TOLD "Reports"

#define FAILURES_TOLD 3 /* of each reason, as they come */

static bool parse_shard(const char *text, unsigned int *ret_i, unsigned int *ret_n)
{
	const char *slash = strchr(text, '/');
	uint32_t i, n;

	if (!slash || !ohc_id_parse(text, (size_t)(slash - text), &i) ||
	    !ohc_id_parse(slash + 1, strlen(slash + 1), &n) || i < 1 || i > n)
		return false;
	*ret_i = i;
	*ret_n = n;
	return true;
}

static int check_shard(const char *text, struct ohc_error *err)
{
	unsigned int i, n;

	return parse_shard(text, &i, &n)
		       ? 0
		       : ohc_error_set(err, OHC_E_USAGE, "takes I/N, I from 1 to N, not '%s'",
				       text);
}

const struct ohc_option ohc_bake_run_options[] = {
	{ "rate", 0, "[HOST=]N/m",
	  "ask no host, or HOST, more than N times a minute (N/s, N/h); by default the limits that "
	  "hosts show are learned; may be repeated",
	  OHC_STRINGS(struct ohc_bake_run, rates), .check = ohc_limits_check, .group = FLOW },
	{ "shard", 0, "I/N", "make only the I-th of N parts, by a hash of the destination",
	  OHC_STRING(struct ohc_bake_run, shard), .check = check_shard, .group = FLOW },
	{ "journal", 0, "FILE", "note what is done, and skip it when the same command runs again",
	  OHC_STRING(struct ohc_bake_run, journal), .group = FLOW },
	{ "keep-going", 0, NULL, "go on with the others when an image fails (default)",
	  OHC_FLAG(struct ohc_bake_run, keep_going), .group = FLOW },
	{ "fail-fast", 0, NULL, "stop at the first image that fails",
	  OHC_FLAG(struct ohc_bake_run, fail_fast), .group = FLOW },
	{ "report", 0, "FILE", "write an object of JSON a line for each image; - is stdout",
	  OHC_STRING(struct ohc_bake_run, report), .group = TOLD },
	{ "html", 0, "FILE", "write a page for people", OHC_STRING(struct ohc_bake_run, html),
	  .group = TOLD },
	{ 0 },
};

/* One run, for the callback that tells of each image. */
struct run {
	struct ohc_cli *cli;
	struct ohc_limits *limits;
	bool dry;
	bool planned; /* nothing but a plan was wanted, */
	int plan_rc;  /* … and what came of it */
	struct ohc_error plan_err;
	struct ohc_bake_files *files;
	struct ohc_bake_status *status; /* NULL: no image has been begun */
	struct ohc_bake_warnings *warnings;
	size_t n, ended;
	double began;
	struct ohc_map *failures; /* how many there were, by reason */
};

static void tell_plan(void *ctx, const struct ohc_bake_forecast *f)
{
	struct run *r = ctx;

	if (!r->dry) {
		ohc_bake_plan_say(r->cli->report, f, r->limits);
		return;
	}
	r->planned = true;
	r->plan_rc = ohc_bake_plan_print(r->cli, f, r->limits, &r->plan_err);
	ohc_bake_plan_warn(r->cli->report, f, r->limits);
}

/* Counts a failure; returns how many had its reason, with it. */
static size_t count_failure(const struct run *r, const char *error)
{
	ohc_cleanup(ohc_freep) char *reason = ohc_bake_reason(error);
	size_t n = 0;

	ohc_map_get(r->failures, reason, &n);
	ohc_map_put(r->failures, reason, n + 1);
	return n + 1;
}

/* Tells the first few failures of each reason as they come: all are counted by reason in the end,
 * and the report has each.  A reason that is the same for many images does not name them itself. */
static void tell_failed(const struct run *r, const struct ohc_bake_outcome *o)
{
	const bool named = strstr(o->error, o->name);
	const size_t nth = count_failure(r, o->error);

	if (r->n == 1) /* it will be the error of the whole */
		return;
	ohc_report_say(r->cli->report, nth <= FAILURES_TOLD ? OHC_WARNING : OHC_VERBOSE,
		       "%zu/%zu failed: %s%s%s%s%s", r->ended, r->n, named ? "" : "push to '",
		       named ? "" : o->name, named ? "" : "': ", o->error,
		       nth == FAILURES_TOLD && r->ended < r->n
			       ? " (further ones like it are in --report, and counted "
				 "at the end)"
			       : "");
}

static void begin(void *ctx, size_t n)
{
	struct run *r = ctx;

	r->n = n;
	r->began = ohc_clock_seconds();
	r->status = ohc_bake_status_start(r->cli->report, r->limits, n);
}

static void tell(void *ctx, const struct ohc_bake_outcome *o)
{
	struct run *r = ctx;
	double passed = ohc_clock_seconds() - r->began;
	char left[OHC_UNITS_TEXT];

	ohc_bake_status_ended(r->status, o);
	r->ended++;
	ohc_units_duration((uint64_t)(1000 * passed * (double)(r->n - r->ended) / (double)r->ended),
			   left);
	if (o->state == OHC_BAKE_LEFT)
		ohc_report_say(r->cli->report, o->foreign ? OHC_NOTICE : OHC_WARNING,
			       "%zu/%zu left as it was: %s", r->ended, r->n, o->error);
	else if (o->state == OHC_BAKE_FAILED)
		tell_failed(r, o);
	else
		ohc_report_say(r->cli->report,
			       ohc_progress_is_live(r->cli->report) ? OHC_VERBOSE : OHC_NOTICE,
			       "%zu/%zu %s %s, %.1f/s, %s left", r->ended, r->n,
			       o->state == OHC_BAKE_THERE ? "there" : "done", o->name,
			       (double)r->ended / passed, left);
	ohc_bake_files_row(r->files, o);
}

/* Tells what each host was asked, and what it allows as far as that showed. */
static json_t *hosts_json(const struct ohc_limits_view *views, size_t n)
{
	json_t *hosts = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(
			hosts, json_pack("{s:s, s:I, s:I, s:i, s:f}", "host", views[i].host,
					 "requests", (json_int_t)views[i].requests, "refused",
					 (json_int_t)views[i].refused, "atATime",
					 (int)views[i].window, "aMinute", views[i].a_minute));
	return hosts;
}

static uint64_t all_requests(const struct ohc_limits_view *views, size_t n)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += views[i].requests;
	return sum;
}

static json_t *totals_json(const struct ohc_bake_totals *t, size_t elsewhere)
{
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:{s:I, s:I, s:I, s:I}, s:I, s:f}",
			 "images", (json_int_t)t->images, "done", (json_int_t)t->done, "there",
			 (json_int_t)t->there, "failed", (json_int_t)t->failed, "left",
			 (json_int_t)t->left, "waiting", (json_int_t)t->waiting, "otherShards",
			 (json_int_t)elsewhere, "bytes", "uploaded", (json_int_t)t->uploaded,
			 "mounted", (json_int_t)t->mounted, "downloaded", (json_int_t)t->downloaded,
			 "stored", (json_int_t)t->stored, "requests", (json_int_t)t->requests,
			 "seconds", t->seconds);
}

static void print_totals(struct ohc_cli *cli, const struct ohc_bake_result *r,
			 struct ohc_limits *limits)
{
	ohc_cleanup(ohc_strv_clear) struct ohc_strv reasons = OHC_STRV_INIT;
	char up[OHC_UNITS_TEXT], mounted[OHC_UNITS_TEXT], took[OHC_UNITS_TEXT];
	const size_t n = ohc_limits_look(limits, NULL, 0);
	ohc_cleanup(ohc_freep) struct ohc_limits_view *views = ohc_xcalloc(n, sizeof(*views));
	struct ohc_bake_totals t;

	ohc_limits_look(limits, views, n);
	ohc_bake_sum(r->v, r->n, &t);
	t.requests = all_requests(views, n); /* those of no single image, too */
	if (cli->json) {
		ohc_cleanup(ohc_json_decref) json_t *j = totals_json(&t, r->elsewhere);

		json_object_set_new(j, "hosts", hosts_json(views, n));
		ohc_cli_print_json(cli, j);
		return;
	}
	if (r->n > 1)
		ohc_bake_reasons(r->v, r->n, &reasons);
	for (size_t i = 0; i < reasons.n; i++)
		ohc_report_say(cli->report, OHC_WARNING, "%s", reasons.v[i]);
	ohc_units_bytes(t.uploaded, up);
	ohc_units_bytes(t.mounted, mounted);
	ohc_units_duration((uint64_t)(1000 * t.seconds), took);
	fprintf(cli->out,
		"%zu images: %zu done, %zu there, %zu failed, %zu left, %zu not begun; %s "
		"uploaded, "
		"%s mounted, %llu requests, %s\n",
		t.images, t.done, t.there, t.failed, t.left, t.waiting, up, mounted,
		(unsigned long long)t.requests, took);
}

/* Where every image failed in the same way, the whole did. */
static enum ohc_code code_of_all(const struct ohc_bake_result *r)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->v[i].state != OHC_BAKE_FAILED || r->v[i].rc != r->v[0].rc)
			return OHC_E_FAILED;
	return r->n ? (enum ohc_code) - r->v[0].rc : OHC_E_FAILED;
}

/* Images that were left count where somebody named them. */
static int verdict(const struct ohc_bake_result *r, struct ohc_error *err)
{
	struct ohc_bake_totals t;
	size_t left;

	ohc_bake_sum(r->v, r->n, &t);
	left = t.left - t.foreign;
	if (t.failed && r->n == 1)
		return ohc_error_set(err, code_of_all(r), "%s", r->v[0].error);
	if (t.failed && left)
		return ohc_error_set(err, OHC_E_FAILED,
				     "%zu of %zu images failed, %zu were left as they were",
				     t.failed, t.images, left);
	if (t.failed)
		return ohc_error_set(err, code_of_all(r), "%zu of %zu images failed", t.failed,
				     t.images);
	if (left)
		return ohc_error_set(err, OHC_E_FAILED, "%zu of %zu images were left as they were",
				     left, t.images);
	return 0;
}

static int bake_all(struct run *run, const char *title, struct ohc_transports *transports,
		    struct ohc_bake_options *o, struct ohc_error *err)
{
	ohc_cleanup(ohc_bake_result_clear) struct ohc_bake_result result = { .v = NULL };
	struct ohc_error late = OHC_ERROR_INIT;
	int rc, rc2;

	/* Without a cache, what the forecast reads would have to be read again. */
	if (o->dry_run || (o->cache && ohc_report_wants(o->report, OHC_NOTICE)))
		o->planned = tell_plan;
	run->failures = ohc_map_new();
	o->begun = begin;
	o->ended = tell;
	o->ctx = run;
	rc = ohc_bake(transports, o, &result, err);
	ohc_map_free(run->failures);
	ohc_bake_status_stop(run->status);
	ohc_bake_warnings_tell(run->warnings);
	if (rc == 0 && run->planned)
		return ohc_error_copy(err, &run->plan_err, run->plan_rc);
	if (result.n == 0 && rc < 0)
		return rc;
	ohc_bake_plan_warn(run->cli->report, NULL, run->limits);
	print_totals(run->cli, &result, ohc_transports_limits(transports));
	rc2 = ohc_bake_files_end(run->files, title, &result, &late);
	if (rc == 0)
		rc = ohc_error_copy(err, &late, rc2);
	return rc < 0 ? rc : verdict(&result, err);
}

static struct ohc_transports *open_transports(const struct ohc_cli *cli,
					      const struct ohc_bake_run *c, struct ohc_cache *cache)
{
	struct ohc_transports *t = ohc_open_transports(cli, NULL, cache);

	for (size_t i = 0; i < c->rates.n; i++)
		ohc_limits_set(ohc_transports_limits(t), c->rates.v[i], NULL);
	return t;
}

/* Everything that can be wrong with what was typed and with the list shows here. */
static int make_list(const struct ohc_bake_run *c, const struct ohc_bake_maker *maker,
		     struct ohc_bake_list *ret, struct ohc_error *err)
{
	int rc = maker->list(maker->ctx, ret, err);

	if (rc < 0 || maker->look)
		return rc;
	rc = ohc_bake_names(ret, err);
	return rc < 0 ? rc : ohc_bake_faults(ret, &c->push.push, err);
}

static int look(const struct ohc_bake_maker *maker, struct ohc_transports *transports,
		const struct ohc_bake_options *o, struct ohc_error *err)
{
	int rc = maker->look ? maker->look(maker->ctx, transports, o, o->list, err) : 0;

	return rc < 0 || !maker->look ? rc : ohc_bake_names(o->list, err);
}

static int run_list(struct ohc_cli *cli, const struct ohc_bake_run *c,
		    const struct ohc_bake_maker *maker, struct ohc_bake_options *o,
		    struct ohc_bake_files *files, struct ohc_bake_warnings *warnings,
		    struct ohc_error *err)
{
	struct ohc_cli kept = *cli; /* that keeps warnings */
	ohc_cleanup(ohc_cache_closep) struct ohc_cache *own = NULL;
	ohc_cleanup(ohc_transports_freep) struct ohc_transports *transports = NULL;
	struct run run = { .cli = cli,
			   .warnings = warnings,
			   .dry = o->dry_run,
			   .files = files,
			   .plan_err = OHC_ERROR_INIT };
	int rc;

	kept.report = o->report;
	if (cli->no_cache)
		ohc_cache_open_own(kept.report, &own);
	o->cache = own ? own : cli->kept;
	o->cache_ends = cli->no_cache;
	transports = open_transports(&kept, c, o->cache);
	run.limits = ohc_transports_limits(transports);
	rc = look(maker, transports, o, err);
	if (rc == 0)
		rc = bake_all(&run, maker->title, transports, o, err);
	ohc_bake_list_clear(o->list); /* before transports */
	return rc;
}

int ohc_bake_run(struct ohc_cli *cli, struct ohc_bake_run *c, const struct ohc_bake_maker *maker,
		 struct ohc_error *err)
{
	ohc_cleanup(ohc_bake_warnings_freep) struct ohc_bake_warnings *warnings =
		ohc_bake_warnings_new(cli->report);
	ohc_cleanup(ohc_bake_files_close) struct ohc_bake_files files = OHC_BAKE_FILES_INIT;
	ohc_cleanup(ohc_bake_list_clear) struct ohc_bake_list list = { .v = NULL };
	const bool dry = c->push.push.dry_run;
	const struct ohc_bake_file_names names = { .list = maker->file,
						   .journal = c->journal,
						   .report = c->report,
						   .html = c->html,
						   .dry = dry,
						   .plan = dry && !maker->look };
	struct ohc_bake_options o = { .list = &list,
				      .jobs = cli->jobs,
				      .fail_fast = c->fail_fast,
				      .dry_run = dry,
				      .report = ohc_bake_warnings_report(warnings),
				      .limits = &cli->limits };
	int rc;

	if (c->keep_going && c->fail_fast)
		return ohc_error_set(err, OHC_E_USAGE,
				     "'--keep-going' and '--fail-fast' cannot be given together");
	if (maker->file && strcmp(maker->file, "-") == 0 &&
	    ohc_strv_has(&c->push.push.payloads, "-"))
		return ohc_error_set(err, OHC_E_USAGE,
				     "--payload -: the list is on standard input, too");
	ohc_open_sign(cli, &c->push.push.sign);
	o.sign = c->push.push.sign;
	c->push.push.level = c->push.level ? (int)c->push.level : -1;
	if (c->shard)
		parse_shard(c->shard, &o.shard, &o.shards);
	rc = make_list(c, maker, &list, err);
	if (rc == 0)
		rc = ohc_bake_files_open(&files, cli, &names, err);
	o.journal = files.journal;
	if (rc == 0 && files.journal && !dry)
		ohc_bake_warnings_note(warnings, files.journal);
	if (rc == 0)
		rc = run_list(cli, c, maker, &o, &files, warnings, err);
	ohc_bake_warnings_tell(warnings); /* while there is the journal */
	return rc;
}
