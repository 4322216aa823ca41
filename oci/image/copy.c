// SPDX-License-Identifier: Apache-2.0
#include "oci/image/copy.h"

#include <string.h>

#include "core/alloc.h"
#include "core/parallel.h"

const char *ohc_copy_action_name(enum ohc_copy_action action)
{
	static const char *const names[] = {
		[OHC_COPY_KEPT] = "kept",
		[OHC_COPY_MOUNTED] = "mounted",
		[OHC_COPY_COPIED] = "copied",
		[OHC_COPY_FOREIGN] = "foreign",
	};

	return names[action];
}

static const char *kind_of(const char *media_type)
{
	if (ohc_media_is_layer(media_type))
		return "layer";
	if (ohc_media_is_manifest(media_type))
		return "manifest";
	if (ohc_media_is_index(media_type))
		return "index";
	if (ohc_media_is_config(media_type))
		return "config";
	return "blob";
}

char *ohc_copy_blob_title(const struct ohc_descriptor *d)
{
	char digest[OHC_DIGEST_SHORT];

	return ohc_xasprintf("%s %s", kind_of(d->media_type), ohc_digest_short(d->digest, digest));
}

/* Moves a blob by the cheapest way that there is.  A mount is tried before it is asked whether the
 * blob is there: the answer is the same, and one request less. */
static int move(struct ohc_store *from, struct ohc_store *to, const struct ohc_descriptor *d,
		struct ohc_task *task, enum ohc_copy_action *ret, struct ohc_error *err)
{
	bool done = false;
	int rc;

	*ret = strcmp(from->name, to->name) == 0 ? OHC_COPY_KEPT : OHC_COPY_MOUNTED;
	rc = ohc_store_mount_blob(to, d, from, &done, err);
	if (rc < 0 || done)
		return rc;
	*ret = OHC_COPY_KEPT;
	rc = ohc_store_has_blob(to, d, &done, err);
	if (rc < 0 || done)
		return rc;
	*ret = OHC_COPY_COPIED;
	return ohc_store_transfer(from, to, d, task, err);
}

int ohc_copy_blob(struct ohc_store *from, struct ohc_store *to, const struct ohc_descriptor *d,
		  struct ohc_report *report, enum ohc_copy_action *ret_action,
		  struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *title = ohc_copy_blob_title(d);
	enum ohc_copy_action action = OHC_COPY_FOREIGN;
	struct ohc_task *task = ohc_task_begin(report, "copy", title, (uint64_t)d->size);
	int rc = 0;

	if (!ohc_media_is_foreign(d->media_type))
		rc = move(from, to, d, task, &action, err);
	ohc_task_end(task, rc < 0 ? NULL : ohc_copy_action_name(action));
	if (rc == 0 && ret_action)
		*ret_action = action;
	return rc;
}

struct blob_job {
	struct ohc_store *from, *to;
	const struct ohc_descriptor *blobs;
	struct ohc_report *report;
	enum ohc_copy_action *actions;
};

/* Must the i-th blob be moved, and was it moved already?  The same blob may be listed as foreign,
 * too, which moves nothing. */
static bool moves_before(const struct ohc_descriptor *blobs, size_t i)
{
	if (ohc_media_is_foreign(blobs[i].media_type))
		return false;
	for (size_t k = 0; k < i; k++)
		if (strcmp(blobs[k].digest, blobs[i].digest) == 0 &&
		    !ohc_media_is_foreign(blobs[k].media_type))
			return true;
	return false;
}

static int work(void *ctx, size_t i, struct ohc_error *err)
{
	struct blob_job *j = ctx;

	if (moves_before(j->blobs, i)) {
		j->actions[i] = OHC_COPY_KEPT;
		return 0;
	}
	return ohc_copy_blob(j->from, j->to, &j->blobs[i], j->report, &j->actions[i], err);
}

int ohc_copy_blobs(struct ohc_store *from, struct ohc_store *to, const struct ohc_descriptor *blobs,
		   size_t n, size_t jobs, struct ohc_report *report,
		   enum ohc_copy_action *ret_actions, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) enum ohc_copy_action *mine = NULL;
	struct blob_job j = { from, to, blobs, report, ret_actions };

	if (!ret_actions)
		j.actions = mine = ohc_xcalloc(n, sizeof(*mine));
	if (from->serial || to->serial)
		jobs = 1;
	return ohc_parallel(n, jobs, work, &j, err);
}
