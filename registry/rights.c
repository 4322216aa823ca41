// SPDX-License-Identifier: Apache-2.0
/*
 * Finds out whether a repository may be written to, before anything is read that would be written
 * there.  A token that lists the right to push (registry/jwt.h) is enough, and will be needed
 * anyway.  Otherwise (Basic, an opaque token, no authorization) it is tried: an upload is begun,
 * which is the first request of the first blob that will be uploaded.  When no blob has to be
 * uploaded in the end, it is given up.  The answer holds for the client, however often the
 * repository is opened; a denial, too: a thousand images of one repository ask once.
 */
#include <string.h>

#include "core/alloc.h"
#include "core/set.h"
#include "core/turns.h"
#include "registry/fault.h"
#include "registry/jwt.h"
#include "registry/repo.h"
#include "registry/session.h"

#define BEARER "Bearer "

/* ret: the token lists the right to push.  A user who gets no token is refused. */
static int ask_token(struct ohc_repo *repo, bool *ret, struct ohc_error *err)
{
	struct ohc_repo_location *p = ohc_repo_origin(repo);
	ohc_cleanup(ohc_request_clear) struct ohc_request rq = OHC_REQUEST_INIT;
	ohc_cleanup(ohc_auth_grant_clear) struct ohc_auth_grant g = OHC_GRANT_INIT;
	int rc = ohc_endpoint_ask(p->e, &repo->store.stats.requests, err);

	*ret = false;
	if (rc < 0)
		return rc;
	ohc_repo_request(repo, p, &rq, "POST", p->e->url, "pull,push");
	rq.want.requests = rq.requests;
	rc = ohc_auth_header(p->e->auth, &rq.want, NULL, &g, err);
	if (rc == 0 && g.header && strncmp(g.header, BEARER, strlen(BEARER)) == 0)
		*ret = ohc_jwt_grants(g.header + strlen(BEARER), p->repo, "push");
	return rc;
}

void ohc_registry_expect_write(struct ohc_store *s)
{
	struct ohc_repo *repo = ohc_repo_of(s);

	pthread_mutex_lock(&repo->lock);
	if (!repo->to_be_written)
		ohc_auth_expect(repo->origin.e->auth, repo->origin.repo, true, true);
	repo->to_be_written = true;
	s->held = NULL;
	pthread_mutex_unlock(&repo->lock);
}

struct ohc_denial {
	struct ohc_denial *next;
	char *repo, *why;
};

void ohc_repo_denials_free(struct ohc_denial *d)
{
	while (d) {
		struct ohc_denial *next = d->next;

		free(d->repo);
		free(d->why);
		free(d);
		d = next;
	}
}

static bool is_known(struct ohc_repo *repo)
{
	bool known;

	pthread_mutex_lock(&repo->r->lock);
	known = ohc_set_has(repo->r->writable, repo->name);
	pthread_mutex_unlock(&repo->r->lock);
	return known;
}

void ohc_repo_note_writable(struct ohc_repo *repo)
{
	if (repo->writable)
		return;
	pthread_mutex_lock(&repo->r->lock);
	ohc_set_add(repo->r->writable, repo->name);
	pthread_mutex_unlock(&repo->r->lock);
	repo->writable = true;
}

void ohc_repo_note_denied(struct ohc_repo *repo, const struct ohc_error *why)
{
	struct ohc_denial *d;

	if (repo->writable || is_known(repo))
		return;
	d = ohc_xcalloc(1, sizeof(*d));
	d->repo = ohc_xstrdup(repo->name);
	d->why = ohc_xstrdup(why->msg);
	pthread_mutex_lock(&repo->r->lock);
	d->next = repo->r->denied;
	repo->r->denied = d;
	pthread_mutex_unlock(&repo->r->lock);
}

int ohc_repo_check_denied(struct ohc_repo *repo, struct ohc_error *err)
{
	const struct ohc_denial *d;

	pthread_mutex_lock(&repo->r->lock);
	for (d = repo->r->denied; d && strcmp(d->repo, repo->name) != 0; d = d->next)
		;
	pthread_mutex_unlock(&repo->r->lock);
	return d ? ohc_error_set(err, OHC_E_DENIED, "%s", d->why) : 0;
}

static int ask(struct ohc_repo *repo, struct ohc_error *err)
{
	struct ohc_session *session = NULL;
	bool granted = false;
	int rc = ask_token(repo, &granted, err);

	if (rc < 0)
		return ohc_error_wrap(err, rc, "cannot upload to '%s'", repo->name);
	if (!granted)
		rc = ohc_session_begin(repo, &session, err);
	if (session)
		ohc_session_keep(repo, session);
	if (rc == 0)
		ohc_repo_note_writable(repo);
	return rc;
}

int ohc_repo_may_write(struct ohc_store *s, struct ohc_error *err)
{
	struct ohc_repo *repo = ohc_repo_of(s);
	int rc = 0;

	if (repo->writable)
		return 0;
	ohc_registry_expect_write(s);
	ohc_turns_begin(repo->r->rights, repo->name);
	repo->writable = repo->writable || is_known(repo);
	if (!repo->writable)
		rc = ohc_repo_check_denied(repo, err);
	if (!repo->writable && rc == 0)
		rc = ask(repo, err);
	ohc_turns_end(repo->r->rights, repo->name);
	return rc;
}
