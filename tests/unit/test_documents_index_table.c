// SPDX-License-Identifier: Apache-2.0
/* oci/documents/index_table.h: many edits of one index.json leave what they would have left one by
 * one. */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "oci/documents/index_table.h"

/* "TAG=N" a word, or "N" for an entry without a tag; N stands for a digest. */
static void descriptor(char n, struct ohc_descriptor *ret)
{
	char digest[OHC_DIGEST_MAX] = "sha256:";

	memset(digest + 7, n, 64);
	digest[71] = '\0';
	ohc_descriptor_set(ret, OHC_MEDIA_OCI_MANIFEST, digest, 5);
}

static json_t *index_of(const char *text)
{
	json_t *index = ohc_index_json_new(), *manifests = json_object_get(index, "manifests");
	ohc_cleanup(ohc_freep) char *copy = ohc_xstrdup(text);

	for (char *word = strtok(copy, " "); word; word = strtok(NULL, " ")) {
		char *equals = strchr(word, '=');
		struct ohc_descriptor d;
		json_t *entry;

		descriptor(equals ? equals[1] : *word, &d);
		entry = ohc_descriptor_json(&d);
		if (equals)
			*equals = '\0';
		if (equals)
			json_object_set_new(ohc_json_make_object(entry, "annotations"),
					    OHC_REF_NAME, json_string(word));
		json_array_append_new(manifests, entry);
	}
	return index;
}

static char *text_of(const json_t *index)
{
	struct ohc_buf b = OHC_BUF_INIT;
	json_t *entry;
	size_t i;

	json_array_foreach (json_object_get(index, "manifests"), i, entry) {
		const char *tag = ohc_index_json_tag(entry);
		const char *digest = json_string_value(json_object_get(entry, "digest"));

		ohc_buf_addf(&b, "%s%s%s%c", b.len ? " " : "", tag, *tag ? "=" : "", digest[7]);
	}
	ohc_buf_adds(&b, "");
	return ohc_buf_detach(&b);
}

/* Puts "TAG=N" words; whether each changed something is in `changed`, a '1' or '0' each. */
static void check(const char *before, const char *puts, const char *changed, const char *after)
{
	json_t *index = index_of(before);
	struct ohc_index_table *t = ohc_index_table_new(index);
	ohc_cleanup(ohc_freep) char *copy = ohc_xstrdup(puts), *text = NULL;
	size_t i = 0;

	for (char *word = strtok(copy, " "); word; word = strtok(NULL, " "), i++) {
		char *equals = strchr(word, '=');
		struct ohc_descriptor d, found;

		descriptor(equals[1], &d);
		*equals = '\0';
		assert_int_equal(ohc_index_table_put(t, word, &d), changed[i] == '1');
		assert_int_equal(ohc_index_table_find(t, word, "x", &found, NULL), 0);
		assert_string_equal(found.digest, d.digest);
		assert_ptr_equal(ohc_index_table_entry(t, word), ohc_index_table_entry(t, word));
		assert_string_equal(ohc_index_json_tag(ohc_index_table_entry(t, word)), word);
	}
	ohc_index_table_free(t);
	text = text_of(index);
	assert_string_equal(text, after);
	json_decref(index);
}

static void test_put(void **state)
{
	(void)state;
	check("", "a=1 b=1 c=2", "111", "a=1 b=1 c=2");
	check("a=1 b=2", "a=1 a=2 a=2", "010", "a=2 b=2");
	/* An entry that is listed without a tag gets the tag; each of several once. */
	check("1 2 1", "a=1", "1", "a=1 2 1");
	check("1 2 1", "a=1 b=1 c=1", "111", "a=1 2 b=1 c=1");
	/* The entry that had the tag goes then, wherever it stood. */
	check("a=1 x=3 2", "a=2", "1", "x=3 a=2");
	check("a=1 x=3 2 b=4 5", "a=2 b=5 x=6", "111", "x=6 a=2 b=5");
	/* A broken index, with a tag twice. */
	check("a=1 b=2 a=3 a=4", "b=2 a=1", "01", "a=1 b=2");
	check("a=1 a=2 a=3 b=2", "a=4 b=3", "11", "a=4 b=3");
}

static void test_find(void **state)
{
	json_t *index = index_of("a=1 b=2 b=3 4");
	struct ohc_index_table *t = ohc_index_table_new(index);
	struct ohc_error err = OHC_ERROR_INIT;
	struct ohc_descriptor d;

	(void)state;
	assert_ok(ohc_index_table_find(t, "a", "x", &d, &err), &err);
	assert_int_equal(d.digest[7], '1');
	assert_int_equal(ohc_index_table_find(t, "b", "x", &d, &err), -OHC_E_FORMAT);
	assert_int_equal(ohc_index_table_find(t, "c", "x", &d, &err), -OHC_E_NOT_FOUND);
	assert_non_null(strstr(err.msg, "'a' and 'b'"));
	assert_int_equal(ohc_index_table_find(t, NULL, "x", &d, &err), -OHC_E_NOT_FOUND);
	assert_null(ohc_index_table_entry(t, "c"));
	ohc_index_table_free(t);
	json_decref(index);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_put),
		cmocka_unit_test(test_find),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
