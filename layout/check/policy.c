// SPDX-License-Identifier: Apache-2.0
#include "layout/check/policy.h"

#include <string.h>
#include <sys/stat.h>

#include "core/alloc.h"
#include "core/file.h"
#include "core/glob.h"
#include "core/path.h"
#include "layout/check/tally.h"
#include "oci/documents/json_members.h"

#define POLICY_MAX (4u << 20)
#define RULES_MAX  1000

struct policy_walk {
	const struct ohc_policy *policy;
	struct ohc_tally *tallies; /* by rule */
	char *below;               /* the last directory that broke a rule */
};

static int read_rules(struct ohc_reader *r, json_t *v, const char *path,
		      enum ohc_finding_level level)
{
	struct ohc_policy *p = r->base;
	const char *pattern;
	json_t *why;

	if (!json_is_object(v))
		return ohc_json_member_wrong(r, path, "is not an object of patterns");
	if (p->n + json_object_size(v) > RULES_MAX)
		return ohc_json_member_wrong(r, path, "has too many patterns: the limit is 1000");
	p->rules = ohc_xrealloc(p->rules, p->n + json_object_size(v), sizeof(*p->rules));
	json_object_foreach (v, pattern, why) {
		if (!ohc_glob_is_pattern(pattern))
			return ohc_json_member_wrong(r, path, "has a pattern that fits no path");
		if (!json_is_string(why))
			return ohc_json_member_wrong(r, path,
						     "has a pattern without a text that says why");
		p->rules[p->n++] =
			(struct ohc_policy_rule){ ohc_xstrdup(pattern),
						  ohc_xstrdup(json_string_value(why)), level };
	}
	return 0;
}

static int read_forbid(struct ohc_reader *r, json_t *v, const char *path, void *to)
{
	(void)to;
	return read_rules(r, v, path, OHC_FINDING_ERROR);
}

static int read_warn(struct ohc_reader *r, json_t *v, const char *path, void *to)
{
	(void)to;
	return read_rules(r, v, path, OHC_FINDING_WARNING);
}

static int read_except(struct ohc_reader *r, json_t *v, const char *path, void *to)
{
	const struct ohc_strv *patterns = to;
	int rc = ohc_json_member_texts(r, v, path, to);

	for (size_t i = 0; rc == 0 && i < patterns->n; i++)
		if (!ohc_glob_is_pattern(patterns->v[i]))
			return ohc_json_member_wrong(r, path, "has a pattern that fits no path");
	return rc;
}

int ohc_policy_load(const char *path, struct ohc_policy *ret, struct ohc_error *err)
{
	static const struct ohc_json_member members[] = {
		{ "forbid", read_forbid, 0 },
		{ "warn", read_warn, 0 },
		{ "except", read_except, offsetof(struct ohc_policy, except) },
	};
	ohc_cleanup(ohc_buf_clear) struct ohc_buf bytes = OHC_BUF_INIT;
	ohc_cleanup(ohc_freep) char *what = ohc_xasprintf("policy '%s'", path);
	ohc_cleanup(ohc_json_decref) json_t *doc = NULL;
	struct ohc_reader r = { .base = ret, .what = what, .err = err };
	int rc = ohc_file_read(path, POLICY_MAX, &bytes, err);

	if (rc < 0)
		return ohc_error_wrap(err, rc, "policy");
	rc = ohc_json_parse(ohc_buf_str(&bytes), bytes.len, what, &doc, err);
	if (rc == 0)
		rc = ohc_json_members_read(&r, doc, "", members, OHC_ARRAY_SIZE(members));
	if (rc == 0 && ret->n == 0)
		return ohc_json_member_wrong(&r, "'forbid'",
					     "names nothing, and neither does 'warn'");
	return rc;
}

void ohc_policy_clear(struct ohc_policy *p)
{
	for (size_t i = 0; i < p->n; i++) {
		free(p->rules[i].pattern);
		free(p->rules[i].why);
	}
	free(p->rules);
	ohc_strv_clear(&p->except);
	memset(p, 0, sizeof(*p));
}

static int look(void *ctx, const char *path, const struct ohc_file *file)
{
	struct policy_walk *w = ctx;
	const struct ohc_policy *p = w->policy;
	size_t i = 0;

	if ((w->below && ohc_path_is_in(path, w->below)) || ohc_glob_any(&p->except, path + 1))
		return 0;
	while (i < p->n && !ohc_glob(p->rules[i].pattern, path + 1))
		i++;
	if (i == p->n)
		return 0;
	ohc_tally_add(&w->tallies[i], path);
	if (S_ISDIR(file->mode)) {
		free(w->below);
		w->below = ohc_xstrdup(path);
	}
	return 0;
}

void ohc_policy_check(const struct ohc_policy *p, const struct ohc_rootfs *fs,
		      struct ohc_findings *ret)
{
	struct policy_walk w = { .policy = p, .tallies = ohc_xcalloc(p->n, sizeof(*w.tallies)) };

	ohc_rootfs_walk(fs, "/", look, &w);
	for (size_t i = 0; i < p->n; i++) {
		const struct ohc_policy_rule *rule = &p->rules[i];
		char more[OHC_TALLY_TEXT];

		if (w.tallies[i].n)
			ohc_findings_add(ret, rule->level, "policy", w.tallies[i].first,
					 "is what the policy %s by '%s'%s%s%s",
					 rule->level == OHC_FINDING_ERROR ? "forbids" : "warns of",
					 rule->pattern, *rule->why ? ": " : "", rule->why,
					 ohc_tally_more(&w.tallies[i], more));
		ohc_tally_clear(&w.tallies[i]);
	}
	free(w.tallies);
	free(w.below);
}
