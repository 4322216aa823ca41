// SPDX-License-Identifier: Apache-2.0
/* layout/account/account.h: the base's account files with one account more,
 * and nothing else changed. */
#include "unit.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "layout/account/account.h"
#include "layout/account/rows.h"
#include "layout/account/user.h"

static struct ohc_error err;

#define PASSWD                              \
	"root:x:0:0:root:/root:/bin/bash\n" \
	"daemon:x:1:1:daemon:/usr/sbin:/sbin/nologin\n"
#define GROUP  "root:x:0:\ndaemon:x:1:\n"
#define SHADOW "root:*:19000:0:99999:7:::\ndaemon:*:19000:0:99999:7:::\n"

#define OURS       "openhands:x:1000:1000::/home/openhands:/bin/sh\n"
#define ALONE      "openhands:*:1000:1000::/home/openhands:/bin/sh\n" /* without shadow */
#define OUR_GROUP  "openhands:x:1000:\n"
#define OUR_SHADOW "openhands:*::0:99999:7:::\n"

/* The base's files (NULL: no such file), and the same afterwards (NULL: not touched). */
struct files {
	const char *passwd, *group, *shadow, *gshadow;
};

static struct ohc_account account(void)
{
	static char name[] = "openhands", home[] = "/home/openhands", shell[] = "/bin/sh";

	return (struct ohc_account){ name, 1000, 1000, home, shell };
}

static int add(const struct files *f, const struct ohc_account *want, enum ohc_clash clash,
	       struct ohc_account_plan *ret)
{
	const char *const texts[] = { f->passwd, f->group, f->shadow, f->gshadow };
	struct ohc_account_files in = { .n = { 0 } };

	for (int i = 0; i < OHC_ACCOUNT_FILES; i++) {
		in.data[i] = texts[i];
		in.n[i] = texts[i] ? strlen(texts[i]) : 0;
	}
	memset(ret, 0, sizeof(*ret));
	return ohc_account_add(&in, want, clash, ret, &err);
}

static void assert_text(const struct ohc_account_plan *p, enum ohc_account_file file,
			const char *want)
{
	if (!want)
		assert_false(p->changed[file]);
	else
		assert_string_equal(p->changed[file] ? ohc_buf_str(&p->text[file]) : "unchanged",
				    want);
}

/* who: "name:uid:gid:home:shell" of the user in the end */
static void assert_add_as(const struct files *before, const struct ohc_account *want,
			  enum ohc_clash clash, enum ohc_account_done done, const char *who,
			  const struct files *after)
{
	ohc_cleanup(ohc_freep) char *is = NULL;
	struct ohc_account_plan p;

	assert_ok(add(before, want, clash, &p), &err);
	assert_int_equal(p.done, done);
	is = ohc_xasprintf("%s:%u:%u:%s:%s", p.account.name, p.account.uid, p.account.gid,
			   p.account.home, p.account.shell);
	assert_string_equal(is, who);
	assert_text(&p, OHC_PASSWD, after->passwd);
	assert_text(&p, OHC_GROUP, after->group);
	assert_text(&p, OHC_SHADOW, after->shadow);
	assert_text(&p, OHC_GSHADOW, after->gshadow);
	ohc_account_plan_clear(&p);
}

static void assert_add(const struct files *before, enum ohc_clash clash, enum ohc_account_done done,
		       const char *who, const struct files *after)
{
	struct ohc_account want = account();

	assert_add_as(before, &want, clash, done, who, after);
}

static void assert_clash(const struct files *before, enum ohc_clash clash, const char *text)
{
	struct ohc_account want = account();
	struct ohc_account_plan p;

	assert_fails(add(before, &want, clash, &p), OHC_E_CHECK, &err, text);
	assert_null(p.text[0].data);
}

#define WE "openhands:1000:1000:/home/openhands:/bin/sh"

static void test_added(void **state)
{
	const struct files debian = { PASSWD, GROUP, SHADOW, "root:*::\ndaemon:*::\n" };
	const struct files alpine = { PASSWD, GROUP, SHADOW, NULL };
	const struct files busybox = { PASSWD, GROUP, NULL, NULL };

	(void)state;
	for (int clash = OHC_CLASH_FAIL; clash <= OHC_CLASH_NEXT_FREE; clash++) {
		assert_add(&debian, (enum ohc_clash)clash, OHC_ACCOUNT_ADDED, WE,
			   &(struct files){ PASSWD OURS, GROUP OUR_GROUP, SHADOW OUR_SHADOW,
					    "root:*::\ndaemon:*::\nopenhands:!::\n" });
		assert_add(
			&alpine, (enum ohc_clash)clash, OHC_ACCOUNT_ADDED, WE,
			&(struct files){ PASSWD OURS, GROUP OUR_GROUP, SHADOW OUR_SHADOW, NULL });
		assert_add(&busybox, (enum ohc_clash)clash, OHC_ACCOUNT_ADDED, WE,
			   &(struct files){ PASSWD
					    "openhands:*:1000:1000::/home/openhands:/bin/sh\n",
					    GROUP OUR_GROUP, NULL, NULL });
	}
}

static void test_nothing_there(void **state)
{
	const struct files scratch = { NULL, NULL, NULL, NULL }, empty = { "", "", "", "" };
	struct ohc_account root = account();

	(void)state;
	assert_add(&scratch, OHC_CLASH_FAIL, OHC_ACCOUNT_ADDED, WE,
		   &(struct files){ "root:*:0:0:root:/root:/bin/sh\n"
				    "openhands:*:1000:1000::/home/openhands:/bin/sh\n",
				    "root:x:0:\n" OUR_GROUP, NULL, NULL });
	assert_add(&empty, OHC_CLASH_FAIL, OHC_ACCOUNT_ADDED, WE,
		   &(struct files){ OURS, OUR_GROUP, OUR_SHADOW, "openhands:!::\n" });
	root.uid = root.gid = 0;
	assert_add_as(&scratch, &root, OHC_CLASH_FAIL, OHC_ACCOUNT_ADDED,
		      "openhands:0:0:/home/openhands:/bin/sh",
		      &(struct files){ "openhands:*:0:0::/home/openhands:/bin/sh\n",
				       "openhands:x:0:\n", NULL, NULL });
}

static void test_there_already(void **state)
{
	const struct files there = { PASSWD "openhands:x:1000:100:Me:/h:/bin/zsh\n", GROUP, SHADOW,
				     NULL };

	(void)state;
	for (int clash = OHC_CLASH_FAIL; clash <= OHC_CLASH_NEXT_FREE; clash++)
		assert_add(&there, (enum ohc_clash)clash, OHC_ACCOUNT_THERE,
			   "openhands:1000:100:/h:/bin/zsh",
			   &(struct files){ NULL, NULL, NULL, NULL });
}

/* Everything else in the files stays, of whatever kind it is. */
static void test_byte_for_byte(void **state)
{
	const struct files odd = {
		"# a comment: with colons:x:1000:1000\n"
		"\n"
		"  indented:x:5:5::/:/bin/sh\n"
		"odd line without fields\n"
		"a:b\n"
		"half:x:abc:1\n"
		"neg:x:-1:1::/:/x\n"
		"\xff\xfe:x:7:7::/:/x\r\n"
		"last:x:9:9::/:/bin/sh", /* no line end */
		"g:x:5:a,b,,c\n\n",
		"root::0:::::\nopenhands:stale",
		"",
	};
	struct ohc_account_plan p;
	struct ohc_account want = account();

	(void)state;
	assert_ok(add(&odd, &want, OHC_CLASH_FAIL, &p), &err);
	assert_memory_equal(p.text[OHC_PASSWD].data, odd.passwd, strlen(odd.passwd));
	assert_string_equal(p.text[OHC_PASSWD].data + strlen(odd.passwd), "\n" OURS);
	assert_string_equal(p.text[OHC_GROUP].data, "g:x:5:a,b,,c\n\n" OUR_GROUP);
	assert_false(p.changed[OHC_SHADOW]);
	assert_string_equal(p.text[OHC_GSHADOW].data, "openhands:!::\n");
	ohc_account_plan_clear(&p);
}

/* The C library passes over a row that has no id, and looks for the name further on. */
static void test_name_without_id(void **state)
{
	const struct files bad = { "openhands\nopenhands:x:abc:1::/:/\n", "openhands:x:\n", NULL,
				   NULL };
	const struct files then = { "openhands\nopenhands:x:abc:1::/:/\n" OURS,
				    "openhands:x:\n" OUR_GROUP, NULL, NULL };

	(void)state;
	assert_add(&bad, OHC_CLASH_FAIL, OHC_ACCOUNT_ADDED, WE,
		   &(struct files){ "openhands\nopenhands:x:abc:1::/:/\n"
				    "openhands:*:1000:1000::/home/openhands:/bin/sh\n",
				    then.group, NULL, NULL });
	assert_add(&then, OHC_CLASH_FAIL, OHC_ACCOUNT_THERE, WE,
		   &(struct files){ NULL, NULL, NULL, NULL });
}

/* The C library skips blanks at the start of a line and of a number, and so do we. */
/* The C library wants a uid and a gid; what comes behind them may be missing. */
static void test_rows_that_are_no_account(void **state)
{
	static const char *const none[] = { "node",         "node:x",         "node:x:1000",
					    "node:x:1000:", "node:x:1000:x:", "node:x::1000::/:" };

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(none); i++) {
		ohc_cleanup(ohc_freep) char *passwd = ohc_xasprintf("%s\n", none[i]);
		ohc_cleanup(ohc_freep) char *ours =
			ohc_xasprintf("openhands%s\n", none[i] + strlen("node"));
		ohc_cleanup(ohc_freep) char *after = ohc_xasprintf("%s" ALONE, passwd);
		ohc_cleanup(ohc_freep) char *after_ours = ohc_xasprintf("%s" ALONE, ours);

		assert_add(&(struct files){ passwd, GROUP, NULL, NULL }, OHC_CLASH_FAIL,
			   OHC_ACCOUNT_ADDED, "openhands:1000:1000:/home/openhands:/bin/sh",
			   &(struct files){ after, GROUP OUR_GROUP, NULL, NULL });
		assert_add(&(struct files){ ours, GROUP, NULL, NULL }, OHC_CLASH_REUSE,
			   OHC_ACCOUNT_ADDED, "openhands:1000:1000:/home/openhands:/bin/sh",
			   &(struct files){ after_ours, GROUP OUR_GROUP, NULL, NULL });
	}
	assert_add(&(struct files){ "node:x:1000:7\n", GROUP, NULL, NULL }, OHC_CLASH_REUSE,
		   OHC_ACCOUNT_REUSED, "node:1000:7::", &(struct files){ NULL, NULL, NULL, NULL });
	assert_clash(&(struct files){ "node:x:1000:7\n", GROUP, NULL, NULL }, OHC_CLASH_FAIL,
		     "uid 1000 is taken by 'node'");
	assert_add(&(struct files){ PASSWD, GROUP "openhands\nopenhands:x\nx:x:\n", NULL, NULL },
		   OHC_CLASH_FAIL, OHC_ACCOUNT_ADDED, "openhands:1000:1000:/home/openhands:/bin/sh",
		   &(struct files){ PASSWD ALONE, GROUP "openhands\nopenhands:x\nx:x:\n" OUR_GROUP,
				    NULL, NULL });
}

static void test_blanks_in_front(void **state)
{
	const struct files base = { "  openhands:x:1000:1000::/h:/bin/sh\n", GROUP, SHADOW, NULL };
	const struct files nis = { PASSWD " \t+::::::\n", GROUP "\r\n", NULL, NULL };
	const struct files number = { PASSWD "node:x: \t1000:1000::/h:/bin/sh\n", GROUP, NULL,
				      NULL };

	(void)state;
	assert_clash(&number, OHC_CLASH_FAIL, "uid 1000 is taken by 'node'");
	assert_add(&base, OHC_CLASH_FAIL, OHC_ACCOUNT_THERE, "openhands:1000:1000:/h:/bin/sh",
		   &(struct files){ NULL, NULL, NULL, NULL });
	assert_add(&nis, OHC_CLASH_FAIL, OHC_ACCOUNT_ADDED, WE,
		   &(struct files){ PASSWD
				    "openhands:*:1000:1000::/home/openhands:/bin/sh\n \t+::::::\n",
				    GROUP "\r\n" OUR_GROUP, NULL, NULL });
}

/* A name behind a NIS line is asked for on the network first. */
static void test_nis_lines(void **state)
{
	const struct files nis = { PASSWD "+me::::::\n-you\n+::::::\n", GROUP "+:::", SHADOW "+\n",
				   NULL };

	(void)state;
	assert_add(&nis, OHC_CLASH_FAIL, OHC_ACCOUNT_ADDED, WE,
		   &(struct files){ PASSWD OURS "+me::::::\n-you\n+::::::\n",
				    GROUP OUR_GROUP "+:::", SHADOW OUR_SHADOW "+\n", NULL });
}

#define NODE "node:x:1000:1000:Node:/home/node:/bin/bash\n"

static const struct files node = {
	PASSWD NODE,
	GROUP "node:x:1000:\nsudo:x:27:me,node,nodejs\n",
	SHADOW "node:!:19000::::::\n",
	"sudo:*:node:x,node\nnode:!::\n",
};

static void test_uid_taken(void **state)
{
	(void)state;
	assert_clash(&node, OHC_CLASH_FAIL, "uid 1000 is taken by 'node' of the base");
	assert_clash(&node, OHC_CLASH_FAIL, "--on-uid-clash reuse, rename or next-free");
	assert_add(&node, OHC_CLASH_REUSE, OHC_ACCOUNT_REUSED,
		   "node:1000:1000:/home/node:/bin/bash",
		   &(struct files){ NULL, NULL, NULL, NULL });
	assert_add(&node, OHC_CLASH_RENAME, OHC_ACCOUNT_RENAMED,
		   "openhands:1000:1000:/home/openhands:/bin/bash",
		   &(struct files){ PASSWD "openhands:x:1000:1000:Node:/home/openhands:/bin/bash\n",
				    GROUP "openhands:x:1000:\nsudo:x:27:me,openhands,nodejs\n",
				    SHADOW "openhands:!:19000::::::\n",
				    "sudo:*:openhands:x,openhands\nopenhands:!::\n" });
	assert_add(&node, OHC_CLASH_NEXT_FREE, OHC_ACCOUNT_ADDED,
		   "openhands:1001:1001:/home/openhands:/bin/sh",
		   &(struct files){ PASSWD NODE "openhands:x:1001:1001::/home/openhands:/bin/sh\n",
				    GROUP
				    "node:x:1000:\nsudo:x:27:me,node,nodejs\nopenhands:x:1001:\n",
				    SHADOW "node:!:19000::::::\n" OUR_SHADOW,
				    "sudo:*:node:x,node\nnode:!::\nopenhands:!::\n" });
}

/* A group that is not the account's own keeps its name. */
static void test_rename_leaves_a_shared_group(void **state)
{
	const struct files users = { PASSWD "pn:x:1000:100::/home/pn:/bin/sh\n",
				     GROUP "users:x:100:\npn:x:2000:\n", NULL, NULL };

	(void)state;
	assert_add(&users, OHC_CLASH_RENAME, OHC_ACCOUNT_RENAMED,
		   "openhands:1000:100:/home/openhands:/bin/sh",
		   &(struct files){ PASSWD "openhands:x:1000:100::/home/openhands:/bin/sh\n", NULL,
				    NULL, NULL });
}

static void test_gid_taken(void **state)
{
	const struct files staff = { PASSWD, GROUP "staff:x:1000:me\n", NULL, NULL };

	(void)state;
	assert_clash(&staff, OHC_CLASH_FAIL, "gid 1000 is taken by 'staff' of the base");
	assert_add(&staff, OHC_CLASH_REUSE, OHC_ACCOUNT_ADDED, WE,
		   &(struct files){ PASSWD "openhands:*:1000:1000::/home/openhands:/bin/sh\n", NULL,
				    NULL, NULL });
	assert_add(&staff, OHC_CLASH_RENAME, OHC_ACCOUNT_ADDED, WE,
		   &(struct files){ PASSWD "openhands:*:1000:1000::/home/openhands:/bin/sh\n",
				    GROUP "openhands:x:1000:me\n", NULL, NULL });
	assert_add(&staff, OHC_CLASH_NEXT_FREE, OHC_ACCOUNT_ADDED,
		   "openhands:1000:1001:/home/openhands:/bin/sh",
		   &(struct files){ PASSWD "openhands:*:1000:1001::/home/openhands:/bin/sh\n",
				    GROUP "staff:x:1000:me\nopenhands:x:1001:\n", NULL, NULL });
}

/* Root's ids are shared, not taken over, and nobody is moved to the numbers that daemons have. */
static void test_root_stays_root(void **state)
{
	const struct files base = { PASSWD, GROUP, NULL, NULL };
	struct ohc_account want = account();
	struct ohc_account_plan p;

	(void)state;
	want.gid = 0;
	for (int clash = OHC_CLASH_FAIL; clash <= OHC_CLASH_NEXT_FREE; clash++)
		assert_add_as(&base, &want, (enum ohc_clash)clash, OHC_ACCOUNT_ADDED,
			      "openhands:1000:0:/home/openhands:/bin/sh",
			      &(struct files){ PASSWD
					       "openhands:*:1000:0::/home/openhands:/bin/sh\n",
					       NULL, NULL, NULL });
	want.uid = 0;
	for (int clash = OHC_CLASH_FAIL; clash <= OHC_CLASH_NEXT_FREE; clash++)
		if (clash != OHC_CLASH_REUSE)
			assert_fails(add(&base, &want, (enum ohc_clash)clash, &p), OHC_E_CHECK,
				     &err, "uid 0 is taken by 'root' of the base: be it with");
	assert_add_as(&base, &want, OHC_CLASH_REUSE, OHC_ACCOUNT_REUSED, "root:0:0:/root:/bin/bash",
		      &(struct files){ NULL, NULL, NULL, NULL });
}

static void test_name_taken(void **state)
{
	const struct files other = { PASSWD "openhands:x:500:501::/oh:/bin/sh\n", GROUP, NULL,
				     NULL };
	const struct files group = { PASSWD, GROUP "openhands:x:501:\n", NULL, NULL };

	(void)state;
	assert_clash(&other, OHC_CLASH_FAIL,
		     "the base has an account 'openhands' with uid 500, not 1000");
	assert_clash(&other, OHC_CLASH_RENAME, "with uid 500");
	assert_clash(&other, OHC_CLASH_NEXT_FREE, "with uid 500");
	assert_add(&other, OHC_CLASH_REUSE, OHC_ACCOUNT_REUSED, "openhands:500:501:/oh:/bin/sh",
		   &(struct files){ NULL, NULL, NULL, NULL });
	assert_clash(&group, OHC_CLASH_FAIL,
		     "the base has a group 'openhands' with gid 501, not 1000");
	assert_clash(&group, OHC_CLASH_RENAME, "with gid 501");
	for (int i = 0; i < 2; i++)
		assert_add(&group, i ? OHC_CLASH_REUSE : OHC_CLASH_NEXT_FREE, OHC_ACCOUNT_ADDED,
			   "openhands:1000:501:/home/openhands:/bin/sh",
			   &(struct files){ PASSWD
					    "openhands:*:1000:501::/home/openhands:/bin/sh\n",
					    NULL, NULL, NULL });
}

static void test_next_free_skips_what_is_taken(void **state)
{
	const struct files many = { "a:x:1000:1::/:\nb:x:1002:1::/:\nc:x:65534:1::/:\n",
				    "a:x:1001:\nb:x:1003:\n", NULL, NULL };
	const struct files none = { "a:x:1000:1::/:\n", "", NULL, NULL };
	struct ohc_account want = account();
	struct ohc_account_plan p;

	(void)state;
	assert_add(&many, OHC_CLASH_NEXT_FREE, OHC_ACCOUNT_ADDED,
		   "openhands:1004:1004:/home/openhands:/bin/sh",
		   &(struct files){ "a:x:1000:1::/:\nb:x:1002:1::/:\nc:x:65534:1::/:\n"
				    "openhands:*:1004:1004::/home/openhands:/bin/sh\n",
				    "a:x:1001:\nb:x:1003:\nopenhands:x:1004:\n", NULL, NULL });
	want.gid = 7; /* another number for each */
	assert_add_as(&many, &want, OHC_CLASH_NEXT_FREE, OHC_ACCOUNT_ADDED,
		      "openhands:1001:7:/home/openhands:/bin/sh",
		      &(struct files){ "a:x:1000:1::/:\nb:x:1002:1::/:\nc:x:65534:1::/:\n"
				       "openhands:*:1001:7::/home/openhands:/bin/sh\n",
				       "a:x:1001:\nb:x:1003:\nopenhands:x:7:\n", NULL, NULL });
	want.uid = want.gid = 65533;
	assert_add_as(&none, &want, OHC_CLASH_NEXT_FREE, OHC_ACCOUNT_ADDED,
		      "openhands:65533:65533:/home/openhands:/bin/sh",
		      &(struct files){ "a:x:1000:1::/:\n"
				       "openhands:*:65533:65533::/home/openhands:/bin/sh\n",
				       "openhands:x:65533:\n", NULL, NULL });
	want.uid = want.gid = 65534;
	assert_fails(add(&many, &want, OHC_CLASH_NEXT_FREE, &p), OHC_E_CHECK, &err,
		     "no uid above 65534 is free in the base");
}

/* Doing it again to what came out changes nothing. */
static void test_twice_is_once(void **state)
{
	static const enum ohc_clash how[] = { OHC_CLASH_RENAME };
	struct ohc_account_plan p, q;
	struct ohc_account want = account();

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(how); i++) {
		assert_ok(add(&node, &want, how[i], &p), &err);
		assert_ok(add(&(struct files){ ohc_buf_str(&p.text[0]), ohc_buf_str(&p.text[1]),
					       ohc_buf_str(&p.text[2]), ohc_buf_str(&p.text[3]) },
			      &want, OHC_CLASH_FAIL, &q),
			  &err);
		assert_int_equal(q.done, OHC_ACCOUNT_THERE);
		ohc_account_plan_clear(&p);
		ohc_account_plan_clear(&q);
	}
}

static void test_files_have_a_limit(void **state)
{
	ohc_cleanup(ohc_freep) char *big = ohc_xmalloc(OHC_ACCOUNT_FILE_MAX + 2);
	struct ohc_account want = account();
	struct ohc_account_plan p;

	(void)state;
	memset(big, '#', OHC_ACCOUNT_FILE_MAX + 1);
	big[OHC_ACCOUNT_FILE_MAX + 1] = '\0';
	assert_fails(add(&(struct files){ big, NULL, NULL, NULL }, &want, OHC_CLASH_FAIL, &p),
		     OHC_E_FORMAT, &err, "'/etc/passwd' of the base is larger than the limit");
	assert_ok(add(&(struct files){ NULL, big + 1, NULL, NULL }, &want, OHC_CLASH_FAIL, &p),
		  &err);
	ohc_account_plan_clear(&p);
}

/* A config's User: what Docker 20.10 started each as (id -u, id -g, id -G, HOME), from these files.
 * Only the last one does it start (as app:staff), which containerd and later versions refuse. */
static void test_users(void **state)
{
	static const char passwd_text[] = "#old:x:1000:500::/h:/s\n"
					  "app:x::1000::/a:/bin/sh\n"
					  "app:x:1000:1000::/home/app:/bin/sh\n"
					  "500:x:600:600::/x:\n"
					  "neg:x:-1:5::/:\n"
					  "hex:x:0x10:7::/:\n"
					  "  sp:x: 12:13::/sp:\r\n"
					  "\n"
					  "plus:x:+14:15::/plus:\n";
	static const char group_text[] = "staff:x:50:app,500\n"
					 "#c:x:60:app\n"
					 "  bl:x:61:app\n"
					 "empty:x::\n";
	static const struct {
		const char *spec, *is; /* NULL: it did not start */
	} cases[] = {
		{ "app", "0:1000 50 61 /a" },
		{ "app:", "0:1000 50 61 /a" },
		{ "app:staff", "0:50 /a" },
		{ "app:empty", "0:0 /a" },
		{ "app:7", "0:7 /a" },
		{ "1000", "1000:500 /h" },
		{ "1000:staff", "1000:50 /h" },
		{ "#old", "1000:500 /h" },
		{ "500", "500:0 /" },
		{ "600", "600:600 50 /x" },
		{ "sp", "0:13 /a" },
		{ "hex", "0:7 /a" },
		{ "plus", "14:15 /plus" },
		{ "77", "77:0 /" },
		{ "077", "77:0 /" },
		{ "+77", "77:0 /" },
		{ "77:", "77:0 /" },
		{ "77:staff", "77:50 /" },
		{ "", "0:1000 50 61 /a" },
		{ ":staff", "0:50 /a" },
		{ ":5", "0:5 /a" },
		{ "2147483647", "2147483647:0 /" },
		{ "2147483648", NULL },
		{ "4294967295", NULL },
		{ "99999999999999999999", NULL },
		{ "-1", NULL },
		{ "neg", NULL },
		{ "app:2147483648", NULL },
		{ "nobody", NULL },
		{ "app:nobody", NULL },
		{ "app:staff:x", NULL },
	};
	ohc_cleanup(ohc_buf_clear) struct ohc_buf passwd = OHC_BUF_INIT, group = OHC_BUF_INIT;

	(void)state;
	ohc_buf_adds(&passwd, passwd_text);
	ohc_buf_adds(&group, group_text);
	for (size_t i = 0; i < OHC_ARRAY_SIZE(cases); i++) {
		ohc_cleanup(ohc_user_clear) struct ohc_user u = OHC_USER_INIT;
		ohc_cleanup(ohc_buf_clear) struct ohc_buf is = OHC_BUF_INIT;

		ohc_user_read(&passwd, &group, cases[i].spec, &u);
		if (u.known != (cases[i].is != NULL))
			fail_msg("'%s' is %sknown", cases[i].spec, u.known ? "" : "un");
		if (!u.known)
			continue;
		ohc_buf_addf(&is, "%u:%u", u.uid, u.gid);
		for (size_t k = 0; k < u.n_groups; k++)
			ohc_buf_addf(&is, " %u", u.groups[k]);
		ohc_buf_addf(&is, " %s", u.home);
		assert_string_equal(ohc_buf_str(&is), cases[i].is);
	}
}

static void assert_spec(const char *spec, const char *want)
{
	ohc_cleanup(ohc_freep) char *is = NULL;
	struct ohc_account a;

	assert_ok(ohc_account_parse(spec, &a, &err), &err);
	is = ohc_xasprintf("%s %u %u %s %s", a.name, a.uid, a.gid, a.home,
			   a.shell ? a.shell : "none");
	assert_string_equal(is, want);
	ohc_account_clear(&a);
}

static void test_specs(void **state)
{
	static const struct {
		const char *spec, *why;
	} bad[] = {
		{ "", "a name has at most 32" },
		{ "me", "the uid" },
		{ "me:", "the uid" },
		{ ":5", "a name has at most 32" },
		{ "-me:5", "a name has at most 32" },
		{ "..:5", "a name has at most 32" },
		{ "1000:5", "a name has at most 32" },
		{ "a b:5", "a name has at most 32" },
		{ "a\nb:5", "a name has at most 32" },
		{ "a2345678901234567890123456789012x:5", "a name has at most 32" },
		{ "me:-1", "the uid" },
		{ "me:4294967295", "the uid" },
		{ "me:99999999999999999999", "the uid" },
		{ "me:5x", "the uid" },
		{ "me:5:x", "the gid" },
		{ "me:5:6:home", "the home" },
		{ "me:5:6:/a/../b", "the home" },
		{ "me:5:6:/a\nb", "the home" },
		{ "me:5:6:/a\rb", "the home" },
		{ "me:5:6:/h:sh", "the shell" },
		{ "me:5:6:/h:/bin/sh:x", "the shell" },
	};
	struct ohc_account a;
	enum ohc_clash clash = OHC_CLASH_FAIL;

	(void)state;
	assert_spec("me:5", "me 5 5 /home/me none");
	assert_spec("me:5:6", "me 5 6 /home/me none");
	assert_spec("me:5::/h", "me 5 5 /h none");
	assert_spec("Me_.-1:0:4294967294:/h/..x:/bin/zsh", "Me_.-1 0 4294967294 /h/..x /bin/zsh");
	assert_spec("me:5:::/bin/zsh", "me 5 5 /home/me /bin/zsh");
	for (size_t i = 0; i < OHC_ARRAY_SIZE(bad); i++)
		assert_fails(ohc_account_parse(bad[i].spec, &a, &err), OHC_E_USAGE, &err,
			     bad[i].why);
	assert_ok(ohc_account_clash_parse("next-free", &clash, &err), &err);
	assert_int_equal(clash, OHC_CLASH_NEXT_FREE);
	assert_fails(ohc_account_clash_parse("other", &clash, &err), OHC_E_USAGE, &err, "'other'");
}

static void test_a_hostile_file_takes_no_time(void **state)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf passwd = OHC_BUF_INIT, group = OHC_BUF_INIT;
	struct ohc_account want = account();
	struct ohc_account_plan p;

	(void)state;
	for (unsigned int i = 1000; passwd.len < OHC_ACCOUNT_FILE_MAX - 64; i++) {
		ohc_buf_addf(&passwd, "a:x:%u:1::\n", i);
		ohc_buf_adds(&group, ":::a,a\n");
	}
	assert_ok(add(&(struct files){ passwd.data, group.data, NULL, group.data }, &want,
		      OHC_CLASH_RENAME, &p),
		  &err);
	assert_true(p.text[OHC_GROUP].len > 2 * group.len);
	ohc_account_plan_clear(&p);
	assert_fails(add(&(struct files){ passwd.data, group.data, NULL, NULL }, &want,
			 OHC_CLASH_NEXT_FREE, &p),
		     OHC_E_CHECK, &err, "no uid above 1000 is free");
}

/* Which mode bits count, and what even root may not do. */
static void who_may(void **state)
{
	static const struct {
		uint32_t uid, gid;
		mode_t mode;
		int want;
		bool may;
	} cases[] = {
		{ 7, 8, 0700, R_OK | W_OK | X_OK, true },
		{ 7, 8, 0077, R_OK, false },
		{ 1, 8, 0070, R_OK | W_OK, true },
		{ 1, 8, 0707, R_OK, false },
		{ 1, 9, 0050, R_OK | X_OK, true },
		{ 1, 9, 0707, R_OK, false },
		{ 1, 1, 0005, R_OK | X_OK, true },
		{ 1, 1, 0005, W_OK, false },
		{ 0, 0, 0000, R_OK | W_OK, true },
		{ 0, 0, 0644, X_OK, false },
		{ 0, 0, 0001, X_OK, true },
	};

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(cases); i++) {
		struct ohc_user u = { .uid = cases[i].uid, .gid = cases[i].gid, .known = true };

		if (cases[i].gid == 9) { /* in the file's group besides its own */
			u.groups[0] = 8;
			u.n_groups = 1;
		}
		if (ohc_user_may(&u, S_IFREG | cases[i].mode, 7, 8, cases[i].want) != cases[i].may)
			fail_msg("case %zu", i);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_may),
		cmocka_unit_test(test_added),
		cmocka_unit_test(test_nothing_there),
		cmocka_unit_test(test_there_already),
		cmocka_unit_test(test_byte_for_byte),
		cmocka_unit_test(test_name_without_id),
		cmocka_unit_test(test_rows_that_are_no_account),
		cmocka_unit_test(test_blanks_in_front),
		cmocka_unit_test(test_nis_lines),
		cmocka_unit_test(test_uid_taken),
		cmocka_unit_test(test_rename_leaves_a_shared_group),
		cmocka_unit_test(test_gid_taken),
		cmocka_unit_test(test_root_stays_root),
		cmocka_unit_test(test_name_taken),
		cmocka_unit_test(test_next_free_skips_what_is_taken),
		cmocka_unit_test(test_twice_is_once),
		cmocka_unit_test(test_files_have_a_limit),
		cmocka_unit_test(test_users),
		cmocka_unit_test(test_specs),
		cmocka_unit_test(test_a_hostile_file_takes_no_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
