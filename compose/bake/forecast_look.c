// SPDX-License-Identifier: Apache-2.0
#include "compose/bake/forecast_look.h"

#include <stdlib.h>

#include "compose/payload/source.h"
#include "core/alloc.h"
#include "core/interrupt.h"
#include "core/parallel.h"
#include "oci/documents/media.h"
#include "oci/store/documents.h"

struct forecast_looking {
	struct ohc_transports *transports;
	struct ohc_cache *cache;
	struct ohc_forecast_source *v;
};

static char *key_of(const char *text, const struct ohc_platform *want)
{
	char platform[OHC_PLATFORM_TEXT];

	return ohc_xasprintf("%s %s", text, ohc_platform_text(want, platform));
}

/* NULL: it is there already. */
static struct ohc_forecast_source *add(struct ohc_forecast_sources *list, const char *text,
				       const struct ohc_platform *want)
{
	ohc_cleanup(ohc_freep) char *key = key_of(text, want);
	size_t at;

	if (!list->places)
		list->places = ohc_map_new();
	if (ohc_map_get(list->places, key, &at))
		return NULL;
	ohc_map_put(list->places, key, list->n);
	if ((list->n & (list->n - 1)) == 0)
		list->v = ohc_xrealloc(list->v, list->n ? 2 * list->n : 1, sizeof(*list->v));
	list->v[list->n] = (struct ohc_forecast_source){ .fault = NULL };
	return &list->v[list->n++];
}

static void keep_fault(struct ohc_forecast_source *s, int rc, const struct ohc_error *why)
{
	if (rc < 0)
		s->fault = ohc_xstrdup(why->msg);
}

void ohc_forecast_look_add_base(struct ohc_forecast_sources *list, const char *name,
				const struct ohc_platform *want)
{
	struct ohc_forecast_source *s = add(list, name, want);
	struct ohc_error why = OHC_ERROR_INIT;

	if (!s)
		return;
	s->spec.source = ohc_xstrdup(name);
	s->spec.is_image = true;
	s->spec.platform = *want;
	keep_fault(s, ohc_name_parse(name, &s->spec.image, &why), &why);
}

void ohc_forecast_look_add_payload(struct ohc_forecast_sources *list, const char *text,
				   const struct ohc_platform *want)
{
	struct ohc_forecast_source *s = add(list, text, want);
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

static int look_at_image(const struct forecast_looking *l, struct ohc_forecast_source *s,
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
static int look_at_files(const struct forecast_looking *l, const struct ohc_forecast_source *s,
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
	const struct forecast_looking *l = ctx;
	struct ohc_forecast_source *s = &l->v[i];
	struct ohc_error why = OHC_ERROR_INIT;
	int rc;

	if (s->fault)
		return 0;
	rc = s->spec.is_image ? look_at_image(l, s, &why) : look_at_files(l, s, &why);
	keep_fault(s, rc, &why);
	return ohc_interrupt_check(err);
}

int ohc_forecast_look(struct ohc_transports *transports, struct ohc_cache *cache,
		      struct ohc_forecast_sources *list, unsigned int jobs, struct ohc_error *err)
{
	struct forecast_looking l = { transports, cache, list->v };
	int rc = ohc_parallel(list->n, jobs, look, &l, err);

	for (size_t i = 0; i < list->n; i++)
		list->faulty += list->v[i].fault != NULL;
	return rc;
}

const struct ohc_forecast_source *ohc_forecast_look_find(const struct ohc_forecast_sources *list,
							 const char *text,
							 const struct ohc_platform *want)
{
	ohc_cleanup(ohc_freep) char *key = key_of(text, want);
	size_t at = 0;

	ohc_map_get(list->places, key, &at);
	return &list->v[at];
}

void ohc_forecast_look_clear(struct ohc_forecast_sources *list)
{
	for (size_t i = 0; i < list->n; i++) {
		ohc_load_clear(&list->v[i].loaded);
		ohc_payload_spec_clear(&list->v[i].spec);
		free(list->v[i].fault);
	}
	free(list->v);
	ohc_map_free(list->places);
	*list = (struct ohc_forecast_sources){ .n = 0 };
}
