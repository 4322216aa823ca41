// SPDX-License-Identifier: Apache-2.0
/*
 * Each check, on trees that are wrong in one way each, and on one that is right.
 *
 * A case is a tree with base/ (root's), payload/ (put to /openhands) and work/ (put to /workspace,
 * both of 1000:1000), and a config; what is told of it is compared as "level code subject".
 */
#include "unit.h"

#include <stdlib.h>
#include <unistd.h>

#include "core/alloc.h"
#include "layout/check/check.h"
#include "layout/files/facts_of_dir.h"
#include "layout/files/of_image.h"
#include "layout/check/finding_codes.h"
#include "oci/config/config.h"
#include "tree.h"

#define LIBC                                                               \
	"elf base/lib64/ld-linux-x86-64.so.2 soname=ld-linux-x86-64.so.2 " \
	"defs=GLIBC_2.36\n"                                                \
	"elf base/lib64/libc.so.6 soname=libc.so.6 defs=GLIBC_2.31,GLIBC_2.36\n"
#define SYSTEM                                                                            \
	"file base/etc/passwd 'root:x:0:0::/root:/bin/sh\\nopenhands:x:1000:1000:"        \
	":/home/openhands:/bin/sh\\n'\n"                                                  \
	"file base/etc/group 'root:x:0:\\nopenhands:x:1000:\\nwheel:x:10:openhands\\n'\n" \
	"elf base/bin/sh type=exec\n"                                                     \
	"file base/etc/ssl/certs/ca-certificates.crt\n"                                   \
	"dir base/tmp\nmode 1777 base/tmp\ndir base/home/openhands\ndir work\n"
#define BASE    LIBC SYSTEM
#define LOADER  "interp=/lib64/ld-linux-x86-64.so.2 pie=1 needed=libc.so.6 "
#define COMMAND "elf payload/bin/oh-action-execution-server " LOADER "\n"
#define GOOD    BASE COMMAND

static const char *const good_says = "ok command /openhands/bin/oh-action-execution-server\n"
				     "ok contract openhands\n"
				     "ok libraries /openhands\n"
				     "ok payload /openhands\n"
				     "ok user 1000:1000\n"
				     "ok workspace /workspace\n";

struct setting {
	const char *tree;
	const char *env;     /* an edit of the config's Env, or NULL */
	const char *config;  /* members of the inner config that are put over the profile's */
	const char *base;    /* the base's inner config, or NULL: there is none */
	const char *profile; /* NULL: openhands */
	const char *arch;    /* NULL: amd64 */
	const char *os;      /* NULL: linux */
	bool all;            /* also what is ok */
};

static void put(struct ohc_rootfs *fs, const struct test_tree *t, const char *dir,
		const char *target, uint32_t id)
{
	ohc_cleanup(ohc_freep) char *path = ohc_xasprintf("%s/%s", t->dir, dir);
	struct ohc_layer_index index = OHC_LAYER_INDEX_INIT;
	struct ohc_error err = OHC_ERROR_INIT;

	if (access(path, F_OK) < 0)
		return;
	assert_ok(ohc_facts_of_dir(path, NULL, target, id, id, &index, &err), &err);
	assert_ok(ohc_rootfs_apply(fs, index.bytes.data, index.bytes.len, dir, &err), &err);
	ohc_layer_index_clear(&index);
}

static json_t *config_of(const struct setting *s, const struct ohc_profile *profile,
			 const struct ohc_platform *platform, bool base)
{
	json_t *config = ohc_config_new(platform);
	const char *text = base ? s->base : s->config;
	struct ohc_error err = OHC_ERROR_INIT;

	if (!base) {
		ohc_cleanup(ohc_json_decref) json_t *before = ohc_config_env_list(config);

		assert_ok(ohc_profile_apply(profile, config, before, &err), &err);
		if (s->env)
			assert_ok(ohc_config_env(config, before, s->env, &err), &err);
	}
	if (text) {
		ohc_cleanup(ohc_json_decref) json_t *over = NULL;

		assert_ok(ohc_json_parse(text, strlen(text), "test", &over, &err), &err);
		json_object_update(ohc_json_make_object(config, "config"), over);
	}
	return config;
}

/* "level code subject" a line, sorted. */
static char *check(const struct setting *s, struct ohc_findings *found)
{
	ohc_cleanup(ohc_rootfs_freep) struct ohc_rootfs *fs = ohc_rootfs_new();
	ohc_cleanup(ohc_files_freep) struct ohc_files *files = ohc_files_image(fs);
	ohc_cleanup(ohc_profile_clear) struct ohc_profile profile = { .name = NULL };
	ohc_cleanup(ohc_strv_clear) struct ohc_strv targets = OHC_STRV_INIT;
	ohc_cleanup(ohc_json_decref) json_t *config = NULL, *base = NULL;
	struct ohc_check c = {
		.files = files, .profile = &profile, .targets = &targets, .findings = found
	};
	struct ohc_error err = OHC_ERROR_INIT;
	struct ohc_buf told = OHC_BUF_INIT;
	struct test_tree t;

	tree_make(&t, s->tree);
	put(fs, &t, "base", "/", 0);
	put(fs, &t, "payload", "/openhands", 1000);
	put(fs, &t, "work", "/workspace", 1000);
	assert_ok(ohc_profile_load(s->profile ? s->profile : "openhands", &profile, &err), &err);
	ohc_platform_set(&c.platform, s->os ? s->os : "linux", s->arch ? s->arch : "amd64", "");
	c.config = config = config_of(s, &profile, &c.platform, false);
	if (s->base)
		c.base_config = base = config_of(s, &profile, &c.platform, true);
	ohc_strv_add(&targets, "/openhands");
	assert_ok(ohc_check_run(&c, &err), &err);
	ohc_findings_sort(found);
	for (size_t i = 0; i < found->n; i++) {
		assert_non_null(ohc_finding_help(found->v[i].code));
		if (s->all || found->v[i].level != OHC_FINDING_OK)
			ohc_buf_addf(&told, "%s %s %s\n", ohc_finding_level_name(found->v[i].level),
				     found->v[i].code, found->v[i].subject);
	}
	tree_remove(&t);
	return ohc_buf_detach(&told);
}

/* The findings are `want`; text, when not NULL, is in the message of the first. */
static void expect(const struct setting *s, const char *want, const char *text)
{
	struct ohc_findings found = OHC_FINDINGS_INIT;
	ohc_cleanup(ohc_freep) char *told = check(s, &found);

	assert_string_equal(told, want);
	if (text && !strstr(found.v[0].message, text))
		fail_msg("'%s' is not in: %s", text, found.v[0].message);
	ohc_findings_clear(&found);
}

static void nothing_is_wrong(void **state)
{
	const struct setting good = { .tree = GOOD, .all = true };

	(void)state;
	expect(&good, good_says, NULL);
}

struct test_case {
	struct setting setting;
	const char *says, *text;
};

static void each(const struct test_case *cases, size_t n)
{
	for (size_t i = 0; i < n; i++)
		expect(&cases[i].setting, cases[i].says, cases[i].text);
}

#define COMMAND_PATH "/openhands/bin/oh-action-execution-server"

static void commands(void **state)
{
	static const struct test_case cases[] = {
		{ { .tree = BASE "dir payload\n" },
		  "error command-missing " COMMAND_PATH "\n",
		  "is not in it" },
		{ { .tree = GOOD, .config = "{\"Cmd\":[\"nowhere\"]}" },
		  "error command-missing nowhere\nwarning contract Cmd\n",
		  "in no directory" },
		{ { .tree = GOOD, .config = "{\"Cmd\":[\"sh\"]}" },
		  "warning contract Cmd\n",
		  "is [\"sh\"], where the profile 'openhands' has" },
		{ { .tree = GOOD, .config = "{\"Cmd\":null}" },
		  "warning command-none Cmd\nwarning contract Cmd\n",
		  NULL },
		{ { .tree = GOOD "mode 644 payload/bin/oh-action-execution-server\n" },
		  "error command-mode " COMMAND_PATH "\n",
		  "chmod" },
		{ { .tree = GOOD
		    "mode 711 base/bin\nelf base/opt/x type=exec\nmode 744 base/opt/x\n",
		    .config = "{\"Cmd\":[\"/opt/x\"]}" },
		  "error command-mode /opt/x\nwarning contract Cmd\n",
		  "1000:1000" },
		{ { .tree = BASE "file payload/bin/oh-action-execution-server "
				 "'#!/usr/bin/python9 -u\\n'\n"
				 "mode 755 payload/bin/oh-action-execution-server\n" },
		  "error command-interpreter " COMMAND_PATH "\n",
		  "/usr/bin/python9" },
		{ { .tree = GOOD "elf base/opt/x " LOADER "needed=libno.so\n",
		    .config = "{\"Cmd\":[\"/opt/x\"]}" },
		  "error command-library /opt/x\nwarning contract Cmd\n",
		  "libno.so" },
		{ { .tree = GOOD "elf base/opt/x type=exec arch=arm64\n",
		    .config = "{\"Cmd\":[\"/opt/x\"]}" },
		  "error architecture /opt/x\nwarning contract Cmd\n",
		  "is for arm64, and the image is for amd64" },
		{ { .tree = BASE "elf payload/bin/oh-action-execution-server type=exec arch=arm64\n"
				 "elf payload/lib/x.so\nelf payload/lib/y.so\n" },
		  "error architecture " COMMAND_PATH "\n",
		  NULL },
		{ { .tree = GOOD "elf base/opt/x type=exec stack=exec textrel=1\n",
		    .config = "{\"Cmd\":[\"/opt/x\"]}" },
		  "warning contract Cmd\n"
		  "warning executable-stack /opt/x\n"
		  "warning text-relocations /opt/x\n",
		  NULL },
		{ { .tree = GOOD "file base/opt/x '\\x7fELF'\nmode 755 base/opt/x\n",
		    .config = "{\"Cmd\":[\"/opt/x\"]}" },
		  "error command-format /opt/x\nwarning contract Cmd\n",
		  NULL },
		{ { .tree = GOOD "file base/opt/x 'echo hello'\nmode 755 base/opt/x\n",
		    .config = "{\"Cmd\":[\"/opt/x\"]}" },
		  "error command-format /opt/x\nwarning contract Cmd\n",
		  "first line" },
		{ { .tree = GOOD, .config = "{\"Cmd\":[\"/etc\"]}" },
		  "error command-missing /etc\nwarning contract Cmd\n",
		  "is no file" },
		{ { .tree = GOOD "file base/usr/local/bin/sh\n", .config = "{\"Cmd\":[\"sh\"]}" },
		  "warning contract Cmd\n",
		  NULL },
		{ { .tree = GOOD "file base/usr/local/bin/x\n", .config = "{\"Cmd\":[\"x\"]}" },
		  "error command-mode x\nwarning contract Cmd\n",
		  NULL },
		{ { .tree = GOOD "elf base/opt/x " LOADER "needed=libno.so\n"
				 "file base/opt/y '#!/opt/x\\n'\nmode 755 base/opt/y\n"
				 "file base/opt/z '#!/opt/y\\n'\nmode 755 base/opt/z\n",
		    .config = "{\"Cmd\":[\"/opt/z\"]}" },
		  "error command-library /opt/x\nwarning contract Cmd\n",
		  NULL },
		{ { .tree = GOOD "file base/opt/x '#!/opt/x\\n'\nmode 755 base/opt/x\n",
		    .config = "{\"Cmd\":[\"/opt/x\"]}" },
		  "warning contract Cmd\n",
		  NULL },
		{ { .tree = GOOD,
		    .config = "{\"Entrypoint\":[\"/bin/sh\"]}",
		    .base = "{\"Entrypoint\":[\"/bin/sh\"],\"Cmd\":[\"x\"]}" },
		  "warning entrypoint-base /bin/sh\n",
		  NULL },
	};

	(void)state;
	each(cases, OHC_ARRAY_SIZE(cases));
}

static void users(void **state)
{
	static const struct test_case cases[] = {
		{ { .tree = GOOD, .config = "{\"User\":\"nobody\"}" },
		  "error user-unknown nobody\nwarning contract User\n",
		  NULL },
		{ { .tree = GOOD, .config = "{\"User\":\"openhands:people\"}" },
		  "error group-unknown people\nwarning contract User\n",
		  NULL },
		{ { .tree = GOOD "file base/etc/passwd 'root:x:0:0::/:\\n'\n" },
		  "warning user-no-account 1000\n",
		  NULL },
		{ { .tree = GOOD, .config = "{\"User\":\"openhands\"}" },
		  "warning contract User\n",
		  NULL },
	};

	(void)state;
	each(cases, OHC_ARRAY_SIZE(cases));
}

static void directories(void **state)
{
	static const struct test_case cases[] = {
		{ { .tree = BASE COMMAND "mode 555 work\n" },
		  "warning workspace-owner /workspace\n",
		  "cannot be written" },
		{ { .tree = GOOD, .config = "{\"WorkingDir\":\"/nowhere\"}" },
		  "warning contract WorkingDir\nwarning workdir-missing /nowhere\n",
		  NULL },
		{ { .tree = GOOD, .config = "{\"WorkingDir\":\"/bin/sh\"}" },
		  "error workdir-missing /bin/sh\nwarning contract WorkingDir\n",
		  "is none" },
		{ { .tree = GOOD, .config = "{\"WorkingDir\":\"/etc\"}" },
		  "warning contract WorkingDir\nwarning workdir-owner /etc\n",
		  NULL },
		{ { .tree = GOOD "mode 755 base/tmp\n" }, "warning tmp /tmp\n", NULL },
		{ { .tree = GOOD, .config = "{\"Volumes\":{\"/workspace\":{},\"/x\":{}}}" },
		  "warning volume-workspace /workspace\n",
		  NULL },
		{ { .tree = GOOD "link base/srv/link ../workspace\nlink base/oh /openhands\n",
		    .config = "{\"Volumes\":{\"/srv/link\":{},\"/oh/lib\":{},\"/srv/x\":{}}}" },
		  "error volume-payload /oh/lib\nwarning volume-workspace /srv/link\n",
		  NULL },
		{ { .tree = GOOD, .config = "{\"Volumes\":{\"/openhands/\":{}}}" },
		  "error volume-payload /openhands/\n",
		  NULL },
		{ { .tree = GOOD "dir base/etc/no\nmode 700 base/etc/no\ndir base/etc/no/x\n"
				 "mode 777 base/etc/no/x\n",
		    .config = "{\"WorkingDir\":\"/etc/no/x\"}" },
		  "warning contract WorkingDir\nwarning workdir-owner /etc/no/x\n",
		  NULL },
	};
	struct setting none = { .tree = LIBC "file base/etc/passwd 'openhands:x:1000:1000::/:\\n'\n"
					     "elf base/bin/sh type=exec\n" COMMAND };

	(void)state;
	each(cases, OHC_ARRAY_SIZE(cases));
	expect(&none,
	       "error workspace-missing /workspace\n"
	       "warning certificates /etc/ssl/certs/ca-certificates.crt\nwarning tmp /tmp\n",
	       NULL);
}

#define CUDA "/usr/local/nvidia/lib:/usr/local/nvidia/lib64"

/* Its own loader and libraries, by a RUNPATH. */
#define OWN                                                                     \
	"elf payload/lib/ld-linux-x86-64.so.2\nelf payload/lib/libq.so\n"       \
	"elf payload/bin/own interp=/openhands/lib/ld-linux-x86-64.so.2 pie=1 " \
	"needed=libq.so runpath=$ORIGIN/../lib\n"

static void environment(void **state)
{
	static const struct test_case cases[] = {
		{ { .tree = GOOD, .env = "PATH=/openhands/bin:" },
		  "warning env-empty-element PATH\n",
		  "current directory" },
		{ { .tree = GOOD, .env = "PYTHONPATH=/a::/b" },
		  "warning env-empty-element PYTHONPATH\n",
		  NULL },
		{ { .tree = GOOD, .env = "PATH=/bin" },
		  "warning contract-env PATH\n",
		  "has '/openhands/bin:$PATH'" },
		{ { .tree = GOOD, .env = "LANG=C" }, "warning contract-env LANG\n", "'C'" },
		{ { .tree = GOOD, .env = "LD_LIBRARY_PATH=/openhands/lib" },
		  "warning env-library-path LD_LIBRARY_PATH\n",
		  NULL },
		{ { .tree = GOOD "elf payload/lib/libc.so.6\n",
		    .env = "LD_LIBRARY_PATH=/x:/openhands/lib" },
		  "error env-library-path LD_LIBRARY_PATH\n"
		  "error libc-mixed " COMMAND_PATH "\n",
		  "and --env LD_LIBRARY_PATH=/x" },
		{ { .tree = GOOD, .env = "LD_LIBRARY_PATH=/openhands/lib:/openhands/x" },
		  "warning env-library-path LD_LIBRARY_PATH\n",
		  "and --unset-env LD_LIBRARY_PATH" },
		/* The base's own elements are left alone, whether or not the base is known. */
		{ { .tree = GOOD, .env = "LD_LIBRARY_PATH=" CUDA }, "", NULL },
		{ { .tree = GOOD,
		    .env = "LD_LIBRARY_PATH=" CUDA,
		    .base = "{\"Env\": [\"LD_LIBRARY_PATH=" CUDA "\"]}" },
		  "",
		  NULL },
		{ { .tree = GOOD,
		    .env = "LD_LIBRARY_PATH=/opt/x:" CUDA,
		    .base = "{\"Env\": [\"LD_LIBRARY_PATH=" CUDA "\"]}" },
		  "warning env-library-path LD_LIBRARY_PATH\n",
		  "not as the base has it" },
		{ { .tree = GOOD "elf base/opt/x " LOADER
				 "needed=libq.so\nelf base/opt/q/libq.so\n",
		    .env = "LD_LIBRARY_PATH=/opt/q",
		    .config = "{\"Cmd\": [\"/opt/x\"]}",
		    .base = "{\"Env\": [\"LD_LIBRARY_PATH=/opt/q\"]}" },
		  "",
		  NULL },
		/* Elements that lead into the payload count, unless launchers remove them. */
		{ { .tree = GOOD "elf payload/bin/x " LOADER "needed=libq.so\n"
				 "elf payload/own/libq.so\n",
		    .env = "LD_LIBRARY_PATH=/openhands/own" },
		  "warning env-library-path LD_LIBRARY_PATH\n",
		  NULL },
		{ { .tree = GOOD "elf payload/bin/x " LOADER "needed=libq.so\n"
				 "elf payload/own/libq.so\nfile payload/etc/launchers\n",
		    .env = "LD_LIBRARY_PATH=/openhands/own" },
		  "error library-missing libq.so\n"
		  "warning env-library-path LD_LIBRARY_PATH\n",
		  NULL },
		/* A RUNPATH does not come first. */
		{ { .tree = GOOD OWN "elf base/opt/q/libq.so\n",
		    .env = "LD_LIBRARY_PATH=/opt/q",
		    .base = "{\"Env\": [\"LD_LIBRARY_PATH=/opt/q\"]}" },
		  "warning library-outside /openhands/bin/own\n",
		  "/opt/q/libq.so" },
		{ { .tree = GOOD "file base/etc/ld.so.preload '/bin/sh\\n'\n" },
		  "warning env-preload /bin/sh\n",
		  "(/etc/ld.so.preload)" },
		{ { .tree = GOOD, .env = "LD_PRELOAD=/bin/sh" },
		  "warning env-preload /bin/sh\n",
		  "every program" },
		{ { .tree = GOOD, .env = "LD_PRELOAD=/no.so" },
		  "warning env-preload /no.so\n",
		  "is not in the image" },
	};

	(void)state;
	each(cases, OHC_ARRAY_SIZE(cases));
}

static void needs_and_contract(void **state)
{
	static const struct test_case cases[] = {
		{ { .tree = GOOD "link base/bin/x sh\nlink base/usr/x /nowhere\n" }, "", NULL },
		{ { .tree = GOOD, .os = "windows" }, "error architecture /openhands\n", "windows" },
		{ { .tree = BASE "file payload/bin/openhands-agent-server\n",
		    .profile = "agent-server-binary",
		    .config = "{\"Entrypoint\":[\"/bin/sh\"]}" },
		  "error contract-link /usr/local/bin/openhands-agent-server\n"
		  "error contract-prefix /agent-server\n"
		  "error workspace-missing /workspace/project\n"
		  "warning contract Entrypoint\n",
		  NULL },
	};
	struct setting bare = {
		.tree = "file base/etc/passwd 'openhands:x:1000:1000::/:\\n'\ndir base/tmp\n"
			"mode 1777 base/tmp\ndir work\n"
			"elf payload/bin/oh-action-execution-server type=exec\n"
			"file payload/ca.pem\n"
	};
	struct setting named = { .tree = bare.tree, .env = "SSL_CERT_FILE=/openhands/ca.pem" };

	(void)state;
	each(cases, OHC_ARRAY_SIZE(cases));
	expect(&bare,
	       "warning certificates /etc/ssl/certs/ca-certificates.crt\n"
	       "warning shell /bin/sh\n",
	       NULL);
	expect(&named, "warning shell /bin/sh\n", NULL);
}

/* A group of the config's User is the only one; an account by name is in all that name it. */
static void further_groups(void **state)
{
#define ROOTS_TMP                  \
	GOOD "mode 770 base/tmp\n" \
	     "file base/etc/group 'root:x:0:other,openhands\\nopenhands:x:1000:\\n'\n"
	static const struct test_case cases[] = {
		{ { .tree = ROOTS_TMP, .config = "{\"User\":\"openhands\"}" },
		  "warning contract User\n",
		  NULL },
		{ { .tree = ROOTS_TMP, .config = "{\"User\":\"openhands:openhands\"}" },
		  "warning contract User\nwarning tmp /tmp\n",
		  NULL },
		{ { .tree = GOOD "mode 770 base/tmp\n", .config = "{\"User\":\"openhands\"}" },
		  "warning contract User\nwarning tmp /tmp\n",
		  NULL },
	};

	(void)state;
	each(cases, OHC_ARRAY_SIZE(cases));
}

static void payload_files(void **state)
{
	static const struct test_case cases[] = {
		{ { .tree = GOOD "link payload/a nowhere\nlink payload/b /nowhere/x\n" },
		  "warning symlink-dangling /openhands/a\n",
		  "(and 1 more like it)" },
		{ { .tree = GOOD "link payload/a a\n" },
		  "warning symlink-loop /openhands/a\n",
		  NULL },
		{ { .tree = GOOD "file payload/x\nmode 200 payload/x\ndir payload/y\n"
				 "mode 600 payload/y\n" },
		  "error payload-mode /openhands/x\n",
		  "(and 1 more like it)" },
		{ { .tree = GOOD "file payload/x\nmode 200 payload/x\n",
		    .config = "{\"User\":\"root\"}" },
		  "warning contract User\n",
		  NULL },
		{ { .tree = GOOD, .config = "{\"User\":\"openhands:wheel\"}" },
		  "warning contract User\n",
		  NULL },
		{ { .tree = GOOD "file base/openhands/old/x\n" },
		  "warning payload-owner /openhands/old\n",
		  "--owner 1000:1000" },
		{ { .tree = GOOD "file payload/x '#!/usr/bin/env -S A=b python3 -u\\n'\n"
				 "mode 755 payload/x\nfile base/usr/bin/env\n"
				 "file payload/y '#!relative\\n'\nmode 755 payload/y\n" },
		  "warning script-interpreter /openhands/x\n",
		  "'python3'" },
		{ { .tree = GOOD "file payload/x '#!/usr/bin/env python3\\n'\nmode 755 payload/x\n"
				 "file base/usr/bin/env\nfile payload/bin/python3\n"
				 "mode 755 payload/bin/python3\n" },
		  "",
		  NULL },
	};

	(void)state;
	each(cases, OHC_ARRAY_SIZE(cases));
}

static void libraries(void **state)
{
	static const struct test_case cases[] = {
		{ { .tree = GOOD "elf payload/bin/x " LOADER "needed=libno.so,libc.so.6\n"
				 "elf payload/bin/y " LOADER "needed=libno.so\n" },
		  "error library-missing libno.so\n",
		  "(and 1 more like it)" },
		{ { .tree = GOOD "elf payload/lib/x.so needed=libno.so\n" },
		  "warning library-missing libno.so\n",
		  "'/openhands/lib/x.so'" },
		{ { .tree = GOOD "elf payload/bin/python3 " LOADER "needed=libc.so.6 "
				 "rpath=/openhands/lib\n"
				 "elf payload/lib/libdep.so\n"
				 "elf payload/py/ext.so needed=libdep.so,libc.so.6\n" },
		  "",
		  NULL },
		/* An addon: who opens it, and what that opened before, shows only when it runs. */
		{ { .tree = GOOD "elf payload/app/addon.node needed=libdep.so.1,libc.so.6\n"
				 "elf payload/app/libdep-1.2.so soname=libdep.so.1\n" },
		  "",
		  NULL },
		{ { .tree = GOOD "elf payload/app/addon.node needed=libdep.so.1\n"
				 "elf payload/app/libdep-1.2.so\n"
				 "link payload/app/libdep.so.1 libdep-1.2.so\n" },
		  "",
		  NULL },
		{ { .tree = GOOD "elf payload/app/addon.node needed=libdep.so.1\n"
				 "elf payload/app/libdep.so.1 arch=386\n"
				 "file payload/app/sub/libdep.so.1 'version https://git-lfs'\n"
				 "link payload/app/more/libdep.so.1 ../nowhere\n" },
		  "warning library-missing libdep.so.1\n"
		  "warning symlink-dangling /openhands/app/more/libdep.so.1\n",
		  NULL },
		/* The file that a name leads to does not count under another name. */
		{ { .tree = GOOD "elf payload/app/addon.node needed=/opt/x/libdep.so.1\n"
				 "elf payload/app/libdep.so.1\n" },
		  "warning library-missing /opt/x/libdep.so.1\n",
		  NULL },
		/* Versions, too: of the payload's, though what is found first has them not. */
		{ { .tree = GOOD "elf base/lib64/libv.so.1 defs=V_1\n"
				 "elf payload/app/libv.so.1 defs=V_1,V_2\n"
				 "elf payload/app/addon.node needed=libv.so.1 "
				 "needs=libv.so.1:V_2\n" },
		  "",
		  NULL },
		{ { .tree = GOOD "elf base/lib64/libv.so.1 defs=V_1\n"
				 "elf payload/app/libv.so.1 defs=V_1,V_2\n"
				 "elf payload/app/addon.node needed=libv.so.1 "
				 "needs=libv.so.1:V_3\n" },
		  "warning library-version /openhands/app/addon.node\n",
		  "V_3" },
		/* The ninth program is as good as the first. */
		{ { .tree = GOOD "elf payload/bin/a " LOADER "\nelf payload/bin/b " LOADER "\n"
				 "elf payload/bin/c " LOADER "\nelf payload/bin/d " LOADER "\n"
				 "elf payload/bin/e " LOADER "\nelf payload/bin/f " LOADER "\n"
				 "elf payload/bin/g " LOADER "\nelf payload/bin/h " LOADER "\n"
				 "elf payload/bin/i " LOADER "needed=libbase.so "
				 "rpath=/opt/own\nelf base/opt/own/libbase.so\n"
				 "elf payload/lib/plugin.so needed=libbase.so\n" },
		  "",
		  NULL },
		/* A library that a program lacks is missing, even when another file could open
		 * it. */
		{ { .tree = GOOD "elf payload/bin/x " LOADER "needed=libq.so\n"
				 "elf payload/app/libq.so needed=libno.so\n" },
		  "error library-missing libq.so\nwarning library-missing libno.so\n",
		  "takes an RPATH" },
		/* A fault of a library that a program loads is told once. */
		{ { .tree = GOOD "elf payload/bin/x " LOADER "needed=liba.so rpath=/openhands/lib\n"
				 "elf payload/lib/liba.so needed=libno.so\n" },
		  "error library-missing libno.so\n",
		  "is needed by '/openhands/lib/liba.so', and" },
		{ { .tree = GOOD "elf payload/bin/x " LOADER "needed=liba.so rpath=/openhands/lib\n"
				 "elf payload/lib/liba.so arch=386\n" },
		  "error library-missing liba.so\n",
		  "another architecture" },
		{ { .tree = GOOD "elf payload/bin/x " LOADER
				 "needs=libc.so.6:GLIBC_2.38:GLIBC_2.39:GLIBC_2.31\n"
				 "elf payload/bin/y " LOADER "needs=libc.so.6:GLIBC_2.38\n" },
		  "error libc-version /openhands/bin/x\n",
		  "GLIBC_2.39, which" },
		/* Exactly as new as it must be; and one that has no versions has any. */
		{ { .tree = GOOD "elf payload/bin/x " LOADER
				 "needs=libc.so.6:GLIBC_2.31:GLIBC_2.36\n" },
		  "",
		  NULL },
		{ { .tree = GOOD "elf payload/bin/x " LOADER "needs=libc.so.6:GLIBC_2.37\n" },
		  "error libc-version /openhands/bin/x\n",
		  "only up to GLIBC_2.36" },
		{ { .tree = GOOD "elf base/lib64/libplain.so\nelf payload/bin/x " LOADER
				 "needed=libplain.so needs=libplain.so:PLAIN_1.0\n" },
		  "",
		  NULL },
		{ { .tree = GOOD
		    "file payload/lib/libq.so 'version https://git-lfs.github.com/spec/v1'\n"
		    "elf payload/bin/x " LOADER "needed=libq.so rpath=/openhands/lib\n" },
		  "error library-missing libq.so\n",
		  "no ELF file" },
		{ { .tree = GOOD "elf payload/lib/libq.so\n"
				 "elf payload/bin/x " LOADER
				 "needed=libq.so rpath=/openhands/none/../lib\n" },
		  "error library-missing libq.so\n",
		  "takes an RPATH" },
		/* ldconfig ran before the payload came: whether or not its cache can be read. */
		{ { .tree = GOOD "file base/etc/ld.so.conf '/openhands/lib\\n/opt/lib'\n"
				 "cache base/etc/ld.so.cache libb.so=/opt/lib/libb.so\n"
				 "elf base/opt/lib/libb.so\nelf payload/lib/libq.so\n"
				 "elf payload/bin/x " LOADER "needed=libb.so,libq.so\n" },
		  "error library-missing libq.so\n",
		  "takes an RPATH" },
		{ { .tree = GOOD "file base/etc/ld.so.conf '/openhands/lib\\n/opt/lib'\n"
				 "file base/etc/ld.so.cache 'of a form to come'\n"
				 "elf base/opt/lib/libb.so\nelf payload/lib/libq.so\n"
				 "elf payload/bin/x " LOADER "needed=libb.so,libq.so\n" },
		  "error library-missing libq.so\n",
		  "takes an RPATH" },
		{ { .tree = GOOD "elf base/lib64/libstdc++.so.6 defs=GLIBCXX_3.4.28\n"
				 "elf payload/bin/x " LOADER "needed=libstdc++.so.6 "
				 "needs=libstdc++.so.6:GLIBCXX_3.4.30\n" },
		  "error libstdcxx-version /openhands/bin/x\n",
		  "only up to GLIBCXX_3.4.28" },
		{ { .tree = GOOD "elf base/lib64/libssl.so defs=OPENSSL_3.0.0\n"
				 "elf payload/bin/x " LOADER "needed=libssl.so "
				 "needs=libssl.so:OPENSSL_3.2.0\n" },
		  "error library-version /openhands/bin/x\n",
		  NULL },
		{ { .tree = GOOD "elf payload/bin/x interp=/lib/ld-musl-x86_64.so.1 pie=1\n" },
		  "error libc-family /openhands/bin/x\n",
		  "has glibc" },
		{ { .tree = GOOD "elf payload/bin/y interp=/openhands/lib/ld-linux-x86-64.so.2 "
				 "pie=1\nelf payload/lib/ld-linux-x86-64.so.2\n"
				 "elf payload/bin/x interp=/lib/ld-musl-x86_64.so.1 pie=1\n" },
		  "warning libc-family /openhands/bin/x\n",
		  "another C library than the other programs" },
		{ { .tree = GOOD "elf payload/lib/x.so needed=libc.musl-x86_64.so.1\n" },
		  "warning libc-family /openhands/lib/x.so\n",
		  "nothing can load it" },
		{ { .tree = GOOD "elf payload/lib/x.so needed=libc.so\n"
				 "elf payload/lib/y.so needed=libc.so.7\n" },
		  "warning architecture /openhands/lib/y.so\n"
		  "warning libc-family /openhands/lib/x.so\n",
		  "is for FreeBSD" },
		{ { .tree = SYSTEM "elf base/lib/ld-linux-riscv64-lp64d.so.1 arch=riscv64\n"
				   "elf base/bin/sh type=exec arch=riscv64\n"
				   "elf payload/bin/oh-action-execution-server arch=riscv64 "
				   "interp=/lib/ld-musl-riscv64.so.1 pie=1\n",
		    .arch = "riscv64" },
		  "error libc-family " COMMAND_PATH "\n",
		  "has glibc" },
		{ { .tree = GOOD "elf payload/bin/x interp=/openhands/lib/ld-linux-x86-64.so.2\n" },
		  "error interpreter /openhands/bin/x\n",
		  "the payload does not have" },
		{ { .tree = GOOD "elf payload/bin/x interp=/lib/ld-own.so pie=1\n" },
		  "error interpreter /openhands/bin/x\n",
		  "/lib/ld-own.so" },
		{ { .tree = GOOD "elf payload/bin/x interp=/openhands/lib/ld-linux-x86-64.so.2 "
				 "needed=libc.so.6\nelf payload/lib/ld-linux-x86-64.so.2\n" },
		  "error libc-mixed /openhands/bin/x\n",
		  "two different" },
		{ { .tree = GOOD "elf payload/bin/x interp=/openhands/lib/ld-linux-x86-64.so.2 "
				 "rpath=/openhands/lib needed=libc.so.6,libz.so\n"
				 "elf payload/lib/ld-linux-x86-64.so.2\nelf base/lib64/libz.so\n"
				 "elf payload/lib/libc.so.6\n" },
		  "warning library-outside /openhands/bin/x\n",
		  "'/lib64/libz.so'" },
		{ { .tree = GOOD "elf payload/lib/x.so stack=exec\n" },
		  "warning executable-stack /openhands/lib/x.so\n",
		  "hardened" },
		{ { .tree = GOOD "elf base/lib64/libc.so.6 defs=GLIBC_2.41 soname=libc.so.6\n"
				 "elf payload/lib/x.so stack=exec\n" },
		  "error executable-stack /openhands/lib/x.so\n",
		  "this image's" },
		{ { .tree = GOOD "elf base/lib64/libc.so.6 defs=GLIBC_2.41 soname=libc.so.6\n"
				 "elf payload/bin/x " LOADER "stack=exec\n" },
		  "warning executable-stack /openhands/bin/x\n",
		  NULL },
		{ { .tree = GOOD "elf payload/lib/x.so textrel=1\n" },
		  "warning text-relocations /openhands/lib/x.so\n",
		  NULL },
		{ { .tree = GOOD "file payload/lib/x.so '\\x7fELF'\n" },
		  "warning elf-damaged /openhands/lib/x.so\n",
		  NULL },
		/* Half of it is more than a stray. */
		{ { .tree = GOOD "elf payload/lib/x.so arch=s390x\n" },
		  "error architecture /openhands/lib/x.so\n",
		  "s390x" },
		{ { .tree = GOOD "elf payload/lib/x.so arch=s390x\nelf payload/lib/y.so\n" },
		  "warning architecture /openhands/lib/x.so\n",
		  "s390x" },
		{ { .tree = GOOD "elf payload/lib/x.so arch=386\nelf payload/x.o type=rel\n" },
		  "",
		  NULL },
		{ { .tree = GOOD "elf payload/lib/y.so\nelf payload/bin/x arch=386 pie=1 "
				 "interp=/lib/ld-linux.so.2 needed=libc.so.6\n" },
		  "warning interpreter /openhands/bin/x\n",
		  "another architecture" },
		{ { .tree = BASE "elf payload/bin/oh-action-execution-server arch=386 pie=1 "
				 "interp=/lib/ld-linux.so.2 needed=libc.so.6\n" },
		  "error libc-family " COMMAND_PATH "\n",
		  NULL },
		{ { .tree = GOOD, .arch = "" }, "", NULL },
		{ { .tree = GOOD, .arch = "arm64" },
		  "error architecture " COMMAND_PATH "\n",
		  "is for amd64, and the image is for arm64" },
	};
	struct setting alpine = {
		.tree = "elf base/lib/ld-musl-x86_64.so.1\n"
			"file base/etc/passwd 'openhands:x:1000:1000::/:\\n'\ndir base/tmp\n"
			"mode 1777 base/tmp\ndir work\nfile base/bin/sh\n"
			"file base/etc/ssl/cert.pem\n" COMMAND
	};

	(void)state;
	each(cases, OHC_ARRAY_SIZE(cases));
	expect(&alpine, "error libc-family " COMMAND_PATH "\n", "Alpine");
}

#define SITE "payload/lib/python3.12/site-packages"

static void python(void **state)
{
	static const struct test_case cases[] = {
		{ { .tree = GOOD "file payload/bin/python3\n"
				 "file " SITE "/a-1.dist-info/METADATA 'Name: a\\nVersion: 1\\n"
				 "Requires-Dist: b>=2\\nRequires-Dist: c\\n"
				 "Requires-Dist: d; python_version < \"3.12\"\\n"
				 "Requires-Dist: e; platform_machine == \"x86_64\"\\n"
				 "Requires-Dist: <odd>\\n'\n"
				 "file " SITE "/b-1.dist-info/METADATA 'Name: b\\nVersion: 1\\n"
				 "Requires-Dist: c\\n'\n" },
		  "error python-missing /openhands/lib/python3.12/site-packages\n"
		  "error python-missing /openhands/lib/python3.12/site-packages\n"
		  "warning python-metadata /openhands/lib/python3.12/site-packages\n"
		  "warning python-version /openhands/lib/python3.12/site-packages\n",
		  "a requires 'c', which" },
		/* A package manager's cache is nobody's tree. */
		{ { .tree = GOOD "file payload/pkgs/a/site-packages/a-1.dist-info/METADATA "
				 "'Name: a\\nRequires-Dist: b\\n'\n" },
		  "",
		  NULL },
		/* A virtual environment does not see its interpreter's tree, unless it says so. */
		{ { .tree = GOOD
		    "file payload/bin/python3\n"
		    "file " SITE "/b-1.dist-info/METADATA 'Name: b\\nVersion: 1\\n'\n"
		    "file payload/v/bin/python\nfile payload/v/pyvenv.cfg 'home = x\\n'\n"
		    "file payload/v/lib/python3.12/site-packages/a-1.dist-info/METADATA "
		    "'Name: a\\nRequires-Dist: b\\n'\n" },
		  "error python-missing /openhands/v/lib/python3.12/site-packages\n",
		  NULL },
		{ { .tree = GOOD
		    "file payload/bin/python3\n"
		    "file " SITE "/b-1.dist-info/METADATA 'Name: b\\nVersion: 1\\n'\n"
		    "file payload/v/bin/python\nfile payload/v/pyvenv.cfg "
		    "'version = 3.12.3\\ninclude-system-site-packages = true\\n'\n"
		    "file payload/v/lib/python3.12/site-packages/a-1.dist-info/METADATA "
		    "'Name: a\\nRequires-Dist: b\\n"
		    "Requires-Dist: d; python_full_version < \"3.12.3\"\\n'\n" },
		  "",
		  NULL },
		/* Nothing of another version's tree counts, and all of one for any. */
		{ { .tree = GOOD "file payload/bin/python3\n"
				 "file " SITE "/a-1.dist-info/METADATA 'Name: a\\nVersion: 1\\n"
				 "Requires-Dist: b\\nRequires-Dist: c\\n'\n"
				 "file payload/lib/python3.11/site-packages/b-1.dist-info/METADATA "
				 "'Name: b\\nVersion: 1\\n'\n"
				 "file payload/lib/python3/dist-packages/c-1.dist-info/METADATA "
				 "'Name: c\\nVersion: 1\\n'\n" },
		  "error python-missing /openhands/lib/python3.12/site-packages\n",
		  "a requires 'b', which" },
		/* Shorter than the header of bytecode. */
		{ { .tree = GOOD
		    "file payload/a.py x\n"
		    "file payload/__pycache__/a.cpython-312.pyc 'abcd\\0\\0\\0\\0'\n" },
		  "warning python-stale /openhands/__pycache__/a.cpython-312.pyc\n",
		  NULL },
		{ { .tree = GOOD "file payload/a.py 0123456789\ntime 100 payload/a.py\n"
				 "file payload/__pycache__/a.cpython-312.pyc "
				 "'abcd\\0\\0\\0\\0\\x64\\0\\0\\0\\x0a\\0\\0\\0code'\n"
				 "file payload/__pycache__/a.cpython-311.pyc "
				 "'abcd\\0\\0\\0\\0\\x65\\0\\0\\0\\x0a\\0\\0\\0code'\n"
				 "file payload/__pycache__/a.cpython-310.pyc "
				 "'abcd\\x03\\0\\0\\0\\x65\\0\\0\\0\\x0a\\0\\0\\0code'\n"
				 "file payload/__pycache__/gone.cpython-310.pyc 'x'\n" },
		  "warning python-stale /openhands/__pycache__/a.cpython-311.pyc\n",
		  NULL },
	};
	struct setting good = { .tree = GOOD "file payload/bin/python3\n"
					     "file " SITE
					     "/b-1.dist-info/METADATA 'Name: b\\nVersion: 1\\n'\n",
				.all = true };
	ohc_cleanup(ohc_freep) char *says = NULL;
	const char *at = strstr(good_says, "ok user");

	(void)state;
	each(cases, OHC_ARRAY_SIZE(cases));
	says = ohc_xasprintf("%.*sok python /openhands/lib/python3.12/site-packages\n%s",
			     (int)(at - good_says), good_says, at);
	expect(&good, says, NULL);
}

static void codes_are_sorted(void **state)
{
	(void)state;
	for (size_t i = 1; i < ohc_finding_codes_n; i++)
		assert_true(strcmp(ohc_finding_codes[i - 1].code, ohc_finding_codes[i].code) < 0);
	for (size_t i = 0; i < ohc_finding_codes_n; i++) {
		const char *help = ohc_finding_codes[i].help;

		assert_int_equal(help[strlen(help) - 1], '.');
	}
	assert_null(ohc_finding_help("nonsense"));
}

static void lists(void **state)
{
	struct ohc_findings a = OHC_FINDINGS_INIT, b = OHC_FINDINGS_INIT;
	ohc_cleanup(ohc_buf_clear) struct ohc_buf line = OHC_BUF_INIT;
	ohc_cleanup(ohc_json_decref) json_t *j = NULL;
	ohc_cleanup(ohc_freep) char *text = NULL;

	(void)state;
	ohc_findings_move(&a, &b);
	ohc_findings_add(&a, OHC_FINDING_OK, "user", "x", "y");
	ohc_findings_add(&b, OHC_FINDING_WARNING, "tmp", "x", "y");
	ohc_findings_add(&b, OHC_FINDING_ERROR, "shell", "s\xff", "m %d", 1);
	ohc_findings_add(&b, OHC_FINDING_WARNING, "tmp", "x", "y");
	ohc_findings_move(&a, &b);
	assert_int_equal(b.n, 0);
	ohc_findings_sort(&a);
	assert_int_equal(a.n, 3);
	assert_string_equal(a.v[0].code, "shell");
	assert_string_equal(a.v[2].code, "user");
	ohc_finding_line(&a.v[1], &line);
	assert_string_equal(line.data, "warning tmp x: y");
	j = ohc_finding_json(&a.v[0]);
	text = ohc_json_text(j);
	assert_string_equal(text,
			    "{\"level\":\"error\",\"code\":\"shell\",\"subject\":\"s\\\\xff\","
			    "\"message\":\"m 1\"}");
	ohc_findings_clear(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_wrong),
		cmocka_unit_test(commands),
		cmocka_unit_test(users),
		cmocka_unit_test(directories),
		cmocka_unit_test(environment),
		cmocka_unit_test(needs_and_contract),
		cmocka_unit_test(further_groups),
		cmocka_unit_test(payload_files),
		cmocka_unit_test(libraries),
		cmocka_unit_test(python),
		cmocka_unit_test(codes_are_sorted),
		cmocka_unit_test(lists),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
