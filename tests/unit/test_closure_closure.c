// SPDX-License-Identifier: Apache-2.0
/* The libraries of a payload: found once each, in the root that they come from. */
#include "unit.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "core/alloc.h"
#include "layout/closure/closure.h"
#include "tree.h"

#define MULTIARCH "/lib/x86_64-linux-gnu"
#define ROOT                                                                        \
	"elf " MULTIARCH "/ld-linux-x86-64.so.2 soname=ld-linux-x86-64.so.2\n"      \
	"link /lib64/ld-linux-x86-64.so.2 " MULTIARCH "/ld-linux-x86-64.so.2\n"     \
	"elf " MULTIARCH "/libc.so.6 soname=libc.so.6 needed=ld-linux-x86-64.so.2 " \
	"defs=GLIBC_2.2.5,GLIBC_2.36\n"                                             \
	"elf " MULTIARCH "/libresolv.so.2 soname=libresolv.so.2 needed=libc.so.6\n" \
	"file " MULTIARCH "/gconv/gconv-modules tables\n"                           \
	"elf " MULTIARCH "/gconv/UTF-16.so needed=libc.so.6\n"                      \
	"elf " MULTIARCH "/libevent-2.1.so.7.0.1 soname=libevent-2.1.so.7 "         \
	"needed=libc.so.6\n"                                                        \
	"link " MULTIARCH "/libevent-2.1.so.7 libevent-2.1.so.7.0.1\n"              \
	"elf /usr/bin/tmux interp=/lib64/ld-linux-x86-64.so.2 pie=1 "               \
	"needed=libevent-2.1.so.7,libc.so.6\n"

#define GLIBC                                \
	"ld-linux-x86-64.so.2 (libc.so.6)\n" \
	"libresolv.so.2 (libc.so.6)\n"

struct object {
	const char *to, *path, *disk;
};

/* "path: its RPATH", one a line, of those that are as `paths` asks. */
static bool paths;

static void say_paths(const struct ohc_assembly *b, const struct object *objects, size_t n,
		      struct ohc_buf *out)
{
	for (size_t i = 0; paths && i < n; i++) {
		ohc_cleanup(ohc_elf_clear) struct ohc_elf elf = OHC_ELF_INIT;
		struct ohc_error err = OHC_ERROR_INIT;
		char data[16384];
		ssize_t got = ohc_assembly_read(b, objects[i].to, data, sizeof(data), &err);

		assert_ok((int)got, &err);
		assert_int_equal(ohc_elf_read_memory(data, (size_t)got, "x", &elf, &err), 1);
		ohc_buf_addf(out, "%s: %s%s\n", objects[i].to,
			     elf.rpath     ? elf.rpath
			     : elf.runpath ? elf.runpath
					   : "",
			     elf.runpath ? " (RUNPATH)" : "");
	}
}

/* "name (who needs it)", one a line, with other names behind it; or the message. */
static void list(struct test_tree *t, const struct object *objects, size_t n,
		 const struct ohc_strv *dlopen, struct ohc_buf *out)
{
	ohc_cleanup(ohc_closure_freep) struct ohc_closure *o =
		ohc_closure_new("/oh", t->files, t->dir);
	ohc_cleanup(ohc_assembly_freep) struct ohc_assembly *b = ohc_assembly_new("/oh", NULL);
	ohc_cleanup(ohc_assembly_freep) struct ohc_assembly *libs = ohc_assembly_new("/oh", b);
	struct ohc_faults faults = { .report = NULL };
	struct ohc_error err = OHC_ERROR_INIT;
	const struct ohc_own_lib *v;
	int rc = 0;

	for (size_t i = 0; rc >= 0 && i < n; i++) {
		const struct object *x = &objects[i];
		ohc_cleanup(ohc_files_place_clear) struct ohc_files_place place = { .path = NULL };
		ohc_cleanup(ohc_patch_clear) struct ohc_patch patch = OHC_PATCH_INIT;
		ohc_cleanup(ohc_freep) char *disk = ohc_xasprintf("%s%s", t->dir, x->disk);
		const struct ohc_elf *elf;

		assert_ok(ohc_files_find(t->files, x->disk, OHC_FILES_FOLLOW, &place, &err), &err);
		assert_int_equal(ohc_files_elf(t->files, &place, &elf, &err), 1);
		rc = ohc_closure_object(
			o, &(struct ohc_own_object){ x->to, x->path, disk, elf, i ? NULL : dlopen },
			&patch, &err);
		assert_ok(rc, &err);
		rc = ohc_assembly_file(
			b, &(struct ohc_assembly_item){ x->to, 0755, 0, disk, NULL, 0 },
			&(struct ohc_content){ .kind = OHC_CONTENT_FILE, .path = disk },
			rc ? &patch : NULL, &err);
		assert_ok(rc, &err);
	}
	say_paths(b, objects, n, out);
	rc = ohc_closure_find(o, b, &faults, &err);
	if (rc == 0)
		rc = ohc_faults_end(&faults, &err);
	if (rc == 0)
		rc = ohc_closure_add(o, libs, &err);
	if (rc < 0)
		ohc_buf_addf(out, "%d %s\n", -rc, err.msg);
	v = ohc_closure_list(o, &n);
	for (size_t i = 0; rc == 0 && i < n; i++) {
		ohc_cleanup(ohc_freep) char *to = ohc_xasprintf("/oh/lib/%s", v[i].name);
		const char *by = v[i].needed_by;

		if (v[i].link) {
			assert_string_equal(ohc_assembly_find(libs, to).link, v[i].link);
			ohc_buf_addf(out, "%s -> %s\n", v[i].name, v[i].link);
			continue;
		}
		assert_int_equal(ohc_assembly_find(libs, to).mode & S_IFMT, S_IFREG);
		assert_int_equal(ohc_assembly_find(libs, to).mode & 07022, 0);
		ohc_buf_addf(out, "%s (%s)", v[i].name,
			     strncmp(by, t->dir, strlen(t->dir)) == 0 ? by + strlen(t->dir) : by);
		for (size_t k = 0; k < v[i].other_names.n; k++)
			ohc_buf_addf(out, " %s", v[i].other_names.v[k]);
		ohc_buf_addc(out, '\n');
	}
}

static void expect(const char *lines, const struct object *objects, size_t n, const char *dlopen,
		   const char *want)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf got = OHC_BUF_INIT;
	ohc_cleanup(ohc_strv_clear) struct ohc_strv opened = OHC_STRV_INIT;
	char *at;
	struct test_tree t;

	if (dlopen)
		ohc_strv_add(&opened, dlopen);
	tree_make(&t, lines);
	list(&t, objects, n, &opened, &got);
	while (got.len && (at = strstr(got.data, t.dir))) {
		memmove(at, at + strlen(t.dir), strlen(at + strlen(t.dir)) + 1);
		got.len = strlen(got.data);
	}
	assert_string_equal(ohc_buf_str(&got), want);
	tree_remove(&t);
}

static const struct object tmux = { "/oh/bin/tmux", "/usr/bin/tmux", "/usr/bin/tmux" };

static void a_program_of_the_root(void **state)
{
	(void)state;
	expect(ROOT, &tmux, 1, NULL,
	       "ld-linux-x86-64.so.2 (/usr/bin/tmux)\n"
	       "libevent-2.1.so.7 (/usr/bin/tmux)\n"
	       "libc.so.6 (/usr/bin/tmux)\n"
	       "libresolv.so.2 (libc.so.6)\n");
}

static void a_wheel_and_its_own_libraries(void **state)
{
	static const struct object objects[] = {
		{ "/oh/site/x/ext.so", NULL, "/wheel/x/ext.so" },
		{ "/oh/site/x.libs/libz-1.so", NULL, "/wheel/x.libs/libz-1.so" },
		{ "/oh/site/x/plugin.so", NULL, "/wheel/x/plugin.so" },
	};

	(void)state;
	expect(ROOT "elf /wheel/x/ext.so runpath=$ORIGIN/../x.libs needed=libz-1.so,libc.so.6 "
		    "needs=libc.so.6:GLIBC_2.36\n"
		    "elf /wheel/x.libs/libz-1.so soname=libz-1.so needed=libc.so.6\n"
		    /* loaded by its path before */
		    "elf /wheel/x/plugin.so needed=ext.so,libc.so.6\n",
	       objects, 3, NULL, "libc.so.6 (/wheel/x/ext.so)\n" GLIBC);
	/* The kernel does not go up again from what is not there. */
	expect(ROOT "elf " MULTIARCH "/libz-1.so soname=libz-1.so\n"
		    "elf /wheel/x/ext.so runpath=$ORIGIN/../none/../x.libs needed=libz-1.so\n"
		    "elf /wheel/x.libs/libz-1.so soname=libz-1.so\n"
		    "elf /wheel/x/plugin.so\n",
	       objects, 3, NULL, "libz-1.so (/wheel/x/ext.so)\n");
}

static void what_is_opened_by_name(void **state)
{
	(void)state;
	expect(ROOT "elf " MULTIARCH "/libsoftokn3.so soname=libsoftokn3.so needed=libsql.so.0\n"
		    "elf " MULTIARCH "/libfreebl3.so soname=libfreebl3.so\n"
		    "elf " MULTIARCH "/libfreeblpriv3.so soname=libfreeblpriv3.so\n"
		    "elf " MULTIARCH "/libnssckbi.so soname=libnssckbi.so\n"
		    "elf " MULTIARCH "/libsql.so.0.8 soname=libsql.so.0\n"
		    "link " MULTIARCH "/libsql.so.0 libsql.so.0.8\n",
	       &tmux, 1, "chromium",
	       "ld-linux-x86-64.so.2 (/usr/bin/tmux)\n"
	       "libevent-2.1.so.7 (/usr/bin/tmux)\n"
	       "libc.so.6 (/usr/bin/tmux)\n"
	       "libsoftokn3.so (/usr/bin/tmux)\n"
	       "libsql.so.0 (libsoftokn3.so)\n"
	       "libfreebl3.so (/usr/bin/tmux)\n"
	       "libfreeblpriv3.so (/usr/bin/tmux)\n"
	       "libnssckbi.so (/usr/bin/tmux)\n"
	       "libresolv.so.2 (libc.so.6)\n");
	expect(ROOT, &tmux, 1, "libno.so",
	       "5 '/usr/bin/tmux' needs 'libno.so', which is not in the root '': install it there, "
	       "leave '/usr/bin/tmux' out, or say that it may be missing (--optional)\n");
}

/* Libraries that Python's modules open: those that there are. */
static void what_may_be_opened(void **state)
{
	(void)state;
	expect(ROOT "elf " MULTIARCH "/libm.so.6 soname=libm.so.6 needed=libc.so.6\n"
		    "elf " MULTIARCH "/libstdc++.so.6 soname=libstdc++.so.6 needed=libm.so.6\n",
	       &tmux, 1, "python",
	       "ld-linux-x86-64.so.2 (/usr/bin/tmux)\n"
	       "libevent-2.1.so.7 (/usr/bin/tmux)\n"
	       "libc.so.6 (/usr/bin/tmux)\n"
	       "libm.so.6 (/usr/bin/tmux)\n"
	       "libstdc++.so.6 (/usr/bin/tmux)\n"
	       "libresolv.so.2 (libc.so.6)\n");
}

static void what_is_not_there(void **state)
{
	static const struct object ext = { "/oh/ext.so", NULL, "/ext.so" };

	(void)state;
	expect(ROOT "elf /ext.so needed=libnone.so.1\n", &ext, 1, NULL,
	       "5 '/ext.so' needs 'libnone.so.1', which is not in the root '': install it there, "
	       "leave '/ext.so' out, or say that it may be missing (--optional)\n");
	expect(ROOT "elf /ext.so needed=libc.so.6 needs=libc.so.6:GLIBC_2.99\n", &ext, 1, NULL,
	       "5 '/ext.so' needs version 'GLIBC_2.99' of a library, which '" MULTIARCH
	       "/libc.so.6' in the root '' does not have: take a newer root\n");
	expect(ROOT "elf " MULTIARCH "/libsub.so needed=libnone.so.1\n"
		    "elf /ext.so needed=libsub.so\n",
	       &ext, 1, NULL,
	       "5 '" MULTIARCH "/libsub.so' needs 'libnone.so.1', which is not in the root '': "
	       "install it there, leave '" MULTIARCH
	       "/libsub.so' out, or say that it may be missing (--optional)\n");
}

static void other_names_and_modes(void **state)
{
	static const struct object x = { "/oh/bin/x", "/opt/x", "/opt/x" };

	(void)state;
	expect(ROOT "elf /opt/x interp=/lib64/ld-linux-x86-64.so.2 needed=libalias.so,libs.so\n"
		    "link /usr/lib/libalias.so " MULTIARCH "/libevent-2.1.so.7.0.1\n"
		    "elf /usr/lib/libs.so soname=libs.so\nmode 6777 /usr/lib/libs.so\n",
	       &x, 1, NULL,
	       "ld-linux-x86-64.so.2 (/opt/x)\n"
	       "libevent-2.1.so.7 (/opt/x) libalias.so\n"
	       "libs.so (/opt/x)\n"
	       "libc.so.6 (libevent-2.1.so.7.0.1)\n"
	       "libresolv.so.2 (libc.so.6)\n");
}

/* A library without versions satisfies every version. */
static void a_library_without_versions(void **state)
{
	static const struct object x = { "/oh/site/x.so", NULL, "/wheel/x.so" };
	static const char *const of_wheel = "elf /wheel/x.so needed=libq.so needs=libq.so:Q_2\n";
	ohc_cleanup(ohc_freep) char *none =
		ohc_xasprintf(ROOT "%self " MULTIARCH "/libq.so soname=libq.so\n", of_wheel);
	ohc_cleanup(ohc_freep) char *old = ohc_xasprintf(
		ROOT "%self " MULTIARCH "/libq.so soname=libq.so defs=Q_1\n", of_wheel);

	(void)state;
	expect(none, &x, 1, NULL, "libq.so (/wheel/x.so)\n");
	expect(old, &x, 1, NULL,
	       "5 '/wheel/x.so' needs version 'Q_2' of a library, which '" MULTIARCH
	       "/libq.so' in the root '' does not have: take a newer root\n");
}

static void two_of_one_name(void **state)
{
	static const struct object objects[] = {
		{ "/oh/bin/a", "/opt/a/bin", "/opt/a/bin" },
		{ "/oh/bin/b", "/opt/b/bin", "/opt/b/bin" },
	};

	(void)state;
	expect(ROOT
	       "elf /opt/a/bin interp=/lib64/ld-linux-x86-64.so.2 rpath=/opt/a needed=libq.so\n"
	       "elf /opt/b/bin interp=/lib64/ld-linux-x86-64.so.2 rpath=/opt/b needed=libq.so\n"
	       "elf /opt/a/libq.so soname=libq.so\n"
	       "elf /opt/b/libq.so soname=libq.so needed=libc.so.6\n",
	       objects, 2, NULL,
	       "1 '/opt/a/libq.so' (needed by '/opt/a/bin') and '/opt/b/libq.so' (needed by "
	       "'/opt/b/bin') are both 'libq.so', and differ\n");
}

/* PREFIX/lib has a library already: of the program's own tree it is what the program wants, of
 * another it must be the same. */
static void one_that_a_tree_brings(void **state)
{
	static const char tree[] =
		ROOT "elf /usr/bin/a interp=/lib64/ld-linux-x86-64.so.2 needed=libq.so\n"
		     "elf " MULTIARCH "/libq.so soname=libq.so\n"
		     "elf /t/lib/libq.so soname=libq.so needed=libc.so.6\n"
		     "elf /same/libq.so soname=libq.so\n"
		     "elf /t/bin/a interp=/lib64/ld-linux-x86-64.so.2 needed=libq.so\n";
	static const struct object other[] = {
		{ "/oh/bin/a", "/usr/bin/a", "/usr/bin/a" },
		{ "/oh/lib/libq.so", "/t/lib/libq.so", "/t/lib/libq.so" },
	};
	static const struct object same[] = {
		{ "/oh/bin/a", "/usr/bin/a", "/usr/bin/a" },
		{ "/oh/lib/libq.so", "/same/libq.so", "/same/libq.so" },
	};
	static const struct object own[] = {
		{ "/oh/bin/a", "/t/bin/a", "/t/bin/a" },
		{ "/oh/lib/libq.so", "/t/lib/libq.so", "/t/lib/libq.so" },
	};

	(void)state;
	expect(tree, other, 2, NULL,
	       "1 '/t/lib/libq.so' (in the payload as '/oh/lib/libq.so') and '" MULTIARCH
	       "/libq.so' (needed by '/usr/bin/a') are both 'libq.so', and differ\n");
	expect(tree, same, 2, NULL, "ld-linux-x86-64.so.2 (/usr/bin/a)\n");
	expect(tree, own, 2, NULL,
	       "ld-linux-x86-64.so.2 (/t/bin/a)\n"
	       "libc.so.6 (/t/lib/libq.so)\n"
	       "libresolv.so.2 (libc.so.6)\n");
}

/* A browser's directory: what lies beside the program stays there. */
static void beside_the_program(void **state)
{
	static const struct object objects[] = {
		{ "/oh/browser/c", "/usr/lib/c/c", "/usr/lib/c/c" },
		{ "/oh/browser/libown.so", "/usr/lib/c/libown.so", "/usr/lib/c/libown.so" },
	};

	(void)state;
	expect(ROOT "elf /usr/lib/c/c interp=/lib64/ld-linux-x86-64.so.2 runpath=$ORIGIN "
		    "needed=libown.so,libc.so.6\n"
		    "elf /usr/lib/c/libown.so soname=libown.so needed=libevent-2.1.so.7\n",
	       objects, 2, NULL,
	       "ld-linux-x86-64.so.2 (/usr/lib/c/c)\n"
	       "libc.so.6 (/usr/lib/c/c)\n"
	       "libevent-2.1.so.7 (/usr/lib/c/libown.so)\n"
	       "libresolv.so.2 (libc.so.6)\n");
}

/* Search paths of a tree that is moved as a whole: what leads to itself still does, and comes
 * before PREFIX/lib; what leads elsewhere is gone; what need not change does not. */
static void search_paths(void **state)
{
	static const struct object objects[] = {
		{ "/oh/py/bin/python", "/opt/py/bin/python", "/opt/py/bin/python" },
		{ "/oh/py/lib/libpy.so.1", "/opt/py/lib/libpy.so.1", "/opt/py/lib/libpy.so.1" },
		{ "/oh/py/x/new.so", "/opt/py/x/new.so", "/opt/py/x/new.so" },
		{ "/oh/py/x/old.so", "/opt/py/x/old.so", "/opt/py/x/old.so" },
		{ "/oh/py/x/far.so", "/opt/py/x/far.so", "/opt/py/x/far.so" },
		{ "/oh/py/x/none.so", "/opt/py/x/none.so", "/opt/py/x/none.so" },
	};

	(void)state;
	paths = true;
	expect(ROOT "elf /opt/py/bin/python interp=/lib64/ld-linux-x86-64.so.2 "
		    "runpath=/opt/py/lib:/opt/py/lib:/usr/other/lib needed=libpy.so.1,libc.so.6\n"
		    "elf /opt/py/lib/libpy.so.1 soname=libpy.so.1 needed=libc.so.6\n"
		    "elf /opt/py/x/new.so runpath=$ORIGIN/../lib:${ORIGIN}::/usr/lib/x "
		    "needed=libpy.so.1\n"
		    "elf /opt/py/x/old.so rpath=$ORIGIN/../lib:${ORIGIN} needed=libpy.so.1\n"
		    "elf /opt/py/x/far.so rpath=$ORIGIN/../lib:/usr/other/lib needed=libpy.so.1\n"
		    "elf /opt/py/x/none.so needed=libc.so.6\n",
	       objects, OHC_ARRAY_SIZE(objects), NULL,
	       "/oh/py/bin/python: /oh/py/lib:/oh/lib\n"
	       "/oh/py/lib/libpy.so.1: \n"
	       "/oh/py/x/new.so: $ORIGIN/../lib:${ORIGIN}:/oh/lib\n"
	       "/oh/py/x/old.so: $ORIGIN/../lib:${ORIGIN}\n"
	       "/oh/py/x/far.so: $ORIGIN/../lib:/oh/lib\n"
	       "/oh/py/x/none.so: \n"
	       "ld-linux-x86-64.so.2 (/opt/py/bin/python)\n"
	       "libc.so.6 (/opt/py/bin/python)\n"
	       "libresolv.so.2 (libc.so.6)\n");
	paths = false;
}

/* The tree's library is not the root's of that name, also for programs that only find it by the
 * search path of the program above. */
static void own_before_the_roots(void **state)
{
	static const struct object objects[] = {
		{ "/oh/py/bin/python", "/opt/py/bin/python", "/opt/py/bin/python" },
		{ "/oh/py/lib/libssl.so.3", "/opt/py/lib/libssl.so.3", "/opt/py/lib/libssl.so.3" },
		{ "/oh/py/lib/libcrypto.so.3", "/opt/py/lib/libcrypto.so.3",
		  "/opt/py/lib/libcrypto.so.3" },
		{ "/oh/bin/git", "/usr/bin/git", "/usr/bin/git" },
	};

	(void)state;
	expect(ROOT "elf /opt/py/bin/python interp=/lib64/ld-linux-x86-64.so.2 "
		    "rpath=$ORIGIN/../lib needed=libssl.so.3\n"
		    "elf /opt/py/lib/libssl.so.3 soname=libssl.so.3 needed=libcrypto.so.3 "
		    "needs=libcrypto.so.3:OPENSSL_3.2.0\n"
		    "elf /opt/py/lib/libcrypto.so.3 soname=libcrypto.so.3 needed=libc.so.6 "
		    "defs=OPENSSL_3.0.0,OPENSSL_3.2.0\n"
		    "elf " MULTIARCH "/libcrypto.so.3 soname=libcrypto.so.3 needed=libc.so.6 "
		    "defs=OPENSSL_3.0.0\n"
		    "elf /usr/bin/git interp=/lib64/ld-linux-x86-64.so.2 pie=1 "
		    "needed=libcrypto.so.3\n",
	       objects, OHC_ARRAY_SIZE(objects), NULL,
	       "ld-linux-x86-64.so.2 (/opt/py/bin/python)\n"
	       "libc.so.6 (/opt/py/lib/libcrypto.so.3)\n"
	       "libcrypto.so.3 (/opt/py/lib/libssl.so.3)\n"
	       "libresolv.so.2 (libc.so.6)\n");
}

/* A library of a directory that ldconfig knows, in the payload for its own sake. */
static void once_in_the_payload(void **state)
{
	static const struct object objects[] = {
		{ "/oh/bin/tmux", "/usr/bin/tmux", "/usr/bin/tmux" },
		{ "/oh/ev/libevent-2.1.so.7.0.1", MULTIARCH "/libevent-2.1.so.7.0.1",
		  MULTIARCH "/libevent-2.1.so.7.0.1" },
	};

	(void)state;
	expect(ROOT, objects, 2, NULL,
	       "ld-linux-x86-64.so.2 (/usr/bin/tmux)\n"
	       "libevent-2.1.so.7 -> /oh/ev/libevent-2.1.so.7.0.1\n"
	       "libc.so.6 (/usr/bin/tmux)\n"
	       "libresolv.so.2 (libc.so.6)\n");
}

/* Debian 11 has NSS's modules in a directory of their own. */
static void modules_beside_nss(void **state)
{
	(void)state;
	expect(ROOT "elf /usr/bin/c interp=/lib64/ld-linux-x86-64.so.2 needed=libnss3.so\n"
		    "elf " MULTIARCH "/libnss3.so soname=libnss3.so needed=libc.so.6\n"
		    "elf " MULTIARCH "/nss/libsoftokn3.so soname=libsoftokn3.so\n"
		    "elf " MULTIARCH "/nss/libfreebl3.so soname=libfreebl3.so\n"
		    "elf " MULTIARCH "/nss/libfreeblpriv3.so soname=libfreeblpriv3.so\n"
		    "elf " MULTIARCH "/nss/libnssckbi.so soname=libnssckbi.so\n",
	       &(struct object){ "/oh/bin/c", "/usr/bin/c", "/usr/bin/c" }, 1, "chromium",
	       "ld-linux-x86-64.so.2 (/usr/bin/c)\n"
	       "libnss3.so (/usr/bin/c)\n"
	       "libc.so.6 (libnss3.so)\n"
	       "libsoftokn3.so (libnss3.so)\n"
	       "libfreebl3.so (libnss3.so)\n"
	       "libfreeblpriv3.so (libnss3.so)\n"
	       "libnssckbi.so (libnss3.so)\n"
	       "libresolv.so.2 (libc.so.6)\n");
}

/* It gets what of the C library there is, and nothing else of PREFIX/lib. */
static void a_frozen_program(void **state)
{
	static const struct object frozen = { "/oh/bin/f", "/f", "/f" };

	(void)state;
	paths = true;
	expect(ROOT "elf " MULTIARCH "/libm.so.6 soname=libm.so.6 needed=libc.so.6\n"
		    "elf /f interp=/lib64/ld-linux-x86-64.so.2 rpath=/x needed=libc.so.6 "
		    "pyinstaller=1\n",
	       &frozen, 1, NULL,
	       "/oh/bin/f: /oh/lib/pyinstaller\n"
	       "ld-linux-x86-64.so.2 (/f)\n"
	       "libc.so.6 (/f)\n"
	       "libm.so.6 (/f)\n"
	       "libresolv.so.2 (/f)\n");
	paths = false;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_program_of_the_root),
		cmocka_unit_test(a_wheel_and_its_own_libraries),
		cmocka_unit_test(what_is_opened_by_name),
		cmocka_unit_test(what_may_be_opened),
		cmocka_unit_test(what_is_not_there),
		cmocka_unit_test(other_names_and_modes),
		cmocka_unit_test(a_library_without_versions),
		cmocka_unit_test(two_of_one_name),
		cmocka_unit_test(one_that_a_tree_brings),
		cmocka_unit_test(beside_the_program),
		cmocka_unit_test(search_paths),
		cmocka_unit_test(own_before_the_roots),
		cmocka_unit_test(once_in_the_payload),
		cmocka_unit_test(modules_beside_nss),
		cmocka_unit_test(a_frozen_program),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
