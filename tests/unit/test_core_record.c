// SPDX-License-Identifier: Apache-2.0
#include "unit.h"

#include "core/alloc.h"
#include "core/record.h"

static const uint64_t numbers[] = { 0, 1, 127, 128, 16383, 16384, UINT32_MAX, UINT64_MAX };

static void fill(struct ohc_buf *b)
{
	ohc_cleanup(ohc_strv_clear) struct ohc_strv list = OHC_STRV_INIT;

	for (size_t i = 0; i < OHC_ARRAY_SIZE(numbers); i++)
		ohc_record_put_number(b, numbers[i]);
	ohc_record_put_text(b, NULL);
	ohc_record_put_text(b, "");
	ohc_record_put_text(b, "usr/bin/env");
	ohc_record_put_bytes(b, "a\0b", 3);
	ohc_strv_add(&list, "one");
	ohc_strv_add(&list, "");
	ohc_record_put_texts(b, &list);
}

/* Reads what fill() wrote; what it says is only looked at when nothing was wrong. */
static bool drain(const void *data, size_t n)
{
	struct ohc_record_reader u = ohc_record_read(data, n);
	ohc_cleanup(ohc_strv_clear) struct ohc_strv list = OHC_STRV_INIT;
	ohc_cleanup(ohc_freep) char *none = NULL;
	ohc_cleanup(ohc_freep) char *empty = NULL;
	ohc_cleanup(ohc_freep) char *text = NULL;
	uint64_t got[OHC_ARRAY_SIZE(numbers)];
	const void *bytes;
	size_t len;

	for (size_t i = 0; i < OHC_ARRAY_SIZE(numbers); i++)
		got[i] = ohc_record_get_number(&u);
	none = ohc_record_get_text(&u, 10);
	empty = ohc_record_get_text(&u, 10);
	text = ohc_record_get_text(&u, 11);
	bytes = ohc_record_get_bytes(&u, 3, &len);
	ohc_record_get_texts(&u, 2, 3, &list);
	if (!ohc_record_done(&u))
		return false;
	assert_memory_equal(got, numbers, sizeof(numbers));
	assert_null(none);
	assert_string_equal(empty, "");
	assert_string_equal(text, "usr/bin/env");
	assert_int_equal(len, 3);
	assert_memory_equal(bytes, "a\0b", 3);
	assert_int_equal(list.n, 2);
	assert_string_equal(list.v[0], "one");
	return true;
}

static void round_trip(void **state)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf b = OHC_BUF_INIT;

	(void)state;
	fill(&b);
	assert_true(drain(b.data, b.len));
}

static void every_cut_is_seen(void **state)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf b = OHC_BUF_INIT;

	(void)state;
	fill(&b);
	for (size_t n = 0; n < b.len; n++) {
		/* Allocated separately, so that a sanitizer sees a read behind the end. */
		ohc_cleanup(ohc_freep) char *cut = ohc_xmalloc(n);

		memcpy(cut, b.data, n);
		assert_false(drain(cut, n));
	}
	ohc_buf_addc(&b, 'x');
	assert_false(drain(b.data, b.len));
}

static void limits(void **state)
{
	static const unsigned char too_big[] = { 0xff, 0xff, 0xff, 0xff, 0xff,
						 0xff, 0xff, 0xff, 0xff, 0x02 };
	struct ohc_record_reader u = ohc_record_read(too_big, sizeof(too_big));
	size_t n;

	(void)state;
	assert_int_equal(ohc_record_get_number(&u), 0);
	assert_true(u.bad);

	u = ohc_record_read("\x05", 1);
	assert_int_equal(ohc_record_get_number_max(&u, 5), 5);
	assert_true(ohc_record_done(&u));
	u = ohc_record_read("\x05", 1);
	assert_int_equal(ohc_record_get_number_max(&u, 4), 0);
	assert_true(u.bad);

	u = ohc_record_read("\x04"
			    "abc",
			    4);
	assert_null(ohc_record_get_text(&u, 2));
	assert_true(u.bad);
	u = ohc_record_read("\x03"
			    "abc",
			    4);
	assert_null(ohc_record_get_bytes(&u, 2, &n));
	assert_int_equal(n, 0);
}

static void odd_texts(void **state)
{
	ohc_cleanup(ohc_strv_clear) struct ohc_strv list = OHC_STRV_INIT;
	struct ohc_record_reader u = ohc_record_read("\x04"
						     "a\0b",
						     4);

	(void)state;
	assert_null(ohc_record_get_text(&u, 10));
	assert_true(u.bad);

	/* A NULL in a list, and more texts than there may be. */
	u = ohc_record_read("\x01\x00", 2);
	ohc_record_get_texts(&u, 5, 5, &list);
	assert_true(u.bad);
	u = ohc_record_read("\x02\x01\x01", 3);
	ohc_record_get_texts(&u, 1, 5, &list);
	assert_true(u.bad);
	assert_int_equal(list.n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(round_trip),
		cmocka_unit_test(every_cut_is_seen),
		cmocka_unit_test(limits),
		cmocka_unit_test(odd_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
