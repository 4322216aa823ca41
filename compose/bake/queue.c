// SPDX-License-Identifier: Apache-2.0
#include "compose/bake/queue.h"

#include <pthread.h>
#include <stdint.h>
#include <string.h>

#include "core/alloc.h"
#include "oci/documents/name.h"

struct queue_host {
	char *name;
	size_t busy;
};

struct queue_repo {
	size_t host;
	char *name;
	size_t busy;
	size_t first, last; /* its images that wait, SIZE_MAX: none */
};

struct queue_image {
	size_t repo;
	size_t next; /* of the same repository */
};

struct ohc_bake_queue {
	pthread_mutex_t lock;
	struct queue_host *hosts;
	size_t n_hosts;
	struct queue_repo *repos;
	size_t n_repos;
	struct queue_image *images;
	size_t n_images;
};

struct ohc_bake_queue *ohc_bake_queue_new(void)
{
	struct ohc_bake_queue *q = ohc_xcalloc(1, sizeof(*q));

	pthread_mutex_init(&q->lock, NULL);
	return q;
}

void ohc_bake_queue_free(struct ohc_bake_queue *q)
{
	if (!q)
		return;
	for (size_t i = 0; i < q->n_hosts; i++)
		free(q->hosts[i].name);
	for (size_t i = 0; i < q->n_repos; i++)
		free(q->repos[i].name);
	free(q->hosts);
	free(q->repos);
	free(q->images);
	pthread_mutex_destroy(&q->lock);
	free(q);
}

/* Grown to twice its size, as a list has thousands. */
static void *grow(void *v, size_t n, size_t size)
{
	return (n & (n - 1)) == 0 ? ohc_xrealloc(v, n ? 2 * n : 1, size) : v;
}

static size_t host_of(struct ohc_bake_queue *q, const char *name)
{
	for (size_t i = 0; i < q->n_hosts; i++)
		if (strcmp(q->hosts[i].name, name) == 0)
			return i;
	q->hosts = grow(q->hosts, q->n_hosts, sizeof(*q->hosts));
	q->hosts[q->n_hosts] = (struct queue_host){ .name = ohc_xstrdup(name) };
	return q->n_hosts++;
}

static size_t repo_of(struct ohc_bake_queue *q, size_t host, const char *name)
{
	for (size_t i = 0; i < q->n_repos; i++)
		if (q->repos[i].host == host && strcmp(q->repos[i].name, name) == 0)
			return i;
	q->repos = grow(q->repos, q->n_repos, sizeof(*q->repos));
	q->repos[q->n_repos] = (struct queue_repo){
		.host = host, .name = ohc_xstrdup(name), .first = SIZE_MAX, .last = SIZE_MAX
	};
	return q->n_repos++;
}

/* A name that is no registry's image is a host and a repository of its own. */
void ohc_bake_queue_add(struct ohc_bake_queue *q, const char *base)
{
	ohc_cleanup(ohc_name_clear) struct ohc_name name = { .given = NULL };
	bool remote = ohc_name_parse(base, &name, NULL) == 0 && name.transport == OHC_REGISTRY;
	size_t repo, i = q->n_images;

	repo = repo_of(q, host_of(q, remote ? name.host : ""), remote ? name.repo : base);
	q->images = grow(q->images, i, sizeof(*q->images));
	q->images[i] = (struct queue_image){ .repo = repo, .next = SIZE_MAX };
	if (q->repos[repo].first == SIZE_MAX)
		q->repos[repo].first = i;
	else
		q->images[q->repos[repo].last].next = i;
	q->repos[repo].last = i;
	q->n_images++;
}

/* Whether a's next image comes before b's. */
static bool before(const struct ohc_bake_queue *q, const struct queue_repo *a,
		   const struct queue_repo *b)
{
	size_t busy_a = q->hosts[a->host].busy, busy_b = q->hosts[b->host].busy;

	if (busy_a != busy_b)
		return busy_a < busy_b;
	return a->busy != b->busy ? a->busy < b->busy : a->first < b->first;
}

size_t ohc_bake_queue_take(struct ohc_bake_queue *q)
{
	struct queue_repo *best = NULL;
	size_t i;

	pthread_mutex_lock(&q->lock);
	for (size_t k = 0; k < q->n_repos; k++)
		if (q->repos[k].first != SIZE_MAX && (!best || before(q, &q->repos[k], best)))
			best = &q->repos[k];
	i = best->first;
	best->first = q->images[i].next;
	best->busy++;
	q->hosts[best->host].busy++;
	pthread_mutex_unlock(&q->lock);
	return i;
}

void ohc_bake_queue_done(struct ohc_bake_queue *q, size_t i)
{
	struct queue_repo *repo = &q->repos[q->images[i].repo];

	pthread_mutex_lock(&q->lock);
	repo->busy--;
	q->hosts[repo->host].busy--;
	pthread_mutex_unlock(&q->lock);
}
