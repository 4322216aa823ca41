// SPDX-License-Identifier: Apache-2.0
/* A layer of a recipe, and what goes into it: a table of members for each kind of component. */
#include <limits.h>
#include <string.h>

#include "core/ascii.h"
#include "core/glob.h"
#include "core/path.h"
#include "layout/recipes/recipe_internal.h"

#define AT(field) offsetof(struct ohc_recipe_item, field)

static int read_mode(struct ohc_reader *r, json_t *v, const char *path, void *to)
{
	struct ohc_recipe_item *item = r->base;
	const char *text = json_string_value(v);

	(void)to;
	if (!text || !*text || strlen(text) > 4 || strspn(text, "01234567") != strlen(text) ||
	    strtoul(text, NULL, 8) == 0 || strtoul(text, NULL, 8) > 0777)
		return ohc_json_member_wrong(r, path, "is not a mode as \"0755\"");
	item->mode = (mode_t)strtoul(text, NULL, 8);
	return 0;
}

static int read_bytecode(struct ohc_reader *r, json_t *v, const char *path, void *to)
{
	static const char *const names[] = { "keep", "check", "none" };

	for (size_t i = 0; json_is_string(v) && i < OHC_ARRAY_SIZE(names); i++)
		if (strcmp(json_string_value(v), names[i]) == 0) {
			*(enum ohc_bytecode *)to = (enum ohc_bytecode)i;
			return 0;
		}
	return ohc_json_member_wrong(r, path, "is none of 'keep', 'check' and 'none'");
}

static int read_patterns(struct ohc_reader *r, json_t *v, const char *path, void *to)
{
	const struct ohc_strv *list = to;
	int rc = ohc_json_member_texts(r, v, path, to);

	for (size_t i = 0; rc == 0 && i < list->n; i++) {
		ohc_cleanup(ohc_freep) char *plain = ohc_recipe_plain(path);
		ohc_cleanup(ohc_freep) char *where = ohc_xasprintf("'%s[%zu]'", plain, i);

		if (!ohc_glob_is_pattern(list->v[i]))
			return ohc_json_member_wrong(
				r, where,
				"is no pattern for paths below the directory: it "
				"is empty, ends in a backslash, or has '.' or "
				"'..' between slashes");
	}
	return rc;
}

int ohc_recipe_read_from(struct ohc_reader *r, json_t *v, const char *path, void *to)
{
	int rc = ohc_json_member_text(r, v, path, to);

	return rc == 0 && !**(char **)to ? ohc_json_member_wrong(r, path, "is empty") : rc;
}

static int read_venv(struct ohc_reader *r, json_t *v, const char *path, void *to)
{
	int rc = ohc_recipe_read_below(r, v, path, to);

	return rc == 0 && !**(char **)to ? ohc_json_member_wrong(r, path, "is empty") : rc;
}

static int read_file_name(struct ohc_reader *r, json_t *v, const char *path, void *to)
{
	int rc = ohc_recipe_read_from(r, v, path, to);

	if (rc == 0 && strchr(*(char **)to, '/'))
		return ohc_json_member_wrong(r, path, "is a name, and has no '/' in it");
	return rc;
}

static const struct ohc_json_member copy_members[] = {
	{ "from", ohc_recipe_read_from, AT(from) },
	{ "to", ohc_recipe_read_below, AT(to) },
	{ "exclude", read_patterns, AT(exclude) },
	{ "mode", read_mode, 0 },
	{ "dereference", ohc_json_member_bool, AT(dereference) },
	{ "dlopen", ohc_json_member_texts, AT(dlopen) },
	{ 0 },
};

static const struct ohc_json_member program_members[] = {
	{ "from", ohc_recipe_read_from, AT(from) },
	{ "to", ohc_recipe_read_below, AT(to) },
	{ "dlopen", ohc_json_member_texts, AT(dlopen) },
	{ 0 },
};

static const struct ohc_json_member python_members[] = {
	{ "interpreter", ohc_recipe_read_from, AT(from) },
	{ "to", ohc_recipe_read_below, AT(to) },
	{ "stdlib", ohc_recipe_read_from, AT(stdlib) },
	{ "venv", read_venv, AT(venv) },
	{ "site-packages", ohc_json_member_texts, AT(site_packages) },
	{ "scripts", ohc_json_member_texts, AT(scripts) },
	{ "unmet", ohc_json_member_texts, AT(unmet) },
	{ "dlopen", ohc_json_member_texts, AT(dlopen) },
	{ "bytecode", read_bytecode, AT(bytecode) },
	{ "exclude", read_patterns, AT(exclude) },
	{ 0 },
};

static const struct ohc_json_member browser_members[] = {
	{ "from", ohc_recipe_read_from, AT(from) },
	{ "to", ohc_recipe_read_below, AT(to) },
	{ "as", read_file_name, AT(as) },
	{ "dlopen", ohc_json_member_texts, AT(dlopen) },
	{ 0 },
};

static const struct ohc_json_member from_to_members[] = {
	{ "from", ohc_recipe_read_from, AT(from) },
	{ "to", ohc_recipe_read_below, AT(to) },
	{ 0 },
};

static const struct ohc_json_member font_members[] = {
	{ "from", ohc_json_member_texts, AT(fonts) },
	{ 0 },
};

/* The name of a kind, and the member that stands for it in short. */
static const struct item_kind {
	const char *member;
	const struct ohc_json_member *members;
	const char *needs; /* a member that must be there, in the recipe's words */
	bool list;         /* an array of them */
	bool text;         /* a string is its `from` */
	bool flag;         /* true is all of its defaults */
} kinds[OHC_RECIPE_KINDS] = {
	[OHC_RECIPE_COPY] = { .member = "copy",
			      .members = copy_members,
			      .needs = "from",
			      .list = true },
	[OHC_RECIPE_PROGRAM] = { .member = "programs",
				 .members = program_members,
				 .needs = "from",
				 .list = true,
				 .text = true },
	[OHC_RECIPE_PYTHON] = { .member = "python",
				.members = python_members,
				.needs = "interpreter" },
	[OHC_RECIPE_BROWSER] = { .member = "browser",
				 .members = browser_members,
				 .needs = "from",
				 .text = true },
	[OHC_RECIPE_PYINSTALLER] = { .member = "pyinstaller",
				     .members = from_to_members,
				     .needs = "from",
				     .text = true },
	[OHC_RECIPE_CERTIFICATES] = { .member = "certificates",
				      .members = from_to_members,
				      .text = true,
				      .flag = true },
	[OHC_RECIPE_LOCALE] = { .member = "locale",
				.members = from_to_members,
				.text = true,
				.flag = true },
	[OHC_RECIPE_FONTS] = { .member = "fonts", .members = font_members, .flag = true },
};

static int read_object(struct ohc_reader *r, json_t *v, const struct item_kind *kind,
		       struct ohc_recipe_item *item)
{
	struct ohc_reader inner = ohc_recipe_inner(r, item);
	ohc_cleanup(ohc_freep) char *where = ohc_xasprintf("'%s'", item->at);
	ohc_cleanup(ohc_freep) char *why = NULL;
	size_t n = 0;
	int rc;

	while (kind->members[n].key)
		n++;
	rc = ohc_json_members_read(&inner, v, item->at, kind->members, n);
	if (rc < 0 || !kind->needs || item->from)
		return rc;
	why = ohc_xasprintf("has no '%s'", kind->needs);
	return ohc_json_member_wrong(r, where, why);
}

static int wrong_kind(struct ohc_reader *r, const struct item_kind *kind, const char *path)
{
	ohc_cleanup(ohc_freep) char *why =
		ohc_xasprintf("is not an object%s%s", kind->text ? ", or a string" : "",
			      kind->flag ? ", or true" : "");

	return ohc_json_member_wrong(r, path, why);
}

/* Takes the place of `at`. */
static int read_item(struct ohc_reader *r, json_t *v, const struct item_kind *kind, char *at)
{
	struct ohc_recipe_layer *layer = r->base;
	ohc_cleanup(ohc_freep) char *path = ohc_xasprintf("'%s'", at);
	struct ohc_recipe_item *item;

	layer->items = ohc_xrealloc(layer->items, layer->n_items + 1, sizeof(*item));
	item = &layer->items[layer->n_items++];
	*item = (struct ohc_recipe_item){ .kind = (enum ohc_recipe_kind)(kind - kinds), .at = at };
	if (json_is_object(v))
		return read_object(r, v, kind, item);
	if (kind->text && json_is_string(v))
		return ohc_recipe_read_from(r, v, path, &item->from);
	if (kind->flag && json_is_true(v))
		return 0;
	return wrong_kind(r, kind, path);
}

static int read_list(struct ohc_reader *r, json_t *v, const struct item_kind *kind,
		     const char *path)
{
	ohc_cleanup(ohc_freep) char *plain = ohc_recipe_plain(path);
	json_t *element;
	size_t i;
	int rc = 0;

	if (!json_is_array(v))
		return ohc_json_member_wrong(r, path, "is not an array");
	json_array_foreach (v, i, element) {
		rc = read_item(r, element, kind, ohc_xasprintf("%s[%zu]", plain, i));
		if (rc < 0)
			break;
	}
	return rc;
}

static int read_kind(struct ohc_reader *r, json_t *v, const char *path, void *to)
{
	const char *member = strrchr(path, '.') + 1;

	(void)to;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(kinds); i++) {
		const struct item_kind *kind = &kinds[i];

		if (strncmp(member, kind->member, strlen(kind->member)) != 0 ||
		    member[strlen(kind->member)] != '\'')
			continue;
		if (kind->flag && json_is_false(v))
			return 0;
		return kind->list ? read_list(r, v, kind, path)
				  : read_item(r, v, kind, ohc_recipe_plain(path));
	}
	return 0;
}

static int read_name(struct ohc_reader *r, json_t *v, const char *path, void *to)
{
	int rc = ohc_json_member_text(r, v, path, to);
	const char *name = *(char **)to;

	if (rc == 0 &&
	    (!*name || strlen(name) > 100 || strspn(name, OHC_ASCII_ALNUM "._-") != strlen(name)))
		return ohc_json_member_wrong(r, path,
					     "is not a name of letters, digits, '.', '_' and '-'");
	if (rc == 0 && (strcmp(name, "libraries") == 0 || strcmp(name, "launchers") == 0))
		return ohc_json_member_wrong(r, path,
					     "is the name of a layer that is made besides");
	return rc;
}

static const struct ohc_json_member layer_members[] = {
	{ "name", read_name, offsetof(struct ohc_recipe_layer, name) },
	{ "if", ohc_recipe_read_from, offsetof(struct ohc_recipe_layer, when) },
	{ "copy", read_kind, 0 },
	{ "programs", read_kind, 0 },
	{ "python", read_kind, 0 },
	{ "browser", read_kind, 0 },
	{ "pyinstaller", read_kind, 0 },
	{ "certificates", read_kind, 0 },
	{ "locale", read_kind, 0 },
	{ "fonts", read_kind, 0 },
};

static int read_layer(struct ohc_reader *r, json_t *v, struct ohc_recipe_layer *layer)
{
	struct ohc_reader inner = ohc_recipe_inner(r, layer);
	ohc_cleanup(ohc_freep) char *where = ohc_xasprintf("'%s'", layer->at);
	int rc;

	rc = ohc_json_members_read(&inner, v, layer->at, layer_members,
				   OHC_ARRAY_SIZE(layer_members));
	if (rc == 0 && !layer->name)
		return ohc_json_member_wrong(r, where, "has no 'name'");
	if (rc == 0 && layer->n_items == 0)
		return ohc_json_member_wrong(r, where, "holds nothing");
	return rc;
}

int ohc_recipe_read_layers(struct ohc_reader *r, json_t *v, const char *path, void *to)
{
	struct ohc_recipe *recipe = r->base;
	json_t *element;
	size_t i;
	int rc = 0;

	(void)to;
	if (!json_is_array(v))
		return ohc_json_member_wrong(r, path, "is not an array of layers");
	recipe->layers = ohc_xcalloc(json_array_size(v) + 1, sizeof(*recipe->layers));
	json_array_foreach (v, i, element) {
		struct ohc_recipe_layer *layer = &recipe->layers[recipe->n_layers++];

		layer->at = ohc_xasprintf("layers[%zu]", i);
		rc = read_layer(r, element, layer);
		if (rc < 0)
			break;
	}
	return rc;
}

void ohc_recipe_item_clear(struct ohc_recipe_item *item)
{
	free(item->at);
	free(item->from);
	free(item->to);
	free(item->as);
	free(item->stdlib);
	free(item->venv);
	ohc_strv_clear(&item->exclude);
	ohc_strv_clear(&item->dlopen);
	ohc_strv_clear(&item->site_packages);
	ohc_strv_clear(&item->scripts);
	ohc_strv_clear(&item->unmet);
	ohc_strv_clear(&item->fonts);
	memset(item, 0, sizeof(*item));
}
