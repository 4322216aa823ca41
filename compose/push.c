// SPDX-License-Identifier: Apache-2.0
#include "compose/push.h"

#include <string.h>
#include <time.h>

#include "compose/adapter.h"
#include "compose/image.h"
#include "compose/move.h"
#include "core/alloc.h"
#include "core/interrupt.h"
#include "oci/config.h"

/* One push, from the base to the tags. */
struct push {
	struct ohc_inputs in;
	struct ohc_base base;
	struct ohc_store *dest;
	struct ohc_image image;
	struct ohc_moved *layers; /* base layers, payloads, and room for the adapter */
	size_t n_layers;
	struct ohc_document manifest;
};

static void push_clear(struct push *p)
{
	ohc_document_clear(&p->manifest);
	free(p->layers);
	ohc_image_clear(&p->image);
	ohc_base_clear(&p->base);
	ohc_store_close(p->dest);
	ohc_inputs_clear(&p->in);
}

static void add_made_layer(struct push *p, size_t i, const char *created_by)
{
	ohc_image_add_layer(&p->image, &p->layers[i].layer.d, p->layers[i].facts.diff_id,
			    created_by);
}

static int add_adapter(struct push *p, struct ohc_move *m, struct ohc_error *err)
{
	ohc_cleanup(ohc_entries_clear) struct ohc_entries entries = OHC_ENTRIES_INIT;
	ohc_cleanup(ohc_buf_clear) struct ohc_buf what = OHC_BUF_INIT;
	int rc;

	ohc_adapter_entries(&p->in, &entries);
	if (entries.n == 0)
		return 0;
	rc = ohc_move_small(m, ohc_entries_write, &entries, &p->layers[p->n_layers], err);
	if (rc < 0)
		return rc;
	ohc_buf_adds(&what, "ohcompose push: adapter");
	for (size_t i = 0; i < entries.n; i++)
		ohc_buf_addf(&what, " /%s", entries.v[i].path);
	add_made_layer(p, p->n_layers++, ohc_buf_str(&what));
	return 0;
}

/* Moves the layers, and adds those that were made to the image. */
static int move_layers(struct push *p, struct ohc_places *places, struct ohc_error *err)
{
	size_t n_base = p->base.manifest.n_layers;
	struct ohc_move m = { .places = places, .in = &p->in, .base = &p->base, .dest = p->dest };
	int rc = ohc_media_layer(p->image.manifest.family, p->in.codec.compression, &m.media_type,
				 err);

	if (rc < 0)
		return rc;
	p->n_layers = n_base + p->in.n_payloads;
	m.layers = p->layers = ohc_xcalloc(p->n_layers + 1, sizeof(*p->layers));
	rc = ohc_move_layers(&m, err);
	if (rc < 0)
		return rc;
	for (size_t i = 0; i < p->in.n_payloads; i++) {
		ohc_cleanup(ohc_freep) char *what =
			ohc_xasprintf("ohcompose push: payload %s", p->in.payloads[i].target);

		add_made_layer(p, n_base + i, what);
	}
	return add_adapter(p, &m, err);
}

static int write_config(struct push *p, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *text = ohc_image_config_text(&p->image);
	const char *media = p->image.manifest.family == OHC_FAMILY_DOCKER ? OHC_MEDIA_DOCKER_CONFIG
									  : OHC_MEDIA_OCI_CONFIG;
	struct ohc_descriptor d;
	int rc = 0;

	ohc_descriptor_of(&d, media, text, strlen(text));
	if (!p->in.options->dry_run)
		rc = ohc_store_put_bytes(p->dest, text, strlen(text), media, &d, err);
	if (rc < 0)
		return ohc_error_wrap(err, rc, "image config");
	ohc_manifest_set_config(&p->image.manifest, &d);
	ohc_manifest_write(&p->image.manifest, &p->manifest);
	return 0;
}

/* From here on the image can be seen. */
static int write_manifest(struct push *p, struct ohc_error *err)
{
	const struct ohc_push_options *o = p->in.options;
	int rc;

	if (o->dry_run)
		return 0;
	rc = ohc_store_put_manifest(p->dest, p->in.dest.tag, &p->manifest, err);
	for (size_t i = 0; rc == 0 && i < o->tags.n; i++)
		rc = ohc_store_put_manifest(p->dest, o->tags.v[i], &p->manifest, err);
	return rc < 0 ? rc : ohc_store_finish(p->dest, err);
}

static int push(struct push *p, struct ohc_places *places, const struct ohc_push_options *o,
		struct ohc_error *err)
{
	int rc = ohc_inputs_read(o, &p->in, err);

	if (rc == 0)
		rc = ohc_base_load(places, &p->in, &p->base, err);
	if (rc == 0)
		rc = ohc_image_init(&p->image, &p->in, &p->base, err);
	if (rc < 0)
		return rc;
	/* A layout that is opened for writing appears with its first blob, so a dry run may too. */
	rc = ohc_places_open(places, &p->in.dest, true, &p->dest, err);
	if (rc == 0)
		rc = move_layers(p, places, err);
	if (rc == 0)
		rc = write_config(p, err);
	if (rc == 0)
		rc = write_manifest(p, err);
	return rc < 0 ? ohc_error_wrap(err, rc, "push to '%s'", o->dest) : 0;
}

static void add_stats(struct ohc_push_result *r, struct ohc_store *s)
{
	if (!s)
		return;
	r->bytes_downloaded += atomic_load(&s->stats.downloaded);
	r->bytes_uploaded += atomic_load(&s->stats.uploaded);
	r->requests += atomic_load(&s->stats.requests);
}

static void fill_result(const struct push *p, struct ohc_push_result *r)
{
	r->name = ohc_xstrdup(p->in.dest.given);
	r->manifest = p->manifest.d;
	r->platform = p->base.platform;
	r->n_layers = p->n_layers;
	r->layers = ohc_xcalloc(p->n_layers, sizeof(*r->layers));
	for (size_t i = 0; i < p->n_layers; i++) {
		r->layers[i] = p->layers[i].layer;
		r->payload_files += p->layers[i].files;
		r->bytes_read += p->layers[i].read;
	}
	add_stats(r, p->base.store);
	add_stats(r, p->dest);
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int ohc_push(struct ohc_places *places, const struct ohc_push_options *o,
	     struct ohc_push_result *ret, struct ohc_error *err)
{
	ohc_cleanup(push_clear) struct push p = { .dest = NULL };
	struct ohc_push_result r = OHC_PUSH_RESULT_INIT;
	double start = now();
	int rc = push(&p, places, o, err);

	if (rc < 0)
		return rc;
	fill_result(&p, &r);
	r.seconds = now() - start;
	*ret = r;
	return 0;
}
