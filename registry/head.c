// SPDX-License-Identifier: Apache-2.0
/*
 * Tells which manifest a tag names, by HEAD (distribution-spec, "Checking if content exists in the
 * registry"): registries that count pulls do not count it, and its Docker-Content-Digest is the
 * digest.  Where that header is missing, or HEAD is not understood, nothing is told, and the caller
 * gets the manifest itself.
 */
#include <inttypes.h>
#include <string.h>

#include "core/alloc.h"
#include "oci/documents/name.h"
#include "registry/fault.h"
#include "registry/repo.h"

static int head(struct ohc_repo *repo, struct ohc_repo_location *p, const char *tag,
		struct ohc_reply *re, struct ohc_error *err)
{
	ohc_cleanup(ohc_request_clear) struct ohc_request rq = OHC_REQUEST_INIT;
	ohc_cleanup(ohc_freep) char *url = NULL;
	int rc = ohc_repo_url(repo, p, &url, err, "manifests/%s", tag);

	if (rc < 0)
		return rc;
	ohc_repo_request(repo, p, &rq, "HEAD", url, "pull");
	ohc_strv_add(&rq.headers, OHC_REPO_ACCEPT);
	rc = ohc_request_run(&repo->r->wire, &rq, re, err);
	if (rc < 0)
		return rc;
	if (re->status == 404)
		return ohc_error_set(err, OHC_E_NOT_FOUND, "there is no image '%s:%s'", repo->name,
				     tag);
	return 0;
}

static void read_headers(const struct ohc_reply *re, struct ohc_descriptor *ret)
{
	const char *digest = ohc_request_reply_header(re, "Docker-Content-Digest");
	const char *length = ohc_request_reply_header(re, "Content-Length");
	int64_t size = 0;

	if (re->status != 200 || !digest || !ohc_digest_valid(digest))
		return;
	if (length && sscanf(length, "%" SCNd64, &size) != 1)
		size = 0;
	ohc_descriptor_set(ret, re->content_type ? re->content_type : "", digest, size);
}

int ohc_repo_head_manifest(struct ohc_store *s, const char *tag, struct ohc_descriptor *ret,
			   struct ohc_error *err)
{
	struct ohc_repo *repo = ohc_repo_of(s);
	struct ohc_error mine = OHC_ERROR_INIT, *e = err ? err : &mine;
	int rc = ohc_name_tag_check(tag, e);

	for (size_t i = 0; rc == 0 && i < repo->n_locations; i++) {
		ohc_cleanup(ohc_request_reply_clear) struct ohc_reply re = OHC_REPLY_INIT;
		struct ohc_repo_location *p = &repo->locations[i];

		if (!p->by_tag)
			continue;
		rc = head(repo, p, tag, &re, e);
		if (rc == 0)
			read_headers(&re, ret);
		if (rc == 0 || rc == -OHC_E_INTERRUPTED || i + 1 == repo->n_locations)
			return rc;
		ohc_repo_left(repo, p, e);
		rc = 0;
	}
	return rc;
}
