// SPDX-License-Identifier: Apache-2.0
#include "oci/image/verify_blob.h"

#include <string.h>

#include "core/alloc.h"
#include "core/meter.h"
#include "oci/codec/codec.h"
#include "oci/image/copy.h"
#include "oci/tar/tar.h"

struct blob_check {
	const struct ohc_descriptor *d;
	struct ohc_source *src; /* the blob, checked and metered */
	const char *diff_id;
	struct ohc_strv *problems;
	uint64_t plain, plain_max;
};

/* A layer's plain bytes, hashed on their way to the tar reader. */
struct plain {
	struct ohc_source source;
	struct ohc_source *below;
	struct ohc_hash *hash;
	struct blob_check *check;
	int rc; /* of the last read, where that failed */
	struct ohc_error why;
};

static ssize_t plain_read(struct ohc_source *src, void *buf, size_t n, struct ohc_error *err)
{
	struct plain *p = (struct plain *)src;
	struct blob_check *c = p->check;
	ssize_t got = ohc_source_read(p->below, buf, n, &p->why);

	if (got > 0) {
		ohc_hash_update(p->hash, buf, (size_t)got);
		c->plain += (uint64_t)got;
	}
	if (c->plain > c->plain_max)
		got = ohc_error_set(&p->why, OHC_E_FORMAT,
				    "the layer is larger than the limit of %llu bytes when it is "
				    "decompressed",
				    (unsigned long long)c->plain_max);
	if (got < 0)
		p->rc = (int)got;
	return got < 0 ? ohc_error_copy(err, &p->why, (int)got) : got;
}

static void plain_close(struct ohc_source *src)
{
	(void)src; /* it owns nothing */
}

bool ohc_verify_blob_is_fault(int rc)
{
	return rc == -OHC_E_DIGEST || rc == -OHC_E_FORMAT || rc == -OHC_E_NOT_FOUND;
}

/* Keeps a fault of the image as a problem; any other failure is returned. */
static int judge(struct blob_check *c, int rc, const struct ohc_error *why, struct ohc_error *err)
{
	if (rc < 0 && !ohc_verify_blob_is_fault(rc))
		return ohc_error_copy(err, why, rc);
	if (rc < 0)
		ohc_strv_add(c->problems, why->msg);
	return 0;
}

/* Goes on after a fault in the tar, because its bytes may still match the diff ID. */
static int read_tar(struct plain *plain, struct ohc_error *err)
{
	ohc_cleanup(ohc_tar_reader_freep) struct ohc_tar_reader *r =
		ohc_tar_reader_new(&plain->source, "the layer");
	struct ohc_tar_entry entry;
	int rc;

	while ((rc = ohc_tar_next(r, &entry, err)) > 0)
		;
	if (plain->rc == 0)
		ohc_source_drain(&plain->source, NULL);
	return rc;
}

static void compare(struct blob_check *c, struct ohc_hash *h, enum ohc_compression found)
{
	enum ohc_compression declared = ohc_media_compression(c->d->media_type);
	char digest[OHC_DIGEST_MAX];

	if (declared != found)
		ohc_strv_take(
			c->problems,
			ohc_xasprintf("the media type says that the compression is %s, but it "
				      "is %s",
				      ohc_media_compression_name(declared),
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

/* Damage in the compressed data is looked at only when the bytes are those that were promised:
 * damage in other bytes would say nothing new, and neither would faults of their tar. */
static int check_layer(struct blob_check *c, struct ohc_error *err)
{
	static const struct ohc_source_ops ops = { plain_read, NULL, plain_close };
	ohc_cleanup(ohc_source_closep) struct ohc_source *below =
		ohc_codec_decompress(c->src, false, "the layer");
	enum ohc_hash_algorithm a = c->diff_id[0] ? ohc_digest_algorithm(c->diff_id) : OHC_SHA256;
	ohc_cleanup(ohc_hash_freep) struct ohc_hash *h = ohc_hash_new(a);
	struct plain plain = { .source = { &ops }, .below = below, .hash = h, .check = c };
	struct ohc_error why = OHC_ERROR_INIT, fault = OHC_ERROR_INIT;
	int tar = read_tar(&plain, &fault), rc;

	if (plain.rc < 0 && !ohc_verify_blob_is_fault(plain.rc))
		return ohc_error_copy(err, &plain.why, plain.rc);
	rc = ohc_source_drain(c->src, &why);
	if (rc < 0)
		return judge(c, rc, &why, err);
	if (plain.rc < 0)
		return judge(c, plain.rc, &plain.why, err);
	if (tar < 0)
		ohc_strv_add(c->problems, fault.msg);
	compare(c, h, ohc_codec_decompress_found(below));
	return 0;
}

static int check_bytes(struct blob_check *c, struct ohc_error *err)
{
	struct ohc_error why = OHC_ERROR_INIT;

	return judge(c, ohc_source_drain(c->src, &why), &why, err);
}

int ohc_verify_blob(struct ohc_store *s, const struct ohc_descriptor *d, const char *diff_id,
		    const struct ohc_verify_blob_options *o, struct ohc_strv *problems,
		    uint64_t *ret_plain, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) struct blob_check *c = ohc_xcalloc(1, sizeof(*c));
	ohc_cleanup(ohc_source_closep) struct ohc_source *blob = NULL;
	ohc_cleanup(ohc_source_closep) struct ohc_source *metered = NULL;
	ohc_cleanup(ohc_freep) char *title = ohc_copy_blob_title(d);
	struct ohc_task *task = ohc_task_begin(o->report, "verify", title, (uint64_t)d->size);
	struct ohc_error why = OHC_ERROR_INIT;
	size_t before = problems->n;
	int rc = ohc_store_open_blob(s, d, &blob, &why);

	c->d = d;
	c->diff_id = diff_id;
	c->problems = problems;
	c->plain_max = o->plain_max ? o->plain_max : OHC_LAYER_SIZE_MAX;
	if (rc < 0) {
		c->plain = rc == -OHC_E_NOT_FOUND ? OHC_PLAIN_UNKNOWN : 0;
		rc = judge(c, rc, &why, err);
	} else {
		c->src = metered = ohc_meter_source(blob, task);
		rc = ohc_media_is_layer(d->media_type) ? check_layer(c, err) : check_bytes(c, err);
	}
	*ret_plain = c->plain;
	ohc_task_end(task, rc < 0 ? NULL : problems->n > before ? "bad" : "good");
	return rc;
}
