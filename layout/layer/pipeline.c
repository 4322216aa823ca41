// SPDX-License-Identifier: Apache-2.0
#include "layout/layer/pipeline.h"

#include <pthread.h>
#include <string.h>

#include "core/alloc.h"
#include "core/parallel.h"
#include "core/ring.h"

#define BLOCK       OHC_CODEC_BLOCK
#define THREADS_MAX 8 /* keeps the ring under 24 MiB */

struct layer {
	struct ohc_source source;
	struct ohc_sink sink; /* the sink that the tar is written to: it fills blocks */
	ohc_layer_fn write;
	void *ctx;
	struct ohc_codec codec;
	size_t n_workers;

	struct ohc_ring *ring; /* NULL: not started */
	pthread_t threads[2 + THREADS_MAX];
	size_t n_threads;
	struct ohc_block *filling;

	pthread_mutex_t lock; /* of the first failure */
	int rc;
	struct ohc_error error;

	/* The reader's. */
	struct ohc_block *reading;
	size_t at; /* in reading, or in edge */
	unsigned char edge[OHC_CODEC_EDGE];
	size_t edge_len;
	uint32_t crc;
	enum { HEAD, BLOCKS, TAIL, END } state;
	struct ohc_layer_result result;
};

static void fail(struct layer *l, int rc, const struct ohc_error *error)
{
	pthread_mutex_lock(&l->lock);
	if (l->rc == 0) {
		l->rc = rc;
		l->error = *error;
	}
	pthread_mutex_unlock(&l->lock);
	ohc_ring_stop(l->ring);
}

static int stopped(struct layer *l, struct ohc_error *err)
{
	pthread_mutex_lock(&l->lock);
	if (l->rc == 0)
		l->rc = ohc_error_set(&l->error, OHC_E_FAILED, "the layer was given up");
	ohc_error_copy(err, &l->error, 0);
	pthread_mutex_unlock(&l->lock);
	return l->rc;
}

/* The block to fill, NULL when the ring was stopped.  It has room. */
static struct ohc_block *filling(struct layer *l)
{
	if (!l->filling)
		l->filling = ohc_ring_produce(l->ring);
	return l->filling;
}

static void *sink_room(struct ohc_sink *sink, size_t *ret_n)
{
	struct ohc_block *b = filling(OHC_CONTAINER_OF(sink, struct layer, sink));

	*ret_n = b ? BLOCK - b->in_len : 0;
	return b ? b->in + b->in_len : NULL;
}

static int sink_write(struct ohc_sink *sink, const void *data, size_t n, struct ohc_error *err)
{
	struct layer *l = OHC_CONTAINER_OF(sink, struct layer, sink);
	const unsigned char *p = data;

	while (n > 0) {
		struct ohc_block *b = filling(l);
		size_t room;

		if (!b)
			return stopped(l, err);
		room = BLOCK - b->in_len;
		if (room > n)
			room = n;
		if (p != b->in + b->in_len)
			memcpy(b->in + b->in_len, p, room);
		b->in_len += room;
		p += room;
		n -= room;
		if (b->in_len == BLOCK)
			ohc_ring_produced(l->ring, ohc_take(l->filling));
	}
	return 0;
}

/* Ends the tar: the current block, or an empty one, is the last. */
static int sink_finish(struct ohc_sink *sink, struct ohc_error *err)
{
	struct layer *l = OHC_CONTAINER_OF(sink, struct layer, sink);
	struct ohc_block *b = filling(l);

	if (!b)
		return stopped(l, err);
	b->last = true;
	ohc_ring_produced(l->ring, ohc_take(l->filling));
	return 0;
}

static void *write_tar(void *arg)
{
	struct layer *l = arg;
	ohc_cleanup(ohc_tar_writer_freep) struct ohc_tar_writer *w = ohc_tar_writer_new(&l->sink);
	struct ohc_error err = OHC_ERROR_INIT;
	int rc = l->write(l->ctx, w, &err);

	if (rc == 0)
		rc = ohc_tar_finish(w, &err);
	if (rc == 0)
		rc = ohc_sink_finish(&l->sink, &err);
	if (rc < 0)
		fail(l, rc, &err);
	return NULL;
}

static void *hash_tar(void *arg)
{
	struct layer *l = arg;
	ohc_cleanup(ohc_hash_freep) struct ohc_hash *h = ohc_hash_new(OHC_SHA256);
	struct ohc_layer_result result = { .plain_size = 0 };
	struct ohc_block *b;

	while ((b = ohc_ring_tap(l->ring))) {
		ohc_hash_update(h, b->in, b->in_len);
		result.plain_size += b->in_len;
		ohc_ring_tapped(l->ring, b);
	}
	ohc_digest_end(h, OHC_SHA256, result.diff_id);
	l->result = result;
	return NULL;
}

static void *compress_blocks(void *arg)
{
	struct layer *l = arg;
	struct ohc_codec_encoder *enc = ohc_codec_encoder_new(&l->codec);
	struct ohc_error err = OHC_ERROR_INIT;
	struct ohc_block *b;

	while ((b = ohc_ring_work(l->ring))) {
		ssize_t n = ohc_codec_encode(enc, b->in, b->in_len, b->last, b->out, &b->crc, &err);

		if (n < 0) {
			fail(l, (int)n, &err);
			break;
		}
		b->out_len = (size_t)n;
		ohc_ring_worked(l->ring, b);
	}
	ohc_codec_encoder_free(enc);
	return NULL;
}

static void join(struct layer *l)
{
	while (l->n_threads > 0)
		pthread_join(l->threads[--l->n_threads], NULL);
}

static void stop(struct layer *l)
{
	if (!l->ring)
		return;
	ohc_ring_stop(l->ring);
	join(l);
	ohc_ring_free(ohc_take(l->ring));
	l->filling = l->reading = NULL;
}

static int spawn(struct layer *l, void *(*body)(void *), struct ohc_error *err)
{
	int rc = pthread_create(&l->threads[l->n_threads], NULL, body, l);

	if (rc != 0)
		return ohc_error_set(err, OHC_E_FAILED, "cannot start a thread: %s", strerror(rc));
	l->n_threads++;
	return 0;
}

static int start(struct layer *l, struct ohc_error *err)
{
	int rc;

	l->ring = ohc_ring_new(2 * l->n_workers + 4, BLOCK, ohc_codec_bound(&l->codec, BLOCK));
	l->rc = 0;
	l->crc = 0;
	l->state = HEAD;
	l->at = 0;
	l->edge_len = ohc_codec_head(&l->codec, l->edge);
	rc = spawn(l, write_tar, err);
	if (rc == 0)
		rc = spawn(l, hash_tar, err);
	for (size_t i = 0; rc == 0 && i < l->n_workers; i++)
		rc = spawn(l, compress_blocks, err);
	if (rc < 0)
		stop(l);
	return rc;
}

static size_t give(struct layer *l, const unsigned char *from, size_t len, void *buf, size_t n)
{
	if (n > len - l->at)
		n = len - l->at;
	memcpy(buf, from + l->at, n);
	l->at += n;
	return n;
}

/* Frees the block that was read; after the last one the threads end. */
static void next_state(struct layer *l)
{
	struct ohc_block *b = ohc_take(l->reading);
	bool last = b && b->last;

	l->at = 0;
	if (b) {
		l->crc = ohc_codec_join(l->crc, b->crc, b->in_len);
		ohc_ring_consumed(l->ring, b);
	}
	if (l->state == BLOCKS && !last)
		return;
	l->state++;
	if (l->state == TAIL) {
		join(l);
		l->edge_len = ohc_codec_tail(&l->codec, l->crc, l->result.plain_size, l->edge);
	}
}

static ssize_t layer_read(struct ohc_source *src, void *buf, size_t n, struct ohc_error *err)
{
	struct layer *l = (struct layer *)src;
	int rc;

	if (!l->ring && (rc = start(l, err)) < 0)
		return rc;
	while (l->state != END) {
		const unsigned char *from = l->edge;
		size_t len = l->edge_len;

		if (l->state == BLOCKS) {
			if (!l->reading)
				l->reading = ohc_ring_consume(l->ring);
			if (!l->reading)
				return stopped(l, err);
			from = l->reading->out;
			len = l->reading->out_len;
		}
		if (l->at < len)
			return (ssize_t)give(l, from, len, buf, n);
		next_state(l);
	}
	return 0;
}

static int layer_seek(struct ohc_source *src, uint64_t offset, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *skip = ohc_xmalloc(BLOCK);
	ssize_t n;

	stop((struct layer *)src);
	for (; offset > 0; offset -= (uint64_t)n) {
		n = layer_read(src, skip, offset < BLOCK ? (size_t)offset : BLOCK, err);
		if (n < 0)
			return (int)n;
		if (n == 0)
			return ohc_error_set(err, OHC_E_FAILED, "the layer ends before that");
	}
	return 0;
}

static void layer_close(struct ohc_source *src)
{
	struct layer *l = (struct layer *)src;

	stop(l);
	pthread_mutex_destroy(&l->lock);
	free(l);
}

static void sink_close(struct ohc_sink *sink)
{
	(void)sink; /* it is part of the layer */
}

struct ohc_source *ohc_layer_source(ohc_layer_fn write, void *ctx, const struct ohc_codec *codec,
				    size_t threads)
{
	static const struct ohc_source_ops source_ops = { layer_read, layer_seek, layer_close };
	static const struct ohc_sink_ops sink_ops = { sink_write, sink_room, sink_finish,
						      sink_close };
	struct layer *l = ohc_xcalloc(1, sizeof(*l));

	l->source.ops = &source_ops;
	l->sink.ops = &sink_ops;
	l->write = write;
	l->ctx = ctx;
	l->codec = *codec;
	l->n_workers = threads ? threads : ohc_parallel_processors();
	if (l->n_workers > THREADS_MAX)
		l->n_workers = THREADS_MAX;
	pthread_mutex_init(&l->lock, NULL);
	return &l->source;
}

void ohc_layer_result(const struct ohc_source *src, struct ohc_layer_result *ret)
{
	*ret = ((const struct layer *)src)->result;
}

int ohc_layer_failed(struct ohc_source *src, struct ohc_error *err)
{
	struct layer *l = (struct layer *)src;
	int rc;

	pthread_mutex_lock(&l->lock);
	rc = l->rc;
	if (rc < 0)
		ohc_error_copy(err, &l->error, rc);
	pthread_mutex_unlock(&l->lock);
	return rc;
}
