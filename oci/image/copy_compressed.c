// SPDX-License-Identifier: Apache-2.0
#include "oci/image/copy_compressed.h"

#include <string.h>

#include "core/alloc.h"
#include "core/meter.h"
#include "core/parallel.h"
#include "oci/codec/compress.h"
#include "oci/image/copy.h"

bool ohc_copy_compressed_wants(const struct ohc_codec *codec, const char *m)
{
	return codec && codec->compression != OHC_COMPRESSION_NONE && ohc_media_is_layer(m) &&
	       !ohc_media_is_foreign(m) && ohc_media_compression(m) == OHC_COMPRESSION_NONE;
}

static struct ohc_copy_compressed_layer *find(const struct ohc_copy_compressed *compressed,
					      const char *digest)
{
	for (size_t i = 0; i < compressed->n; i++)
		if (strcmp(compressed->v[i].plain, digest) == 0)
			return &compressed->v[i];
	return NULL;
}

int ohc_copy_compressing_open(struct ohc_store *from, const struct ohc_descriptor *d,
			      const struct ohc_codec *codec, struct ohc_task *task,
			      struct ohc_copy_compressing *ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *what = ohc_xasprintf("layer %s", d->digest);
	struct ohc_copy_compressing c = { .blob = NULL };
	int rc = ohc_store_open_blob(from, d, &c.blob, err);

	if (rc < 0)
		return rc;
	c.metered = ohc_meter_source(c.blob, task);
	c.source = ohc_codec_compress(ohc_codec_decompress(c.metered, false, what), codec);
	*ret = c;
	return 0;
}

void ohc_copy_compressing_close(struct ohc_copy_compressing *c)
{
	ohc_source_close(c->source);
	ohc_source_close(c->metered);
	ohc_source_close(c->blob);
	*c = (struct ohc_copy_compressing){ .blob = NULL };
}

static int put(const struct ohc_copy_compressed_way *w, const struct ohc_descriptor *d,
	       const char *media, struct ohc_task *task, struct ohc_descriptor *ret,
	       struct ohc_error *err)
{
	ohc_cleanup(ohc_copy_compressing_close) struct ohc_copy_compressing c = { .blob = NULL };
	int rc = ohc_copy_compressing_open(w->from, d, w->codec, task, &c, err);

	return rc < 0 ? rc : ohc_store_put_blob(w->to, c.source, NULL, media, ret, err);
}

struct job {
	const struct ohc_copy_compressed_way *way;
	const struct ohc_manifest *m;
	const size_t *which;                   /* of m's layers */
	struct ohc_copy_compressed_layer *ret; /* one each */
};

static int work(void *ctx, size_t i, struct ohc_error *err)
{
	struct job *j = ctx;
	const struct ohc_descriptor *d = &j->m->layers[j->which[i]];
	ohc_cleanup(ohc_freep) char *title = ohc_copy_blob_title(d);
	struct ohc_task *task =
		ohc_task_begin(j->way->report, "compress", title, (uint64_t)d->size);
	const char *media;
	int rc = ohc_media_layer(ohc_media_family(d->media_type), j->way->codec->compression,
				 &media, err);

	snprintf(j->ret[i].plain, sizeof(j->ret[i].plain), "%s", d->digest);
	if (rc == 0)
		rc = put(j->way, d, media, task, &j->ret[i].d, err);
	ohc_task_end(task, rc < 0 ? NULL : "copied");
	return rc;
}

/* Chooses the layers that were not compressed yet, each once. */
static size_t choose(const struct ohc_copy_compressed *compressed,
		     const struct ohc_copy_compressed_way *w, const struct ohc_manifest *m,
		     size_t *ret)
{
	size_t n = 0;

	for (size_t i = 0; i < m->n_layers; i++) {
		bool twice = false;

		for (size_t k = 0; k < n; k++)
			twice |= strcmp(m->layers[ret[k]].digest, m->layers[i].digest) == 0;
		if (!twice && ohc_copy_compressed_wants(w->codec, m->layers[i].media_type) &&
		    !find(compressed, m->layers[i].digest))
			ret[n++] = i;
	}
	return n;
}

static int compress(struct ohc_copy_compressed *compressed, const struct ohc_copy_compressed_way *w,
		    const struct ohc_manifest *m, size_t *ret_n, uint64_t *ret_bytes,
		    struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) size_t *which = ohc_xcalloc(m->n_layers, sizeof(*which));
	size_t n = choose(compressed, w, m, which);
	ohc_cleanup(ohc_freep) struct ohc_copy_compressed_layer *made =
		ohc_xcalloc(n, sizeof(*made));
	struct job j = { w, m, which, made };
	size_t jobs = w->from->serial || w->to->serial ? 1 : w->jobs;
	int rc = n ? ohc_parallel(n, jobs, work, &j, err) : 0;

	if (rc < 0 || n == 0)
		return rc;
	compressed->v = ohc_xrealloc(compressed->v, compressed->n + n, sizeof(*compressed->v));
	memcpy(compressed->v + compressed->n, made, n * sizeof(*made));
	compressed->n += n;
	*ret_n = n;
	for (size_t i = 0; i < n; i++)
		*ret_bytes += (uint64_t)made[i].d.size;
	return 0;
}

int ohc_copy_compressed_layers(struct ohc_copy_compressed *compressed,
			       const struct ohc_copy_compressed_way *w, struct ohc_manifest *m,
			       size_t *ret_n, uint64_t *ret_bytes, struct ohc_error *err)
{
	int rc;

	*ret_n = 0;
	*ret_bytes = 0;
	rc = compress(compressed, w, m, ret_n, ret_bytes, err);
	for (size_t i = 0; rc == 0 && i < m->n_layers; i++)
		if (ohc_copy_compressed_wants(w->codec, m->layers[i].media_type))
			ohc_manifest_set_layer(m, i, &find(compressed, m->layers[i].digest)->d);
	return rc;
}

void ohc_copy_compressed_clear(struct ohc_copy_compressed *compressed)
{
	free(compressed->v);
	memset(compressed, 0, sizeof(*compressed));
}
