/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keeps what tags name for one run: whatever a run makes of a tag, it makes all of it of the same
 * manifest, and asks for that once.  For stores that are read from; what is written to is asked.
 *
 *	rc = ohc_held_tags_begin(held, "r.io/app", "1", &d, err);
 *	if (rc > 0)
 *		... d is what it named when it was asked for first ...
 *	if (rc == 0) {
 *		... asks: rc, and d ...
 *		ohc_held_tags_end(held, "r.io/app", "1", &d, rc, err);
 *	}
 *
 * May be used from several threads: one asks, and who wants the same tag waits for it.
 */
#ifndef OHC_OCI_STORE_HELD_TAGS_H
#define OHC_OCI_STORE_HELD_TAGS_H

#include <stdbool.h>

#include "core/error.h"
#include "oci/documents/descriptor.h"

struct ohc_held_tags;

struct ohc_held_tags *ohc_held_tags_new(void);
void ohc_held_tags_free(struct ohc_held_tags *h);

/* The store is given by its name.  1: it is known; OHC_E_NOT_FOUND: it is known to name nothing; 0:
 * the caller is the one who asks. */
int ohc_held_tags_begin(struct ohc_held_tags *h, const char *store, const char *tag,
			struct ohc_descriptor *ret, struct ohc_error *err);

/* rc and err: what came of it.  Where it is neither 0, with a digest, nor OHC_E_NOT_FOUND, the next
 * one asks again. */
void ohc_held_tags_end(struct ohc_held_tags *h, const char *store, const char *tag,
		       const struct ohc_descriptor *d, int rc, const struct ohc_error *err);

/* Notes that the manifest which a held tag names is read; false: that was noted before. */
bool ohc_held_tags_read(struct ohc_held_tags *h, const char *store, const char *tag);

#endif
