/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A policy: a list of what must not be in an image, whose author knows what the base should not
 * give away (later sources in .git, the answers of a benchmark) or carry along (caches).
 *
 *	{ "forbid": { "/testbed/.git/packed-refs": "names later commits",
 *		      "*.gold.patch": "the answer" },
 *	  "warn":   { "__pycache__": "takes place only" },
 *	  "except": [ "/usr" ] }
 *
 * Patterns are core/glob.h's, for absolute paths; with each stands why, which may be "".  At least
 * one of "forbid" and "warn" must name something, and an unknown member is an error.
 *
 *	rc = ohc_policy_load("policy.json", &policy, err);
 *	ohc_policy_check(&policy, fs, &findings);
 *	ohc_policy_clear(&policy);
 */
#ifndef OHC_LAYOUT_CHECK_POLICY_H
#define OHC_LAYOUT_CHECK_POLICY_H

#include "core/strv.h"
#include "layout/check/findings.h"
#include "layout/rootfs/rootfs.h"

struct ohc_policy_rule {
	char *pattern;
	char *why; /* "" */
	enum ohc_finding_level level;
};

struct ohc_policy {
	struct ohc_policy_rule *rules;
	size_t n;
	struct ohc_strv except;
};

/* "-" is standard input.  *ret must be zero; the caller clears it, also after a failure. */
int ohc_policy_load(const char *path, struct ohc_policy *ret, struct ohc_error *err);
void ohc_policy_clear(struct ohc_policy *p);

/* Adds a finding `policy` for each rule that something in the tree breaks, and names the first that
 * does.  Of a path that several patterns fit the first counts.  What is below a directory that
 * breaks a rule is not counted. */
void ohc_policy_check(const struct ohc_policy *p, const struct ohc_rootfs *fs,
		      struct ohc_findings *ret);

#endif
