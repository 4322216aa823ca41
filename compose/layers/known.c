// SPDX-License-Identifier: Apache-2.0
#include "compose/layers/known.h"

void ohc_known_one(struct ohc_known *k)
{
	if (!k)
		return;
	pthread_mutex_lock(&k->lock);
	k->missing--;
	pthread_cond_broadcast(&k->changed);
	pthread_mutex_unlock(&k->lock);
}

void ohc_known_never(struct ohc_known *k)
{
	if (!k)
		return;
	pthread_mutex_lock(&k->lock);
	k->never = true;
	pthread_cond_broadcast(&k->changed);
	pthread_mutex_unlock(&k->lock);
}

bool ohc_known_wait(struct ohc_known *k)
{
	bool all;

	pthread_mutex_lock(&k->lock);
	while (k->missing > 0 && !k->never)
		pthread_cond_wait(&k->changed, &k->lock);
	all = k->missing == 0 && !k->never;
	pthread_mutex_unlock(&k->lock);
	return all;
}

void ohc_known_clear(struct ohc_known *k)
{
	pthread_cond_destroy(&k->changed);
	pthread_mutex_destroy(&k->lock);
}
