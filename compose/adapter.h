/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the adapter layer holds (DESIGN.md §2): the few entries that fit the payloads to one base,
 * found by peeking at its tree (layout/base_fit.h).
 *
 *	struct ohc_adapter a = OHC_ADAPTER_INIT;
 *
 *	rc = ohc_adapter_plan(&what, &a, err);
 *	... a.fitting.entries, and a.user as the config's User ...
 *	ohc_adapter_clear(&a);
 *
 * A base of which nothing is wanted is not peeked at.
 */
#ifndef OHC_COMPOSE_ADAPTER_H
#define OHC_COMPOSE_ADAPTER_H

#include "compose/base.h"
#include "compose/payload.h"
#include "layout/base_fit.h"

struct ohc_adapter_what {
	const struct ohc_inputs *in;
	const struct ohc_base *base;
	const struct ohc_payload_image *images; /* of each payload; zero for directories */
	struct ohc_peek *peek;
};

struct ohc_adapter {
	struct ohc_fitting fitting;
	char *user; /* NULL: as profile and options have it */
};

#define OHC_ADAPTER_INIT                     \
	{                                    \
		.fitting = OHC_FITTING_INIT, \
	}

/* Findings are said to the report; one that is an error is OHC_E_CHECK. */
int ohc_adapter_plan(const struct ohc_adapter_what *what, struct ohc_adapter *ret,
		     struct ohc_error *err);
void ohc_adapter_clear(struct ohc_adapter *a);

/* "adapter /etc/passwd /workspace", for the layer's history entry; the caller frees it. */
char *ohc_adapter_title(const struct ohc_adapter *a);

#endif
