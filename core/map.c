// SPDX-License-Identifier: Apache-2.0
/* tsearch(3)'s balanced tree, as core/set.c. */
#include "core/map.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"

struct ohc_map {
	void *root;
};

struct map_pair {
	size_t value;
	char key[];
};

/* The key that is looked for stands alone, behind a pointer of its own. */
struct map_wanted {
	const char *key;
};

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct map_pair *)a)->key, ((const struct map_pair *)b)->key);
}

static int compare_wanted(const void *wanted, const void *pair)
{
	return strcmp(((const struct map_wanted *)wanted)->key,
		      ((const struct map_pair *)pair)->key);
}

static struct map_pair *find(const struct ohc_map *map, const char *key)
{
	const struct map_wanted wanted = { key };
	struct map_pair **node = tfind(&wanted, &map->root, compare_wanted);

	return node ? *node : NULL;
}

struct ohc_map *ohc_map_new(void)
{
	return ohc_xcalloc(1, sizeof(struct ohc_map));
}

void ohc_map_free(struct ohc_map *map)
{
	if (!map)
		return;
	tdestroy(map->root, free);
	free(map);
}

static void insert(struct ohc_map *map, const char *key, size_t value)
{
	size_t n = strlen(key) + 1;
	struct map_pair *pair = ohc_xmalloc(sizeof(*pair) + n);

	pair->value = value;
	memcpy(pair->key, key, n);
	if (!tsearch(pair, &map->root, compare))
		abort(); /* no memory, as everywhere (core/alloc.h) */
}

void ohc_map_put(struct ohc_map *map, const char *key, size_t value)
{
	struct map_pair *pair = find(map, key);

	if (pair)
		pair->value = value;
	else
		insert(map, key, value);
}

bool ohc_map_add(struct ohc_map *map, const char *key, size_t value, size_t *ret)
{
	const struct map_pair *pair = find(map, key);

	if (pair) {
		*ret = pair->value;
		return false;
	}
	insert(map, key, value);
	return true;
}

void ohc_map_remove(struct ohc_map *map, const char *key)
{
	struct map_pair *pair = find(map, key);

	if (!pair)
		return;
	tdelete(pair, &map->root, compare);
	free(pair);
}

bool ohc_map_get(const struct ohc_map *map, const char *key, size_t *ret)
{
	const struct map_pair *pair = find(map, key);

	if (pair)
		*ret = pair->value;
	return pair != NULL;
}
