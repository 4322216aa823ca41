// SPDX-License-Identifier: Apache-2.0
#include "oci/image/verify_blob.h"

#include <string.h>

#include "core/alloc.h"
#include "core/meter.h"
#include "oci/codec/codec.h"
#include "oci/image/copy.h"

#define PIECE (128 * 1024)

/* deflate reaches 1032:1; a layer beyond this is made to waste its reader's time. */
#define RATIO_MAX     2000
#define RATIO_ALLOWED (1ull << 30)

struct check {
	const struct ohc_descriptor *d;
	struct ohc_source *src; /* the blob, checked and metered */
	const char *diff_id;
	struct ohc_strv *problems;
	uint64_t plain;
	char piece[PIECE];
};

bool ohc_verify_blob_is_fault(int rc)
{
	return rc == -OHC_E_DIGEST || rc == -OHC_E_FORMAT || rc == -OHC_E_NOT_FOUND;
}

/* Keeps a fault of the image as a problem; any other failure is one. */
static int judge(struct check *c, int rc, const struct ohc_error *why, struct ohc_error *err)
{
	if (rc < 0 && !ohc_verify_blob_is_fault(rc))
		return ohc_error_copy(err, why, rc);
	if (rc < 0)
		ohc_strv_add(c->problems, why->msg);
	return 0;
}

/* The rest of the blob, which proves itself at its end. */
static int drain(struct check *c, struct ohc_error *err)
{
	ssize_t n;

	while ((n = ohc_source_read(c->src, c->piece, PIECE, err)) > 0)
		;
	return (int)n;
}

static int unpack(struct check *c, struct ohc_source *plain, struct ohc_hash *h,
		  struct ohc_error *err)
{
	uint64_t most = (uint64_t)c->d->size * RATIO_MAX;
	ssize_t n;

	while ((n = ohc_source_read(plain, c->piece, PIECE, err)) > 0) {
		ohc_hash_update(h, c->piece, (size_t)n);
		c->plain += (uint64_t)n;
		if (c->plain > RATIO_ALLOWED && c->plain > most)
			return ohc_error_set(err, OHC_E_FORMAT,
					     "the layer becomes more than %d times as large when "
					     "it is decompressed",
					     RATIO_MAX);
	}
	return (int)n;
}

static void compare(struct check *c, struct ohc_hash *h, enum ohc_compression found)
{
	enum ohc_compression said = ohc_media_compression(c->d->media_type);
	char digest[OHC_DIGEST_MAX];

	if (said != found)
		ohc_strv_take(
			c->problems,
			ohc_xasprintf("the media type says that the compression is %s, but it "
				      "is %s",
				      ohc_media_compression_name(said),
				      ohc_media_compression_name(found)));
	if (!c->diff_id[0])
		return;
	ohc_digest_end(h, ohc_digest_algorithm(c->diff_id), digest);
	if (strcmp(digest, c->diff_id) != 0)
		ohc_strv_take(
			c->problems,
			ohc_xasprintf("the diff ID in the config is %s, but the layer's is %s",
				      c->diff_id, digest));
}

/* Damage in the compressed data is looked at only when the bytes are those that were promised: of
 * other bytes it is no news. */
static int check_layer(struct check *c, struct ohc_error *err)
{
	ohc_cleanup(ohc_source_closep) struct ohc_source *plain =
		ohc_codec_decompress(c->src, false, "the layer");
	enum ohc_hash_algorithm a = c->diff_id[0] ? ohc_digest_algorithm(c->diff_id) : OHC_SHA256;
	ohc_cleanup(ohc_hash_freep) struct ohc_hash *h = ohc_hash_new(a);
	struct ohc_error damage = OHC_ERROR_INIT, why = OHC_ERROR_INIT;
	int damaged = unpack(c, plain, h, &damage), rc;

	if (damaged < 0 && !ohc_verify_blob_is_fault(damaged))
		return ohc_error_copy(err, &damage, damaged);
	rc = drain(c, &why);
	if (rc < 0)
		return judge(c, rc, &why, err);
	if (damaged < 0)
		return judge(c, damaged, &damage, err);
	compare(c, h, ohc_codec_decompress_found(plain));
	return 0;
}

static int check_bytes(struct check *c, struct ohc_error *err)
{
	struct ohc_error why = OHC_ERROR_INIT;

	return judge(c, drain(c, &why), &why, err);
}

int ohc_verify_blob(struct ohc_store *s, const struct ohc_descriptor *d, const char *diff_id,
		    struct ohc_report *report, struct ohc_strv *problems, uint64_t *ret_plain,
		    struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) struct check *c = ohc_xcalloc(1, sizeof(*c));
	ohc_cleanup(ohc_source_closep) struct ohc_source *blob = NULL;
	ohc_cleanup(ohc_source_closep) struct ohc_source *metered = NULL;
	ohc_cleanup(ohc_freep) char *title = ohc_copy_blob_title(d);
	struct ohc_task *task = ohc_task_begin(report, "verify", title, (uint64_t)d->size);
	struct ohc_error why = OHC_ERROR_INIT;
	size_t before = problems->n;
	int rc = ohc_store_open_blob(s, d, &blob, &why);

	c->d = d;
	c->diff_id = diff_id;
	c->problems = problems;
	if (rc < 0) {
		rc = judge(c, rc, &why, err);
	} else {
		c->src = metered = ohc_meter_source(blob, task);
		rc = ohc_media_is_layer(d->media_type) ? check_layer(c, err) : check_bytes(c, err);
	}
	*ret_plain = c->plain;
	ohc_task_end(task, rc < 0 ? NULL : problems->n > before ? "bad" : "good");
	return rc;
}
