// SPDX-License-Identifier: Apache-2.0
#include "compose/bake/belief.h"

#include <pthread.h>
#include <string.h>

#include "core/alloc.h"
#include "core/map.h"

enum verdict { UNASKED, HOLDS, IS_REFUTED };

struct ohc_bake_belief {
	struct ohc_transports *transports;
	struct ohc_report *report;
	struct ohc_turns *turns; /* by place: one thread asks */
	pthread_mutex_t lock;
	struct ohc_map *verdicts; /* by place */
};

struct ohc_bake_belief *ohc_bake_belief_new(struct ohc_transports *transports,
					    struct ohc_report *report)
{
	struct ohc_bake_belief *b = ohc_xcalloc(1, sizeof(*b));

	b->transports = transports;
	b->report = report;
	b->turns = ohc_turns_new();
	b->verdicts = ohc_map_new();
	pthread_mutex_init(&b->lock, NULL);
	return b;
}

void ohc_bake_belief_free(struct ohc_bake_belief *b)
{
	if (!b)
		return;
	ohc_turns_free(b->turns);
	ohc_map_free(b->verdicts);
	pthread_mutex_destroy(&b->lock);
	free(b);
}

/* Asks as the one who will write there if need be, so that one token serves both. */
static enum verdict ask(struct ohc_bake_belief *b, const struct ohc_name *name, const char *digest,
			uint64_t *requests)
{
	const enum ohc_use use = name->transport == OHC_REGISTRY ? OHC_USE_WRITE : OHC_USE_OWN;
	char now[OHC_DIGEST_MAX] = "";
	int rc = ohc_transports_digest(b->transports, name, use, now, requests, NULL);

	if (rc < 0 && rc != -OHC_E_NOT_FOUND)
		return UNASKED;
	return rc == 0 && strcmp(now, digest) == 0 ? HOLDS : IS_REFUTED;
}

static enum verdict look_up(struct ohc_bake_belief *b, const char *place)
{
	size_t verdict = UNASKED;

	pthread_mutex_lock(&b->lock);
	ohc_map_get(b->verdicts, place, &verdict);
	pthread_mutex_unlock(&b->lock);
	return (enum verdict)verdict;
}

static void keep(struct ohc_bake_belief *b, const char *place, enum verdict verdict)
{
	pthread_mutex_lock(&b->lock);
	ohc_map_put(b->verdicts, place, verdict);
	pthread_mutex_unlock(&b->lock);
}

/* Finds what holds of all that is noted of a place. */
static enum verdict judge(struct ohc_bake_belief *b, const char *place, const struct ohc_name *name,
			  const char *digest, uint64_t *requests)
{
	enum verdict v = look_up(b, place);

	if (v != UNASKED)
		return v;
	v = ask(b, name, digest, requests);
	keep(b, place, v);
	if (v == IS_REFUTED)
		ohc_report_say(b->report, OHC_WARNING,
			       "'%s' is not there any more as the journal notes it: all that it "
			       "notes of '%s' is made again",
			       name->given, place);
	return v;
}

bool ohc_bake_belief(struct ohc_bake_belief *b, const char *dest, const char *digest, bool each,
		     uint64_t *requests)
{
	ohc_cleanup(ohc_name_clear) struct ohc_name name = { .given = NULL };
	ohc_cleanup(ohc_freep) char *place = NULL;
	enum verdict v;

	if (ohc_name_parse(dest, &name, NULL) < 0)
		return false;
	if (each)
		return ask(b, &name, digest, requests) == HOLDS;
	place = ohc_name_place(&name);
	ohc_turns_begin(b->turns, place);
	v = judge(b, place, &name, digest, requests);
	ohc_turns_end(b->turns, place);
	return v == HOLDS;
}
