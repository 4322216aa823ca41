/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Digests (image-spec descriptor.md, "Digests"): "sha256:" and 64 lower-case hex digits; sha512 is
 * read, never written.  Everything is checked strictly before a path or a URL is made of it.
 */
#ifndef OHC_OCI_DOCUMENTS_DIGEST_H
#define OHC_OCI_DOCUMENTS_DIGEST_H

#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"
#include "core/hash.h"
#include "core/io.h"

#define OHC_DIGEST_MAX (7 + 128 + 1)

bool ohc_digest_valid(const char *digest);

/* 0, or OHC_E_FORMAT saying what is wrong with the digest of `what`. */
int ohc_digest_check(const char *digest, const char *what, struct ohc_error *err);

/* The rest takes valid digests only. */
enum ohc_hash_algorithm ohc_digest_algorithm(const char *digest);
const char *ohc_digest_algorithm_name(const char *digest); /* "sha256" */
const char *ohc_digest_hex(const char *digest);

/* Writes the "sha256:…" of n bytes. */
void ohc_digest_of(const void *data, size_t n, char ret[OHC_DIGEST_MAX]);

/* The same with the algorithm of a digest, and whether it is that one. */
void ohc_digest_like(const char *digest, const void *data, size_t n, char ret[OHC_DIGEST_MAX]);
bool ohc_digest_is_of(const char *digest, const void *data, size_t n);

/* The "sha256:…" of all that src gives, and *ret_size how much that is. */
int ohc_digest_of_source(struct ohc_source *src, char ret[OHC_DIGEST_MAX], int64_t *ret_size,
			 struct ohc_error *err);

/* Ends h, a hash of the given algorithm, as a digest. */
void ohc_digest_end(struct ohc_hash *h, enum ohc_hash_algorithm a, char ret[OHC_DIGEST_MAX]);

/* "sha256:0123456789ab", for people; static strings are not used, ret must have room for 32. */
#define OHC_DIGEST_SHORT 32
const char *ohc_digest_short(const char *digest, char ret[OHC_DIGEST_SHORT]);

#endif
