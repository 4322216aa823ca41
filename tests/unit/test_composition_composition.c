// SPDX-License-Identifier: Apache-2.0
/* compose/composition: the annotation's text, and what of a stranger's is refused. */
#include "unit.h"

#include "compose/composition/composition.h"
#include "core/alloc.h"

static struct ohc_error err;

/* Compositions as push writes them: the smallest, and one with every member. */
#define SMALL                                                                                   \
	"{\"base\":{\"name\":\"scratch\",\"platform\":\"linux/amd64\"},\"codec\":\"none\","     \
	"\"options\":{},\"payloads\":[],\"profile\":{\"digest\":\"" SHA_A "\",\"name\":\"p\"}," \
	"\"program\":\"1.2.3\",\"schema\":1}"
#define WHOLE                                                                                    \
	"{\"base\":{\"digest\":\"" SHA_A "\",\"manifest\":\"" SHA_B                              \
	"\",\"name\":\"docker.io/library/ubuntu:22.04\",\"platform\":\"linux/amd64\"},"          \
	"\"codec\":\"zlib level 6\",\"options\":{\"env\":[\"B=1\",\"A=2\"],\"unset_env\":"       \
	"[\"C\"]},\"payloads\":[{\"layers\":[\"" SHA_A "\",\"" SHA_B "\"],\"manifest\":\"" SHA_C \
	"\",\"name\":\"r.example/p:1\",\"prefix\":\"/openhands\"},{\"layers\":[\"" SHA_C         \
	"\"],\"prefix\":\"/opt/x\",\"provides\":[\"/opt/x/bin/bash\"]}],\"profile\":{"           \
	"\"content\":\"{}\",\"digest\":\"" SHA_C "\",\"name\":\"mine\"},"                        \
	"\"program\":\"1.2.3\",\"schema\":1}"

static void set_annotation(struct ohc_manifest *m, const char *text)
{
	*m = (struct ohc_manifest)OHC_MANIFEST_INIT;
	ohc_manifest_init(m, OHC_FAMILY_OCI);
	ohc_manifest_annotate(m, OHC_COMPOSITION, text);
}

static int read_text(const char *text, struct ohc_composition *ret)
{
	struct ohc_manifest m;
	int rc;

	set_annotation(&m, text);
	rc = ohc_composition_read(&m, "image 'x'", ret, &err);
	ohc_manifest_clear(&m);
	return rc;
}

/* Reading and writing give the same bytes. */
static void test_there_and_back(void **state)
{
	static const char *const texts[] = { SMALL, WHOLE };

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(texts); i++) {
		ohc_cleanup(ohc_composition_clear) struct ohc_composition c = OHC_COMPOSITION_INIT;
		ohc_cleanup(ohc_freep) char *text = NULL;

		assert_ok(read_text(texts[i], &c), &err);
		text = ohc_composition_text(&c);
		assert_string_equal(text, texts[i]);
	}
}

static void test_members(void **state)
{
	ohc_cleanup(ohc_composition_clear) struct ohc_composition c = OHC_COMPOSITION_INIT;

	(void)state;
	assert_ok(read_text(WHOLE, &c), &err);
	assert_string_equal(c.base.digest, SHA_A);
	assert_string_equal(c.base.manifest, SHA_B);
	assert_null(c.base.tag);
	assert_int_equal(c.n_payloads, 2);
	assert_string_equal(c.payloads[0].manifest, SHA_C);
	assert_int_equal(c.payloads[0].layers.n, 2);
	assert_false(c.payloads[0].looked);
	assert_null(c.payloads[1].manifest);
	assert_true(c.payloads[1].looked);
	assert_string_equal(c.payloads[1].provides.v[0], "/opt/x/bin/bash");
	assert_string_equal(c.profile.content, "{}");
}

static void test_sentence(void **state)
{
	static const struct {
		const char *text, *sentence;
	} rows[] = {
		{ SMALL, "scratch, by profile p, with ohcompose 1.2.3" },
		{ WHOLE, "docker.io/library/ubuntu:22.04 (sha256:aaaaaaaaaaaa) with r.example/p:1 "
			 "(sha256:cccccccccccc) in /openhands and a directory or tar "
			 "(sha256:cccccccccccc) in /opt/x, by profile mine and --env, --unset-env, "
			 "with ohcompose 1.2.3" },
	};

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(rows); i++) {
		ohc_cleanup(ohc_composition_clear) struct ohc_composition c = OHC_COMPOSITION_INIT;
		ohc_cleanup(ohc_freep) char *sentence = NULL;

		assert_ok(read_text(rows[i].text, &c), &err);
		sentence = ohc_composition_sentence(&c);
		assert_string_equal(sentence, rows[i].sentence);
	}
}

/* The small one with its first `from` replaced by `to`. */
static char *changed(const char *from, const char *to)
{
	const char *at = strstr(SMALL, from);

	assert_non_null(at);
	return ohc_xasprintf("%.*s%s%s", (int)(at - SMALL), SMALL, to, at + strlen(from));
}

static void test_what_is_refused(void **state)
{
	static const struct {
		const char *from, *to, *message;
	} rows[] = {
		{ "\"schema\":1", "\"schema\":2", "is of schema 2, and this version of ohcompose" },
		{ "\"schema\":1", "\"schema\":\"1\"", "names no schema" },
		{ ",\"schema\":1", "", "names no schema" },
		{ "1}", "1", "is not valid JSON" },
		{ SMALL, "", "is not valid JSON" },
		{ SMALL, "[]", "is not a JSON object" },
		{ "\"codec\"", "\"kodec\"", "'kodec' is unknown, did you mean 'codec'?" },
		{ "\"codec\":\"none\",", "", "'codec' is missing" },
		{ "\"program\":\"1.2.3\",", "", "'program' is missing" },
		{ "\"options\":{},", "", "'options' is missing" },
		{ "\"options\":{}", "\"options\":[]", "'options' is not an object" },
		{ "\"options\":{}", "\"options\":null", "'options' is not an object" },
		{ "\"name\":\"scratch\",", "", "'base.digest' is missing" },
		{ "\"name\":\"scratch\"", "\"digest\":\"" SHA_A "\"",
		  "'base.manifest' is missing" },
		{ "\"name\":\"scratch\"", "\"name\":7", "'base.name' is not a string" },
		{ SHA_A, "sha256:AA", "'profile.digest' is no digest" },
		{ ",\"name\":\"p\"", "", "'profile.name' is missing" },
		{ "\"payloads\":[]", "\"payloads\":{}", "'payloads' is not an array" },
		{ "\"payloads\":[]", "\"payloads\":[1]", "'payloads[0]' is not an object" },
		{ "\"payloads\":[]", "\"payloads\":[{\"layers\":[\"" SHA_A "\"]}]",
		  "'payloads[0]' has no 'prefix'" },
		{ "\"payloads\":[]", "\"payloads\":[{\"prefix\":\"/\"}]",
		  "'payloads[0]' has no 'prefix'" },
		{ "\"payloads\":[]", "\"payloads\":[{\"prefix\":\"/x/../y\"}]",
		  "'payloads[0].prefix' is not a path" },
		{ "\"payloads\":[]", "\"payloads\":[{\"prefix\":\"/x\",\"layers\":[]}]",
		  "'payloads[0]' has no 'layers'" },
		{ "\"payloads\":[]", "\"payloads\":[{\"prefix\":\"/x\",\"layers\":[\"../x\"]}]",
		  "'payloads[0].layers' has something that is no digest" },
	};

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(rows); i++) {
		struct ohc_composition c = OHC_COMPOSITION_INIT;
		ohc_cleanup(ohc_freep) char *text = changed(rows[i].from, rows[i].to);

		assert_fails(read_text(text, &c), OHC_E_FORMAT, &err, rows[i].message);
		assert_non_null(strstr(err.msg, "of image 'x'"));
		assert_null(c.program);
	}
}

static void test_none(void **state)
{
	struct ohc_composition c = OHC_COMPOSITION_INIT;
	struct ohc_manifest m;

	(void)state;
	set_annotation(&m, NULL);
	assert_null(ohc_composition_text_of(&m));
	assert_fails(ohc_composition_read(&m, "image 'x'", &c, &err), OHC_E_FORMAT, &err,
		     "image 'x' does not say how it was composed");
	ohc_manifest_clear(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_there_and_back), cmocka_unit_test(test_members),
		cmocka_unit_test(test_sentence),       cmocka_unit_test(test_what_is_refused),
		cmocka_unit_test(test_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
