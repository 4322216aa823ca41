// SPDX-License-Identifier: Apache-2.0
#include "oci/codec/stream_pool.h"

#include <pthread.h>

#include "core/alloc.h"
#include "core/range.h"
#include "oci/codec/codec.h"

#define IDLE_MAX 4
#define PIECE    (128 * 1024)

/* A decompressor that stands somewhere in the plain bytes. */
struct stream {
	struct ohc_source *plain;
	uint64_t pos;
};

struct ohc_stream_pool {
	int fd;
	uint64_t size;
	char *name;
	pthread_mutex_t lock;
	struct stream idle[IDLE_MAX];
	size_t n_idle;
};

struct ohc_stream_pool *ohc_stream_pool_new(int fd, uint64_t size, const char *name)
{
	struct ohc_stream_pool *p = ohc_xcalloc(1, sizeof(*p));

	p->fd = fd;
	p->size = size;
	p->name = ohc_xstrdup(name);
	pthread_mutex_init(&p->lock, NULL);
	return p;
}

void ohc_stream_pool_free(struct ohc_stream_pool *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->n_idle; i++)
		ohc_source_close(p->idle[i].plain);
	pthread_mutex_destroy(&p->lock);
	free(p->name);
	free(p);
}

static struct stream new_stream(struct ohc_stream_pool *p)
{
	ohc_cleanup(ohc_freep) char *what = ohc_xasprintf("'%s'", p->name);
	struct ohc_source *all = ohc_range_source(p->fd, 0, p->size, p->name);

	return (struct stream){ ohc_codec_decompress(all, true, what), 0 };
}

/* The idle stream that stands nearest before offset, or a new one. */
static struct stream take(struct ohc_stream_pool *p, uint64_t offset)
{
	struct stream s = { NULL, 0 };
	size_t best = IDLE_MAX;

	pthread_mutex_lock(&p->lock);
	for (size_t i = 0; i < p->n_idle; i++)
		if (p->idle[i].pos <= offset &&
		    (best == IDLE_MAX || p->idle[i].pos > p->idle[best].pos))
			best = i;
	if (best < IDLE_MAX) {
		s = p->idle[best];
		p->idle[best] = p->idle[--p->n_idle];
	}
	pthread_mutex_unlock(&p->lock);
	return s.plain ? s : new_stream(p);
}

static void give_back(struct ohc_stream_pool *p, struct stream s)
{
	struct ohc_source *surplus = s.plain;

	pthread_mutex_lock(&p->lock);
	if (p->n_idle < IDLE_MAX) {
		p->idle[p->n_idle++] = s;
		surplus = NULL;
	}
	pthread_mutex_unlock(&p->lock);
	ohc_source_close(surplus);
}

/* A source over a part of the plain bytes. */
struct pool_source {
	struct ohc_source source;
	struct ohc_stream_pool *pool;
	uint64_t start, end;
	struct stream s; /* stands at the next byte that is wanted, or before it */
	uint64_t next;
	bool broken;
};

static int cut_off(const struct pool_source *m, struct ohc_error *err)
{
	return ohc_error_set(err, OHC_E_FORMAT, "'%s' is cut off", m->pool->name);
}

static int catch_up(struct pool_source *m, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *skip = NULL;

	if (m->s.pos == m->next)
		return 0;
	skip = ohc_xmalloc(PIECE);
	while (m->s.pos < m->next) {
		uint64_t left = m->next - m->s.pos;
		ssize_t n =
			ohc_source_read(m->s.plain, skip, left < PIECE ? (size_t)left : PIECE, err);

		if (n <= 0)
			return n < 0 ? (int)n : cut_off(m, err);
		m->s.pos += (uint64_t)n;
	}
	return 0;
}

static ssize_t place_read(struct ohc_source *src, void *buf, size_t n, struct ohc_error *err)
{
	struct pool_source *m = (struct pool_source *)src;
	ssize_t got;

	if (m->next == m->end)
		return 0;
	if (n > m->end - m->next)
		n = (size_t)(m->end - m->next);
	got = catch_up(m, err);
	if (got == 0)
		got = ohc_source_read(m->s.plain, buf, n, err);
	if (got == 0)
		got = cut_off(m, err);
	m->broken |= got < 0;
	if (got < 0)
		return got;
	m->next = m->s.pos += (uint64_t)got;
	return got;
}

static int place_seek(struct ohc_source *src, uint64_t offset, struct ohc_error *err)
{
	struct pool_source *m = (struct pool_source *)src;

	if (offset > m->end - m->start)
		return ohc_error_set(err, OHC_E_FAILED, "cannot go to byte %llu in '%s'",
				     (unsigned long long)offset, m->pool->name);
	m->next = m->start + offset;
	if (m->next < m->s.pos || m->broken) {
		ohc_source_close(m->s.plain);
		m->s = new_stream(m->pool);
		m->broken = false;
	}
	return 0;
}

static void place_close(struct ohc_source *src)
{
	struct pool_source *m = (struct pool_source *)src;

	if (m->broken)
		ohc_source_close(m->s.plain);
	else
		give_back(m->pool, m->s);
	free(m);
}

struct ohc_source *ohc_stream_pool_open(struct ohc_stream_pool *pool, uint64_t offset, uint64_t len)
{
	static const struct ohc_source_ops ops = { place_read, place_seek, place_close };
	struct pool_source *m = ohc_xcalloc(1, sizeof(*m));

	m->source.ops = &ops;
	m->pool = pool;
	m->start = m->next = offset;
	m->end = offset + len;
	m->s = take(pool, offset);
	return &m->source;
}
