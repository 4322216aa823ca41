/* SPDX-License-Identifier: Apache-2.0 */
/*
 * unpack: a payload image -> a directory that holds what lies below its prefix.
 *
 *	struct ohc_unpack_options o = { .dir = "openhands", .report = report };
 *
 *	rc = ohc_unpack(store, "1", "registry.example.com/payload:1", &o, &r, err);
 *	... r.prefix, r.entries ...
 *	ohc_unpack_result_clear(&r);
 */
#ifndef OHC_COMPOSE_UNPACK_UNPACK_H
#define OHC_COMPOSE_UNPACK_UNPACK_H

#include "core/report.h"
#include "layout/rootfs/scan.h"
#include "oci/documents/platform.h"
#include "oci/store/store.h"

struct ohc_unpack_options {
	const char *dir;                     /* new, or empty */
	const char *prefix;                  /* NULL: the payload's own */
	const struct ohc_platform *platform; /* NULL: this machine's */
	const struct ohc_scan_limits *limits;
	struct ohc_report *report;
};

struct ohc_unpack_result {
	char *prefix;
	char digest[OHC_DIGEST_MAX]; /* of the image */
	uint64_t entries, bytes;
};

/* ref is what the store knows the image by, what is for messages.  OHC_E_USAGE: the image is no
 * payload, and no prefix was given. */
int ohc_unpack(struct ohc_store *s, const char *ref, const char *what,
	       const struct ohc_unpack_options *o, struct ohc_unpack_result *ret,
	       struct ohc_error *err);
void ohc_unpack_result_clear(struct ohc_unpack_result *r);

#endif
