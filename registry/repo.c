// SPDX-License-Identifier: Apache-2.0
#include "registry/repo.h"

#include <string.h>

#include "core/alloc.h"
#include "core/set.h"
#include "registry/fault.h"
#include "registry/link.h"
#include "registry/scope.h"
#include "registry/url.h"

int ohc_repo_url(struct ohc_repo *repo, struct ohc_repo_location *p, char **ret,
		 struct ohc_error *err, const char *fmt, ...)
{
	ohc_cleanup(ohc_freep) char *rest = NULL;
	va_list ap;
	int rc = ohc_endpoint_ready(p->e, &repo->store.stats.requests, err);

	if (rc < 0)
		return rc;
	va_start(ap, fmt);
	if (vasprintf(&rest, fmt, ap) < 0)
		abort();
	va_end(ap);
	*ret = ohc_xasprintf("%s/v2/%s/%s", p->e->url, p->repo, rest);
	return 0;
}

void ohc_repo_request(struct ohc_repo *repo, struct ohc_repo_location *p, struct ohc_request *rq,
		      const char *method, const char *url, const char *actions)
{
	ohc_cleanup(ohc_freep) char *scope = ohc_xasprintf("repository:%s:%s", p->repo, actions);

	ohc_request_init(rq, method, url);
	rq->requests = &repo->store.stats.requests;
	rq->uploaded = &repo->store.stats.uploaded;
	rq->patient = true;
	if (!ohc_url_same_origin(url, p->e->url)) {
		rq->insecure = p->e->insecure;
		return;
	}
	ohc_endpoint_prepare(p->e, rq);
	rq->want.repo = p->repo;
	ohc_scope_add(&rq->want.scopes, scope);
}

int ohc_repo_error(struct ohc_repo_location *p, const struct ohc_reply *re, struct ohc_error *err,
		   const char *fmt, ...)
{
	ohc_cleanup(ohc_freep) char *doing = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&doing, fmt, ap) < 0)
		abort();
	va_end(ap);
	return ohc_fault_reply_denied(re, p->e->auth, p->repo, doing, err);
}

void ohc_repo_left(struct ohc_repo *repo, const struct ohc_repo_location *p,
		   const struct ohc_error *err)
{
	ohc_report_say(repo->r->o.report, OHC_VERBOSE, "mirror '%s' is left out: %s", p->e->name,
		       err->msg);
}

void ohc_repo_saw_blob(struct ohc_repo *repo, const char *digest)
{
	pthread_mutex_lock(&repo->lock);
	ohc_set_add(repo->seen, digest);
	pthread_mutex_unlock(&repo->lock);
}

/* The next digest in the text from *at on; false: there is none. */
static bool next_digest(const char **at, char ret[OHC_DIGEST_MAX])
{
	for (; (*at = strstr(*at, "sha")); ++*at) {
		size_t n = strspn(*at, "sha:0123456789abcdef");

		if (n >= OHC_DIGEST_MAX)
			continue;
		snprintf(ret, OHC_DIGEST_MAX, "%.*s", (int)n, *at);
		if (!ohc_digest_valid(ret))
			continue;
		*at += n;
		return true;
	}
	return false;
}

bool ohc_repo_lacks_blob(struct ohc_repo *repo, const struct ohc_reply *re, bool *ret_seen)
{
	const char *at = ohc_buf_str(&re->body);
	char digest[OHC_DIGEST_MAX];

	*ret_seen = true;
	if (re->status / 100 != 4 || !strstr(at, "BLOB_UNKNOWN"))
		return false;
	pthread_mutex_lock(&repo->lock);
	while (*ret_seen && next_digest(&at, digest))
		*ret_seen = ohc_set_has(repo->seen, digest);
	pthread_mutex_unlock(&repo->lock);
	return true;
}

/* The first field of the reply that gives the next page of the list. */
static enum ohc_link next_link(const struct ohc_reply *re, char **ret)
{
	enum ohc_link found = OHC_LINK_NONE;
	const char *value;
	size_t at = 0;

	while (found == OHC_LINK_NONE && re->x &&
	       (value = ohc_http_header_next(re->x, "Link", &at)))
		found = ohc_link_next(value, ret);
	return found;
}

int ohc_repo_next_page(const struct ohc_reply *re, const char *url, char **ret,
		       struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *link = NULL, *next = NULL;
	enum ohc_link found = next_link(re, &link);
	int rc;

	if (found == OHC_LINK_BROKEN)
		return ohc_error_set(err, OHC_E_FORMAT,
				     "a list goes on, but its Link does not say where");
	if (found == OHC_LINK_NONE) {
		*ret = NULL;
		return 0;
	}
	rc = ohc_url_resolve(re->url, link, &next, err);
	if (rc < 0)
		return rc;
	ohc_url_upgrade(&next, url);
	if (!ohc_url_same_origin(next, url))
		return ohc_error_set(err, OHC_E_FORMAT, "a list goes on at another host");
	*ret = ohc_take(next);
	return 0;
}
