// SPDX-License-Identifier: Apache-2.0
#include "compose/layers/move_internal.h"

#include <string.h>

#include "compose/layers/places.h"
#include "core/alloc.h"

/* Gives up mounting after so many repositories, because each costs a request. */
#define MOUNTS_TRIED 2

bool ohc_move_same_registry(const struct ohc_name *a, const struct ohc_name *b)
{
	return a->transport == OHC_REGISTRY && b->transport == OHC_REGISTRY &&
	       strcmp(a->host, b->host) == 0;
}

const char *ohc_move_sent(const struct ohc_move *m)
{
	return m->to->transport == OHC_REGISTRY ? "uploaded" : "written";
}

char *ohc_move_here(const struct ohc_move *m)
{
	return m->to->transport == OHC_REGISTRY ? ohc_name_place(m->to) : NULL;
}

/* Of the same registry, and not where the layer goes. */
static bool is_near(const char *here, const char *place)
{
	const size_t host = strcspn(here, "/") + 1;

	return strncmp(place, here, host) == 0 && !ohc_places_is(place, here);
}

static bool mount_from(const struct ohc_move *m, const struct ohc_descriptor *d, const char *place)
{
	ohc_cleanup(ohc_store_closep) struct ohc_store *from = NULL;
	ohc_cleanup(ohc_name_clear) struct ohc_name name = { .given = NULL };
	ohc_cleanup(ohc_freep) char *text =
		ohc_xasprintf("docker://%.*s", (int)ohc_places_length(place), place);
	bool done = false;

	if (ohc_name_parse(text, &name, NULL) < 0 ||
	    ohc_transports_open(m->transports, &name, OHC_USE_OWN, &from, NULL) < 0)
		return false;
	if (m->dry_run)
		return ohc_store_has_blob(from, d, &done, NULL) == 0 && done;
	return ohc_store_mount_blob(m->dest, d, from, &done, NULL) == 0 && done;
}

bool ohc_move_mount_seen(const struct ohc_move *m, const struct ohc_descriptor *d,
			 const struct ohc_memo_layer *known)
{
	ohc_cleanup(ohc_freep) char *here = ohc_move_here(m);
	const char *place = here ? known->seen : NULL;
	size_t tried = 0;
	bool there = false;

	for (; !there && place && *place && tried < MOUNTS_TRIED; place = ohc_places_next(place))
		if (is_near(here, place)) {
			there = mount_from(m, d, place);
			tried++;
		}
	return there;
}

bool ohc_move_is_here(const struct ohc_move *m, const char *digest,
		      const struct ohc_memo_layer *known)
{
	ohc_cleanup(ohc_freep) char *repo = ohc_move_here(m);

	if (m->ask || !repo)
		return false;
	return ohc_places_has(known->seen, repo) ||
	       ohc_transports_noted(m->transports, repo, digest);
}

bool ohc_move_is_mounted(const struct ohc_move *m, struct ohc_moved_layer *l,
			 const struct ohc_memo *memo)
{
	if (ohc_move_is_here(m, l->d.digest, &memo->known))
		l->action = "kept";
	else if (memo->found && !m->ask && !m->dry_run &&
		 ohc_move_mount_seen(m, &l->d, &memo->known))
		l->action = "mounted";
	else
		return false;
	return true;
}

void ohc_move_look(const struct ohc_move *m, const char *digest, struct ohc_memo *ret)
{
	ohc_cleanup(ohc_freep) char *key = ohc_xasprintf("layer %s", digest);

	if (m->to->transport == OHC_REGISTRY)
		ohc_memo_look(ret, m->rules->cache, key);
}

void ohc_move_remember(const struct ohc_move *m, struct ohc_memo *memo,
		       const struct ohc_descriptor *d, const char *diff_id)
{
	ohc_cleanup(ohc_freep) char *repo = m->dry_run ? NULL : ohc_move_here(m);

	ohc_memo_keep(memo, d, diff_id, repo);
	if (repo)
		ohc_transports_note(m->transports, repo, d->digest);
}
