// SPDX-License-Identifier: Apache-2.0
#include "registry/endpoint.h"

#include <string.h>
#include <time.h>

#include "core/alloc.h"
#include "registry/request.h"
#include "registry/url.h"

/* A loopback host that does not finish a TLS handshake in this time does not speak TLS. */
#define PROBE_SECONDS 2

static void set_url(struct ohc_endpoint *e, bool http)
{
	e->url = e->urls[http];
	ohc_auth_set_url(e->auth, e->url);
}

/* The key by which a host is remembered. */
static char *memory_of(const struct ohc_endpoint *e)
{
	return ohc_xasprintf("%s%s%s%s", e->name, e->insecure ? " insecure" : "",
			     e->scheme ? " " : "", e->scheme ? e->scheme : "");
}

static void remember(struct ohc_endpoint *e)
{
	ohc_cleanup(ohc_freep) char *name = memory_of(e);
	const struct ohc_host_traits *f = &e->traits;

	e->has_traits = ohc_hosts_look(e->wire->cache, name, time(NULL), &e->traits);
	if (!e->has_traits)
		return;
	if (e->plain) {
		set_url(e, f->http);
		e->known = true;
		e->remembered = true;
	}
	e->asked = f->ask != OHC_ASK_UNKNOWN;
	e->refused = f->refused;
	e->taken = f->taken;
	e->chunk = f->chunk;
	ohc_auth_remember(e->auth, f);
}

/* Remembers for the next run what this one found out. */
static void keep(struct ohc_endpoint *e)
{
	ohc_cleanup(ohc_host_traits_clear) struct ohc_host_traits now = OHC_HOST_TRAITS_INIT;
	ohc_cleanup(ohc_freep) char *name = memory_of(e);

	now.http = e->url == e->urls[1];
	now.ask = e->asked ? OHC_ASK_NOTHING : OHC_ASK_UNKNOWN;
	now.refused = e->refused;
	now.taken = e->taken;
	now.chunk = e->chunk;
	ohc_auth_traits(e->auth, &now);
	if (!e->known ||
	    (!e->plain && now.ask == OHC_ASK_UNKNOWN && !now.refused && !now.taken && !now.chunk))
		return;
	if (!e->has_traits || !ohc_host_traits_equal(&now, &e->traits))
		ohc_hosts_keep(e->wire->cache, name, time(NULL), &now);
}

struct ohc_endpoint *ohc_endpoint_new(const struct ohc_wire *wire,
				      struct ohc_credentials_ring *keyring,
				      const struct ohc_endpoint_key *key)
{
	struct ohc_endpoint *e = ohc_xcalloc(1, sizeof(*e));

	e->wire = wire;
	e->name = ohc_xstrdup(key->name);
	e->host = ohc_xstrdup(ohc_url_registry_host(key->name));
	e->scheme = ohc_xstrdup(key->scheme);
	e->named = key->named;
	e->insecure = key->insecure;
	e->urls[0] = ohc_xasprintf("https://%s", e->host);
	e->urls[1] = ohc_xasprintf("http://%s", e->host);
	e->url = e->urls[e->scheme && strcmp(e->scheme, "http") == 0];
	e->plain = !e->scheme && (e->insecure || ohc_url_host_is_loopback(e->host));
	e->known = !e->plain;
	e->auth = ohc_auth_new(wire, keyring, e->name, e->url, e->insecure);
	pthread_mutex_init(&e->lock, NULL);
	remember(e);
	return e;
}

void ohc_endpoint_free(struct ohc_endpoint *e)
{
	if (!e)
		return;
	keep(e);
	ohc_host_traits_clear(&e->traits);
	ohc_auth_free(e->auth);
	pthread_mutex_destroy(&e->lock);
	free(e->name);
	free(e->host);
	free(e->urls[0]);
	free(e->urls[1]);
	free(e->scheme);
	free(e);
}

static bool same(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

bool ohc_endpoint_is(const struct ohc_endpoint *e, const struct ohc_endpoint_key *key)
{
	return strcmp(e->name, key->name) == 0 && same(e->scheme, key->scheme) &&
	       e->named == key->named && e->insecure == key->insecure;
}

/* Tries GET /v2/ by one scheme.  *ret_fault tells what kind of failure it was. */
static int probe(struct ohc_endpoint *e, const char *url, bool unchecked,
		 _Atomic uint64_t *requests, int *ret_status, enum ohc_http_fault *ret_fault,
		 struct ohc_error *err)
{
	ohc_cleanup(ohc_request_clear) struct ohc_request rq = OHC_REQUEST_INIT;
	ohc_cleanup(ohc_request_reply_clear) struct ohc_reply re = OHC_REPLY_INIT;
	ohc_cleanup(ohc_freep) char *ping = ohc_xasprintf("%s/v2/", url);
	int rc;

	ohc_request_init(&rq, "GET", ping);
	rq.requests = requests;
	rq.once = true;
	rq.registry = true;
	rq.named = e->named;
	rq.insecure = e->insecure;
	rq.unchecked = unchecked;
	if (ohc_url_host_is_loopback(e->host))
		rq.connect_timeout = PROBE_SECONDS;
	rc = ohc_request_run(e->wire, &rq, &re, err);
	*ret_fault = re.fault;
	*ret_status = re.status;
	if (rc == 0 && re.status == 401 && !unchecked)
		ohc_auth_learn(e->auth, re.x);
	if (rc == 0 && !unchecked)
		e->asked = true;
	return rc;
}

static bool no_https(enum ohc_http_fault fault)
{
	return fault != OHC_HTTP_UNTRUSTED && fault != OHC_HTTP_LOCAL && fault != OHC_HTTP_PROXY;
}

/* Does it speak TLS at all?  This is asked without the system's CAs, because reading them takes
 * longer than everything else that is done for a registry without TLS. */
static int find_scheme(struct ohc_endpoint *e, _Atomic uint64_t *requests, struct ohc_error *err)
{
	const char *http = e->urls[1];
	struct ohc_error second = OHC_ERROR_INIT;
	enum ohc_http_fault fault, fault2;
	int status = 0, rc = probe(e, e->url, true, requests, &status, &fault, err), rc2;

	/* A finished handshake is an answer, even when the server then wants a certificate. */
	if (rc == 0 || fault == OHC_HTTP_BROKEN || fault == OHC_HTTP_MALFORMED)
		rc = probe(e, e->url, false, requests, &status, &fault, err);
	if (rc == 0 || !no_https(fault))
		return rc;
	rc2 = probe(e, http, false, requests, &status, &fault2, &second);
	if (rc2 == -OHC_E_INTERRUPTED)
		return ohc_error_copy(err, &second, rc2);
	/* A TLS server answers plain http with 400: then the fault of https is the one to tell. */
	if (rc2 < 0 || (status == 400 && fault == OHC_HTTP_NO_TLS))
		return rc;
	set_url(e, true);
	return 0;
}

/* Failures that the wrong scheme would cause. */
static bool is_about_scheme(const struct ohc_request *rq, const struct ohc_reply *re, int rc)
{
	if (rc == 0)
		return re->status == 400 && !ohc_url_is_https(rq->url);
	return re->fault == OHC_HTTP_NO_TLS || re->fault == OHC_HTTP_PLAIN ||
	       re->fault == OHC_HTTP_BROKEN || re->fault == OHC_HTTP_MALFORMED;
}

/* Asks for the scheme again when what was remembered turned out wrong.  When the failure has
 * another cause, all stays as it is. */
static void find_scheme_again(struct ohc_endpoint *e, _Atomic uint64_t *requests)
{
	bool http = e->url == e->urls[1];

	e->remembered = false;
	set_url(e, false);
	if (find_scheme(e, requests, NULL) < 0)
		set_url(e, http);
}

/* Looks at the first reply of a host whose scheme was remembered.  True: the scheme is the other
 * one, and rq was changed to it. */
static bool doubt(struct ohc_request *rq, const struct ohc_reply *re, int rc)
{
	struct ohc_endpoint *e = rq->host;
	char *url;

	if (!is_about_scheme(rq, re, rc) || rq->body) {
		if (rc == 0)
			e->remembered = false;
		return false;
	}
	pthread_mutex_lock(&e->lock);
	if (e->remembered)
		find_scheme_again(e, rq->requests);
	pthread_mutex_unlock(&e->lock);
	if (ohc_url_same_origin(rq->url, e->url))
		return false;
	url = ohc_xasprintf("%s%s", e->url, strchr(rq->url + strlen("https://"), '/'));
	free(rq->own_url);
	rq->url = rq->own_url = url;
	return true;
}

void ohc_endpoint_prepare(struct ohc_endpoint *e, struct ohc_request *rq)
{
	rq->auth = e->auth;
	rq->host = e;
	rq->doubt = e->remembered ? doubt : NULL;
	rq->registry = true;
	rq->named = e->named;
	rq->insecure = e->insecure;
}

int ohc_endpoint_ready(struct ohc_endpoint *e, _Atomic uint64_t *requests, struct ohc_error *err)
{
	int rc = 0;

	pthread_mutex_lock(&e->lock);
	if (!e->known) {
		rc = find_scheme(e, requests, err);
		e->known = rc == 0;
	}
	pthread_mutex_unlock(&e->lock);
	return rc;
}

int ohc_endpoint_ask(struct ohc_endpoint *e, _Atomic uint64_t *requests, struct ohc_error *err)
{
	enum ohc_http_fault fault;
	int status, rc = ohc_endpoint_ready(e, requests, err);

	pthread_mutex_lock(&e->lock);
	if (rc == 0 && !e->asked && !ohc_auth_asked(e->auth))
		rc = probe(e, e->url, false, requests, &status, &fault, err);
	pthread_mutex_unlock(&e->lock);
	return rc;
}
