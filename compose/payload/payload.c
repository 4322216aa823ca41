// SPDX-License-Identifier: Apache-2.0
#include "compose/payload/payload.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "layout/files/facts.h"
#include "layout/layer/mtime.h"
#include "layout/rootfs/layer_index.h"

#define VOTES     "payload-votes"
#define VOTES_MAX 4096

void ohc_payload_init(struct ohc_payload *p, const struct ohc_payload_ops *ops,
		      const struct ohc_payload_spec *spec, const struct ohc_making_rules *rules)
{
	*p = (struct ohc_payload){ .ops = ops,
				   .refs = 1,
				   .source = ohc_xstrdup(spec->source),
				   .target = ohc_xstrdup(spec->target),
				   .rules = rules };
	pthread_mutex_init(&p->lock, NULL);
}

/* Under the lock.  An interrupt is no fault of the payload. */
static void keep_failure(struct ohc_payload *p, int rc, const struct ohc_error *why)
{
	if (p->failed || rc >= 0 || rc == -OHC_E_INTERRUPTED)
		return;
	p->failed = rc;
	p->failure = *why;
}

/* Unlocks it, after something of it was read. */
static int end_reading(struct ohc_payload *p, int rc, const struct ohc_error *why,
		       struct ohc_error *err)
{
	keep_failure(p, rc, why);
	if (rc < 0)
		ohc_error_copy(err, p->failed ? &p->failure : why, rc);
	pthread_mutex_unlock(&p->lock);
	return rc;
}

int ohc_payload_ready(struct ohc_payload *p, struct ohc_error *err)
{
	struct ohc_error why = OHC_ERROR_INIT;
	int rc;

	pthread_mutex_lock(&p->lock);
	rc = p->failed;
	if (rc == 0 && p->ops->ready)
		rc = p->ops->ready(p, &why);
	return end_reading(p, rc, &why, err);
}

void ohc_payload_fail(struct ohc_payload *p, int rc, const struct ohc_error *why)
{
	pthread_mutex_lock(&p->lock);
	keep_failure(p, rc, why);
	pthread_mutex_unlock(&p->lock);
}

bool ohc_payload_has_failed(struct ohc_payload *p)
{
	bool failed;

	pthread_mutex_lock(&p->lock);
	failed = p->failed < 0;
	pthread_mutex_unlock(&p->lock);
	return failed;
}

const char *ohc_payload_identity(struct ohc_payload *p)
{
	const char *identity;

	pthread_mutex_lock(&p->lock);
	identity = p->ops->identity(p);
	pthread_mutex_unlock(&p->lock);
	return identity;
}

int ohc_payload_entries(struct ohc_payload *p, const struct ohc_buf **ret, struct ohc_error *err)
{
	struct ohc_error why = OHC_ERROR_INIT;
	int rc;

	pthread_mutex_lock(&p->lock);
	rc = p->failed;
	if (rc == 0)
		rc = p->ops->entries(p, ret, &why);
	return end_reading(p, rc, &why, err);
}

static char *votes_key(struct ohc_payload *p)
{
	const char *identity = p->ops->identity(p);

	return identity ? ohc_xasprintf("%s %s", ohc_facts_hook.version, identity) : NULL;
}

static bool recall_votes(struct ohc_payload *p, const char *key)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf text = OHC_BUF_INIT;

	return ohc_cache_get(p->rules->cache, VOTES, key, VOTES_MAX, &text) &&
	       ohc_arch_votes_parse(p->votes, ohc_buf_str(&text));
}

static int count_votes(struct ohc_payload *p, const char *key, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *text = NULL;
	const struct ohc_buf *index;
	int rc = p->ops->entries(p, &index, err);

	*p->votes = (struct ohc_arch_votes){ .n = 0 };
	if (rc == 0)
		rc = ohc_arch_votes_add(p->votes, ohc_buf_str(index), index->len, p->source, err);
	if (rc < 0 || !key)
		return rc;
	text = ohc_arch_votes_text(p->votes);
	ohc_cache_put(p->rules->cache, VOTES, key, text, strlen(text));
	return 0;
}

/* Under the lock. */
static int need_votes(struct ohc_payload *p, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *key = NULL;
	int rc = 0;

	if (p->votes)
		return 0;
	p->votes = ohc_xcalloc(1, sizeof(*p->votes));
	key = votes_key(p);
	if (!key || !recall_votes(p, key))
		rc = count_votes(p, key, err);
	if (rc < 0)
		free(ohc_take(p->votes));
	return rc;
}

int ohc_payload_votes(struct ohc_payload *p, const struct ohc_arch_votes **ret,
		      struct ohc_error *err)
{
	struct ohc_error why = OHC_ERROR_INIT;
	int rc;

	pthread_mutex_lock(&p->lock);
	rc = p->failed;
	if (rc == 0)
		rc = need_votes(p, &why);
	*ret = p->votes;
	return end_reading(p, rc, &why, err);
}

int ohc_payload_walk_index(struct ohc_payload *p, ohc_fit_entry_fn fn, void *ctx,
			   struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) struct ohc_layer_index_iter *it = ohc_xcalloc(1, sizeof(*it));
	ohc_cleanup(ohc_buf_clear) struct ohc_buf path = OHC_BUF_INIT;
	const struct ohc_buf *index;
	struct ohc_layer_entry e;
	int rc = ohc_payload_entries(p, &index, err);

	if (rc < 0)
		return rc;
	ohc_layer_index_iter_start(it, ohc_buf_str(index), index->len, p->source);
	while ((rc = ohc_layer_index_iter_next(it, &e, err)) > 0) {
		struct ohc_fit_entry entry = {
			.mode = e.mode, .uid = e.uid, .gid = e.gid, .link = e.link
		};

		entry.mtime = ohc_mtime_of(p->rules->mtime, p->rules->time, e.mtime);
		ohc_buf_truncate(&path, 0);
		ohc_buf_addf(&path, "/%s", e.path);
		entry.path = path.data;
		fn(ctx, &entry);
	}
	return rc;
}

int ohc_payload_walk(struct ohc_payload *p, ohc_fit_entry_fn fn, void *ctx, struct ohc_error *err)
{
	return p->ops->walk ? p->ops->walk(p, fn, ctx, err)
			    : ohc_payload_walk_index(p, fn, ctx, err);
}

bool ohc_payload_has(struct ohc_payload *p, const char *path)
{
	return p->ops->has(p, path);
}

void ohc_payload_slim(struct ohc_payload *p)
{
	pthread_mutex_lock(&p->lock);
	if (p->ops->slim)
		p->ops->slim(p);
	pthread_mutex_unlock(&p->lock);
}

void ohc_payload_add_parts(struct ohc_payload *p, struct ohc_parts *parts)
{
	pthread_mutex_lock(&p->lock);
	p->ops->add_parts(p, parts);
	pthread_mutex_unlock(&p->lock);
}

int ohc_payload_assembly(struct ohc_payload *p, struct ohc_assembly **ret, struct ohc_error *err)
{
	if (!p->ops->assembly)
		return ohc_error_set(err, OHC_E_UNSUPPORTED,
				     "the payload '%s' cannot be joined with others in a layer",
				     p->source);
	return p->ops->assembly(p, ret, err);
}

bool ohc_payload_has_packages(struct ohc_payload *p)
{
	return p->ops->has_packages && p->ops->has_packages(p);
}

int ohc_payload_root(struct ohc_payload *p, struct ohc_files **ret, const char **ret_at,
		     struct ohc_error *err)
{
	*ret = NULL;
	*ret_at = NULL;
	return ohc_payload_has_packages(p) ? p->ops->root(p, ret, ret_at, err) : 0;
}

struct ohc_payload *ohc_payload_ref(struct ohc_payload *p)
{
	p->refs++;
	return p;
}

void ohc_payload_free(struct ohc_payload *p)
{
	if (!p || --p->refs > 0)
		return;
	pthread_mutex_destroy(&p->lock);
	free(ohc_take(p->source));
	free(ohc_take(p->target));
	free(ohc_take(p->votes));
	p->ops->free(p);
}
