// SPDX-License-Identifier: Apache-2.0
/* Reads a recipe's launchers, and what all of its lists share. */
#include <string.h>

#include "core/buf.h"
#include "core/path.h"
#include "layout/recipes/recipe_internal.h"

struct ohc_reader ohc_recipe_inner(const struct ohc_reader *r, void *base)
{
	struct ohc_reader inner = *r;

	inner.base = base;
	return inner;
}

char *ohc_recipe_plain(const char *path)
{
	return ohc_xstrndup(path + 1, strlen(path) - 2);
}

int ohc_recipe_read_below(struct ohc_reader *r, json_t *v, const char *path, void *to)
{
	const char *s = json_string_value(v);

	if (!s)
		return ohc_json_member_wrong(r, path, "is not a string");
	if (*s == '/')
		return ohc_json_member_wrong(r, path,
					     "starts with '/': it is a path below the prefix, as "
					     "'bin/tmux'");
	if (ohc_path_has_up(s))
		return ohc_json_member_wrong(r, path, "has '..' in it");
	free(*(char **)to);
	*(char **)to = ohc_path_clean(s);
	return 0;
}

/* Below the prefix, or of another payload or the base. */
static int read_program(struct ohc_reader *r, json_t *v, const char *path, void *to)
{
	const char *s = json_string_value(v);

	if (!s || *s != '/')
		return ohc_recipe_read_below(r, v, path, to);
	if (!ohc_path_is_normal(s) || !s[1])
		return ohc_json_member_wrong(r, path,
					     "has '//', '.' or '..' in it, or a '/' at its end");
	free(*(char **)to);
	*(char **)to = ohc_xstrdup(s);
	return 0;
}

struct ohc_recipe_launcher *ohc_recipe_add_launcher(struct ohc_recipe *r, const char *name,
						    const char *program)
{
	struct ohc_recipe_launcher *l;

	r->launchers = ohc_xrealloc(r->launchers, r->n_launchers + 1, sizeof(*l));
	l = &r->launchers[r->n_launchers++];
	*l = (struct ohc_recipe_launcher){
		.at = ohc_xasprintf("launchers[%zu]", r->n_launchers - 1),
		.name = ohc_xstrdup(name),
		.program = ohc_xstrdup(program),
	};
	return l;
}

#define AT(field) offsetof(struct ohc_recipe_launcher, field)

static const struct ohc_json_member members[] = {
	{ "name", ohc_json_member_text, AT(name) },
	{ "if", ohc_recipe_read_from, AT(when) },
	{ "program", read_program, AT(program) },
	{ "args", ohc_json_member_texts, AT(args) },
	{ "env", ohc_json_member_assignments, AT(env) },
};

static int read_one(struct ohc_reader *r, json_t *v, struct ohc_recipe_launcher *l)
{
	struct ohc_reader inner = ohc_recipe_inner(r, l);
	ohc_cleanup(ohc_freep) char *where = ohc_xasprintf("'%s'", l->at);
	int rc;

	rc = ohc_json_members_read(&inner, v, l->at, members, OHC_ARRAY_SIZE(members));
	if (rc == 0 && (!l->name || !*l->name || strchr(l->name, '/')))
		return ohc_json_member_wrong(r, where, "has no 'name', or one with a '/' in it");
	if (rc == 0 && (!l->program || !*l->program))
		return ohc_json_member_wrong(r, where, "has no 'program'");
	return rc;
}

int ohc_recipe_read_launchers(struct ohc_reader *r, json_t *v, const char *path, void *to)
{
	struct ohc_recipe *recipe = r->base;
	json_t *element;
	size_t i;
	int rc = 0;

	(void)to;
	if (!json_is_array(v))
		return ohc_json_member_wrong(r, path, "is not an array of launchers");
	json_array_foreach (v, i, element) {
		struct ohc_recipe_launcher *l = ohc_recipe_add_launcher(recipe, "", "");

		free(ohc_take(l->name));
		free(ohc_take(l->program));
		rc = read_one(r, element, l);
		if (rc < 0)
			break;
	}
	return rc;
}
