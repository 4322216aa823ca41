// SPDX-License-Identifier: Apache-2.0
#include "core/hash.h"

#include <openssl/evp.h>

#include "core/alloc.h"
#include "core/hex.h"

struct ohc_hash {
	EVP_MD_CTX *ctx;
	const EVP_MD *md;
};

/* libcrypto fails here only without memory or without the algorithm: there is no way to go on. */
static void must(int ok)
{
	if (ok != 1)
		abort();
}

static const EVP_MD *md_of(enum ohc_hash_algorithm algorithm)
{
	switch (algorithm) {
	case OHC_SHA512:
		return EVP_sha512();
	case OHC_SHA1:
		return EVP_sha1();
	case OHC_MD5:
		return EVP_md5();
	default:
		return EVP_sha256();
	}
}

struct ohc_hash *ohc_hash_new(enum ohc_hash_algorithm algorithm)
{
	struct ohc_hash *h = ohc_xcalloc(1, sizeof(*h));

	h->ctx = EVP_MD_CTX_new();
	h->md = md_of(algorithm);
	must(h->ctx != NULL);
	if (algorithm == OHC_MD5 && EVP_DigestInit_ex(h->ctx, h->md, NULL) != 1) {
		ohc_hash_free(h);
		return NULL;
	}
	ohc_hash_reset(h);
	return h;
}

void ohc_hash_reset(struct ohc_hash *h)
{
	must(EVP_DigestInit_ex(h->ctx, h->md, NULL));
}

void ohc_hash_update(struct ohc_hash *h, const void *data, size_t n)
{
	must(EVP_DigestUpdate(h->ctx, data, n));
}

void ohc_hash_hex(struct ohc_hash *h, char hex[OHC_HASH_HEX_MAX])
{
	unsigned char md[EVP_MAX_MD_SIZE];
	unsigned int n = 0;

	must(EVP_DigestFinal_ex(h->ctx, md, &n));
	ohc_hex_encode(md, n, hex);
}

void ohc_hash_free(struct ohc_hash *h)
{
	if (!h)
		return;
	EVP_MD_CTX_free(h->ctx);
	free(h);
}

void ohc_hash_freep(struct ohc_hash **h)
{
	ohc_hash_free(*h);
}
