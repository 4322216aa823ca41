// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "core/alloc.h"
#include "core/interrupt.h"
#include "oci/documents/name.h"
#include "registry/fault.h"
#include "registry/referrers.h"
#include "registry/repo.h"

static const char *joint(const char *ref)
{
	return ohc_digest_valid(ref) ? "@" : ":";
}

static int missing(struct ohc_repo *repo, const char *ref, const struct ohc_reply *re,
		   struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *words = ohc_fault_reply_words(re);

	return ohc_error_set(err, OHC_E_NOT_FOUND, "there is no image '%s%s%s'%s%s", repo->name,
			     joint(ref), ref, *words ? ": " : "", words);
}

/* Checks a reference before it becomes part of a URL, wherever it came from. */
static int check_ref(struct ohc_repo *repo, const char *ref, struct ohc_error *err)
{
	int rc = ohc_digest_valid(ref) ? 0 : ohc_name_tag_check(ref, err);

	return rc < 0 ? ohc_error_wrap(err, rc, "'%s'", repo->name) : 0;
}

/* Of a tag only the registry can say what the bytes should be (distribution-spec, "Pulling
 * manifests": clients SHOULD verify that); under a digest the store checks them. */
static int check_said(const struct ohc_repo *repo, const char *ref, const struct ohc_reply *re,
		      struct ohc_error *err)
{
	const char *said = ohc_request_reply_header(re, "Docker-Content-Digest");

	if (ohc_digest_valid(ref) || !said || !ohc_digest_valid(said) ||
	    ohc_digest_is_of(said, ohc_buf_str(&re->body), re->body.len))
		return 0;
	return ohc_error_set(err, OHC_E_DIGEST,
			     "'%s:%s' did not come as it is in the registry, where its digest is "
			     "%s: try again, and tell who runs the registry if it stays so",
			     repo->name, ref, said);
}

int ohc_repo_get_from(struct ohc_repo *repo, struct ohc_repo_location *p, const char *ref,
		      struct ohc_reply *re, struct ohc_error *err)
{
	ohc_cleanup(ohc_request_clear) struct ohc_request rq = OHC_REQUEST_INIT;
	ohc_cleanup(ohc_freep) char *url = NULL;
	int rc = check_ref(repo, ref, err);

	if (rc == 0)
		rc = ohc_repo_url(repo, p, &url, err, "manifests/%s", ref);
	if (rc < 0)
		return ohc_error_wrap(err, rc, "cannot get '%s%s%s'", repo->name, joint(ref), ref);
	ohc_repo_request(repo, p, &rq, "GET", url, "pull");
	ohc_strv_add(&rq.headers, OHC_REPO_ACCEPT);
	rq.max_reply = OHC_DOCUMENT_MAX;
	rc = ohc_request_run(&repo->r->wire, &rq, re, err);
	if (rc < 0)
		return ohc_error_wrap(err, rc, "cannot get '%s%s%s'", repo->name, joint(ref), ref);
	if (re->status == 404)
		return missing(repo, ref, re, err);
	if (re->status != 200)
		return ohc_repo_error(p, re, err, "get '%s%s%s'", repo->name, joint(ref), ref);
	if (re->content_type && strcasecmp(re->content_type, "text/html") == 0)
		return ohc_error_set(err, OHC_E_FORMAT,
				     "'%s' answers with a web page: it is no registry, or a proxy "
				     "stands before it",
				     p->e->host);
	return check_said(repo, ref, re, err);
}

int ohc_repo_get_manifest(struct ohc_store *s, const char *ref, struct ohc_buf *ret_bytes,
			  char ret_media_type[OHC_MEDIA_MAX], struct ohc_error *err)
{
	struct ohc_repo *repo = ohc_repo_of(s);
	ohc_cleanup(ohc_request_reply_clear) struct ohc_reply re = OHC_REPLY_INIT;
	struct ohc_error mine = OHC_ERROR_INIT, *e = err ? err : &mine;
	bool by_digest = ref && ohc_digest_valid(ref);
	int rc = 0;

	for (size_t i = 0; i < repo->n_locations; i++) {
		struct ohc_repo_location *p = &repo->locations[i];

		if (!(by_digest ? p->by_digest : p->by_tag))
			continue;
		rc = ohc_repo_get_from(repo, p, ref ? ref : "latest", &re, e);
		if (rc == 0 || rc == -OHC_E_INTERRUPTED)
			break;
		if (i + 1 < repo->n_locations)
			ohc_repo_left(repo, p, e);
	}
	if (rc < 0)
		return rc;
	snprintf(ret_media_type, OHC_MEDIA_MAX, "%s", re.content_type ? re.content_type : "");
	*ret_bytes = re.body;
	re.body = (struct ohc_buf)OHC_BUF_INIT;
	return 0;
}

/* Looks once whether the tag names this document, where images are written to. */
struct manifest_look {
	struct ohc_repo *repo;
	const char *url;
	const struct ohc_document *doc;
};

/* The registry did not say yes.  It may have put the manifest and been too slow to say so; or the
 * tag is one that cannot be moved (registries answer 400, 403, 405, 409 or 412 then), and names
 * this very manifest already: then the work is done. */
static bool is_there(void *ctx)
{
	const struct manifest_look *l = ctx;
	ohc_cleanup(ohc_request_clear) struct ohc_request rq = OHC_REQUEST_INIT;
	ohc_cleanup(ohc_request_reply_clear) struct ohc_reply re = OHC_REPLY_INIT;
	const struct ohc_buf *bytes = &l->doc->bytes;

	ohc_repo_request(l->repo, ohc_repo_origin(l->repo), &rq, "GET", l->url, "pull");
	ohc_strv_add(&rq.headers, OHC_REPO_ACCEPT);
	rq.max_reply = OHC_DOCUMENT_MAX;
	rq.once = true;
	return ohc_request_run(&l->repo->r->wire, &rq, &re, NULL) == 0 && re.status == 200 &&
	       re.body.len == bytes->len &&
	       memcmp(ohc_buf_str(&re.body), ohc_buf_str(bytes), bytes->len) == 0;
}

static int refused(struct ohc_repo *repo, const char *ref, const struct ohc_reply *re,
		   struct ohc_error *err)
{
	struct ohc_repo_location *p = ohc_repo_origin(repo);

	if (re->status == 405)
		return ohc_fault_reply_error(re, err,
					     "registry '%s' does not allow pushing to '%s'",
					     p->e->name, repo->name);
	return ohc_repo_error(p, re, err, "write '%s%s%s'", repo->name, joint(ref), ref);
}

void ohc_repo_put_request(struct ohc_repo *repo, struct ohc_request *rq, const char *url,
			  const struct ohc_document *doc)
{
	ohc_repo_request(repo, ohc_repo_origin(repo), rq, "PUT", url, "pull,push");
	ohc_strv_take(&rq->headers, ohc_xasprintf("Content-Type: %s", doc->d.media_type));
	rq->data = ohc_buf_str(&doc->bytes);
	rq->len = doc->bytes.len;
}

/* distribution 2.8 does not know a blob for a moment while another upload of the same blob ends, as
 * that of the empty config does where many attach at once. */
static int put_until_known(struct ohc_repo *repo, struct ohc_request *rq, struct ohc_reply *re,
			   struct ohc_error *err)
{
	static const unsigned int pauses_ms[] = { 100, 400, 1600 };
	bool seen;
	int rc = ohc_request_run(&repo->r->wire, rq, re, err);

	for (size_t i = 0; rc == 0 && !re->settled && i < OHC_ARRAY_SIZE(pauses_ms); i++) {
		if (!ohc_repo_lacks_blob(repo, re, &seen) || !seen)
			break;
		rc = ohc_interrupt_wait(pauses_ms[i], err);
		if (rc == 0)
			rc = ohc_request_run(&repo->r->wire, rq, re, err);
	}
	return rc;
}

int ohc_repo_put_at_origin(struct ohc_repo *repo, const char *tag, const struct ohc_document *doc,
			   struct ohc_reply *re, struct ohc_error *err)
{
	struct ohc_repo_location *p = ohc_repo_origin(repo);
	ohc_cleanup(ohc_request_clear) struct ohc_request rq = OHC_REQUEST_INIT;
	ohc_cleanup(ohc_freep) char *url = NULL;
	const char *ref = tag ? tag : doc->d.digest;
	int rc = check_ref(repo, ref, err);

	if (rc == 0)
		rc = ohc_repo_url(repo, p, &url, err, "manifests/%s", ref);
	if (rc < 0)
		return rc;
	ohc_repo_put_request(repo, &rq, url, doc);
	rq.settled = is_there;
	rq.settled_ctx = &(struct manifest_look){ repo, url, doc };
	rc = put_until_known(repo, &rq, re, err);
	if (rc < 0)
		return ohc_error_wrap(err, rc, "cannot write '%s%s%s'", repo->name, joint(ref),
				      ref);
	if (re->settled)
		ohc_report_say(repo->r->o.report, OHC_VERBOSE, "'%s%s%s' is there already",
			       repo->name, joint(ref), ref);
	else if (re->status >= 300)
		return refused(repo, ref, re, err);
	return 0;
}

int ohc_repo_put_manifest(struct ohc_store *s, const char *tag, const struct ohc_document *doc,
			  struct ohc_error *err)
{
	ohc_cleanup(ohc_request_reply_clear) struct ohc_reply re = OHC_REPLY_INIT;
	int rc = ohc_repo_put_at_origin(ohc_repo_of(s), tag, doc, &re, err);

	return rc < 0 ? rc : ohc_referrers_update(ohc_repo_of(s), doc, &re, err);
}

int ohc_repo_delete_manifest(struct ohc_store *s, const char *ref, struct ohc_error *err)
{
	struct ohc_repo *repo = ohc_repo_of(s);
	struct ohc_repo_location *p = ohc_repo_origin(repo);
	ohc_cleanup(ohc_request_clear) struct ohc_request rq = OHC_REQUEST_INIT;
	ohc_cleanup(ohc_request_reply_clear) struct ohc_reply re = OHC_REPLY_INIT;
	ohc_cleanup(ohc_freep) char *url = NULL;
	int rc = check_ref(repo, ref, err);

	if (rc == 0)
		rc = ohc_repo_url(repo, p, &url, err, "manifests/%s", ref);
	if (rc < 0)
		return rc;
	ohc_repo_request(repo, p, &rq, "DELETE", url, "pull,push,delete");
	rc = ohc_request_run(&repo->r->wire, &rq, &re, err);
	if (rc < 0)
		return ohc_error_wrap(err, rc, "cannot delete '%s%s%s'", repo->name, joint(ref),
				      ref);
	if (re.status == 404)
		return missing(repo, ref, &re, err);
	if (re.status == 405)
		return ohc_fault_reply_error(&re, err, "registry '%s' does not allow deleting",
					     p->e->name);
	if (re.status >= 300)
		return ohc_repo_error(p, &re, err, "delete '%s%s%s'", repo->name, joint(ref), ref);
	return 0;
}
