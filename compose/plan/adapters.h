/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Adapters that were planned in a run, by all that they depend on, so that of many images over one
 * base the first plans it, and the others need not put the base's tree together.
 *
 *	adapters = ohc_adapters_new();
 *	a = ohc_adapters_find(adapters, key);		NULL: there is none yet
 *	ohc_adapters_add(adapters, key, a);
 *	ohc_adapters_free(adapters);
 *
 * May be used from several threads.  NULL, for adapters or for a key, finds and keeps nothing.
 */
#ifndef OHC_COMPOSE_PLAN_ADAPTERS_H
#define OHC_COMPOSE_PLAN_ADAPTERS_H

#include "compose/plan/adapter.h"

struct ohc_adapters;

struct ohc_adapters *ohc_adapters_new(void);
void ohc_adapters_free(struct ohc_adapters *s);

/* The caller's to unref. */
struct ohc_adapter *ohc_adapters_find(struct ohc_adapters *s, const char *key);
void ohc_adapters_add(struct ohc_adapters *s, const char *key, struct ohc_adapter *a);

#endif
