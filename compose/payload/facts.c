// SPDX-License-Identifier: Apache-2.0
#include "compose/payload/facts.h"

#include <string.h>

#include "compose/payload/extract.h"
#include "compose/payload/claims.h"
#include "core/alloc.h"
#include "compose/payload/arch_votes.h"
#include "layout/files/facts.h"
#include "layout/files/facts_of_dir.h"
#include "layout/files/of_dir.h"
#include "layout/layer/fingerprint.h"

#define NAMESPACE "payload-index"
/* Of a payload with as many entries as a tree may have (OHC_ROOTFS_MAX). */
#define INDEX_MAX (256u << 20)

struct ohc_payload_facts {
	bool fingerprinted, indexed;
	char fingerprint[OHC_DIGEST_MAX]; /* "" where there is none */
	struct ohc_layer_index index;
};

struct ohc_payload_facts *ohc_payload_facts_new(void)
{
	return ohc_xcalloc(1, sizeof(struct ohc_payload_facts));
}

void ohc_payload_facts_free(struct ohc_payload_facts *f)
{
	if (f)
		ohc_layer_index_clear(&f->index);
	free(f);
}

const char *ohc_payload_fingerprint(const struct ohc_inputs *in, const struct ohc_payload *p)
{
	struct ohc_payload_facts *f = p->facts;
	bool settled = false;

	if (!f->fingerprinted && in->options->cache &&
	    (ohc_fingerprint(p->source, f->fingerprint, &settled, NULL) < 0 || !settled))
		f->fingerprint[0] = '\0';
	f->fingerprinted = true;
	return f->fingerprint[0] ? f->fingerprint : NULL;
}

static char *make_key(const struct ohc_inputs *in, const struct ohc_payload *p)
{
	const char *fingerprint = ohc_payload_fingerprint(in, p);

	return fingerprint ? ohc_xasprintf("%s %s %s %u:%u %s", OHC_LAYER_INDEX_VERSION,
					   ohc_facts_hook.version, fingerprint, in->uid, in->gid,
					   p->target)
			   : NULL;
}

static int read_dir(const struct ohc_inputs *in, const struct ohc_payload *p, struct ohc_error *err)
{
	ohc_cleanup(ohc_files_freep) struct ohc_files *dir = NULL;
	int rc = ohc_files_dir(p->source, &dir, err);

	if (rc == 0)
		rc = ohc_facts_of_dir(dir, p->target, in->uid, in->gid, &p->facts->index, err);
	return rc < 0 ? ohc_error_wrap(err, rc, "payload '%s'", p->source) : 0;
}

static bool recall(struct ohc_cache *cache, const char *key, struct ohc_buf *ret)
{
	if (!ohc_cache_get(cache, NAMESPACE, key, INDEX_MAX, ret))
		return false;
	if (ohc_layer_index_is_sound(ohc_buf_str(ret), ret->len))
		return true;
	ohc_buf_clear(ret);
	return false;
}

int ohc_payload_index(const struct ohc_inputs *in, const struct ohc_payload *p,
		      const struct ohc_buf **ret, struct ohc_error *err)
{
	struct ohc_payload_facts *f = p->facts;
	struct ohc_cache *cache = in->options->cache;
	ohc_cleanup(ohc_freep) char *key = NULL;

	if (p->tar) {
		*ret = &p->tar->index.bytes;
		return ohc_extract_tar(p->tar, in, err);
	}
	if (!f->indexed) {
		/* Taken before anything is read: what changes later has another one. */
		key = make_key(in, p);
		if (!key || !recall(cache, key, &f->index.bytes)) {
			int rc = read_dir(in, p, err);

			if (rc < 0)
				return rc;
			if (key)
				ohc_cache_put(cache, NAMESPACE, key, f->index.bytes.data,
					      f->index.bytes.len);
		}
		f->indexed = true;
	}
	*ret = &f->index.bytes;
	return 0;
}

static int add_file(void *ctx, const char *path, const struct ohc_file *file)
{
	const struct ohc_layer_entry e = { .path = path + 1,
					   .link = file->link,
					   .mode = file->mode,
					   .uid = file->uid,
					   .gid = file->gid,
					   .size = file->size,
					   .mtime = file->mtime,
					   .data = file->data,
					   .n_data = file->n_data,
					   .facts = file->facts,
					   .n_facts = file->n_facts };

	if (!file->implied)
		ohc_layer_index_add(ctx, &e);
	return 0;
}

int ohc_payload_entries(const struct ohc_inputs *in, const struct ohc_payload *p,
			const struct ohc_payload_image *image, struct ohc_layer_index *made,
			const struct ohc_buf **ret, struct ohc_error *err)
{
	int rc = 0;

	if (!p->is_image)
		return ohc_payload_index(in, p, ret, err);
	if (image->extract)
		rc = ohc_from_rootfs_index(&image->extract->tree, in->uid, in->gid, made, err);
	else if (image->fs)
		ohc_rootfs_walk(image->fs, "/", add_file, made);
	else if (image->said)
		ohc_said_index(&image->label, in->uid, in->gid, made);
	*ret = &made->bytes;
	return rc;
}

int ohc_payloads_platform(const struct ohc_inputs *in, struct ohc_platform *ret,
			  struct ohc_error *err)
{
	struct ohc_arch_votes votes = { .n = 0 };
	const char *arch;

	for (size_t i = 0; i < in->n_payloads; i++) {
		const struct ohc_payload *p = &in->payloads[i];
		const struct ohc_buf *index;
		int rc;

		if (p->has_platform)
			return 0;
		if (p->is_image)
			continue;
		rc = ohc_payload_index(in, p, &index, err);
		if (rc == 0)
			rc = ohc_arch_votes_add(&votes, index->data, index->len, p->source, err);
		if (rc < 0)
			return rc;
	}
	arch = ohc_arch_votes_winner(&votes, ret->arch);
	if (arch && strcmp(arch, ret->arch) != 0)
		ohc_platform_set(ret, "linux", arch, NULL);
	return 0;
}
