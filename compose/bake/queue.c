// SPDX-License-Identifier: Apache-2.0
#include "compose/bake/queue.h"

#include <pthread.h>
#include <stdint.h>
#include <string.h>

#include "core/alloc.h"
#include "core/map.h"
#include "oci/documents/name.h"

/* Of a host the repositories whose images wait are a heap, the one whose image is next at its top:
 * a list has thousands, and every image asks. */
struct queue_host {
	size_t busy;
	size_t *heap;
	size_t n_heap;
};

struct queue_repo {
	size_t host;
	size_t busy;
	size_t first, last; /* its images that wait, SIZE_MAX: none */
	size_t at;          /* in the host's heap, while any waits */
};

struct queue_image {
	size_t repo;
	size_t next; /* of the same repository */
};

struct ohc_bake_queue {
	pthread_mutex_t lock;
	struct ohc_map *places; /* of hosts, and of repositories as "HOST REPO" */
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
	q->places = ohc_map_new();
	return q;
}

void ohc_bake_queue_free(struct ohc_bake_queue *q)
{
	if (!q)
		return;
	ohc_map_free(q->places);
	for (size_t i = 0; i < q->n_hosts; i++)
		free(q->hosts[i].heap);
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
	size_t i;

	if (!ohc_map_add(q->places, name, q->n_hosts, &i))
		return i;
	q->hosts = grow(q->hosts, q->n_hosts, sizeof(*q->hosts));
	q->hosts[q->n_hosts] = (struct queue_host){ .busy = 0 };
	return q->n_hosts++;
}

static size_t repo_of(struct ohc_bake_queue *q, const char *host, const char *name)
{
	ohc_cleanup(ohc_freep) char *key = ohc_xasprintf("%s %s", host, name);
	size_t i;

	if (!ohc_map_add(q->places, key, q->n_repos, &i))
		return i;
	q->repos = grow(q->repos, q->n_repos, sizeof(*q->repos));
	q->repos[q->n_repos] = (struct queue_repo){ .host = host_of(q, host),
						    .first = SIZE_MAX,
						    .last = SIZE_MAX };
	return q->n_repos++;
}

/* --- the heap of a host --- */

/* Whether a's next image comes before b's, of one host. */
static bool is_before(const struct queue_repo *a, const struct queue_repo *b)
{
	return a->busy != b->busy ? a->busy < b->busy : a->first < b->first;
}

static void put_at(struct ohc_bake_queue *q, struct queue_host *h, size_t at, size_t repo)
{
	h->heap[at] = repo;
	q->repos[repo].at = at;
}

/* Moves a repository to where it belongs, towards the top and then towards the end. */
static void settle(struct ohc_bake_queue *q, size_t repo)
{
	struct queue_host *h = &q->hosts[q->repos[repo].host];
	size_t at = q->repos[repo].at, child;

	for (; at > 0; at = (at - 1) / 2) {
		if (!is_before(&q->repos[repo], &q->repos[h->heap[(at - 1) / 2]]))
			break;
		put_at(q, h, at, h->heap[(at - 1) / 2]);
	}
	for (; (child = 2 * at + 1) < h->n_heap; at = child) {
		if (child + 1 < h->n_heap &&
		    is_before(&q->repos[h->heap[child + 1]], &q->repos[h->heap[child]]))
			child++;
		if (!is_before(&q->repos[h->heap[child]], &q->repos[repo]))
			break;
		put_at(q, h, at, h->heap[child]);
	}
	put_at(q, h, at, repo);
}

static void add_to_heap(struct ohc_bake_queue *q, size_t repo)
{
	struct queue_host *h = &q->hosts[q->repos[repo].host];

	h->heap = grow(h->heap, h->n_heap, sizeof(*h->heap));
	put_at(q, h, h->n_heap++, repo);
	settle(q, repo);
}

/* Takes the top away, none of whose images waits any more. */
static void drop_top(struct ohc_bake_queue *q, struct queue_host *h)
{
	size_t last = h->heap[--h->n_heap];

	if (h->n_heap == 0)
		return;
	put_at(q, h, 0, last);
	settle(q, last);
}

/* --- images --- */

/* A name that is no registry's image is a host and a repository of its own. */
void ohc_bake_queue_add(struct ohc_bake_queue *q, const char *base)
{
	ohc_cleanup(ohc_name_clear) struct ohc_name name = { .given = NULL };
	bool remote = ohc_name_parse(base, &name, NULL) == 0 && name.transport == OHC_REGISTRY;
	size_t repo, i = q->n_images;

	repo = repo_of(q, remote ? name.host : "", remote ? name.repo : base);
	q->images = grow(q->images, i, sizeof(*q->images));
	q->images[i] = (struct queue_image){ .repo = repo, .next = SIZE_MAX };
	if (q->repos[repo].first == SIZE_MAX) {
		q->repos[repo].first = i;
		add_to_heap(q, repo);
	} else {
		q->images[q->repos[repo].last].next = i;
	}
	q->repos[repo].last = i;
	q->n_images++;
}

/* Of two hosts that have images waiting. */
static bool comes_before(const struct ohc_bake_queue *q, const struct queue_host *a,
			 const struct queue_host *b)
{
	return a->busy != b->busy ? a->busy < b->busy
				  : is_before(&q->repos[a->heap[0]], &q->repos[b->heap[0]]);
}

size_t ohc_bake_queue_take(struct ohc_bake_queue *q)
{
	struct queue_host *best = NULL;
	struct queue_repo *repo;
	size_t i;

	pthread_mutex_lock(&q->lock);
	for (size_t k = 0; k < q->n_hosts; k++)
		if (q->hosts[k].n_heap && (!best || comes_before(q, &q->hosts[k], best)))
			best = &q->hosts[k];
	repo = &q->repos[best->heap[0]];
	i = repo->first;
	repo->first = q->images[i].next;
	repo->busy++;
	best->busy++;
	if (repo->first == SIZE_MAX)
		drop_top(q, best);
	else
		settle(q, best->heap[0]);
	pthread_mutex_unlock(&q->lock);
	return i;
}

void ohc_bake_queue_done(struct ohc_bake_queue *q, size_t i)
{
	struct queue_repo *repo = &q->repos[q->images[i].repo];

	pthread_mutex_lock(&q->lock);
	repo->busy--;
	q->hosts[repo->host].busy--;
	if (repo->first != SIZE_MAX)
		settle(q, q->images[i].repo);
	pthread_mutex_unlock(&q->lock);
}
