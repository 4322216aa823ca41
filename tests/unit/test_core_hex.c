// SPDX-License-Identifier: Apache-2.0
/* core/hex.h: every byte has its two digits. */
#include "unit.h"

#include <string.h>

#include "core/hex.h"

static void test_encode(void **state)
{
	char text[9];

	(void)state;
	ohc_hex_encode("", 0, text);
	assert_string_equal(text, "");
	ohc_hex_encode("\x00\x7f\x80\xfe", 4, text);
	assert_string_equal(text, "007f80fe");
}

static void test_every_byte(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 256; i++) {
		const unsigned char byte = (unsigned char)i;
		char text[3], want[3];

		snprintf(want, sizeof(want), "%02x", i);
		ohc_hex_encode(&byte, 1, text);
		assert_string_equal(text, want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_encode),
		cmocka_unit_test(test_every_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
