// SPDX-License-Identifier: Apache-2.0
#include "compose/push/session.h"

#include <pthread.h>
#include <string.h>

#include "core/alloc.h"
#include "layout/files/facts.h"

struct session_made {
	struct session_made *next;
	struct ohc_payload *payload;
	bool sure; /* such ones stand before others of the payload */
	struct ohc_part part;
	struct ohc_name name;
	struct ohc_store *store;
};

struct ohc_push_session {
	struct ohc_transports *transports;
	struct ohc_peek *peek;
	struct ohc_payload_shelf *shelf;
	struct ohc_adapters *adapters;
	struct ohc_boms *boms;
	pthread_mutex_t making;
	pthread_mutex_t lock; /* room in the list */
	struct session_made *made;
	bool alone;
};

struct ohc_push_session *ohc_push_session_new(struct ohc_transports *transports,
					      const struct ohc_push_session_options *o)
{
	struct ohc_push_session *s = ohc_xcalloc(1, sizeof(*s));

	s->transports = transports;
	s->alone = o->alone;
	s->peek = ohc_peek_new(&(struct ohc_peek_options){ .cache = o->cache,
							   .limits = o->limits,
							   .hook = &ohc_facts_hook,
							   .jobs = o->jobs,
							   .report = o->report });
	s->shelf = ohc_payload_shelf_new();
	s->adapters = ohc_adapters_new();
	s->boms = ohc_boms_new();
	pthread_mutex_init(&s->making, NULL);
	pthread_mutex_init(&s->lock, NULL);
	return s;
}

void ohc_push_session_free(struct ohc_push_session *s)
{
	if (!s)
		return;
	while (s->made) {
		struct session_made *m = s->made;

		s->made = m->next;
		ohc_store_close(m->store);
		ohc_name_clear(&m->name);
		ohc_payload_free(m->payload);
		free(m);
	}
	ohc_boms_free(s->boms);
	ohc_adapters_free(s->adapters);
	ohc_payload_shelf_free(s->shelf);
	ohc_peek_free(s->peek);
	pthread_mutex_destroy(&s->making);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

struct ohc_transports *ohc_push_session_transports(struct ohc_push_session *s)
{
	return s->transports;
}

struct ohc_peek *ohc_push_session_peek(struct ohc_push_session *s)
{
	return s->peek;
}

struct ohc_payload_shelf *ohc_push_session_shelf(struct ohc_push_session *s)
{
	return s->shelf;
}

struct ohc_boms *ohc_push_session_boms(struct ohc_push_session *s)
{
	return s->boms;
}

bool ohc_push_session_alone(const struct ohc_push_session *s)
{
	return s->alone;
}

struct ohc_adapters *ohc_push_session_adapters(struct ohc_push_session *s)
{
	return s->adapters;
}

void ohc_push_session_lock(struct ohc_push_session *s)
{
	pthread_mutex_lock(&s->making);
}

void ohc_push_session_unlock(struct ohc_push_session *s)
{
	pthread_mutex_unlock(&s->making);
}

/* Under the lock. */
static struct session_made *find(struct ohc_push_session *s, const struct ohc_payload *p)
{
	struct session_made *m = s->made;

	while (m && m->payload != p)
		m = m->next;
	return m;
}

bool ohc_push_session_made(struct ohc_push_session *s, const struct ohc_payload *p, bool sure,
			   struct ohc_part *ret)
{
	struct session_made *m;

	pthread_mutex_lock(&s->lock);
	m = find(s, p);
	pthread_mutex_unlock(&s->lock);
	if (!m || (sure && !m->sure))
		return false;
	*ret = m->part;
	ret->kind = OHC_PART_STORED;
	ret->stored.from = m->store;
	ret->stored.name = &m->name;
	return true;
}

static struct session_made *new_made(struct ohc_push_session *s, struct ohc_payload *p,
				     const struct ohc_part *part, const struct ohc_name *name)
{
	struct session_made *m = ohc_xcalloc(1, sizeof(*m));

	if (ohc_name_parse(name->given, &m->name, NULL) < 0 ||
	    ohc_transports_open(s->transports, &m->name, OHC_USE_OWN, &m->store, NULL) < 0) {
		ohc_name_clear(&m->name);
		free(m);
		return NULL;
	}
	m->payload = ohc_payload_ref(p);
	m->part.title = part->title; /* which is the payload's */
	m->part.layer = part->layer;
	m->part.layer.action = NULL;
	memcpy(m->part.diff_id, part->diff_id, sizeof(m->part.diff_id));
	return m;
}

void ohc_push_session_remember(struct ohc_push_session *s, struct ohc_payload *p,
			       const struct ohc_part *part, const struct ohc_name *name, bool sure)
{
	struct session_made *m;

	if (name->transport != OHC_REGISTRY && name->transport != OHC_LAYOUT)
		return;
	pthread_mutex_lock(&s->lock);
	m = find(s, p);
	if (!m || (sure && !m->sure)) { /* the other one may be in use */
		m = new_made(s, p, part, name);
		if (m) {
			m->sure = sure;
			m->next = s->made;
			s->made = m;
		}
	}
	pthread_mutex_unlock(&s->lock);
}
