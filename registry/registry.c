// SPDX-License-Identifier: Apache-2.0
#include "registry/registry.h"

#include <string.h>

#include "core/alloc.h"
#include "core/set.h"
#include "core/turns.h"
#include "core/cache.h"
#include "core/turns.h"
#include "registry/fault.h"
#include "registry/mount.h"
#include "registry/registries_conf.h"
#include "registry/repo.h"
#include "registry/session.h"
#include "registry/trust.h"
#include "registry/warning.h"

#define DEFAULT_RETRIES 5
#define DEFAULT_TIMEOUT 60

struct ohc_registry *ohc_registry_new(const struct ohc_registry_options *options)
{
	struct ohc_registry *r = ohc_xcalloc(1, sizeof(*r));
	struct ohc_trust_options trust = {
		.ca_file = options->ca_file,
		.cert_file = options->cert_file,
		.key_file = options->key_file,
	};
	struct ohc_credentials_options credentials = {
		.user = options->user,
		.password = options->password,
		.from = options->source ? "--src-creds" : "--creds",
		.authfile = options->authfile,
		.helper_seconds = options->timeout,
	};

	r->o = *options;
	r->wire.http =
		ohc_http_new(options->user_agent ? options->user_agent : "ohcompose/" OHC_VERSION);
	r->wire.trust = ohc_trust_new(&trust);
	r->wire.report = options->report;
	r->wire.cache = options->hosts;
	r->own_limits = options->limits ? NULL : ohc_limits_new();
	r->wire.limits = options->limits ? options->limits : r->own_limits;
	r->wire.warnings = ohc_warnings_new(options->report);
	r->wire.retries = options->retries == OHC_RETRIES_NONE ? 0
			  : options->retries                   ? options->retries
							       : DEFAULT_RETRIES;
	r->wire.timeout = options->timeout ? options->timeout : DEFAULT_TIMEOUT;
	r->wire.insecure = options->source ? "--src-insecure" : "--insecure";
	r->wire.login = options->source ? "--src-creds, or ohcompose login" : "ohcompose login";
	r->keyring = ohc_credentials_new(&credentials);
	credentials.user = NULL;
	r->found = options->user ? ohc_credentials_new(&credentials) : r->keyring;
	r->mounts = ohc_mounts_new();
	r->fetching = ohc_turns_new();
	r->rights = ohc_turns_new();
	r->writable = ohc_set_new();
	r->conf = ohc_registries_conf_new();
	pthread_mutex_init(&r->lock, NULL);
	pthread_mutex_init(&r->referrers, NULL);
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
	ohc_turns_free(r->fetching);
	ohc_turns_free(r->rights);
	ohc_set_free(r->writable);
	ohc_repo_denials_free(r->denied);
	ohc_registries_conf_free(r->conf);
	if (r->found != r->keyring)
		ohc_credentials_free(r->found);
	ohc_credentials_free(r->keyring);
	ohc_trust_free(r->wire.trust);
	ohc_warnings_free(r->wire.warnings);
	ohc_http_free(r->wire.http);
	ohc_limits_free(r->own_limits);
	pthread_mutex_destroy(&r->referrers);
	pthread_mutex_destroy(&r->lock);
	free(r);
}

static struct ohc_endpoint *endpoint(struct ohc_registry *r, const struct ohc_endpoint_key *key)
{
	struct ohc_endpoint *e;

	pthread_mutex_lock(&r->lock);
	for (e = r->endpoints; e && !ohc_endpoint_is(e, key); e = e->next)
		;
	if (!e) {
		e = ohc_endpoint_new(&r->wire, key->named ? r->keyring : r->found, key);
		e->next = r->endpoints;
		r->endpoints = e;
	}
	pthread_mutex_unlock(&r->lock);
	return e;
}

/* The endpoint of a registry whose name was given. */
static struct ohc_endpoint *named(struct ohc_registry *r, const char *name, bool insecure)
{
	return endpoint(r, &(struct ohc_endpoint_key){ .name = name,
						       .named = true,
						       .insecure = insecure || r->o.insecure });
}

int ohc_registry_check_login(struct ohc_registry *r, const struct ohc_name *name,
			     struct ohc_error *err)
{
	return ohc_credentials_check(r->keyring, name->host, name->repo, err);
}

struct ohc_endpoint *ohc_registry_endpoint(struct ohc_registry *r, const char *name)
{
	return named(r, name, false);
}

static int head(struct ohc_repo *repo, const char *url, const char *actions, struct ohc_reply *re,
		struct ohc_error *err)
{
	ohc_cleanup(ohc_request_clear) struct ohc_request rq = OHC_REQUEST_INIT;

	ohc_repo_request(repo, ohc_repo_origin(repo), &rq, "HEAD", url, actions);
	return ohc_request_run(&repo->r->wire, &rq, re, err);
}

/* This is mostly asked before an upload, so the token is to be good for that, too.  Some token
 * servers refuse such a token to users who may only read; then one for reading is got. */
int ohc_repo_has_blob(struct ohc_store *s, const struct ohc_descriptor *d, bool *ret,
		      struct ohc_error *err)
{
	struct ohc_repo *repo = ohc_repo_of(s);
	struct ohc_repo_location *p = ohc_repo_origin(repo);
	ohc_cleanup(ohc_request_reply_clear) struct ohc_reply re = OHC_REPLY_INIT;
	ohc_cleanup(ohc_freep) char *url = NULL;
	int rc = ohc_repo_url(repo, p, &url, err, "blobs/%s", d->digest);

	if (rc < 0)
		return rc;
	rc = head(repo, url, "pull,push", &re, err);
	if (rc == -OHC_E_DENIED || (rc == 0 && (re.status == 401 || re.status == 403))) {
		ohc_request_reply_clear(&re);
		rc = head(repo, url, "pull", &re, err);
	}
	if (rc < 0)
		return ohc_error_wrap(err, rc, "cannot look for a blob in '%s'", repo->name);
	if (re.status != 200 && re.status != 404)
		return ohc_repo_error(p, &re, err, "look for blob %s in '%s'", d->digest,
				      repo->name);
	*ret = re.status == 200;
	if (*ret)
		ohc_repo_saw_blob(repo, d->digest);
	else
		ohc_mounts_forget(repo->r->mounts, repo->name, d->digest);
	return 0;
}

static int nothing_left(struct ohc_store *s, struct ohc_error *err)
{
	(void)s;
	(void)err;
	return 0;
}

/* Tells the endpoints that the locations are in use, or not any more. */
static void expect(struct ohc_repo *repo, bool on)
{
	for (size_t i = 0; i < repo->n_locations; i++)
		ohc_auth_expect(repo->locations[i].e->auth, repo->locations[i].repo, false, on);
	ohc_auth_expect(repo->origin.e->auth, repo->origin.repo, false, on);
}

static void repo_close(struct ohc_store *s)
{
	struct ohc_repo *repo = ohc_repo_of(s);
	struct ohc_session *left;

	while ((left = ohc_session_take(repo, NULL))) {
		ohc_session_abort(repo, left->url);
		ohc_session_free(left);
	}
	if (repo->origin.e)
		expect(repo, false);
	if (repo->to_be_written)
		ohc_auth_expect(repo->origin.e->auth, repo->origin.repo, true, false);
	for (size_t i = 0; i < repo->n_locations; i++)
		free(repo->locations[i].repo);
	free(repo->origin.repo);
	pthread_mutex_destroy(&repo->lock);
	ohc_set_free(repo->seen);
	free(repo->locations);
	free(repo->name);
	free(repo);
}

static const struct ohc_store_ops repo_ops = {
	.head = ohc_repo_head_manifest,
	.get_manifest = ohc_repo_get_manifest,
	.put_manifest = ohc_repo_put_manifest,
	.put_tagged = ohc_repo_put_tagged,
	.open_blob = ohc_repo_open_blob,
	.has_blob = ohc_repo_has_blob,
	.put_blob = ohc_repo_put_blob,
	.mount_blob = ohc_repo_mount_blob,
	.may_write = ohc_repo_may_write,
	.list_tags = ohc_repo_list_tags,
	.get_referrers = ohc_repo_get_referrers,
	.lists_referrers = ohc_repo_lists_referrers,
	.delete_manifest = ohc_repo_delete_manifest,
	.delete_referrer = ohc_repo_delete_referrer,
	.finish = nothing_left,
	.close = repo_close,
};

/* The endpoint of a location other than the one that was named. */
static struct ohc_endpoint *other(struct ohc_registry *r,
				  const struct ohc_registries_conf_location *c)
{
	return endpoint(r, &(struct ohc_endpoint_key){
				   .name = c->host, .scheme = c->scheme, .insecure = c->insecure });
}

static void add_location(struct ohc_repo *repo, const struct ohc_registries_conf_location *c,
			 struct ohc_endpoint *e)
{
	repo->locations =
		ohc_xrealloc(repo->locations, repo->n_locations + 1, sizeof(*repo->locations));
	repo->locations[repo->n_locations++] = (struct ohc_repo_location){
		.e = e,
		.repo = ohc_xstrdup(c->repo),
		.by_tag = c->by_tag,
		.by_digest = c->by_digest,
	};
}

/* Adds the mirrors of --mirror HOST=URL. */
static int add_mirrors(struct ohc_repo *repo, const struct ohc_name *name, struct ohc_error *err)
{
	const struct ohc_strv *list = repo->r->o.mirrors;
	const char *text, *eq;
	size_t i;
	int rc;

	if (!list)
		return 0;
	ohc_strv_foreach (list, i, text) {
		struct ohc_registries_conf_location c = { 0 };

		eq = strchr(text, '=');
		if (!eq || eq == text || !eq[1])
			return ohc_error_set(err, OHC_E_USAGE,
					     "mirror '%s' is not of the form HOST=URL", text);
		if (strlen(name->host) != (size_t)(eq - text) ||
		    strncmp(name->host, text, (size_t)(eq - text)) != 0)
			continue;
		rc = ohc_registries_conf_location_parse(eq + 1, name->repo, "--mirror", &c, err);
		if (rc < 0)
			return rc;
		add_location(repo, &c, other(repo->r, &c));
		ohc_registries_conf_location_clear(&c);
	}
	return 0;
}

/* Adds the locations that registries.conf names for the repository. */
static int add_conf(struct ohc_repo *repo, const struct ohc_name *name, struct ohc_error *err)
{
	ohc_cleanup(ohc_registries_conf_answer_clear) struct ohc_registries_conf_answer a = {
		.n_mirrors = 0
	};
	bool here;
	int rc = ohc_registries_conf_ask(repo->r->conf, name->host, name->repo, &a, err);

	if (rc < 0)
		return rc;
	if (a.blocked_by)
		return ohc_error_set(err, OHC_E_DENIED, "'%s' is blocked by '%s'", repo->name,
				     a.blocked_by);
	for (size_t i = 0; i < a.n_mirrors; i++)
		add_location(repo, &a.mirrors[i], other(repo->r, &a.mirrors[i]));
	here = strcmp(a.origin.host, name->host) == 0 && !a.origin.scheme;
	repo->origin = (struct ohc_repo_location){
		.e = named(repo->r, name->host, here && a.origin.insecure),
		.repo = ohc_xstrdup(name->repo),
	};
	add_location(repo, &a.origin, here ? repo->origin.e : other(repo->r, &a.origin));
	return 0;
}

int ohc_registry_open(struct ohc_registry *r, const struct ohc_name *name, struct ohc_store **ret,
		      struct ohc_error *err)
{
	struct ohc_repo *repo;
	int rc;

	if (name->transport != OHC_REGISTRY)
		return ohc_error_set(err, OHC_E_USAGE, "'%s' is not in a registry", name->given);
	repo = ohc_xcalloc(1, sizeof(*repo));
	repo->store.ops = &repo_ops;
	repo->name = ohc_xasprintf("%s/%s", name->host, name->repo);
	repo->store.name = repo->name;
	repo->store.counts = true;
	repo->store.documents = r->o.documents;
	repo->store.held = r->o.held;
	repo->store.fetching = r->fetching;
	repo->r = r;
	repo->seen = ohc_set_new();
	pthread_mutex_init(&repo->lock, NULL);
	rc = add_mirrors(repo, name, err);
	if (rc == 0)
		rc = add_conf(repo, name, err);
	if (rc < 0) {
		repo_close(&repo->store);
		return rc;
	}
	expect(repo, true);
	*ret = &repo->store;
	return 0;
}
