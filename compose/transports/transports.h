/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opens the store of an image name, of any kind: the one file that knows all kinds.  Stores of one
 * struct ohc_transports share a registry client, and so connections and tokens; they are closed
 * before it.  All of it may be used from several threads.
 *
 * A base, a payload or the source of a copy may be read with other credentials than those for the
 * destination: then there are two clients.
 */
#ifndef OHC_COMPOSE_TRANSPORTS_TRANSPORTS_H
#define OHC_COMPOSE_TRANSPORTS_TRANSPORTS_H

#include "compose/transports/load.h"
#include "core/turns.h"
#include "oci/documents/name.h"
#include "oci/store/store.h"
#include "registry/limits.h"
#include "registry/registry.h"

struct ohc_transports;

/* own: for the destination, or the only name; src: for bases, payloads and sources. */
struct ohc_transports *ohc_transports_new(const struct ohc_registry_options *own,
					  const struct ohc_registry_options *src);
void ohc_transports_free(struct ohc_transports *p);
void ohc_transports_freep(struct ohc_transports **p);

/* For many images in one run: from now on a tag that is read names what it named first, and images
 * that were read are kept (compose/transports/loads.h).  Before any name is opened; a second time
 * does nothing. */
void ohc_transports_hold(struct ohc_transports *p);

/* Of the hosts that are asked, by both clients. */
struct ohc_limits *ohc_transports_limits(struct ohc_transports *p);

/* Warns where a manifest of that type was written to a store in which few tools look for one:
 * neither skopeo nor umoci finds Docker's in a layout. */
void ohc_transports_say_format(struct ohc_report *report, const struct ohc_name *dest,
			       const char *media_type);

/* A thread that brings a blob to a registry waits here for another one that brings the same blob,
 * which is there, or can be mounted, afterwards.  Turns go by "HOST DIGEST". */
struct ohc_turns *ohc_transports_copying(struct ohc_transports *p);

/* Blobs that this run has brought to a repository ("HOST/REPO"). */
void ohc_transports_note(struct ohc_transports *p, const char *repo, const char *digest);
bool ohc_transports_noted(struct ohc_transports *p, const char *repo, const char *digest);

enum ohc_use {
	OHC_USE_SOURCE, /* it is read to make something of it */
	OHC_USE_OWN,    /* it is read for itself, or beside the destination */
	OHC_USE_WRITE,  /* images will be put there, so what is not there yet is made */
};

int ohc_transports_open(struct ohc_transports *p, const struct ohc_name *name, enum ohc_use use,
			struct ohc_store **ret, struct ohc_error *err);

/* Finds what is wrong with the files that credentials for a name are looked up in, without a
 * request; a name that is no registry's needs none. */
int ohc_transports_check_login(struct ohc_transports *p, const struct ohc_name *name,
			       enum ohc_use use, struct ohc_error *err);

/* As ohc_load_image(), of a store that was opened here; where images are kept, it is read once. */
int ohc_transports_load(struct ohc_transports *p, struct ohc_store *s, const char *ref,
			const char *what, const struct ohc_platform *want, bool given,
			struct ohc_loaded *ret, struct ohc_error *err);

/* The digest that a name names now, or has in it; "scratch" is "scratch".  Asks no more than it
 * must: for a source once for each of a registry's tags, where tags are held.  The requests are
 * added to *requests. */
int ohc_transports_digest(struct ohc_transports *p, const struct ohc_name *name, enum ohc_use use,
			  char ret[OHC_DIGEST_MAX], uint64_t *requests, struct ohc_error *err);

#endif
