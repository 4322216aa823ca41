/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which blobs were mounted where.  distribution 2.8 loses one of two mounts of the same blob into
 * the same repository at the same time (the manifest is refused afterwards, "blob unknown"), so a
 * client asks once per repository and digest, and who comes second waits for the first's outcome.
 */
#ifndef OHC_REGISTRY_MOUNT_H
#define OHC_REGISTRY_MOUNT_H

#include <stdbool.h>

struct ohc_mounts;

struct ohc_mounts *ohc_mounts_new(void);
void ohc_mounts_free(struct ohc_mounts *m);

/* True: the caller is the first and must call _end().  False: *ret is what came of it. */
bool ohc_mounts_begin(struct ohc_mounts *m, const char *repo, const char *digest, bool *ret);
void ohc_mounts_end(struct ohc_mounts *m, const char *repo, const char *digest, bool done);

#endif
