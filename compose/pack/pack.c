// SPDX-License-Identifier: Apache-2.0
#include "compose/pack/pack.h"

#include <string.h>

#include "compose/image/finish.h"
#include "compose/layers/memo.h"
#include "compose/layers/move.h"
#include "compose/pack/contents.h"
#include "core/alloc.h"
#include "core/parallel.h"
#include "layout/files/facts.h"

struct pack {
	struct ohc_contents contents;
	struct ohc_push_options options; /* push's options, for `in` */
	struct ohc_inputs in;
	struct ohc_base base;
	struct ohc_image image;
	struct ohc_store *dest;
	struct made *made; /* of each layer */
	struct ohc_parts parts;
	size_t *of_part; /* the number of the layer in contents */
	struct ohc_finished finished;
};

/* Makes a layer's part, with its entries. */
struct made {
	struct ohc_assembly_layer layer;
	struct ohc_scan scan; /* for its index, which the first push would read the layer for */
	struct ohc_making making;
	uint64_t total;
	char *title, *what, *key;
};

static void pack_clear(struct pack *p)
{
	for (size_t i = 0; p->made && i < p->contents.n; i++) {
		ohc_layer_index_clear(&p->made[i].layer.index);
		free(p->made[i].title);
		free(p->made[i].what);
		free(p->made[i].key);
	}
	free(p->made);
	ohc_parts_clear(&p->parts);
	free(p->of_part);
	ohc_finish_clear(&p->finished);
	ohc_image_clear(&p->image);
	ohc_base_clear(&p->base);
	ohc_store_close(p->dest);
	ohc_inputs_clear(&p->in);
	ohc_contents_clear(&p->contents);
}

/* A payload image is made as push makes one on scratch. */
static int read_inputs(struct pack *p, struct ohc_transports *transports, struct ohc_error *err)
{
	int rc;

	p->options = p->contents.o->push;
	p->options.base = "scratch";
	p->options.profile = "none";
	p->options.owner = p->contents.owner;
	rc = ohc_inputs_read(&p->options, transports, NULL, &p->in, err);
	if (rc == 0 && p->in.all_platforms)
		return ohc_error_set(err, OHC_E_USAGE,
				     "'--platform all': a payload is for one platform");
	p->contents.platform = p->in.platform;
	p->contents.platform_known = p->in.platform_given;
	return rc;
}

static char *key_of(const struct pack *p, struct ohc_assembly *b)
{
	ohc_cleanup(ohc_freep) char *what = NULL;
	char fingerprint[OHC_DIGEST_MAX];
	bool settled;

	ohc_assembly_fingerprint(b, fingerprint, &settled);
	if (!settled || !p->options.cache)
		return NULL;
	what = ohc_xasprintf("%s assembly", fingerprint);
	return ohc_memo_key(&p->in.rules, what);
}

static void set_making(struct pack *p, size_t i)
{
	const struct ohc_making_rules *rules = &p->in.rules;
	struct ohc_pack_layer *layer = &p->contents.layers[i];
	struct ohc_assembly *a = p->contents.assemblies[i];
	struct made *m = &p->made[i];

	layer->entries = ohc_assembly_count(a);
	layer->bytes = ohc_assembly_bytes(a);
	m->title = ohc_xasprintf("payload %s", layer->name);
	m->what = ohc_xasprintf("layer '%s'", layer->name);
	m->scan = (struct ohc_scan){ .what = m->what,
				     .limits = rules->limits,
				     .hook = &ohc_facts_hook };
	m->layer = (struct ohc_assembly_layer){ .assembly = a,
						.uid = rules->uid,
						.gid = rules->gid,
						.mtime = rules->mtime,
						.time = rules->time,
						.scan = rules->cache ? &m->scan : NULL };
	m->key = key_of(p, a);
	m->total = layer->bytes;
	m->making = (struct ohc_making){ .title = m->title,
					 .what = m->what,
					 .key = m->key,
					 .total = &m->total,
					 .write = ohc_assembly_write,
					 .ctx = &m->layer,
					 .task = &m->layer.task,
					 .files = &m->layer.files,
					 .bytes = &m->layer.bytes,
					 .index = &m->layer.index,
					 .hook = &ohc_facts_hook };
}

static void add_part(struct pack *p, size_t i)
{
	p->of_part[p->parts.n] = i;
	if (i == 0 && p->contents.payload) {
		ohc_payload_add_parts(p->contents.payload, &p->parts);
		return;
	}
	set_making(p, i);
	ohc_parts_add_making(&p->parts, "payload", &p->made[i].making);
}

/* A component gets no layer when everything in it is in another one. */
static void add_parts(struct pack *p)
{
	size_t n = p->contents.n;

	p->made = ohc_xcalloc(n, sizeof(*p->made));
	p->of_part = ohc_xcalloc(n, sizeof(*p->of_part));
	for (size_t k = 0; k < n; k++) {
		const size_t first = p->contents.first;
		const size_t i = k == 0 ? first : k <= first ? k - 1 : k;

		if (ohc_assembly_count(p->contents.assemblies[i]) ||
		    (i == 0 && p->contents.payload))
			add_part(p, i);
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

/* Leaves what --label has set. */
static void set_labels(json_t *config, const struct ohc_recipe *recipe)
{
	const struct {
		const char *name, *value;
	} facts[] = { { "org.opencontainers.image.version", recipe->version },
		      { "org.opencontainers.image.revision", recipe->revision },
		      { "org.opencontainers.image.source", recipe->source } };
	json_t *labels = ohc_json_make_object(ohc_json_make_object(config, "config"), "Labels");

	for (size_t i = 0; i < OHC_ARRAY_SIZE(facts); i++)
		if (facts[i].value && !json_object_get(labels, facts[i].name))
			json_object_set_new(labels, facts[i].name,
					    ohc_json_text_value(facts[i].value));
}

/* Leaves variables unexpanded: $PATH will be the base's. */
static void edit_config(struct pack *p)
{
	struct ohc_contents *k = &p->contents;
	json_t *config = p->image.config;

	free(ohc_take(p->image.edits));
	set_env(config, &k->recipe.env);
	set_env(config, &k->o->env);
	k->label.components = json_object();
	for (size_t i = 0; i < p->parts.n; i++) {
		struct ohc_pack_layer *layer = &k->layers[p->of_part[i]];
		ohc_cleanup(ohc_freep) char *by = ohc_xasprintf("ohcompose pack: %s", layer->name);

		snprintf(layer->diff_id, sizeof(layer->diff_id), "%s", p->parts.v[i].diff_id);
		ohc_image_add_layer(&p->image, &p->parts.v[i].layer.d, layer->diff_id, by);
		json_object_set_new(k->label.components, layer->name, json_string(layer->diff_id));
	}
	k->label.owned = true;
	k->label.uid = p->in.rules.uid;
	k->label.gid = p->in.rules.gid;
	ohc_payload_label_write(&k->label, config);
	set_labels(config, &k->recipe);
}

static int make_config(void *ctx, struct ohc_part *ret, struct ohc_error *err)
{
	struct pack *p = ctx;

	edit_config(p);
	ohc_finish_document(&p->image, &p->finished);
	return ohc_finish_config(&p->finished, ret, err);
}

/* Names what is done at once: the layers, and the list of what is in them. */
struct parts_and_list {
	struct pack *p;
	const struct ohc_move *m;
};

static int write_parts_or_list(void *ctx, size_t i, struct ohc_error *err)
{
	const struct parts_and_list *k = ctx;
	struct pack *p = k->p;
	const struct ohc_move_last config = { make_config, p };

	return i == 0 ? ohc_move_parts(k->m, p->parts.v, p->parts.n, &config, err)
		      : ohc_contents_write_list(&p->contents, &p->in.rules, err);
}

static int write_image(struct pack *p, struct ohc_transports *transports, struct ohc_error *err)
{
	struct ohc_move m = { .transports = transports,
			      .rules = &p->in.rules,
			      .to = &p->in.dest,
			      .jobs = p->options.jobs,
			      .dry_run = p->options.dry_run,
			      .ask = true };
	int rc = ohc_base_load(transports, &p->in, &p->contents.platform, true, &p->base, err);

	if (rc == 0)
		rc = ohc_image_init(&p->image, &p->in, &p->base, NULL, 0, err);
	if (rc == 0)
		rc = ohc_media_layer(p->image.manifest.family, p->in.rules.codec.compression,
				     &m.media_type, err);
	if (rc < 0)
		return rc;
	m.dest = p->dest;
	rc = ohc_parallel(2, p->options.jobs == 1 ? 1 : 2, write_parts_or_list,
			  &(struct parts_and_list){ p, &m }, err);
	if (rc == 0)
		rc = ohc_finish_manifest(p->dest, &p->in, &p->finished.manifest, err);
	return rc < 0 ? rc : ohc_finish_image(p->dest, &p->in, &p->finished.manifest, err);
}

/* Finds out whether the destination may be written to, before everything is read that would go
 * there. */
static int open_dest(struct pack *p, struct ohc_transports *transports, struct ohc_error *err)
{
	int rc = ohc_transports_open(transports, &p->in.dest, OHC_USE_WRITE, &p->dest, err);

	if (rc == 0 && !p->options.dry_run)
		rc = ohc_store_may_write(p->dest, err);
	return rc < 0 ? ohc_error_wrap(err, rc, "pack to '%s'", p->in.dest.given) : 0;
}

static int pack(struct pack *p, struct ohc_transports *transports, const struct ohc_pack_options *o,
		struct ohc_error *err)
{
	int rc = ohc_contents_read(&p->contents, o, err);

	if (rc == 0)
		rc = read_inputs(p, transports, err);
	if (rc < 0)
		return p->contents.is_recipe ? rc : ohc_error_wrap(err, rc, "pack '%s'", o->source);
	rc = open_dest(p, transports, err);
	if (rc < 0)
		return rc;
	rc = ohc_contents_extract(&p->contents, transports, &p->in, err);
	if (rc == 0)
		rc = ohc_contents_gather(&p->contents, err);
	if (rc == 0)
		rc = ohc_contents_sbom(&p->contents, &p->in.rules, err);
	if (rc < 0)
		return p->contents.is_recipe ? rc : ohc_error_wrap(err, rc, "pack '%s'", o->source);
	add_parts(p);
	if (p->parts.n == 0)
		return ohc_error_set(err, OHC_E_FORMAT, "pack '%s': there is nothing in it",
				     o->source);
	rc = write_image(p, transports, err);
	if (rc == 0 && p->options.dry_run &&
	    (ohc_contents_hangs(&p->contents) || o->push.sign.command))
		rc = ohc_finish_tell_hanging(p->dest, &p->in, &p->finished.manifest, err);
	if (rc == 0)
		rc = ohc_contents_attach(&p->contents, p->dest, &p->in.dest,
					 &p->finished.manifest.d, err);
	return rc < 0 ? ohc_error_wrap(err, rc, "pack to '%s'", o->push.dest) : 0;
}

static void set_result(struct pack *p, struct ohc_pack_result *r)
{
	ohc_image_result_set(&r->push, &p->in, p->dest, &p->finished.manifest.d);
	ohc_image_result_add_parts(&r->push, &p->parts);
	if (p->contents.payload)
		ohc_image_result_add_store(&r->push, p->contents.payload->store);
	r->push.platform = p->contents.platform;
	r->layers = ohc_xcalloc(p->parts.n, sizeof(*r->layers));
	for (size_t i = 0; i < p->parts.n; i++) {
		struct ohc_pack_layer *layer = &p->contents.layers[p->of_part[i]];

		r->layers[r->n_layers++] = *layer;
		memset(layer, 0, sizeof(*layer));
	}
}

int ohc_pack(struct ohc_transports *transports, const struct ohc_pack_options *o,
	     struct ohc_pack_result *ret, struct ohc_error *err)
{
	ohc_cleanup(pack_clear) struct pack p = { .contents = OHC_CONTENTS_INIT };
	struct ohc_pack_result r = OHC_PACK_RESULT_INIT;
	int rc;

	ohc_image_result_start(&r.push);
	rc = pack(&p, transports, o, err);
	if (rc < 0)
		return rc;
	set_result(&p, &r);
	*ret = r;
	return 0;
}

void ohc_pack_result_clear(struct ohc_pack_result *r)
{
	for (size_t i = 0; i < r->n_layers; i++)
		ohc_pack_layer_clear(&r->layers[i]);
	free(r->layers);
	ohc_image_result_clear(&r->push);
	memset(r, 0, sizeof(*r));
}

json_t *ohc_pack_result_json(const struct ohc_pack_result *r)
{
	json_t *object = ohc_image_result_json(&r->push), *layer;
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
		json_object_set_new(layer, "programs", ohc_json_texts(&l->programs));
		json_object_set_new(layer, "libraries", libraries);
	}
	return object;
}
