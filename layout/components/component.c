// SPDX-License-Identifier: Apache-2.0
#include <string.h>
#include <sys/stat.h>

#include "core/path.h"
#include "layout/components/component_internal.h"

int ohc_component_input_at(const struct ohc_component_input *near, const char *path,
			   enum ohc_files_follow follow, struct ohc_component_input *ret,
			   struct ohc_error *err)
{
	struct ohc_files_place place;
	int rc = ohc_files_find(near->files, path, follow, &place, err);

	if (rc < 0)
		return rc;
	*ret = (struct ohc_component_input){
		.files = near->files,
		.place = place,
		.dir = near->dir,
		.given = ohc_xasprintf("%s%s", near->dir, path),
	};
	return 0;
}

/* This is relative to the current directory, as the recipe's own name is. */
static char *absolute(const char *path)
{
	ohc_cleanup(ohc_freep) char *here = *path == '/' ? NULL : realpath(".", NULL);

	return here ? ohc_xasprintf("%s/%s", here, path) : ohc_xstrdup(path);
}

int ohc_component_input_find(const struct ohc_component *c, const char *from,
			     struct ohc_component_input *ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *path = NULL, *given = NULL;
	struct ohc_component_input near = { .files = c->root, .dir = c->root_dir };
	bool rooted;
	int rc;

	given = ohc_recipe_path(c->recipe, from, &rooted);
	path = rooted ? ohc_xstrdup(given) : absolute(given);
	if (!rooted) {
		near.files = c->host;
		near.dir = "";
	}
	rc = ohc_component_input_at(&near, path, OHC_FILES_FOLLOW, ret, err);
	if (rc < 0)
		return rc;
	free(ret->given);
	ret->given = rooted ? ohc_xasprintf("%s%s", c->root_dir, given) : ohc_xstrdup(given);
	if (ret->place.found == OHC_FILES_THERE)
		return 0;
	rc = ohc_error_set(err, OHC_E_NOT_FOUND, "there is no '%s'", ret->given);
	ohc_component_input_clear(ret);
	return rc;
}

bool ohc_component_has(const struct ohc_component *c, const char *from)
{
	ohc_cleanup(ohc_component_input_clear) struct ohc_component_input in = { .files = NULL };

	return ohc_component_input_find(c, from, &in, NULL) == 0;
}

void ohc_component_input_clear(struct ohc_component_input *in)
{
	ohc_files_place_clear(&in->place);
	free(in->given);
	memset(in, 0, sizeof(*in));
}

char *ohc_component_input_disk(const struct ohc_component_input *in)
{
	return ohc_xasprintf("%s%s", in->dir, in->place.path);
}

char *ohc_component_to(const struct ohc_component *c, const char *below)
{
	return *below ? ohc_xasprintf("%s/%s", c->prefix, below) : ohc_xstrdup(c->prefix);
}

char *ohc_component_copied_to(const struct ohc_recipe_item *item, bool is_dir)
{
	if (item->to && (*item->to || is_dir))
		return ohc_xstrdup(item->to);
	if (is_dir)
		return ohc_xstrdup("");
	return ohc_xasprintf("%s%s", item->to ? "" : "bin/", ohc_path_name(item->from));
}

static int add_copy(struct ohc_component *c, const struct ohc_recipe_item *item,
		    struct ohc_error *err)
{
	ohc_cleanup(ohc_component_input_clear) struct ohc_component_input in = { .files = NULL };
	ohc_cleanup(ohc_freep) char *to = NULL, *below = NULL;
	const struct ohc_component_copy how = { .item = item,
						.exclude = &item->exclude,
						.dereference = item->dereference,
						.mode = item->mode };
	int rc = ohc_component_input_find(c, item->from, &in, err);

	if (rc < 0)
		return rc;
	below = ohc_component_copied_to(item, S_ISDIR(in.place.node.mode));
	to = ohc_component_to(c, below);
	return ohc_component_copy(c, &how, &in, to, err);
}

int ohc_component_add(struct ohc_component *c, const struct ohc_recipe_item *item,
		      struct ohc_error *err)
{
	static int (*const kinds[OHC_RECIPE_KINDS])(
		struct ohc_component *, const struct ohc_recipe_item *, struct ohc_error *) = {
		[OHC_RECIPE_COPY] = add_copy,
		[OHC_RECIPE_PROGRAM] = ohc_component_program,
		[OHC_RECIPE_PYTHON] = ohc_component_python,
		[OHC_RECIPE_BROWSER] = ohc_component_browser,
		[OHC_RECIPE_PYINSTALLER] = ohc_component_pyinstaller,
		[OHC_RECIPE_CERTIFICATES] = ohc_component_certificates,
		[OHC_RECIPE_LOCALE] = ohc_component_locale,
		[OHC_RECIPE_FONTS] = ohc_component_fonts,
	};
	int rc = kinds[item->kind](c, item, err);

	return rc < 0 ? ohc_recipe_wrap(c->recipe, item->at, rc, err) : 0;
}

int ohc_component_tree(struct ohc_component *c, const char *from, const char *to,
		       struct ohc_error *err)
{
	static const struct ohc_recipe_item item = { .kind = OHC_RECIPE_COPY, .at = (char *)"" };
	ohc_cleanup(ohc_component_input_clear) struct ohc_component_input in = { .files = NULL };
	const struct ohc_component_copy how = { .item = &item,
						.dereference = true,
						.skip_dangling = true };
	ohc_cleanup(ohc_freep) char *path = ohc_component_to(c, to);
	int rc = ohc_component_input_find(c, from, &in, err);

	return rc < 0 ? rc : ohc_component_copy(c, &how, &in, path, err);
}

void ohc_component_clear(struct ohc_component *c)
{
	free(ohc_take(c->browser));
	free(ohc_take(c->python));
}
