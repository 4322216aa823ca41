// SPDX-License-Identifier: Apache-2.0
/* Checks the requirements of a Python environment as `pip check` does. */
#include <stdio.h>
#include <string.h>

#include "layout/components/python.h"

/* How many distributions a message names. */
#define NAMED_MAX 8

struct missing {
	struct ohc_buf text;
	struct ohc_strv names;
	size_t n;
	const struct ohc_strv *allowed;
	struct ohc_report *report;
};

static bool may_be_missing(const struct missing *m, const char *name)
{
	for (size_t i = 0; i < m->allowed->n; i++) {
		ohc_cleanup(ohc_freep) char *allowed =
			ohc_python_normalize(m->allowed->v[i], strlen(m->allowed->v[i]));

		if (strcmp(allowed, name) == 0)
			return true;
	}
	return false;
}

static void tell(void *ctx, const struct ohc_python_problem *problem)
{
	struct missing *m = ctx;

	if (problem->kind == OHC_PYTHON_NOT_UNDERSTOOD || may_be_missing(m, problem->name))
		return;
	if (problem->kind == OHC_PYTHON_WRONG_VERSION)
		ohc_report_say(m->report, OHC_WARNING, "%s requires '%s', and %s %s is there",
			       problem->dist, problem->requirement, problem->name, problem->found);
	if (problem->kind != OHC_PYTHON_MISSING || ohc_strv_has(&m->names, problem->name))
		return;
	ohc_strv_add(&m->names, problem->name);
	if (m->n++ < NAMED_MAX)
		ohc_buf_addf(&m->text, "%s'%s' (%s requires it)", m->n > 1 ? ", " : "",
			     problem->requirement, problem->dist);
}

int ohc_python_check_requires(const struct ohc_python *p, struct ohc_python_site *site,
			      struct ohc_error *err)
{
	struct missing m = { .text = OHC_BUF_INIT,
			     .allowed = &p->item->unmet,
			     .report = p->c->report };
	struct ohc_python_env env = { .machine = p->c->machine ? p->c->machine : "" };
	int rc = 0;

	snprintf(env.python, sizeof(env.python), "%s", p->version);
	ohc_python_site_check(site, &env, tell, &m);
	if (m.n > NAMED_MAX)
		ohc_buf_addf(&m.text, " and %zu more", m.n - NAMED_MAX);
	if (m.n)
		rc = ohc_error_set(err, OHC_E_FORMAT,
				   "distributions are missing that others require: %s; install "
				   "them, then pack",
				   ohc_buf_str(&m.text));
	ohc_strv_clear(&m.names);
	ohc_buf_clear(&m.text);
	return rc;
}
