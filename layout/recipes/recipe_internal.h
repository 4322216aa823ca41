/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by the readers of a recipe: recipe.c reads the whole, item.c what layers hold. */
#ifndef OHC_LAYOUT_RECIPES_RECIPE_INTERNAL_H
#define OHC_LAYOUT_RECIPES_RECIPE_INTERNAL_H

#include "oci/documents/json_members.h"
#include "layout/recipes/recipe.h"

/* Readers of members (oci/documents/json_members.h). */
int ohc_recipe_read_layers(struct ohc_reader *r, json_t *v, const char *path, void *to);
int ohc_recipe_read_launchers(struct ohc_reader *r, json_t *v, const char *path, void *to);

/* A path of something that goes in: char *. */
int ohc_recipe_read_from(struct ohc_reader *r, json_t *v, const char *path, void *to);

/* A path below the prefix, normalized: char *. */
int ohc_recipe_read_below(struct ohc_reader *r, json_t *v, const char *path, void *to);

/* An element of a list: r with another base. */
struct ohc_reader ohc_recipe_inner(const struct ohc_reader *r, void *base);

/* "'layers[0]'" as "layers[0]"; the caller frees it. */
char *ohc_recipe_plain(const char *path);

void ohc_recipe_item_clear(struct ohc_recipe_item *item);

#endif
