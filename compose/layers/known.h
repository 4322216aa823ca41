/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Waits until it is known what all layers of an image are.
 *
 *	struct ohc_known known = OHC_KNOWN_INIT;
 *
 *	known.missing = 3;
 *	ohc_known_one(&known);		in the threads that make them
 *	if (ohc_known_wait(&known))
 *		... all are known ...
 *	ohc_known_clear(&known);
 */
#ifndef OHC_COMPOSE_LAYERS_KNOWN_H
#define OHC_COMPOSE_LAYERS_KNOWN_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

struct ohc_known {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	size_t missing;
	bool never; /* one of them will not be known */
};

#define OHC_KNOWN_INIT                                                                 \
	{                                                                              \
		.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER \
	}

/* One more is known, or will never be.  NULL: nobody waits. */
void ohc_known_one(struct ohc_known *k);
void ohc_known_never(struct ohc_known *k);

/* False: not all will be known. */
bool ohc_known_wait(struct ohc_known *k);

void ohc_known_clear(struct ohc_known *k);

#endif
