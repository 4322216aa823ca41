// SPDX-License-Identifier: Apache-2.0
#include "oci/documents/digest.h"

#include <stdio.h>
#include <string.h>

#include "core/alloc.h"

#define PIECE (256 * 1024)

static const struct {
	const char *name;
	size_t hex;
	enum ohc_hash_algorithm algorithm;
} algorithms[] = {
	{ "sha256", 64, OHC_SHA256 },
	{ "sha512", 128, OHC_SHA512 },
};

static int find(const char *digest)
{
	for (size_t i = 0; i < OHC_ARRAY_SIZE(algorithms); i++) {
		size_t n = strlen(algorithms[i].name);

		if (strncmp(digest, algorithms[i].name, n) == 0 && digest[n] == ':')
			return (int)i;
	}
	return -1;
}

int ohc_digest_check(const char *digest, const char *what, struct ohc_error *err)
{
	int i = find(digest);
	const char *hex;

	if (i < 0)
		return ohc_error_set(err, OHC_E_FORMAT,
				     "%s has a digest that is neither sha256 nor sha512: '%.160s'",
				     what, digest);
	hex = digest + strlen(algorithms[i].name) + 1;
	if (strspn(hex, "0123456789abcdef") != strlen(hex) || strlen(hex) != algorithms[i].hex)
		return ohc_error_set(
			err, OHC_E_FORMAT,
			"%s has a malformed digest '%.160s': %s takes %zu lower-case hex digits",
			what, digest, algorithms[i].name, algorithms[i].hex);
	return 0;
}

bool ohc_digest_valid(const char *digest)
{
	return ohc_digest_check(digest, "", NULL) == 0;
}

enum ohc_hash_algorithm ohc_digest_algorithm(const char *digest)
{
	return algorithms[find(digest)].algorithm;
}

const char *ohc_digest_algorithm_name(const char *digest)
{
	return algorithms[find(digest)].name;
}

const char *ohc_digest_hex(const char *digest)
{
	return strchr(digest, ':') + 1;
}

void ohc_digest_end(struct ohc_hash *h, enum ohc_hash_algorithm a, char ret[OHC_DIGEST_MAX])
{
	char hex[OHC_HASH_HEX_MAX];

	ohc_hash_hex(h, hex);
	for (size_t i = 0; i < OHC_ARRAY_SIZE(algorithms); i++)
		if (algorithms[i].algorithm == a)
			snprintf(ret, OHC_DIGEST_MAX, "%s:%s", algorithms[i].name, hex);
}

void ohc_digest_of(const void *data, size_t n, char ret[OHC_DIGEST_MAX])
{
	ohc_cleanup(ohc_hash_freep) struct ohc_hash *h = ohc_hash_new(OHC_SHA256);

	ohc_hash_update(h, data, n);
	ohc_digest_end(h, OHC_SHA256, ret);
}

void ohc_digest_like(const char *digest, const void *data, size_t n, char ret[OHC_DIGEST_MAX])
{
	enum ohc_hash_algorithm a = ohc_digest_algorithm(digest);
	ohc_cleanup(ohc_hash_freep) struct ohc_hash *h = ohc_hash_new(a);

	ohc_hash_update(h, data, n);
	ohc_digest_end(h, a, ret);
}

bool ohc_digest_is_of(const char *digest, const void *data, size_t n)
{
	char is[OHC_DIGEST_MAX];

	ohc_digest_like(digest, data, n, is);
	return strcmp(is, digest) == 0;
}

int ohc_digest_of_source(struct ohc_source *src, char ret[OHC_DIGEST_MAX], int64_t *ret_size,
			 struct ohc_error *err)
{
	ohc_cleanup(ohc_hash_freep) struct ohc_hash *h = ohc_hash_new(OHC_SHA256);
	ohc_cleanup(ohc_freep) char *piece = ohc_xmalloc(PIECE);
	int64_t size = 0;
	ssize_t n;

	while ((n = ohc_source_read(src, piece, PIECE, err)) > 0) {
		ohc_hash_update(h, piece, (size_t)n);
		size += n;
	}
	if (n < 0)
		return (int)n;
	ohc_digest_end(h, OHC_SHA256, ret);
	*ret_size = size;
	return 0;
}

const char *ohc_digest_short(const char *digest, char ret[OHC_DIGEST_SHORT])
{
	snprintf(ret, OHC_DIGEST_SHORT, "%.19s", digest);
	return ret;
}
