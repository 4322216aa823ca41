// SPDX-License-Identifier: Apache-2.0
/*
 * Referrers (distribution-spec 1.1, "Listing Referrers"): GET /v2/NAME/referrers/DIGEST, page by
 * page.  A registry that has no such place answers 404; then the index lies under the tag that the
 * digest makes ("Referrers Tag Schema": sha256-…), and whoever pushes a manifest with a subject
 * keeps it up to date, because the registry, which did not answer with OCI-Subject, does not.
 */
#include <string.h>

#include "core/alloc.h"
#include "oci/documents/json.h"
#include "registry/fault.h"
#include "registry/referrers.h"

#define PAGES_MAX     100
#define REFERRERS_MAX 10000

static json_t *empty_index(void)
{
	return json_pack("{s:i, s:s, s:[]}", "schemaVersion", 2, "mediaType", OHC_MEDIA_OCI_INDEX,
			 "manifests");
}

/* Adds the manifests of a page to those of the index. */
static int add_page(struct ohc_repo *repo, const struct ohc_buf *bytes, json_t *index,
		    struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *what = ohc_xasprintf("the referrers in '%s'", repo->name);
	ohc_cleanup(ohc_json_decref) json_t *doc = NULL;
	json_t *list = NULL, *all = json_object_get(index, "manifests"), *m;
	size_t i;
	int rc = ohc_json_parse(ohc_buf_str(bytes), bytes->len, what, &doc, err);

	if (rc == 0)
		rc = ohc_json_array(doc, "manifests", what, &list, err);
	if (rc < 0)
		return rc;
	json_array_foreach (list, i, m) {
		if (json_array_size(all) == REFERRERS_MAX)
			return ohc_error_set(err, OHC_E_FORMAT, "%s are more than %d", what,
					     REFERRERS_MAX);
		json_array_append(all, m);
	}
	return 0;
}

/* *ret is false where the registry has no referrers API. */
static int get_pages(struct ohc_repo *repo, const char *digest, json_t *index, bool *ret,
		     struct ohc_error *err)
{
	struct ohc_repo_place *p = ohc_repo_last(repo);
	ohc_cleanup(ohc_freep) char *url = NULL;
	int rc = ohc_repo_url(repo, p, &url, err, "referrers/%s", digest);

	for (int page = 0; rc == 0 && url; page++) {
		ohc_cleanup(ohc_request_clear) struct ohc_request rq = OHC_REQUEST_INIT;
		ohc_cleanup(ohc_request_reply_clear) struct ohc_reply re = OHC_REPLY_INIT;
		ohc_cleanup(ohc_freep) char *asked = ohc_take(url);

		if (page == PAGES_MAX)
			return ohc_error_set(err, OHC_E_FORMAT,
					     "the list of referrers in '%s' does not end: gave up "
					     "after %d pages",
					     repo->name, page);
		ohc_repo_request(repo, p, &rq, "GET", asked, "pull");
		ohc_strv_add(&rq.headers, "Accept: " OHC_MEDIA_OCI_INDEX);
		rq.max_reply = OHC_DOCUMENT_MAX;
		rc = ohc_request_run(&repo->r->wire, &rq, &re, err);
		if (rc < 0)
			return ohc_error_wrap(err, rc, "cannot list referrers in '%s'", repo->name);
		if (page == 0 && (re.status == 404 || re.status == 405)) {
			*ret = false;
			return 0;
		}
		if (re.status != 200)
			return ohc_repo_error(p, &re, err, "list referrers in '%s'", repo->name);
		rc = add_page(repo, &re.body, index, err);
		if (rc == 0)
			rc = ohc_repo_next_page(&re, asked, &url, err);
	}
	*ret = true;
	return rc;
}

static char *tag_of(const char *digest)
{
	char *tag = ohc_xstrdup(digest);

	*strchr(tag, ':') = '-';
	return tag;
}

/* The index under the fallback tag, added to `index`; none is an empty one. */
static int get_by_tag(struct ohc_store *s, const char *tag, json_t *index, struct ohc_error *err)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf bytes = OHC_BUF_INIT;
	struct ohc_error mine = OHC_ERROR_INIT;
	char media[OHC_MEDIA_MAX];
	int rc = ohc_repo_get_manifest(s, tag, &bytes, media, &mine);

	if (rc == -OHC_E_NOT_FOUND)
		return 0;
	if (rc < 0)
		return ohc_error_copy(err, &mine, rc);
	return add_page(ohc_repo_of(s), &bytes, index, err);
}

int ohc_repo_get_referrers(struct ohc_store *s, const char *digest, struct ohc_buf *ret_bytes,
			   struct ohc_error *err)
{
	ohc_cleanup(ohc_json_decref) json_t *index = empty_index();
	ohc_cleanup(ohc_freep) char *tag = NULL, *text = NULL;
	bool api = false;
	int rc = ohc_digest_check(digest, "the image", err);

	if (rc == 0)
		rc = get_pages(ohc_repo_of(s), digest, index, &api, err);
	if (rc == 0 && !api) {
		tag = tag_of(digest);
		rc = get_by_tag(s, tag, index, err);
	}
	if (rc < 0)
		return rc;
	text = ohc_json_text(index);
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

static bool has_entry(const json_t *index, const char *digest)
{
	json_t *m;
	size_t i;

	json_array_foreach (json_object_get(index, "manifests"), i, m) {
		const char *other = json_string_value(json_object_get(m, "digest"));

		if (other && strcmp(other, digest) == 0)
			return true;
	}
	return false;
}

int ohc_referrers_update(struct ohc_store *s, const struct ohc_document *doc, struct ohc_error *err)
{
	ohc_cleanup(ohc_json_decref) json_t *manifest = NULL, *index = empty_index();
	ohc_cleanup(ohc_document_clear) struct ohc_document out = OHC_DOCUMENT_INIT;
	ohc_cleanup(ohc_freep) char *tag = NULL, *text = NULL;
	const char *subject;
	int rc;

	if (ohc_json_parse(ohc_buf_str(&doc->bytes), doc->bytes.len, "", &manifest, NULL) < 0)
		return 0;
	subject =
		json_string_value(json_object_get(json_object_get(manifest, "subject"), "digest"));
	if (!subject || !ohc_digest_valid(subject))
		return 0;
	tag = tag_of(subject);
	rc = get_by_tag(s, tag, index, err);
	if (rc < 0 || has_entry(index, doc->d.digest))
		return rc;
	json_array_append_new(json_object_get(index, "manifests"), entry_of(doc, manifest));
	text = ohc_json_text(index);
	ohc_buf_adds(&out.bytes, text);
	ohc_descriptor_of(&out.d, OHC_MEDIA_OCI_INDEX, text, strlen(text));
	return ohc_repo_put_manifest(s, tag, &out, err);
}
