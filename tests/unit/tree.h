/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A directory that tests/make_tree.py fills, as a tree of files:
 *
 *	struct test_tree t;
 *
 *	tree_make(&t, "elf /bin/x needed=libc.so.6\n"
 *		      "link /lib usr/lib\n");
 *	... t.files ...
 *	tree_remove(&t);
 */
#ifndef OHC_TESTS_TREE_H
#define OHC_TESTS_TREE_H

#include "layout/files/of_dir.h"

struct test_tree {
	char dir[32];
	struct ohc_files *files;
};

void tree_make(struct test_tree *t, const char *lines);
void tree_remove(struct test_tree *t);

#endif
