// SPDX-License-Identifier: Apache-2.0
#include "core/cache_pending.h"

#include <pthread.h>
#include <search.h>
#include <string.h>

#include "core/alloc.h"
#include "core/clock.h"

#define WAIT_SECONDS 2
#define BYTES_MAX    (1u << 20)

struct pending_entry {
	struct pending_entry *next;
	char *ns, *key;
	struct ohc_buf bytes;
};

struct ohc_cache_pending {
	pthread_mutex_t lock; /* also held while they are written: nobody finds neither */
	void *tree;           /* of struct pending_entry */
	struct pending_entry *first;
	size_t bytes;
	double since; /* when the first of them came */
};

struct ohc_cache_pending *ohc_cache_pending_new(void)
{
	struct ohc_cache_pending *p = ohc_xcalloc(1, sizeof(*p));

	pthread_mutex_init(&p->lock, NULL);
	return p;
}

static int compare(const void *a, const void *b)
{
	const struct pending_entry *x = a, *y = b;
	int rc = strcmp(x->key, y->key);

	return rc ? rc : strcmp(x->ns, y->ns);
}

static void entry_free(struct pending_entry *e)
{
	free(e->ns);
	free(e->key);
	ohc_buf_clear(&e->bytes);
	free(e);
}

/* Under the lock. */
static void forget_all(struct ohc_cache_pending *p)
{
	while (p->first) {
		struct pending_entry *e = p->first;

		p->first = e->next;
		tdelete(e, &p->tree, compare);
		entry_free(e);
	}
	p->bytes = 0;
}

void ohc_cache_pending_free(struct ohc_cache_pending *p)
{
	if (!p)
		return;
	forget_all(p);
	pthread_mutex_destroy(&p->lock);
	free(p);
}

/* Under the lock. */
static struct pending_entry *find(const struct ohc_cache_pending *p, const char *ns,
				  const char *key)
{
	const struct pending_entry wanted = { .ns = (char *)ns, .key = (char *)key };
	struct pending_entry *const *at = tfind(&wanted, &p->tree, compare);

	return at ? *at : NULL;
}

/* Under the lock. */
static struct pending_entry *add(struct ohc_cache_pending *p, const char *ns, const char *key)
{
	struct pending_entry *e = ohc_xcalloc(1, sizeof(*e));

	e->ns = ohc_xstrdup(ns);
	e->key = ohc_xstrdup(key);
	e->next = p->first;
	if (!p->first)
		p->since = ohc_clock_seconds();
	p->first = e;
	tsearch(e, &p->tree, compare);
	return e;
}

bool ohc_cache_pending_set(struct ohc_cache_pending *p, const char *ns, const char *key,
			   const void *data, size_t n)
{
	struct pending_entry *e;
	bool due;

	pthread_mutex_lock(&p->lock);
	e = find(p, ns, key);
	if (!e)
		e = add(p, ns, key);
	p->bytes += n - e->bytes.len;
	ohc_buf_truncate(&e->bytes, 0);
	ohc_buf_add(&e->bytes, data, n);
	due = p->bytes > BYTES_MAX || ohc_clock_seconds() - p->since > WAIT_SECONDS;
	pthread_mutex_unlock(&p->lock);
	return due;
}

bool ohc_cache_pending_get(struct ohc_cache_pending *p, const char *ns, const char *key, size_t max,
			   struct ohc_buf *ret)
{
	const struct pending_entry *e;

	pthread_mutex_lock(&p->lock);
	e = find(p, ns, key);
	if (e && e->bytes.len > max)
		e = NULL;
	if (e)
		ohc_buf_add(ret, ohc_buf_str(&e->bytes), e->bytes.len);
	pthread_mutex_unlock(&p->lock);
	return e != NULL;
}

void ohc_cache_pending_flush(struct ohc_cache_pending *p, ohc_cache_write_fn write, void *ctx)
{
	pthread_mutex_lock(&p->lock);
	for (const struct pending_entry *e = p->first; e; e = e->next)
		write(ctx, e->ns, e->key, ohc_buf_str(&e->bytes), e->bytes.len);
	forget_all(p);
	pthread_mutex_unlock(&p->lock);
}
