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

#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"

/* More than Go has architectures. */
#define OHC_ARCH_VOTES_MAX 32
#define OHC_ARCH_NAME      16

struct ohc_arch_votes {
	struct {
		char arch[OHC_ARCH_NAME]; /* in Go's words */
		size_t n;
	} v[OHC_ARCH_VOTES_MAX];
	size_t n;
};

/* Counts the ELF files of an index with facts (layout/rootfs/layer_index.h, layout/files/facts.h);
 * objects, core files and unnamed architectures do not count. */
int ohc_arch_votes_add(struct ohc_arch_votes *votes, const void *index, size_t n, const char *what,
		       struct ohc_error *err);

/* Adds the votes of another. */
void ohc_arch_votes_join(struct ohc_arch_votes *votes, const struct ohc_arch_votes *more);

/* The votes as a text for the cache, "amd64 12\narm64 1\n"; the caller frees it.  The second takes
 * it back: false where it is none, and votes are added to or not. */
char *ohc_arch_votes_text(const struct ohc_arch_votes *votes);
bool ohc_arch_votes_parse(struct ohc_arch_votes *votes, const char *text);

/* NULL where there are no votes.  With equal votes `host` wins if it is among them, else the first
 * by name. */
const char *ohc_arch_votes_winner(const struct ohc_arch_votes *votes, const char *host);

#endif
