// SPDX-License-Identifier: Apache-2.0
#include "compose/rebuild/rebuild.h"

#include <string.h>

#include "compose/rebuild/again.h"
#include "core/alloc.h"

static struct ohc_rebuilt_image *add_image(struct ohc_rebuilt *r)
{
	r->v = ohc_xrealloc(r->v, r->n + 1, sizeof(*r->v));
	memset(&r->v[r->n], 0, sizeof(*r->v));
	return &r->v[r->n++];
}

static int rebuild_entry(struct ohc_again *a, const struct ohc_index_entry *e,
			 struct ohc_rebuilt *r, struct ohc_error *err)
{
	char platform[OHC_PLATFORM_TEXT];
	ohc_cleanup(ohc_freep) char *prefix =
		ohc_xasprintf("%s: ", ohc_platform_text(&e->platform, platform));
	int rc;

	a->prefix = prefix;
	rc = ohc_again_one(a, e->d.digest, add_image(r), err);
	a->prefix = "";
	return rc < 0 ? ohc_error_wrap(err, rc, "%s", platform) : 0;
}

static int rebuild_index(struct ohc_again *a, const struct ohc_document *doc, struct ohc_rebuilt *r,
			 struct ohc_error *err)
{
	ohc_cleanup(ohc_index_clear) struct ohc_index index = OHC_INDEX_INIT;
	int rc = ohc_index_parse(doc, &index, err);

	for (size_t i = 0; rc == 0 && i < index.n; i++)
		if (index.entries[i].has_platform && !index.entries[i].attestation)
			rc = rebuild_entry(a, &index.entries[i], r, err);
	if (rc == 0 && r->n == 0)
		rc = ohc_error_set(err, OHC_E_NOT_FOUND, "'%s' is an index of no images",
				   a->name->given);
	return rc < 0 ? rc : ohc_again_index(a, doc, r->v, r->n, err);
}

int ohc_rebuild(struct ohc_transports *transports, struct ohc_store *store,
		const struct ohc_name *name, const struct ohc_rebuild_options *o,
		struct ohc_rebuilt *ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_document_clear) struct ohc_document doc = OHC_DOCUMENT_INIT;
	ohc_cleanup(ohc_rebuild_clear) struct ohc_rebuilt r = { .v = NULL };
	struct ohc_again a = { .store = store, .name = name, .o = o, .prefix = "" };
	int rc = ohc_store_get_manifest(store, ohc_name_ref(name), &doc, err);

	if (rc < 0)
		return rc;
	r.root = doc.d;
	a.session = ohc_push_session_new(transports,
					 &(struct ohc_push_session_options){ .cache = o->cache,
									     .report = o->report,
									     .limits = o->limits,
									     .jobs = o->jobs });
	rc = ohc_media_is_index(doc.d.media_type)
		     ? rebuild_index(&a, &doc, &r, err)
		     : ohc_again_one(&a, doc.d.digest, add_image(&r), err);
	ohc_push_session_free(a.session);
	ohc_again_clear(&a);
	if (rc < 0)
		return rc;
	r.findings = a.findings;
	*ret = r;
	r = (struct ohc_rebuilt){ .v = NULL };
	return 0;
}

void ohc_rebuild_clear(struct ohc_rebuilt *r)
{
	for (size_t i = 0; i < r->n; i++) {
		ohc_composition_clear(&r->v[i].says);
		ohc_strv_clear(&r->v[i].taken);
	}
	free(r->v);
	*r = (struct ohc_rebuilt){ .v = NULL };
}
