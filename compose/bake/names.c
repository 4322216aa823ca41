// SPDX-License-Identifier: Apache-2.0
#include "compose/bake/names.h"

#include <search.h>
#include <string.h>

#include "compose/bake/template.h"
#include "core/alloc.h"
#include "core/hash.h"
#include "core/map.h"
#include "oci/documents/name.h"

/* Upgrade fills these in before. */
#define OF_IMAGE (1u << OHC_TEMPLATE_IMAGE_TAG | 1u << OHC_TEMPLATE_IMAGE_REPO)

static char *fill(const struct ohc_bake_settings *s, const struct ohc_name *base)
{
	ohc_cleanup(ohc_freep) char *slug = ohc_template_slug(base);
	ohc_cleanup(ohc_freep) char *repo = ohc_template_repo(base);
	ohc_cleanup(ohc_freep) char *tag = ohc_template_tag(base);
	const struct ohc_template_values values = {
		.v = { [OHC_TEMPLATE_BASE_SLUG] = slug,
		       [OHC_TEMPLATE_BASE_REPO] = repo,
		       [OHC_TEMPLATE_BASE_TAG] = tag,
		       [OHC_TEMPLATE_PROFILE] = s->push.profile ? s->push.profile : "openhands" },
	};

	return ohc_template_expand(s->dest, &values);
}

/* A name with braces in it is checked when they are filled in. */
static int check_dest(const char *dest, struct ohc_error *err)
{
	struct ohc_name name;
	int rc = strchr(dest, '{') ? 0 : ohc_name_parse(dest, &name, err);

	if (rc == 0 && !strchr(dest, '{'))
		ohc_name_clear(&name);
	return rc;
}

static int check_template(const struct ohc_bake_settings *s, struct ohc_error *err)
{
	unsigned int uses = 0;
	int rc = ohc_template_check(s->dest, &uses, err);

	if (rc == 0 && (uses & OF_IMAGE))
		rc = ohc_error_set(err, OHC_E_USAGE,
				   "'%s': {image.tag} and {image.repo} are of an image that is "
				   "upgraded",
				   s->dest);
	return rc;
}

/* A destination or tag of the command line is no fault of the list. */
static int wrong_name(const struct ohc_bake_list *list, const struct ohc_bake_image *image,
		      const char *option, bool listed, int rc, struct ohc_error *err)
{
	if (!list->what || listed)
		return ohc_bake_list_wrong(list, image, rc, err);
	return ohc_error_wrap(err, rc, "%s: %s: %s", list->what, image->where, option);
}

static int name_image(const struct ohc_bake_list *list, struct ohc_bake_image *image,
		      struct ohc_error *err)
{
	struct ohc_bake_settings *s = &image->settings;
	struct ohc_name base;
	char *dest;
	int rc;

	if (!s->dest)
		return ohc_error_set(err, OHC_E_USAGE,
				     "no destination: --dest, or a member 'dest' of the list");
	rc = check_template(s, err);
	if (rc < 0 && list->what && !image->has_dest)
		return ohc_error_wrap(err, rc, "--dest");
	if (rc == 0)
		rc = ohc_name_parse(s->base, &base, err);
	if (rc < 0)
		return ohc_bake_list_wrong(list, image, rc, err);
	dest = fill(s, &base);
	ohc_name_clear(&base);
	free(s->dest);
	s->dest = dest;
	rc = check_dest(dest, err);
	return rc < 0 ? wrong_name(list, image, "--dest", image->has_dest, rc, err) : 0;
}

/* It keeps its own name, and takes none. */
static bool is_left(const struct ohc_bake_image *image)
{
	return image->again && image->again->left;
}

/* "r/x", "docker://r/x" and "r/x:latest" are one name.  tag NULL: that of the destination. */
static char *whole_name(const char *dest, const char *tag)
{
	ohc_cleanup(ohc_name_clear) struct ohc_name name = { .given = NULL };
	char *own, *text;

	if (ohc_name_parse(dest, &name, NULL) < 0)
		return ohc_xstrdup(dest);
	own = name.tag;
	name.tag = tag ? (char *)tag : own;
	text = ohc_name_text(&name);
	name.tag = own;
	return text;
}

/* Where a part of a name is not known yet, the base's name stands for it.  A further tag of a
 * registry takes the place of one that is not known. */
static char *identity(const struct ohc_bake_image *image, const char *tag)
{
	const struct ohc_bake_settings *s = &image->settings;
	const char *slash = strrchr(s->dest, '/'), *unknown = strchr(s->dest, '{');
	const char *colon = slash ? strchr(slash, ':') : NULL;
	ohc_cleanup(ohc_freep) char *repo = NULL;

	if (!unknown)
		return whole_name(s->dest, tag);
	if (!tag || !colon || colon > unknown)
		return ohc_xasprintf("%s %s %s", s->dest, s->base, tag ? tag : "");
	repo = ohc_xstrndup(s->dest, (size_t)(colon - s->dest));
	return whole_name(repo, tag);
}

struct taken {
	char *name;
	const struct ohc_bake_image *image;
	const char *tag; /* NULL: the destination itself */
};

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct taken *)a)->name, ((const struct taken *)b)->name);
}

static bool is_listed(const struct taken *t)
{
	return t->tag ? t->image->has_tags : t->image->has_dest;
}

static int take(const struct ohc_bake_list *list, void **tree, struct taken *t,
		struct ohc_error *err)
{
	struct taken *const *at = tsearch(t, tree, by_name);
	int rc;

	if (!at)
		abort(); /* no memory, as everywhere (core/alloc.h) */
	if ((*at)->image == t->image)
		return 0;
	rc = ohc_error_set(err, OHC_E_USAGE, "%s'%s' is %s of %s, too (bases '%s' and '%s')",
			   t->tag ? "tag " : "", t->tag ? t->tag : t->image->settings.dest,
			   (*at)->tag ? "a tag" : "the destination", (*at)->image->where,
			   t->image->settings.base, (*at)->image->settings.base);
	return wrong_name(list, t->image, t->tag ? "--tag" : "--dest",
			  is_listed(t) || is_listed(*at), rc, err);
}

static void keep(void *p)
{
	(void)p; /* the names are an array's */
}

static size_t count_names(const struct ohc_bake_list *list)
{
	size_t n = list->n;

	for (size_t i = 0; i < list->n; i++)
		n += list->v[i].settings.push.tags.n;
	return n;
}

/* Takes the destination of an image, and its tags there. */
static int take_all(const struct ohc_bake_list *list, const struct ohc_bake_image *image,
		    void **tree, struct taken *taken, size_t *n, struct ohc_error *err)
{
	const struct ohc_strv *tags = &image->settings.push.tags;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i <= tags->n; i++) {
		const char *tag = i ? tags->v[i - 1] : NULL;

		taken[*n] = (struct taken){ identity(image, tag), image, tag };
		rc = take(list, tree, &taken[(*n)++], err);
	}
	return rc;
}

/* Composing onto a base that is a destination, too, would do so again whenever the same command is
 * run, and of two images of one list nobody knows which is made first. */
static int check_bases(const struct ohc_bake_list *list, const struct taken *taken, size_t n,
		       struct ohc_error *err)
{
	struct ohc_map *bases = ohc_map_new();
	int rc = 0;

	for (size_t i = 0; i < list->n; i++) {
		ohc_cleanup(ohc_freep) char *base = whole_name(list->v[i].settings.base, NULL);

		if (!list->v[i].again) /* upgrade has found its bases, and writes to names it has */
			ohc_map_put(bases, base, i);
	}
	for (size_t i = 0, at; rc == 0 && i < n; i++) {
		const struct taken *t = &taken[i];

		if (!ohc_map_get(bases, t->name, &at))
			continue;
		rc = ohc_error_set(err, OHC_E_USAGE,
				   "%s'%s' is the base of %s, which would be replaced: name "
				   "another destination, or that base by its digest",
				   t->tag ? "tag " : "", t->tag ? t->tag : t->image->settings.dest,
				   list->v[at].where);
		rc = wrong_name(list, t->image, t->tag ? "--tag" : "--dest", is_listed(t), rc, err);
	}
	ohc_map_free(bases);
	return rc;
}

static int check_different(const struct ohc_bake_list *list, struct ohc_error *err)
{
	struct taken *taken = ohc_xcalloc(count_names(list), sizeof(*taken));
	void *tree = NULL;
	size_t n = 0;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < list->n; i++)
		if (!is_left(&list->v[i]))
			rc = take_all(list, &list->v[i], &tree, taken, &n, err);
	if (rc == 0)
		rc = check_bases(list, taken, n, err);
	tdestroy(tree, keep);
	for (size_t i = 0; i < n; i++)
		free(taken[i].name);
	free(taken);
	return rc;
}

int ohc_bake_names(struct ohc_bake_list *list, struct ohc_error *err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < list->n; i++) {
		if (!is_left(&list->v[i]))
			rc = name_image(list, &list->v[i], err);
	}
	return rc < 0 ? rc : check_different(list, err);
}

bool ohc_bake_is_mine(const char *dest, unsigned int i, unsigned int n)
{
	ohc_cleanup(ohc_hash_freep) struct ohc_hash *h = NULL;
	char hex[OHC_HASH_HEX_MAX];

	if (n < 2)
		return true;
	h = ohc_hash_new(OHC_SHA256);
	ohc_hash_update(h, dest, strlen(dest));
	ohc_hash_hex(h, hex);
	hex[15] = 0;
	return strtoull(hex, NULL, 16) % n == i - 1;
}
