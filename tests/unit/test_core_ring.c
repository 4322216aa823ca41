// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <string.h>

#include "core/ring.h"

#define BLOCKS 5000

static struct ohc_ring *ring;

static void *produce(void *arg)
{
	struct ohc_block *b;

	(void)arg;
	for (uint32_t i = 0; i < BLOCKS && (b = ohc_ring_produce(ring)); i++) {
		memcpy(b->in, &i, sizeof(i));
		b->in_len = sizeof(i);
		b->last = i == BLOCKS - 1;
		ohc_ring_produced(ring, b);
	}
	return NULL;
}

static void *tap(void *arg)
{
	uint64_t *bad = arg;
	struct ohc_block *b;
	uint32_t want = 0, got;

	while ((b = ohc_ring_tap(ring))) {
		memcpy(&got, b->in, sizeof(got));
		*bad += got != want++;
		ohc_ring_tapped(ring, b);
	}
	*bad += want != BLOCKS;
	return NULL;
}

static void *work(void *arg)
{
	struct ohc_block *b;

	(void)arg;
	while ((b = ohc_ring_work(ring))) {
		memcpy(b->out, b->in, b->in_len);
		b->out_len = b->in_len;
		ohc_ring_worked(ring, b);
	}
	return NULL;
}

static void test_blocks_come_out_in_order(void **state)
{
	pthread_t t[5];
	uint64_t bad = 0;
	struct ohc_block *b;
	uint32_t want = 0, got;
	bool last = false;

	(void)state;
	ring = ohc_ring_new(4, 16, 16);
	pthread_create(&t[0], NULL, produce, NULL);
	pthread_create(&t[1], NULL, tap, &bad);
	for (int i = 2; i < 5; i++)
		pthread_create(&t[i], NULL, work, NULL);
	while (!last) {
		b = ohc_ring_consume(ring);
		assert_non_null(b);
		memcpy(&got, b->out, sizeof(got));
		assert_int_equal(got, want++);
		last = b->last;
		ohc_ring_consumed(ring, b);
	}
	for (int i = 0; i < 5; i++)
		pthread_join(t[i], NULL);
	assert_int_equal(want, BLOCKS);
	assert_int_equal(bad, 0);
	ohc_ring_free(ring);
}

static void test_stop_wakes_everyone(void **state)
{
	pthread_t t[3];
	uint64_t bad = 0;

	(void)state;
	ring = ohc_ring_new(2, 16, 16);
	pthread_create(&t[0], NULL, produce, NULL); /* waits: nobody consumes */
	pthread_create(&t[1], NULL, tap, &bad);
	pthread_create(&t[2], NULL, work, NULL);
	ohc_ring_stop(ring);
	for (int i = 0; i < 3; i++)
		pthread_join(t[i], NULL);
	assert_null(ohc_ring_produce(ring));
	assert_null(ohc_ring_consume(ring));
	ohc_ring_free(ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_blocks_come_out_in_order),
		cmocka_unit_test(test_stop_wakes_everyone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
