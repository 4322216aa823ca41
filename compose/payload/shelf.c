// SPDX-License-Identifier: Apache-2.0
#include "compose/payload/shelf.h"

#include <pthread.h>
#include <string.h>

#include "core/alloc.h"

struct kept_rules {
	struct kept_rules *next;
	struct ohc_making_rules rules;
};

struct kept_payload {
	struct kept_payload *next;
	struct ohc_payload *payload;
};

struct ohc_payload_shelf {
	pthread_mutex_t lock;
	struct kept_rules *rules;
	struct kept_payload *payloads;
};

struct ohc_payload_shelf *ohc_payload_shelf_new(void)
{
	struct ohc_payload_shelf *s = ohc_xcalloc(1, sizeof(*s));

	pthread_mutex_init(&s->lock, NULL);
	return s;
}

/* Payloads refer to rules, so rules are freed after them. */
void ohc_payload_shelf_free(struct ohc_payload_shelf *s)
{
	if (!s)
		return;
	while (s->payloads) {
		struct kept_payload *k = s->payloads;

		s->payloads = k->next;
		ohc_payload_free(k->payload);
		free(k);
	}
	while (s->rules) {
		struct kept_rules *k = s->rules;

		s->rules = k->next;
		free(k);
	}
	pthread_mutex_destroy(&s->lock);
	free(s);
}

static bool same_rules(const struct ohc_making_rules *a, const struct ohc_making_rules *b)
{
	return a->uid == b->uid && a->gid == b->gid && a->mtime == b->mtime && a->time == b->time &&
	       a->codec.compression == b->codec.compression && a->codec.level == b->codec.level &&
	       a->cache == b->cache && a->notes == b->notes && a->limits == b->limits &&
	       a->report == b->report;
}

static bool is(const struct ohc_payload *p, const struct ohc_payload_spec *spec,
	       const struct ohc_making_rules *rules)
{
	return strcmp(p->source, spec->source) == 0 && strcmp(p->target, spec->target) == 0 &&
	       same_rules(p->rules, rules);
}

/* Call it with the lock held. */
static struct ohc_payload *find(struct ohc_payload_shelf *s, const struct ohc_payload_spec *spec,
				const struct ohc_making_rules *rules)
{
	for (struct kept_payload *k = s->payloads; k; k = k->next)
		if (is(k->payload, spec, rules))
			return k->payload;
	return NULL;
}

static const struct ohc_making_rules *keep_rules(struct ohc_payload_shelf *s,
						 const struct ohc_making_rules *rules)
{
	struct kept_rules *k = s->rules;

	while (k && !same_rules(&k->rules, rules))
		k = k->next;
	if (!k) {
		k = ohc_xcalloc(1, sizeof(*k));
		k->rules = *rules;
		k->next = s->rules;
		s->rules = k;
	}
	return &k->rules;
}

static int add(struct ohc_payload_shelf *s, struct ohc_payload_source *source,
	       const struct ohc_making_rules *rules, struct ohc_error *err)
{
	struct kept_payload *k;
	int rc = ohc_payload_source_look(source, keep_rules(s, rules), err);

	if (rc < 0)
		return rc;
	k = ohc_xcalloc(1, sizeof(*k));
	k->payload = ohc_payload_ref(source->local);
	k->next = s->payloads;
	s->payloads = k;
	return 0;
}

/* Call it with the lock held.  What is on standard input is one layer. */
static int check_stdin(const struct ohc_payload_shelf *s, const struct ohc_payload_source *source,
		       struct ohc_error *err)
{
	bool read = false;

	for (const struct kept_payload *k = s->payloads; k; k = k->next)
		read |= strcmp(k->payload->source, "-") == 0;
	if (!read || strcmp(source->spec.source, "-") != 0)
		return 0;
	return ohc_error_set(err, OHC_E_USAGE,
			     "--payload -: standard input can be read only once, and images want "
			     "other layers of it: owner, times, compression and target must be the "
			     "same for all");
}

/* An image may be another payload for each platform. */
int ohc_payload_shelf_look(struct ohc_payload_shelf *s, struct ohc_payload_source *source,
			   const struct ohc_making_rules *rules, struct ohc_error *err)
{
	struct ohc_payload *found;
	int rc = 0;

	if (source->spec.is_image || source->kept)
		return ohc_payload_source_look(source, rules, err);
	pthread_mutex_lock(&s->lock);
	found = find(s, &source->spec, rules);
	if (found)
		source->local = ohc_payload_ref(found);
	else
		rc = check_stdin(s, source, err);
	if (rc == 0 && !found)
		rc = add(s, source, rules, err);
	pthread_mutex_unlock(&s->lock);
	return rc;
}
