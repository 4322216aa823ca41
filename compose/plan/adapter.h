/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plans the adapter layer (docs/design.md, "The image that comes out"): the few entries that fit
 * the payloads to one base, found by peeking at its tree (layout/fit/fit.h).
 *
 *	struct ohc_adapter *a = ohc_adapter_new();
 *
 *	rc = ohc_adapter_plan(&what, a, err);
 *	... a->fitting.entries, and a->user as the config's User ...
 *	ohc_adapter_unref(a);
 *
 * Findings about the base are in a->fitting.findings.  One that was planned does not change any
 * more, and may be several plans' (compose/plan/adapters.h), which have one layer then.
 */
#ifndef OHC_COMPOSE_PLAN_ADAPTER_H
#define OHC_COMPOSE_PLAN_ADAPTER_H

#include <stdatomic.h>

#include "compose/image/base.h"
#include "compose/payload/payload.h"
#include "layout/fit/fit.h"
#include "layout/layer/small.h"

struct ohc_adapter_what {
	const struct ohc_inputs *in;
	const struct ohc_base *base;
	struct ohc_payload *const *payloads; /* as many as the inputs' */
	const struct ohc_rootfs *fs;         /* the base's tree */
};

struct ohc_adapter {
	atomic_uint refs;
	struct ohc_fitting fitting;
	struct ohc_layer_kept layer; /* of fitting.entries, once an image wanted it */
	char *user;                  /* NULL: as profile and options set it */
	struct ohc_strv provided;    /* files of the payloads that were asked for, and are there */
};

/* Is anything to be fitted?  Else the base's tree need not be known. */
bool ohc_adapter_wants(const struct ohc_inputs *in);

/* OHC_E_CHECK: the account cannot be added. */
int ohc_adapter_plan(const struct ohc_adapter_what *what, struct ohc_adapter *ret,
		     struct ohc_error *err);

/* All that a fitting depends on, as a digest: equal keys, equal adapters.  NULL: a payload has no
 * identity.  The caller frees it; what->fs is not needed. */
char *ohc_adapter_key(const struct ohc_adapter_what *what);

struct ohc_adapter *ohc_adapter_new(void);
struct ohc_adapter *ohc_adapter_ref(struct ohc_adapter *a);
void ohc_adapter_unref(struct ohc_adapter *a); /* takes NULL */

/* "adapter /etc/passwd /workspace", for the layer's history entry; the caller frees it. */
char *ohc_adapter_title(const struct ohc_adapter *a);

#endif
