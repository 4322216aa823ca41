// SPDX-License-Identifier: Apache-2.0
#include "core/hash.h"

#include <openssl/evp.h>
#include <pthread.h>

#include "core/alloc.h"
#include "core/hex.h"

struct ohc_hash {
	EVP_MD_CTX *ctx;
};

/* One that has begun for each algorithm, NULL where libcrypto has it not: to copy it takes less
 * than half of the time in which libcrypto finds the algorithm again. */
static EVP_MD_CTX *begun[OHC_MD5 + 1];
static pthread_once_t once = PTHREAD_ONCE_INIT;

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

static void begin_all(void)
{
	for (size_t i = 0; i < OHC_ARRAY_SIZE(begun); i++) {
		begun[i] = EVP_MD_CTX_new();
		must(begun[i] != NULL);
		if (EVP_DigestInit_ex(begun[i], md_of((enum ohc_hash_algorithm)i), NULL) == 1)
			continue;
		EVP_MD_CTX_free(begun[i]);
		begun[i] = NULL;
	}
}

struct ohc_hash *ohc_hash_new(enum ohc_hash_algorithm algorithm)
{
	struct ohc_hash *h;

	pthread_once(&once, begin_all);
	if (algorithm == OHC_MD5 && !begun[algorithm])
		return NULL;
	must(begun[algorithm] != NULL);
	h = ohc_xcalloc(1, sizeof(*h));
	h->ctx = EVP_MD_CTX_new();
	must(h->ctx != NULL);
	must(EVP_MD_CTX_copy_ex(h->ctx, begun[algorithm]));
	return h;
}

void ohc_hash_reset(struct ohc_hash *h)
{
	must(EVP_DigestInit_ex(h->ctx, NULL, NULL));
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
