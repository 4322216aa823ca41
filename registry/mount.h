/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Remembers which blobs were mounted where.  distribution 2.8 loses one of two mounts of the same
 * blob into the same repository at the same time (the manifest is refused afterwards, "blob
 * unknown"), so a client asks one at a time per repository and digest: the second waits for the
 * first's outcome.  A mount that worked is not asked for again; one that was refused is tried with
 * the next repository that is known to have the blob.
 */
#ifndef OHC_REGISTRY_MOUNT_H
#define OHC_REGISTRY_MOUNT_H

#include <stdbool.h>

struct ohc_mounts;

struct ohc_mounts *ohc_mounts_new(void);
void ohc_mounts_free(struct ohc_mounts *m);

/* The blob is not in the repository, whatever a mount came to. */
void ohc_mounts_forget(struct ohc_mounts *m, const char *repo, const char *digest);

#endif
