// SPDX-License-Identifier: Apache-2.0
#include "oci/store/held_tags.h"

#include <pthread.h>

#include "core/alloc.h"
#include "core/map.h"
#include "core/turns.h"

struct ohc_held_tags {
	pthread_mutex_t lock;
	struct ohc_map *places; /* in v, by "store:tag" */
	struct ohc_descriptor *v;
	size_t n;
	struct ohc_turns *asking;
};

struct ohc_held_tags *ohc_held_tags_new(void)
{
	struct ohc_held_tags *h = ohc_xcalloc(1, sizeof(*h));

	pthread_mutex_init(&h->lock, NULL);
	h->places = ohc_map_new();
	h->asking = ohc_turns_new();
	return h;
}

void ohc_held_tags_free(struct ohc_held_tags *h)
{
	if (!h)
		return;
	ohc_map_free(h->places);
	ohc_turns_free(h->asking);
	pthread_mutex_destroy(&h->lock);
	free(h->v);
	free(h);
}

static bool find(struct ohc_held_tags *h, const char *name, struct ohc_descriptor *ret)
{
	size_t i;
	bool found;

	pthread_mutex_lock(&h->lock);
	found = ohc_map_get(h->places, name, &i);
	if (found)
		*ret = h->v[i];
	pthread_mutex_unlock(&h->lock);
	return found;
}

/* A tag that is held already stays as it is. */
static void add(struct ohc_held_tags *h, const char *name, const struct ohc_descriptor *d)
{
	size_t there;

	pthread_mutex_lock(&h->lock);
	if (ohc_map_add(h->places, name, h->n, &there)) {
		if ((h->n & (h->n - 1)) == 0) /* room is made in powers of two */
			h->v = ohc_xrealloc(h->v, h->n ? 2 * h->n : 1, sizeof(*h->v));
		h->v[h->n++] = *d;
	}
	pthread_mutex_unlock(&h->lock);
}

bool ohc_held_tags_begin(struct ohc_held_tags *h, const char *store, const char *tag,
			 struct ohc_descriptor *ret)
{
	ohc_cleanup(ohc_freep) char *name = ohc_xasprintf("%s:%s", store, tag);
	bool known = find(h, name, ret);

	if (known)
		return true;
	ohc_turns_begin(h->asking, name);
	known = find(h, name, ret);
	if (known)
		ohc_turns_end(h->asking, name);
	return known;
}

void ohc_held_tags_end(struct ohc_held_tags *h, const char *store, const char *tag,
		       const struct ohc_descriptor *d)
{
	ohc_cleanup(ohc_freep) char *name = ohc_xasprintf("%s:%s", store, tag);

	if (d)
		add(h, name, d);
	ohc_turns_end(h->asking, name);
}
