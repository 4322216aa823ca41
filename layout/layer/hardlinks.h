/* SPDX-License-Identifier: Apache-2.0 */
/* Remembers files that were written, by device and inode, and under which name. */
#ifndef OHC_LAYOUT_LAYER_HARDLINKS_H
#define OHC_LAYOUT_LAYER_HARDLINKS_H

#include <stddef.h>
#include <sys/types.h>

struct ohc_inode {
	dev_t dev;
	ino_t ino;
	char *path;
};

struct ohc_hardlinks {
	struct ohc_inode *slots;
	size_t n, cap; /* cap is a power of two, or 0 */
};

/* Returns the path under which the file was added first; or adds it under this one and returns
 * NULL. */
const char *ohc_hardlinks_add(struct ohc_hardlinks *set, dev_t dev, ino_t ino, const char *path);
void ohc_hardlinks_clear(struct ohc_hardlinks *set);

#endif
