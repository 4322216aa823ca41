// SPDX-License-Identifier: Apache-2.0
/* layout/check/env_line.h */
#include "unit.h"

#include "core/alloc.h"
#include "layout/check/env_line.h"

struct line {
	const char *arg;
	bool splits;
	const char *name; /* or NULL: not known */
	const char *path;
	bool whole;
};

static const struct line lines[] = {
	{ "sh", false, "sh", NULL, false },
	{ "", true, NULL, NULL, false },
	/* one argument, however many words */
	{ "sh -e", true, "sh -e", NULL, true },
	{ "A=b sh", true, NULL, NULL, false },
	{ "-i sh", true, "-i sh", NULL, true },
	{ "- sh", true, "- sh", NULL, true },
	{ "-x", true, "-x", NULL, true },
	/* -S in all its forms, which busybox does not know */
	{ "-S sh -e", true, "sh", NULL, false },
	{ "-S sh -e", false, "-S sh -e", NULL, true },
	{ "-Ssh -e", true, "sh", NULL, false },
	{ "-vS sh", true, "sh", NULL, false },
	{ "--split-string=sh -e", true, "sh", NULL, false },
	{ "--sp=sh", true, "sh", NULL, false },
	{ "-S", true, "-S", NULL, true },
	/* what may stand before the name */
	{ "-S A=b C=d sh", true, "sh", NULL, false },
	{ "-S -u HOME sh", true, "sh", NULL, false },
	{ "-S -uHOME -C / sh", true, "sh", NULL, false },
	{ "-S --unset=HOME --chdir / A=b sh", true, "sh", NULL, false },
	{ "-S --unset HOME -- sh", true, "sh", NULL, false },
	{ "-S --debug --default-signal=PIPE sh", true, "sh", NULL, false },
	{ "-S -u", true, "-S -u", NULL, true },
	{ "-S -S -S sh", true, "sh", NULL, false },
	{ "-S -C /x bin/sh", true, NULL, NULL, false },
	{ "-S -C /x /bin/sh", true, "/bin/sh", NULL, false },
	/* where it is looked for */
	{ "-S PATH=/x:/y sh", true, "sh", "/x:/y", false },
	{ "-iS sh", true, "sh", "/bin:/usr/bin", false },
	{ "-S - sh", true, "sh", "/bin:/usr/bin", false },
	{ "-S -u PATH sh", true, "sh", "/bin:/usr/bin", false },
	{ "-S -i PATH=/x sh", true, "sh", "/x", false },
	/* quotes, escapes, comments */
	{ "-S \"sh\" -e", true, "sh", NULL, false },
	{ "-S '/a b/sh'", true, "/a b/sh", NULL, false },
	{ "-S \"/a\\_b/sh\"", true, "/a b/sh", NULL, false },
	{ "-S s\\h", true, "-S s\\h", NULL, true },
	{ "-S sh\\_-e", true, "sh", NULL, false },
	{ "-S sh\\c -e", true, "sh", NULL, false },
	{ "-S A=b # sh", true, NULL, NULL, false },
	{ "-S 'sh", true, "-S 'sh", NULL, true },
	{ "-S ${SHELL} -e", true, NULL, NULL, false },
	{ "-S \"/$b/sh\"", true, NULL, NULL, false },
	{ "-S '/$b/sh'", true, "/$b/sh", NULL, false },
	{ "-S ", true, NULL, NULL, false },
};

static void each_line(void **state)
{
	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(lines); i++) {
		const struct line *l = &lines[i];
		struct ohc_env_line line;

		ohc_env_line_read(l->arg, l->splits, &line);
		if (!line.name != !l->name || (l->name && strcmp(line.name, l->name) != 0))
			fail_msg("'%s': '%s'", l->arg, line.name ? line.name : "");
		if (!line.path != !l->path || (l->path && strcmp(line.path, l->path) != 0))
			fail_msg("'%s': path '%s'", l->arg, line.path ? line.path : "");
		if (line.whole != l->whole)
			fail_msg("'%s': whole %d", l->arg, line.whole);
		ohc_env_line_clear(&line);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
