/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files that are read one after another, of a listing that is known: where the system does not have
 * them in memory, each read waits for the disk, which could serve dozens at the same time.  A
 * thread then runs ahead of the reader and asks the system for what comes next (posix_fadvise(2),
 * POSIX_FADV_WILLNEED).
 *
 *	p = ohc_prefetch_new("build/openhands", &listing, NULL, NULL);
 *	while (ohc_listing_next(&it, &entry)) {
 *		ohc_prefetch_pass(p);
 *		... open the file ...
 *		ohc_prefetch_read_begins(p);
 *		... read its first bytes ...
 *		ohc_prefetch_read_ends(p);
 *	}
 *	ohc_prefetch_free(p);
 *
 * It starts only when several reads had to wait (getrusage(2), voluntary context switches): from
 * memory it would cost more than it saves.  How long a read takes does not tell: where other
 * threads want the processor, one from memory can take as long as one from a disk.  At most
 * OHC_PREFETCH_BYTES are asked for ahead of the reader, and nothing depends on it: what fails is
 * left to the reader.
 */
#ifndef OHC_LAYOUT_LAYER_PREFETCH_H
#define OHC_LAYOUT_LAYER_PREFETCH_H

#include "layout/layer/listing.h"

#define OHC_PREFETCH_BYTES (32u << 20)
#define OHC_PREFETCH_FILES 512

struct ohc_prefetch;

/* How many bytes of a file will be read; 0: none. */
typedef uint64_t (*ohc_prefetch_fn)(void *ctx, const struct ohc_listing_entry *entry);

/* dir and listing must stay.  want NULL: all of every file is read.  want may be called in another
 * thread. */
struct ohc_prefetch *ohc_prefetch_new(const char *dir, const struct ohc_listing *list,
				      ohc_prefetch_fn want, void *ctx);
void ohc_prefetch_free(struct ohc_prefetch *p);
void ohc_prefetch_freep(struct ohc_prefetch **p);

/* The reader is at the next entry of the listing. */
void ohc_prefetch_pass(struct ohc_prefetch *p);

/* Around a read.  In between the reader does not wait for anything else. */
void ohc_prefetch_read_begins(struct ohc_prefetch *p);
void ohc_prefetch_read_ends(struct ohc_prefetch *p);

/* It runs: for tests. */
bool ohc_prefetch_runs(const struct ohc_prefetch *p);

#endif
