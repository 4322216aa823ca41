/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A directory that a test has for itself, below /tmp.
 *
 *	return cmocka_run_group_tests(tests, scratch_enter, scratch_leave);
 *
 * or in a test's own setup and teardown, which it then calls with their state.
 */
#ifndef OHC_TESTS_UNIT_SCRATCH_H
#define OHC_TESTS_UNIT_SCRATCH_H

extern char scratch_dir[32];

/* Makes the directory, and removes it with everything in it. */
int scratch_make(void **state);
int scratch_remove(void **state);

/* The same, and it is the current directory meanwhile. */
int scratch_enter(void **state);
int scratch_leave(void **state);

#endif
