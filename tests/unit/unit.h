/* SPDX-License-Identifier: Apache-2.0 */
/* Included by every unit test: cmocka with the headers that it needs before it, and shared
 * helpers. */
#ifndef OHC_TESTS_UNIT_H
#define OHC_TESTS_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/error.h"

/* The error of the call that a test makes; a failed assertion shows what stands in it. */
#define assert_ok(rc, err)                                   \
	do {                                                 \
		int rc_ = (rc);                              \
		if (rc_ < 0)                                 \
			fail_msg("%d: %s", rc_, (err)->msg); \
	} while (0)

/* The call fails with this code, in both ways of telling, and says text in its message. */
#define assert_fails(rc, want, err, text)                                               \
	do {                                                                            \
		int rc_ = (rc);                                                         \
		assert_int_equal(rc_, -(int)(want));                                    \
		assert_int_equal((err)->code, (want));                                  \
		if (!strstr((err)->msg, (text)))                                        \
			fail_msg("'%s' is not in the message: %s", (text), (err)->msg); \
	} while (0)

#define SHA_A "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define SHA_B "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define SHA_C "sha256:cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"

#endif
