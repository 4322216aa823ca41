// SPDX-License-Identifier: Apache-2.0
#include "registry/registry.h"

#include <string.h>

#include "core/alloc.h"
#include "registry/fault.h"
#include "registry/mount.h"
#include "registry/repo.h"
#include "registry/session.h"
#include "registry/trust.h"

#define DEFAULT_RETRIES 5
#define DEFAULT_TIMEOUT 60

struct ohc_registry *ohc_registry_new(const struct ohc_registry_options *options)
{
	struct ohc_registry *r = ohc_xcalloc(1, sizeof(*r));
	struct ohc_trust_options trust = {
		.ca_file = options->ca_file,
		.cert_file = options->cert_file,
		.key_file = options->key_file,
		.insecure = options->insecure,
	};
	struct ohc_credentials_options credentials = {
		.user = options->user,
		.password = options->password,
		.authfile = options->authfile,
	};

	r->o = *options;
	r->wire.http =
		ohc_http_new(options->user_agent ? options->user_agent : "ohcompose/" OHC_VERSION);
	r->wire.trust = ohc_trust_new(&trust);
	r->wire.report = options->report;
	r->wire.retries = options->retries == OHC_RETRIES_NONE ? 0
			  : options->retries                   ? options->retries
							       : DEFAULT_RETRIES;
	r->wire.timeout = options->timeout ? options->timeout : DEFAULT_TIMEOUT;
	r->keyring = ohc_keyring_new(&credentials);
	r->mounts = ohc_mounts_new();
	pthread_mutex_init(&r->lock, NULL);
	return r;
}

void ohc_registry_free(struct ohc_registry *r)
{
	if (!r)
		return;
	while (r->endpoints) {
		struct ohc_endpoint *e = r->endpoints;

		r->endpoints = e->next;
		ohc_endpoint_free(e);
	}
	ohc_mounts_free(r->mounts);
	ohc_keyring_free(r->keyring);
	ohc_trust_free(r->wire.trust);
	ohc_http_free(r->wire.http);
	pthread_mutex_destroy(&r->lock);
	free(r);
}

static struct ohc_endpoint *endpoint(struct ohc_registry *r, const char *name)
{
	struct ohc_endpoint *e;

	pthread_mutex_lock(&r->lock);
	for (e = r->endpoints; e; e = e->next)
		if (strcmp(e->name, name) == 0)
			break;
	if (!e) {
		e = ohc_endpoint_new(&r->wire, r->keyring, name, NULL, r->o.insecure);
		e->next = r->endpoints;
		r->endpoints = e;
	}
	pthread_mutex_unlock(&r->lock);
	return e;
}

/* has_blob is asked before an upload, so its token may as well be good for that. */
int ohc_repo_has_blob(struct ohc_store *s, const struct ohc_descriptor *d, bool *ret,
		      struct ohc_error *err)
{
	struct ohc_repo *repo = ohc_repo_of(s);
	struct ohc_place *p = ohc_repo_origin(repo);
	ohc_cleanup(ohc_request_clear) struct ohc_request rq = OHC_REQUEST_INIT;
	ohc_cleanup(ohc_reply_clear) struct ohc_reply re = OHC_REPLY_INIT;
	ohc_cleanup(ohc_freep) char *url = NULL;
	int rc = ohc_place_url(repo, p, &url, err, "blobs/%s", d->digest);

	if (rc < 0)
		return rc;
	ohc_place_request(repo, p, &rq, "HEAD", url, "pull,push");
	rc = ohc_request_run(&repo->r->wire, &rq, &re, err);
	if (rc < 0)
		return ohc_error_wrap(err, rc, "cannot look for a blob in '%s'", repo->name);
	if (re.status != 200 && re.status != 404)
		return ohc_place_error(p, &re, err, "look for blob %s in '%s'", d->digest,
				       repo->name);
	*ret = re.status == 200;
	return 0;
}

static int nothing_left(struct ohc_store *s, struct ohc_error *err)
{
	(void)s;
	(void)err;
	return 0;
}

static void repo_close(struct ohc_store *s)
{
	struct ohc_repo *repo = ohc_repo_of(s);
	struct ohc_session *left;

	while ((left = ohc_session_take(repo, NULL))) {
		ohc_session_abort(repo, left->url);
		ohc_session_free(left);
	}
	for (size_t i = 0; i < repo->n_places; i++)
		free(repo->places[i].repo);
	pthread_mutex_destroy(&repo->lock);
	free(repo->places);
	free(repo->name);
	free(repo);
}

static const struct ohc_store_ops repo_ops = {
	.get_manifest = ohc_repo_get_manifest,
	.put_manifest = ohc_repo_put_manifest,
	.open_blob = ohc_repo_open_blob,
	.has_blob = ohc_repo_has_blob,
	.put_blob = ohc_repo_put_blob,
	.mount_blob = ohc_repo_mount_blob,
	.list_tags = ohc_repo_list_tags,
	.delete_manifest = ohc_repo_delete_manifest,
	.finish = nothing_left,
	.close = repo_close,
};

int ohc_registry_open(struct ohc_registry *r, const struct ohc_name *name, struct ohc_store **ret,
		      struct ohc_error *err)
{
	struct ohc_repo *repo;

	if (name->transport != OHC_REGISTRY)
		return ohc_error_set(err, OHC_E_USAGE, "'%s' is not in a registry", name->given);
	repo = ohc_xcalloc(1, sizeof(*repo));
	repo->store.ops = &repo_ops;
	repo->name = ohc_xasprintf("%s/%s", name->host, name->repo);
	repo->store.name = repo->name;
	repo->r = r;
	pthread_mutex_init(&repo->lock, NULL);
	repo->n_places = 1;
	repo->places = ohc_xcalloc(1, sizeof(*repo->places));
	repo->places[0].e = endpoint(r, name->host);
	repo->places[0].repo = ohc_xstrdup(name->repo);
	*ret = &repo->store;
	return 0;
}
