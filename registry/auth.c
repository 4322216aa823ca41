// SPDX-License-Identifier: Apache-2.0
#include "registry/auth.h"

#include <pthread.h>
#include <string.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "registry/challenge.h"
#include "registry/expected.h"
#include "registry/request.h"
#include "registry/scope.h"
#include "registry/token.h"
#include "registry/url.h"

#define BEARER   "Bearer "
#define YOUNG_MS 10000
#define EARLY_MS 5000 /* a token that was refused after this may have ended before it should */

struct token {
	struct token *next;
	struct ohc_strv scopes;
	const struct ohc_credentials
		*credentials; /* the credentials that it was got with; the keyring's */
	char *value;          /* NULL while it is being fetched */
	bool at_once;         /* and then: by one whose turn it is, which waits for nobody else */
	int64_t since, good_until, ends; /* ms of the monotonic clock */
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
	bool remembered; /* mode, realm and service are of an earlier run */
	struct ohc_expected expected;
	bool narrow; /* a token for several scopes was refused */
};

void ohc_auth_grant_clear(struct ohc_auth_grant *g)
{
	if (g->header)
		explicit_bzero(g->header, strlen(g->header));
	free(g->header);
	*g = (struct ohc_auth_grant)OHC_GRANT_INIT;
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
	ohc_expected_clear(&a->expected);
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

/* Was the token got for more than this? */
static bool is_wide(const struct token *t, const struct ohc_strv *scopes)
{
	return !ohc_scope_covers(scopes, &t->scopes);
}

/* Finds a token that will do, or that another thread is getting; expired ones are dropped.  Who has
 * a turn at the host does not wait for somebody who may be waiting for one. */
static struct token *find_token(struct ohc_auth *a, const struct ohc_strv *scopes,
				const struct ohc_credentials *c, const char *turn)
{
	struct token *t, *next;

	for (t = a->tokens; t; t = next) {
		next = t->next;
		if (t->value && ohc_clock_ms() >= t->good_until) {
			unlink_token(a, t);
			continue;
		}
		if (!t->value && turn && !t->at_once)
			continue;
		if (t->credentials == c && ohc_scope_covers(&t->scopes, scopes) &&
		    !(a->narrow && is_wide(t, scopes)))
			return t;
	}
	return NULL;
}

/* ret_own: the realm is on the registry's own host. */
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

/* Gets the token and puts it into t.  The lock is not held meanwhile. */
static int fetch(struct ohc_auth *a, struct token *t, _Atomic uint64_t *requests, const char *turn,
		 struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *realm = ohc_xstrdup(a->realm), *service = NULL;
	struct ohc_token_query q = {
		.registry = a->registry,
		.realm = realm,
		.scopes = &t->scopes,
		.credentials = t->credentials,
		.requests = requests,
		.turn = turn,
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
		t->since = ohc_clock_ms();
		t->good_until = t->since + good_for_ms(seconds);
		t->ends = t->since + seconds * 1000;
	}
	pthread_cond_broadcast(&a->fetched);
	return rc;
}

static void add_all(struct ohc_strv *to, const struct ohc_strv *scopes)
{
	for (size_t i = 0; i < scopes->n; i++)
		ohc_scope_add(to, scopes->v[i]);
}

/* Gets a new token, for the scopes that are wanted and the expected ones. */
static int get_token(struct ohc_auth *a, const struct ohc_access *want, const struct ohc_strv *more,
		     const struct ohc_credentials *c, const char *turn, struct token **ret,
		     struct ohc_error *err)
{
	struct token *t = ohc_xcalloc(1, sizeof(*t));
	int rc;

	t->credentials = c;
	t->at_once = turn != NULL;
	add_all(&t->scopes, &want->scopes);
	if (!a->narrow)
		add_all(&t->scopes, more);
	t->next = a->tokens;
	a->tokens = t;
	*ret = t;
	rc = fetch(a, t, want->requests, turn, err); /* frees it when it fails */
	return rc;
}

static void give(const struct token *t, struct ohc_auth_grant *ret)
{
	ret->header = ohc_xasprintf(BEARER "%s", t->value);
	ret->since = t->since;
	ret->good_until = t->good_until;
	ret->ends = t->ends;
}

static int bearer(struct ohc_auth *a, const struct ohc_access *want, const struct ohc_strv *more,
		  const struct ohc_credentials *c, const char *turn, struct ohc_auth_grant *ret,
		  struct ohc_error *err)
{
	struct token *t;
	int rc = 0;

	while ((t = find_token(a, &want->scopes, c, turn)) && !t->value)
		pthread_cond_wait(&a->fetched, &a->lock);
	if (!t) {
		bool wide = !a->narrow && !ohc_scope_covers(&want->scopes, more);

		rc = get_token(a, want, more, c, turn, &t, err);
		if (rc < 0 && rc != -OHC_E_INTERRUPTED && wide) {
			a->narrow = true;
			rc = get_token(a, want, more, c, turn, &t, err);
		}
		if (rc < 0 && rc != -OHC_E_INTERRUPTED && a->remembered) {
			a->mode = MODE_UNKNOWN; /* the request is made again */
			a->remembered = false;
			return 0;
		}
		if (rc < 0)
			return rc;
		ret->fresh = !is_wide(t, &want->scopes);
	}
	give(t, ret);
	return 0;
}

/* Adds the scopes that later requests with these credentials are expected to need. */
static void expected_with(struct ohc_auth *a, const struct ohc_credentials *c, struct ohc_strv *ret)
{
	ohc_cleanup(ohc_strv_clear) struct ohc_strv repos = OHC_STRV_INIT, scopes = OHC_STRV_INIT;

	pthread_mutex_lock(&a->lock);
	for (const struct ohc_expected_repo *r = a->expected.repos; r && !a->narrow; r = r->next) {
		ohc_strv_add(&repos, r->repo);
		ohc_strv_take(&scopes, ohc_expected_scope(r));
	}
	pthread_mutex_unlock(&a->lock);
	for (size_t i = 0; i < repos.n; i++) {
		const struct ohc_credentials *other = NULL;

		if (ohc_credentials_find(a->keyring, a->registry, repos.v[i], &other, NULL) == 0 &&
		    other == c)
			ohc_scope_add(ret, scopes.v[i]);
	}
}

static bool has_token(struct ohc_auth *a, const struct ohc_access *want,
		      const struct ohc_credentials *c, const char *turn)
{
	bool has;

	pthread_mutex_lock(&a->lock);
	has = find_token(a, &want->scopes, c, turn) != NULL;
	pthread_mutex_unlock(&a->lock);
	return has;
}

static int bearer_header(struct ohc_auth *a, const struct ohc_access *want,
			 const struct ohc_credentials *c, const char *turn,
			 struct ohc_auth_grant *ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_strv_clear) struct ohc_strv more = OHC_STRV_INIT;
	int rc;

	if (!has_token(a, want, c, turn))
		expected_with(a, c, &more);
	pthread_mutex_lock(&a->lock);
	rc = bearer(a, want, &more, c, turn, ret, err);
	pthread_mutex_unlock(&a->lock);
	return rc;
}

static enum mode mode_of(struct ohc_auth *a)
{
	enum mode m;

	pthread_mutex_lock(&a->lock);
	m = a->mode;
	pthread_mutex_unlock(&a->lock);
	return m;
}

static bool has_ended(const struct ohc_auth_grant *g)
{
	return g->good_until && ohc_clock_ms() >= g->good_until;
}

int ohc_auth_header(struct ohc_auth *a, const struct ohc_access *want, const char *turn,
		    struct ohc_auth_grant *ret, struct ohc_error *err)
{
	const struct ohc_credentials *c = NULL;
	enum mode mode = mode_of(a);
	int rc;

	if (ret->header && !has_ended(ret))
		return 0;
	ohc_auth_grant_clear(ret);
	if (mode == MODE_UNKNOWN) /* so that a helper that asks its user is run only when needed */
		return ohc_credentials_load(a->keyring, err);
	rc = ohc_credentials_find(a->keyring, a->registry, want->repo, &c, err);
	if (rc < 0)
		return rc;
	if (mode == MODE_BEARER && c && c->registry_token) {
		ret->header = ohc_xasprintf(BEARER "%s", c->registry_token);
		ret->fresh = true;
	} else if (mode == MODE_BEARER) {
		rc = bearer_header(a, want, c, turn, ret, err);
	} else {
		ret->fresh = true; /* there is no other header to try */
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

/* Remembers what a reply's challenges ask for; the lock is held. */
static void learn(struct ohc_auth *a, const struct ohc_http_exchange *x, struct ohc_challenge *c)
{
	const char *line;
	size_t at = 0;

	while ((line = ohc_http_header_next(x, "WWW-Authenticate", &at)))
		ohc_challenge_parse(line, c);
	a->remembered = false;
	if (c->bearer && c->realm) {
		a->mode = MODE_BEARER;
		set(&a->realm, c->realm);
		set(&a->service, c->service);
	} else if (c->basic) {
		a->mode = MODE_BASIC;
	}
}

static const enum mode modes[] = {
	[OHC_ASK_UNKNOWN] = MODE_UNKNOWN,
	[OHC_ASK_NOTHING] = MODE_UNKNOWN,
	[OHC_ASK_BASIC] = MODE_BASIC,
	[OHC_ASK_BEARER] = MODE_BEARER,
};

void ohc_auth_remember(struct ohc_auth *a, const struct ohc_host_traits *f)
{
	pthread_mutex_lock(&a->lock);
	a->mode = modes[f->ask];
	a->remembered = a->mode != MODE_UNKNOWN;
	set(&a->realm, f->realm);
	set(&a->service, f->service);
	pthread_mutex_unlock(&a->lock);
}

void ohc_auth_traits(struct ohc_auth *a, struct ohc_host_traits *ret)
{
	pthread_mutex_lock(&a->lock);
	for (size_t i = 0; i < OHC_ARRAY_SIZE(modes); i++)
		if (modes[i] == a->mode && a->mode != MODE_UNKNOWN)
			ret->ask = (enum ohc_host_ask)i;
	if (a->mode == MODE_BEARER) {
		set(&ret->realm, a->realm);
		set(&ret->service, a->service);
	}
	pthread_mutex_unlock(&a->lock);
}

void ohc_auth_set_url(struct ohc_auth *a, const char *url)
{
	pthread_mutex_lock(&a->lock);
	a->url = url;
	pthread_mutex_unlock(&a->lock);
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
		if (t->value && g->header && strcmp(g->header + strlen(BEARER), t->value) == 0)
			unlink_token(a, t);
	}
}

void ohc_auth_forget(struct ohc_auth *a, const struct ohc_auth_grant *g)
{
	pthread_mutex_lock(&a->lock);
	forget(a, g);
	pthread_mutex_unlock(&a->lock);
}

void ohc_auth_expect(struct ohc_auth *a, const char *repo, bool write, bool on)
{
	pthread_mutex_lock(&a->lock);
	if (on)
		ohc_expected_add(&a->expected, repo, write);
	else
		ohc_expected_drop(&a->expected, repo, write);
	pthread_mutex_unlock(&a->lock);
}

/* The token in g covers more than is wanted and was refused: from now on each token is got for what
 * is wanted alone.  Not where the token is an older one, which may have expired early.  The lock is
 * held. */
static bool narrow(struct ohc_auth *a, const struct ohc_access *want,
		   const struct ohc_auth_grant *g, int64_t oldest)
{
	bool wide = false;

	for (const struct token *t = a->tokens; t && !wide; t = t->next)
		wide = t->value && strcmp(g->header + strlen(BEARER), t->value) == 0 &&
		       t->since >= oldest && is_wide(t, &want->scopes);
	a->narrow |= wide;
	return wide;
}

bool ohc_auth_narrow(struct ohc_auth *a, const struct ohc_access *want,
		     const struct ohc_auth_grant *g)
{
	bool wide;

	if (!g->header || strncmp(g->header, BEARER, strlen(BEARER)) != 0)
		return false;
	pthread_mutex_lock(&a->lock);
	wide = narrow(a, want, g, 0);
	pthread_mutex_unlock(&a->lock);
	return wide;
}

static bool add_scopes(struct ohc_access *want, const struct ohc_challenge *c)
{
	if (ohc_scope_covers(&want->scopes, &c->scopes))
		return false;
	for (size_t i = 0; i < c->scopes.n; i++)
		ohc_scope_add(&want->scopes, c->scopes.v[i]);
	return true;
}

/* Is there no better header?  A token that was got for this request may have ended while that
 * waited for its turn, or while a long body was sent. */
static bool is_the_best(const struct ohc_auth_grant *g)
{
	const bool early = g->good_until && ohc_clock_ms() >= g->since + EARLY_MS;

	return g->fresh && !has_ended(g) && !early;
}

bool ohc_auth_refused(struct ohc_auth *a, struct ohc_access *want,
		      const struct ohc_http_exchange *x, const struct ohc_auth_grant *g)
{
	ohc_cleanup(ohc_challenge_clear) struct ohc_challenge c = OHC_CHALLENGE_INIT;
	bool was_bearer = g->header && strncmp(g->header, BEARER, strlen(BEARER)) == 0, more;
	enum mode mode;

	pthread_mutex_lock(&a->lock);
	learn(a, x, &c);
	mode = a->mode;
	if (was_bearer) {
		narrow(a, want, g, ohc_clock_ms() - YOUNG_MS);
		forget(a, g);
	}
	pthread_mutex_unlock(&a->lock);
	more = add_scopes(want, &c);
	if (!(c.bearer && c.realm) && !c.basic)
		return was_bearer && !is_the_best(g);
	if (mode == MODE_BEARER)
		return !was_bearer || !is_the_best(g) || more;
	return was_bearer || !g->fresh;
}

enum ohc_auth_shown ohc_auth_shown(struct ohc_auth *a, const char *repo)
{
	const struct ohc_credentials *c = NULL;

	enum mode mode = mode_of(a);

	if (mode == MODE_UNKNOWN ||
	    ohc_credentials_find(a->keyring, a->registry, repo, &c, NULL) < 0 || !c)
		return OHC_AUTH_NOTHING;
	return mode == MODE_BEARER && !c->registry_token ? OHC_AUTH_TOKEN : OHC_AUTH_CREDENTIALS;
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
