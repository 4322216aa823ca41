/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Copies blobs from one store to another: only those that are missing, without a temporary file,
 * with size and digest checked on the way.
 *
 *	rc = ohc_copy_blobs(from, to, manifest.layers, manifest.n_layers, jobs, report, actions,
 *			    err);
 *
 * Each blob is a task of the report ("copy", "layer sha256:0123456789ab"), which ends with the
 * action's name.
 */
#ifndef OHC_OCI_IMAGE_COPY_H
#define OHC_OCI_IMAGE_COPY_H

#include "core/report.h"
#include "oci/store/store.h"

enum ohc_copy_action {
	OHC_COPY_KEPT,    /* it was there already */
	OHC_COPY_MOUNTED, /* made to appear there without moving its bytes */
	OHC_COPY_COPIED,
	OHC_COPY_FOREIGN, /* a layer that registries do not hold: neither read nor written */
};

/* "kept", "mounted", "copied", "foreign" */
const char *ohc_copy_action_name(enum ohc_copy_action action);

int ohc_copy_blob(struct ohc_store *from, struct ohc_store *to, const struct ohc_descriptor *d,
		  struct ohc_report *report, enum ohc_copy_action *ret_action,
		  struct ohc_error *err);

/* At most `jobs` at a time, in order.  A digest that is listed twice is moved once, and kept the
 * second time.  ret_actions (room for n, or NULL) is complete only on success. */
int ohc_copy_blobs(struct ohc_store *from, struct ohc_store *to, const struct ohc_descriptor *blobs,
		   size_t n, size_t jobs, struct ohc_report *report,
		   enum ohc_copy_action *ret_actions, struct ohc_error *err);

/* "layer sha256:0123456789ab" (or config, manifest, index, blob), for tasks and messages; the
 * caller frees it. */
char *ohc_copy_blob_title(const struct ohc_descriptor *d);

#endif
