// SPDX-License-Identifier: Apache-2.0
/* Each kind of component: the entries that it makes of a root, and what it refuses. */
#include "unit.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "core/alloc.h"
#include "core/file.h"
#include "layout/components/component.h"
#include "core/glob.h"
#include "tree.h"

static void test_glob(void **state)
{
	static const struct {
		const char *pattern, *path;
		bool matches;
	} cases[] = {
		{ "*.o", "x.o", true },
		{ "*.o", "a/b/x.o", true },
		{ "*.o", "x.oo", false },
		{ "a/*.o", "a/x.o", true },
		{ "a/*.o", "a/b/x.o", false },
		{ "/x", "x", true },
		{ "/x", "a/x", false },
		{ "x/", "a/x", true },
		{ "a/**/x", "a/x", true },
		{ "a/**/x", "a/b/c/x", true },
		{ "a/**/x", "a/b/c/y", false },
		{ "**/x/**", "a/x/y", true },
		{ "**/x/**", "a/x", false },
		{ "**", "a/b", true },
		{ "a/**", "a/b/c", true },
		{ "**/a/b", "a/a/b", true },
		{ "**/a/*/c/**/d", "a/b/a/x/c/y/z/d", true },
		{ "[ab]?", "b1", true },
		{ "", "a", false },
	};

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(cases); i++)
		if (ohc_glob(cases[i].pattern, cases[i].path) != cases[i].matches)
			fail_msg("'%s' on '%s'", cases[i].pattern, cases[i].path);
}

/* A pattern that can match nothing is refused. */
static void test_patterns(void **state)
{
	static const char *const good[] = { "x", "a/**/b", "/a", "a/", "a\\\\", "[" };
	static const char *const bad[] = { "", "a\\", "./a", "a/../b", ".." };

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(good); i++)
		assert_true(ohc_glob_is_pattern(good[i]));
	for (size_t i = 0; i < OHC_ARRAY_SIZE(bad); i++)
		assert_false(ohc_glob_is_pattern(bad[i]));
}

static struct ohc_error err;

/* The messages that were reported. */
static struct ohc_buf heard;

static void hear(struct ohc_report *r, enum ohc_level level, const char *text)
{
	(void)r;
	(void)level;
	ohc_buf_addf(&heard, "%s\n", strrchr(text, '\'') ? strstr(text, "/s/") : text);
}

static const struct ohc_report_ops hearing = { .message = hear };
static struct ohc_report report = { .ops = &hearing, .level = OHC_WARNING };

/* Notes the ELF files and scripts that were seen. */
static struct ohc_buf seen;

static int see_object(void *ctx, const struct ohc_component_object *o, struct ohc_patch *ret,
		      struct ohc_error *e)
{
	(void)ctx;
	(void)ret;
	(void)e;
	ohc_buf_addf(&seen, "%s %s%s%s\n", o->program ? "program" : "object", o->to,
		     o->dlopen && o->dlopen->n ? " " : "",
		     o->dlopen && o->dlopen->n ? o->dlopen->v[0] : "");
	return 0;
}

static int add_line(void *ctx, const char *path, const struct ohc_assembly_found *what)
{
	ohc_buf_addf(ctx, "%s%s%s%s\n", path + strlen("/p"), S_ISDIR(what->mode) ? "/" : "",
		     what->link ? " -> " : "", what->link ? what->link : "");
	return 0;
}

/* The members of a layer, of a root that the lines make; the entries, or the error's code. */
static int make(const char *lines, const char *layer, struct ohc_buf *ret, struct ohc_assembly **b)
{
	ohc_cleanup(ohc_recipe_clear) struct ohc_recipe r = OHC_RECIPE_INIT;
	ohc_cleanup(ohc_freep) char *file = NULL, *text = NULL;
	struct ohc_component c = {
		.recipe = &r, .prefix = "/p", .object = see_object, .report = &report
	};
	struct test_tree t;
	int rc = 0;

	tree_make(&t, lines);
	file = ohc_xasprintf("%s/recipe.json", t.dir);
	text = ohc_xasprintf("{ \"layers\": [ { \"name\": \"x\",\n%s } ] }", layer);
	assert_ok(ohc_file_write(file, text, strlen(text), 0600, &err), &err);
	assert_ok(ohc_recipe_load(file, &r, &err), &err);
	c.root = t.files;
	c.root_dir = t.dir;
	assert_ok(ohc_files_dir("/", &c.host, &err), &err);
	c.assembly = *b = ohc_assembly_new("/p", NULL);
	ohc_buf_clear(&seen);
	ohc_buf_clear(&heard);
	for (size_t i = 0; rc == 0 && i < r.layers[0].n_items; i++)
		rc = ohc_component_add(&c, &r.layers[0].items[i], &err);
	if (rc == 0)
		ohc_assembly_walk(*b, add_line, ret);
	if (c.browser)
		ohc_buf_addf(&seen, "browser %s\n", c.browser);
	if (c.python)
		ohc_buf_addf(&seen, "python %s\n", c.python);
	ohc_component_clear(&c);
	ohc_files_free(c.host);
	tree_remove(&t);
	return rc;
}

static void check(const char *lines, const char *layer, const char *entries)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf list = OHC_BUF_INIT;
	struct ohc_assembly *b;

	assert_ok(make(lines, layer, &list, &b), &err);
	assert_string_equal(ohc_buf_str(&list), entries);
	ohc_assembly_free(b);
}

static void refuse(const char *lines, const char *layer, enum ohc_code code, const char *message)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf list = OHC_BUF_INIT;
	struct ohc_assembly *b;

	assert_fails(make(lines, layer, &list, &b), code, &err, message);
	ohc_assembly_free(b);
}

#define COPY(more) "\"copy\": [ { \"from\": \"/s\"" more " } ]"

static void test_copy(void **state)
{
	static const char tree[] =
		"file /s/a.o\nfile /s/d/b.o\nfile /s/d/c\nmode 755 /s/d/c\n"
		"link /s/d/up ../d/c\nlink /s/own /p/d/c\nlink /s/nowhere gone\n";

	(void)state;
	check(tree, COPY(""),
	      "/\n/a.o\n/d/\n/d/b.o\n/d/c\n/d/up -> ../d/c\n/nowhere -> gone\n/own -> /p/d/c\n");
	check(tree, COPY(", \"to\": \"x/y\", \"exclude\": [\"*.o\", \"d/up\", \"/own\"]"),
	      "/\n/x/\n/x/y/\n/x/y/d/\n/x/y/d/c\n/x/y/nowhere -> gone\n");
	check(tree, COPY(", \"exclude\": [\"d\", \"[no]*\"]"), "/\n/a.o\n");
	/* Relative paths start at the recipe. */
	check(tree, "\"copy\": [ { \"from\": \"s/d/c\" } ]", "/\n/bin/\n/bin/c\n");
	check(tree, "\"copy\": [ { \"from\": \"s/d/c\", \"to\": \"etc/e\" } ]",
	      "/\n/etc/\n/etc/e\n");
	check("elf /s/bin/x\nfile /s/bin/y '#!/bin/bash\\n'\nmode 755 /s/bin/y\n", COPY(""),
	      "/\n/bin/\n/bin/x\n/bin/y\n");
	assert_string_equal(seen.data, "object /p/bin/x\n");
}

static void test_copy_links(void **state)
{
	(void)state;
	refuse("file /etc/passwd\nlink /s/d/l /etc/passwd\n", COPY(""), OHC_E_FORMAT,
	       "/s/d/l' leads out of what is copied, to '/etc/passwd'");
	refuse("file /x\nlink /s/d/l ../../x\n", COPY(""), OHC_E_FORMAT, "recipe.json': line 2");
	refuse("file /x\nlink /s/d/l ../../x\n", COPY(""), OHC_E_FORMAT,
	       "/s/d/l' leads out of what is copied, to '../../x'");
	refuse("file /s/x\nlink /s/d/l /p/../etc/passwd\n", COPY(""), OHC_E_FORMAT, "leads out");
	check("link /s/l /p/..data/x\n", COPY(""), "/\n/l -> /p/..data/x\n");
	check("file /e/f/g\nlink /e/f/h ../i\nfile /e/i\nlink /s/d/l /e/f\n",
	      COPY(", \"dereference\": true"), "/\n/d/\n/d/l/\n/d/l/g\n/d/l/h\n");
	refuse("link /s/l /e/gone\n", COPY(", \"dereference\": true"), OHC_E_NOT_FOUND,
	       "/s/l' leads to '/e/gone', which is not there");
	refuse("link /s/l /s\n", COPY(", \"dereference\": true"), OHC_E_FORMAT,
	       "leads round in a circle");
	refuse("file /x\n", COPY(""), OHC_E_NOT_FOUND,
	       "line 2, column 11: there is no '/tmp/ohc-tree");
}

static void test_twice(void **state)
{
	(void)state;
	check("file /s/a 1\nfile /q/a 1\n",
	      "\"copy\": [ { \"from\": \"/s\" }, { \"from\": \"/q\" } ]", "/\n/a\n");
	refuse("file /s/a 1\nfile /q/a 2\n",
	       "\"copy\": [ { \"from\": \"/s\" }, { \"from\": \"/q\" } ]", OHC_E_FAILED,
	       "/s/a' and, with other content, from '/tmp/ohc-tree");
}

static void test_programs(void **state)
{
	(void)state;
	check("elf /usr/bin/tmux.1\nmode 755 /usr/bin/tmux.1\nlink /usr/bin/tmux tmux.1\n"
	      "link /bin usr/bin\n",
	      "\"programs\": [ \"/bin/tmux\", { \"from\": \"/usr/bin/tmux\", \"to\": \"x/t\", "
	      "\"dlopen\": [ \"libx.so\" ] } ]",
	      "/\n/bin/\n/bin/tmux\n/x/\n/x/t\n");
	assert_string_equal(seen.data, "program /p/bin/tmux\nprogram /p/x/t libx.so\n");
	/* A script brings its interpreter along. */
	check("file /usr/bin/a '#!/bin/bash -e\\nx\\n'\nmode 755 /usr/bin/a\n"
	      "file /usr/bin/b '#!/usr/bin/env perl\\n'\nmode 755 /usr/bin/b\n"
	      "elf /bin/bash\nmode 755 /bin/bash\nelf /usr/bin/perl\nmode 755 /usr/bin/perl\n",
	      "\"programs\": [ \"/usr/bin/a\", \"/usr/bin/b\" ]",
	      "/\n/bin/\n/bin/a\n/bin/b\n/bin/bash\n/bin/perl\n");
	assert_string_equal(seen.data, "program /p/bin/bash\nprogram /p/bin/perl\n");
	refuse("file /a '#!/bin/ksh\\n'\nmode 755 /a\n", "\"programs\": [ \"/a\" ]",
	       OHC_E_NOT_FOUND, "/a': there is no '/tmp/ohc-tree");
	refuse("file /a '#!/b\\n'\nmode 755 /a\nfile /b '#!/a\\n'\nmode 755 /b\n",
	       "\"programs\": [ { \"from\": \"/a\", \"to\": \"x\" } ]", OHC_E_FORMAT,
	       "is a script, and so is its interpreter, and so on");
	refuse("file /x\n", "\"programs\": [ \"/x\" ]", OHC_E_FORMAT,
	       "/x' is no program: it may not be executed");
	refuse("dir /x\n", "\"programs\": [ \"/x\" ]", OHC_E_FORMAT, "it is no regular file");
	refuse("dir /x\n", "\"programs\": [ \"/y\" ]", OHC_E_NOT_FOUND, "/y'");
}

/* The first lines of scripts, and what they become. */
static void test_first_lines(void **state)
{
	static const struct {
		const char *line, *want, *list;
	} rows[] = {
		{ "#!/bin/sh -e x", "#!/p/bin/sh -e x\n", "/\n/bin/\n/bin/s\n/bin/sh\n" },
		{ "#! /usr/bin/env sh", "#!/p/bin/sh\n", "/\n/bin/\n/bin/s\n/bin/sh\n" },
		{ "#!/usr/bin/env -S sh -e x", "#!/p/bin/env -S /p/bin/sh -e x\n",
		  "/\n/bin/\n/bin/env\n/bin/s\n/bin/sh\n" },
		{ "#!/usr/bin/env -S A=b  C=/d /bin/sh", "#!/p/bin/env -S A=b  C=/d /p/bin/sh\n",
		  "/\n/bin/\n/bin/env\n/bin/s\n/bin/sh\n" },
		{ "#!/usr/bin/env -S -i sh", "#!/p/bin/env -S -i sh\n",
		  "/\n/bin/\n/bin/env\n/bin/s\n" },
		{ "#!/usr/bin/env -S", "#!/p/bin/env -S\n", "/\n/bin/\n/bin/env\n/bin/s\n" },
		{ "#!/usr/bin/env -i", "#!/p/bin/env -i\n", "/\n/bin/\n/bin/env\n/bin/s\n" },
	};

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(rows); i++) {
		ohc_cleanup(ohc_buf_clear) struct ohc_buf list = OHC_BUF_INIT;
		ohc_cleanup(ohc_freep) char *tree =
			ohc_xasprintf("file /s '%s\\n'\nmode 755 /s\nelf /bin/sh\nmode 755 "
				      "/bin/sh\nelf /usr/bin/env\nmode 755 /usr/bin/env\n",
				      rows[i].line);
		struct ohc_assembly *b;
		char text[256];
		ssize_t n;

		assert_ok(make(tree, "\"programs\": [ \"/s\" ]", &list, &b), &err);
		assert_string_equal(list.data, rows[i].list);
		n = ohc_assembly_read(b, "/p/bin/s", text, sizeof(text) - 1, &err);
		assert_true(n > 0);
		text[n] = '\0';
		assert_string_equal(text, rows[i].want);
		ohc_assembly_free(b);
	}
}

#define STDLIB                                                                          \
	"elf /usr/bin/python3.12\nmode 755 /usr/bin/python3.12\nlink /usr/bin/python3 " \
	"python3.12\n"                                                                  \
	"file /usr/lib/python3.12/os.py\ntime 100 /usr/lib/python3.12/os.py\n"          \
	"file /usr/lib/python3.12/config-3.12/x\nlink /usr/lib/python3.12/gone /etc/gone\n"
#define PYTHON(more) "\"python\": { \"interpreter\": \"/usr/bin/python3\"" more " }"

static void test_python(void **state)
{
	(void)state;
	check(STDLIB "file /usr/lib/python3.12/site-packages/own.py\n"
		     "link /usr/lib/python3.12/out.py /etc/out.py\nfile /etc/out.py\n",
	      PYTHON(""),
	      "/\n/python/\n/python/bin/\n/python/bin/python -> python3.12\n"
	      "/python/bin/python3 -> python3.12\n/python/bin/python3.12\n/python/lib/\n"
	      "/python/lib/python3.12/\n/python/lib/python3.12/os.py\n/python/lib/python3.12/"
	      "out.py\n"
	      "/python/lib/python3.12/site-packages/\n/python/lib/python3.12/site-packages/"
	      "own.py\n");
	assert_string_equal(seen.data, "program /p/python/bin/python3.12 python\n"
				       "python /p/python/bin/python3.12\n");
	check(STDLIB, PYTHON(", \"dlopen\": [\"libmagic.so.1\"]"),
	      "/\n/python/\n/python/bin/\n/python/bin/python -> python3.12\n"
	      "/python/bin/python3 -> python3.12\n/python/bin/python3.12\n/python/lib/\n"
	      "/python/lib/python3.12/\n/python/lib/python3.12/os.py\n");
	assert_string_equal(seen.data, "program /p/python/bin/python3.12 libmagic.so.1\n"
				       "python /p/python/bin/python3.12\n");
	/* Debian's looks for dist-packages; the first directory's file counts. */
	check(STDLIB "file /usr/lib/python3.12/site.py dist-packages\n"
		     "file /a/m.py 1\nfile /b/m.py 2\nfile /b/n.py\n"
		     "file /usr/lib/python3.12/site-packages/own.py\n",
	      PYTHON(", \"to\": \".venv\", \"site-packages\": [\"/a\", \"b\"]"),
	      "/\n/.venv/\n/.venv/bin/\n/.venv/bin/python -> python3.12\n"
	      "/.venv/bin/python3 -> python3.12\n/.venv/bin/python3.12\n/.venv/lib/\n"
	      "/.venv/lib/python3.12/\n/.venv/lib/python3.12/dist-packages/\n"
	      "/.venv/lib/python3.12/dist-packages/m.py\n/.venv/lib/python3.12/dist-packages/n.py\n"
	      "/.venv/lib/python3.12/os.py\n/.venv/lib/python3.12/site.py\n");
	refuse("elf /usr/bin/python3\n", PYTHON(""), OHC_E_FORMAT,
	       "does not tell its version by its name");
	refuse("elf /usr/bin/python3.12\nlink /usr/bin/python3 python3.12\n", PYTHON(""),
	       OHC_E_NOT_FOUND, "name it as \"stdlib\"");
	refuse("elf /usr/bin/python3\ndir /l/python3.9\n", PYTHON(", \"stdlib\": \"/l/python3.9\""),
	       OHC_E_FORMAT, "it has no 'os.py'");
}

/* Packages and scripts beside an interpreter that another layer may have. */
static void test_venv(void **state)
{
	static const char tree[] = STDLIB
		"file /s/m.py\nfile /s/a-1.dist-info/METADATA 'Name: a\\nRequires-Dist: b\\n\\n'\n"
		"file /b/run '#!/x/python3\\n'\nmode 755 /b/run\n";
	ohc_cleanup(ohc_buf_clear) struct ohc_buf list = OHC_BUF_INIT;
	struct ohc_assembly *b;
	char text[256];
	ssize_t n;

	(void)state;
	assert_ok(make(tree,
		       PYTHON(", \"venv\": \"x/.venv\", \"site-packages\": [\"/s\"], "
			      "\"scripts\": [\"/b\"], \"unmet\": [\"B\"]"),
		       &list, &b),
		  &err);
	assert_string_equal(
		list.data,
		"/\n/python/\n/python/bin/\n/python/bin/python -> python3.12\n"
		"/python/bin/python3 -> python3.12\n/python/bin/python3.12\n/python/lib/\n"
		"/python/lib/python3.12/\n/python/lib/python3.12/os.py\n/x/\n/x/.venv/\n"
		"/x/.venv/bin/\n/x/.venv/bin/python -> ../../../python/bin/python3.12\n"
		"/x/.venv/bin/python3 -> ../../../python/bin/python3.12\n"
		"/x/.venv/bin/python3.12 -> ../../../python/bin/python3.12\n/x/.venv/bin/run\n"
		"/x/.venv/lib/\n/x/.venv/lib/python3.12/\n/x/.venv/lib/python3.12/site-packages/\n"
		"/x/.venv/lib/python3.12/site-packages/a-1.dist-info/\n"
		"/x/.venv/lib/python3.12/site-packages/a-1.dist-info/METADATA\n"
		"/x/.venv/lib/python3.12/site-packages/m.py\n/x/.venv/pyvenv.cfg\n");
	assert_non_null(strstr(seen.data, "python /p/x/.venv/bin/python\n"));
	n = ohc_assembly_read(b, "/p/x/.venv/pyvenv.cfg", text, sizeof(text) - 1, &err);
	assert_true(n > 0);
	text[n] = '\0';
	assert_string_equal(text, "home = /p/python/bin\ninclude-system-site-packages = false\n"
				  "version = 3.12\n");
	n = ohc_assembly_read(b, "/p/x/.venv/bin/run", text, sizeof(text) - 1, &err);
	assert_true(n > 0);
	text[n] = '\0';
	assert_string_equal(text, "#!/p/x/.venv/bin/python\n");
	ohc_assembly_free(b);
}

/* A path that `pip install -e` leaves leads to the directory of the sources. */
static void test_pth(void **state)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf list = OHC_BUF_INIT;
	struct ohc_assembly *b;

	(void)state;
	assert_ok(make(STDLIB "file /s/a.pth '/home/me/src\\n/p/lib/own\\n# no\\n'\n"
			      "file /s/b.pth 'import __editable___x_finder; x()\\n'\n"
			      "file /s/c.pth 'import os; y()\\nrelative\\n'\n",
		       PYTHON(", \"site-packages\": [\"/s\"]"), &list, &b),
		  &err);
	assert_string_equal(heard.data,
			    "/s/a.pth' takes in '/home/me/src', which will not be there: install "
			    "that as a package, not editable (pip install -e)\n"
			    "/s/b.pth' takes in a source tree, which will not be there: install "
			    "that as a package, not editable (pip install -e)\n");
	ohc_assembly_free(b);
}

static void test_python_requires(void **state)
{
	static const char tree[] =
		STDLIB "file /s/a-1.dist-info/METADATA 'Name: a\\nVersion: 1\\n"
		       "Requires-Dist: b>=2\\nRequires-Dist: c; sys_platform == \"win32\"\\n\\n'\n";

	(void)state;
	refuse(tree, PYTHON(", \"site-packages\": [\"/s\"]"), OHC_E_FORMAT,
	       "distributions are missing that others require: 'b>=2' (a requires it); install "
	       "them, then pack");
}

/* A header of bytecode: magic, flags, the source's time and size. */
#define PYC(time, size) "mmmm\\0\\0\\0\\0\\x" time "\\0\\0\\0\\x" size "\\0\\0\\0"

static void test_bytecode(void **state)
{
	static const char tree[] = STDLIB
		"file /s/a.py 12345\ntime 100 /s/a.py\nfile /s/b.py 12345\ntime 100 /s/b.py\n"
		"file /s/__pycache__/a.cpython-312.pyc '" PYC(
			"64", "05") "'\n"
				    "file /s/__pycache__/b.cpython-312.pyc '" PYC(
					    "65",
					    "05") "'\n"
						  "file /s/__pycache__/a.cpython-311.pyc '" PYC(
							  "64", "05") "'\n"
								      "file /s/only.pyc x\n";
	ohc_cleanup(ohc_buf_clear) struct ohc_buf list = OHC_BUF_INIT;
	struct ohc_assembly *b;

	(void)state;
	assert_ok(make(tree, PYTHON(", \"site-packages\": [\"/s\"]"), &list, &b), &err);
	assert_non_null(strstr(list.data, "/__pycache__/a.cpython-312.pyc\n"));
	assert_null(strstr(list.data, "b.cpython-312.pyc"));
	assert_null(strstr(list.data, "cpython-311"));
	assert_non_null(strstr(list.data, "/only.pyc\n"));
	ohc_assembly_free(b);
	refuse(tree, PYTHON(", \"site-packages\": [\"/s\"], \"bytecode\": \"check\""), OHC_E_FORMAT,
	       "/s/__pycache__/b.cpython-312.pyc' is not the bytecode of its source");
	ohc_buf_clear(&list);
	assert_ok(make(tree, PYTHON(", \"site-packages\": [\"/s\"], \"bytecode\": \"none\""), &list,
		       &b),
		  &err);
	assert_null(strstr(list.data, "cpython"));
	ohc_assembly_free(b);
}

static void test_scripts(void **state)
{
	static const struct {
		const char *name, *text;
	} want[] = {
		{ "/p/python/bin/one", "#!/p/python/bin/python3.12 -s\nimport x\n" },
		{ "/p/python/bin/two",
		  "#!/bin/sh\n'''exec' \"/p/python/bin/python3.12\" \"$0\"\n" },
		{ "/p/python/bin/three", "#!/usr/bin/env python3\n" },
	};
	ohc_cleanup(ohc_buf_clear) struct ohc_buf list = OHC_BUF_INIT;
	struct ohc_assembly *b;
	char text[256];

	(void)state;
	assert_ok(make(STDLIB
		       "file /v/pyvenv.cfg\nfile /v/lib/python3.12/site-packages/m.py\n"
		       "file /v/bin/one '#!/v/bin/python -s\\nimport x\\n'\nmode 755 /v/bin/one\n"
		       "file /v/bin/two '#!/bin/sh\\n'\"'''exec'\"' \"/v/bin/python3\" \"$0\"\\n'\n"
		       "mode 755 /v/bin/two\nfile /v/bin/three '#!/usr/bin/env python3\\n'\n"
		       "mode 755 /v/bin/three\nelf /v/bin/uv\nmode 755 /v/bin/uv\n"
		       "file /v/bin/activate\nlink /v/bin/python /usr/bin/python3\n",
		       PYTHON(", \"site-packages\": [\"/v/lib/python3.12/site-packages\"]"), &list,
		       &b),
		  &err);
	/* The sources are gone by now: these were made anew. */
	for (size_t i = 0; i < 2; i++) {
		ssize_t n = ohc_assembly_read(b, want[i].name, text, sizeof(text) - 1, &err);

		assert_true(n >= 0);
		text[n] = '\0';
		assert_string_equal(text, want[i].text);
	}
	assert_non_null(strstr(list.data, "/python/bin/three\n"));
	assert_null(strstr(list.data, "activate"));
	assert_non_null(strstr(seen.data, "object /p/python/bin/uv\n"));
	ohc_assembly_free(b);
}

static void test_browser(void **state)
{
	(void)state;
	check("elf /c/chromium-99/chrome-linux/chrome\nmode 755 "
	      "/c/chromium-99/chrome-linux/chrome\n"
	      "elf /c/chromium-100/chrome-linux/chrome\n"
	      "mode 755 /c/chromium-100/chrome-linux/chrome\n"
	      "elf /c/chromium_headless_shell-101/chrome-linux/headless_shell\n"
	      "mode 755 /c/chromium_headless_shell-101/chrome-linux/headless_shell\n",
	      "\"browser\": \"/c\"",
	      "/\n/browser/\n/browser/ms-playwright/\n/browser/ms-playwright/chromium-100/\n"
	      "/browser/ms-playwright/chromium-100/chrome-linux/\n"
	      "/browser/ms-playwright/chromium-100/chrome-linux/chrome\n"
	      "/browser/ms-playwright/chromium-99/\n"
	      "/browser/ms-playwright/chromium-99/chrome-linux/\n"
	      "/browser/ms-playwright/chromium-99/chrome-linux/chrome\n"
	      "/browser/ms-playwright/chromium_headless_shell-101/\n"
	      "/browser/ms-playwright/chromium_headless_shell-101/chrome-linux/\n"
	      "/browser/ms-playwright/chromium_headless_shell-101/chrome-linux/headless_shell\n");
	assert_non_null(strstr(
		seen.data, "browser /p/browser/ms-playwright/chromium-100/chrome-linux/chrome\n"));
	check("elf /usr/lib/chromium/chromium\nmode 755 /usr/lib/chromium/chromium\n"
	      "file /usr/lib/chromium/x.pak\n",
	      "\"browser\": { \"from\": \"/usr/lib/chromium\", \"to\": \"b\", "
	      "\"as\": \"chrome\" }",
	      "/\n/b/\n/b/chrome -> chromium\n/b/chromium\n/b/x.pak\n");
	assert_string_equal(seen.data, "program /p/b/chromium chromium\nbrowser /p/b/chromium\n");
	refuse("file /c/x\n", "\"browser\": \"/c\"", OHC_E_NOT_FOUND, "there is no Chromium in");
}

static void test_pyinstaller(void **state)
{
	(void)state;
	check("elf /d/app type=exec pyinstaller=1\nmode 755 /d/app\n",
	      "\"pyinstaller\": \"/d/app\"", "/\n/bin/\n/bin/app\n");
	check("elf /d/app type=exec pyinstaller=1\nfile /d/_internal/x\n",
	      "\"pyinstaller\": \"/d\"", "/\n/d/\n/d/_internal/\n/d/_internal/x\n/d/app\n");
	assert_string_equal(seen.data, "program /p/d/app\n");
	refuse("elf /d/app\n", "\"pyinstaller\": \"/d/app\"", OHC_E_FORMAT,
	       "is not what PyInstaller makes");
	refuse("elf /d/app\n", "\"pyinstaller\": \"/d\"", OHC_E_FORMAT,
	       "is not what PyInstaller makes");
}

static void check_mode(const char *lines, const char *layer, const char *path, mode_t mode)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf list = OHC_BUF_INIT;
	struct ohc_assembly *b;

	assert_ok(make(lines, layer, &list, &b), &err);
	assert_int_equal(ohc_assembly_find(b, path).mode & 07777, mode);
	ohc_assembly_free(b);
}

static void test_modes(void **state)
{
	static const char tree[] = "file /s/d/f\nmode 640 /s/d/f\nmode 750 /s/d\n";

	(void)state;
	check_mode(tree, COPY(""), "/p/d/f", 0640);
	check_mode(tree, COPY(""), "/p/d", 0750);
	/* A mode is for files: directories that can be read can be entered, too. */
	check_mode(tree, COPY(", \"mode\": \"0644\""), "/p/d/f", 0644);
	check_mode(tree, COPY(", \"mode\": \"0644\""), "/p/d", 0755);
	check_mode(tree, COPY(", \"mode\": \"0600\""), "/p/d", 0700);
	check_mode("file /etc/ssl/certs/ca-certificates.crt x\n"
		   "mode 600 /etc/ssl/certs/ca-certificates.crt\n",
		   "\"certificates\": true", "/p/etc/ssl/certs/ca-certificates.crt", 0644);
}

static void test_small(void **state)
{
	(void)state;
	check("file /etc/ssl/certs/ca-certificates.crt x\nfile /usr/lib/locale/C.utf8/LC_CTYPE\n"
	      "file /usr/share/fonts/truetype/dejavu/D.ttf\n",
	      "\"certificates\": true, \"locale\": true, \"fonts\": true",
	      "/\n/etc/\n/etc/fonts/\n/etc/fonts/fonts.conf\n/etc/ssl/\n/etc/ssl/certs/\n"
	      "/etc/ssl/certs/ca-certificates.crt\n/lib/\n/lib/locale/\n/lib/locale/C.utf8/\n"
	      "/lib/locale/C.utf8/LC_CTYPE\n/share/\n/share/fonts/\n/share/fonts/dejavu/\n"
	      "/share/fonts/dejavu/D.ttf\n");
	check("file /f/A.ttf\n", "\"fonts\": { \"from\": [ \"/f/A.ttf\" ] }",
	      "/\n/etc/\n/etc/fonts/\n/etc/fonts/fonts.conf\n/share/\n/share/fonts/\n"
	      "/share/fonts/A.ttf\n");
	refuse("file /x\n", "\"certificates\": true", OHC_E_NOT_FOUND,
	       "there is no bundle of certificates in the root '/tmp/ohc-tree");
	refuse("file /x\n", "\"locale\": true", OHC_E_NOT_FOUND, "there is no locale C.utf8");
	refuse("file /x\n", "\"fonts\": true", OHC_E_NOT_FOUND, "there are no fonts");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_patterns),
		cmocka_unit_test(test_glob),
		cmocka_unit_test(test_copy),
		cmocka_unit_test(test_copy_links),
		cmocka_unit_test(test_twice),
		cmocka_unit_test(test_programs),
		cmocka_unit_test(test_first_lines),
		cmocka_unit_test(test_python),
		cmocka_unit_test(test_venv),
		cmocka_unit_test(test_pth),
		cmocka_unit_test(test_python_requires),
		cmocka_unit_test(test_bytecode),
		cmocka_unit_test(test_scripts),
		cmocka_unit_test(test_browser),
		cmocka_unit_test(test_pyinstaller),
		cmocka_unit_test(test_modes),
		cmocka_unit_test(test_small),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	ohc_buf_clear(&seen);
	ohc_buf_clear(&heard);
	return failed;
}
