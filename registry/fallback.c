// SPDX-License-Identifier: Apache-2.0
#include "registry/fallback.h"

#include <string.h>
#include <sys/random.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/interrupt.h"
#include "oci/documents/index_json.h"
#include "oci/store/referrers.h"

/* How often an index is written that others write at the same time. */
#define TRIES_MAX     20
#define WAIT_LEAST_MS 20
#define WAIT_MOST_MS  1000

bool ohc_fallback_is_index(const json_t *doc)
{
	const json_t *list = json_object_get(doc, "manifests");

	return (json_is_array(list) || json_is_null(list)) && !json_object_get(doc, "layers");
}

char *ohc_fallback_title(const struct ohc_repo *repo)
{
	return ohc_xasprintf("the referrers in '%s'", repo->name);
}

int ohc_fallback_get(struct ohc_repo *repo, struct ohc_repo_location *p, const char *subject,
		     json_t **ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_request_reply_clear) struct ohc_reply re = OHC_REPLY_INIT;
	ohc_cleanup(ohc_freep) char *tag = ohc_referrers_tag(subject),
				    *what = ohc_fallback_title(repo);
	struct ohc_error mine = OHC_ERROR_INIT;
	int rc = ohc_repo_get_from(repo, p, tag, &re, &mine);

	*ret = NULL;
	if (rc == -OHC_E_NOT_FOUND)
		return 0;
	if (rc < 0)
		return ohc_error_copy(err, &mine, rc);
	if (ohc_digest_is_of(subject, ohc_buf_str(&re.body), re.body.len))
		return 0;
	return ohc_json_parse(ohc_buf_str(&re.body), re.body.len, what, ret, err);
}

/* Loads the index from where it will be written; its other entries stay. */
static int load(struct ohc_repo *repo, const char *subject, json_t **ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_json_decref) json_t *doc = NULL;
	int rc = ohc_fallback_get(repo, ohc_repo_origin(repo), subject, &doc, err);

	if (rc < 0)
		return rc;
	if (doc && !ohc_fallback_is_index(doc))
		return ohc_error_set(
			err, OHC_E_FORMAT,
			"cannot list what refers to %s in '%s': its fallback tag names "
			"something else than an index",
			subject, repo->name);
	if (doc && !json_is_array(json_object_get(doc, "manifests")))
		json_object_set_new(doc, "manifests", json_array());
	*ret = doc ? ohc_take(doc) : ohc_index_json_new();
	return 0;
}

/* Refuses an index that could not be read again. */
static int check_size(struct ohc_repo *repo, const json_t *index, const char *text,
		      struct ohc_error *err)
{
	ohc_cleanup(ohc_json_decref) json_t *again = NULL;
	ohc_cleanup(ohc_freep) char *what = ohc_fallback_title(repo);

	if (strlen(text) > OHC_DOCUMENT_MAX ||
	    json_array_size(json_object_get(index, "manifests")) > OHC_REFERRERS_MAX)
		return ohc_error_set(err, OHC_E_FAILED,
				     "%s would become more than an index can hold (%d, %u bytes)",
				     what, OHC_REFERRERS_MAX, OHC_DOCUMENT_MAX);
	return ohc_json_parse(text, strlen(text), what, &again, err);
}

/* *ret_status is the registry's answer, 0 where it was not asked. */
static int store(struct ohc_repo *repo, const char *subject, const json_t *index, int *ret_status,
		 struct ohc_error *err)
{
	ohc_cleanup(ohc_request_reply_clear) struct ohc_reply re = OHC_REPLY_INIT;
	ohc_cleanup(ohc_document_clear) struct ohc_document out = OHC_DOCUMENT_INIT;
	ohc_cleanup(ohc_freep) char *tag = ohc_referrers_tag(subject);
	ohc_cleanup(ohc_freep) char *text = ohc_json_text(index);
	int rc = check_size(repo, index, text, err);

	*ret_status = 0;
	if (rc < 0)
		return rc;
	ohc_buf_adds(&out.bytes, text);
	ohc_descriptor_of(&out.d, OHC_MEDIA_OCI_INDEX, text, strlen(text));
	rc = ohc_repo_put_at_origin(repo, tag, &out, &re, err);
	*ret_status = re.status;
	return rc;
}

/* A change of the index; false: there is nothing to change. */
typedef bool edit_fn(json_t *list, const void *arg);

static bool edit_add(json_t *list, const void *arg)
{
	json_t *entry = (json_t *)arg;
	const char *digest = json_string_value(json_object_get(entry, "digest"));

	if (ohc_referrers_find(list, digest) < json_array_size(list))
		return false;
	json_array_append(list, entry);
	return true;
}

static bool edit_remove(json_t *list, const void *digest)
{
	size_t i = ohc_referrers_find(list, digest);

	if (i == json_array_size(list))
		return false;
	json_array_remove(list, i);
	return true;
}

/* Two to three times as long as our own reading and writing took: whoever read the list before we
 * wrote it has written it by then. */
static int wait_for_others(int64_t took, struct ohc_error *err)
{
	uint64_t ms = took < WAIT_LEAST_MS  ? WAIT_LEAST_MS
		      : took > WAIT_MOST_MS ? WAIT_MOST_MS
					    : (uint64_t)took;
	uint32_t random = 0;

	if (getrandom(&random, sizeof(random), GRND_NONBLOCK) < 0)
		random = (uint32_t)ohc_clock_ms();
	return ohc_interrupt_wait(2 * ms + random % ms, err);
}

static int give_up(const struct ohc_repo *repo, const char *subject, struct ohc_error *err)
{
	return ohc_error_set(err, OHC_E_FAILED,
			     "cannot list what refers to %s in '%s': the list did not stay as it "
			     "was written, %d times; others write it, too",
			     subject, repo->name, TRIES_MAX);
}

/* Takes what is gone out of the list. */
static int prune(struct ohc_repo *repo, json_t *list, size_t *ret_gone, struct ohc_error *err)
{
	int rc = 0;

	*ret_gone = 0;
	for (size_t i = json_array_size(list); rc == 0 && i-- > 0;) {
		ohc_cleanup(ohc_request_reply_clear) struct ohc_reply re = OHC_REPLY_INIT;
		const char *digest =
			json_string_value(json_object_get(json_array_get(list, i), "digest"));
		struct ohc_error mine = OHC_ERROR_INIT;

		if (!digest || !ohc_digest_valid(digest))
			continue;
		rc = ohc_repo_get_from(repo, ohc_repo_origin(repo), digest, &re, &mine);
		if (rc != -OHC_E_NOT_FOUND) {
			rc = rc < 0 ? ohc_error_copy(err, &mine, rc) : 0;
			continue;
		}
		ohc_report_say(repo->r->o.report, OHC_WARNING,
			       "%s is gone from '%s', and is taken out of the list of referrers",
			       digest, repo->name);
		json_array_remove(list, i);
		++*ret_gone;
		rc = 0;
	}
	return rc;
}

/* distribution refuses an index of a manifest that somebody has deleted: without this, nothing
 * could ever be added again. */
static int store_or_prune(struct ohc_repo *repo, const char *subject, json_t *index,
			  struct ohc_error *err)
{
	struct ohc_error first = OHC_ERROR_INIT;
	int status, rc = store(repo, subject, index, &status, &first), rc2 = 0;
	size_t gone = 0;

	if (rc < 0 && (status == 400 || status == 404))
		rc2 = prune(repo, json_object_get(index, "manifests"), &gone, err);
	if (rc2 < 0)
		return rc2;
	return gone ? store(repo, subject, index, &status, err) : ohc_error_copy(err, &first, rc);
}

/* Threads of one program take turns. */
static int edit_once(struct ohc_repo *repo, const char *subject, edit_fn *fn, const void *arg,
		     bool *ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_json_decref) json_t *index = NULL;
	int rc;

	*ret = false;
	pthread_mutex_lock(&repo->r->referrers);
	rc = load(repo, subject, &index, err);
	if (rc == 0 && fn(json_object_get(index, "manifests"), arg)) {
		*ret = true;
		rc = store_or_prune(repo, subject, index, err);
	}
	pthread_mutex_unlock(&repo->r->referrers);
	return rc;
}

/* Two programs may overtake one another, as the specification has no way to write an index only if
 * it is unchanged.  So what was written is read again, until nothing of it is missing. */
static int edit(struct ohc_repo *repo, const char *subject, edit_fn *fn, const void *arg, bool *ret,
		struct ohc_error *err)
{
	int64_t begin = ohc_clock_ms();
	bool written;
	int rc = edit_once(repo, subject, fn, arg, &written, err);

	*ret = written;
	for (unsigned int tries = 1; rc == 0 && written; tries++) {
		if (tries > TRIES_MAX)
			return give_up(repo, subject, err);
		rc = wait_for_others((ohc_clock_ms() - begin) / tries, err);
		if (rc == 0)
			rc = edit_once(repo, subject, fn, arg, &written, err);
	}
	return rc;
}

int ohc_fallback_add(struct ohc_repo *repo, const char *subject, json_t *entry,
		     struct ohc_error *err)
{
	bool changed;

	return edit(repo, subject, edit_add, entry, &changed, err);
}

int ohc_fallback_remove(struct ohc_repo *repo, const char *subject, const char *digest, bool *ret,
			struct ohc_error *err)
{
	return edit(repo, subject, edit_remove, digest, ret, err);
}
