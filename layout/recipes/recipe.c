// SPDX-License-Identifier: Apache-2.0
#include "layout/recipes/recipe.h"

#include <string.h>

#include "core/file.h"
#include "core/path.h"
#include "layout/closure/closure.h"
#include "layout/profiles/profile.h"
#include "layout/recipes/recipe_internal.h"
#include "oci/documents/json_position.h"

#define RECIPE_MAX (1u << 20)

#define AT(field) offsetof(struct ohc_recipe, field)

static int read_prefix(struct ohc_reader *r, json_t *v, const char *path, void *to)
{
	int rc = ohc_json_member_path(r, v, path, to);

	if (rc == 0 && strcmp(*(char **)to, "/") == 0)
		return ohc_json_member_wrong(r, path,
					     "is '/': a payload has a directory of its own");
	return rc;
}

/* The file name of a profile (layout/profiles/profile.h) is relative to the recipe's directory, as
 * other names are. */
static int read_profile(struct ohc_reader *r, json_t *v, const char *path, void *to)
{
	const struct ohc_recipe *recipe = r->base;
	int rc = ohc_json_member_text(r, v, path, to);
	char **name = to;
	bool rooted;

	if (rc == 0 && ohc_profile_is_file(*name)) {
		ohc_cleanup(ohc_freep) char *given = ohc_take(*name);

		*name = ohc_recipe_path(recipe, given, &rooted);
	}
	return rc;
}

static int read_schema(struct ohc_reader *r, json_t *v, const char *path, void *to)
{
	(void)to;
	return json_is_string(v) ? 0 : ohc_json_member_wrong(r, path, "is not a string");
}

/* A fact for a label, which says nothing where it is empty. */
static int read_fact(struct ohc_reader *r, json_t *v, const char *path, void *to)
{
	int rc = ohc_json_member_text(r, v, path, to);

	return rc == 0 && !**(char **)to ? ohc_json_member_wrong(r, path, "is empty") : rc;
}

static int read_encodings(struct ohc_reader *r, json_t *v, const char *path, void *to)
{
	const struct ohc_strv *list = to;
	int rc = ohc_json_member_texts(r, v, path, to);

	for (size_t i = 0; rc == 0 && i < list->n; i++)
		if (!ohc_closure_knows_encodings(list->v[i]))
			return ohc_json_member_wrong(
				r, path, "has more than 'east-asian', 'cyrillic' and 'all'");
	return rc;
}

static const struct ohc_json_member members[] = {
	{ "$schema", read_schema, 0 },
	{ "prefix", read_prefix, AT(prefix) },
	{ "owner", ohc_json_member_text, AT(owner) },
	{ "profile", read_profile, AT(profile) },
	{ "version", read_fact, AT(version) },
	{ "revision", read_fact, AT(revision) },
	{ "source", read_fact, AT(source) },
	{ "root", ohc_json_member_text, AT(root) },
	{ "closure", ohc_json_member_bool, AT(closure) },
	{ "env", ohc_json_member_assignments, AT(env) },
	{ "optional", ohc_json_member_texts, AT(optional) },
	{ "encodings", read_encodings, AT(encodings) },
	{ "layers", ohc_recipe_read_layers, 0 },
	{ "launchers", ohc_recipe_read_launchers, 0 },
};

static int check_names(const struct ohc_reader *r, const struct ohc_recipe *recipe)
{
	for (size_t i = 0; i < recipe->n_layers; i++)
		for (size_t k = 0; k < i; k++) {
			ohc_cleanup(ohc_freep) char *where = NULL;

			if (strcmp(recipe->layers[i].name, recipe->layers[k].name) != 0)
				continue;
			where = ohc_xasprintf("'%s.name'", recipe->layers[i].at);
			return ohc_json_member_wrong(r, where, "is the name of another layer, too");
		}
	return 0;
}

static int parse(struct ohc_recipe *recipe, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *what = ohc_xasprintf("recipe '%s'", recipe->file);
	ohc_cleanup(ohc_json_decref) json_t *doc = NULL;
	struct ohc_reader r = { .base = recipe,
				.what = what,
				.err = err,
				.text = ohc_buf_str(&recipe->text),
				.n_text = recipe->text.len,
				.exact = true };
	int rc = ohc_json_parse(r.text, r.n_text, what, &doc, err);

	recipe->closure = true;
	if (rc == 0)
		rc = ohc_json_members_read(&r, doc, "", members, OHC_ARRAY_SIZE(members));
	if (rc == 0 && recipe->n_layers == 0)
		rc = ohc_json_member_wrong(&r, "'layers'", "is missing: there is nothing to pack");
	return rc < 0 ? rc : check_names(&r, recipe);
}

int ohc_recipe_load(const char *file, struct ohc_recipe *ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_recipe_clear) struct ohc_recipe recipe = OHC_RECIPE_INIT;
	int rc;

	recipe.file = ohc_xstrdup(file);
	recipe.dir = ohc_path_parent(file);
	rc = ohc_file_read(file, RECIPE_MAX, &recipe.text, err);
	if (rc < 0)
		return ohc_error_wrap(err, rc, "recipe");
	rc = parse(&recipe, err);
	if (rc < 0)
		return rc;
	*ret = recipe;
	memset(&recipe, 0, sizeof(recipe));
	return 0;
}

void ohc_recipe_of_dir(const char *dir, struct ohc_recipe *ret)
{
	struct ohc_recipe_layer *layer = ohc_xcalloc(1, sizeof(*layer));
	struct ohc_recipe_item *item = ohc_xcalloc(1, sizeof(*item));

	*item = (struct ohc_recipe_item){
		.kind = OHC_RECIPE_COPY,
		.at = ohc_xstrdup(""),
		.from = ohc_xstrdup("."),
		.to = ohc_xstrdup(""),
	};
	*layer = (struct ohc_recipe_layer){
		.at = ohc_xstrdup(""), .name = ohc_xstrdup("payload"), .items = item, .n_items = 1
	};
	*ret = (struct ohc_recipe){ .dir = ohc_xstrdup(dir), .layers = layer, .n_layers = 1 };
}

static void clear_layer(struct ohc_recipe_layer *l)
{
	for (size_t i = 0; i < l->n_items; i++)
		ohc_recipe_item_clear(&l->items[i]);
	free(l->items);
	free(l->name);
	free(l->when);
	free(l->at);
}

static void clear_launcher(struct ohc_recipe_launcher *l)
{
	free(l->at);
	free(l->name);
	free(l->program);
	free(l->when);
	ohc_strv_clear(&l->args);
	ohc_strv_clear(&l->env);
}

void ohc_recipe_narrow(struct ohc_recipe *r,
		       bool (*has)(void *ctx, const char *name, const char *when), void *ctx)
{
	size_t layers = 0, launchers = 0;

	for (size_t i = 0; i < r->n_layers; i++) {
		struct ohc_recipe_layer *l = &r->layers[i];

		if (l->when && !has(ctx, l->name, l->when))
			clear_layer(l);
		else
			r->layers[layers++] = *l;
	}
	for (size_t i = 0; i < r->n_launchers; i++) {
		struct ohc_recipe_launcher *l = &r->launchers[i];

		if (l->when && !has(ctx, l->name, l->when))
			clear_launcher(l);
		else
			r->launchers[launchers++] = *l;
	}
	r->n_layers = layers;
	r->n_launchers = launchers;
}

void ohc_recipe_clear(struct ohc_recipe *r)
{
	char *texts[] = { r->file, r->dir,     r->prefix,   r->owner, r->profile,
			  r->root, r->version, r->revision, r->source };

	for (size_t i = 0; i < OHC_ARRAY_SIZE(texts); i++)
		free(texts[i]);
	for (size_t i = 0; i < r->n_layers; i++)
		clear_layer(&r->layers[i]);
	free(r->layers);
	for (size_t i = 0; i < r->n_launchers; i++)
		clear_launcher(&r->launchers[i]);
	free(r->launchers);
	ohc_strv_clear(&r->env);
	ohc_strv_clear(&r->encodings);
	ohc_strv_clear(&r->optional);
	ohc_buf_clear(&r->text);
	memset(r, 0, sizeof(*r));
}

int ohc_recipe_wrap(const struct ohc_recipe *r, const char *at, int rc, struct ohc_error *err)
{
	struct ohc_json_position where;

	if (!r->file)
		return rc;
	where = ohc_json_position(ohc_buf_str(&r->text), r->text.len, at);
	return ohc_error_wrap(err, rc, "recipe '%s': line %zu, column %zu", r->file, where.line,
			      where.column);
}

char *ohc_recipe_path(const struct ohc_recipe *r, const char *from, bool *ret_rooted)
{
	*ret_rooted = *from == '/';
	if (*ret_rooted)
		return ohc_xstrdup(from);
	return strcmp(from, ".") == 0 ? ohc_xstrdup(r->dir) : ohc_xasprintf("%s/%s", r->dir, from);
}
