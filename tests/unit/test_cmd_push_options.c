// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cmd/command.h"
#include "cmd/push_options.h"
#include "core/alloc.h"
#include "layout/profiles/profile.h"

struct cli {
	struct ohc_push_command push;
	struct ohc_option_set sets[2];
};

static void clear(struct cli *c)
{
	ohc_options_clear(c->sets);
}

static int parse(struct cli *c, char **argv, int argc)
{
	int names = 0;

	memset(c, 0, sizeof(*c));
	c->sets[0] = (struct ohc_option_set){ ohc_push_command_options, &c->push };
	return ohc_options_parse(c->sets, argc, argv, &names, NULL);
}

#define STRING(option, member)                                           \
	{                                                                \
		option, offsetof(struct ohc_push_command, member), false \
	}
#define LIST(option, member)                                            \
	{                                                               \
		option, offsetof(struct ohc_push_command, member), true \
	}

/* Every option that takes any text reaches its own member, and no other. */
static void texts(void **state)
{
	static const struct {
		const char *option;
		size_t offset;
		bool list;
	} cases[] = {
		LIST("payload", push.payloads),
		STRING("profile", push.profile),
		STRING("owner", push.owner),
		STRING("account", push.account),
		STRING("platform", push.platform),
		LIST("env", push.env),
		LIST("unset-env", push.unset_env),
		STRING("user", push.user),
		STRING("workdir", push.workdir),
		STRING("entrypoint", push.entrypoint),
		STRING("cmd", push.cmd),
		LIST("label", push.labels),
		LIST("annotation", push.annotations),
		LIST("expose", push.expose),
		LIST("volume", push.volumes),
		STRING("stop-signal", push.stop_signal),
		STRING("created", push.created),
		LIST("tag", push.tags),
	};

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(cases); i++) {
		ohc_cleanup(ohc_freep) char *arg = ohc_xasprintf("--%s=text", cases[i].option);
		ohc_cleanup(clear) struct cli c;
		const struct ohc_strv *list =
			(struct ohc_strv *)((char *)&c.push + cases[i].offset);
		char *string;

		assert_int_equal(parse(&c, &arg, 1), 0);
		memcpy(&string, (char *)&c.push + cases[i].offset, sizeof(string));
		if (cases[i].list) {
			assert_int_equal(list->n, 1);
			string = list->v[0];
		}
		assert_string_equal(string, "text");
	}
}

static void others(void **state)
{
	char *argv[] = { "--compression=zstd",
			 "--compression-level",
			 "19",
			 "--mtime",
			 "clamp",
			 "--dry-run",
			 "--no-account",
			 "--on-uid-clash=next-free" };
	ohc_cleanup(clear) struct cli c;

	(void)state;
	assert_int_equal(parse(&c, argv, OHC_ARRAY_SIZE(argv)), 0);
	assert_string_equal(c.push.push.compression, "zstd");
	assert_int_equal(c.push.level, 19);
	assert_string_equal(c.push.push.mtime, "clamp");
	assert_true(c.push.push.dry_run);
	assert_true(c.push.push.no_account);
	assert_string_equal(c.push.push.on_uid_clash, "next-free");
}

/* Two options of one name: the second could never be reached. */
static void names_are_unique(void **state)
{
	(void)state;
	for (const struct ohc_option *o = ohc_push_command_options; o->name; o++) {
		assert_ptr_equal(ohc_option_find(ohc_push_command_options, o->name), o);
		assert_null(ohc_command_shared_option(o->name));
	}
}

static void profiles(void **state)
{
	const char *const *names = ohc_profile_names();
	size_t n = 0;

	(void)state;
	for (; names[n] && ohc_words_profile[n].word; n++)
		assert_string_equal(ohc_words_profile[n].word, names[n]);
	assert_null(names[n]);
	assert_null(ohc_words_profile[n].word);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts),
		cmocka_unit_test(others),
		cmocka_unit_test(names_are_unique),
		cmocka_unit_test(profiles),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
