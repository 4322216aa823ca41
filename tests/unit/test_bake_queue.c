// SPDX-License-Identifier: Apache-2.0
#include "unit.h"

#include <stdbool.h>

#include "compose/bake/queue.h"
#include "core/alloc.h"

static void expect_next(struct ohc_bake_queue *q, size_t i)
{
	assert_int_equal(ohc_bake_queue_take(q), i);
}

static struct ohc_bake_queue *queue_of(const char *const *bases)
{
	struct ohc_bake_queue *q = ohc_bake_queue_new();

	for (; *bases; bases++)
		ohc_bake_queue_add(q, *bases);
	return q;
}

static void test_in_order(void **state)
{
	static const char *const bases[] = { "a", "a:1", "a:2", NULL };
	struct ohc_bake_queue *q = queue_of(bases);

	(void)state;
	for (size_t i = 0; i < 3; i++)
		expect_next(q, i);
	ohc_bake_queue_free(q);
}

/* Hosts, and then their repositories, get their turns; who is done has his turn again. */
static void test_turns(void **state)
{
	static const char *const bases[] = {
		"r.io/a:1", "r.io/a:2", "r.io/a:3",  "r.io/b:1",  "s.io/a:1",
		"s.io/a:2", "s.io/a:3", "oci:dir:a", "oci:dir:a", NULL,
	};
	struct ohc_bake_queue *q = queue_of(bases);

	(void)state;
	expect_next(q, 0);
	expect_next(q, 4);
	expect_next(q, 7);
	expect_next(q, 3);
	expect_next(q, 5);
	ohc_bake_queue_done(q, 4);
	ohc_bake_queue_done(q, 5);
	expect_next(q, 6);
	expect_next(q, 8);
	expect_next(q, 1);
	expect_next(q, 2);
	ohc_bake_queue_free(q);
}

#define HOSTS  3
#define REPOS  20
#define IMAGES 2000

/* The rule, told plainly: of all that wait. */
struct model {
	size_t repo[IMAGES], busy_host[HOSTS], busy_repo[HOSTS * REPOS];
	bool taken[IMAGES];
};

static bool comes_first(const struct model *m, size_t a, size_t b)
{
	size_t x = m->repo[a], y = m->repo[b];
	size_t host_x = m->busy_host[x / REPOS], host_y = m->busy_host[y / REPOS];

	if (host_x != host_y)
		return host_x < host_y;
	return m->busy_repo[x] != m->busy_repo[y] ? m->busy_repo[x] < m->busy_repo[y] : a < b;
}

static size_t model_take(struct model *m)
{
	size_t best = SIZE_MAX;

	for (size_t i = 0; i < IMAGES; i++)
		if (!m->taken[i] && (best == SIZE_MAX || comes_first(m, i, best)))
			best = i;
	m->taken[best] = true;
	m->busy_host[m->repo[best] / REPOS]++;
	m->busy_repo[m->repo[best]]++;
	return best;
}

static void test_many(void **state)
{
	static struct model m;
	struct ohc_bake_queue *q = ohc_bake_queue_new();
	size_t under_way[8], n = 0;
	unsigned int seed = 1;

	(void)state;
	for (size_t i = 0; i < IMAGES; i++) {
		ohc_cleanup(ohc_freep) char *base = NULL;

		seed = seed * 1103515245 + 12345;
		m.repo[i] = (seed >> 16) % (HOSTS * REPOS);
		base = ohc_xasprintf("h%zu.io/r%zu:%zu", m.repo[i] / REPOS, m.repo[i] % REPOS, i);
		ohc_bake_queue_add(q, base);
	}
	for (size_t i = 0; i < IMAGES; i++) {
		if (n == OHC_ARRAY_SIZE(under_way)) {
			size_t k = (seed = seed * 1103515245 + 12345) >> 16 & 7,
			       done = under_way[k];

			ohc_bake_queue_done(q, done);
			m.busy_host[m.repo[done] / REPOS]--;
			m.busy_repo[m.repo[done]]--;
			under_way[k] = under_way[--n];
		}
		under_way[n] = model_take(&m);
		expect_next(q, under_way[n++]);
	}
	ohc_bake_queue_free(q);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_in_order),
		cmocka_unit_test(test_turns),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
