// SPDX-License-Identifier: Apache-2.0
/*
 * Referrers (distribution-spec 1.1, "Listing Referrers"): GET /v2/NAME/referrers/DIGEST, page by
 * page.  A registry that has no such page says so in its own way: 404 by the specification, 400
 * (Quay, distribution 2.8 before some proxies), 403, 406 (Artifactory), 501, or a success that is
 * no index.  Then the index lies under a tag (registry/fallback.h), and a registry that did not
 * answer a manifest with OCI-Subject leaves it to us to keep that.
 */
#include <string.h>

#include "core/alloc.h"
#include "oci/documents/index_json.h"
#include "oci/store/referrers.h"
#include "registry/fallback.h"
#include "registry/fault.h"
#include "registry/referrers.h"
#include "registry/retry.h"

#define PAGES_MAX 100
#define BYTES_MAX (32u << 20) /* of all pages */

/* A list of referrers, read from the pages of the API or from the index under the tag. */
struct referrers_list {
	struct ohc_repo *repo;
	char *what; /* "the referrers in 'host/repo'" */
	json_t *index;
	size_t bytes;
};

static void list_init(struct referrers_list *l, struct ohc_repo *repo)
{
	*l = (struct referrers_list){ .repo = repo };
	l->what = ohc_fallback_title(repo);
	l->index = ohc_index_json_new();
}

static void list_clear(struct referrers_list *l)
{
	ohc_json_decref(&l->index);
	free(l->what);
}

static json_t *entries(const struct referrers_list *l)
{
	return json_object_get(l->index, "manifests");
}

static bool is_type(const char *is, const char *type)
{
	return is && strcasecmp(is, type) == 0;
}

/* The specification asks for an index's type.  A reply with JSON's type, or with none, must have an
 * entry to count as a list; a reply with another type is no list. */
static bool is_list(const struct ohc_reply *re, const json_t *doc)
{
	const char *type = re->content_type;

	if (is_type(type, OHC_MEDIA_OCI_INDEX) ||
	    is_type(json_string_value(json_object_get(doc, "mediaType")), OHC_MEDIA_OCI_INDEX))
		return ohc_fallback_is_index(doc);
	return (!type || is_type(type, "application/json")) && ohc_fallback_is_index(doc) &&
	       json_array_size(json_object_get(doc, "manifests")) > 0;
}

/* The reply of the API: *ret is NULL when it comes from a registry that has none. */
static int parse_page(const struct referrers_list *l, const struct ohc_reply *re, json_t **ret,
		      struct ohc_error *err)
{
	ohc_cleanup(ohc_json_decref) json_t *doc = NULL;
	int rc = ohc_json_parse(ohc_buf_str(&re->body), re->body.len, l->what, &doc, err);

	*ret = NULL;
	if (rc < 0)
		return is_type(re->content_type, OHC_MEDIA_OCI_INDEX) ? rc : 0;
	if (is_list(re, doc))
		*ret = ohc_take(doc);
	return 0;
}

/* Adds the manifests of a page to those of the list. */
static int add_page(struct referrers_list *l, const json_t *page, struct ohc_error *err)
{
	json_t *m;
	size_t i;

	json_array_foreach (json_object_get(page, "manifests"), i, m) {
		if (json_array_size(entries(l)) == OHC_REFERRERS_MAX)
			return ohc_error_set(err, OHC_E_FORMAT, "%s are more than %d", l->what,
					     OHC_REFERRERS_MAX);
		json_array_append(entries(l), m);
	}
	return 0;
}

static int get_page(struct referrers_list *l, const char *url, struct ohc_reply *re, json_t **ret,
		    struct ohc_error *err)
{
	ohc_cleanup(ohc_request_clear) struct ohc_request rq = OHC_REQUEST_INIT;
	int rc;

	*ret = NULL;
	ohc_repo_request(l->repo, ohc_repo_last(l->repo), &rq, "GET", url, "pull");
	ohc_strv_add(&rq.headers, "Accept: " OHC_MEDIA_OCI_INDEX);
	rq.max_reply = OHC_DOCUMENT_MAX;
	rc = ohc_request_run(&l->repo->r->wire, &rq, re, err);
	if (rc < 0)
		return ohc_error_wrap(err, rc, "cannot list referrers in '%s'", l->repo->name);
	if (re->status != 200)
		return 0;
	l->bytes += re->body.len;
	if (l->bytes > BYTES_MAX)
		return ohc_error_set(err, OHC_E_FORMAT, "%s are more than %u bytes", l->what,
				     BYTES_MAX);
	return parse_page(l, re, ret, err);
}

/* *ret is false where the registry has no referrers API.  That shows at the first page: where a
 * later one is missing, the list was cut. */
static int get_pages(struct referrers_list *l, const char *digest, bool *ret, struct ohc_error *err)
{
	struct ohc_repo_location *p = ohc_repo_last(l->repo);
	ohc_cleanup(ohc_freep) char *url = NULL;
	int rc = ohc_repo_url(l->repo, p, &url, err, "referrers/%s", digest);

	*ret = true;
	for (int page = 0; rc == 0 && url; page++) {
		ohc_cleanup(ohc_request_reply_clear) struct ohc_reply re = OHC_REPLY_INIT;
		ohc_cleanup(ohc_json_decref) json_t *doc = NULL;
		ohc_cleanup(ohc_freep) char *asked = ohc_take(url);

		if (page == PAGES_MAX)
			return ohc_error_set(err, OHC_E_FORMAT,
					     "the list of referrers in '%s' does not end: gave up "
					     "after %d pages",
					     l->repo->name, page);
		rc = get_page(l, asked, &re, &doc, err);
		if (rc < 0)
			return rc;
		if (!doc && page == 0 && !ohc_retry_may_pass(re.status) &&
		    !ohc_request_reply_is_limit(&re)) {
			*ret = false;
			return 0;
		}
		if (!doc)
			return ohc_repo_error(p, &re, err, "list referrers in '%s'", l->repo->name);
		rc = add_page(l, doc, err);
		if (rc == 0)
			rc = ohc_repo_next_page(&re, asked, &url, err);
	}
	return rc;
}

static int read_by_tag(struct referrers_list *l, const char *subject, struct ohc_error *err)
{
	ohc_cleanup(ohc_json_decref) json_t *doc = NULL;
	int rc = ohc_fallback_get(l->repo, ohc_repo_last(l->repo), subject, &doc, err);

	/* The specification says that no index means no referrers. */
	return rc < 0 || !doc || !ohc_fallback_is_index(doc) ? rc : add_page(l, doc, err);
}

int ohc_repo_get_referrers(struct ohc_store *s, const char *digest, struct ohc_buf *ret_bytes,
			   struct ohc_error *err)
{
	ohc_cleanup(list_clear) struct referrers_list l;
	ohc_cleanup(ohc_freep) char *text = NULL;
	bool api = false;
	int rc = ohc_digest_check(digest, "the image", err);

	list_init(&l, ohc_repo_of(s));
	if (rc == 0)
		rc = get_pages(&l, digest, &api, err);
	if (rc == 0 && !api)
		rc = read_by_tag(&l, digest, err);
	if (rc < 0)
		return rc;
	text = ohc_json_text(l.index);
	ohc_buf_adds(ret_bytes, text);
	return 0;
}

/* Asks for those of a manifest that need not be there: the digest of nothing is as good as any. */
int ohc_repo_lists_referrers(struct ohc_store *s, bool *ret, struct ohc_error *err)
{
	ohc_cleanup(list_clear) struct referrers_list l;
	char digest[OHC_DIGEST_MAX];

	ohc_digest_of("", 0, digest);
	list_init(&l, ohc_repo_of(s));
	return get_pages(&l, digest, ret, err);
}

/* Does the registry itself list the digest?  *ret_api is false where it has no referrers API. */
static int is_listed(struct ohc_repo *repo, const char *subject, const char *digest, bool *ret_api,
		     bool *ret, struct ohc_error *err)
{
	ohc_cleanup(list_clear) struct referrers_list l;
	int rc;

	list_init(&l, repo);
	rc = get_pages(&l, subject, ret_api, err);
	*ret = *ret_api && ohc_referrers_find(entries(&l), digest) < json_array_size(entries(&l));
	return rc;
}

/* May the document name a subject?  Most do not, and need not be parsed for that; a key's letters
 * may also be written as \uXXXX. */
static bool may_have_subject(const struct ohc_buf *bytes)
{
	const char *text = ohc_buf_str(bytes);

	return memmem(text, bytes->len, "\"subject\"", 9) || memmem(text, bytes->len, "\\u", 2);
}

/* When the answer to a manifest was lost, it is not known whether the registry understands
 * subjects, so it is asked. */
int ohc_referrers_update(struct ohc_repo *repo, const struct ohc_document *doc,
			 const struct ohc_reply *put, struct ohc_error *err)
{
	ohc_cleanup(ohc_json_decref) json_t *manifest = NULL, *entry = NULL;
	const char *subject;
	bool listed = ohc_request_reply_header(put, "OCI-Subject") != NULL && !put->settled, api;
	int rc = 0;

	if (listed || !may_have_subject(&doc->bytes) ||
	    ohc_json_parse(ohc_buf_str(&doc->bytes), doc->bytes.len, "", &manifest, NULL) < 0)
		return 0;
	subject =
		json_string_value(json_object_get(json_object_get(manifest, "subject"), "digest"));
	if (!subject || !ohc_digest_valid(subject))
		return 0;
	if (put->settled)
		rc = is_listed(repo, subject, doc->d.digest, &api, &listed, err);
	if (rc < 0 || listed)
		return rc;
	entry = ohc_referrers_entry(&doc->d, manifest);
	return ohc_fallback_add(repo, subject, entry, err);
}

/* Where the registry keeps no list, a manifest that is no longer in the index is not found any
 * more, so a registry that deletes nothing may keep it. */
int ohc_repo_delete_referrer(struct ohc_store *s, const char *subject, const char *digest,
			     struct ohc_error *err)
{
	struct ohc_repo *repo = ohc_repo_of(s);
	struct ohc_error mine = OHC_ERROR_INIT;
	bool api = false, listed = false;
	int rc = ohc_digest_check(subject, "the subject", err);

	if (rc == 0)
		rc = is_listed(repo, subject, digest, &api, &listed, err);
	if (rc == 0 && !api)
		rc = ohc_fallback_remove(repo, subject, digest, &listed, err);
	if (rc < 0)
		return rc;
	rc = ohc_repo_delete_manifest(s, digest, &mine);
	if (rc < 0 && (api || !listed))
		return ohc_error_copy(err, &mine, rc);
	if (rc < 0)
		ohc_report_say(repo->r->o.report, OHC_VERBOSE,
			       "taken out of the list, but still there: %s", mine.msg);
	return rc == -OHC_E_INTERRUPTED ? ohc_error_copy(err, &mine, rc) : 0;
}
