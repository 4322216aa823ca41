// SPDX-License-Identifier: Apache-2.0
/* A source that is a tar, or an image: its one layer, and what the labels say of it. */
#include <string.h>
#include <sys/stat.h>

#include "compose/pack/contents.h"
#include "core/alloc.h"
#include "layout/rootfs/peek.h"
#include "layout/files/facts.h"

static int load_image(struct ohc_packing *p, const struct ohc_payload *payload,
		      struct ohc_transports *transports, const struct ohc_inputs *in,
		      struct ohc_extract *x, struct ohc_error *err)
{
	const struct ohc_push_options *o = in->options;
	const struct ohc_peek_options options = {
		.cache = o->cache, .hook = &ohc_facts_hook, .jobs = o->jobs, .report = o->report
	};
	ohc_cleanup(ohc_peek_freep) struct ohc_peek *peek = ohc_peek_new(&options);
	struct ohc_payload_image *image = &p->image;
	const struct ohc_manifest *m = &image->image.manifest;
	int rc = ohc_transports_open(transports, &payload->image, false, &image->store, err);

	if (rc == 0)
		rc = ohc_load_image(image->store, ohc_name_ref(&payload->image), payload->source,
				    &p->platform, p->platform_known, &image->image, err);
	if (rc < 0)
		return rc;
	p->platform = image->image.platform;
	p->platform_known = true;
	rc = ohc_peek_layers(peek, image->store, m->layers, m->n_layers, &image->fs, err);
	return rc < 0 ? rc : ohc_extract_image(x, in, image->fs, image->store, m, err);
}

static int look_at_file(struct ohc_packing *p, const struct ohc_layer_entry *e,
			struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *path = ohc_xasprintf("/%s", e->path);
	struct ohc_facts facts;
	struct ohc_component_object object = { .to = path, .path = path, .disk = path };
	struct ohc_patch none = OHC_PATCH_INIT;
	int rc = 0;

	ohc_facts_read(e->facts, e->n_facts, &facts);
	object.elf = &facts.elf;
	if (facts.kind == OHC_FACTS_ELF)
		rc = ohc_packing_object(p, &object, &none, err);
	ohc_facts_clear(&facts);
	return rc;
}

/* Where the payload lies on a base, there is nothing of what it leads to, or something else.  Who
 * made a tar can leave it out; an image is taken as it is. */
static int look_at_link(const struct ohc_packing *p, const struct ohc_layer_entry *e,
			struct ohc_error *err)
{
	const char *below = e->path + strlen(p->prefix) - 1;

	if (!S_ISLNK(e->mode) || !ohc_component_leads_out(p->prefix, below, e->link))
		return 0;
	if (p->kind == OHC_PACKING_TAR)
		return ohc_error_set(
			err, OHC_E_FORMAT,
			"the symlink '/%s' leads out of '%s', to '%s': leave it out, or "
			"put into the tar what it leads to",
			e->path, p->prefix, e->link);
	ohc_say(p->o->push.report, OHC_WARNING,
		"the symlink '/%s' leads out of '%s', to '%s': bases need not have that", e->path,
		p->prefix, e->link);
	return 0;
}

/* What is in the layer, by its index: its bytes may never be wanted. */
static int look_at_layer(struct ohc_packing *p, const struct ohc_extract *x,
			 const struct ohc_inputs *in, struct ohc_error *err)
{
	struct ohc_pack_layer *layer = &p->layers[0];
	ohc_cleanup(ohc_freep) struct ohc_layer_index_iter *it = ohc_xcalloc(1, sizeof(*it));
	struct ohc_layer_index of_image = OHC_LAYER_INDEX_INIT;
	const struct ohc_buf *index = &x->index.bytes;
	struct ohc_layer_entry e;
	int rc = 0;

	if (index->len == 0) {
		rc = ohc_from_rootfs_index(&x->tree, in->uid, in->gid, &of_image, err);
		index = &of_image.bytes;
	}
	ohc_layer_index_iter_start(it, ohc_buf_str(index), index->len, p->o->source);
	while (rc == 0 && (rc = ohc_layer_index_iter_next(it, &e, err)) > 0) {
		layer->entries++;
		layer->bytes += e.size;
		rc = look_at_link(p, &e, err);
		if (rc == 0)
			rc = look_at_file(p, &e, err);
	}
	ohc_layer_index_clear(&of_image);
	return rc;
}

int ohc_packing_extract(struct ohc_packing *p, struct ohc_transports *transports,
			const struct ohc_inputs *in, struct ohc_error *err)
{
	struct ohc_payload payload = { .source = (char *)p->o->source, .target = p->prefix };
	struct ohc_extract *x;
	int rc = 0;

	if (p->kind == OHC_PACKING_RECIPE)
		return 0;
	if (p->recipe.closure)
		return ohc_error_set(err, OHC_E_USAGE,
				     "--closure is for programs in a directory or a recipe");
	p->image.extract = x = ohc_extract_new(&payload);
	ohc_packing_add_layer(p, "payload");
	if (p->kind == OHC_PACKING_TAR) {
		rc = ohc_extract_tar(x, in, err);
	} else {
		rc = ohc_name_parse(p->o->source, &payload.image, err);
		if (rc == 0)
			rc = load_image(p, &payload, transports, in, x, err);
		ohc_name_clear(&payload.image);
	}
	if (rc == 0)
		rc = look_at_layer(p, x, in, err);
	/* What stands on it must know its directories. */
	if (rc == 0 && (p->launchers.n || p->profile)) {
		ohc_assembly_free(ohc_take(p->bundles[0]));
		rc = ohc_extract_bundle(x, &p->bundles[0], err);
	}
	return rc;
}
