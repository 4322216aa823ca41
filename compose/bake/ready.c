// SPDX-License-Identifier: Apache-2.0
#include "compose/bake/ready.h"

#include <string.h>

#include "compose/payload/spec.h"
#include "core/alloc.h"
#include "core/set.h"

/* --- credentials --- */

struct checking {
	struct ohc_transports *transports;
	struct ohc_set *seen; /* "HOST/REPO", for what is read and for what is written */
};

static int check_login(struct checking *c, const struct ohc_name *name, enum ohc_use use,
		       struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *key = NULL;
	int rc;

	if (name->transport != OHC_REGISTRY)
		return 0;
	key = ohc_xasprintf("%d %s/%s", use, name->host, name->repo);
	if (!ohc_set_add(c->seen, key))
		return 0;
	rc = ohc_transports_check_login(c->transports, name, use, err);
	return rc < 0 ? ohc_error_wrap(err, rc, "credentials for '%s'", name->host) : 0;
}

/* A name that is none, or not known yet, is nothing that could be looked at. */
static int check_name(struct checking *c, const char *text, enum ohc_use use, struct ohc_error *err)
{
	ohc_cleanup(ohc_name_clear) struct ohc_name name = { .given = NULL };

	return ohc_name_parse(text, &name, NULL) < 0 ? 0 : check_login(c, &name, use, err);
}

static int check_payload(struct checking *c, const char *text, struct ohc_error *err)
{
	ohc_cleanup(ohc_payload_spec_clear) struct ohc_payload_spec spec = { .source = NULL };

	if (ohc_payload_spec_parse(text, &spec, NULL) < 0 || !spec.is_image)
		return 0;
	return check_login(c, &spec.image, OHC_USE_SOURCE, err);
}

static int check_logins(struct checking *c, const struct ohc_bake_settings *s,
			struct ohc_error *err)
{
	int rc = check_name(c, s->dest, OHC_USE_WRITE, err);

	if (rc == 0)
		rc = check_name(c, s->base, OHC_USE_SOURCE, err);
	for (size_t i = 0; rc == 0 && i < s->push.payloads.n; i++)
		rc = check_payload(c, s->push.payloads.v[i], err);
	return rc;
}

static int check_all_logins(struct ohc_transports *transports, struct ohc_bake_image *const *images,
			    size_t n, struct ohc_error *err)
{
	ohc_cleanup(ohc_set_freep) struct ohc_set *seen = ohc_set_new();
	struct checking c = { transports, seen };
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < n; i++)
		if (!(images[i]->again && images[i]->again->left))
			rc = check_logins(&c, &images[i]->settings, err);
	return rc;
}

/* --- payloads --- */

/* Might the next image find it? */
static bool may_pass(int rc)
{
	return rc == -OHC_E_NETWORK;
}

/* Which of an index is for an image, that image finds out. */
static int look_at(struct ohc_transports *transports, const struct ohc_payload_spec *spec,
		   struct ohc_error *err)
{
	ohc_cleanup(ohc_store_closep) struct ohc_store *store = NULL;
	ohc_cleanup(ohc_document_clear) struct ohc_document doc = OHC_DOCUMENT_INIT;
	int rc = ohc_transports_open(transports, &spec->image, OHC_USE_SOURCE, &store, err);

	if (rc == 0)
		rc = ohc_store_get_manifest(store, ohc_name_ref(&spec->image), &doc, err);
	return rc < 0 ? ohc_error_wrap(err, rc, "payload '%s'", spec->source) : 0;
}

static bool is_to_be_made(const struct ohc_bake_image *image, const struct ohc_journal *journal)
{
	return !(image->again && image->again->left) &&
	       !ohc_journal_has(journal, image->settings.dest);
}

/* Do all images need it that are to be made, one at least? */
static bool is_of_all(const char *payload, struct ohc_bake_image *const *images, size_t n,
		      const struct ohc_journal *journal)
{
	bool any = false;

	for (size_t i = 0; i < n; i++) {
		if (!is_to_be_made(images[i], journal))
			continue;
		if (!ohc_strv_has(&images[i]->settings.push.payloads, payload))
			return false;
		any = true;
	}
	return any;
}

static int check_payloads(struct ohc_transports *transports, struct ohc_bake_image *const *images,
			  size_t n, const struct ohc_journal *journal, struct ohc_error *err)
{
	const struct ohc_strv none = OHC_STRV_INIT;
	const struct ohc_strv *payloads = n ? &images[0]->settings.push.payloads : &none;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < payloads->n; i++) {
		ohc_cleanup(ohc_payload_spec_clear) struct ohc_payload_spec spec = { .source =
											     NULL };
		struct ohc_error why = OHC_ERROR_INIT;

		if (!is_of_all(payloads->v[i], images, n, journal) ||
		    ohc_payload_spec_parse(payloads->v[i], &spec, NULL) < 0 || !spec.is_image)
			continue;
		rc = look_at(transports, &spec, &why);
		rc = may_pass(rc) ? 0 : ohc_error_copy(err, &why, rc);
	}
	return rc;
}

int ohc_bake_ready(struct ohc_transports *transports, struct ohc_bake_image *const *images,
		   size_t n, const struct ohc_bake_options *o, struct ohc_error *err)
{
	int rc = check_all_logins(transports, images, n, err);

	return rc < 0 || o->dry_run ? rc : check_payloads(transports, images, n, o->journal, err);
}
