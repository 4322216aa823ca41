/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A store in memory, for tests.  It does what every backend does, and lies where it is told to.
 *
 *	struct ohc_store *s = memory_store_new("mem");
 *
 *	memory_store_layer(s, "text of a file", OHC_COMPRESSION_GZIP, &layer, diff_id);
 *	memory_store_blob(s, OHC_MEDIA_OCI_CONFIG, text, &config);
 *	memory_store_manifest(s, "tag", OHC_MEDIA_OCI_MANIFEST, text, &d);
 *	...
 *	ohc_store_close(s);
 */
#ifndef OHC_TESTS_MEMORY_STORE_H
#define OHC_TESTS_MEMORY_STORE_H

#include "oci/codec/codec.h"
#include "oci/store/store.h"

struct ohc_store *memory_store_new(const char *name);

/* Puts bytes under any digest, theirs or not. */
void memory_store_raw(struct ohc_store *s, const char *digest, const void *data, size_t n);
void memory_store_remove(struct ohc_store *s, const char *digest);

/* From now on, opening this one fails as a broken connection does. */
void memory_store_break(struct ohc_store *s, const char *digest);

/* The same under the digest of the bytes; asserts that it works. */
void memory_store_blob(struct ohc_store *s, const char *media_type, const char *text,
		       struct ohc_descriptor *ret);

/* A layer, compressed: a tar of one file with this text, of MEMORY_STORE_TAR bytes (for less than a
 * block of text); diff_id is that of the tar. */
#define MEMORY_STORE_TAR (4 * 512)
void memory_store_layer(struct ohc_store *s, const char *text, enum ohc_compression compression,
			struct ohc_descriptor *ret, char ret_diff_id[OHC_DIGEST_MAX]);

/* A document under a tag (NULL: none); media type "" lets it speak for itself. */
void memory_store_manifest(struct ohc_store *s, const char *tag, const char *media_type,
			   const char *text, struct ohc_descriptor *ret);

/* A whole image, two gzip layers and a config, of a platform. */
void memory_store_image(struct ohc_store *s, const char *tag, enum ohc_family family,
			const char *os, const char *arch, struct ohc_descriptor *ret);

/* How often a blob or manifest was opened, and how many are there. */
unsigned int memory_store_reads(const struct ohc_store *s);
size_t memory_store_count(const struct ohc_store *s);

#endif
