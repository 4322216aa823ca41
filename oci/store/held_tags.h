/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keeps what tags name for one run: whatever a run makes of a tag, it makes all of it of the same
 * manifest, and asks for that once.  For stores that are read from; what is written to is asked.
 *
 *	if (ohc_held_tags_begin(held, "r.io/app", "1", &d))
 *		... d is what it named when it was asked for first ...
 *	else
 *		... ask ...
 *		ohc_held_tags_end(held, "r.io/app", "1", rc == 0 ? &d : NULL);
 *
 * May be used from several threads: one asks, and who wants the same tag waits for it.
 */
#ifndef OHC_OCI_STORE_HELD_TAGS_H
#define OHC_OCI_STORE_HELD_TAGS_H

#include <stdbool.h>

#include "oci/documents/descriptor.h"

struct ohc_held_tags;

struct ohc_held_tags *ohc_held_tags_new(void);
void ohc_held_tags_free(struct ohc_held_tags *h);

/* The store is given by its name.  False: it is not known, and the caller is the one who asks. */
bool ohc_held_tags_begin(struct ohc_held_tags *h, const char *store, const char *tag,
			 struct ohc_descriptor *ret);

/* d: what it names; NULL: that could not be told, and the next one asks again. */
void ohc_held_tags_end(struct ohc_held_tags *h, const char *store, const char *tag,
		       const struct ohc_descriptor *d);

#endif
