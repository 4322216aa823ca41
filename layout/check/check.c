// SPDX-License-Identifier: Apache-2.0
#include "layout/check/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/interrupt.h"
#include "core/parallel.h"
#include "core/path.h"
#include "layout/check/check_internal.h"
#include "oci/config/config.h"

typedef int (*check_fn)(const struct ohc_check *c, struct ohc_error *err);

/* Checks that look at a few files. */
static const check_fn quick[] = {
	ohc_check_contract, ohc_check_user, ohc_check_command,
	ohc_check_dirs,     ohc_check_env,  ohc_check_needs,
};

/* Checks that look at every file of the payload, the longest first. */
static const check_fn walks[] = { ohc_check_python, ohc_check_libs, ohc_check_paths };

struct check_walks {
	const struct ohc_check *c;
	struct ohc_findings found[OHC_ARRAY_SIZE(walks)];
};

static int run_quick(const struct ohc_check *c, struct ohc_error *err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < OHC_ARRAY_SIZE(quick); i++) {
		rc = ohc_interrupt_check(err);
		if (rc == 0)
			rc = quick[i](c, err);
	}
	return rc;
}

static int run_walk(void *ctx, size_t i, struct ohc_error *err)
{
	struct check_walks *w = ctx;
	struct ohc_check c = *w->c;
	int rc = ohc_interrupt_check(err);

	c.findings = &w->found[i];
	return rc < 0 ? rc : walks[i](&c, err);
}

static int run_walks(const struct ohc_check *c, struct ohc_error *err)
{
	const size_t n = OHC_ARRAY_SIZE(walks);
	struct check_walks w = { .c = c };
	int rc = ohc_parallel(n, ohc_parallel_jobs(n), run_walk, &w, err);

	for (size_t i = 0; i < n; i++) {
		ohc_findings_move(c->findings, &w.found[i]);
		ohc_findings_clear(&w.found[i]);
	}
	return rc;
}

int ohc_check_run(const struct ohc_check *check, struct ohc_error *err)
{
	struct ohc_check c = *check;
	int rc;

	c.before = c.findings;
	rc = run_quick(&c, err);
	return rc < 0 ? rc : run_walks(&c, err);
}

bool ohc_check_is_ours(const struct ohc_check *c, const char *path)
{
	for (size_t i = 0; i < c->targets->n; i++)
		if (ohc_path_is_in(path, c->targets->v[i]))
			return true;
	return false;
}

const char *ohc_check_env_value(const struct ohc_check *c, const char *name)
{
	const char *value = ohc_config_get_env(c->config, name);

	return value ? value : "";
}

const json_t *ohc_check_member(const json_t *config, const char *name)
{
	const json_t *v = json_object_get(json_object_get(config, "config"), name);

	return json_is_null(v) ? NULL : v;
}

const char *ohc_check_text(const json_t *config, const char *name)
{
	const char *s = json_string_value(ohc_check_member(config, name));

	return s ? s : "";
}
