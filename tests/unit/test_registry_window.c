// SPDX-License-Identifier: Apache-2.0
#include "unit.h"

#include "core/alloc.h"
#include "registry/window.h"

#define N 1000

static unsigned char data[N];

/* Like ohc_source_memory(), but with small pieces, without seeking, and with an error at its end on
 * request. */
struct trickle {
	struct ohc_source source;
	size_t at;
	size_t piece;
	bool bad;
};

static ssize_t trickle_read(struct ohc_source *src, void *buf, size_t n, struct ohc_error *err)
{
	struct trickle *t = (struct trickle *)src;

	if (n > t->piece)
		n = t->piece;
	if (n > N - t->at)
		n = N - t->at;
	if (n == 0 && t->bad)
		return ohc_error_set(err, OHC_E_DIGEST, "not what was promised");
	memcpy(buf, data + t->at, n);
	t->at += n;
	return (ssize_t)n;
}

static const struct ohc_source_ops trickle_ops = { trickle_read, NULL, NULL };

static struct trickle trickle(size_t piece)
{
	return (struct trickle){ .source.ops = &trickle_ops, .piece = piece };
}

static void expect(struct ohc_window *w, size_t from, size_t n, size_t step)
{
	unsigned char buf[N];

	while (n > 0) {
		ssize_t got = ohc_source_read(&w->source, buf, step < n ? step : n, NULL);

		assert_true(got > 0);
		assert_memory_equal(buf, data + from, (size_t)got);
		from += (size_t)got;
		n -= (size_t)got;
	}
}

static void expect_end(struct ohc_window *w)
{
	char c;

	assert_int_equal(ohc_source_read(&w->source, &c, 1, NULL), 0);
}

/* Every size of ring against every size of read, back by every distance that it holds. */
static void test_back(void **state)
{
	(void)state;
	for (size_t size = 1; size < 64; size += 7)
		for (size_t step = 1; step < 100; step += 13) {
			struct trickle t = trickle(17);
			struct ohc_window w;

			ohc_window_init(&w, &t.source, UINT64_MAX, size);
			expect(&w, 0, 300, step);
			assert_int_equal(ohc_window_go(&w, 300 - size, NULL), 0);
			expect(&w, 300 - size, size + 100, step);
			assert_int_equal(ohc_window_go(&w, 400 - size - 1, NULL),
					 -OHC_E_UNSUPPORTED);
			assert_int_equal(ohc_window_go(&w, 401, NULL), -OHC_E_NETWORK);
			assert_int_equal(ohc_window_go(&w, 400 - size / 2, NULL), 0);
			expect(&w, 400 - size / 2, size / 2 + 600, step);
			expect_end(&w);
			assert_true(ohc_window_ended(&w));
			ohc_window_clear(&w);
		}
}

static void test_seek(void **state)
{
	struct ohc_source *src = ohc_source_memory(data, N);
	struct ohc_window w;

	(void)state;
	ohc_window_init(&w, src, N, 16);
	expect(&w, 0, N, 33);
	expect_end(&w);
	assert_int_equal(ohc_window_go(&w, 5, NULL), 0);
	assert_false(ohc_window_ended(&w));
	expect(&w, 5, N - 5, 33);
	expect_end(&w);
	ohc_window_clear(&w);
	ohc_source_close(src);
}

static void test_limit_and_fill(void **state)
{
	struct trickle t = trickle(7);
	struct ohc_window w;

	(void)state;
	ohc_window_init(&w, &t.source, UINT64_MAX, 300);
	for (size_t at = 0; at < 900; at += 300) {
		assert_int_equal(ohc_window_fill(&w, 300, NULL), 300);
		ohc_window_limit(&w, 300);
		expect(&w, at, 300, 1000);
		expect_end(&w);
		assert_false(ohc_window_ended(&w));
		assert_int_equal(ohc_window_go(&w, at, NULL), 0); /* and once more */
		expect(&w, at, 300, 50);
	}
	assert_int_equal(ohc_window_fill(&w, 300, NULL), 100);
	expect(&w, 900, 100, 1000);
	assert_int_equal(ohc_window_fill(&w, 300, NULL), 0);
	assert_true(ohc_window_ended(&w));
	ohc_window_clear(&w);
}

/* The source's own verdict comes before the last byte goes out. */
static void test_bad_end(void **state)
{
	struct trickle t = trickle(10);
	unsigned char buf[N];
	struct ohc_window w;
	size_t sum = 0;
	ssize_t n;

	(void)state;
	t.bad = true;
	ohc_window_init(&w, &t.source, N, 64);
	while ((n = ohc_source_read(&w.source, buf, N, NULL)) > 0)
		sum += (size_t)n;
	assert_int_equal(n, -OHC_E_DIGEST);
	assert_int_equal(sum, N - 10);
	ohc_window_clear(&w);
}

static int fill(void **state)
{
	(void)state;
	for (size_t i = 0; i < N; i++)
		data[i] = (unsigned char)(i * 31 + i / 256);
	return 0;
}

/* A body of unknown length ends in order, and the failure is there to be asked for. */
static void test_failure(void **state)
{
	struct trickle t = trickle(100);
	struct ohc_error err = OHC_ERROR_INIT;
	struct ohc_window w;

	(void)state;
	t.bad = true;
	ohc_window_init(&w, &t.source, UINT64_MAX, N);
	expect(&w, 0, N, 64);
	assert_int_equal(ohc_window_failure(&w, &err), 0);
	expect_end(&w);
	assert_false(ohc_window_ended(&w));
	assert_fails(ohc_window_failure(&w, &err), OHC_E_DIGEST, &err, "not what was promised");
	expect_end(&w);
	ohc_window_clear(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_back),           cmocka_unit_test(test_seek),
		cmocka_unit_test(test_limit_and_fill), cmocka_unit_test(test_bad_end),
		cmocka_unit_test(test_failure),
	};

	return cmocka_run_group_tests(tests, fill, NULL);
}
