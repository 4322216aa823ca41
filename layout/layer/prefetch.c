// SPDX-License-Identifier: Apache-2.0
#include "layout/layer/prefetch.h"

#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/file.h"

/* Every so many reads one is looked at: that costs as much as half a read from memory. */
#define LOOK_EACH   4
#define WAITED_MANY 4 /* of the last that were looked at */
#define LAST        8
/* Behind the first bytes of a large file the system reads ahead by itself. */
#define EACH_MAX (1u << 20)

struct ohc_prefetch {
	const char *dir;
	const struct ohc_listing *list;
	ohc_prefetch_fn want;
	void *ctx;
	size_t reads;
	long waits;      /* of the reader, when it began a read that is looked at */
	uint32_t waited; /* a bit for each of the last of those */

	pthread_t thread;
	bool runs;
	pthread_mutex_t lock;
	pthread_cond_t moved;
	bool stop;
	size_t passed; /* entries that the reader has begun */

	/* Bytes that were asked for and lie before the reader, entry by entry. */
	struct {
		size_t entry;
		uint64_t bytes;
	} ahead[OHC_PREFETCH_FILES];
	size_t first, n;
	uint64_t bytes;
};

struct ohc_prefetch *ohc_prefetch_new(const char *dir, const struct ohc_listing *list,
				      ohc_prefetch_fn want, void *ctx)
{
	struct ohc_prefetch *p = ohc_xcalloc(1, sizeof(*p));

	p->dir = dir;
	p->list = list;
	p->want = want;
	p->ctx = ctx;
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->moved, NULL);
	return p;
}

void ohc_prefetch_free(struct ohc_prefetch *p)
{
	if (!p)
		return;
	pthread_mutex_lock(&p->lock);
	p->stop = true;
	pthread_cond_signal(&p->moved);
	pthread_mutex_unlock(&p->lock);
	if (p->runs)
		pthread_join(p->thread, NULL);
	pthread_cond_destroy(&p->moved);
	pthread_mutex_destroy(&p->lock);
	free(p);
}

void ohc_prefetch_freep(struct ohc_prefetch **p)
{
	ohc_prefetch_free(*p);
}

/* Under the lock: what the reader has begun is not ahead of it any more. */
static void forget_passed(struct ohc_prefetch *p)
{
	while (p->n > 0 && p->ahead[p->first].entry < p->passed) {
		p->bytes -= p->ahead[p->first].bytes;
		p->first = (p->first + 1) % OHC_PREFETCH_FILES;
		p->n--;
	}
}

void ohc_prefetch_pass(struct ohc_prefetch *p)
{
	pthread_mutex_lock(&p->lock);
	p->passed++;
	if (p->runs) {
		forget_passed(p);
		pthread_cond_signal(&p->moved);
	}
	pthread_mutex_unlock(&p->lock);
}

static uint64_t bytes_of(const struct ohc_prefetch *p, const struct ohc_listing_entry *e)
{
	uint64_t size = S_ISREG(e->st.st_mode) ? (uint64_t)e->st.st_size : 0;
	uint64_t want = size == 0 ? 0 : p->want ? p->want(p->ctx, e) : size;

	if (want > size)
		want = size;
	return want < EACH_MAX ? want : EACH_MAX;
}

/* Waits until there is room for so many bytes.  False: the reader is behind the entry already, or
 * all is over (*ret_stop). */
static bool make_room(struct ohc_prefetch *p, size_t entry, uint64_t bytes, bool *ret_stop)
{
	bool wanted;

	pthread_mutex_lock(&p->lock);
	while (!p->stop && p->passed <= entry &&
	       (p->n == OHC_PREFETCH_FILES || (p->n > 0 && p->bytes + bytes > OHC_PREFETCH_BYTES)))
		pthread_cond_wait(&p->moved, &p->lock);
	wanted = !p->stop && p->passed <= entry;
	if (wanted) {
		size_t last = (p->first + p->n++) % OHC_PREFETCH_FILES;

		p->ahead[last].entry = entry;
		p->ahead[last].bytes = bytes;
		p->bytes += bytes;
	}
	*ret_stop = p->stop;
	pthread_mutex_unlock(&p->lock);
	return wanted;
}

static void ask_for(const struct ohc_prefetch *p, const char *path, uint64_t bytes)
{
	ohc_cleanup(ohc_freep) char *file = ohc_xasprintf("%s/%s", p->dir, path);
	ohc_cleanup(ohc_closep) int fd =
		open(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd >= 0)
		posix_fadvise(fd, 0, (off_t)bytes, POSIX_FADV_WILLNEED);
}

static void *run(void *arg)
{
	struct ohc_prefetch *p = arg;
	struct ohc_listing_entry e;
	struct ohc_listing_iter it;
	bool stop = false;

	ohc_listing_start(&it, p->list);
	for (size_t entry = 0; !stop && ohc_listing_next(&it, &e); entry++) {
		uint64_t bytes = bytes_of(p, &e);

		if (bytes > 0 && make_room(p, entry, bytes, &stop))
			ask_for(p, e.path, bytes);
	}
	ohc_listing_end(&it);
	return NULL;
}

/* How often this thread has given the processor away to wait for something. */
static long waits(void)
{
	struct rusage usage = { .ru_nvcsw = 0 };

	getrusage(RUSAGE_THREAD, &usage);
	return usage.ru_nvcsw;
}

static bool looks(const struct ohc_prefetch *p)
{
	return !p->runs && p->reads % LOOK_EACH == 0;
}

void ohc_prefetch_read_begins(struct ohc_prefetch *p)
{
	p->reads++;
	if (looks(p))
		p->waits = waits();
}

void ohc_prefetch_read_ends(struct ohc_prefetch *p)
{
	if (!looks(p))
		return;
	p->waited = p->waited << 1 | (waits() > p->waits);
	if (__builtin_popcount(p->waited & ((1u << LAST) - 1)) < WAITED_MANY)
		return;
	pthread_mutex_lock(&p->lock);
	p->runs = pthread_create(&p->thread, NULL, run, p) == 0;
	pthread_mutex_unlock(&p->lock);
}

bool ohc_prefetch_runs(const struct ohc_prefetch *p)
{
	return p->runs;
}
