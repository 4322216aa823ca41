// SPDX-License-Identifier: Apache-2.0
#include "compose/payload/of_kept.h"

#include <stdio.h>
#include <string.h>

#include "compose/payload/extract_internal.h"
#include "compose/payload/tree_internal.h"
#include "core/alloc.h"

struct former_payload {
	struct ohc_payload payload;
	const struct ohc_payload_kept *kept;
	const struct ohc_name *name; /* of its own image */
	struct ohc_peek *peek;
	struct ohc_payload_image image; /* its own, where it was one */
	struct ohc_payload_label label;
	bool whole;            /* its image's layers are used as they are */
	struct ohc_rootfs *fs; /* of its layers, once they were read */
	bool indexed;
	struct ohc_layer_index index;
	char *title, *identity;
};

static struct former_payload *kept_of(struct ohc_payload *p)
{
	return OHC_CONTAINER_OF(p, struct former_payload, payload);
}

/* --- what it is --- */

static bool has_these_layers(const struct ohc_loaded *image, const struct ohc_strv *says)
{
	const json_t *ids = json_object_get(json_object_get(image->config, "rootfs"), "diff_ids");

	if (json_array_size(ids) != says->n)
		return false;
	for (size_t i = 0; i < says->n; i++)
		if (strcmp(json_string_value(json_array_get(ids, i)), says->v[i]) != 0)
			return false;
	return true;
}

static int load_image(struct former_payload *k, const struct ohc_payload_opener *o,
		      const struct ohc_payload_source *s, const struct ohc_platform *want,
		      struct ohc_error *err)
{
	struct ohc_payload *p = &k->payload;
	ohc_cleanup(ohc_freep) char *what = ohc_xasprintf("payload '%s'", p->source);
	const struct ohc_held_image image = { &s->spec.image, k->kept->says->manifest, what };
	int rc = ohc_holders_load(o->transports, k->kept->holders, &image, want, &k->image.store,
				  &k->image.loaded, err);

	if (rc < 0)
		return rc;
	p->store = k->image.store;
	p->image = &k->image.loaded;
	if (ohc_payload_label_read(p->image->config, &k->label) &&
	    strcmp(k->label.prefix, p->target) == 0)
		p->label = &k->label;
	/* Of an image with these labels no part is taken. */
	k->whole = p->label || has_these_layers(p->image, &k->kept->says->layers);
	return 0;
}

/* A digest is missing where the composed image has no such layer. */
static int check_layers(const struct former_payload *k, struct ohc_error *err)
{
	const struct ohc_strv *says = &k->kept->says->layers;

	for (size_t i = 0; !k->whole && i < says->n; i++)
		if (!k->kept->image.layers[i].digest[0])
			return ohc_error_set(err, OHC_E_DIGEST,
					     "none of the image's layers has the diff ID %s, which "
					     "it says that this has",
					     says->v[i]);
	return 0;
}

static int look(struct former_payload *k, struct ohc_error *err)
{
	const struct ohc_payload_kept *kept = k->kept;
	const struct ohc_manifest *m = &k->image.loaded.manifest;
	int rc;

	if (k->fs)
		return 0;
	rc = k->whole
		     ? ohc_peek_layers(k->peek, k->image.store, m->layers, m->n_layers, &k->fs, err)
		     : ohc_peek_layers(k->peek, kept->image.store, kept->image.layers,
				       kept->says->layers.n, &k->fs, err);
	return rc < 0 ? ohc_error_wrap(err, rc, "payload in '%s'", k->payload.target) : 0;
}

/* --- what can be asked --- */

static const char *kept_identity(struct ohc_payload *p)
{
	struct former_payload *k = kept_of(p);
	const struct ohc_strv *says = &k->kept->says->layers;
	ohc_cleanup(ohc_buf_clear) struct ohc_buf b = OHC_BUF_INIT;

	if (k->identity)
		return k->identity;
	ohc_buf_adds(&b, "layers");
	for (size_t i = 0; i < says->n; i++)
		ohc_buf_addf(&b, " %s", says->v[i]);
	return k->identity = ohc_buf_detach(&b);
}

static int kept_entries(struct ohc_payload *p, const struct ohc_buf **ret, struct ohc_error *err)
{
	struct former_payload *k = kept_of(p);
	int rc = look(k, err);

	if (rc < 0)
		return rc;
	if (!k->indexed)
		ohc_payload_tree_index(k->fs, &k->index);
	k->indexed = true;
	*ret = &k->index.bytes;
	return 0;
}

static int kept_walk(struct ohc_payload *p, ohc_fit_entry_fn fn, void *ctx, struct ohc_error *err)
{
	struct former_payload *k = kept_of(p);
	int rc = look(k, err);

	return rc < 0 ? rc : ohc_payload_tree_walk(k->fs, p->target, fn, ctx);
}

static bool kept_has(struct ohc_payload *p, const char *path)
{
	const struct former_payload *k = kept_of(p);
	const struct ohc_composition_payload *says = k->kept->says;

	if (p->label && !says->looked)
		return ohc_strv_has(&k->label.provides, path);
	return k->fs && !k->kept->unread ? ohc_extract_tree_has(k->fs, path)
					 : ohc_strv_has(&says->provides, path);
}

static void kept_add_parts(struct ohc_payload *p, struct ohc_parts *parts)
{
	struct former_payload *k = kept_of(p);
	const struct ohc_payload_kept *kept = k->kept;

	if (k->whole) {
		ohc_parts_add_image(parts, "payload", p->image, p->store, k->name);
		return;
	}
	for (size_t i = 0; i < kept->says->layers.n; i++) {
		struct ohc_part *part = ohc_parts_add(parts, OHC_PART_STORED, "payload");

		part->title = k->title;
		part->stored.from = kept->image.store;
		part->stored.name = kept->image.name;
		part->layer.d = kept->image.layers[i];
		snprintf(part->diff_id, sizeof(part->diff_id), "%s", kept->says->layers.v[i]);
	}
}

static void kept_free(struct ohc_payload *p)
{
	struct former_payload *k = kept_of(p);

	ohc_payload_label_clear(&k->label);
	ohc_load_clear(&k->image.loaded);
	ohc_store_close(k->image.store);
	ohc_rootfs_free(k->fs);
	ohc_layer_index_clear(&k->index);
	free(k->title);
	free(k->identity);
	free(k);
}

static struct former_payload *kept_new(const struct ohc_payload_opener *o,
				       const struct ohc_payload_source *s)
{
	static const struct ohc_payload_ops ops = { .identity = kept_identity,
						    .entries = kept_entries,
						    .walk = kept_walk,
						    .has = kept_has,
						    .add_parts = kept_add_parts,
						    .free = kept_free };
	struct former_payload *k = ohc_xcalloc(1, sizeof(*k));

	ohc_payload_init(&k->payload, &ops, &s->spec, o->rules);
	k->kept = s->kept;
	k->name = &s->spec.image;
	k->peek = o->peek;
	k->title = ohc_xasprintf("payload %s", s->spec.target);
	return k;
}

int ohc_payload_of_kept(const struct ohc_payload_opener *o, const struct ohc_payload_source *s,
			const struct ohc_platform *want, struct ohc_payload **ret,
			struct ohc_error *err)
{
	struct former_payload *k = kept_new(o, s);
	int rc = k->kept->says->manifest ? load_image(k, o, s, want, err) : 0;

	if (rc == 0)
		rc = check_layers(k, err);
	k->payload.unread = k->kept->unread && k->payload.label && !k->kept->says->looked;
	if (rc == 0 && !k->kept->unread)
		rc = look(k, err);
	if (rc == 0)
		*ret = &k->payload;
	else
		ohc_payload_free(&k->payload);
	return rc;
}
