// SPDX-License-Identifier: Apache-2.0
#include "compose/transports/transports.h"

#include <pthread.h>
#include <string.h>

#include "compose/transports/loads.h"
#include "core/alloc.h"
#include "core/set.h"
#include "oci/archive/docker.h"
#include "oci/archive/oci.h"
#include "oci/archive/write.h"
#include "oci/dir/dir.h"
#include "oci/documents/media.h"
#include "oci/store/held_tags.h"

struct client {
	struct ohc_registry_options options;
	struct ohc_registry *registry; /* made when a name first needs it */
};

struct ohc_transports {
	struct client own, src;
	bool one; /* both are the same */
	pthread_mutex_t lock;
	struct ohc_turns *copying;
	struct ohc_set *noted; /* "HOST/REPO DIGEST" */
	struct ohc_limits *limits;
	struct ohc_held_tags *held; /* NULL: they are not held, nor are images kept */
	struct ohc_loads *loads;
};

static bool same(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

struct ohc_transports *ohc_transports_new(const struct ohc_registry_options *own,
					  const struct ohc_registry_options *src)
{
	struct ohc_transports *p = ohc_xcalloc(1, sizeof(*p));

	pthread_mutex_init(&p->lock, NULL);
	p->copying = ohc_turns_new();
	p->noted = ohc_set_new();
	p->limits = ohc_limits_new();
	p->own.options = *own;
	p->src.options = *src;
	p->own.options.limits = p->src.options.limits = p->limits;
	p->one = same(own->user, src->user) && same(own->password, src->password) &&
		 same(own->authfile, src->authfile) && own->insecure == src->insecure;
	return p;
}

void ohc_transports_free(struct ohc_transports *p)
{
	if (!p)
		return;
	ohc_registry_free(p->own.registry);
	ohc_registry_free(p->src.registry);
	ohc_limits_free(p->limits);
	ohc_held_tags_free(p->held);
	ohc_loads_free(p->loads);
	ohc_turns_free(p->copying);
	ohc_set_free(p->noted);
	pthread_mutex_destroy(&p->lock);
	free(p);
}

void ohc_transports_freep(struct ohc_transports **p)
{
	ohc_transports_free(*p);
}

static struct ohc_registry *registry(struct ohc_transports *p, enum ohc_use use)
{
	struct client *c = use == OHC_USE_SOURCE && !p->one ? &p->src : &p->own;

	pthread_mutex_lock(&p->lock);
	if (!c->registry)
		c->registry = ohc_registry_new(&c->options);
	pthread_mutex_unlock(&p->lock);
	return c->registry;
}

void ohc_transports_hold(struct ohc_transports *p)
{
	if (p->held)
		return;
	p->loads = ohc_loads_new();
	p->held = ohc_held_tags_new();
	p->own.options.held = p->src.options.held = p->held;
}

struct ohc_limits *ohc_transports_limits(struct ohc_transports *p)
{
	return p->limits;
}

struct ohc_turns *ohc_transports_copying(struct ohc_transports *p)
{
	return p->copying;
}

void ohc_transports_note(struct ohc_transports *p, const char *repo, const char *digest)
{
	ohc_cleanup(ohc_freep) char *text = ohc_xasprintf("%s %s", repo, digest);

	pthread_mutex_lock(&p->lock);
	ohc_set_add(p->noted, text);
	pthread_mutex_unlock(&p->lock);
}

bool ohc_transports_noted(struct ohc_transports *p, const char *repo, const char *digest)
{
	ohc_cleanup(ohc_freep) char *text = ohc_xasprintf("%s %s", repo, digest);
	bool noted;

	pthread_mutex_lock(&p->lock);
	noted = ohc_set_has(p->noted, text);
	pthread_mutex_unlock(&p->lock);
	return noted;
}

int ohc_transports_open(struct ohc_transports *p, const struct ohc_name *name, enum ohc_use use,
			struct ohc_store **ret, struct ohc_error *err)
{
	struct ohc_report *report = p->own.options.report;
	bool write = use == OHC_USE_WRITE;
	int rc;

	switch (name->transport) {
	case OHC_REGISTRY:
		rc = ohc_registry_open(registry(p, use), name, ret, err);
		if (rc == 0 && write)
			ohc_registry_expect_write(*ret);
		return rc;
	case OHC_LAYOUT:
		return ohc_dir_open(name->path, write ? OHC_LAYOUT_WRITE : OHC_LAYOUT_READ, report,
				    ret, err);
	case OHC_OCI_ARCHIVE:
		return write ? ohc_archive_create(name, ret, err)
			     : ohc_oci_archive_open(name->path, report, ret, err);
	case OHC_DOCKER_ARCHIVE:
		return write ? ohc_archive_create(name, ret, err)
			     : ohc_docker_archive_open(name, report, ret, err);
	case OHC_SCRATCH:
		break;
	}
	return ohc_error_set(err, OHC_E_UNSUPPORTED, "'%s' cannot be used here", name->given);
}

int ohc_transports_check_login(struct ohc_transports *p, const struct ohc_name *name,
			       enum ohc_use use, struct ohc_error *err)
{
	return name->transport == OHC_REGISTRY
		       ? ohc_registry_check_login(registry(p, use), name, err)
		       : 0;
}

int ohc_transports_load(struct ohc_transports *p, struct ohc_store *s, const char *ref,
			const char *what, const struct ohc_platform *want, bool given,
			struct ohc_loaded *ret, struct ohc_error *err)
{
	struct ohc_descriptor d = { .digest = "" };
	int rc = p->loads ? ohc_store_recall(s, ref, &d, err) : 0;

	if (rc < 0)
		return rc;
	if (d.digest[0] && ohc_loads_find(p->loads, d.digest, want, ret))
		return given ? ohc_load_check(ret, what, want, err) : 0;
	rc = ohc_load_image(s, ref, what, want, given, ret, err);
	if (rc == 0 && p->loads)
		ohc_loads_keep(p->loads, ret->root.digest, want, ret);
	return rc;
}

/* A store that tells a tag's digest only with the manifest has to give that. */
static int find_digest(struct ohc_store *s, const char *tag, struct ohc_descriptor *ret,
		       struct ohc_error *err)
{
	ohc_cleanup(ohc_document_clear) struct ohc_document doc = OHC_DOCUMENT_INIT;
	int rc = ohc_store_resolve(s, tag, ret, err);

	if (rc < 0 || ret->digest[0])
		return rc;
	rc = ohc_store_get_manifest(s, tag, &doc, err);
	*ret = doc.d;
	return rc;
}

int ohc_transports_digest(struct ohc_transports *p, const struct ohc_name *name, enum ohc_use use,
			  char ret[OHC_DIGEST_MAX], uint64_t *requests, struct ohc_error *err)
{
	ohc_cleanup(ohc_store_closep) struct ohc_store *s = NULL;
	struct ohc_descriptor d = { .digest = "" };
	int rc;

	if (name->transport == OHC_SCRATCH || name->digest) {
		snprintf(ret, OHC_DIGEST_MAX, "%s", name->digest ? name->digest : "scratch");
		return 0;
	}
	rc = ohc_transports_open(p, name, use, &s, err);
	if (rc == 0)
		rc = find_digest(s, name->tag, &d, err);
	if (s)
		*requests += atomic_load(&s->stats.requests);
	if (rc == 0)
		snprintf(ret, OHC_DIGEST_MAX, "%s", d.digest);
	return rc;
}

void ohc_transports_say_format(struct ohc_report *report, const struct ohc_name *dest,
			       const char *media_type)
{
	if ((dest->transport == OHC_LAYOUT || dest->transport == OHC_OCI_ARCHIVE) &&
	    ohc_media_family(media_type) == OHC_FAMILY_DOCKER)
		ohc_report_say(
			report, OHC_NOTICE,
			"'%s' now has a manifest in Docker's format, which some tools do not look "
			"for in a layout: --format oci writes OCI's",
			dest->given);
}
