// SPDX-License-Identifier: Apache-2.0
#include "cmd/bake_plan.h"

#include <string.h>

#include "core/alloc.h"
#include "core/units.h"
#include "registry/url.h"

#define SHOWN_MAX 10 /* faults */

static char *head(const struct ohc_bake_forecast *f)
{
	struct ohc_buf b = OHC_BUF_INIT;

	ohc_buf_addf(&b, "%zu %s over %zu %s", f->images, f->images == 1 ? "image" : "images",
		     f->bases, f->bases == 1 ? "base" : "bases");
	if (f->repos)
		ohc_buf_addf(&b, ", into %zu %s", f->repos,
			     f->repos == 1 ? "repository" : "repositories");
	if (f->noted)
		ohc_buf_addf(
			&b,
			"; the journal has %zu more, which are skipped where nothing has changed "
			"since",
			f->noted);
	if (f->unknown)
		ohc_buf_addf(&b, "; %zu bases and payloads are slow, and not counted below",
			     f->unknown);
	if (f->has_files)
		ohc_buf_adds(&b, "; besides the bytes below the payload's files are compressed and "
				 "sent once to each registry");
	return ohc_buf_detach(&b);
}

/* The limit that is known of the host; false: none. */
static bool find_limit(struct ohc_limits *limits, const char *host, struct ohc_limits_view *ret)
{
	return ohc_limits_find(limits, host, ret) &&
	       (ret->a_minute > 0 || (ret->quota.pulls && ret->quota.remaining >= 0));
}

/* "; it allows 76 more pulls now, of 100 in 6:00:00" */
static void add_pulls(struct ohc_buf *b, const struct ohc_quota *q)
{
	char time[OHC_UNITS_TEXT];

	if (!q->pulls || q->remaining < 0)
		return;
	ohc_buf_addf(b, "; it allows %lld more pulls now", (long long)q->remaining);
	if (q->limit >= 0 && q->window > 0)
		ohc_buf_addf(b, ", of %lld in %s", (long long)q->limit,
			     ohc_units_duration(1000 * (uint64_t)q->window, time));
}

static char *line(const struct ohc_bake_need *n, struct ohc_limits *limits)
{
	struct ohc_buf b = OHC_BUF_INIT;
	struct ohc_limits_view v;
	char down[OHC_UNITS_TEXT], up[OHC_UNITS_TEXT], time[OHC_UNITS_TEXT];

	ohc_units_bytes(n->download, down);
	ohc_units_bytes(n->upload, up);
	ohc_buf_addf(&b, "%s: about %llu requests, %llu pulls, %s to read, %s to send", n->host,
		     (unsigned long long)n->requests, (unsigned long long)n->pulls, down, up);
	if (n->tags)
		ohc_buf_addf(&b, "; %llu %s more, as it keeps no list of what hangs on an image",
			     (unsigned long long)n->tags, n->tags == 1 ? "tag" : "tags");
	if (!find_limit(limits, n->host, &v))
		return ohc_buf_detach(&b);
	if (v.a_minute > 0) {
		ohc_units_duration((uint64_t)(60000 * (double)n->requests / v.a_minute), time);
		ohc_buf_addf(&b, "; %s at %.0f requests a minute", time, v.a_minute);
	}
	add_pulls(&b, &v.quota);
	return ohc_buf_detach(&b);
}

static json_t *host_json(const struct ohc_bake_need *n, struct ohc_limits *limits)
{
	struct ohc_limits_view v;
	json_t *j =
		json_pack("{s:s, s:I, s:I, s:{s:I, s:I}}", "host", n->host, "requests",
			  (json_int_t)n->requests, "pulls", (json_int_t)n->pulls, "bytes",
			  "downloaded", (json_int_t)n->download, "uploaded", (json_int_t)n->upload);

	if (n->asked)
		json_object_set_new(j, "tags", json_integer((json_int_t)n->tags));
	if (!find_limit(limits, n->host, &v))
		return j;
	if (v.a_minute > 0) {
		json_object_set_new(j, "aMinute", json_real(v.a_minute));
		json_object_set_new(j, "seconds", json_real(60 * (double)n->requests / v.a_minute));
	}
	if (v.quota.pulls && v.quota.remaining >= 0)
		json_object_set_new(j, "pullsLeft", json_integer(v.quota.remaining));
	return j;
}

static json_t *to_json(const struct ohc_bake_forecast *f, struct ohc_limits *limits)
{
	json_t *hosts = json_array();

	for (size_t i = 0; i < f->n_hosts; i++)
		json_array_append_new(hosts, host_json(&f->hosts[i], limits));
	return json_pack("{s:I, s:I, s:I, s:I, s:b, s:o}", "images", (json_int_t)f->images, "noted",
			 (json_int_t)f->noted, "bases", (json_int_t)f->bases, "repositories",
			 (json_int_t)f->repos, "files", f->has_files, "hosts", hosts);
}

/* The whole plan for people: a line for all, one for each host. */
static void add_lines(struct ohc_strv *list, const struct ohc_bake_forecast *f,
		      struct ohc_limits *limits)
{
	ohc_strv_take(list, head(f));
	for (size_t i = 0; i < f->n_hosts; i++)
		ohc_strv_take(list, line(&f->hosts[i], limits));
}

static void print_text(struct ohc_cli *cli, const struct ohc_bake_forecast *f,
		       struct ohc_limits *limits)
{
	ohc_cleanup(ohc_strv_clear) struct ohc_strv lines = OHC_STRV_INIT;

	add_lines(&lines, f, limits);
	for (size_t i = 0; i < lines.n; i++)
		fprintf(cli->out, "%s\n", lines.v[i]);
}

void ohc_bake_plan_say(struct ohc_report *report, const struct ohc_bake_forecast *f,
		       struct ohc_limits *limits)
{
	ohc_cleanup(ohc_strv_clear) struct ohc_strv lines = OHC_STRV_INIT;

	add_lines(&lines, f, limits);
	for (size_t i = 0; i < lines.n; i++)
		ohc_report_say(report, OHC_NOTICE, "%s", lines.v[i]);
}

static int verdict(const struct ohc_bake_forecast *f, struct ohc_error *err)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf b = OHC_BUF_INIT;

	if (f->faulty_bases)
		ohc_buf_addf(&b, "%zu of %zu bases", f->faulty_bases, f->bases);
	if (f->faulty_payloads)
		ohc_buf_addf(&b, "%s%zu of %zu payloads", b.len ? " and " : "", f->faulty_payloads,
			     f->payloads);
	return b.len ? ohc_error_set(err, OHC_E_FAILED, "%s cannot be read", ohc_buf_str(&b)) : 0;
}

int ohc_bake_plan_print(struct ohc_cli *cli, const struct ohc_bake_forecast *f,
			struct ohc_limits *limits, struct ohc_error *err)
{
	if (cli->json) {
		ohc_cleanup(ohc_json_decref) json_t *j = to_json(f, limits);

		ohc_cli_print_json(cli, j);
	} else {
		print_text(cli, f, limits);
	}
	for (size_t i = 0; i < f->faults.n && i < SHOWN_MAX; i++)
		ohc_report_say(cli->report, OHC_WARNING, "%s", f->faults.v[i]);
	return verdict(f, err);
}

static bool expects(const struct ohc_bake_forecast *f, const char *host)
{
	bool yes = f && f->unknown > 0;

	host = ohc_url_registry_host(host);
	for (size_t i = 0; f && !yes && i < f->n_hosts; i++)
		yes = strcmp(ohc_url_registry_host(f->hosts[i].host), host) == 0;
	return yes;
}

void ohc_bake_plan_warn(struct ohc_report *report, const struct ohc_bake_forecast *f,
			struct ohc_limits *limits)
{
	ohc_cleanup(ohc_strv_clear) struct ohc_strv hosts = OHC_STRV_INIT;

	if (!f && ohc_limits_look(limits, NULL, 0) == 0)
		return; /* nothing had to be asked */
	ohc_limits_unasked(limits, &hosts);
	for (size_t i = 0; i < hosts.n; i++)
		if (!expects(f, hosts.v[i]))
			ohc_report_say(report, OHC_WARNING, "--rate: no request %s to '%s'",
				       f ? "goes" : "went", hosts.v[i]);
}
