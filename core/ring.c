// SPDX-License-Identifier: Apache-2.0
#include "core/ring.h"

#include <pthread.h>

#include "core/alloc.h"

enum {
	TAP = 1,
	WORK = 2,
	CONSUME = 4,
	ALL = TAP | WORK | CONSUME,
};

struct ohc_ring {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct ohc_block *blocks;
	size_t n;
	uint64_t produced; /* sequence numbers: block i lies at i % n */
	uint64_t tapped, worked, consumed;
	uint64_t end; /* one past the last block, UINT64_MAX before that is known */
	bool stopped;
};

struct ohc_ring *ohc_ring_new(size_t blocks, size_t in_size, size_t out_size)
{
	struct ohc_ring *r = ohc_xcalloc(1, sizeof(*r));

	pthread_mutex_init(&r->lock, NULL);
	pthread_cond_init(&r->changed, NULL);
	r->blocks = ohc_xcalloc(blocks, sizeof(*r->blocks));
	r->n = blocks;
	r->end = UINT64_MAX;
	for (size_t i = 0; i < blocks; i++) {
		r->blocks[i].in = ohc_xmalloc(in_size);
		r->blocks[i].out = ohc_xmalloc(out_size);
	}
	return r;
}

void ohc_ring_free(struct ohc_ring *r)
{
	if (!r)
		return;
	for (size_t i = 0; i < r->n; i++) {
		free(r->blocks[i].in);
		free(r->blocks[i].out);
	}
	free(r->blocks);
	pthread_cond_destroy(&r->changed);
	pthread_mutex_destroy(&r->lock);
	free(r);
}

struct ohc_block *ohc_ring_produce(struct ohc_ring *r)
{
	struct ohc_block *b = &r->blocks[r->produced % r->n];

	pthread_mutex_lock(&r->lock);
	while (!r->stopped && b->left)
		pthread_cond_wait(&r->changed, &r->lock);
	if (r->stopped)
		b = NULL;
	pthread_mutex_unlock(&r->lock);
	if (b) {
		b->in_len = b->out_len = 0;
		b->last = false;
	}
	return b;
}

void ohc_ring_produced(struct ohc_ring *r, struct ohc_block *b)
{
	pthread_mutex_lock(&r->lock);
	b->left = ALL;
	r->produced++;
	if (b->last)
		r->end = r->produced;
	pthread_cond_broadcast(&r->changed);
	pthread_mutex_unlock(&r->lock);
}

/* The block at *next, once it was produced; moves *next on. */
static struct ohc_block *take(struct ohc_ring *r, uint64_t *next)
{
	struct ohc_block *b = NULL;

	pthread_mutex_lock(&r->lock);
	while (!r->stopped && *next == r->produced && *next < r->end)
		pthread_cond_wait(&r->changed, &r->lock);
	if (!r->stopped && *next < r->produced)
		b = &r->blocks[(*next)++ % r->n];
	pthread_mutex_unlock(&r->lock);
	return b;
}

static void done(struct ohc_ring *r, struct ohc_block *b, unsigned what)
{
	pthread_mutex_lock(&r->lock);
	b->left &= ~what;
	pthread_cond_broadcast(&r->changed);
	pthread_mutex_unlock(&r->lock);
}

struct ohc_block *ohc_ring_tap(struct ohc_ring *r)
{
	return take(r, &r->tapped);
}

void ohc_ring_tapped(struct ohc_ring *r, struct ohc_block *b)
{
	done(r, b, TAP);
}

struct ohc_block *ohc_ring_work(struct ohc_ring *r)
{
	return take(r, &r->worked);
}

void ohc_ring_worked(struct ohc_ring *r, struct ohc_block *b)
{
	done(r, b, WORK);
}

struct ohc_block *ohc_ring_consume(struct ohc_ring *r)
{
	struct ohc_block *b = &r->blocks[r->consumed % r->n];

	pthread_mutex_lock(&r->lock);
	while (!r->stopped && !(r->consumed < r->produced && !(b->left & WORK)))
		pthread_cond_wait(&r->changed, &r->lock);
	if (r->stopped)
		b = NULL;
	else
		r->consumed++;
	pthread_mutex_unlock(&r->lock);
	return b;
}

void ohc_ring_consumed(struct ohc_ring *r, struct ohc_block *b)
{
	done(r, b, CONSUME);
}

void ohc_ring_stop(struct ohc_ring *r)
{
	pthread_mutex_lock(&r->lock);
	r->stopped = true;
	pthread_cond_broadcast(&r->changed);
	pthread_mutex_unlock(&r->lock);
}
