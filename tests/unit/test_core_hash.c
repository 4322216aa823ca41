// SPDX-License-Identifier: Apache-2.0
/* core/hash.h: what NIST and RFC 1321 say of "abc", from many threads at once. */
#include "unit.h"

#include "core/alloc.h"
#include "core/hash.h"
#include "core/parallel.h"

static const struct {
	enum ohc_hash_algorithm algorithm;
	const char *empty, *abc;
} known[] = {
	{ OHC_SHA256, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
	  "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
	{ OHC_SHA512,
	  "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"
	  "47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e",
	  "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
	  "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f" },
	{ OHC_SHA1, "da39a3ee5e6b4b0d3255bfef95601890afd80709",
	  "a9993e364706816aba3e25717850c26c9cd0d89d" },
	{ OHC_MD5, "d41d8cd98f00b204e9800998ecf8427e", "900150983cd24fb0d6963f7d28e17f72" },
};

static int hash_one(void *ctx, size_t i, struct ohc_error *err)
{
	const size_t k = i % OHC_ARRAY_SIZE(known);
	ohc_cleanup(ohc_hash_freep) struct ohc_hash *h = ohc_hash_new(known[k].algorithm);
	char hex[OHC_HASH_HEX_MAX];

	(void)ctx, (void)err;
	if (!h && known[k].algorithm == OHC_MD5)
		return 0; /* a libcrypto of FIPS 140 */
	ohc_hash_update(h, "a", 1);
	ohc_hash_update(h, "bc", 2);
	ohc_hash_hex(h, hex);
	if (strcmp(hex, known[k].abc) != 0)
		return -OHC_E_FAILED;
	ohc_hash_reset(h);
	ohc_hash_hex(h, hex);
	return strcmp(hex, known[k].empty) == 0 ? 0 : -OHC_E_FAILED;
}

static void test_what_is_known_of_abc(void **state)
{
	struct ohc_error err = OHC_ERROR_INIT;

	(void)state;
	assert_ok(ohc_parallel(400, 8, hash_one, NULL, &err), &err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_known_of_abc),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
