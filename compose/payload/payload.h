/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A payload, whatever it is: a directory (compose/payload/of_dir.h), a tar (of_tar.h) or an image
 * (of_image.h).  compose/payload/source.h opens the one that the command line names; no other code
 * needs to know which it is.
 *
 *	rc = ohc_payload_entries(payload, &index, err);		its paths, with facts of its files
 *	if (ohc_payload_has(payload, "/openhands/bin/bash"))
 *		...
 *	ohc_payload_add_parts(payload, &parts);			the layers that it becomes
 *	...							moved (compose/layers/move.h)
 *	ohc_payload_free(payload);
 *
 * A payload's entries and bytes are read when they are needed first.  Its entries are kept in the
 * cache by the payload's identity, so that the next run opens none of its files.
 *
 * A directory is walked once.  Its identity must be known before the cache can be asked for the
 * facts of its files or for its layer, so that walk opens nothing; it lists the entries, and where
 * the cache did not know them, the facts open those of the listed files that they are made of, and
 * the layer opens all.  These are two readings, because the facts (will it run, and on which
 * platform?) decide whether a layer is made at all.  A tar is read once for all three, and the
 * cache has the indexes of an image's layers.
 */
#ifndef OHC_COMPOSE_PAYLOAD_PAYLOAD_H
#define OHC_COMPOSE_PAYLOAD_PAYLOAD_H

#include <pthread.h>
#include <stdatomic.h>

#include "compose/layers/part.h"
#include "compose/payload/arch_votes.h"
#include "compose/payload/label.h"
#include "compose/payload/spec.h"
#include "layout/files/files.h"
#include "layout/fit/fit.h"
#include "layout/layer/assembly.h"

struct ohc_payload;

struct ohc_payload_ops {
	/* Reads, once, what the other functions except `entries` depend on.  NULL: nothing. */
	int (*ready)(struct ohc_payload *p, struct ohc_error *err);

	/* A digest of its content: while this stays the same, so does the payload.  NULL: there is
	 * none, as for a directory that was written to moments ago. */
	const char *(*identity)(struct ohc_payload *p);

	/* The index of its entries as one layer (layout/rootfs/layer_index.h).  *ret is the
	 * payload's. */
	int (*entries)(struct ohc_payload *p, const struct ohc_buf **ret, struct ohc_error *err);

	/* Tells the same entries, and implied directories.  For an image its layers are read,
	 * whatever its labels say.  NULL: tells those of the index. */
	int (*walk)(struct ohc_payload *p, ohc_fit_entry_fn fn, void *ctx, struct ohc_error *err);

	/* Does it have a file or a symlink at that path below the target? */
	bool (*has)(struct ohc_payload *p, const char *path);

	/* Frees what can be had again of its entries' index.  NULL: nothing. */
	void (*slim)(struct ohc_payload *p);

	/* Adds its layers; they refer to the payload. */
	void (*add_parts)(struct ohc_payload *p, struct ohc_parts *parts);

	/* Its entries, to be put into a layer with others; their bytes are read now.  *ret is the
	 * caller's, who frees it before the payload. */
	int (*assembly)(struct ohc_payload *p, struct ohc_assembly **ret, struct ohc_error *err);

	/* Is it a part of an image that has databases of packages outside that part?  NULL: no. */
	bool (*has_packages)(struct ohc_payload *p);

	/* That image's root, with the contents of those, and where in it the part lies.  *ret is
	 * the caller's. */
	int (*root)(struct ohc_payload *p, struct ohc_files **ret, const char **ret_at,
		    struct ohc_error *err);

	void (*free)(struct ohc_payload *p);
};

struct ohc_payload {
	const struct ohc_payload_ops *ops;
	atomic_uint refs;
	pthread_mutex_t lock; /* for what is found out when it is needed first */
	struct ohc_error failure;
	int failed; /* of a payload that cannot be read; 0: it can, as far as is known */
	char *source, *target;
	const struct ohc_making_rules *rules;
	struct ohc_arch_votes *votes; /* of its entries; NULL: they were not counted */

	/* Of an image, else NULL: */
	struct ohc_store *store;
	const struct ohc_loaded *image;
	const struct ohc_payload_label *label; /* NULL: it has none that counts */
	bool unread;                   /* only the label is known: its layers were not read */
	const struct ohc_rootfs *tree; /* its layers, where they are used as they are; or NULL */
};

/* For the makers of payloads: source, target and rules are copied or referred to, refs is 1. */
void ohc_payload_init(struct ohc_payload *p, const struct ohc_payload_ops *ops,
		      const struct ohc_payload_spec *spec, const struct ohc_making_rules *rules);

/* Walks the index for ohc_payload_walk(), with the times that the layer's entries will have. */
int ohc_payload_walk_index(struct ohc_payload *p, ohc_fit_entry_fn fn, void *ctx,
			   struct ohc_error *err);

/* ohc_payload_open() has called it.  One that cannot be read fails for all images that share it,
 * and is not read once more for each. */
int ohc_payload_ready(struct ohc_payload *p, struct ohc_error *err);

/* Tells that it cannot be read: it will not be ready any more. */
void ohc_payload_fail(struct ohc_payload *p, int rc, const struct ohc_error *why);

/* Was it found that it cannot be read?  Nothing of it is read for that. */
bool ohc_payload_has_failed(struct ohc_payload *p);

const char *ohc_payload_identity(struct ohc_payload *p);
int ohc_payload_entries(struct ohc_payload *p, const struct ohc_buf **ret, struct ohc_error *err);

/* Counts for which processors its files are, once: the cache has it by the payload's identity.
 * *ret is the payload's. */
int ohc_payload_votes(struct ohc_payload *p, const struct ohc_arch_votes **ret,
		      struct ohc_error *err);
int ohc_payload_walk(struct ohc_payload *p, ohc_fit_entry_fn fn, void *ctx, struct ohc_error *err);
bool ohc_payload_has(struct ohc_payload *p, const char *path);

/* A large tree is made of the entries next: what the payload keeps beside them is freed, its tree
 * among it. */
void ohc_payload_slim(struct ohc_payload *p);
void ohc_payload_add_parts(struct ohc_payload *p, struct ohc_parts *parts);

/* OHC_E_UNSUPPORTED of a directory, of which pack makes a recipe. */
int ohc_payload_assembly(struct ohc_payload *p, struct ohc_assembly **ret, struct ohc_error *err);

/* Where it has none, *ret of the second is NULL. */
bool ohc_payload_has_packages(struct ohc_payload *p);
int ohc_payload_root(struct ohc_payload *p, struct ohc_files **ret, const char **ret_at,
		     struct ohc_error *err);

/* Adds an owner; each owner frees it. */
struct ohc_payload *ohc_payload_ref(struct ohc_payload *p);
void ohc_payload_free(struct ohc_payload *p);

#endif
