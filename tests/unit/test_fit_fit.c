// SPDX-License-Identifier: Apache-2.0
/* layout/fit/fit.h: the adapter layer's entries for bases of many kinds. */
#include "unit.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "tars.h"

#include "core/alloc.h"
#include "core/hash.h"
#include "layout/fit/fit.h"
#include "layout/rootfs/scan.h"
#include "layout/layer/pipeline.h"
#include "oci/tar/xattrs.h"

static struct ohc_error err;
static struct ohc_rootfs *fs;
static struct ohc_buf tar;
static struct ohc_fitting f;

/* The profile openhands, on what `tar` has. */
static struct ohc_account account;
static struct ohc_strv workspace, targets;
static struct ohc_fit fit;
static const char *payload;

static bool payload_has(void *ctx, const char *path)
{
	(void)ctx;
	return payload && strcmp(payload, path) == 0;
}

/* The payload's layer, "/openhands" first; up to the entry without a path. */
static struct ohc_fit_entry entries[16];

#define ENTRY(p, m, u, g, l)                                                  \
	{                                                                     \
		.path = (p), .mode = (m), .uid = (u), .gid = (g), .link = (l) \
	}

static int payload_walk(void *ctx, const char *target, ohc_fit_entry_fn fn, void *fn_ctx,
			struct ohc_error *e)
{
	(void)ctx, (void)e;
	for (size_t i = 0; strcmp(target, "/openhands") == 0 && entries[i].path; i++)
		fn(fn_ctx, &entries[i]);
	return 0;
}

static int set_up(void **state)
{
	(void)state;
	fs = ohc_rootfs_new();
	account = (struct ohc_account){ ohc_xstrdup("openhands"), 1000, 1000,
					ohc_xstrdup("/home/openhands"), ohc_xstrdup("/bin/bash") };
	ohc_strv_add(&workspace, "/workspace");
	ohc_strv_add(&targets, "/openhands");
	fit = (struct ohc_fit){ .account = &account,
				.workspace = &workspace,
				.targets = &targets,
				.payload_has = payload_has,
				.payload_walk = payload_walk,
				.shell = true,
				.certificates = true };
	payload = NULL;
	memset(entries, 0, sizeof(entries));
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	ohc_rootfs_free(fs);
	ohc_buf_clear(&tar);
	ohc_fit_clear(&f);
	ohc_account_clear(&account);
	ohc_strv_clear(&workspace);
	ohc_strv_clear(&targets);
	return 0;
}

static void base(void)
{
	struct ohc_layer_index x = OHC_LAYER_INDEX_INIT;
	struct ohc_scan s = { .what = "layer x", .size = 1 << 24 };
	struct ohc_source *src;

	tar_end(&tar);
	src = ohc_source_memory(tar.data, tar.len);
	assert_ok(ohc_scan_layer(src, &s, &x, &err), &err);
	assert_ok(ohc_rootfs_apply(fs, ohc_buf_str(&x.bytes), x.bytes.len, "layer x", &err), &err);
	ohc_source_close(src);
	ohc_layer_index_clear(&x);
	ohc_buf_truncate(&tar, 0);
}

static void add_zeros(size_t n)
{
	ohc_cleanup(ohc_freep) char *zeros = ohc_xcalloc(1, n);

	ohc_buf_add(&tar, zeros, n);
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct ohc_entry *)a)->path, ((const struct ohc_entry *)b)->path);
}

static void assert_fit(const char *want)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf b = OHC_BUF_INIT;

	ohc_fit_clear(&f);
	assert_ok(ohc_fit_base(fs, &fit, &f, &err), &err);
	if (f.entries.n)
		qsort(f.entries.v, f.entries.n, sizeof(*f.entries.v), by_path);
	for (size_t i = 0; i < f.entries.n; i++) {
		const struct ohc_entry *e = &f.entries.v[i];

		ohc_buf_addf(&b, "%o %u:%u %s", e->mode, e->uid, e->gid, e->path);
		if (S_ISLNK(e->mode))
			ohc_buf_addf(&b, " -> %s", e->data);
		ohc_buf_addc(&b, '\n');
	}
	assert_string_equal(ohc_buf_str(&b), want);
}

static void assert_fit_and(const char *want, const char *more)
{
	ohc_cleanup(ohc_freep) char *all = ohc_xasprintf("%s%s", want, more);

	assert_fit(all);
}

static void assert_found(enum ohc_finding_level level, const char *code, const char *subject,
			 const char *text)
{
	for (size_t i = 0; i < f.findings.n; i++) {
		const struct ohc_finding *x = &f.findings.v[i];

		if (strcmp(x->code, code) == 0 && strcmp(x->subject, subject) == 0) {
			assert_int_equal(x->level, level);
			if (!strstr(x->message, text))
				fail_msg("'%s' is not in: %s", text, x->message);
			return;
		}
	}
	fail_msg("no finding '%s' of '%s'", code, subject);
}

static const char *data_of(const char *path)
{
	for (size_t i = 0; i < f.entries.n; i++)
		if (strcmp(f.entries.v[i].path, path) == 0)
			return f.entries.v[i].data;
	return "not there";
}

static void add_passwd(void)
{
	tar_file(&tar, "etc/passwd", 0644, "root:x:0:0::/root:/bin/sh\n");
	tar_file(&tar, "etc/group", 0644, "root:x:0:\n");
}

static void test_debian(void **state)
{
	(void)state;
	add_passwd();
	tar_header(&tar, '0', "etc/shadow", NULL, 0640, 0, 42, 0);
	tar_file(&tar, "etc/skel/.profile", 0644, "x=y\n");
	tar_file(&tar, "etc/skel/run", 04755, "#!/bin/sh\n");
	tar_dir(&tar, "etc/skel/bin", 0700);
	tar_dir(&tar, "etc/skel/shared", 03775);
	tar_symlink(&tar, "etc/skel/l", ".profile");
	tar_file(&tar, "usr/bin/bash", 0755, "");
	tar_symlink(&tar, "bin", "usr/bin");
	tar_dir(&tar, "home", 0755);
	base();
	assert_fit("40755 0:0 etc\n100644 0:0 etc/group\n"
		   "100644 0:0 etc/passwd\n"
		   "100640 0:42 etc/shadow\n"
		   "40755 0:0 home\n"
		   "40755 1000:1000 home/openhands\n"
		   "100644 1000:1000 home/openhands/.profile\n"
		   "40700 1000:1000 home/openhands/bin\n"
		   "120777 1000:1000 home/openhands/l -> .profile\n"
		   "100755 1000:1000 home/openhands/run\n" /* the base's owner is not the new one */
		   "40775 1000:1000 home/openhands/shared\n"
		   "40755 1000:1000 workspace\n");
	assert_int_equal(f.findings.n, 0);
	assert_int_equal(f.done, OHC_ACCOUNT_ADDED);
	assert_string_equal(data_of("home/openhands/.profile"), "x=y\n");
	assert_string_equal(data_of("etc/passwd"),
			    "root:x:0:0::/root:/bin/sh\n"
			    "openhands:x:1000:1000::/home/openhands:/bin/bash"
			    "\n");
}

static void test_scratch(void **state)
{
	(void)state;
	base();
	assert_fit("40755 0:0 etc\n"
		   "100644 0:0 etc/group\n"
		   "100644 0:0 etc/passwd\n"
		   "40755 0:0 home\n"
		   "40755 1000:1000 home/openhands\n"
		   "40755 1000:1000 workspace\n");
	assert_found(OHC_FINDING_WARNING, "shell", "openhands", "neither the base nor the payload");
	assert_string_equal(f.account.shell, "/sbin/nologin");
}

static void test_nothing_is_needed(void **state)
{
	(void)state;
	tar_file(&tar, "etc/passwd", 0644, "openhands:x:1000:1000::/home/openhands:/bin/sh\n");
	tar_header(&tar, '5', "workspace", NULL, 0700, 1000, 1000, 0);
	tar_header(&tar, '5', "home/openhands", NULL, 0755, 1000, 1000, 0);
	base();
	assert_fit("");
	assert_int_equal(f.done, OHC_ACCOUNT_THERE);
	assert_int_equal(f.findings.n, 0);
}

/* Without an account only what was asked for is made, and nobody's files are looked at. */
static void test_no_account(void **state)
{
	(void)state;
	tar_dir(&tar, "etc/passwd", 0755);
	base();
	fit.account = NULL;
	fit.uid = 5;
	fit.gid = 6;
	assert_fit("40755 5:6 workspace\n");
	assert_null(f.account.name);
	fit.workspace = NULL;
	assert_fit("");
}

static void test_temporary(void **state)
{
	(void)state;
	fit.account = NULL;
	fit.workspace = NULL;
	fit.temporary = true;
	tar_dir(&tar, "etc", 0755);
	base();
	assert_fit("41777 0:0 tmp\n");
	tar_dir(&tar, "tmp", 0700);
	base();
	assert_fit("");
	tar_symlink(&tar, "tmp", "/var/tmp");
	base();
	assert_fit("40755 0:0 var\n41777 0:0 var/tmp\n");
	tar_symlink(&tar, "tmp", "tmp");
	base();
	assert_fit("");
	assert_found(OHC_FINDING_WARNING, "path-blocked", "/tmp", "loop of symlinks");
}

/* The image may run as somebody else than the account. */
static void test_a_workspace_of_another_user(void **state)
{
	(void)state;
	tar_file(&tar, "etc/passwd", 0644, "");
	tar_file(&tar, "etc/group", 0644, "");
	tar_file(&tar, "bin/sh", 0755, "");
	tar_dir(&tar, "home", 0755);
	base();
	fit.user = "5:6";
	assert_fit("40755 0:0 etc\n100644 0:0 etc/group\n"
		   "100644 0:0 etc/passwd\n"
		   "40755 0:0 home\n"
		   "40755 1000:1000 home/openhands\n"
		   "40755 5:6 workspace\n");
}

/* Entries inside a payload's tree leave that tree's directories alone. */
static void test_directories_below_a_payload(void **state)
{
	(void)state;
	add_passwd();
	tar_file(&tar, "bin/sh", 0755, "");
	base();
	free(account.home);
	account.home = ohc_xstrdup("/openhands/home/me");
	ohc_strv_add(&workspace, "/openhands/ws");
	ohc_strv_add(&workspace, "/openhandsome/ws");
	assert_fit("40755 0:0 etc\n100644 0:0 etc/group\n"
		   "100644 0:0 etc/passwd\n"
		   "40755 1000:1000 openhands/home/me\n"
		   "40755 1000:1000 openhands/ws\n"
		   "40755 0:0 openhandsome\n"
		   "40755 1000:1000 openhandsome/ws\n"
		   "40755 1000:1000 workspace\n");
}

/* … but are said again, as the payload has them, where something is made below. */
static void test_directories_of_a_payload_on_the_way(void **state)
{
	static const struct ohc_fit_entry layer[] = {
		ENTRY("/openhands", S_IFDIR | 0750, 7, 8, NULL),
		ENTRY("/openhands/bin", S_IFDIR | 0755, 7, 8, NULL),
		ENTRY("/openhands/var", S_IFDIR | 0711, 9, 8, NULL),
	};

	(void)state;
	add_passwd();
	tar_file(&tar, "bin/sh", 0755, "");
	base();
	memcpy(entries, layer, sizeof(layer));
	entries[2].mtime = 5;
	fit.account = NULL;
	ohc_strv_clear(&workspace);
	ohc_strv_add(&workspace, "/openhands/var/ws/here");
	assert_fit("40750 7:8 openhands\n"
		   "40711 9:8 openhands/var\n"
		   "40755 0:0 openhands/var/ws/here\n");
	assert_int_equal(f.entries.v[1].mtime, 5);
}

/* Mode, owner, time and attributes: what overlayfs shows is the topmost layer's. */
static void test_directories_of_the_base_on_the_way(void **state)
{
	const struct ohc_entry *e;
	struct ohc_xattrs x = OHC_XATTRS_INIT;

	(void)state;
	tar_dir(&tar, "etc", 0751);
	tar_xattr(&tar, "user.of", "passwd");
	tar_file(&tar, "etc/passwd", 0640, "root:x:0:0::/root:/bin/sh\n");
	tar_file(&tar, "etc/group", 0644, "root:x:0:\n");
	tar_file(&tar, "bin/sh", 0755, "");
	tar_xattr(&tar, "user.of", "home");
	tar_header(&tar, '5', "home", NULL, 0711, 3, 4, 0);
	tar_header(&tar, '5', "home/alice", NULL, 0700, 1001, 1001, 0);
	tar_header(&tar, '5', "srv", NULL, 02775, 0, 5, 0);
	tar_dir(&tar, "var", 0755);
	tar_dir(&tar, "tmp", 01777);
	base();
	ohc_strv_clear(&targets);
	ohc_strv_add(&targets, "/home/alice/app");
	ohc_strv_add(&targets, "/opt/new/app");
	ohc_strv_add(&targets, "/srv/a/b/app");
	ohc_strv_clear(&workspace);
	ohc_strv_add(&workspace, "/tmp/ws");
	ohc_strv_add(&workspace, "/srv/made/ws");
	assert_fit("40751 0:0 etc\n"
		   "100644 0:0 etc/group\n"
		   "100640 0:0 etc/passwd\n"
		   "40711 3:4 home\n"
		   "40700 1001:1001 home/alice\n"
		   "40755 1000:1000 home/openhands\n"
		   "42775 0:5 srv\n"
		   "40755 0:0 srv/a\n"
		   "40755 0:0 srv/a/b\n"
		   "40755 0:0 srv/made\n"
		   "40755 1000:1000 srv/made/ws\n"
		   "41777 0:0 tmp\n"
		   "40755 1000:1000 tmp/ws\n");
	e = ohc_entries_find(&f.entries, "/home");
	assert_int_equal(e->mtime, 1700000000);
	assert_true(ohc_xattrs_decode(e->xattrs, e->n_xattrs, &x));
	assert_int_equal(x.n, 1);
	assert_string_equal(x.v[0].name, "user.of");
	assert_memory_equal(x.v[0].value, "home", 4);
	ohc_xattrs_clear(&x);
	e = ohc_entries_find(&f.entries, "/etc/passwd");
	assert_int_equal(e->mtime, 0);
	assert_true(ohc_xattrs_decode(e->xattrs, e->n_xattrs, &x));
	assert_int_equal(x.n, 1);
	assert_memory_equal(x.v[0].value, "passwd", 6);
	ohc_xattrs_clear(&x);
	assert_int_equal(ohc_entries_find(&f.entries, "/srv/made")->mtime, 0);
}

static void test_everything_is_a_symlink(void **state)
{
	(void)state;
	tar_symlink(&tar, "home", "var/home");
	tar_symlink(&tar, "workspace", "/data/ws");
	tar_symlink(&tar, "etc", "usr/etc");
	tar_symlink(&tar, "usr/etc/passwd", "../share/accounts/passwd");
	tar_file(&tar, "usr/share/accounts/passwd", 0600, "root:x:0:0::/root:/bin/sh\n");
	tar_symlink(&tar, "usr/etc/group", "/nowhere/group");
	tar_file(&tar, "usr/bin/sh", 0755, "");
	tar_symlink(&tar, "bin", "/usr/bin");
	base();
	assert_fit("40755 0:0 data\n"
		   "40755 1000:1000 data/ws\n"
		   "40755 0:0 nowhere\n"
		   "100644 0:0 nowhere/group\n"
		   "40755 0:0 usr\n"
		   "40755 0:0 usr/share\n"
		   "40755 0:0 usr/share/accounts\n"
		   "100600 0:0 usr/share/accounts/passwd\n"
		   "40755 0:0 var\n"
		   "40755 0:0 var/home\n"
		   "40755 1000:1000 var/home/openhands\n");
	assert_string_equal(f.account.shell, "/bin/sh");
}

static void test_a_clash(void **state)
{
	struct ohc_fitting g = OHC_FITTING_INIT;

	(void)state;
	tar_file(&tar, "etc/passwd", 0644, "node:x:1000:1000::/home/node:/bin/sh\n");
	base();
	assert_fails(ohc_fit_base(fs, &fit, &g, &err), OHC_E_CHECK, &err, "'node'");
	ohc_fit_clear(&g);
	fit.clash = OHC_CLASH_REUSE;
	assert_fit("40755 0:0 home\n40755 1000:1000 home/node\n40755 1000:1000 workspace\n");
	assert_string_equal(f.account.name, "node");
	fit.clash = OHC_CLASH_RENAME;
	assert_fit("40755 0:0 etc\n100644 0:0 etc/passwd\n40755 0:0 home\n40755 1000:1000 "
		   "home/openhands\n"
		   "40755 1000:1000 workspace\n");
	fit.clash = OHC_CLASH_NEXT_FREE;
	assert_fit("40755 0:0 etc\n100644 0:0 etc/group\n100644 0:0 etc/passwd\n40755 0:0 home\n"
		   "40755 1001:1001 home/openhands\n40755 1001:1001 workspace\n");
	assert_int_equal(f.account.uid, 1001);
}

/* The home of an account of the base is the base's business, but where it is missing. */
static void test_the_home_of_an_account_of_the_base(void **state)
{
	static const char *const with_home = "40755 1000:1000 srv/oh\n"
					     "100644 1000:1000 srv/oh/.profile\n"
					     "40755 1000:1000 workspace\n";

	(void)state;
	tar_file(&tar, "etc/passwd", 0644, "openhands:x:1000:1000::/srv/oh:/bin/sh\n");
	tar_file(&tar, "etc/skel/.profile", 0644, "x=y\n");
	tar_file(&tar, "bin/sh", 0755, "");
	tar_dir(&tar, "srv", 0711);
	base();
	assert_fit_and("40711 0:0 srv\n", with_home);
	assert_int_equal(f.done, OHC_ACCOUNT_THERE);
	assert_int_equal(f.findings.n, 0);
	fit.user = "0"; /* it is not the user */
	assert_fit("40755 0:0 workspace\n");
	assert_int_equal(f.findings.n, 0);
	fit.user = NULL;
	tar_dir(&tar, "srv/oh", 0755);
	base();
	assert_fit("40755 1000:1000 workspace\n");
	assert_found(OHC_FINDING_WARNING, "home-owner", "/srv/oh", "belongs to 0:0");
	tar_header(&tar, '5', "srv/oh", NULL, 0700, 1000, 1000, 0);
	base();
	assert_fit("40755 1000:1000 workspace\n");
	assert_int_equal(f.findings.n, 0);
	tar_file(&tar, "etc/passwd", 0644, "openhands:x:1000:1000::/workspace:/bin/sh\n");
	base();
	assert_fit_and("40755 1000:1000 workspace\n", "100644 1000:1000 workspace/.profile\n");
	assert_int_equal(f.findings.n, 0);
}

/* A payload may bring it, with a mode and an owner of its own. */
static void test_a_home_that_the_payload_has(void **state)
{
	static const struct ohc_fit_entry layer[] = {
		ENTRY("/openhands", S_IFDIR | 0755, 7, 8, NULL),
		ENTRY("/openhands/home", S_IFDIR | 0700, 7, 8, NULL),
		ENTRY("/openhands/file", S_IFREG | 0700, 7, 8, NULL),
	};

	(void)state;
	tar_file(&tar, "etc/passwd", 0644, "openhands:x:1000:1000::/openhands/home:/bin/sh\n");
	tar_file(&tar, "bin/sh", 0755, "");
	base();
	memcpy(entries, layer, sizeof(layer));
	fit.workspace = NULL;
	assert_fit("");
	entries[1].path = "/openhands/other";
	assert_fit("40755 7:8 openhands\n40755 1000:1000 openhands/home\n");
}

/* An existing directory stays as it is, whoever owns it. */
static void test_directories_of_somebody_else(void **state)
{
	(void)state;
	add_passwd();
	tar_dir(&tar, "workspace", 0755);
	tar_dir(&tar, "home/openhands", 0755);
	base();
	assert_fit("40755 0:0 etc\n100644 0:0 etc/group\n100644 0:0 etc/passwd\n");
	assert_found(OHC_FINDING_WARNING, "workspace-owner", "/workspace",
		     "belongs to 0:0 in the base (mode 0755), where the user 1000:1000 cannot");
	assert_found(OHC_FINDING_WARNING, "home-owner", "/home/openhands", "belongs to 0:0");
}

static void test_who_may_write(void **state)
{
	static const struct {
		mode_t mode;
		unsigned int uid, gid;
		bool may;
	} cases[] = {
		{ 0700, 1000, 0, true },  { 0577, 1000, 1000, false }, { 0770, 0, 1000, true },
		{ 0757, 0, 1000, false }, { 01777, 0, 0, true },       { 0775, 0, 0, false },
	};

	(void)state;
	fit.account = NULL;
	fit.uid = fit.gid = 1000;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(cases); i++) {
		tar_header(&tar, '5', "workspace", NULL, cases[i].mode, cases[i].uid, cases[i].gid,
			   0);
		base();
		assert_fit("");
		assert_int_equal(f.findings.n == 0, cases[i].may);
	}
	fit.uid = 0;
	assert_fit("");
	assert_int_equal(f.findings.n, 0);
}

/* Without a group of its own in the User, the user is in those that have the account as a
 * member. */
static void test_who_may_write_by_further_groups(void **state)
{
	(void)state;
	fit.account = NULL;
	tar_file(&tar, "etc/passwd", 0644, "app:x:1000:1000::/:/bin/sh\n");
	tar_file(&tar, "etc/group", 0644, "wheel:x:10:root,app\nother:x:11:root\n");
	tar_header(&tar, '5', "workspace", NULL, 0770, 0, 10, 0);
	base();
	fit.user = "app";
	assert_fit("");
	assert_int_equal(f.findings.n, 0);
	fit.user = "app:1000";
	assert_fit("");
	assert_found(OHC_FINDING_WARNING, "workspace-owner", "/workspace", "the user 1000:1000");
	tar_header(&tar, '5', "workspace", NULL, 0770, 0, 11, 0);
	base();
	fit.user = "app";
	assert_fit("");
	assert_found(OHC_FINDING_WARNING, "workspace-owner", "/workspace", "belongs to 0:11");
}

static void test_what_is_in_the_way(void **state)
{
	(void)state;
	add_passwd();
	tar_file(&tar, "workspace", 0644, "");
	tar_file(&tar, "home", 0644, "");
	tar_symlink(&tar, "loop", "loop");
	base();
	ohc_strv_add(&workspace, "/loop/x");
	assert_fit("40755 0:0 etc\n100644 0:0 etc/group\n100644 0:0 etc/passwd\n");
	assert_found(OHC_FINDING_WARNING, "path-blocked", "/workspace", "is no directory");
	assert_found(OHC_FINDING_WARNING, "path-blocked", "/home/openhands",
		     "'/home' of the base is no directory");
	assert_found(OHC_FINDING_WARNING, "path-blocked", "/loop/x", "loop of symlinks");
}

/* Symlinks of the base may lead to names that no file can have. */
static void test_whiteouts_are_in_the_way(void **state)
{
	struct ohc_fitting g = OHC_FITTING_INIT;

	(void)state;
	add_passwd();
	tar_symlink(&tar, "workspace", "/.wh.bin");
	tar_symlink(&tar, "home", "x/.wh.home");
	base();
	assert_fit("40755 0:0 etc\n100644 0:0 etc/group\n100644 0:0 etc/passwd\n");
	assert_found(OHC_FINDING_WARNING, "path-blocked", "/workspace", "lead to '/.wh.bin', and");
	assert_found(OHC_FINDING_WARNING, "path-blocked", "/home/openhands",
		     "lead to '/x/.wh.home/openhands', and");
	tar_symlink(&tar, "etc/group", "/.wh.etc");
	base();
	assert_fails(ohc_fit_base(fs, &fit, &g, &err), OHC_E_CHECK, &err,
		     "'/etc/group' of the base is no file");
	ohc_fit_clear(&g);
}

static void test_account_files_that_are_none(void **state)
{
	struct ohc_fitting g = OHC_FITTING_INIT;

	(void)state;
	tar_file(&tar, "accounts", 0644, "root\n");
	tar_hardlink(&tar, "etc/passwd", "accounts");
	base();
	assert_fails(ohc_fit_base(fs, &fit, &g, &err), OHC_E_UNSUPPORTED, &err,
		     "'/etc/passwd' of the base leads to a file whose name is no account file's");
	ohc_fit_clear(&g);
	tar_dir(&tar, "etc/passwd", 0755);
	base();
	assert_fails(ohc_fit_base(fs, &fit, &g, &err), OHC_E_CHECK, &err,
		     "'/etc/passwd' of the base is no file");
	ohc_fit_clear(&g);
	tar_header(&tar, '0', "etc/passwd", NULL, 0644, 0, 0, OHC_ACCOUNT_FILE_MAX + 1);
	add_zeros(OHC_ACCOUNT_FILE_MAX + 512);
	base();
	assert_fails(ohc_fit_base(fs, &fit, &g, &err), OHC_E_FORMAT, &err, "larger than the limit");
	ohc_fit_clear(&g);
}

static void test_links(void **state)
{
	static struct ohc_profile_link links[] = {
		{ (char *)"/usr/local/bin/server", (char *)"/openhands/bin/server" },
		{ (char *)"/bin/same", (char *)"/openhands/bin/same" },
		{ (char *)"/bin/taken", (char *)"/openhands/bin/taken" },
		{ (char *)"/bin/new", (char *)"/openhands/bin/new" },
	};

	(void)state;
	tar_dir(&tar, "usr/bin", 0755);
	tar_symlink(&tar, "bin", "usr/bin");
	tar_symlink(&tar, "usr/bin/same", "/openhands/bin/same");
	tar_file(&tar, "usr/bin/taken", 0755, "");
	base();
	fit.account = NULL;
	fit.workspace = NULL;
	fit.links = links;
	fit.n_links = OHC_ARRAY_SIZE(links);
	assert_fit("40755 0:0 usr\n"
		   "40755 0:0 usr/bin\n"
		   "120777 0:0 usr/bin/new -> /openhands/bin/new\n"
		   "40755 0:0 usr/local\n"
		   "40755 0:0 usr/local/bin\n"
		   "120777 0:0 usr/local/bin/server -> /openhands/bin/server\n");
	assert_int_equal(f.findings.n, 1);
	assert_found(OHC_FINDING_ERROR, "link-taken", "/bin/taken", "'/openhands/bin/taken'");
}

static void test_the_payloads_shell(void **state)
{
	(void)state;
	add_passwd();
	base();
	fit.workspace = NULL;
	payload = "/openhands/bin/bash";
	assert_fit("40755 0:0 bin\n"
		   "120777 0:0 bin/bash -> /openhands/bin/bash\n"
		   "120777 0:0 bin/sh -> /openhands/bin/bash\n"
		   "40755 0:0 etc\n100644 0:0 etc/group\n"
		   "100644 0:0 etc/passwd\n"
		   "40755 0:0 home\n"
		   "40755 1000:1000 home/openhands\n");
	assert_string_equal(f.account.shell, "/bin/bash");
	assert_int_equal(f.findings.n, 0);
	fit.account = NULL;
	fit.shell = false;
	assert_fit("");
	tar_file(&tar, "bin/sh", 0755, "");
	tar_file(&tar, "bin/bash", 0755, "");
	base();
	fit.shell = true;
	assert_fit("");
}

static void test_loader(void **state)
{
	(void)state;
	base();
	fit.account = NULL;
	fit.workspace = NULL;
	fit.shell = fit.certificates = false;
	payload = "/openhands/lib/ld-linux-x86-64.so.2";
	assert_fit("");
	payload = "/openhands/lib/unpacked/ld-linux-x86-64.so.2";
	assert_fit("40755 0:0 lib64\n120777 0:0 lib64/ld-linux-x86-64.so.2 -> "
		   "/openhands/lib/unpacked/ld-linux-x86-64.so.2\n");
	payload = "/openhands/lib/unpacked/ld-musl-aarch64.so.1";
	assert_fit("40755 0:0 lib\n120777 0:0 lib/ld-musl-aarch64.so.1 -> "
		   "/openhands/lib/unpacked/ld-musl-aarch64.so.1\n");
	tar_file(&tar, "lib/ld-musl-aarch64.so.1", 0755, "");
	base();
	assert_fit("");
}

static void test_certificates(void **state)
{
	(void)state;
	base();
	fit.account = NULL;
	fit.workspace = NULL;
	assert_fit("");
	payload = "/openhands/etc/ssl/cert.pem";
	assert_fit("40755 0:0 etc\n40755 0:0 etc/ssl\n40755 0:0 etc/ssl/certs\n"
		   "120777 0:0 etc/ssl/certs/ca-certificates.crt -> /openhands/etc/ssl/cert.pem\n");
	tar_file(&tar, "etc/pki/tls/certs/ca-bundle.crt", 0644, "");
	base();
	assert_fit("");
}

static void test_a_base_that_has_the_prefix(void **state)
{
	(void)state;
	fit.account = NULL;
	fit.workspace = NULL;
	tar_dir(&tar, "openhands", 0755);
	base();
	assert_fit("");
	assert_int_equal(f.findings.n, 0);
	tar_file(&tar, "openhands/x", 0644, "");
	base();
	assert_fit("");
	assert_found(OHC_FINDING_WARNING, "prefix-there", "/openhands", "is in the base already");
	tar_symlink(&tar, "openhands", "opt/oh");
	base();
	assert_fit("");
	assert_found(OHC_FINDING_ERROR, "prefix-symlink", "/openhands", "leads to '/opt/oh'");
	tar_file(&tar, "openhands", 0644, "");
	base();
	assert_fit("");
	assert_found(OHC_FINDING_WARNING, "prefix-there", "/openhands", "is a file of the base");
}

static void test_targets_behind_symlinks(void **state)
{
	(void)state;
	fit.account = NULL;
	fit.workspace = NULL;
	ohc_strv_clear(&targets);
	ohc_strv_add(&targets, "/bin");
	ohc_strv_add(&targets, "/bin/tools");
	ohc_strv_add(&targets, "/loop/x");
	ohc_strv_add(&targets, "/etc/hosts/x");
	ohc_strv_add(&targets, "/opt/x");
	tar_dir(&tar, "usr/bin", 0755);
	tar_symlink(&tar, "bin", "usr/bin");
	tar_symlink(&tar, "loop", "loop");
	tar_file(&tar, "etc/hosts", 0644, "");
	base();
	assert_fit("40755 0:0 etc\n");
	assert_int_equal(f.findings.n, 4);
	assert_found(OHC_FINDING_ERROR, "prefix-symlink", "/bin", "leads to '/usr/bin'");
	assert_found(OHC_FINDING_ERROR, "prefix-symlink", "/bin/tools", "to '/usr/bin/tools'");
	assert_found(OHC_FINDING_ERROR, "path-blocked", "/loop/x", "loop of symlinks");
	assert_found(OHC_FINDING_ERROR, "path-blocked", "/etc/hosts/x", "'/etc/hosts' of the base");
}

static void test_directories_of_the_base_stay(void **state)
{
	static const struct ohc_fit_entry layer[] = {
		ENTRY("/openhands", S_IFDIR | 0755, 1000, 1000, NULL),
		ENTRY("/openhands/a", S_IFDIR | 0755, 1000, 1000, NULL),
		ENTRY("/openhands/a/mine", S_IFREG | 0644, 1000, 1000, NULL),
		ENTRY("/openhands/new", S_IFDIR | 0700, 1000, 1000, NULL),
		ENTRY("/openhands/new/sub", S_IFDIR | 0700, 1000, 1000, NULL),
		ENTRY("/openhands/same", S_IFDIR | 0755, 1000, 1000, NULL),
		ENTRY("/openhands/time", S_IFDIR | 0755, 1000, 1000, NULL),
		ENTRY("/openhands/tmp", S_IFDIR | 0755, 1000, 1000, NULL),
		ENTRY("/openhands/xattr", S_IFDIR | 0755, 1000, 1000, NULL),
	};

	(void)state;
	fit.account = NULL;
	fit.workspace = NULL;
	memcpy(entries, layer, sizeof(layer));
	tar_dir(&tar, "openhands", 0755);
	tar_dir(&tar, "openhands/a", 0750);
	tar_header(&tar, '5', "openhands/same", NULL, 0755, 1000, 1000, 0);
	tar_dir(&tar, "openhands/tmp", 01777);
	tar_header(&tar, '5', "openhands/time", NULL, 0755, 1000, 1000, 0);
	tar_xattr(&tar, "user.x", "y");
	tar_header(&tar, '5', "openhands/xattr", NULL, 0755, 1000, 1000, 0);
	base();
	for (size_t i = 0; entries[i].path; i++)
		entries[i].mtime = strstr(entries[i].path, "time") ? 1 : 1700000000;
	assert_fit("40755 0:0 openhands\n40750 0:0 openhands/a\n"
		   "40755 1000:1000 openhands/time\n41777 0:0 openhands/tmp\n"
		   "40755 1000:1000 openhands/xattr\n");
	entries[5].implied = true; /* "same" */
	assert_fit("40755 0:0 openhands\n40750 0:0 openhands/a\n"
		   "40755 1000:1000 openhands/same\n"
		   "40755 1000:1000 openhands/time\n41777 0:0 openhands/tmp\n"
		   "40755 1000:1000 openhands/xattr\n");
	assert_int_equal(f.findings.n, 1); /* prefix-there */
}

static void test_files_of_the_base_that_are_replaced(void **state)
{
	static const struct ohc_fit_entry layer[] = {
		ENTRY("/openhands", S_IFDIR | 0755, 0, 0, NULL),
		ENTRY("/openhands/dir", S_IFREG | 0755, 0, 0, NULL),
		ENTRY("/openhands/hard", 0, 0, 0, NULL),
		ENTRY("/openhands/link", S_IFLNK | 0777, 0, 0, "same"),
		ENTRY("/openhands/now-dir", S_IFDIR | 0755, 0, 0, NULL),
		ENTRY("/openhands/now-dir/x", S_IFREG | 0755, 0, 0, NULL),
		ENTRY("/openhands/to-dir", S_IFDIR | 0755, 0, 0, NULL),
		ENTRY("/openhands/to-dir/file", S_IFREG | 0755, 0, 0, NULL),
	};

	(void)state;
	fit.account = NULL;
	fit.workspace = NULL;
	memcpy(entries, layer, sizeof(layer));
	tar_dir(&tar, "openhands", 0755);
	tar_dir(&tar, "openhands/dir", 0755);
	tar_file(&tar, "openhands/hard", 0644, "");
	tar_symlink(&tar, "openhands/link", "same");
	tar_file(&tar, "openhands/now-dir", 0644, "");
	tar_dir(&tar, "openhands/real", 0755);
	tar_file(&tar, "openhands/real/file", 0644, "");
	tar_symlink(&tar, "openhands/to-dir", "real");
	base();
	assert_fit("40755 0:0 openhands\n");
	assert_int_equal(f.findings.n, 3);
	assert_found(OHC_FINDING_WARNING, "payload-shadows", "/openhands/dir",
		     "is a directory of the base with all that is in it, which the payload "
		     "replaces (and 2 more like it)");
	assert_found(OHC_FINDING_ERROR, "prefix-symlink", "/openhands/to-dir",
		     "leads to '/openhands/real'");
	fit.every = true;
	assert_fit("40755 0:0 openhands\n");
	assert_int_equal(f.findings.n, 5);
	assert_found(OHC_FINDING_WARNING, "payload-shadows", "/openhands/hard",
		     "is a file of the base, which the payload replaces");
	assert_found(OHC_FINDING_WARNING, "payload-shadows", "/openhands/now-dir", "is a file");
}

static void test_skel_that_is_too_much(void **state)
{
	char path[32];

	(void)state;
	tar_header(&tar, '0', "etc/skel/big", NULL, 0644, 0, 0, 100000);
	add_zeros(100352);
	tar_header(&tar, '6', "etc/skel/pipe", NULL, 0644, 0, 0, 0);
	for (int i = 0; i < 1100; i++) {
		snprintf(path, sizeof(path), "etc/skel/z%04d", i);
		tar_file(&tar, path, 0644, "");
	}
	base();
	ohc_fit_clear(&f);
	assert_ok(ohc_fit_base(fs, &fit, &f, &err), &err);
	assert_in_range(f.entries.n, 1000, 1010);
	assert_found(OHC_FINDING_WARNING, "skel", "/etc/skel/big", "no small file");
	assert_found(OHC_FINDING_WARNING, "skel", "/etc/skel/pipe", "no small file");
	assert_found(OHC_FINDING_WARNING, "skel", "/etc/skel/z0998", "too much");
}

/* The layer's digest, over a base that has more besides. */
static void digest(const char *also, char hex[OHC_HASH_HEX_MAX])
{
	struct ohc_codec none = { OHC_COMPRESSION_NONE, OHC_LEVEL_DEFAULT, false };
	ohc_cleanup(ohc_buf_clear) struct ohc_buf bytes = OHC_BUF_INIT;
	ohc_cleanup(ohc_hash_freep) struct ohc_hash *h = ohc_hash_new(OHC_SHA256);
	struct ohc_source *src;

	ohc_rootfs_free(fs);
	fs = ohc_rootfs_new();
	tar_file(&tar, also, 0644, "something else");
	add_passwd();
	base();
	ohc_fit_clear(&f);
	assert_ok(ohc_fit_base(fs, &fit, &f, &err), &err);
	src = ohc_layer_source(ohc_entries_write, &f.entries, &none, 1);
	assert_ok(ohc_source_read_all(src, 1 << 20, &bytes, &err), &err);
	ohc_source_close(src);
	ohc_hash_update(h, bytes.data, bytes.len);
	ohc_hash_hex(h, hex);
}

static void test_the_same_account_files_give_the_same_layer(void **state)
{
	char a[OHC_HASH_HEX_MAX], b[OHC_HASH_HEX_MAX];

	(void)state;
	digest("usr/share/one", a);
	digest("opt/two", b);
	assert_string_equal(a, b);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_debian),
		TEST(test_scratch),
		TEST(test_nothing_is_needed),
		TEST(test_no_account),
		TEST(test_temporary),
		TEST(test_a_workspace_of_another_user),
		TEST(test_directories_below_a_payload),
		TEST(test_directories_of_a_payload_on_the_way),
		TEST(test_directories_of_the_base_on_the_way),
		TEST(test_everything_is_a_symlink),
		TEST(test_a_clash),
		TEST(test_the_home_of_an_account_of_the_base),
		TEST(test_a_home_that_the_payload_has),
		TEST(test_directories_of_somebody_else),
		TEST(test_who_may_write),
		TEST(test_who_may_write_by_further_groups),
		TEST(test_what_is_in_the_way),
		TEST(test_whiteouts_are_in_the_way),
		TEST(test_account_files_that_are_none),
		TEST(test_links),
		TEST(test_the_payloads_shell),
		TEST(test_loader),
		TEST(test_certificates),
		TEST(test_a_base_that_has_the_prefix),
		TEST(test_targets_behind_symlinks),
		TEST(test_directories_of_the_base_stay),
		TEST(test_files_of_the_base_that_are_replaced),
		TEST(test_skel_that_is_too_much),
		TEST(test_the_same_account_files_give_the_same_layer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
