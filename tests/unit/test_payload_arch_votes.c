// SPDX-License-Identifier: Apache-2.0
#include "unit.h"

#include <sys/stat.h>

#include "compose/payload/arch_votes.h"
#include "core/alloc.h"
#include "layout/files/facts.h"
#include "layout/rootfs/layer_index.h"

/* Votes of an index: of each word a file, "-" one that is no ELF file. */
static const char *winner(const char *words, const char *host)
{
	static const struct {
		const char *word;
		uint16_t machine, type;
	} files[] = { { "amd64", 62, OHC_ELF_DYN },  { "arm64", 183, OHC_ELF_EXEC },
		      { "386", 3, OHC_ELF_DYN },     { "object", 183, OHC_ELF_REL },
		      { "core", 183, OHC_ELF_CORE }, { "unknown", 0xfefe, OHC_ELF_DYN } };
	struct ohc_layer_index index = OHC_LAYER_INDEX_INIT;
	struct ohc_arch_votes votes = { .n = 0 };
	ohc_cleanup(ohc_freep) char *copy = ohc_xstrdup(words);
	struct ohc_error err = OHC_ERROR_INIT;
	char path[] = "a", *rest = NULL;

	for (char *w = strtok_r(copy, " ", &rest); w; w = strtok_r(NULL, " ", &rest)) {
		ohc_cleanup(ohc_buf_clear) struct ohc_buf facts = OHC_BUF_INIT;
		struct ohc_elf elf = { .bits = 64 };

		for (size_t i = 0; i < OHC_ARRAY_SIZE(files); i++)
			if (strcmp(files[i].word, w) == 0) {
				elf.machine = files[i].machine;
				elf.type = files[i].type;
				ohc_facts_encode_elf(1, &elf, &facts);
			}
		ohc_layer_index_add(&index, &(struct ohc_layer_entry){ .path = path,
								       .mode = S_IFREG | 0755,
								       .facts = facts.data,
								       .n_facts = facts.len });
		path[0]++;
	}
	assert_ok(ohc_arch_votes_add(&votes, ohc_buf_str(&index.bytes), index.bytes.len, "x", &err),
		  &err);
	ohc_layer_index_clear(&index);
	return ohc_arch_votes_winner(&votes, host);
}

static void most_files_say_the_processor(void **state)
{
	static const struct {
		const char *words, *host, *winner;
	} cases[] = {
		{ "amd64", "arm64", "amd64" },
		{ "- amd64 arm64 - arm64 - -", "amd64", "arm64" },
		{ "amd64 amd64 386", "386", "amd64" },
		{ "amd64 arm64", "amd64", "amd64" },
		{ "amd64 arm64", "arm64", "arm64" },
		{ "arm64 amd64", "arm64", "arm64" },
		{ "arm64 amd64", "s390x", "amd64" },
		{ "arm64 386 amd64", "amd64", "amd64" },
		{ "object core unknown amd64", "arm64", "amd64" },
	};

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(cases); i++)
		assert_string_equal(winner(cases[i].words, cases[i].host), cases[i].winner);
	assert_null(winner("", "amd64"));
	assert_null(winner("- object core unknown", "amd64"));
}

static void votes_can_be_written_down(void **state)
{
	static const char *const bad[] = { "amd64", "amd64 1", "amd64 x\n", " 1\n", "amd64 1\n\n" };
	struct ohc_arch_votes votes = { .n = 0 }, sum = { .n = 0 };
	ohc_cleanup(ohc_freep) char *text = NULL;

	(void)state;
	assert_true(ohc_arch_votes_parse(&votes, ""));
	assert_null(ohc_arch_votes_winner(&votes, "amd64"));
	assert_true(ohc_arch_votes_parse(&votes, "amd64 2\nmips64p32le 3\n"));
	ohc_arch_votes_join(&sum, &votes);
	ohc_arch_votes_join(&sum, &votes);
	text = ohc_arch_votes_text(&sum);
	assert_string_equal(text, "amd64 4\nmips64p32le 6\n");
	assert_string_equal(ohc_arch_votes_winner(&sum, "amd64"), "mips64p32le");
	for (size_t i = 0; i < OHC_ARRAY_SIZE(bad); i++)
		assert_false(ohc_arch_votes_parse(&votes, bad[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(most_files_say_the_processor),
		cmocka_unit_test(votes_can_be_written_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
