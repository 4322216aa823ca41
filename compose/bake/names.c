// SPDX-License-Identifier: Apache-2.0
#include "compose/bake/names.h"

#include <search.h>
#include <string.h>

#include "compose/bake/template.h"
#include "core/alloc.h"
#include "core/hash.h"
#include "oci/documents/name.h"

#define UNKNOWN                                                               \
	(1u << OHC_TEMPLATE_BASE_DIGEST | 1u << OHC_TEMPLATE_PAYLOAD_DIGEST | \
	 1u << OHC_TEMPLATE_ARCH)

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

static int check_template(const struct ohc_bake_settings *s, unsigned int *ret_uses,
			  struct ohc_error *err)
{
	int rc = ohc_template_check(s->dest, ret_uses, err);

	if (rc == 0 && (*ret_uses & OF_IMAGE))
		rc = ohc_error_set(err, OHC_E_USAGE,
				   "'%s': {image.tag} and {image.repo} are of an image that is "
				   "upgraded",
				   s->dest);
	return rc;
}

/* A destination of the command line is no fault of the list. */
static int wrong_dest(const struct ohc_bake_list *list, const struct ohc_bake_image *image,
		      bool listed, int rc, struct ohc_error *err)
{
	if (!list->what || listed)
		return ohc_bake_list_wrong(list, image, rc, err);
	return ohc_error_wrap(err, rc, "%s: %s: --dest", list->what, image->where);
}

static int name_image(const struct ohc_bake_list *list, struct ohc_bake_image *image,
		      unsigned int *ret_uses, struct ohc_error *err)
{
	struct ohc_bake_settings *s = &image->settings;
	unsigned int uses = 0;
	struct ohc_name base;
	char *dest;
	int rc;

	if (!s->dest)
		return ohc_error_set(err, OHC_E_USAGE,
				     "no destination: --dest, or a member 'dest' of the list");
	rc = check_template(s, &uses, err);
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
	*ret_uses = uses & UNKNOWN;
	rc = check_dest(dest, err);
	return rc < 0 ? wrong_dest(list, image, image->has_dest, rc, err) : 0;
}

/* It keeps its own name, and takes none. */
static bool is_left(const struct ohc_bake_image *image)
{
	return image->again && image->again->left;
}

/* Where a part of a name is not known yet, the base's name stands for it. */
static char *identity(const struct ohc_bake_image *image, unsigned int uses)
{
	return uses ? ohc_xasprintf("%s %s", image->settings.dest, image->settings.base)
		    : ohc_xstrdup(image->settings.dest);
}

struct taken {
	char *name;
	const struct ohc_bake_image *image;
};

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct taken *)a)->name, ((const struct taken *)b)->name);
}

static int take(const struct ohc_bake_list *list, void **tree, struct taken *t,
		struct ohc_error *err)
{
	struct taken *const *at = tsearch(t, tree, by_name);
	int rc;

	if (!at)
		abort(); /* no memory, as everywhere (core/alloc.h) */
	if (*at == t)
		return 0;
	rc = ohc_error_set(err, OHC_E_USAGE,
			   "'%s' is the destination of %s, too (bases '%s' and '%s')",
			   t->image->settings.dest, (*at)->image->where, t->image->settings.base,
			   (*at)->image->settings.base);
	return wrong_dest(list, t->image, t->image->has_dest || (*at)->image->has_dest, rc, err);
}

static void keep(void *p)
{
	(void)p; /* the names are an array's */
}

static int check_different(const struct ohc_bake_list *list, const unsigned int *uses,
			   struct ohc_error *err)
{
	struct taken *taken = ohc_xcalloc(list->n, sizeof(*taken));
	void *tree = NULL;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < list->n; i++) {
		if (is_left(&list->v[i]))
			continue;
		taken[i] = (struct taken){ identity(&list->v[i], uses[i]), &list->v[i] };
		rc = take(list, &tree, &taken[i], err);
	}
	tdestroy(tree, keep);
	for (size_t i = 0; i < list->n; i++)
		free(taken[i].name);
	free(taken);
	return rc;
}

int ohc_bake_names(struct ohc_bake_list *list, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) unsigned int *uses = ohc_xcalloc(list->n, sizeof(*uses));
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < list->n; i++) {
		if (!is_left(&list->v[i]))
			rc = name_image(list, &list->v[i], &uses[i], err);
	}
	return rc < 0 ? rc : check_different(list, uses, err);
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
