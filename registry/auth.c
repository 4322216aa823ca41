// SPDX-License-Identifier: Apache-2.0
#include "registry/auth.h"

#include <pthread.h>
#include <string.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "registry/challenge.h"
#include "registry/request.h"
#include "registry/scope.h"
#include "registry/token.h"
#include "registry/url.h"

struct token {
	struct token *next;
	struct ohc_strv scopes;
	const struct ohc_credentials *credentials; /* it was got with; the keyring's */
	char *value;                               /* NULL while it is being fetched */
	int64_t good_until;                        /* ms of the monotonic clock */
};

enum mode { MODE_UNKNOWN, MODE_BASIC, MODE_BEARER };

struct ohc_auth {
	const struct ohc_wire *wire;
	struct ohc_credentials_ring *keyring;
	const char *registry;
	const char *url;
	bool insecure;

	pthread_mutex_t lock;
	pthread_cond_t fetched;
	enum mode mode;
	char *realm;
	char *service;
	struct token *tokens;
};

void ohc_auth_grant_clear(struct ohc_auth_grant *g)
{
	if (g->header)
		explicit_bzero(g->header, strlen(g->header));
	free(g->header);
	g->header = NULL;
}

struct ohc_auth *ohc_auth_new(const struct ohc_wire *wire, struct ohc_credentials_ring *keyring,
			      const char *registry, const char *url, bool insecure)
{
	struct ohc_auth *a = ohc_xcalloc(1, sizeof(*a));

	a->wire = wire;
	a->keyring = keyring;
	a->registry = registry;
	a->url = url;
	a->insecure = insecure;
	pthread_mutex_init(&a->lock, NULL);
	pthread_cond_init(&a->fetched, NULL);
	return a;
}

static void token_free(struct token *t)
{
	ohc_strv_clear(&t->scopes);
	if (t->value)
		explicit_bzero(t->value, strlen(t->value));
	free(t->value);
	free(t);
}

void ohc_auth_free(struct ohc_auth *a)
{
	if (!a)
		return;
	while (a->tokens) {
		struct token *t = a->tokens;

		a->tokens = t->next;
		token_free(t);
	}
	pthread_cond_destroy(&a->fetched);
	pthread_mutex_destroy(&a->lock);
	free(a->realm);
	free(a->service);
	free(a);
}

const char *ohc_auth_registry(const struct ohc_auth *a)
{
	return a->registry;
}

/* A token is renewed before its end, so that it does not run out on its way there. */
static int64_t good_for_ms(int64_t seconds)
{
	int64_t margin;

	if (seconds > 24 * 3600)
		seconds = 24 * 3600;
	margin = seconds * 1000 / 6;
	return seconds * 1000 - (margin > 20000 ? 20000 : margin);
}

static void unlink_token(struct ohc_auth *a, struct token *t)
{
	struct token **p = &a->tokens;

	while (*p && *p != t)
		p = &(*p)->next;
	if (*p)
		*p = t->next;
	token_free(t);
}

/* One that serves, or that another thread is getting; what has expired goes. */
static struct token *find_token(struct ohc_auth *a, const struct ohc_strv *scopes,
				const struct ohc_credentials *c)
{
	struct token *t, *next;

	for (t = a->tokens; t; t = next) {
		next = t->next;
		if (t->value && ohc_clock_ms() >= t->good_until) {
			unlink_token(a, t);
			continue;
		}
		if (t->credentials == c && ohc_scope_covers(&t->scopes, scopes))
			return t;
	}
	return NULL;
}

/* *ret_own: it is the registry's own host. */
static int check_realm(const struct ohc_auth *a, bool *ret_own, struct ohc_error *err)
{
	ohc_cleanup(ohc_url_clear) struct ohc_url realm = { 0 }, own = { 0 };
	ohc_cleanup(ohc_freep) char *host = NULL, *own_host = NULL;
	int rc = ohc_url_parse(a->realm, &realm, err);

	if (rc < 0)
		return ohc_error_wrap(err, rc, "token server of '%s'", a->registry);
	rc = ohc_url_parse(a->url, &own, err);
	if (rc < 0)
		return rc;
	host = ohc_url_host_without_port(realm.authority);
	own_host = ohc_url_host_without_port(own.authority);
	*ret_own = strcmp(host, own_host) == 0;
	if (strcmp(realm.scheme, "https") == 0)
		return 0;
	if (ohc_url_host_is_loopback(host) && ohc_url_host_is_loopback(own_host))
		return 0;
	if (strcmp(own.scheme, "http") == 0 && *ret_own)
		return 0;
	return ohc_error_set(err, OHC_E_DENIED,
			     "registry '%s' names the token server '%s', which is not https: "
			     "nothing is sent there",
			     a->registry, realm.authority);
}

/* Gets the token that t is the place for.  The lock is not held meanwhile. */
static int fetch(struct ohc_auth *a, struct token *t, const struct ohc_access *want,
		 struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *realm = ohc_xstrdup(a->realm), *service = NULL;
	struct ohc_token_query q = {
		.registry = a->registry,
		.realm = realm,
		.scopes = &want->scopes,
		.credentials = t->credentials,
		.requests = want->requests,
	};
	char *value = NULL;
	int64_t seconds = 0;
	bool own = false;
	int rc = check_realm(a, &own, err);

	q.insecure = a->insecure && own;
	q.service = service = ohc_xstrdup(a->service);
	if (rc == 0) {
		pthread_mutex_unlock(&a->lock);
		rc = ohc_token_fetch(a->wire, &q, &value, &seconds, err);
		pthread_mutex_lock(&a->lock);
	}
	if (rc < 0) {
		unlink_token(a, t);
	} else {
		t->value = value;
		t->good_until = ohc_clock_ms() + good_for_ms(seconds);
	}
	pthread_cond_broadcast(&a->fetched);
	return rc;
}

static int bearer(struct ohc_auth *a, const struct ohc_access *want,
		  const struct ohc_credentials *c, struct ohc_auth_grant *ret,
		  struct ohc_error *err)
{
	struct token *t;
	int rc;

	while ((t = find_token(a, &want->scopes, c)) && !t->value)
		pthread_cond_wait(&a->fetched, &a->lock);
	if (!t) {
		t = ohc_xcalloc(1, sizeof(*t));
		t->credentials = c;
		for (size_t i = 0; i < want->scopes.n; i++)
			ohc_strv_add(&t->scopes, want->scopes.v[i]);
		t->next = a->tokens;
		a->tokens = t;
		rc = fetch(a, t, want, err);
		if (rc < 0)
			return rc;
		ret->fresh = true;
	}
	ret->header = ohc_xasprintf("Bearer %s", t->value);
	return 0;
}

static enum mode mode_of(struct ohc_auth *a)
{
	enum mode m;

	pthread_mutex_lock(&a->lock);
	m = a->mode;
	pthread_mutex_unlock(&a->lock);
	return m;
}

int ohc_auth_header(struct ohc_auth *a, const struct ohc_access *want, struct ohc_auth_grant *ret,
		    struct ohc_error *err)
{
	const struct ohc_credentials *c = NULL;
	enum mode mode = mode_of(a);
	int rc;

	if (mode == MODE_UNKNOWN) /* a helper that asks its user is not bothered without need */
		return ohc_credentials_load(a->keyring, err);
	rc = ohc_credentials_find(a->keyring, a->registry, want->repo, &c, err);
	if (rc < 0)
		return rc;
	if (mode == MODE_BEARER && c && c->registry_token) {
		ret->header = ohc_xasprintf("Bearer %s", c->registry_token);
		ret->fresh = true;
	} else if (mode == MODE_BEARER) {
		pthread_mutex_lock(&a->lock);
		rc = bearer(a, want, c, ret, err);
		pthread_mutex_unlock(&a->lock);
	} else {
		ret->fresh = true; /* there is no other */
		if (c && c->user)
			ret->header = ohc_request_basic_header(c->user, c->password);
	}
	return rc;
}

static void set(char **to, const char *value)
{
	free(*to);
	*to = ohc_xstrdup(value);
}

/* Takes what a reply's challenges say; the lock is held. */
static void learn(struct ohc_auth *a, const struct ohc_http_exchange *x, struct ohc_challenge *c)
{
	const char *line;
	size_t at = 0;

	while ((line = ohc_http_header_next(x, "WWW-Authenticate", &at)))
		ohc_challenge_parse(line, c);
	if (c->bearer && c->realm) {
		a->mode = MODE_BEARER;
		set(&a->realm, c->realm);
		set(&a->service, c->service);
	} else if (c->basic) {
		a->mode = MODE_BASIC;
	}
}

void ohc_auth_learn(struct ohc_auth *a, const struct ohc_http_exchange *x)
{
	ohc_cleanup(ohc_challenge_clear) struct ohc_challenge c = OHC_CHALLENGE_INIT;

	pthread_mutex_lock(&a->lock);
	learn(a, x, &c);
	pthread_mutex_unlock(&a->lock);
}

static void forget(struct ohc_auth *a, const struct ohc_auth_grant *g)
{
	struct token *t, *next;

	for (t = a->tokens; t; t = next) {
		next = t->next;
		if (t->value && g->header && strcmp(g->header + strlen("Bearer "), t->value) == 0)
			unlink_token(a, t);
	}
}

void ohc_auth_forget(struct ohc_auth *a, const struct ohc_auth_grant *g)
{
	pthread_mutex_lock(&a->lock);
	forget(a, g);
	pthread_mutex_unlock(&a->lock);
}

static bool add_scopes(struct ohc_access *want, const struct ohc_challenge *c)
{
	if (ohc_scope_covers(&want->scopes, &c->scopes))
		return false;
	for (size_t i = 0; i < c->scopes.n; i++)
		ohc_scope_add(&want->scopes, c->scopes.v[i]);
	return true;
}

bool ohc_auth_refused(struct ohc_auth *a, struct ohc_access *want,
		      const struct ohc_http_exchange *x, const struct ohc_auth_grant *g)
{
	ohc_cleanup(ohc_challenge_clear) struct ohc_challenge c = OHC_CHALLENGE_INIT;
	bool was_bearer = g->header && strncmp(g->header, "Bearer ", 7) == 0, more;
	enum mode mode;

	pthread_mutex_lock(&a->lock);
	learn(a, x, &c);
	mode = a->mode;
	if (was_bearer)
		forget(a, g);
	pthread_mutex_unlock(&a->lock);
	more = add_scopes(want, &c);
	if (!(c.bearer && c.realm) && !c.basic)
		return was_bearer && !g->fresh;
	if (mode == MODE_BEARER)
		return !was_bearer || !g->fresh || more;
	return was_bearer || !g->fresh;
}

bool ohc_auth_asked(struct ohc_auth *a)
{
	return mode_of(a) != MODE_UNKNOWN;
}

char *ohc_auth_who(struct ohc_auth *a, const char *repo)
{
	const struct ohc_credentials *c = NULL;

	if (ohc_credentials_find(a->keyring, a->registry, repo, &c, NULL) < 0 || !c)
		return ohc_xasprintf("access without credentials (%s %s)", a->wire->login,
				     a->registry);
	if (c->user)
		return ohc_xasprintf("the credentials of '%s' from %s", c->user, c->from);
	return ohc_xasprintf("the token from %s", c->from);
}
