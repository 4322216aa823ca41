// SPDX-License-Identifier: Apache-2.0
#include "registry/session.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "registry/fault.h"
#include "registry/scope.h"
#include "registry/url.h"

#define FRESH_SECONDS 600 /* an upload that was idle for longer may be gone */

int ohc_session_follow(struct ohc_repo_location *p, const struct ohc_reply *re, char **url,
		       struct ohc_error *err)
{
	const char *location = ohc_request_reply_header(re, "Location");
	ohc_cleanup(ohc_freep) char *next = NULL;
	int rc;

	if (!location || !*location) {
		if (*url)
			return 0;
		return ohc_error_set(err, OHC_E_FORMAT,
				     "registry '%s' opened an upload without a Location",
				     p->e->name);
	}
	rc = ohc_url_resolve(re->url, location, &next, err);
	if (rc < 0)
		return ohc_error_wrap(err, rc, "upload to '%s'", p->e->name);
	ohc_url_upgrade(&next, p->e->url);
	if (ohc_url_is_https(p->e->url) && !ohc_url_is_https(next))
		return ohc_error_set(err, OHC_E_NETWORK,
				     "registry '%s' wants the upload by http at another host",
				     p->e->name);
	free(*url);
	*url = ohc_take(next);
	return 0;
}

static void add_blob(struct ohc_request *rq, const struct ohc_buf *blob)
{
	ohc_strv_add(&rq->headers, "Content-Type: application/octet-stream");
	rq->data = ohc_buf_str(blob);
	rq->len = blob->len;
	rq->once = rq->tentative = true;
}

int ohc_session_open(struct ohc_repo *repo, const struct ohc_session_way *way, struct ohc_reply *re,
		     char **ret_url, struct ohc_error *err)
{
	struct ohc_repo_location *p = ohc_repo_origin(repo);
	ohc_cleanup(ohc_request_clear) struct ohc_request rq = OHC_REQUEST_INIT;
	ohc_cleanup(ohc_freep) char *url = NULL, *session = NULL;
	int rc = ohc_repo_check_denied(repo, err);

	if (rc == 0)
		rc = ohc_repo_url(repo, p, &url, err, "blobs/uploads/%s",
				  way->query ? way->query : "");
	if (rc < 0)
		return rc;
	ohc_repo_request(repo, p, &rq, "POST", url, "pull,push");
	rq.orderly = true; /* a session cannot be ended whose URL never arrived */
	rq.patient = way->from_scope || way->blob;
	if (way->from_scope)
		ohc_scope_add(&rq.want.scopes, way->from_scope);
	if (way->blob)
		add_blob(&rq, way->blob);
	rc = ohc_request_run(&repo->r->wire, &rq, re, err);
	if (rc == 0 && re->status < 300)
		ohc_repo_note_writable(repo);
	if (rc < 0 || re->status != 202)
		return rc;
	rc = ohc_session_follow(p, re, &session, err);
	if (rc == 0)
		*ret_url = ohc_take(session);
	return rc;
}

/* Reads "0-1023" or "bytes=0-1023", whose second number is the last byte that is there.
 * distribution says "0-0" for no byte and for one; only in a new session is it safe to read it as
 * none. */
static bool parse_range(const char *range, uint64_t *ret)
{
	uint64_t from, to;

	if (strncmp(range, "bytes", 5) == 0)
		range += 5 + strspn(range + 5, "= ");
	if (sscanf(range, "%" SCNu64 "-%" SCNu64, &from, &to) != 2 || from != 0)
		return false;
	*ret = to ? to + 1 : 0;
	return true;
}

int ohc_session_offset(struct ohc_repo *repo, char **url, uint64_t *ret, struct ohc_error *err)
{
	struct ohc_repo_location *p = ohc_repo_origin(repo);
	ohc_cleanup(ohc_request_clear) struct ohc_request rq = OHC_REQUEST_INIT;
	ohc_cleanup(ohc_request_reply_clear) struct ohc_reply re = OHC_REPLY_INIT;
	ohc_cleanup(ohc_freep) char *asked = ohc_xstrdup(*url);
	const char *range;
	int rc;

	ohc_repo_request(repo, p, &rq, "GET", asked, "pull,push");
	rq.patient = false;
	rc = ohc_request_run(&repo->r->wire, &rq, &re, err);
	if (rc < 0)
		return rc;
	range = ohc_request_reply_header(&re, "Range");
	if (re.status >= 300 || !range || !parse_range(range, ret))
		return ohc_error_set(err, OHC_E_NOT_FOUND,
				     "registry '%s' does not know the upload any more (HTTP %d)",
				     p->e->name, re.status);
	return ohc_session_follow(p, &re, url, err);
}

/* Makes a request that tidies up; returns its status, 0 where there was no answer. */
static int tidy(struct ohc_repo *repo, const char *method, char **url)
{
	struct ohc_repo_location *p = ohc_repo_origin(repo);
	ohc_cleanup(ohc_request_clear) struct ohc_request rq = OHC_REQUEST_INIT;
	ohc_cleanup(ohc_request_reply_clear) struct ohc_reply re = OHC_REPLY_INIT;
	ohc_cleanup(ohc_freep) char *asked = ohc_xstrdup(*url);

	ohc_repo_request(repo, p, &rq, method, asked, "pull,push");
	rq.cleanup = true;
	if (ohc_request_run(&repo->r->wire, &rq, &re, NULL) < 0)
		return 0;
	if (re.status < 300)
		ohc_session_follow(p, &re, url, NULL);
	return re.status;
}

/* distribution keeps the offset in the Location's _state, and refuses a DELETE whose offset is not
 * its own; after a body broke off, the offset is not known until the session was asked. */
void ohc_session_abort(struct ohc_repo *repo, const char *session)
{
	ohc_cleanup(ohc_freep) char *url = ohc_xstrdup(session);
	struct timespec pause = { 0, 50 * 1000000 };
	int status = tidy(repo, "DELETE", &url);

	for (int i = 0; i < 3 && status >= 400; i++) {
		status = tidy(repo, "GET", &url);
		if (status == 0 || status >= 300)
			return;
		status = tidy(repo, "DELETE", &url);
		if (status >= 400)
			nanosleep(&pause, NULL); /* the broken body may still be being written */
	}
}

uint64_t ohc_session_chunk_min(const struct ohc_reply *re)
{
	const char *min = ohc_request_reply_header(re, "OCI-Chunk-Min-Length");
	uint64_t n;

	if (!min || *min == '-' || sscanf(min, "%" SCNu64, &n) != 1)
		return 0;
	return n;
}

static int begin(struct ohc_repo *repo, struct ohc_session **ret, struct ohc_error *err)
{
	struct ohc_repo_location *p = ohc_repo_origin(repo);
	ohc_cleanup(ohc_request_reply_clear) struct ohc_reply re = OHC_REPLY_INIT;
	char *url = NULL;
	int rc = ohc_session_open(repo, &(struct ohc_session_way){ 0 }, &re, &url, err);

	if (rc < 0)
		return ohc_error_wrap(err, rc, "cannot upload to '%s'", repo->name);
	if (re.status == 405)
		return ohc_fault_reply_error(&re, err,
					     "registry '%s' does not allow pushing to '%s'",
					     p->e->name, repo->name);
	if (re.status != 202)
		return ohc_repo_error(p, &re, err, "upload to '%s'", repo->name);
	*ret = ohc_session_of_mount(&re, url, "");
	return 0;
}

int ohc_session_begin(struct ohc_repo *repo, struct ohc_session **ret, struct ohc_error *err)
{
	struct ohc_error why = OHC_ERROR_INIT;
	int rc = ohc_repo_check_denied(repo, err);

	if (rc < 0)
		return rc;
	rc = begin(repo, ret, &why);
	if (rc == -OHC_E_DENIED)
		ohc_repo_note_denied(repo, &why);
	return rc < 0 ? ohc_error_copy(err, &why, rc) : 0;
}

struct ohc_session *ohc_session_of_mount(const struct ohc_reply *re, char *url, const char *digest)
{
	struct ohc_session *s = ohc_xcalloc(1, sizeof(*s));

	s->url = url;
	s->chunk_min = ohc_session_chunk_min(re);
	s->since = ohc_clock_ms();
	snprintf(s->digest, sizeof(s->digest), "%s", digest);
	return s;
}

void ohc_session_keep(struct ohc_repo *repo, struct ohc_session *s)
{
	pthread_mutex_lock(&repo->lock);
	s->next = repo->sessions;
	repo->sessions = s;
	pthread_mutex_unlock(&repo->lock);
}

static struct ohc_session **find(struct ohc_repo *repo, const char *digest)
{
	struct ohc_session **p = &repo->sessions;

	while (*p && digest && strcmp((*p)->digest, digest) != 0)
		p = &(*p)->next;
	return p;
}

static struct ohc_session *take_one(struct ohc_repo *repo, const char *digest)
{
	struct ohc_session **p, *s;

	pthread_mutex_lock(&repo->lock);
	p = find(repo, digest);
	if (!*p && digest)
		p = find(repo, "");
	s = *p;
	if (s)
		*p = s->next;
	pthread_mutex_unlock(&repo->lock);
	return s;
}

struct ohc_session *ohc_session_take(struct ohc_repo *repo, const char *digest)
{
	struct ohc_session *s;

	while ((s = take_one(repo, digest)) && digest &&
	       ohc_clock_ms() - s->since > FRESH_SECONDS * 1000) {
		ohc_session_abort(repo, s->url);
		ohc_session_free(s);
	}
	return s;
}

void ohc_session_free(struct ohc_session *s)
{
	if (!s)
		return;
	free(s->url);
	free(s);
}
