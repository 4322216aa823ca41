// SPDX-License-Identifier: Apache-2.0
#include "unit.h"

#include "core/alloc.h"
#include "core/buf.h"
#include "oci/documents/json.h"

static int parse(const char *text, json_t **ret, struct ohc_error *err)
{
	return ohc_json_parse(text, strlen(text), "the document", ret, err);
}

/* Everything nobody here knows survives, in its order. */
static void test_round_trip(void **state)
{
	static const char *const rows[] = {
		"{}",
		"{\"z\":1,\"a\":{\"y\":[],\"b\":null},\"m\":[1,-2,true,false,\"\"]}",
		"{\"n\":9223372036854775807,\"m\":-9223372036854775808}",
		"{\"s\":\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\xc3\xa4\xf0\x9f\x90\xb3\"}",
	};

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(rows); i++) {
		ohc_cleanup(ohc_freep) char *text = NULL;
		struct ohc_error err = OHC_ERROR_INIT;
		json_t *doc;

		assert_ok(parse(rows[i], &doc, &err), &err);
		text = ohc_json_text(doc);
		assert_string_equal(text, rows[i]);
		ohc_json_decref(&doc);
		assert_null(doc);
	}
}

static void test_bad(void **state)
{
	static const struct {
		const char *text, *message;
	} rows[] = {
		{ "", "line 1" },
		{ "[]", "is not a JSON object" },
		{ "1", "line 1" },
		{ "{\"a\":1}x", "line 1, column 8" },
		{ "{\"a\":1,\n \"a\":2}", "line 2" },
		{ "{\"a\":\"\xff\"}", "line 1" },
		{ "{\"a\":\"\\u0000\"}", "line 1" },
		{ "{\"a\":\"\\ud800\"}", "line 1" },
		{ "{\"a\":9223372036854775808}", "too big integer" },
		{ "{\"a\":1e999}", "line 1" },
		{ "{'a':1}", "line 1, column 2" },
		{ "{\"a\":1,}", "line 1" },
		{ "{\"a\":NaN}", "line 1" },
	};

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(rows); i++) {
		struct ohc_error err = OHC_ERROR_INIT;
		json_t *doc = NULL;

		assert_fails(parse(rows[i].text, &doc, &err), OHC_E_FORMAT, &err, rows[i].message);
		assert_non_null(strstr(err.msg, "the document"));
		assert_null(doc);
	}
}

/* Near a fault the text is shown, but not of a document that may hold a secret. */
static void test_secret(void **state)
{
	static const char text[] = "{\"password\": hush}";
	struct ohc_error err = OHC_ERROR_INIT;
	json_t *doc = NULL;

	(void)state;
	assert_fails(ohc_json_parse(text, strlen(text), "x", &doc, &err), OHC_E_FORMAT, &err,
		     "hush");
	assert_fails(ohc_json_parse_secret(text, strlen(text), "x", &doc, &err), OHC_E_FORMAT, &err,
		     "line 1, column");
	assert_null(strstr(err.msg, "hush"));
}

static void test_embedded_nul(void **state)
{
	struct ohc_error err = OHC_ERROR_INIT;
	json_t *doc = NULL;

	(void)state;
	assert_fails(ohc_json_parse("{}\0", 3, "x", &doc, &err), OHC_E_FORMAT, &err, "line 1");
}

static void test_depth(void **state)
{
	size_t n = 10000;
	ohc_cleanup(ohc_freep) char *text = ohc_xmalloc(2 * n + 6);
	struct ohc_error err = OHC_ERROR_INIT;
	json_t *doc = NULL;

	(void)state;
	memcpy(text, "{\"a\":", 5);
	memset(text + 5, '[', n);
	memset(text + 5 + n, ']', n);
	text[5 + 2 * n] = '}';
	assert_fails(ohc_json_parse(text, 6 + 2 * n, "x", &doc, &err), OHC_E_FORMAT, &err,
		     "maximum parsing depth");
}

/* Two bytes of text can be 240 of memory; what stands in a string does not count. */
static void test_values(void **state)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf b = OHC_BUF_INIT;
	ohc_cleanup(ohc_json_decref) json_t *doc = NULL;
	struct ohc_error err = OHC_ERROR_INIT;

	(void)state;
	ohc_buf_adds(&b, "{\"a\":[\"");
	for (int i = 0; i < OHC_JSON_VALUES_MAX; i++)
		ohc_buf_adds(&b, ",\\\"[");
	ohc_buf_adds(&b, "\"]}");
	assert_ok(parse(b.data, &doc, &err), &err);
	ohc_json_decref(&doc);
	ohc_buf_truncate(&b, 0);
	ohc_buf_adds(&b, "{\"a\":[0");
	for (int i = 0; i < OHC_JSON_VALUES_MAX - 2; i++)
		ohc_buf_adds(&b, ",0");
	ohc_buf_adds(&b, "]}");
	assert_ok(parse(b.data, &doc, &err), &err); /* the document, its list and those in it */
	ohc_json_decref(&doc);
	ohc_buf_truncate(&b, b.len - 2);
	ohc_buf_adds(&b, ",0]}");
	assert_int_equal(parse(b.data, &doc, &err), -OHC_E_FORMAT);
	assert_string_equal(err.msg, "the document has more than 150000 JSON values");
}

static void test_members(void **state)
{
	struct ohc_error err = OHC_ERROR_INIT;
	const char *s = "kept";
	json_t *doc, *v = NULL;

	(void)state;
	assert_ok(parse("{\"s\":\"x\",\"o\":{},\"a\":[],\"n\":null,\"i\":1}", &doc, &err), &err);
	assert_ok(ohc_json_string(doc, "none", "w", &s, &err), &err);
	assert_ok(ohc_json_string(doc, "n", "w", &s, &err), &err);
	assert_string_equal(s, "kept");
	assert_ok(ohc_json_string(doc, "s", "w", &s, &err), &err);
	assert_string_equal(s, "x");
	assert_ok(ohc_json_object(doc, "o", "w", &v, &err), &err);
	assert_true(json_is_object(v));
	assert_ok(ohc_json_array(doc, "a", "w", &v, &err), &err);
	assert_true(json_is_array(v));
	assert_ok(ohc_json_array(doc, "n", "w", &v, &err), &err);
	assert_fails(ohc_json_string(doc, "i", "w", &s, &err), OHC_E_FORMAT, &err,
		     "w: 'i' is not a string");
	assert_fails(ohc_json_object(doc, "a", "w", &v, &err), OHC_E_FORMAT, &err,
		     "'a' is not an object");
	assert_fails(ohc_json_array(doc, "o", "w", &v, &err), OHC_E_FORMAT, &err,
		     "'o' is not an array");
	assert_ptr_equal(ohc_json_make_object(doc, "o"), json_object_get(doc, "o"));
	assert_true(json_is_object(ohc_json_make_object(doc, "n")));
	assert_true(json_is_object(json_object_get(doc, "n")));
	assert_true(json_is_object(ohc_json_make_object(doc, "new")));
	json_decref(doc);
}

static void test_typed_text(void **state)
{
	struct ohc_error err = OHC_ERROR_INIT;
	json_t *o = json_object(), *v = ohc_json_text_value("a\xff\xc3\xa4");

	(void)state;
	assert_string_equal(json_string_value(v), "a\\xff\xc3\xa4");
	json_decref(v);
	v = ohc_json_text_value("\xc3");
	assert_string_equal(json_string_value(v), "\\xc3");
	json_decref(v);
	assert_ok(ohc_json_set_text(o, "k", "v", "label", &err), &err);
	assert_fails(ohc_json_set_text(o, "k", "\xff", "label", &err), OHC_E_USAGE, &err,
		     "the label is not valid UTF-8");
	assert_fails(ohc_json_set_text(o, "\xff", "v", "label", &err), OHC_E_USAGE, &err, "UTF-8");
	assert_int_equal(json_object_size(o), 1);
	json_decref(o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip), cmocka_unit_test(test_bad),
		cmocka_unit_test(test_secret),     cmocka_unit_test(test_embedded_nul),
		cmocka_unit_test(test_depth),      cmocka_unit_test(test_values),
		cmocka_unit_test(test_members),    cmocka_unit_test(test_typed_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
