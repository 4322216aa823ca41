// SPDX-License-Identifier: Apache-2.0
#include "compose/transports/loads.h"

#include <pthread.h>
#include <string.h>

#include "core/alloc.h"

struct load {
	char digest[OHC_DIGEST_MAX]; /* "": none */
	struct ohc_platform want;
	struct ohc_loaded image;
	uint64_t used; /* when, as a number that grows */
};

struct ohc_loads {
	pthread_mutex_t lock;
	struct load v[OHC_LOADS_MAX];
	uint64_t uses;
};

struct ohc_loads *ohc_loads_new(void)
{
	struct ohc_loads *l = ohc_xcalloc(1, sizeof(*l));

	pthread_mutex_init(&l->lock, NULL);
	return l;
}

void ohc_loads_free(struct ohc_loads *l)
{
	if (!l)
		return;
	for (size_t i = 0; i < OHC_LOADS_MAX; i++)
		ohc_load_clear(&l->v[i].image);
	pthread_mutex_destroy(&l->lock);
	free(l);
}

/* Under the lock. */
static struct load *find(struct ohc_loads *l, const char *digest, const struct ohc_platform *want)
{
	for (size_t i = 0; i < OHC_LOADS_MAX; i++)
		if (strcmp(l->v[i].digest, digest) == 0 &&
		    memcmp(&l->v[i].want, want, sizeof(*want)) == 0)
			return &l->v[i];
	return NULL;
}

bool ohc_loads_find(struct ohc_loads *l, const char *digest, const struct ohc_platform *want,
		    struct ohc_loaded *ret)
{
	struct load *found;

	pthread_mutex_lock(&l->lock);
	found = find(l, digest, want);
	if (found) {
		found->used = ++l->uses;
		ohc_load_share(&found->image, ret);
	}
	pthread_mutex_unlock(&l->lock);
	return found;
}

static struct load *oldest(struct ohc_loads *l)
{
	struct load *old = l->v;

	for (size_t i = 1; i < OHC_LOADS_MAX; i++)
		if (l->v[i].used < old->used)
			old = &l->v[i];
	return old;
}

void ohc_loads_keep(struct ohc_loads *l, const char *digest, const struct ohc_platform *want,
		    const struct ohc_loaded *image)
{
	struct ohc_loaded gone = { .config = NULL };

	pthread_mutex_lock(&l->lock);
	if (!find(l, digest, want)) {
		struct load *to = oldest(l);

		gone = to->image;
		snprintf(to->digest, sizeof(to->digest), "%s", digest);
		to->want = *want;
		to->used = ++l->uses;
		memset(&to->image, 0, sizeof(to->image));
		ohc_load_share(image, &to->image);
	}
	pthread_mutex_unlock(&l->lock);
	ohc_load_clear(&gone);
}
