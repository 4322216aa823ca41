// SPDX-License-Identifier: Apache-2.0
#include "layout/layer/hardlinks.h"

#include <stdint.h>
#include <string.h>

#include "core/alloc.h"

/* Open addressing; Fibonacci hashing spreads inode numbers that follow one another. */
static struct ohc_inode *find(struct ohc_inode *slots, size_t cap, dev_t dev, ino_t ino)
{
	uint64_t h = ((uint64_t)ino ^ ((uint64_t)dev << 40)) * 0x9e3779b97f4a7c15u;
	size_t i = (size_t)(h >> 20) & (cap - 1);

	while (slots[i].path && (slots[i].ino != ino || slots[i].dev != dev))
		i = (i + 1) & (cap - 1);
	return &slots[i];
}

static void grow(struct ohc_hardlinks *set)
{
	size_t cap = set->cap ? 2 * set->cap : 64;
	struct ohc_inode *slots = ohc_xcalloc(cap, sizeof(*slots));

	for (size_t i = 0; i < set->cap; i++)
		if (set->slots[i].path)
			*find(slots, cap, set->slots[i].dev, set->slots[i].ino) = set->slots[i];
	free(set->slots);
	set->slots = slots;
	set->cap = cap;
}

const char *ohc_hardlinks_add(struct ohc_hardlinks *set, dev_t dev, ino_t ino, const char *path)
{
	struct ohc_inode *slot;

	if (2 * set->n >= set->cap)
		grow(set);
	slot = find(set->slots, set->cap, dev, ino);
	if (slot->path)
		return slot->path;
	*slot = (struct ohc_inode){ dev, ino, ohc_xstrdup(path) };
	set->n++;
	return NULL;
}

void ohc_hardlinks_clear(struct ohc_hardlinks *set)
{
	for (size_t i = 0; i < set->cap; i++)
		free(set->slots[i].path);
	free(set->slots);
	memset(set, 0, sizeof(*set));
}
