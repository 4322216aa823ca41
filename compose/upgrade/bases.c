// SPDX-License-Identifier: Apache-2.0
#include "compose/upgrade/bases.h"

#include <pthread.h>
#include <search.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/turns.h"

struct asked_base {
	char *name;
	char now[OHC_DIGEST_MAX];
};

struct ohc_upgrade_bases {
	struct ohc_transports *transports;
	struct ohc_turns *turns;
	pthread_mutex_t lock;
	void *tree; /* of struct asked_base, by name */
};

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct asked_base *)a)->name, ((const struct asked_base *)b)->name);
}

static void free_asked(void *p)
{
	free(((struct asked_base *)p)->name);
	free(p);
}

struct ohc_upgrade_bases *ohc_upgrade_bases_new(struct ohc_transports *transports)
{
	struct ohc_upgrade_bases *b = ohc_xcalloc(1, sizeof(*b));

	b->transports = transports;
	b->turns = ohc_turns_new();
	pthread_mutex_init(&b->lock, NULL);
	return b;
}

void ohc_upgrade_bases_free(struct ohc_upgrade_bases *b)
{
	if (!b)
		return;
	tdestroy(b->tree, free_asked);
	ohc_turns_free(b->turns);
	pthread_mutex_destroy(&b->lock);
	free(b);
}

static bool is_known(struct ohc_upgrade_bases *b, char *name, char ret_now[OHC_DIGEST_MAX])
{
	const struct asked_base wanted = { .name = name };
	struct asked_base *const *at;

	pthread_mutex_lock(&b->lock);
	at = tfind(&wanted, &b->tree, by_name);
	if (at)
		memcpy(ret_now, (*at)->now, OHC_DIGEST_MAX);
	pthread_mutex_unlock(&b->lock);
	return at;
}

static void keep(struct ohc_upgrade_bases *b, const char *name, const char *now)
{
	struct asked_base *a = ohc_xcalloc(1, sizeof(*a));

	a->name = ohc_xstrdup(name);
	snprintf(a->now, sizeof(a->now), "%s", now);
	pthread_mutex_lock(&b->lock);
	if (!tsearch(a, &b->tree, by_name))
		abort(); /* no memory, as everywhere (core/alloc.h) */
	pthread_mutex_unlock(&b->lock);
}

static int ask(struct ohc_upgrade_bases *b, const struct ohc_name *name,
	       char ret_now[OHC_DIGEST_MAX], uint64_t *requests, struct ohc_error *err)
{
	ohc_cleanup(ohc_store_closep) struct ohc_store *s = NULL;
	ohc_cleanup(ohc_document_clear) struct ohc_document doc = OHC_DOCUMENT_INIT;
	struct ohc_descriptor d = { .digest = "" };
	int rc = ohc_transports_open(b->transports, name, OHC_USE_SOURCE, &s, err);

	if (rc == 0)
		rc = ohc_store_resolve(s, name->tag, &d, err);
	if (rc == 0 && !d.digest[0]) {
		rc = ohc_store_get_manifest(s, name->tag, &doc, err);
		d = doc.d;
	}
	if (s)
		*requests += atomic_load(&s->stats.requests);
	if (rc < 0 && rc != -OHC_E_NOT_FOUND)
		return ohc_error_wrap(err, rc, "base '%s'", name->given);
	snprintf(ret_now, OHC_DIGEST_MAX, "%s", rc == 0 ? d.digest : "");
	return 0;
}

int ohc_upgrade_bases_ask(struct ohc_upgrade_bases *b, const struct ohc_name *name,
			  char ret_now[OHC_DIGEST_MAX], uint64_t *requests, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *text = ohc_name_text(name);
	int rc = 0;

	ohc_turns_begin(b->turns, text);
	if (!is_known(b, text, ret_now)) {
		rc = ask(b, name, ret_now, requests, err);
		if (rc == 0)
			keep(b, text, ret_now);
	}
	ohc_turns_end(b->turns, text);
	return rc;
}
