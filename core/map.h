/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A map from strings to numbers (most often places in a list), for lists of thousands where to look
 * at each entry would take too long.
 *
 *	struct ohc_map *places = ohc_map_new();
 *
 *	ohc_map_put(places, name, i);
 *	if (ohc_map_get(places, name, &at))
 *		... list.v[at] ...
 *	ohc_map_free(places);
 */
#ifndef OHC_CORE_MAP_H
#define OHC_CORE_MAP_H

#include <stdbool.h>
#include <stddef.h>

struct ohc_map;

struct ohc_map *ohc_map_new(void);
void ohc_map_free(struct ohc_map *map);

/* Takes the place of the number that was there.  The string is copied. */
void ohc_map_put(struct ohc_map *map, const char *key, size_t value);

/* False: there is one already, which stays and is *ret. */
bool ohc_map_add(struct ohc_map *map, const char *key, size_t value, size_t *ret);

void ohc_map_remove(struct ohc_map *map, const char *key);

/* False: there is none, and *ret stays as it is. */
bool ohc_map_get(const struct ohc_map *map, const char *key, size_t *ret);

#endif
