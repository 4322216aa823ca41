// SPDX-License-Identifier: Apache-2.0
/*
 * Referrers (distribution-spec 1.1, "Listing Referrers"): GET /v2/NAME/referrers/DIGEST, page by
 * page.  A registry that has no such place says so in its own way: 404 by the specification, 400
 * (Quay, distribution 2.8 before some proxies), 403, 406 (Artifactory), 501, or a success that is
 * no index.  Then the index lies under the tag that the digest makes ("Referrers Tag Schema":
 * sha256-…), and whoever pushes a manifest with a subject keeps it up to date, because the
 * registry, which did not answer with OCI-Subject, does not.  That index is read where it is
 * written to, never at a mirror, which may be behind: what is missing there would be lost.
 *
 * GitLab resolves the fallback tag of an image to that image.  That is no index, and stands in
 * nobody's way.  Anything else that is no index is somebody's tag, and is left alone.
 */
#include <string.h>

#include "core/alloc.h"
#include "oci/documents/json.h"
#include "oci/store/referrers.h"
#include "registry/fault.h"
#include "registry/referrers.h"
#include "registry/retry.h"

#define PAGES_MAX     100
#define REFERRERS_MAX 10000
#define BYTES_MAX     (32u << 20) /* of all pages */

/* The source of a list: the pages of the API, or the index under the tag. */
struct referrers_list {
	struct ohc_repo *repo;
	char *what; /* "the referrers in 'host/repo'" */
	json_t *index;
	size_t bytes;
};

static void list_init(struct referrers_list *l, struct ohc_repo *repo)
{
	*l = (struct referrers_list){ .repo = repo };
	l->what = ohc_xasprintf("the referrers in '%s'", repo->name);
	l->index = json_pack("{s:i, s:s, s:[]}", "schemaVersion", 2, "mediaType",
			     OHC_MEDIA_OCI_INDEX, "manifests");
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

/* An index by what it holds.  A list without entries is null where Go writes it. */
static bool is_index(const json_t *doc)
{
	const json_t *list = json_object_get(doc, "manifests");

	return (json_is_array(list) || json_is_null(list)) && !json_object_get(doc, "layers");
}

/* The specification asks for an index's type.  What has only JSON's, or none, must show that it is
 * a list by having something in it; what has another one is no list. */
static bool is_list(const struct ohc_reply *re, const json_t *doc)
{
	const char *type = re->content_type;

	if (is_type(type, OHC_MEDIA_OCI_INDEX) ||
	    is_type(json_string_value(json_object_get(doc, "mediaType")), OHC_MEDIA_OCI_INDEX))
		return is_index(doc);
	return (!type || is_type(type, "application/json")) && is_index(doc) &&
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
		if (json_array_size(entries(l)) == REFERRERS_MAX)
			return ohc_error_set(err, OHC_E_FORMAT, "%s are more than %d", l->what,
					     REFERRERS_MAX);
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
	struct ohc_repo_place *p = ohc_repo_last(l->repo);
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
		if (!doc && page == 0 && !ohc_retry_may_pass(re.status)) {
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

static bool is_of(const char *digest, const struct ohc_buf *bytes)
{
	enum ohc_hash_algorithm a = ohc_digest_algorithm(digest);
	ohc_cleanup(ohc_hash_freep) struct ohc_hash *h = ohc_hash_new(a);
	char is[OHC_DIGEST_MAX];

	ohc_hash_update(h, ohc_buf_str(bytes), bytes->len);
	ohc_digest_end(h, a, is);
	return strcmp(is, digest) == 0;
}

/* Gets the index under the subject's fallback tag at a place.  *ret is NULL: nothing, or the
 * subject itself.  What is no index is returned as it is. */
static int get_by_tag(struct ohc_repo *repo, struct ohc_repo_place *p, const char *subject,
		      const char *what, json_t **ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_request_reply_clear) struct ohc_reply re = OHC_REPLY_INIT;
	ohc_cleanup(ohc_freep) char *tag = ohc_referrers_tag(subject);
	struct ohc_error mine = OHC_ERROR_INIT;
	int rc = ohc_repo_get_from(repo, p, tag, &re, &mine);

	*ret = NULL;
	if (rc == -OHC_E_NOT_FOUND)
		return 0;
	if (rc < 0)
		return ohc_error_copy(err, &mine, rc);
	if (is_of(subject, &re.body))
		return 0;
	return ohc_json_parse(ohc_buf_str(&re.body), re.body.len, what, ret, err);
}

static int read_by_tag(struct referrers_list *l, const char *subject, struct ohc_error *err)
{
	ohc_cleanup(ohc_json_decref) json_t *doc = NULL;
	int rc = get_by_tag(l->repo, ohc_repo_last(l->repo), subject, l->what, &doc, err);

	/* Who finds no index there is to take it that there are no referrers. */
	return rc < 0 || !doc || !is_index(doc) ? rc : add_page(l, doc, err);
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

/* The descriptor that stands for a manifest among its subject's referrers. */
static json_t *entry_of(const struct ohc_document *doc, const json_t *manifest)
{
	json_t *entry = ohc_descriptor_json(&doc->d);
	json_t *type = json_object_get(manifest, "artifactType");
	json_t *annotations = json_object_get(manifest, "annotations");

	if (!json_is_string(type) || !*json_string_value(type))
		type = json_object_get(json_object_get(manifest, "config"), "mediaType");
	if (json_is_string(type))
		json_object_set(entry, "artifactType", type);
	if (json_is_object(annotations))
		json_object_set(entry, "annotations", annotations);
	return entry;
}

static bool has_entry(const struct referrers_list *l, const char *digest)
{
	json_t *m;
	size_t i;

	json_array_foreach (entries(l), i, m) {
		const char *other = json_string_value(json_object_get(m, "digest"));

		if (other && strcmp(other, digest) == 0)
			return true;
	}
	return false;
}

/* The index as it is where it will be written: whatever else stands in it stays. */
static int load(struct referrers_list *l, const char *subject, struct ohc_error *err)
{
	ohc_cleanup(ohc_json_decref) json_t *doc = NULL;
	int rc = get_by_tag(l->repo, ohc_repo_origin(l->repo), subject, l->what, &doc, err);

	if (rc < 0 || !doc)
		return rc;
	if (!is_index(doc))
		return ohc_error_set(
			err, OHC_E_FORMAT,
			"cannot list what refers to %s in '%s': its fallback tag names "
			"something else than an index",
			subject, l->repo->name);
	if (!json_is_array(json_object_get(doc, "manifests")))
		json_object_set_new(doc, "manifests", json_array());
	json_decref(l->index);
	l->index = ohc_take(doc);
	return 0;
}

/* Nothing is written that could not be read again. */
static int check_size(const struct referrers_list *l, const char *text, struct ohc_error *err)
{
	ohc_cleanup(ohc_json_decref) json_t *again = NULL;

	if (strlen(text) > OHC_DOCUMENT_MAX || json_array_size(entries(l)) > REFERRERS_MAX)
		return ohc_error_set(err, OHC_E_FAILED,
				     "%s would become more than an index can hold (%d, %u bytes)",
				     l->what, REFERRERS_MAX, OHC_DOCUMENT_MAX);
	return ohc_json_parse(text, strlen(text), l->what, &again, err);
}

static int store(const struct referrers_list *l, const char *subject, struct ohc_error *err)
{
	ohc_cleanup(ohc_request_reply_clear) struct ohc_reply re = OHC_REPLY_INIT;
	ohc_cleanup(ohc_document_clear) struct ohc_document out = OHC_DOCUMENT_INIT;
	ohc_cleanup(ohc_freep) char *tag = ohc_referrers_tag(subject);
	ohc_cleanup(ohc_freep) char *text = ohc_json_text(l->index);
	int rc = check_size(l, text, err);

	if (rc < 0)
		return rc;
	ohc_buf_adds(&out.bytes, text);
	ohc_descriptor_of(&out.d, OHC_MEDIA_OCI_INDEX, text, strlen(text));
	return ohc_repo_put_at_origin(l->repo, tag, &out, &re, err);
}

static int add_to_index(struct referrers_list *l, const char *subject,
			const struct ohc_document *doc, const json_t *manifest,
			struct ohc_error *err)
{
	int rc = load(l, subject, err);

	if (rc < 0 || has_entry(l, doc->d.digest))
		return rc;
	json_array_append_new(entries(l), entry_of(doc, manifest));
	return store(l, subject, err);
}

/* Of a manifest that was put without an answer it is not known what the registry does
 * with subjects. */
static int is_listed(struct ohc_repo *repo, const char *subject, const struct ohc_document *doc,
		     bool *ret, struct ohc_error *err)
{
	ohc_cleanup(list_clear) struct referrers_list l;
	bool api = false;
	int rc;

	list_init(&l, repo);
	rc = get_pages(&l, subject, &api, err);
	*ret = api && has_entry(&l, doc->d.digest);
	return rc;
}

int ohc_referrers_update(struct ohc_repo *repo, const struct ohc_document *doc,
			 const struct ohc_reply *put, struct ohc_error *err)
{
	ohc_cleanup(ohc_json_decref) json_t *manifest = NULL;
	ohc_cleanup(list_clear) struct referrers_list l;
	const char *subject;
	bool listed = ohc_request_reply_header(put, "OCI-Subject") != NULL && !put->settled;
	int rc = 0;

	list_init(&l, repo);
	if (listed ||
	    ohc_json_parse(ohc_buf_str(&doc->bytes), doc->bytes.len, "", &manifest, NULL) < 0)
		return 0;
	subject =
		json_string_value(json_object_get(json_object_get(manifest, "subject"), "digest"));
	if (!subject || !ohc_digest_valid(subject))
		return 0;
	if (put->settled)
		rc = is_listed(repo, subject, doc, &listed, err);
	if (rc < 0 || listed)
		return rc;
	pthread_mutex_lock(&repo->r->referrers);
	rc = add_to_index(&l, subject, doc, manifest, err);
	pthread_mutex_unlock(&repo->r->referrers);
	return rc;
}
