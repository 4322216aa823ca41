// SPDX-License-Identifier: Apache-2.0
#include "oci/store/held_tags.h"

#include <pthread.h>
#include <search.h>
#include <string.h>

#include "core/alloc.h"
#include "core/turns.h"

struct held_tag {
	char *name; /* "store:tag" */
	struct ohc_descriptor d;
};

struct ohc_held_tags {
	pthread_mutex_t lock;
	void *tree; /* of struct held_tag, by name */
	struct ohc_turns *asking;
};

struct ohc_held_tags *ohc_held_tags_new(void)
{
	struct ohc_held_tags *h = ohc_xcalloc(1, sizeof(*h));

	pthread_mutex_init(&h->lock, NULL);
	h->asking = ohc_turns_new();
	return h;
}

static void free_tag(void *p)
{
	struct held_tag *t = p;

	free(t->name);
	free(t);
}

void ohc_held_tags_free(struct ohc_held_tags *h)
{
	if (!h)
		return;
	tdestroy(h->tree, free_tag);
	ohc_turns_free(h->asking);
	pthread_mutex_destroy(&h->lock);
	free(h);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct held_tag *)a)->name, ((const struct held_tag *)b)->name);
}

static bool find(struct ohc_held_tags *h, char *name, struct ohc_descriptor *ret)
{
	struct held_tag wanted = { .name = name }, *const * at;

	pthread_mutex_lock(&h->lock);
	at = tfind(&wanted, &h->tree, by_name);
	if (at)
		*ret = (*at)->d;
	pthread_mutex_unlock(&h->lock);
	return at != NULL;
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
	char *name = ohc_xasprintf("%s:%s", store, tag);
	ohc_cleanup(ohc_freep) char *turn = ohc_xstrdup(name);
	struct held_tag *t = ohc_xcalloc(1, sizeof(*t)), **at;

	t->name = name;
	if (d)
		t->d = *d;
	pthread_mutex_lock(&h->lock);
	at = d ? tsearch(t, &h->tree, by_name) : NULL;
	pthread_mutex_unlock(&h->lock);
	if (!at || *at != t)
		free_tag(t);
	ohc_turns_end(h->asking, turn);
}
