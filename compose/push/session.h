/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A session is shared by pushes that run one after the other or at the same time: stores (with
 * connections and tokens), knowledge of layers, the payloads of this machine, and where their
 * layers lie once one push has brought them there.
 *
 *	s = ohc_push_session_new(transports, &(struct ohc_push_session_options){ … });
 *	rc = ohc_push_in(s, &options, &result, err);		any number of times, from any thread
 *	ohc_push_session_free(s);
 */
#ifndef OHC_COMPOSE_PUSH_SESSION_H
#define OHC_COMPOSE_PUSH_SESSION_H

#include "compose/layers/part.h"
#include "compose/payload/shelf.h"
#include "compose/plan/adapters.h"
#include "compose/push/bom.h"
#include "compose/transports/transports.h"
#include "layout/rootfs/peek.h"

struct ohc_push_session;

struct ohc_push_session_options {
	struct ohc_cache *cache; /* NULL: none */
	struct ohc_report *report;
	const struct ohc_scan_limits *limits; /* of layers that are read; NULL: the default */
	unsigned int jobs;                    /* layers read at a time; 0: the default */
	bool alone;                           /* of one push */
};

struct ohc_push_session *ohc_push_session_new(struct ohc_transports *transports,
					      const struct ohc_push_session_options *o);
void ohc_push_session_free(struct ohc_push_session *s);

struct ohc_transports *ohc_push_session_transports(struct ohc_push_session *s);
struct ohc_peek *ohc_push_session_peek(struct ohc_push_session *s);
struct ohc_payload_shelf *ohc_push_session_shelf(struct ohc_push_session *s);
struct ohc_adapters *ohc_push_session_adapters(struct ohc_push_session *s);
struct ohc_boms *ohc_push_session_boms(struct ohc_push_session *s);
bool ohc_push_session_alone(const struct ohc_push_session *s);

/* Held while layers of payloads of this machine are made, so that one that several images need is
 * made once: the others wait, and find it made. */
void ohc_push_session_lock(struct ohc_push_session *s);
void ohc_push_session_unlock(struct ohc_push_session *s);

/* Gives the layer of a payload that was made before, as one that lies in a store; false: none
 * was.  sure: one of which an earlier run knew that it is there is not enough. */
bool ohc_push_session_made(struct ohc_push_session *s, const struct ohc_payload *p, bool sure,
			   struct ohc_part *ret);

/* Tells that the layer of p was made, and lies in the image `name` now; sure: this run has brought
 * or seen it there.  One in an archive cannot be read again. */
void ohc_push_session_remember(struct ohc_push_session *s, struct ohc_payload *p,
			       const struct ohc_part *part, const struct ohc_name *name, bool sure);

#endif
