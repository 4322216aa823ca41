/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds the processor that a payload is for.  Each of its programs and libraries has a vote, and
 * most votes win, so that a single file for another processor (a helper, a test's data) does not
 * decide.
 *
 *	struct ohc_arch_votes votes = { .n = 0 };
 *
 *	rc = ohc_arch_votes_add(&votes, index.bytes.data, index.bytes.len, "payload …", err);
 *	arch = ohc_arch_votes_winner(&votes, "amd64");
 */
#ifndef OHC_COMPOSE_PAYLOAD_ARCH_VOTES_H
#define OHC_COMPOSE_PAYLOAD_ARCH_VOTES_H

#include <stddef.h>

#include "core/error.h"

/* More than Go has architectures. */
#define OHC_ARCH_VOTES_MAX 32

struct ohc_arch_votes {
	struct {
		const char *arch; /* a constant, in Go's words */
		size_t n;
	} v[OHC_ARCH_VOTES_MAX];
	size_t n;
};

/* Counts the ELF files of an index with facts (layout/rootfs/layer_index.h, layout/files/facts.h);
 * objects, core files and unnamed architectures do not count. */
int ohc_arch_votes_add(struct ohc_arch_votes *votes, const void *index, size_t n, const char *what,
		       struct ohc_error *err);

/* NULL where there are no votes.  With equal votes `host` wins if it is among them, else the first
 * by name. */
const char *ohc_arch_votes_winner(const struct ohc_arch_votes *votes, const char *host);

#endif
