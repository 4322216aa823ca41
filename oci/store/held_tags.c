// SPDX-License-Identifier: Apache-2.0
#include "oci/store/held_tags.h"

#include <pthread.h>

#include "core/alloc.h"
#include "core/map.h"
#include "core/set.h"
#include "core/turns.h"

struct held_tag {
	struct ohc_descriptor d;
	char *missing; /* that it names nothing, as a message; else NULL */
};

struct ohc_held_tags {
	pthread_mutex_t lock;
	struct ohc_map *places; /* in v, by "store:tag" */
	struct held_tag *v;
	size_t n;
	struct ohc_set *read; /* of them */
	struct ohc_turns *asking;
};

struct ohc_held_tags *ohc_held_tags_new(void)
{
	struct ohc_held_tags *h = ohc_xcalloc(1, sizeof(*h));

	pthread_mutex_init(&h->lock, NULL);
	h->places = ohc_map_new();
	h->read = ohc_set_new();
	h->asking = ohc_turns_new();
	return h;
}

void ohc_held_tags_free(struct ohc_held_tags *h)
{
	if (!h)
		return;
	for (size_t i = 0; i < h->n; i++)
		free(h->v[i].missing);
	ohc_map_free(h->places);
	ohc_set_free(h->read);
	free(h->v);
	ohc_turns_free(h->asking);
	pthread_mutex_destroy(&h->lock);
	free(h);
}

/* As ohc_held_tags_begin(), without a turn. */
static int find(struct ohc_held_tags *h, const char *name, struct ohc_descriptor *ret,
		struct ohc_error *err)
{
	const char *missing = NULL; /* it stays as long as h does */
	size_t i;
	bool found;

	pthread_mutex_lock(&h->lock);
	found = ohc_map_get(h->places, name, &i);
	if (found)
		missing = h->v[i].missing;
	if (found && !missing)
		*ret = h->v[i].d;
	pthread_mutex_unlock(&h->lock);
	return missing ? ohc_error_set(err, OHC_E_NOT_FOUND, "%s", missing) : found;
}

/* A tag that is held already stays as it is. */
static void add(struct ohc_held_tags *h, const char *name, const struct ohc_descriptor *d,
		const char *missing)
{
	size_t there;

	pthread_mutex_lock(&h->lock);
	if (ohc_map_add(h->places, name, h->n, &there)) {
		if ((h->n & (h->n - 1)) == 0) /* room is made in powers of two */
			h->v = ohc_xrealloc(h->v, h->n ? 2 * h->n : 1, sizeof(*h->v));
		h->v[h->n] = (struct held_tag){ .missing = ohc_xstrdup(missing) };
		if (!missing)
			h->v[h->n].d = *d;
		h->n++;
	}
	pthread_mutex_unlock(&h->lock);
}

int ohc_held_tags_begin(struct ohc_held_tags *h, const char *store, const char *tag,
			struct ohc_descriptor *ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *name = ohc_xasprintf("%s:%s", store, tag);
	int known = find(h, name, ret, err);

	if (known)
		return known;
	ohc_turns_begin(h->asking, name);
	known = find(h, name, ret, err);
	if (known)
		ohc_turns_end(h->asking, name);
	return known;
}

void ohc_held_tags_end(struct ohc_held_tags *h, const char *store, const char *tag,
		       const struct ohc_descriptor *d, int rc, const struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *name = ohc_xasprintf("%s:%s", store, tag);

	if (rc == 0 && d->digest[0])
		add(h, name, d, NULL);
	if (rc == -OHC_E_NOT_FOUND)
		add(h, name, d, err->msg);
	ohc_turns_end(h->asking, name);
}

bool ohc_held_tags_read(struct ohc_held_tags *h, const char *store, const char *tag)
{
	ohc_cleanup(ohc_freep) char *name = ohc_xasprintf("%s:%s", store, tag);
	bool first;

	pthread_mutex_lock(&h->lock);
	first = ohc_set_add(h->read, name);
	pthread_mutex_unlock(&h->lock);
	return first;
}
