/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Digest algorithms of the image-spec (descriptor.md, "Registered algorithms"): sha256, which we
 * write, and sha512, which we only read.  libcrypto is
 * included here and in core/base64.c alone.
 */
#ifndef OHC_CORE_HASH_H
#define OHC_CORE_HASH_H

#include <stddef.h>

enum ohc_hash_algorithm {
	OHC_SHA256,
	OHC_SHA512,
	OHC_SHA1, /* of no digest: what SPDX asks for of each file, and what apk lists */
	OHC_MD5,  /* of no digest: what dpkg lists of the files of a package */
};

#define OHC_HASH_HEX_MAX (2 * 64 + 1)

struct ohc_hash;

/* NULL: libcrypto does without MD5 here. */
struct ohc_hash *ohc_hash_new(enum ohc_hash_algorithm algorithm);
void ohc_hash_update(struct ohc_hash *h, const void *data, size_t n);
void ohc_hash_reset(struct ohc_hash *h);

/* Ends the hash and writes it as lower-case hex.  Only ohc_hash_reset() and _free() may follow. */
void ohc_hash_hex(struct ohc_hash *h, char hex[OHC_HASH_HEX_MAX]);

void ohc_hash_free(struct ohc_hash *h);
void ohc_hash_freep(struct ohc_hash **h);

#endif
