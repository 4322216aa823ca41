// SPDX-License-Identifier: Apache-2.0
#include "compose/plan/adapters.h"

#include <pthread.h>
#include <search.h>
#include <string.h>

#include "core/alloc.h"

struct known_adapter {
	char *key;
	struct ohc_adapter *adapter;
};

struct ohc_adapters {
	pthread_mutex_t lock;
	void *tree; /* of struct known_adapter, by key */
};

struct ohc_adapters *ohc_adapters_new(void)
{
	struct ohc_adapters *s = ohc_xcalloc(1, sizeof(*s));

	pthread_mutex_init(&s->lock, NULL);
	return s;
}

static void free_known(void *p)
{
	struct known_adapter *k = p;

	ohc_adapter_unref(k->adapter);
	free(k->key);
	free(k);
}

void ohc_adapters_free(struct ohc_adapters *s)
{
	if (!s)
		return;
	tdestroy(s->tree, free_known);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

static int by_key(const void *a, const void *b)
{
	return strcmp(((const struct known_adapter *)a)->key,
		      ((const struct known_adapter *)b)->key);
}

struct ohc_adapter *ohc_adapters_find(struct ohc_adapters *s, const char *key)
{
	struct known_adapter wanted = { .key = (char *)key }, *const * at;
	struct ohc_adapter *a;

	if (!s || !key)
		return NULL;
	pthread_mutex_lock(&s->lock);
	at = tfind(&wanted, &s->tree, by_key);
	a = at ? ohc_adapter_ref((*at)->adapter) : NULL;
	pthread_mutex_unlock(&s->lock);
	return a;
}

void ohc_adapters_add(struct ohc_adapters *s, const char *key, struct ohc_adapter *a)
{
	struct known_adapter *k, **at;

	if (!s || !key)
		return;
	k = ohc_xcalloc(1, sizeof(*k));
	k->key = ohc_xstrdup(key);
	k->adapter = ohc_adapter_ref(a);
	pthread_mutex_lock(&s->lock);
	at = tsearch(k, &s->tree, by_key);
	pthread_mutex_unlock(&s->lock);
	if (!at || *at != k)
		free_known(k);
}
