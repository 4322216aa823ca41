/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opens the payload that the command line names.
 *
 *	struct ohc_payload_source source = { .local = NULL };
 *
 *	rc = ohc_payload_spec_parse(text, &source.spec, err);
 *	rc = ohc_payload_source_look(&source, &rules, err);	is there such a file?
 *	rc = ohc_payload_open(&opener, &source, &platform, given, &payload, err);
 *	...
 *	ohc_payload_free(payload);
 *	ohc_payload_source_clear(&source);
 *
 * A directory or a tar is one payload for all platforms that a run makes images for: it is opened
 * (and a tar is read) once.  An image is another payload for each platform.
 */
#ifndef OHC_COMPOSE_PAYLOAD_SOURCE_H
#define OHC_COMPOSE_PAYLOAD_SOURCE_H

#include <sys/types.h>

#include "compose/payload/kept.h"
#include "compose/payload/payload.h"
#include "compose/transports/transports.h"
#include "layout/rootfs/peek.h"

/* An image whose manifest and config were read. */
struct ohc_payload_image {
	struct ohc_store *store; /* NULL: it was not read */
	struct ohc_loaded loaded;
};

struct ohc_payload_source {
	struct ohc_payload_spec spec;        /* of one that is kept: source is for messages alone */
	const struct ohc_payload_kept *kept; /* of an image that is made again; or NULL */
	struct ohc_payload *local;           /* a directory or a tar; NULL: an image */
	struct ohc_payload_image read;       /* an image whose labels were read already */
};

enum ohc_payload_look {
	OHC_PAYLOAD_TRUST,   /* the layers of an image are not read where its labels count, … */
	OHC_PAYLOAD_ALONE,   /* … only where they say that it needs no library of the base */
	OHC_PAYLOAD_PEEK,    /* its layers are read, whatever its labels say */
	OHC_PAYLOAD_EXTRACT, /* … and its part at the target becomes one layer in any case */
};

struct ohc_payload_opener {
	struct ohc_transports *transports;
	struct ohc_peek *peek; /* stays as long as a payload that is not read */
	const struct ohc_making_rules *rules;
	enum ohc_payload_look look;
};

/* Is there such a file, of a kind that can be a payload?  Nothing is read.  Of an image that is no
 * layout and no archive, and of standard input, nothing is looked at.  *ret_mode, which may be
 * NULL, is as of struct stat; 0: nothing was looked at. */
int ohc_payload_source_find(const struct ohc_payload_spec *spec, mode_t *ret_mode,
			    struct ohc_error *err);

/* Opens a directory or a tar.  spec.target is set, and rules stay as long as the source. */
int ohc_payload_source_look(struct ohc_payload_source *s, const struct ohc_making_rules *rules,
			    struct ohc_error *err);
void ohc_payload_source_clear(struct ohc_payload_source *s);

/* given: an image must be for the platform `want`, which otherwise only chooses from an index.
 * *ret is the caller's to free; the source must stay as long. */
int ohc_payload_open(const struct ohc_payload_opener *o, const struct ohc_payload_source *s,
		     const struct ohc_platform *want, bool given, struct ohc_payload **ret,
		     struct ohc_error *err);

#endif
