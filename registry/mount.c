// SPDX-License-Identifier: Apache-2.0
#include "registry/mount.h"

#include <pthread.h>
#include <string.h>

#include "core/alloc.h"
#include "core/percent.h"
#include "registry/repo.h"
#include "registry/session.h"
#include "registry/url.h"

enum mount_state { UNDER_WAY, DONE, NOT_DONE };

struct mount_entry {
	struct mount_entry *next;
	enum mount_state state;
	char *key;
	struct ohc_strv asked; /* repositories to mount from that were tried */
};

#define BUCKETS 1024

struct ohc_mounts {
	pthread_mutex_t lock;
	pthread_cond_t ended;
	struct mount_entry *buckets[BUCKETS];
};

struct ohc_mounts *ohc_mounts_new(void)
{
	struct ohc_mounts *m = ohc_xcalloc(1, sizeof(*m));

	pthread_mutex_init(&m->lock, NULL);
	pthread_cond_init(&m->ended, NULL);
	return m;
}

void ohc_mounts_free(struct ohc_mounts *m)
{
	if (!m)
		return;
	for (size_t i = 0; i < BUCKETS; i++)
		while (m->buckets[i]) {
			struct mount_entry *e = m->buckets[i];

			m->buckets[i] = e->next;
			ohc_strv_clear(&e->asked);
			free(e->key);
			free(e);
		}
	pthread_cond_destroy(&m->ended);
	pthread_mutex_destroy(&m->lock);
	free(m);
}

static char *key_of(const char *repo, const char *digest)
{
	return ohc_xasprintf("%s@%s", repo, digest);
}

static struct mount_entry **bucket(struct ohc_mounts *m, const char *key)
{
	unsigned int h = 5381;

	while (*key)
		h = h * 33 + (unsigned char)*key++;
	return &m->buckets[h % BUCKETS];
}

static struct mount_entry *find(struct ohc_mounts *m, const char *key)
{
	struct mount_entry *e = *bucket(m, key);

	while (e && strcmp(e->key, key) != 0)
		e = e->next;
	return e;
}

static struct mount_entry *find_or_make(struct ohc_mounts *m, const char *repo, const char *digest)
{
	ohc_cleanup(ohc_freep) char *key = key_of(repo, digest);
	struct mount_entry *e = find(m, key), **b = bucket(m, key);

	if (e)
		return e;
	e = ohc_xcalloc(1, sizeof(*e));
	e->state = NOT_DONE;
	e->key = ohc_take(key);
	e->next = *b;
	*b = e;
	return e;
}

/* True: the caller is the first to ask for this mount, and must call end().  False: *ret is the
 * outcome of an earlier one. */
static bool begin(struct ohc_mounts *m, const char *repo, const char *digest, const char *from,
		  bool *ret)
{
	struct mount_entry *e;
	bool first;

	pthread_mutex_lock(&m->lock);
	e = find_or_make(m, repo, digest);
	while (e->state == UNDER_WAY)
		pthread_cond_wait(&m->ended, &m->lock);
	first = e->state != DONE && !ohc_strv_has(&e->asked, from);
	*ret = e->state == DONE;
	if (first) {
		ohc_strv_add(&e->asked, from);
		e->state = UNDER_WAY;
	}
	pthread_mutex_unlock(&m->lock);
	return first;
}

static void end(struct ohc_mounts *m, const char *repo, const char *digest, bool done)
{
	ohc_cleanup(ohc_freep) char *key = key_of(repo, digest);

	pthread_mutex_lock(&m->lock);
	find(m, key)->state = done ? DONE : NOT_DONE;
	pthread_cond_broadcast(&m->ended);
	pthread_mutex_unlock(&m->lock);
}

void ohc_mounts_forget(struct ohc_mounts *m, const char *repo, const char *digest)
{
	ohc_cleanup(ohc_freep) char *key = key_of(repo, digest);
	struct mount_entry *e;

	pthread_mutex_lock(&m->lock);
	e = find(m, key);
	if (e && e->state == DONE) {
		e->state = NOT_DONE;
		ohc_strv_clear(&e->asked);
	}
	pthread_mutex_unlock(&m->lock);
}

/* Sends the POST.  201: done.  202: the registry opened a session instead, in which the upload goes
 * on.  Anything else, a failure too, means that the blob must be uploaded, where a fault will show
 * again. */
static int ask(struct ohc_repo *repo, const char *digest, const char *from, bool *ret,
	       struct ohc_error *err)
{
	ohc_cleanup(ohc_request_reply_clear) struct ohc_reply re = OHC_REPLY_INIT;
	ohc_cleanup(ohc_buf_clear) struct ohc_buf query = OHC_BUF_INIT;
	ohc_cleanup(ohc_freep) char *scope = ohc_xasprintf("repository:%s:pull", from), *url = NULL;
	int rc;

	ohc_buf_adds(&query, "?mount=");
	ohc_percent_add(&query, digest, "");
	ohc_buf_adds(&query, "&from=");
	ohc_percent_add(&query, from, "");
	rc = ohc_session_open(repo,
			      &(struct ohc_session_way){ .query = query.data, .from_scope = scope },
			      &re, &url, err);
	if (rc == -OHC_E_INTERRUPTED)
		return rc;
	*ret = rc == 0 && re.status == 201;
	if (rc == 0 && !*ret)
		ohc_report_say(repo->r->o.report, OHC_VERBOSE,
			       "no mount of %.19s from '%s' to '%s' (HTTP %d): it will be uploaded",
			       digest, from, repo->name, re.status);
	if (*ret || url)
		ohc_repo_note_writable(repo);
	if (url)
		ohc_session_keep(repo, ohc_session_of_mount(&re, ohc_take(url), digest));
	return 0;
}

int ohc_repo_mount_blob(struct ohc_store *s, const struct ohc_descriptor *d, struct ohc_store *from,
			bool *ret, struct ohc_error *err)
{
	struct ohc_repo *repo = ohc_repo_of(s), *other = ohc_repo_of(from);
	struct ohc_repo_location *to = ohc_repo_origin(repo), *at = ohc_repo_origin(other);
	bool done = false;
	int rc = 0;

	if (strcmp(to->e->name, at->e->name) != 0) {
		*ret = false;
		return 0;
	}
	if (strcmp(to->repo, at->repo) == 0 && other->n_locations > 1)
		return ohc_repo_has_blob(s, d, ret, err);
	if (strcmp(to->repo, at->repo) == 0) { /* whose manifest is here, its blobs are */
		*ret = true;
		return 0;
	}
	if (begin(repo->r->mounts, repo->name, d->digest, at->repo, &done)) {
		rc = ask(repo, d->digest, at->repo, &done, err);
		end(repo->r->mounts, repo->name, d->digest, done);
	}
	if (rc < 0)
		return rc;
	if (done)
		ohc_repo_saw_blob(repo, d->digest);
	*ret = done;
	return 0;
}
