// SPDX-License-Identifier: Apache-2.0
#include "compose/bake/forecast_look.h"

#include "core/alloc.h"
#include "core/interrupt.h"
#include "core/parallel.h"
#include "oci/documents/media.h"
#include "oci/store/documents.h"

struct forecast_looking {
	struct ohc_transports *transports;
	struct ohc_cache *cache;
	struct ohc_forecast_image *v;
};

/* A manifest that was read before costs no pull. */
static uint64_t pulls_of(const struct ohc_forecast_image *image, const struct ohc_store *store,
			 bool known)
{
	if (known || store->stats.requests == 0)
		return 0;
	return ohc_media_is_index(image->loaded.root.media_type) ? 2 : 1;
}

static int look(void *ctx, size_t i, struct ohc_error *err)
{
	struct forecast_looking *l = ctx;
	struct ohc_forecast_image *image = &l->v[i];
	ohc_cleanup(ohc_store_closep) struct ohc_store *store = NULL;
	const char *ref = ohc_name_ref(&image->name);
	struct ohc_error why = OHC_ERROR_INIT;
	bool known;

	if (image->name.transport == OHC_SCRATCH)
		return 0;
	if (ohc_transports_open(l->transports, &image->name, OHC_USE_SOURCE, &store, NULL) < 0)
		return 0;
	known = ref && ohc_documents_knows(l->cache, store->name, ref);
	image->looked = ohc_load_image(store, ref, image->given, &image->want, false,
				       &image->loaded, &why) == 0;
	if (!image->looked)
		image->fault = ohc_xstrdup(why.msg);
	image->requests = store->stats.requests;
	image->pulls = pulls_of(image, store, known);
	return ohc_interrupt_check(err);
}

int ohc_forecast_look(struct ohc_transports *transports, struct ohc_cache *cache,
		      struct ohc_forecast_image *v, size_t n, size_t sample, unsigned int jobs,
		      struct ohc_error *err)
{
	struct forecast_looking l = { transports, cache, v };

	for (size_t i = 0; i < n; i++)
		if (ohc_name_parse(v[i].given, &v[i].name, NULL) < 0)
			v[i].name.transport = OHC_SCRATCH;
	return ohc_parallel(n < sample ? n : sample, jobs, look, &l, err);
}

void ohc_forecast_look_clear(struct ohc_forecast_image *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		ohc_load_clear(&v[i].loaded);
		ohc_name_clear(&v[i].name);
		free(v[i].fault);
	}
	free(v);
}
