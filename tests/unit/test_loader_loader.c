// SPDX-License-Identifier: Apache-2.0
#include "unit.h"

#include <stdlib.h>

#include "core/alloc.h"
#include "layout/loader/loader.h"
#include "layout/loader/machine.h"
#include "tree.h"

/* A Debian of old: no merged /usr, the loader in its multiarch directory. */
#define DEBIAN                                                                           \
	"link /lib64 lib/x86_64-linux-gnu\n"                                             \
	"elf /lib/x86_64-linux-gnu/ld-linux-x86-64.so.2 soname=ld-linux-x86-64.so.2 "    \
	"defs=GLIBC_2.2.5,GLIBC_2.36\n"                                                  \
	"elf /lib/x86_64-linux-gnu/libc.so.6 soname=libc.so.6 "                          \
	"needed=ld-linux-x86-64.so.2 defs=GLIBC_2.2.5,GLIBC_2.34,GLIBC_2.36\n"           \
	"file /etc/ld.so.cache\n"                                                        \
	"file /etc/ld.so.conf 'include ld.so.conf.d/*.conf\\n'\n"                        \
	"file /etc/ld.so.conf.d/a.conf '# local\\n  /opt/conf/ \\nhwcap 1 x\\n/y=old'\n" \
	"file /etc/ld.so.conf.d/ignored '/opt/ignored'\n"
#define LOADER "interp=/lib64/ld-linux-x86-64.so.2 pie=1 "

/* Writes the loader set as text: "real< parent" a line, then the missing ones. */
static void describe(struct test_tree *t, const char *library_path, const char *program,
		     struct ohc_buf *out)
{
	ohc_cleanup(ohc_loader_freep) struct ohc_loader *libs = ohc_loader_new(t->files);
	ohc_cleanup(ohc_loader_set_clear) struct ohc_loader_set c = OHC_LOADER_SET_INIT;
	static const char *const why[] = { "no file", "no loader",  "arch",
					   "no elf",  "no library", "version" };
	struct ohc_error err = OHC_ERROR_INIT;
	int rc;

	ohc_loader_env(libs, library_path);
	rc = ohc_loader_start(libs, program, &c, &err);
	assert_ok(rc, &err);
	assert_int_equal(rc, 1);
	for (size_t i = 1; i < c.n; i++)
		ohc_buf_addf(out, "%s\n", c.v[i].real);
	for (size_t i = 0; i < c.n_missing; i++)
		ohc_buf_addf(out, "%s: %s (%s) %s\n", why[c.missing[i].why], c.missing[i].name,
			     c.missing[i].needed_by, c.missing[i].found ? c.missing[i].found : "-");
}

static void expect_with(const char *library_path, const char *lines, const char *program,
			const char *want)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf got = OHC_BUF_INIT;
	struct test_tree t;

	tree_make(&t, lines);
	describe(&t, library_path, program, &got);
	assert_string_equal(ohc_buf_str(&got), want);
	tree_remove(&t);
}

static void expect(const char *lines, const char *program, const char *want)
{
	expect_with(NULL, lines, program, want);
}

static void a_plain_program(void **state)
{
	(void)state;
	expect(DEBIAN "elf /bin/x " LOADER "needed=liba.so,libc.so.6 needs=libc.so.6:GLIBC_2.34\n"
		      "elf /usr/lib/liba.so needed=libb.so,libold.so,libc.so.6\n"
		      "elf /opt/conf/libb.so\n"
		      "elf /y/libold.so\n",
	       "/bin/x",
	       "/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2\n"
	       "/usr/lib/liba.so\n"
	       "/lib/x86_64-linux-gnu/libc.so.6\n"
	       "/opt/conf/libb.so\n"
	       "/y/libold.so\n");
}

/* glibc warns of one, at most: what says nothing of versions has whatever is asked for. */
static void a_library_without_versions_has_any(void **state)
{
	(void)state;
	expect(DEBIAN "elf /bin/x " LOADER "needed=liba.so needs=liba.so:A_1.0\n"
		      "elf /usr/lib/liba.so soname=liba.so\n",
	       "/bin/x", "/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2\n/usr/lib/liba.so\n");
	expect(DEBIAN "elf /bin/x " LOADER "needed=liba.so needs=liba.so:A_1.0\n"
		      "elf /usr/lib/liba.so soname=liba.so defs=A_0.9\n",
	       "/bin/x",
	       "/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2\n/usr/lib/liba.so\n"
	       "version: A_1.0 (/bin/x) /usr/lib/liba.so\n");
}

static void what_is_missing(void **state)
{
	(void)state;
	expect(DEBIAN "elf /bin/x " LOADER "needed=liba.so,libno.so,libarm.so,libtext.so,libc.so.6 "
		      "needs=libc.so.6:GLIBC_2.34:GLIBC_2.99\n"
		      "elf /usr/lib/liba.so needed=libno.so,libnono.so\n"
		      "elf /usr/lib/libarm.so arch=arm64\n"
		      "file /usr/lib/libtext.so 'INPUT(libc.so.6)'\n"
		      "elf /opt/ignored/libno.so\n",
	       "/bin/x",
	       "/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2\n"
	       "/usr/lib/liba.so\n"
	       "/lib/x86_64-linux-gnu/libc.so.6\n"
	       "no file: libno.so (/bin/x) -\n"
	       "arch: libarm.so (/bin/x) /usr/lib/libarm.so\n"
	       "no elf: libtext.so (/bin/x) /usr/lib/libtext.so\n"
	       "no file: libno.so (/usr/lib/liba.so) -\n"
	       "no file: libnono.so (/usr/lib/liba.so) -\n"
	       "version: GLIBC_2.99 (/bin/x) /lib/x86_64-linux-gnu/libc.so.6\n");
}

/* The loader asks what ldconfig found, not where it would look. */
static void what_ldconfig_found(void **state)
{
#define CACHED(how)                                                                            \
	"elf /lib64/ld-linux-x86-64.so.2\n"                                                    \
	"file /etc/ld.so.conf '/opt/conf\\n/usr/local/lib'\n"                                  \
	"cache /etc/ld.so.cache " how                                                          \
	"libz.so=/opt/z/libz.so ?libb.so=/opt/v3/libb.so libb.so=/opt/conf/libb.so "           \
	"libgone.so=/opt/conf/libgone.so liba.so=/lib/arm/liba.so liba.so=/opt/conf/liba.so\n" \
	"elf /opt/conf/liba.so\nelf /opt/conf/libb.so\nelf /opt/conf/libc.so\n"                \
	"elf /opt/v3/libb.so\nelf /lib/arm/liba.so arch=arm64\nelf /usr/local/lib/libl.so\n"   \
	"elf /lib64/libgone.so\nelf /opt/z/libz.so\n"                                          \
	"elf /bin/x " LOADER "needed=liba.so,libb.so,libc.so,libgone.so,libl.so,libz.so\n"
	static const char want[] = "/lib64/ld-linux-x86-64.so.2\n"
				   "/opt/conf/liba.so\n/opt/conf/libb.so\n/lib64/libgone.so\n"
				   "/opt/z/libz.so\n"
				   "no file: libc.so (/bin/x) -\n"
				   "no file: libl.so (/bin/x) -\n";

	(void)state;
	expect(CACHED(""), "/bin/x", want);
	expect(CACHED("old "), "/bin/x", want);
}

/* With a cache of another form, or one that is cut off, the configuration counts. */
static void a_cache_that_cannot_be_read(void **state)
{
	static const char *const caches[] = {
		"''",
		"'ld.so-1.7.0\\0\\xff\\xff\\xff\\xff'",
		"'glibc-ld.so.cache1.1\\xff\\xff\\xff\\x7f'",
		"'glibc-ld.so.cache1.1\\1\\0\\0\\0                                      '",
	};

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(caches); i++) {
		ohc_cleanup(ohc_freep) char *tree =
			ohc_xasprintf("elf /lib64/ld-linux-x86-64.so.2\nfile /etc/ld.so.conf /opt\n"
				      "file /etc/ld.so.cache %s\nelf /opt/liba.so\n"
				      "elf /bin/x " LOADER "needed=liba.so\n",
				      caches[i]);

		expect(tree, "/bin/x", "/lib64/ld-linux-x86-64.so.2\n/opt/liba.so\n");
	}
}

static void no_cache_no_configuration(void **state)
{
	(void)state;
	expect("elf /lib64/ld-linux-x86-64.so.2\n"
	       "file /etc/ld.so.conf /opt/conf\n"
	       "elf /opt/conf/libb.so\n"
	       "elf /lib64/liba.so\n"
	       "elf /bin/x " LOADER "needed=liba.so,libb.so\n",
	       "/bin/x",
	       "/lib64/ld-linux-x86-64.so.2\n"
	       "/lib64/liba.so\n"
	       "no file: libb.so (/bin/x) -\n");
}

static void no_loader(void **state)
{
	(void)state;
	expect("elf /bin/x " LOADER "\n", "/bin/x",
	       "no loader: /lib64/ld-linux-x86-64.so.2 (/bin/x) -\n");
	expect("elf /bin/x " LOADER "\nelf /lib64/ld-linux-x86-64.so.2 arch=386\n", "/bin/x",
	       "arch: /lib64/ld-linux-x86-64.so.2 (/bin/x) /lib64/ld-linux-x86-64.so.2\n");
	expect("elf /bin/x " LOADER "\nfile /lib64/ld-linux-x86-64.so.2 text\n", "/bin/x",
	       "no elf: /lib64/ld-linux-x86-64.so.2 (/bin/x) /lib64/ld-linux-x86-64.so.2\n");
}

/* A loader takes neither a program for a library, nor an object file, nor debugging information
 * alone, which has no dynamic section. */
static void what_is_no_library(void **state)
{
	(void)state;
	expect(DEBIAN "elf /bin/x " LOADER "needed=libexec.so,libpie.so,librel.so\n"
		      "elf /usr/lib/libexec.so type=exec\n"
		      "elf /usr/lib/libpie.so pie=1\n"
		      "elf /usr/lib/librel.so type=rel\n",
	       "/bin/x",
	       "/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2\n"
	       "no library: libexec.so (/bin/x) /usr/lib/libexec.so\n"
	       "no library: libpie.so (/bin/x) /usr/lib/libpie.so\n"
	       "no library: librel.so (/bin/x) /usr/lib/librel.so\n");
}

/* A library without paths of its own is found by the program's RPATH, not by its RUNPATH; and a
 * RUNPATH of its own hides the program's RPATH. */
static void rpath_is_handed_down(void **state)
{
	static const char tree[] =
		DEBIAN "elf /p/bin/rpath " LOADER "needed=liba.so rpath=$ORIGIN/../lib\n"
		       "elf /p/bin/runpath " LOADER "needed=liba.so runpath=${ORIGIN}/../lib\n"
		       "elf /p/bin/both " LOADER "needed=liba.so rpath=/nowhere runpath=/p/lib\n"
		       "elf /p/bin/hidden " LOADER "needed=libh.so rpath=/p/lib\n"
		       "elf /p/bin/shadow " LOADER "needed=libs.so rpath=/p/lib runpath=/p/own\n"
		       "elf /p/own/libs.so needed=libb.so\n"
		       "elf /p/lib/liba.so needed=libb.so\n"
		       "elf /p/lib/libb.so\n"
		       "elf /p/lib/libh.so needed=libb.so runpath=/p/other\n";

	(void)state;
	expect(tree, "/p/bin/rpath",
	       "/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2\n/p/lib/liba.so\n/p/lib/libb.so\n");
	expect(tree, "/p/bin/runpath",
	       "/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2\n/p/lib/liba.so\n"
	       "no file: libb.so (/p/bin/../lib/liba.so) -\n");
	expect(tree, "/p/bin/both",
	       "/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2\n/p/lib/liba.so\n"
	       "no file: libb.so (/p/lib/liba.so) -\n");
	/* The RPATH of a file that has both is ignored. */
	expect(tree, "/p/bin/shadow",
	       "/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2\n/p/own/libs.so\n"
	       "no file: libb.so (/p/own/libs.so) -\n");
	expect(tree, "/p/bin/hidden",
	       "/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2\n/p/lib/libh.so\n"
	       "no file: libb.so (/p/lib/libh.so) -\n");
}

/* ld.so(8): behind DT_RPATH, before DT_RUNPATH; musl looks there first. */
static void the_library_path_has_its_place(void **state)
{
	static const char tree[] =
		DEBIAN "elf /p/bin/rpath " LOADER "needed=liba.so,libe.so rpath=$ORIGIN/../lib\n"
		       "elf /p/bin/runpath " LOADER "needed=liba.so runpath=$ORIGIN/../lib\n"
		       "elf /p/bin/none " LOADER "needed=libe.so,libc.so.6\n"
		       "elf /p/lib/liba.so\n"
		       "elf /env/liba.so\n"
		       "elf /env/libe.so\n"
		       "elf /env/libc.so.6\n";
	static const char musl[] = "elf /lib/ld-musl-x86_64.so.1\n"
				   "elf /bin/m interp=/lib/ld-musl-x86_64.so.1 needed=liba.so "
				   "rpath=/p/lib\n"
				   "elf /p/lib/liba.so\n"
				   "elf /env/liba.so\n";

	(void)state;
	expect_with("/env", tree, "/p/bin/rpath",
		    "/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2\n/p/lib/liba.so\n/env/libe.so\n");
	expect_with("/env", tree, "/p/bin/runpath",
		    "/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2\n/env/liba.so\n");
	expect_with(":relative;/nowhere;$ORIGIN/../../env", tree, "/p/bin/none",
		    "/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2\n/env/libe.so\n/env/libc.so.6\n");
	expect_with("/env", musl, "/bin/m", "/lib/ld-musl-x86_64.so.1\n/env/liba.so\n");
}

static void another_architecture_is_passed_over(void **state)
{
	(void)state;
	expect(DEBIAN "elf /bin/x " LOADER "needed=liba.so rpath=/one:/two\n"
		      "elf /one/liba.so arch=386\n"
		      "elf /two/liba.so\n",
	       "/bin/x", "/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2\n/two/liba.so\n");
}

/* liba.so is there by its file's name, but asked for by its soname; the second time by a link. */
static void loaded_already(void **state)
{
	(void)state;
	expect(DEBIAN "elf /bin/x " LOADER "needed=libone.so,libtwo.so,liblink.so rpath=/p\n"
		      "elf /p/libone.so soname=libreal.so.1\n"
		      "elf /p/libtwo.so needed=libreal.so.1\n"
		      "link /p/liblink.so libone.so\n",
	       "/bin/x",
	       "/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2\n/p/libone.so\n/p/libtwo.so\n");
}

static void tokens_and_paths(void **state)
{
	(void)state;
	expect(DEBIAN "elf /bin/x " LOADER "needed=liba.so,libb.so,/p/libc.so,libd.so "
		      "'rpath=/p/$LIB:/p/$PLATFORM/${LIB}x:relative::/p/$'\n"
		      "elf /p/lib/x86_64-linux-gnu/liba.so\n"
		      "elf /p/x86_64/lib64x/libb.so\n"
		      "elf /p/libc.so\n"
		      "elf '/p/$/libd.so'\n",
	       "/bin/x",
	       "/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2\n"
	       "/p/lib/x86_64-linux-gnu/liba.so\n/p/x86_64/lib64x/libb.so\n/p/libc.so\n"
	       "/p/$/libd.so\n");
}

/* A program's $ORIGIN is where it is, a library's where it was found. */
static void origin_of_links(void **state)
{
	(void)state;
	expect(DEBIAN "elf /real/bin/x " LOADER "needed=liba.so rpath=$ORIGIN/../lib\n"
		      "link /usr/bin/x /real/bin/x\n"
		      "elf /elsewhere/liba.so needed=libb.so runpath=$ORIGIN\n"
		      "link /real/lib/liba.so /elsewhere/liba.so\n"
		      "elf /real/lib/libb.so\n",
	       "/usr/bin/x",
	       "/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2\n/elsewhere/liba.so\n"
	       "/real/lib/libb.so\n");
}

static void no_default_directories(void **state)
{
	(void)state;
	expect(DEBIAN "file /etc/ld.so.conf.d/b.conf /usr/lib\n"
		      "elf /bin/x " LOADER "needed=liba.so,libconf.so nodeflib=1\n"
		      "elf /usr/lib/liba.so\nelf /opt/conf/libconf.so\n",
	       "/bin/x",
	       "/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2\n/opt/conf/libconf.so\n"
	       "no file: liba.so (/bin/x) -\n");
}

#define MUSL "interp=/lib/ld-musl-x86_64.so.1 pie=1 "

static void musl(void **state)
{
	(void)state;
	expect("elf /lib/ld-musl-x86_64.so.1\n"
	       "elf /bin/x " MUSL "needed=libc.musl-x86_64.so.1,libm.so,liba.so,libz.so "
	       "runpath=/p\n"
	       "elf /p/liba.so needed=libb.so\n"
	       "elf /p/libb.so needed=libc.so.6\n"
	       "elf /usr/local/lib/libz.so arch=386\n"
	       "elf /usr/lib/libz.so\n",
	       "/bin/x",
	       "/lib/ld-musl-x86_64.so.1\n/p/liba.so\n/p/libb.so\n"
	       "arch: libz.so (/bin/x) /usr/local/lib/libz.so\n");
	/* Its own configuration; a '$' that is not understood spoils the element. */
	expect("elf /lib/ld-musl-x86_64.so.1\n"
	       "file /etc/ld-musl-x86_64.path '/one\\n/two:/three'\n"
	       "elf /bin/x " MUSL "needed=liba.so,libb.so,libc2.so 'rpath=/one$LIB:$ORIGIN'\n"
	       "elf /three/liba.so\nelf /lib/libb.so\nelf /bin/libc2.so\n",
	       "/bin/x",
	       "/lib/ld-musl-x86_64.so.1\n/three/liba.so\n/bin/libc2.so\n"
	       "no file: libb.so (/bin/x) -\n");
	/* An empty one leaves no directory. */
	expect("elf /lib/ld-musl-x86_64.so.1\n"
	       "file /etc/ld-musl-x86_64.path ''\n"
	       "elf /bin/x " MUSL "needed=liba.so\n"
	       "elf /lib/liba.so\n",
	       "/bin/x", "/lib/ld-musl-x86_64.so.1\nno file: liba.so (/bin/x) -\n");
	/* A loader elsewhere looks for its configuration beside it. */
	expect("elf /p/lib/ld-musl-x86_64.so.1\n"
	       "file /p/etc/ld-musl-x86_64.path /p/lib\n"
	       "elf /bin/x interp=/p/lib/ld-musl-x86_64.so.1 needed=liba.so type=exec\n"
	       "elf /p/lib/liba.so\n",
	       "/bin/x", "/p/lib/ld-musl-x86_64.so.1\n/p/lib/liba.so\n");
}

static void other_machines(void **state)
{
	(void)state;
	expect("elf /lib/ld-linux-aarch64.so.1 arch=arm64\n"
	       "elf /usr/lib/aarch64-linux-gnu/liba.so arch=arm64\n"
	       "elf /usr/lib/liba.so\n"
	       "elf /bin/x arch=arm64 interp=/lib/ld-linux-aarch64.so.1 needed=liba.so\n",
	       "/bin/x", "/lib/ld-linux-aarch64.so.1\n/usr/lib/aarch64-linux-gnu/liba.so\n");
	expect("elf /lib64/ld64.so.1 arch=s390x\nlink /lib/ld64.so.1 ../lib64/ld64.so.1\n"
	       "elf /lib64/liba.so arch=s390x\n"
	       "elf /lib/s390x-linux-gnu/libb.so arch=s390x\n"
	       "elf /bin/x arch=s390x interp=/lib/ld64.so.1 needed=liba.so,libb.so\n",
	       "/bin/x", "/lib64/ld64.so.1\n/lib64/liba.so\nno file: libb.so (/bin/x) -\n");
	expect("elf /lib/ld-linux-armhf.so.3 arch=arm\n"
	       "elf /lib/arm-linux-gnueabihf/liba.so arch=arm\n"
	       "elf /bin/x arch=arm interp=/lib/ld-linux-armhf.so.3 needed=liba.so\n",
	       "/bin/x", "/lib/ld-linux-armhf.so.3\n/lib/arm-linux-gnueabihf/liba.so\n");
}

static void what_is_opened_later(void **state)
{
	ohc_cleanup(ohc_loader_set_clear) struct ohc_loader_set c = OHC_LOADER_SET_INIT;
	ohc_cleanup(ohc_loader_freep) struct ohc_loader *libs = NULL;
	struct ohc_error err = OHC_ERROR_INIT;
	struct test_tree t;

	(void)state;
	tree_make(&t, DEBIAN "elf /p/x " LOADER "needed=libc.so.6 rpath=/p\n"
			     "elf /p/plugin.so needed=libc.so.6,libdep.so,libno.so "
			     "needs=libc.so.6:GLIBC_9\n"
			     "elf /p/libdep.so\n"
			     "file /p/script '#!/bin/sh'\n");
	libs = ohc_loader_new(t.files);
	assert_int_equal(ohc_loader_start(libs, "/p/x", &c, &err), 1);
	assert_int_equal(c.n, 3);
	assert_int_equal(c.n_missing, 0);
	assert_ok(ohc_loader_add(libs, &c, "plugin.so", 0, &err), &err);
	assert_int_equal(c.n, 5);
	assert_string_equal(c.v[3].real, "/p/plugin.so");
	assert_string_equal(c.v[4].real, "/p/libdep.so");
	assert_int_equal(c.n_missing, 2);
	assert_string_equal(c.missing[0].name, "libno.so");
	assert_string_equal(c.missing[1].name, "GLIBC_9");
	ohc_loader_set_truncate(&c, 3, 0);
	assert_ok(ohc_loader_add(libs, &c, "/p/plugin.so", 0, &err), &err);
	assert_int_equal(c.n, 5);
	assert_ok(ohc_loader_add(libs, &c, "/p/none.so", 0, &err), &err);
	assert_string_equal(c.missing[2].name, "/p/none.so");
	ohc_loader_set_clear(&c);
	assert_int_equal(ohc_loader_start(libs, "/p/script", &c, &err), 0);
	assert_int_equal(ohc_loader_start(libs, "/p/none", &c, &err), 0);
	tree_remove(&t);
}

/* Configuration that includes itself, or a directory. */
static void odd_configuration(void **state)
{
	(void)state;
	expect("elf /lib64/ld-linux-x86-64.so.2\nfile /etc/ld.so.cache\n"
	       "file /etc/ld.so.conf 'include /etc/ld.so.conf\\ninclude *\\ninclude\\n"
	       "include\\t/etc/x/* /none/*\\n/opt'\n"
	       "dir /etc/x/dir\nfile /etc/x/empty\nelf /opt/liba.so\n"
	       "elf /bin/x " LOADER "needed=liba.so\n",
	       "/bin/x", "/lib64/ld-linux-x86-64.so.2\n/opt/liba.so\n");
}

static bool has_real(const struct ohc_loader_set *c, const char *path)
{
	ohc_cleanup(ohc_freep) char *real = realpath(path, NULL);

	for (size_t i = 0; real && i < c->n; i++)
		if (strcmp(c->v[i].real, real) == 0)
			return true;
	return false;
}

/* This machine's loader is the judge, where it is glibc's. */
static void as_ldd_says(void **state)
{
	static const char *const programs[] = { "/bin/ls", "/usr/bin/python3", "/usr/bin/curl" };
	struct ohc_error err = OHC_ERROR_INIT;

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(programs); i++) {
		ohc_cleanup(ohc_files_freep) struct ohc_files *files = NULL;
		ohc_cleanup(ohc_loader_freep) struct ohc_loader *libs = NULL;
		ohc_cleanup(ohc_loader_set_clear) struct ohc_loader_set c = OHC_LOADER_SET_INIT;
		ohc_cleanup(ohc_freep) char *command =
			ohc_xasprintf("env -u LD_LIBRARY_PATH -u LD_PRELOAD ldd %s 2>/dev/null | "
				      "sed -n 's/.*=> \\(\\/[^ ]*\\) .*/\\1/p'",
				      programs[i]);
		char line[4096];
		size_t n = 0;
		FILE *ldd;

		assert_ok(ohc_files_dir("/", &files, &err), &err);
		libs = ohc_loader_new(files);
		if (ohc_loader_start(libs, programs[i], &c, &err) != 1 || c.libc != OHC_LIBC_GLIBC)
			continue;
		ldd = popen(command, "r");
		while (ldd && fgets(line, sizeof(line), ldd)) {
			line[strcspn(line, "\n")] = '\0';
			if (!has_real(&c, line))
				fail_msg("%s loads '%s'", programs[i], line);
			n++;
		}
		pclose(ldd);
		assert_int_equal(c.n_missing, 0);
		if (n)
			assert_int_equal(c.n, n + 2); /* itself and its loader */
	}
}

static enum ohc_libc libc_of(const char *lines)
{
	enum ohc_libc libc = OHC_LIBC_UNKNOWN;
	struct ohc_error err = OHC_ERROR_INIT;
	struct test_tree t;

	tree_make(&t, lines);
	assert_ok(ohc_machine_libc_of(t.files, &libc, &err), &err);
	tree_remove(&t);
	return libc;
}

static void the_libc_of_a_system(void **state)
{
	static const char *const archs[] = { "386",     "amd64",   "arm",     "arm64",
					     "loong64", "mips",    "mipsle",  "mips64le",
					     "ppc64",   "ppc64le", "riscv64", "s390x" };
	static const enum ohc_libc libcs[] = { OHC_LIBC_GLIBC, OHC_LIBC_MUSL };

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(archs); i++)
		for (size_t k = 0; k < OHC_ARRAY_SIZE(libcs); k++) {
			const struct ohc_machine *m = ohc_machine_of_arch(archs[i]);
			ohc_cleanup(ohc_freep) char *line = NULL;

			assert_non_null(m);
			line = ohc_xasprintf("file %s\n", ohc_machine_loader(m, libcs[k]));
			assert_int_equal(libc_of(line), libcs[k]);
		}
	assert_null(ohc_machine_of_arch("vax"));
	assert_int_equal(libc_of("file /lib/libc.so.5\n"), OHC_LIBC_UNKNOWN);
	assert_int_equal(libc_of("link /lib/ld-linux.so.2 gone\n"), OHC_LIBC_UNKNOWN);
	assert_int_equal(libc_of("file /lib/ld-linux-riscv64-lp64.so.1\n"), OHC_LIBC_GLIBC);
	/* gcompat on Alpine */
	assert_int_equal(libc_of("file /lib/ld-musl-x86_64.so.1\n"
				 "link /lib/ld-linux-x86-64.so.2 ld-musl-x86_64.so.1\n"),
			 OHC_LIBC_MUSL);
	assert_int_equal(libc_of("link /lib64 usr/lib64\nlink /usr/lib64/ld64.so.2 ../l/ld\n"
				 "file /usr/l/ld\n"),
			 OHC_LIBC_GLIBC);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_plain_program),
		cmocka_unit_test(a_library_without_versions_has_any),
		cmocka_unit_test(what_is_missing),
		cmocka_unit_test(what_is_no_library),
		cmocka_unit_test(no_cache_no_configuration),
		cmocka_unit_test(what_ldconfig_found),
		cmocka_unit_test(a_cache_that_cannot_be_read),
		cmocka_unit_test(no_loader),
		cmocka_unit_test(rpath_is_handed_down),
		cmocka_unit_test(the_library_path_has_its_place),
		cmocka_unit_test(another_architecture_is_passed_over),
		cmocka_unit_test(loaded_already),
		cmocka_unit_test(tokens_and_paths),
		cmocka_unit_test(origin_of_links),
		cmocka_unit_test(no_default_directories),
		cmocka_unit_test(musl),
		cmocka_unit_test(other_machines),
		cmocka_unit_test(what_is_opened_later),
		cmocka_unit_test(odd_configuration),
		cmocka_unit_test(as_ldd_says),
		cmocka_unit_test(the_libc_of_a_system),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
