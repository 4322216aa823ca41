// SPDX-License-Identifier: Apache-2.0
#include "compose/upgrade/one.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "compose/bake/template.h"
#include "compose/image/origin.h"
#include "compose/image/recorded.h"
#include "core/alloc.h"

/* An image, or one of an index. */
struct upgrade_child {
	struct ohc_loaded loaded;
	struct ohc_composition says;
};

/* The image that an entry of the list refers to. */
struct upgrade_one {
	struct ohc_bake_again again; /* first: the list frees it */
	struct ohc_name name;
	struct ohc_store *store;
	struct upgrade_child *children;
	size_t n_children;
	bool index;
	char digest[OHC_DIGEST_MAX]; /* of what its name names */
	struct ohc_origin origin;
};

static void one_free(struct ohc_bake_again *again)
{
	struct upgrade_one *u = OHC_CONTAINER_OF(again, struct upgrade_one, again);

	ohc_origin_clear(&u->origin);
	for (size_t i = 0; i < u->n_children; i++) {
		ohc_load_clear(&u->children[i].loaded);
		ohc_composition_clear(&u->children[i].says);
	}
	free(u->children);
	ohc_store_close(u->store);
	ohc_name_clear(&u->name);
	free(again->key);
	free(again->left);
	free(u);
}

/* --- what it says --- */

/* Not ours: *left says why. */
static int leave(struct upgrade_one *u, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static int leave(struct upgrade_one *u, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&u->again.left, fmt, ap) < 0)
		abort(); /* no memory, as everywhere (core/alloc.h) */
	va_end(ap);
	return 0;
}

static bool needs_layers(const struct ohc_composition *says)
{
	for (size_t i = 0; i < says->n_payloads; i++)
		if (!says->payloads[i].manifest)
			return true;
	return false;
}

/* The config is read only where layers of the image itself are to be found by their diff IDs. */
static int read_child(struct upgrade_one *u, const struct ohc_document *doc, struct ohc_error *err)
{
	struct upgrade_child *child = &u->children[u->n_children++];
	struct ohc_loaded *l = &child->loaded;
	struct ohc_error why = OHC_ERROR_INIT;
	struct ohc_platform any;

	if (ohc_manifest_parse(doc, &l->manifest, &why) < 0) {
		u->again.foreign = true;
		return leave(u, "'%s' is no image: %s", u->name.given, why.msg);
	}
	if (!ohc_composition_text_of(&l->manifest)) {
		u->again.foreign = true;
		return leave(u,
			     "'%s' was not composed by ohcompose: it has no annotation "
			     "'" OHC_COMPOSITION "'",
			     u->name.given);
	}
	if (ohc_composition_read(&l->manifest, "it", &child->says, &why) < 0)
		return leave(u, "'%s': %s", u->name.given, why.msg);
	if (!needs_layers(&child->says))
		return 0;
	ohc_manifest_clear(&l->manifest);
	ohc_platform_host(&any);
	return ohc_load_image(u->store, doc->d.digest, u->name.given, &any, false, l, err);
}

static int read_index(struct upgrade_one *u, const struct ohc_document *doc, struct ohc_error *err)
{
	ohc_cleanup(ohc_index_clear) struct ohc_index index = OHC_INDEX_INIT;
	int rc = ohc_index_parse(doc, &index, err);

	u->index = true;
	u->children = ohc_xcalloc(index.n, sizeof(*u->children));
	for (size_t i = 0; rc == 0 && !u->again.left && i < index.n; i++) {
		ohc_cleanup(ohc_document_clear) struct ohc_document child = OHC_DOCUMENT_INIT;

		if (!index.entries[i].has_platform || index.entries[i].attestation)
			continue;
		rc = ohc_store_get_child(u->store, &index.entries[i].d, &child, err);
		if (rc == 0)
			rc = read_child(u, &child, err);
	}
	if (rc == 0 && u->n_children == 0) {
		u->again.foreign = true;
		return leave(u, "'%s' is an index of no images", u->name.given);
	}
	return rc;
}

char *ohc_upgrade_any_dest(const char *template)
{
	struct ohc_template_values any;

	for (size_t i = 0; i < OHC_TEMPLATE_VALUES; i++)
		any.v[i] = "any";
	return ohc_template_expand(template, &any);
}

enum ohc_use ohc_upgrade_use(const struct ohc_upgrade_options *o, const struct ohc_name *name)
{
	ohc_cleanup(ohc_name_clear) struct ohc_name dest = { .given = NULL };
	ohc_cleanup(ohc_freep) char *text = NULL;
	bool same;

	if (!o->dest || name->transport != OHC_REGISTRY)
		return OHC_USE_OWN;
	text = ohc_upgrade_any_dest(o->dest);
	same = ohc_name_parse(text, &dest, NULL) == 0 && dest.transport == OHC_REGISTRY &&
	       strcmp(dest.host, name->host) == 0;
	return same ? OHC_USE_OWN : OHC_USE_SOURCE;
}

static int read_image(const struct ohc_upgrade_reading *r, struct upgrade_one *u,
		      struct ohc_error *err)
{
	ohc_cleanup(ohc_document_clear) struct ohc_document doc = OHC_DOCUMENT_INIT;
	int rc = ohc_transports_open(r->transports, &u->name, ohc_upgrade_use(r->o, &u->name),
				     &u->store, err);

	if (rc == 0)
		rc = ohc_store_get_manifest(u->store, ohc_name_ref(&u->name), &doc, err);
	if (rc < 0)
		return rc;
	snprintf(u->digest, sizeof(u->digest), "%s", doc.d.digest);
	if (ohc_media_is_index(doc.d.media_type))
		return read_index(u, &doc, err);
	u->children = ohc_xcalloc(1, sizeof(*u->children));
	return read_child(u, &doc, err);
}

/* Whatever a manifest refers to lies in its repository: it is neither asked for nor mounted. */
static void note_layers(const struct ohc_upgrade_reading *r, const struct upgrade_one *u)
{
	ohc_cleanup(ohc_freep) char *where = NULL;

	if (u->name.transport != OHC_REGISTRY)
		return;
	where = ohc_name_place(&u->name);
	for (size_t i = 0; i < u->n_children; i++) {
		const struct ohc_manifest *m = &u->children[i].loaded.manifest;

		for (size_t k = 0; k < m->n_layers; k++)
			ohc_transports_note(r->transports, where, m->layers[k].digest);
	}
}

/* --- its base --- */

static int choose_base(const struct ohc_upgrade_reading *r, struct upgrade_one *u,
		       struct ohc_bake_settings *s, struct ohc_error *err)
{
	const struct ohc_composition *says = u->origin.says;
	const struct ohc_name *base = &u->origin.base;
	char now[OHC_DIGEST_MAX];
	int rc;

	free(s->base);
	s->base = ohc_xstrdup(r->o->base ? r->o->base : base->given);
	if (r->o->base || base->transport == OHC_SCRATCH)
		return 0;
	if (base->transport != OHC_REGISTRY)
		return leave(u,
			     "'%s': its base '%s' lay in a layout or an archive, and nobody "
			     "knows where: name it with --base",
			     u->name.given, base->given);
	if (r->o->base_moved)
		return 0;
	u->again.keep_base = true;
	if (base->digest || r->o->base_kept)
		return 0;
	rc = ohc_transports_digest(r->transports, base, OHC_USE_SOURCE, now, &u->again.requests,
				   err);
	if (rc == -OHC_E_NOT_FOUND) /* a tag that is gone has not moved */
		return 0;
	if (rc < 0)
		return ohc_error_wrap(err, rc, "base '%s'", base->given);
	if (strcmp(now, says->base.digest) == 0)
		return 0;
	return leave(u,
		     "'%s': its base '%s' has moved from %s to %s: --base-moved takes that, "
		     "--base-kept the one that it has",
		     u->name.given, base->given, says->base.digest, now);
}

/* --- what is to be made --- */

static void drop(const char **text)
{
	free((char *)*text);
	*text = NULL;
}

/* Accounts and times on the command line exclude those that the image says, and the level that it
 * says is of its own compression. */
static void make_room(const struct ohc_push_options *above, struct ohc_push_options *below)
{
	const char *epoch = getenv("SOURCE_DATE_EPOCH");

	if (above->compression &&
	    strcmp(above->compression, below->compression ? below->compression : "gzip") != 0)
		below->level = -1;
	if (above->account)
		below->no_account = false;
	if (above->no_account)
		drop(&below->account);
	if (epoch && *epoch)
		drop(&below->created);
}

static int read_settings(const struct ohc_upgrade_reading *r, struct upgrade_one *u,
			 struct ohc_bake_settings *s, struct ohc_error *err)
{
	const struct ohc_composition *says = u->origin.says;
	ohc_cleanup(ohc_bake_settings_clear) struct ohc_bake_settings below =
		OHC_BAKE_SETTINGS_INIT;
	struct ohc_bake_settings above = OHC_BAKE_SETTINGS_INIT;
	char *dest = ohc_take(s->dest);
	int rc = ohc_recorded_read(says->options, "annotation '" OHC_COMPOSITION "'", &below.push,
				   err);

	above.push = *r->o->push;
	make_room(r->o->push, &below.push);
	below.push.platform = ohc_xstrdup(u->index ? "all" : says->base.platform);
	if (rc == 0) {
		ohc_bake_settings_clear(s);
		ohc_bake_settings_join(&below, &above, s);
		free(s->dest);
	}
	s->dest = dest;
	return rc;
}

/* It is the annotation that is wrong, not an option. */
static int parse_platform(const char *text, struct ohc_platform *ret, struct ohc_error *err)
{
	if (ohc_platform_parse(text, ret, NULL) == 0)
		return 0;
	return ohc_error_set(
		err, OHC_E_FORMAT,
		"the image says that its base is for the platform '%.200s', which is none", text);
}

static int add_origins(struct upgrade_one *u, struct ohc_error *err)
{
	int rc = ohc_origin_init(&u->origin, &u->children[0].says, err);

	for (size_t i = 0; rc == 0 && i < u->n_children; i++) {
		struct upgrade_child *child = &u->children[i];
		const bool loaded = child->loaded.config;
		struct ohc_platform platform;
		struct ohc_origin_image image = { .says = &child->says,
						  .loaded = loaded ? &child->loaded : NULL,
						  .store = u->store,
						  .name = &u->name };

		if (child->says.base.platform) {
			rc = parse_platform(child->says.base.platform, &platform, err);
			image.platform = u->index ? &platform : NULL;
		}
		if (rc == 0)
			rc = ohc_origin_add(&u->origin, &image, err);
	}
	return rc;
}

/* All that the image says, of each of an index: what comes out depends on it. */
static char *key_of(const struct upgrade_one *u)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf b = OHC_BUF_INIT;
	char digest[OHC_DIGEST_MAX];

	for (size_t i = 0; i < u->n_children; i++) {
		ohc_cleanup(ohc_freep) char *text = ohc_composition_text(&u->children[i].says);

		ohc_buf_addf(&b, "%s\n", text);
	}
	ohc_digest_of(b.data, b.len, digest);
	return ohc_xasprintf("again %s\n", digest);
}

/* Fills in what of the template only the image tells. */
static void name_dest(const struct ohc_upgrade_reading *r, const struct upgrade_one *u,
		      struct ohc_bake_settings *s)
{
	const struct ohc_composition *says = u->origin.says;
	const struct ohc_composition_payload *p = says->n_payloads ? &says->payloads[0] : NULL;
	ohc_cleanup(ohc_freep) char *tag = ohc_template_tag(&u->name);
	ohc_cleanup(ohc_freep) char *repo = ohc_template_repo(&u->name);
	struct ohc_template_values values = {
		.v = { [OHC_TEMPLATE_IMAGE_TAG] = tag,
		       [OHC_TEMPLATE_IMAGE_REPO] = repo,
		       [OHC_TEMPLATE_PROFILE] =
			       s->push.profile ? s->push.profile : says->profile.name },
	};

	if (!r->o->dest)
		return;
	if (u->again.keep_base)
		values.v[OHC_TEMPLATE_BASE_DIGEST] = says->base.digest;
	if (r->o->push->payloads.n == 0 && p && p->manifest)
		values.v[OHC_TEMPLATE_PAYLOAD_DIGEST] = p->manifest;
	free(s->dest);
	s->dest = ohc_template_expand(r->o->dest, &values);
}

static int prepare(const struct ohc_upgrade_reading *r, struct upgrade_one *u,
		   struct ohc_bake_settings *s, struct ohc_error *err)
{
	int rc = ohc_name_parse(s->dest, &u->name, err);

	if (rc == 0)
		rc = read_image(r, u, err);
	if (rc < 0 || u->again.left)
		return rc;
	rc = add_origins(u, err);
	if (rc == 0)
		rc = read_settings(r, u, s, err);
	if (rc == 0)
		rc = choose_base(r, u, s, err);
	if (rc < 0 || u->again.left)
		return rc;
	note_layers(r, u);
	u->origin.there = r->o->dest ? NULL : u->digest;
	u->origin.may_lose = r->o->drop_platforms;
	u->again.origin = &u->origin;
	u->again.key = key_of(u);
	name_dest(r, u, s);
	return 0;
}

int ohc_upgrade_one(const struct ohc_upgrade_reading *r, struct ohc_bake_image *image, bool listed,
		    struct ohc_error *err)
{
	struct upgrade_one *u = ohc_xcalloc(1, sizeof(*u));
	struct ohc_bake_settings *s = &image->settings;
	struct ohc_error why = OHC_ERROR_INIT;
	int rc;

	u->again.free = one_free;
	u->origin = (struct ohc_origin)OHC_ORIGIN_INIT;
	image->again = &u->again;
	s->base = ohc_xstrdup("");
	rc = prepare(r, u, s, &why);
	if (u->store)
		u->again.requests += atomic_load(&u->store->stats.requests);
	if (rc == -OHC_E_INTERRUPTED)
		return ohc_error_copy(err, &why, rc);
	if (rc < 0) {
		u->again.rc = rc;
		leave(u, "upgrade '%s': %s", s->dest, why.msg);
	}
	u->again.foreign &= listed;
	return 0;
}
