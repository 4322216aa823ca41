/* SPDX-License-Identifier: Apache-2.0 */
/* The settings that every request of one client shares. */
#ifndef OHC_REGISTRY_WIRE_H
#define OHC_REGISTRY_WIRE_H

#include "core/report.h"
#include "registry/http.h"

struct ohc_cache;
struct ohc_limits;
struct ohc_trust;
struct ohc_warnings;

struct ohc_wire {
	struct ohc_http *http;
	struct ohc_trust *trust; /* certificates by host */
	struct ohc_limits *limits;
	struct ohc_report *report;
	struct ohc_cache *cache;       /* what earlier runs found out about hosts; or NULL */
	struct ohc_warnings *warnings; /* warnings of registries to their users; or NULL */
	unsigned int retries;
	unsigned int timeout; /* seconds */
	const char *insecure; /* what its option is called, for messages */
	const char *login;    /* how a user without credentials can log in, for messages */
};

#endif
