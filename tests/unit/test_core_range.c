// SPDX-License-Identifier: Apache-2.0
/* A part of a file as a source. */
#include "unit.h"

#include <unistd.h>

#include "core/alloc.h"
#include "core/range.h"

static struct ohc_error err;

static FILE *file_of(const char *text)
{
	FILE *f = tmpfile();

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fflush(f), 0);
	return f;
}

static void test_part(void **state)
{
	FILE *f = file_of("0123456789");
	ohc_cleanup(ohc_source_closep) struct ohc_source *src =
		ohc_range_source(fileno(f), 3, 4, "the file");
	char piece[16];

	(void)state;
	assert_int_equal(ohc_source_read(src, piece, sizeof(piece), &err), 4);
	assert_memory_equal(piece, "3456", 4);
	assert_int_equal(ohc_source_read(src, piece, sizeof(piece), &err), 0);
	assert_int_equal(ohc_source_seek(src, 2, &err), 0);
	assert_int_equal(ohc_source_read(src, piece, sizeof(piece), &err), 2);
	assert_int_equal(ohc_source_seek(src, 4, &err), 0);
	assert_int_equal(ohc_source_seek(src, 5, &err), -OHC_E_FAILED);
	fclose(f);
}

/* It was longer when the part was chosen. */
static void test_cut_off(void **state)
{
	FILE *f = file_of("0123456789");
	ohc_cleanup(ohc_source_closep) struct ohc_source *src =
		ohc_range_source(fileno(f), 8, 4, "the file");
	char piece[16];

	(void)state;
	assert_int_equal(ohc_source_read(src, piece, sizeof(piece), &err), 2);
	assert_fails(ohc_source_read(src, piece, sizeof(piece), &err), OHC_E_FORMAT, &err,
		     "'the file' is cut off");
	fclose(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_part),
		cmocka_unit_test(test_cut_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
