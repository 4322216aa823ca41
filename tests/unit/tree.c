// SPDX-License-Identifier: Apache-2.0
#include "unit.h"

#include <stdlib.h>

#include "core/alloc.h"
#include "tree.h"

void tree_make(struct test_tree *t, const char *lines)
{
	ohc_cleanup(ohc_freep) char *command = NULL;
	struct ohc_error err = OHC_ERROR_INIT;
	FILE *script;

	snprintf(t->dir, sizeof(t->dir), "/tmp/ohc-tree.XXXXXX");
	assert_non_null(mkdtemp(t->dir));
	command = ohc_xasprintf("python3 tests/make_tree.py %s", t->dir);
	script = popen(command, "w");
	assert_non_null(script);
	fputs(lines, script);
	assert_int_equal(pclose(script), 0);
	assert_ok(ohc_files_dir(t->dir, &t->files, &err), &err);
}

void tree_remove(struct test_tree *t)
{
	ohc_cleanup(ohc_freep) char *command = ohc_xasprintf("rm -rf %s", t->dir);

	ohc_files_free(t->files);
	t->files = NULL;
	assert_int_equal(system(command), 0);
}
