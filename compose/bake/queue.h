/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which image comes next: of the registry whose bases the fewest images under way are read from,
 * then of the repository of which there are the fewest, then in the order of the list.  So a
 * registry that is slow, or a base that takes long to be read, holds its own images and few others.
 *
 *	q = ohc_bake_queue_new();
 *	ohc_bake_queue_add(q, "ubuntu:22.04");		for every image
 *	i = ohc_bake_queue_take(q);			from any thread, as often as was added
 *	...
 *	ohc_bake_queue_done(q, i);
 *	ohc_bake_queue_free(q);
 */
#ifndef OHC_COMPOSE_BAKE_QUEUE_H
#define OHC_COMPOSE_BAKE_QUEUE_H

#include <stddef.h>

struct ohc_bake_queue;

struct ohc_bake_queue *ohc_bake_queue_new(void);
void ohc_bake_queue_free(struct ohc_bake_queue *q);

/* Images are numbered from 0 on, in the order in which they are added. */
void ohc_bake_queue_add(struct ohc_bake_queue *q, const char *base);

size_t ohc_bake_queue_take(struct ohc_bake_queue *q);
void ohc_bake_queue_done(struct ohc_bake_queue *q, size_t i);

#endif
