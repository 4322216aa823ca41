// SPDX-License-Identifier: Apache-2.0
#include "core/turns.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/strv.h"

struct ohc_turns {
	pthread_mutex_t lock;
	pthread_cond_t ended;
	struct ohc_strv busy;
};

struct ohc_turns *ohc_turns_new(void)
{
	struct ohc_turns *t = ohc_xcalloc(1, sizeof(*t));

	pthread_mutex_init(&t->lock, NULL);
	pthread_cond_init(&t->ended, NULL);
	return t;
}

void ohc_turns_free(struct ohc_turns *t)
{
	if (!t)
		return;
	pthread_mutex_destroy(&t->lock);
	pthread_cond_destroy(&t->ended);
	ohc_strv_clear(&t->busy);
	free(t);
}

void ohc_turns_begin(struct ohc_turns *t, const char *name)
{
	if (!t)
		return;
	pthread_mutex_lock(&t->lock);
	while (ohc_strv_has(&t->busy, name))
		pthread_cond_wait(&t->ended, &t->lock);
	ohc_strv_add(&t->busy, name);
	pthread_mutex_unlock(&t->lock);
}

void ohc_turns_end(struct ohc_turns *t, const char *name)
{
	struct ohc_strv *busy;

	if (!t)
		return;
	busy = &t->busy;
	pthread_mutex_lock(&t->lock);
	for (size_t i = 0; i < busy->n; i++) {
		if (strcmp(busy->v[i], name) != 0)
			continue;
		free(busy->v[i]);
		busy->v[i] = busy->v[--busy->n];
		busy->v[busy->n] = NULL;
		break;
	}
	pthread_cond_broadcast(&t->ended);
	pthread_mutex_unlock(&t->lock);
}
