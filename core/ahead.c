// SPDX-License-Identifier: Apache-2.0
#include "core/ahead.h"

#include <pthread.h>
#include <string.h>

#include "core/alloc.h"

struct block {
	char data[OHC_AHEAD_SIZE];
	ssize_t len; /* as read() gave it: 0 is the end, below 0 what went wrong */
};

/* Blocks [drained, filled) are the reader's, the others the thread's; both count without end. */
struct ahead {
	struct ohc_source source;
	struct ohc_source *below;
	pthread_t thread;
	bool threaded;
	pthread_mutex_t lock;
	pthread_cond_t moved; /* drained, filled or stop */
	size_t drained, filled;
	bool stop;
	int rc;               /* the thread's: what ended it, … */
	struct ohc_error err; /* … as the last block tells */
	size_t at;            /* in the block that is being read */
	struct block blocks[OHC_AHEAD_BLOCKS];
};

/* False: nobody wants more. */
static bool wait_for_room(struct ahead *a)
{
	bool wanted;

	pthread_mutex_lock(&a->lock);
	while (!a->stop && a->filled - a->drained == OHC_AHEAD_BLOCKS)
		pthread_cond_wait(&a->moved, &a->lock);
	wanted = !a->stop;
	pthread_mutex_unlock(&a->lock);
	return wanted;
}

static void move(struct ahead *a, size_t *count)
{
	pthread_mutex_lock(&a->lock);
	(*count)++;
	pthread_cond_signal(&a->moved);
	pthread_mutex_unlock(&a->lock);
}

/* Reads as much as there is room for; an error behind some bytes is left for the next block. */
static ssize_t fill(struct ahead *a, struct block *b)
{
	ssize_t n = 1;
	size_t have = 0;

	while (a->rc == 0 && n > 0 && have < sizeof(b->data)) {
		n = ohc_source_read(a->below, b->data + have, sizeof(b->data) - have, &a->err);
		have += n > 0 ? (size_t)n : 0;
		a->rc = n < 0 ? (int)n : 0;
	}
	return have > 0 ? (ssize_t)have : a->rc;
}

static void *read_ahead(void *arg)
{
	struct ahead *a = arg;
	ssize_t len = 1;

	while (len > 0 && wait_for_room(a)) {
		struct block *b = &a->blocks[a->filled % OHC_AHEAD_BLOCKS];

		len = b->len = fill(a, b);
		move(a, &a->filled);
	}
	return NULL;
}

static struct block *wait_for_block(struct ahead *a)
{
	pthread_mutex_lock(&a->lock);
	while (a->filled == a->drained)
		pthread_cond_wait(&a->moved, &a->lock);
	pthread_mutex_unlock(&a->lock);
	return &a->blocks[a->drained % OHC_AHEAD_BLOCKS];
}

static ssize_t ahead_read(struct ohc_source *src, void *buf, size_t n, struct ohc_error *err)
{
	struct ahead *a = (struct ahead *)src;
	struct block *b;

	if (!a->threaded)
		return ohc_source_read(a->below, buf, n, err);
	b = wait_for_block(a);
	if (b->len < 0)
		return ohc_error_copy(err, &a->err, (int)b->len);
	if (n > (size_t)b->len - a->at)
		n = (size_t)b->len - a->at;
	memcpy(buf, b->data + a->at, n);
	a->at += n;
	if (n > 0 && a->at == (size_t)b->len) {
		a->at = 0;
		move(a, &a->drained);
	}
	return (ssize_t)n;
}

static void ahead_close(struct ohc_source *src)
{
	struct ahead *a = (struct ahead *)src;

	if (a->threaded) {
		pthread_mutex_lock(&a->lock);
		a->stop = true;
		pthread_cond_signal(&a->moved);
		pthread_mutex_unlock(&a->lock);
		pthread_join(a->thread, NULL);
	}
	pthread_cond_destroy(&a->moved);
	pthread_mutex_destroy(&a->lock);
	ohc_source_close(a->below);
	free(a);
}

struct ohc_source *ohc_ahead_source(struct ohc_source *below)
{
	static const struct ohc_source_ops ops = { ahead_read, NULL, ahead_close };
	struct ahead *a = ohc_xmalloc(sizeof(*a));

	/* Clears all but the blocks, so that their memory stays untouched until they are used. */
	memset(a, 0, offsetof(struct ahead, blocks));
	a->source.ops = &ops;
	a->below = below;
	pthread_mutex_init(&a->lock, NULL);
	pthread_cond_init(&a->moved, NULL);
	a->threaded = pthread_create(&a->thread, NULL, read_ahead, a) == 0;
	return &a->source;
}
