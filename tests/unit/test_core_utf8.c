// SPDX-License-Identifier: Apache-2.0
/* core/utf8.h: what is a character, and what RFC 3629 does not let be one. */
#include "unit.h"

#include "core/alloc.h"
#include "core/utf8.h"

static void test_characters(void **state)
{
	static const struct {
		const char *s;
		size_t n;
		uint32_t c;
	} cases[] = {
		{ "a", 1, 'a' },
		{ "\x7f", 1, 0x7f },
		{ "\xc2\x80", 2, 0x80 },
		{ "\xdf\xbf", 2, 0x7ff },
		{ "\xe0\xa0\x80", 3, 0x800 },
		{ "\xed\x9f\xbf", 3, 0xd7ff },
		{ "\xee\x80\x80", 3, 0xe000 },
		{ "\xf0\x90\x80\x80", 4, 0x10000 },
		{ "\xf4\x8f\xbf\xbf", 4, 0x10ffff },
	};

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(cases); i++) {
		uint32_t c = 0;

		assert_int_equal(ohc_utf8_decode(cases[i].s, &c), cases[i].n);
		assert_int_equal(c, cases[i].c);
	}
}

static void test_no_characters(void **state)
{
	static const char *const cases[] = {
		"\x80",             /* begins in the middle */
		"\xc3",             /* cut off */
		"\xe2\x82",         /* cut off */
		"\xc3(",            /* goes on with something else */
		"\xc0\xaf",         /* overlong: '/' in two bytes */
		"\xe0\x80\xaf",     /* … in three */
		"\xf0\x80\x80\xaf", /* … in four */
		"\xed\xa0\x80",     /* the first surrogate */
		"\xed\xbf\xbf",     /* the last one */
		"\xf4\x90\x80\x80", /* above U+10FFFF */
		"\xff",
	};

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(cases); i++) {
		uint32_t c = 7;

		assert_int_equal(ohc_utf8_decode(cases[i], &c), 0);
		assert_int_equal(c, 7);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_characters),
		cmocka_unit_test(test_no_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
