// SPDX-License-Identifier: Apache-2.0
#include "compose/plan/early.h"

/* The payload, where it is to be read for the platform. */
static struct ohc_payload *local_of(const struct ohc_early *e, size_t i)
{
	const struct ohc_payload_source *s = &e->in->payloads[i];
	bool wanted = e->given ? ohc_payload_spec_is_for(&s->spec, e->want) : !s->spec.has_platform;

	return wanted ? s->local : NULL;
}

static void read_one(const struct ohc_early *e, struct ohc_payload *p)
{
	const struct ohc_arch_votes *votes;
	struct ohc_error kept = OHC_ERROR_INIT;

	if (ohc_payload_ready(p, &kept) < 0)
		return;
	if (e->given)
		ohc_payload_identity(p);
	else
		ohc_payload_votes(p, &votes, &kept);
}

static void *read_all(void *arg)
{
	const struct ohc_early *e = arg;

	for (size_t i = 0; i < e->in->n_payloads; i++) {
		struct ohc_payload *p = local_of(e, i);

		if (p)
			read_one(e, p);
	}
	return NULL;
}

void ohc_early_start(struct ohc_early *e, const struct ohc_platform *want, bool given)
{
	bool any = false;

	e->want = want;
	e->given = given;
	for (size_t i = 0; i < e->in->n_payloads; i++)
		any |= local_of(e, i) != NULL;
	e->runs = any && pthread_create(&e->thread, NULL, read_all, e) == 0;
}

void ohc_early_end(struct ohc_early *e)
{
	if (e->runs)
		pthread_join(e->thread, NULL);
	e->runs = false;
}
