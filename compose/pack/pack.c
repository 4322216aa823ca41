// SPDX-License-Identifier: Apache-2.0
#include "compose/pack/pack.h"

#include <string.h>

#include "compose/image/image.h"
#include "compose/payload/memo.h"
#include "compose/image/move.h"
#include "compose/pack/contents.h"
#include "core/alloc.h"
#include "core/clock.h"

struct pack {
	struct ohc_packing packing;
	struct ohc_push_options options; /* as push would have them, for `in` */
	struct ohc_inputs in;
	struct ohc_base base;
	struct ohc_image image;
	struct ohc_store *dest;
	struct made *made; /* of each layer */
	struct ohc_part *parts;
	size_t *of_part; /* which layer of packing's */
	size_t n_parts;
	struct ohc_document manifest;
};

/* A layer's bundle, and what moves it. */
struct made {
	struct ohc_assembly_layer layer;
	struct ohc_making making;
	char *title, *what, *key;
};

static void pack_clear(struct pack *p)
{
	for (size_t i = 0; p->made && i < p->packing.n; i++) {
		free(p->made[i].title);
		free(p->made[i].what);
		free(p->made[i].key);
	}
	free(p->made);
	free(p->parts);
	free(p->of_part);
	ohc_document_clear(&p->manifest);
	ohc_image_clear(&p->image);
	ohc_base_clear(&p->base);
	ohc_store_close(p->dest);
	ohc_inputs_clear(&p->in);
	ohc_packing_clear(&p->packing);
}

/* A payload image is what push would put on scratch. */
static int read_inputs(struct pack *p, struct ohc_error *err)
{
	int rc;

	p->options = p->packing.o->push;
	p->options.base = "scratch";
	p->options.profile = "none";
	p->options.owner = p->packing.owner;
	rc = ohc_inputs_read(&p->options, &p->in, err);
	if (rc == 0 && p->in.all_platforms)
		return ohc_error_set(err, OHC_E_USAGE,
				     "'--platform all': a payload is for one platform");
	p->packing.platform = p->in.platform;
	p->packing.platform_known = p->in.platform_given;
	return rc < 0 ? rc : ohc_image_check(&p->in, err);
}

static char *key_of(const struct pack *p, struct ohc_assembly *b)
{
	ohc_cleanup(ohc_freep) char *what = NULL;
	char fingerprint[OHC_DIGEST_MAX];
	bool settled;

	ohc_assembly_fingerprint(b, fingerprint, &settled);
	if (!settled || !p->options.cache)
		return NULL;
	what = ohc_xasprintf("%s bundle", fingerprint);
	return ohc_memo_key(&p->in, what);
}

static void make_part(struct pack *p, size_t i)
{
	struct ohc_pack_layer *layer = &p->packing.layers[i];
	struct ohc_assembly *b = p->packing.bundles[i];
	struct made *m = &p->made[i];
	struct ohc_part *part = &p->parts[p->n_parts];

	p->of_part[p->n_parts++] = i;
	if (i == 0 && p->packing.image.extract) {
		*part = (struct ohc_part){ .making = &p->packing.image.extract->making,
					   .layer = { .role = "payload" } };
		return;
	}
	layer->entries = ohc_assembly_count(b);
	layer->bytes = ohc_assembly_bytes(b);
	m->layer = (struct ohc_assembly_layer){ .bundle = b,
						.uid = p->in.uid,
						.gid = p->in.gid,
						.mtime = p->in.mtime,
						.time = p->in.mtime_time };
	m->title = ohc_xasprintf("payload %s", layer->name);
	m->what = ohc_xasprintf("layer '%s'", layer->name);
	m->key = key_of(p, b);
	m->making = (struct ohc_making){ .title = m->title,
					 .what = m->what,
					 .key = m->key,
					 .write = ohc_assembly_write,
					 .ctx = &m->layer,
					 .task = &m->layer.task,
					 .files = &m->layer.files,
					 .bytes = &m->layer.bytes };
	*part = (struct ohc_part){ .making = &m->making, .layer = { .role = "payload" } };
}

/* A component of which everything is in another one needs no layer. */
static void make_parts(struct pack *p)
{
	size_t n = p->packing.n;

	p->made = ohc_xcalloc(n, sizeof(*p->made));
	p->parts = ohc_xcalloc(n, sizeof(*p->parts));
	p->of_part = ohc_xcalloc(n, sizeof(*p->of_part));
	for (size_t k = 0; k < n; k++) {
		const size_t first = p->packing.first;
		const size_t i = k == 0 ? first : k <= first ? k - 1 : k;

		if (ohc_assembly_count(p->packing.bundles[i]) ||
		    (i == 0 && p->packing.image.extract))
			make_part(p, i);
	}
}

static void set_env(json_t *config, const struct ohc_strv *list)
{
	json_t *inner = ohc_json_make_object(config, "config"), *env;

	for (size_t i = 0; i < list->n; i++) {
		ohc_cleanup(ohc_freep) char *name =
			ohc_xstrndup(list->v[i], strcspn(list->v[i], "="));

		ohc_config_unset_env(config, name);
		env = json_object_get(inner, "Env");
		if (!env) {
			env = json_array();
			json_object_set_new(inner, "Env", env);
		}
		json_array_append_new(env, ohc_json_text_value(list->v[i]));
	}
}

/* What is said of a payload is not put in: $PATH will be the base's. */
static void edit_config(struct pack *p)
{
	struct ohc_packing *k = &p->packing;
	json_t *config = p->image.config;

	free(ohc_take(p->image.edits));
	set_env(config, &k->recipe.env);
	set_env(config, &k->o->env);
	k->label.components = json_object();
	for (size_t i = 0; i < p->n_parts; i++) {
		struct ohc_pack_layer *layer = &k->layers[p->of_part[i]];
		ohc_cleanup(ohc_freep) char *by = ohc_xasprintf("ohcompose pack: %s", layer->name);

		snprintf(layer->diff_id, sizeof(layer->diff_id), "%s", p->parts[i].facts.diff_id);
		ohc_image_add_layer(&p->image, &p->parts[i].layer.d, layer->diff_id, by);
		json_object_set_new(k->label.components, layer->name, json_string(layer->diff_id));
	}
	ohc_payload_label_write(&k->label, config);
}

static int write_config(struct pack *p, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *text = ohc_image_config_text(&p->image);
	const char *media = p->image.manifest.family == OHC_FAMILY_DOCKER ? OHC_MEDIA_DOCKER_CONFIG
									  : OHC_MEDIA_OCI_CONFIG;
	struct ohc_descriptor d;
	int rc = 0;

	ohc_descriptor_of(&d, media, text, strlen(text));
	if (!p->options.dry_run)
		rc = ohc_store_put_bytes(p->dest, text, strlen(text), media, &d, err);
	if (rc < 0)
		return ohc_error_wrap(err, rc, "image config");
	ohc_manifest_set_config(&p->image.manifest, &d);
	ohc_manifest_write(&p->image.manifest, &p->manifest);
	return 0;
}

/* From here on the image can be seen. */
static int write_tags(struct pack *p, struct ohc_error *err)
{
	int rc = ohc_store_put_manifest(p->dest, p->in.dest.tag, &p->manifest, err);

	for (size_t i = 0; rc == 0 && i < p->options.tags.n; i++)
		rc = ohc_store_put_manifest(p->dest, p->options.tags.v[i], &p->manifest, err);
	return rc < 0 ? rc : ohc_store_finish(p->dest, err);
}

static int write_image(struct pack *p, struct ohc_transports *transports, struct ohc_error *err)
{
	struct ohc_move m = { .transports = transports, .in = &p->in };
	int rc = ohc_base_load(transports, &p->in, &p->packing.platform, true, &p->base, err);

	if (rc == 0)
		rc = ohc_image_init(&p->image, &p->in, &p->base, NULL, err);
	if (rc == 0)
		rc = ohc_media_layer(p->image.manifest.family, p->in.codec.compression,
				     &m.media_type, err);
	if (rc == 0)
		rc = ohc_transports_open(transports, &p->in.dest, true, &p->dest, err);
	if (rc < 0)
		return rc;
	m.dest = p->dest;
	rc = ohc_move_parts(&m, p->parts, p->n_parts, err);
	if (rc < 0)
		return rc;
	edit_config(p);
	rc = write_config(p, err);
	return rc < 0 || p->options.dry_run ? rc : write_tags(p, err);
}

static int pack(struct pack *p, struct ohc_transports *transports, const struct ohc_pack_options *o,
		struct ohc_error *err)
{
	int rc = ohc_packing_read(&p->packing, o, err);

	if (rc == 0)
		rc = read_inputs(p, err);
	if (rc == 0)
		rc = ohc_packing_extract(&p->packing, transports, &p->in, err);
	if (rc == 0)
		rc = ohc_packing_gather(&p->packing, err);
	if (rc < 0)
		return p->packing.is_recipe ? rc : ohc_error_wrap(err, rc, "pack '%s'", o->source);
	make_parts(p);
	if (p->n_parts == 0)
		return ohc_error_set(err, OHC_E_FORMAT, "pack '%s': there is nothing in it",
				     o->source);
	rc = write_image(p, transports, err);
	return rc < 0 ? ohc_error_wrap(err, rc, "pack to '%s'", o->push.dest) : 0;
}

static void fill_result(struct pack *p, struct ohc_pack_result *r)
{
	r->push.name = ohc_xstrdup(p->in.dest.given);
	r->push.manifest = p->manifest.d;
	r->push.platform = p->packing.platform;
	r->push.bytes_uploaded = atomic_load(&p->dest->stats.uploaded);
	r->push.bytes_downloaded = atomic_load(&p->dest->stats.downloaded);
	r->push.requests = atomic_load(&p->dest->stats.requests);
	if (p->packing.image.store) {
		r->push.bytes_downloaded += atomic_load(&p->packing.image.store->stats.downloaded);
		r->push.requests += atomic_load(&p->packing.image.store->stats.requests);
	}
	r->push.layers = ohc_xcalloc(p->n_parts, sizeof(*r->push.layers));
	r->layers = ohc_xcalloc(p->n_parts, sizeof(*r->layers));
	for (size_t i = 0; i < p->n_parts; i++) {
		struct ohc_pack_layer *layer = &p->packing.layers[p->of_part[i]];

		r->push.layers[r->push.n_layers++] = p->parts[i].layer;
		r->push.payload_files += p->parts[i].files;
		r->push.bytes_read += p->parts[i].read;
		r->layers[r->n_layers++] = *layer;
		memset(layer, 0, sizeof(*layer));
	}
}

int ohc_pack(struct ohc_transports *transports, const struct ohc_pack_options *o,
	     struct ohc_pack_result *ret, struct ohc_error *err)
{
	ohc_cleanup(pack_clear) struct pack p = { .packing = OHC_PACKING_INIT };
	struct ohc_pack_result r = OHC_PACK_RESULT_INIT;
	double start = ohc_clock_seconds();
	int rc = pack(&p, transports, o, err);

	if (rc < 0)
		return rc;
	fill_result(&p, &r);
	r.push.seconds = ohc_clock_seconds() - start;
	*ret = r;
	return 0;
}

void ohc_pack_result_clear(struct ohc_pack_result *r)
{
	for (size_t i = 0; i < r->n_layers; i++)
		ohc_pack_layer_clear(&r->layers[i]);
	free(r->layers);
	ohc_push_result_clear(&r->push);
	memset(r, 0, sizeof(*r));
}

static json_t *texts(const struct ohc_strv *list)
{
	json_t *array = json_array();

	for (size_t i = 0; i < list->n; i++)
		json_array_append_new(array, ohc_json_text_value(list->v[i]));
	return array;
}

json_t *ohc_pack_result_json(const struct ohc_pack_result *r)
{
	json_t *object = ohc_push_result_json(&r->push), *layer;
	json_t *layers = json_object_get(object, "layers");
	size_t i;

	json_array_foreach (layers, i, layer) {
		const struct ohc_pack_layer *l = &r->layers[i];
		json_t *libraries = json_object();

		for (size_t k = 0; k < l->libraries.n; k++)
			json_object_set_new(libraries, l->libraries.v[k],
					    ohc_json_text_value(l->needed_by.v[k]));
		json_object_set_new(layer, "name", json_string(l->name));
		json_object_set_new(layer, "diffId", json_string(l->diff_id));
		json_object_set_new(layer, "entries", json_integer((json_int_t)l->entries));
		json_object_set_new(layer, "content", json_integer((json_int_t)l->bytes));
		json_object_set_new(layer, "programs", texts(&l->programs));
		json_object_set_new(layer, "libraries", libraries);
	}
	return object;
}
