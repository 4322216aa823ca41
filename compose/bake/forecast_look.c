// SPDX-License-Identifier: Apache-2.0
#include "compose/bake/forecast_look.h"

#include <pthread.h>
#include <stdlib.h>

#include "compose/bake/bake.h"
#include "compose/payload/source.h"
#include "core/alloc.h"
#include "core/clock.h"
#include "core/cond.h"
#include "core/interrupt.h"
#include "core/map.h"
#include "core/parallel.h"
#include "oci/documents/media.h"
#include "oci/store/documents.h"

/* The looks of a list, on a thread that ohc_forecast_sources_free() joins. */
struct ohc_forecast_looking {
	struct ohc_forecast_sources *list;
	struct ohc_transports *transports;
	struct ohc_cache *cache;
	pthread_t thread;
	bool has_thread;
	atomic_bool late; /* no further one is begun */
	pthread_mutex_t lock;
	pthread_cond_t has_ended;
	bool ended; /* all have, and what came of it: */
	int rc;
	struct ohc_error err;
};

struct ohc_forecast_sources *ohc_forecast_sources_new(void)
{
	struct ohc_forecast_sources *list = ohc_xcalloc(1, sizeof(*list));

	list->places = ohc_map_new();
	return list;
}

static char *key_of(bool is_base, const char *text, const struct ohc_platform *want)
{
	char platform[OHC_PLATFORM_TEXT];

	return ohc_xasprintf("%s %s %s", is_base ? "base" : "payload", text,
			     ohc_platform_text(want, platform));
}

/* NULL: it is there already. */
static struct ohc_forecast_source *add(struct ohc_forecast_sources *list, bool is_base,
				       const char *text, const struct ohc_platform *want)
{
	ohc_cleanup(ohc_freep) char *key = key_of(is_base, text, want);
	size_t at;

	if (ohc_map_get(list->places, key, &at))
		return NULL;
	ohc_map_put(list->places, key, list->n);
	if ((list->n & (list->n - 1)) == 0)
		list->v = ohc_xrealloc(list->v, list->n ? 2 * list->n : 1, sizeof(*list->v));
	list->v[list->n] = (struct ohc_forecast_source){ .is_base = is_base };
	return &list->v[list->n++];
}

static void keep_fault(struct ohc_forecast_source *s, int rc, const struct ohc_error *why)
{
	if (rc < 0)
		s->fault = ohc_xstrdup(why->msg);
}

void ohc_forecast_add_base(struct ohc_forecast_sources *list, const char *name,
			   const struct ohc_platform *want)
{
	struct ohc_forecast_source *s = add(list, true, name, want);
	struct ohc_error why = OHC_ERROR_INIT;

	if (!s)
		return;
	s->spec.source = ohc_xstrdup(name);
	s->spec.is_image = true;
	s->spec.platform = *want;
	keep_fault(s, ohc_name_parse(name, &s->spec.image, &why), &why);
}

void ohc_forecast_add_payload(struct ohc_forecast_sources *list, const char *text,
			      const struct ohc_platform *want)
{
	struct ohc_forecast_source *s = add(list, false, text, want);
	struct ohc_error why = OHC_ERROR_INIT;

	if (!s)
		return;
	keep_fault(s, ohc_payload_spec_parse(text, &s->spec, &why), &why);
	if (!s->spec.has_platform)
		s->spec.platform = *want;
}

/* A manifest that was read before costs no pull. */
static uint64_t pulls_of(const struct ohc_forecast_source *s, const struct ohc_store *store,
			 bool known)
{
	if (known || store->stats.requests == 0 || !s->loaded.root.digest[0])
		return 0;
	return ohc_media_is_index(s->loaded.root.media_type) ? 2 : 1;
}

static int look_at_image(const struct ohc_forecast_looking *l, struct ohc_forecast_source *s,
			 struct ohc_error *err)
{
	ohc_cleanup(ohc_store_closep) struct ohc_store *store = NULL;
	const char *ref = ohc_name_ref(&s->spec.image);
	bool known;
	int rc;

	if (s->spec.image.transport == OHC_SCRATCH)
		return 0;
	rc = ohc_transports_open(l->transports, &s->spec.image, OHC_USE_SOURCE, &store, err);
	if (rc < 0)
		return rc;
	known = ref && ohc_documents_knows(l->cache, store->name, ref);
	rc = ohc_load_image(store, ref, s->spec.source, &s->spec.platform, false, &s->loaded, err);
	s->requests = store->stats.requests;
	s->pulls = pulls_of(s, store, known);
	return rc;
}

/* Whether it is there: what is in it only making it tells. */
static int look_at_files(const struct ohc_forecast_looking *l, const struct ohc_forecast_source *s,
			 struct ohc_error *err)
{
	const struct ohc_making_rules rules = { .cache = l->cache };
	struct ohc_payload_source source = { .local = NULL };
	int rc;

	source.spec.source = ohc_xstrdup(s->spec.source);
	source.spec.target = ohc_xstrdup(s->spec.target ? s->spec.target : "/");
	rc = ohc_payload_source_look(&source, &rules, err);
	ohc_payload_source_clear(&source);
	return rc;
}

static int look(void *ctx, size_t i, struct ohc_error *err)
{
	const struct ohc_forecast_looking *l = ctx;
	struct ohc_forecast_source *s = &l->list->v[i];
	struct ohc_error why = OHC_ERROR_INIT;
	int rc = 0;

	if (atomic_load(&l->late))
		return 0;
	if (!s->fault)
		rc = s->spec.is_image ? look_at_image(l, s, &why) : look_at_files(l, s, &why);
	keep_fault(s, rc, &why);
	atomic_store(&s->ended, true);
	return ohc_interrupt_check(err);
}

static void *look_at_all(void *ctx)
{
	struct ohc_forecast_looking *l = ctx;
	int rc = ohc_parallel(l->list->n, OHC_BAKE_JOBS_DEFAULT, look, l, &l->err);

	pthread_mutex_lock(&l->lock);
	l->rc = rc;
	l->ended = true;
	pthread_cond_signal(&l->has_ended);
	pthread_mutex_unlock(&l->lock);
	return NULL;
}

static struct ohc_forecast_looking *
begin(struct ohc_forecast_sources *list, struct ohc_transports *transports, struct ohc_cache *cache)
{
	struct ohc_forecast_looking *l = ohc_xcalloc(1, sizeof(*l));

	*l = (struct ohc_forecast_looking){ list, transports, cache, .err = OHC_ERROR_INIT };
	pthread_mutex_init(&l->lock, NULL);
	ohc_cond_init(&l->has_ended);
	l->has_thread = pthread_create(&l->thread, NULL, look_at_all, l) == 0;
	if (!l->has_thread)
		look_at_all(l);
	return l;
}

int ohc_forecast_look(struct ohc_forecast_sources *list, struct ohc_transports *transports,
		      struct ohc_cache *cache, unsigned int seconds, struct ohc_error *err)
{
	struct ohc_forecast_looking *l = list->looking = begin(list, transports, cache);
	const int64_t until = ohc_clock_ms() + 1000 * (int64_t)seconds;
	bool late = false;
	int rc;

	pthread_mutex_lock(&l->lock);
	while (!l->ended && !late)
		if (seconds)
			late = !ohc_cond_wait_until(&l->has_ended, &l->lock, until);
		else
			pthread_cond_wait(&l->has_ended, &l->lock);
	rc = l->ended ? ohc_error_copy(err, &l->err, l->rc) : 0;
	pthread_mutex_unlock(&l->lock);
	atomic_store(&l->late, true);
	for (size_t i = 0; i < list->n; i++)
		list->v[i].known = atomic_load(&list->v[i].ended);
	return rc;
}

static const struct ohc_forecast_source *find(const struct ohc_forecast_sources *list, bool is_base,
					      const char *text, const struct ohc_platform *want)
{
	ohc_cleanup(ohc_freep) char *key = key_of(is_base, text, want);
	size_t at = 0;

	ohc_map_get(list->places, key, &at);
	return &list->v[at];
}

const struct ohc_forecast_source *ohc_forecast_find_base(const struct ohc_forecast_sources *list,
							 const char *name,
							 const struct ohc_platform *want)
{
	return find(list, true, name, want);
}

const struct ohc_forecast_source *ohc_forecast_find_payload(const struct ohc_forecast_sources *list,
							    const char *text,
							    const struct ohc_platform *want)
{
	return find(list, false, text, want);
}

static void end(struct ohc_forecast_looking *l)
{
	if (l->has_thread)
		pthread_join(l->thread, NULL);
	pthread_cond_destroy(&l->has_ended);
	pthread_mutex_destroy(&l->lock);
	free(l);
}

void ohc_forecast_sources_free(struct ohc_forecast_sources *list)
{
	if (!list)
		return;
	if (list->looking)
		end(list->looking);
	for (size_t i = 0; i < list->n; i++) {
		ohc_load_clear(&list->v[i].loaded);
		ohc_payload_spec_clear(&list->v[i].spec);
		free(list->v[i].fault);
	}
	free(list->v);
	ohc_map_free(list->places);
	free(list);
}
