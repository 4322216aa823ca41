// SPDX-License-Identifier: Apache-2.0
#include "compose/bake/bake.h"

#include <pthread.h>
#include <string.h>

#include "compose/bake/belief.h"
#include "compose/bake/forecast.h"
#include "compose/bake/key.h"
#include "compose/bake/names.h"
#include "compose/bake/queue.h"
#include "compose/bake/ready.h"
#include "compose/push/push.h"
#include "core/alloc.h"
#include "core/clock.h"
#include "core/interrupt.h"
#include "core/parallel.h"

#define FORECAST_SECONDS 5

struct bake {
	const struct ohc_bake_options *o;
	struct ohc_push_session *session;
	struct ohc_bake_keys *keys;
	struct ohc_bake_belief *belief;
	struct ohc_bake_result *result;
	struct ohc_bake_queue *queue;
	struct ohc_bake_image **images; /* numbers of the outcomes */
	pthread_mutex_t lock;           /* for the callback */
	double began;
};

static void tell_end(struct bake *b, const struct ohc_bake_outcome *o)
{
	if (!b->o->ended)
		return;
	pthread_mutex_lock(&b->lock);
	b->o->ended(b->o->ctx, o);
	pthread_mutex_unlock(&b->lock);
}

/* The journal stands in for a cache that lasts. */
static const struct ohc_making_notes *notes_of(const struct ohc_bake_options *o)
{
	return (o->cache && !o->cache_ends) || o->dry_run ? NULL : ohc_journal_notes(o->journal);
}

static int push_image(struct bake *b, size_t i, struct ohc_image_result *r, struct ohc_error *err)
{
	struct ohc_bake_settings *s = &b->images[i]->settings;
	struct ohc_push_options o = s->push;
	const struct ohc_bake_again *again = b->images[i]->again;

	o.base = again && again->keep_base ? NULL : s->base;
	o.origin = again ? again->origin : NULL;
	o.dest = s->dest;
	o.dry_run = b->o->dry_run;
	o.cache = b->o->cache;
	o.notes = notes_of(b->o);
	o.report = b->o->report;
	o.sign = b->o->sign;
	o.limits = b->o->limits;
	return ohc_push_in(b->session, &o, r, err);
}

/* Does the journal have it, made of the very same inputs, and is it to be believed? */
static bool is_done(struct bake *b, size_t i, char **ret_key, uint64_t *requests,
		    struct ohc_image_result *r)
{
	const struct ohc_bake_settings *s = &b->images[i]->settings;
	const char *digest;

	if (!b->o->journal || b->o->dry_run)
		return false;
	*ret_key = ohc_bake_key(b->keys, b->images[i], requests);
	digest = *ret_key ? ohc_journal_digest(b->o->journal, s->dest, *ret_key) : NULL;
	if (!digest ||
	    !ohc_bake_belief(b->belief, s->dest, digest, s->push.skip_existing, requests))
		return false;
	r->name = ohc_xstrdup(s->dest);
	ohc_descriptor_set(&r->manifest, "", digest, 0);
	r->there = true;
	return true;
}

/* Makes the image, unless the journal has it.  *ret_key, which the caller frees: by that it is to
 * be noted there; NULL: it is not. */
static int make_image(struct bake *b, size_t i, struct ohc_image_result *r, char **ret_key,
		      struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *key = NULL;
	uint64_t requests = 0;
	bool done;
	int rc = 0;

	if (strchr(b->images[i]->settings.dest, '{'))
		rc = ohc_bake_late_name(b->keys, &b->images[i]->settings, err);
	if (rc < 0)
		return rc;
	b->result->v[i].name = b->images[i]->settings.dest;
	done = is_done(b, i, &key, &requests, r);
	if (!done)
		rc = push_image(b, i, r, err);
	r->requests += requests + (b->images[i]->again ? b->images[i]->again->requests : 0);
	*ret_key = rc == 0 && !done ? ohc_take(key) : NULL;
	return rc;
}

/* Why it is not made was found out before. */
static int leave_image(struct bake *b, size_t i, struct ohc_error *err)
{
	const struct ohc_bake_again *again = b->images[i]->again;
	struct ohc_bake_outcome *o = &b->result->v[i];
	struct ohc_error why = OHC_ERROR_INIT;
	int rc = again->rc;

	if (rc < 0) {
		ohc_error_set(&why, (enum ohc_code) - rc, "%s", again->left);
		ohc_bake_outcome_failed(o, rc, &why);
	} else {
		ohc_bake_outcome_left(o, again->left, again->foreign);
	}
	tell_end(b, o);
	return rc < 0 && b->o->fail_fast ? ohc_error_copy(err, &why, rc) : 0;
}

static int bake_image(struct bake *b, size_t i, struct ohc_error *ret_err)
{
	struct ohc_bake_outcome *o = &b->result->v[i];
	struct ohc_image_result r = OHC_IMAGE_RESULT_INIT;
	struct ohc_error err = OHC_ERROR_INIT;
	ohc_cleanup(ohc_freep) char *key = NULL;
	double start = ohc_clock_seconds();
	int rc = ohc_interrupt_check(&err), noted = 0;

	if (rc == 0 && b->images[i]->again && b->images[i]->again->left)
		return leave_image(b, i, ret_err);
	if (rc == 0)
		rc = make_image(b, i, &r, &key, &err);
	if (err.code == OHC_E_INTERRUPTED)
		return ohc_error_copy(ret_err, &err, rc);
	o->start = start - b->began;
	o->seconds = ohc_clock_seconds() - start;
	if (key)
		noted = ohc_journal_add(b->o->journal, b->images[i]->settings.dest, key,
					r.manifest.digest, ret_err);
	if (rc < 0)
		ohc_bake_outcome_failed(o, rc, &err);
	else
		ohc_bake_outcome_done(o, &r);
	tell_end(b, o);
	if (noted < 0) /* the image is there; others would be, and not be known to be */
		return noted;
	return rc < 0 && b->o->fail_fast ? ohc_error_copy(ret_err, &err, rc) : 0;
}

static int bake_next(void *ctx, size_t k, struct ohc_error *err)
{
	struct bake *b = ctx;
	size_t i = ohc_bake_queue_take(b->queue);
	int rc = bake_image(b, i, err);

	(void)k;
	ohc_bake_queue_done(b->queue, i);
	return rc;
}

/* Chooses the images of this shard. */
static void choose(struct bake *b)
{
	struct ohc_bake_list *list = b->o->list;
	struct ohc_bake_result *r = b->result;

	r->v = ohc_xcalloc(list->n, sizeof(*r->v));
	b->images = ohc_xcalloc(list->n, sizeof(*b->images));
	for (size_t i = 0; i < list->n; i++) {
		struct ohc_bake_settings *s = &list->v[i].settings;

		if (!ohc_bake_is_mine(s->dest, b->o->shard, b->o->shards)) {
			r->elsewhere++;
			continue;
		}
		ohc_bake_queue_add(b->queue, s->base);
		b->images[r->n] = &list->v[i];
		r->v[r->n++] = (struct ohc_bake_outcome){ .base = s->base,
							  .name = s->dest,
							  .tags = &s->push.tags };
	}
}

/* Tells what it will take.  A dry run tells of all; another one begins after a few seconds, because
 * one slow registry must not hold all images. */
static int forecast(struct bake *b, struct ohc_bake_forecast *ret, struct ohc_error *err)
{
	const unsigned int seconds = b->o->dry_run ? 0 : FORECAST_SECONDS;
	int rc;

	if (!b->o->planned || b->o->list->again)
		return 0;
	rc = ohc_bake_forecast(b->session, b->o, b->images, b->result->n, seconds, ret, err);
	if (rc == 0)
		b->o->planned(b->o->ctx, ret);
	return rc;
}

static int make_images(struct bake *b, struct ohc_error *err)
{
	const struct ohc_bake_options *o = b->o;

	if (o->begun)
		o->begun(o->ctx, b->result->n);
	return ohc_parallel(b->result->n, o->jobs ? o->jobs : OHC_BAKE_JOBS_DEFAULT, bake_next, b,
			    err);
}

int ohc_bake(struct ohc_transports *transports, const struct ohc_bake_options *o,
	     struct ohc_bake_result *ret, struct ohc_error *err)
{
	struct bake b = { .o = o, .result = ret, .lock = PTHREAD_MUTEX_INITIALIZER };
	struct ohc_bake_forecast f = { .images = 0 };
	int rc;

	b.queue = ohc_bake_queue_new();
	choose(&b);
	ohc_transports_hold(transports);
	b.began = ohc_clock_seconds();
	b.session = ohc_push_session_new(
		transports, &(struct ohc_push_session_options){
				    .cache = o->cache, .report = o->report, .limits = o->limits });
	b.keys = ohc_bake_keys_new(
		transports, &(struct ohc_making_rules){ .cache = o->cache, .notes = notes_of(o) });
	b.belief = ohc_bake_belief_new(transports, o->report);
	rc = ohc_bake_ready(transports, b.images, ret->n, o, err);
	if (rc < 0)
		ohc_bake_result_clear(ret);
	else
		rc = forecast(&b, &f, err);
	if (rc == 0 && (!o->dry_run || o->list->again))
		rc = make_images(&b, err);
	ohc_bake_forecast_clear(&f);
	ohc_bake_belief_free(b.belief);
	ohc_bake_keys_free(b.keys);
	ohc_push_session_free(b.session);
	ohc_bake_queue_free(b.queue);
	free(b.images);
	return rc;
}

void ohc_bake_result_clear(struct ohc_bake_result *r)
{
	for (size_t i = 0; i < r->n; i++)
		ohc_bake_outcome_clear(&r->v[i]);
	free(r->v);
	*r = (struct ohc_bake_result){ .v = NULL };
}
