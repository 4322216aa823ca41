// SPDX-License-Identifier: Apache-2.0
#include "unit.h"

#include "oci/config/config.h"

#define ROOTFS "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"" SHA_A "\"]}"

static json_t *parse(const char *text)
{
	struct ohc_error err = OHC_ERROR_INIT;
	json_t *c = NULL;

	assert_ok(ohc_config_parse(text, strlen(text), "x", &c, &err), &err);
	return c;
}

static void check_text(const json_t *c, const char *want)
{
	char *text = ohc_json_text(c);

	assert_string_equal(text, want);
	free(text);
}

static void test_parse(void **state)
{
	static const char *const fine[] = {
		"{" ROOTFS "}",
		"{\"os\":null,\"config\":null,\"history\":null," ROOTFS "}",
		"{\"rootfs\":{\"type\":\"layers\",\"diff_ids\":null}}",
		"{\"config\":{\"Env\":null,\"Cmd\":null,\"Labels\":null,\"Volumes\":null}," ROOTFS
		"}",
		/* Histories that do not match the layers are in the wild. */
		"{\"history\":[]," ROOTFS "}",
		"{\"history\":[{},{},{}]," ROOTFS "}",
		"{\"history\":[{\"empty_layer\":true}]," ROOTFS "}",
	};

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(fine); i++) {
		json_t *c = parse(fine[i]);

		check_text(c, fine[i]);
		json_decref(c);
	}
}

static void test_bad(void **state)
{
	static const struct {
		const char *text, *message;
	} rows[] = {
		{ "{\"a\":\n,}", "line 2, column 1" },
		{ "{}", "has no 'rootfs'" },
		{ "{\"rootfs\":[]}", "'rootfs' is not an object" },
		{ "{\"rootfs\":{\"diff_ids\":[]}}", "'rootfs.type'" },
		{ "{\"rootfs\":{\"type\":\"tar\",\"diff_ids\":[]}}", "'rootfs.type'" },
		{ "{\"rootfs\":{\"type\":\"layers\",\"diff_ids\":{}}}", "'diff_ids'" },
		{ "{\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"" SHA_A "\",1]}}",
		  "rootfs.diff_ids[1]" },
		{ "{\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"sha256:AA\"]}}",
		  "rootfs.diff_ids[0] has a malformed digest" },
		{ "{\"os\":1," ROOTFS "}", "'os' is not a string" },
		{ "{\"created\":1," ROOTFS "}", "'created' is not a string" },
		{ "{\"history\":[1]," ROOTFS "}", "'history' is not an array of objects" },
		{ "{\"config\":[]," ROOTFS "}", "'config' is not an object" },
		{ "{\"config\":{\"Env\":{}}," ROOTFS "}", "'config.Env' is not an array of str" },
		{ "{\"config\":{\"Env\":[1]}," ROOTFS "}", "'config.Env' is not an array of str" },
		{ "{\"config\":{\"User\":0}," ROOTFS "}", "'config.User' is not a string" },
		{ "{\"config\":{\"Cmd\":\"ls\"}," ROOTFS "}", "'config.Cmd' is not an array" },
		{ "{\"config\":{\"Entrypoint\":[[]]}," ROOTFS "}", "'config.Entrypoint'" },
		{ "{\"config\":{\"Labels\":{\"a\":1}}," ROOTFS "}", "'config.Labels'" },
		{ "{\"config\":{\"ExposedPorts\":[80]}," ROOTFS "}", "'config.ExposedPorts'" },
		{ "{\"config\":{\"Volumes\":\"/x\"}," ROOTFS "}", "'config.Volumes'" },
		{ "{\"config\":{},\"config\":{}," ROOTFS "}", "duplicate" },
	};

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(rows); i++) {
		struct ohc_error err = OHC_ERROR_INIT;
		json_t *c = NULL;

		assert_fails(ohc_config_parse(rows[i].text, strlen(rows[i].text), "x", &c, &err),
			     OHC_E_FORMAT, &err, rows[i].message);
		assert_null(c);
	}
}

static void test_new(void **state)
{
	struct ohc_platform p, got;
	struct ohc_error err = OHC_ERROR_INIT;
	json_t *c;

	(void)state;
	assert_ok(ohc_platform_parse("linux/arm/v7", &p, &err), &err);
	c = ohc_config_new(&p);
	check_text(c, "{\"architecture\":\"arm\",\"os\":\"linux\",\"variant\":\"v7\",\"config\":{},"
		      "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[]}}");
	ohc_config_platform(c, &got);
	assert_memory_equal(&got, &p, sizeof(p));
	assert_int_equal(ohc_config_n_layers(c), 0);
	json_decref(c);
}

typedef int (*edit_fn)(json_t *config, const char *value, struct ohc_error *err);

struct edit {
	edit_fn edit;
	const char *value;
	const char *want; /* the inner config, or NULL: the message */
	const char *message;
};

/* Each row works on what the row before left. */
static void check_edits(const struct edit *rows, size_t n)
{
	json_t *c = parse("{\"config\":{\"Healthcheck\":{\"Test\":[\"NONE\"]}}," ROOTFS "}");

	for (size_t i = 0; i < n; i++) {
		char *before = ohc_json_text(c);
		struct ohc_error err = OHC_ERROR_INIT;
		int rc = rows[i].edit(c, rows[i].value, &err);

		if (rows[i].message) {
			assert_fails(rc, OHC_E_USAGE, &err, rows[i].message);
			check_text(c, before);
		} else {
			assert_ok(rc, &err);
			check_text(json_object_get(c, "config"), rows[i].want);
		}
		free(before);
	}
	json_decref(c);
}

#define KEPT "{\"Healthcheck\":{\"Test\":[\"NONE\"]}"

static void test_texts(void **state)
{
	static const struct edit rows[] = {
		{ ohc_config_user, "1000:1000", KEPT ",\"User\":\"1000:1000\"}", NULL },
		{ ohc_config_user, "name", KEPT ",\"User\":\"name\"}", NULL },
		{ ohc_config_user, "a b", NULL, "malformed user" },
		{ ohc_config_user, "a\n", NULL, "malformed user" },
		{ ohc_config_user, "\xff", NULL, "the user is not valid UTF-8" },
		{ ohc_config_workdir, "/w", KEPT ",\"User\":\"name\",\"WorkingDir\":\"/w\"}",
		  NULL },
		{ ohc_config_workdir, "w", NULL, "'w' is not absolute" },
		{ ohc_config_user, "", KEPT ",\"WorkingDir\":\"/w\"}", NULL },
		{ ohc_config_workdir, "", KEPT "}", NULL },
		{ ohc_config_workdir, "", KEPT "}", NULL },
		{ ohc_config_stop_signal, "SIGTERM", KEPT ",\"StopSignal\":\"SIGTERM\"}", NULL },
		{ ohc_config_stop_signal, "quit", KEPT ",\"StopSignal\":\"quit\"}", NULL },
		{ ohc_config_stop_signal, "9", KEPT ",\"StopSignal\":\"9\"}", NULL },
		{ ohc_config_stop_signal, "SIGRTMIN+3", KEPT ",\"StopSignal\":\"SIGRTMIN+3\"}",
		  NULL },
		{ ohc_config_stop_signal, "", KEPT "}", NULL },
		{ ohc_config_stop_signal, "SIGNAL", NULL, "unknown signal" },
		{ ohc_config_stop_signal, "SIG", NULL, "unknown signal" },
		{ ohc_config_stop_signal, "0", NULL, "unknown signal" },
		{ ohc_config_stop_signal, "65", NULL, "unknown signal" },
		{ ohc_config_stop_signal, "9x", NULL, "unknown signal" },
		{ ohc_config_stop_signal, "99999999999", NULL, "unknown signal" },
		{ ohc_config_stop_signal, "RTMIN+", NULL, "unknown signal" },
		{ ohc_config_stop_signal, "RTMIN+31", NULL, "unknown signal" },
	};

	(void)state;
	check_edits(rows, OHC_ARRAY_SIZE(rows));
}

static void test_commands(void **state)
{
	static const struct edit rows[] = {
		{ ohc_config_cmd, "[\"a\", \"b c\"]", KEPT ",\"Cmd\":[\"a\",\"b c\"]}", NULL },
		{ ohc_config_cmd, "echo $HOME",
		  KEPT ",\"Cmd\":[\"/bin/sh\",\"-c\",\"echo $HOME\"]}", NULL },
		{ ohc_config_cmd, "[ -f x ]", KEPT ",\"Cmd\":[\"/bin/sh\",\"-c\",\"[ -f x ]\"]}",
		  NULL },
		{ ohc_config_cmd, "{\"a\":1}",
		  KEPT ",\"Cmd\":[\"/bin/sh\",\"-c\",\"{\\\"a\\\":1}\"]}", NULL },
		{ ohc_config_cmd, "[\"a\", 1]", NULL,
		  "is not a JSON array of strings: an element" },
		{ ohc_config_cmd, " [ \"a\" \"b\"]", NULL, "is not a JSON array of strings" },
		{ ohc_config_cmd, "[\"a\"", NULL, "the command" },
		{ ohc_config_cmd, "\xff", NULL, "UTF-8" },
		{ ohc_config_cmd, "[]", KEPT "}", NULL },
		{ ohc_config_entrypoint, "[\"/x\"]", KEPT ",\"Entrypoint\":[\"/x\"]}", NULL },
		{ ohc_config_entrypoint, "[\"/x\"", NULL, "the entrypoint" },
		{ ohc_config_entrypoint, "", KEPT "}", NULL },
	};

	(void)state;
	check_edits(rows, OHC_ARRAY_SIZE(rows));
}

static void test_maps(void **state)
{
	static const struct edit rows[] = {
		{ ohc_config_label, "a=1", KEPT ",\"Labels\":{\"a\":\"1\"}}", NULL },
		{ ohc_config_label, "b=", KEPT ",\"Labels\":{\"a\":\"1\",\"b\":\"\"}}", NULL },
		{ ohc_config_label, "a=x=y", KEPT ",\"Labels\":{\"a\":\"x=y\",\"b\":\"\"}}", NULL },
		{ ohc_config_label, "a", NULL, "malformed label 'a'" },
		{ ohc_config_label, "=a", NULL, "malformed label '=a'" },
		{ ohc_config_label, "a=\xff", NULL, "UTF-8" },
		{ ohc_config_label, "", KEPT "}", NULL },
		{ ohc_config_expose, "80", KEPT ",\"ExposedPorts\":{\"80/tcp\":{}}}", NULL },
		{ ohc_config_expose, "53/udp",
		  KEPT ",\"ExposedPorts\":{\"80/tcp\":{},\"53/udp\":{}}}", NULL },
		{ ohc_config_expose, "", KEPT "}", NULL },
		{ ohc_config_expose, "7-9/sctp",
		  KEPT ",\"ExposedPorts\":{\"7/sctp\":{},\"8/sctp\":{},\"9/sctp\":{}}}", NULL },
		{ ohc_config_expose, "0", NULL, "malformed port" },
		{ ohc_config_expose, "65536", NULL, "malformed port" },
		{ ohc_config_expose, "9-8", NULL, "malformed port" },
		{ ohc_config_expose, "9-", NULL, "malformed port" },
		{ ohc_config_expose, "80/icmp", NULL, "malformed port" },
		{ ohc_config_expose, "80/", NULL, "malformed port" },
		{ ohc_config_expose, "80x", NULL, "malformed port" },
		{ ohc_config_expose, "/tcp", NULL, "malformed port" },
		{ ohc_config_expose, "8000000000000000000000", NULL, "malformed port" },
		{ ohc_config_expose, "", KEPT "}", NULL },
		{ ohc_config_volume, "/data", KEPT ",\"Volumes\":{\"/data\":{}}}", NULL },
		{ ohc_config_volume, "data", NULL, "not absolute" },
		{ ohc_config_volume, "", KEPT "}", NULL },
	};

	(void)state;
	check_edits(rows, OHC_ARRAY_SIZE(rows));
}

/* An inner config that is absent or null is made. */
static void test_inner_is_made(void **state)
{
	struct ohc_error err = OHC_ERROR_INIT;
	json_t *c = parse("{\"config\":null," ROOTFS "}");

	(void)state;
	assert_ok(ohc_config_user(c, "", &err), &err);
	ohc_config_unset_env(c, "A");
	assert_true(json_is_null(json_object_get(c, "config")));
	assert_ok(ohc_config_env(c, NULL, "A=1", &err), &err);
	assert_ok(ohc_config_user(c, "u", &err), &err);
	check_text(json_object_get(c, "config"), "{\"Env\":[\"A=1\"],\"User\":\"u\"}");
	json_decref(c);
}

static void test_layers(void **state)
{
	static const struct {
		const char *before, *after;
	} rows[] = {
		/* A history that matches. */
		{ "{" ROOTFS ",\"history\":[{\"created_by\":\"x\"}]}",
		  "{\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"" SHA_A "\",\"" SHA_B "\"]},"
		  "\"history\":[{\"created_by\":\"x\"},{\"created\":\"T\",\"created_by\":\"B\"},"
		  "{\"created\":\"T\",\"created_by\":\"C\",\"comment\":\"D\",\"empty_layer\":true}]"
		  "}" },
		/* One that does not goes on all the same. */
		{ "{" ROOTFS ",\"history\":[{},{}]}",
		  "{\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"" SHA_A "\",\"" SHA_B "\"]},"
		  "\"history\":[{},{},{\"created\":\"T\",\"created_by\":\"B\"},"
		  "{\"created\":\"T\",\"created_by\":\"C\",\"comment\":\"D\",\"empty_layer\":true}]"
		  "}" },
		/* None at all under layers: a partial one would be wrong. */
		{ "{" ROOTFS "}",
		  "{\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"" SHA_A "\",\"" SHA_B "\"]}}" },
		{ "{\"history\":[]," ROOTFS "}",
		  "{\"history\":[],\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"" SHA_A
		  "\",\"" SHA_B "\"]}}" },
		/* The first layer begins one. */
		{ "{\"rootfs\":{\"type\":\"layers\",\"diff_ids\":null}}",
		  "{\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"" SHA_B "\"]},"
		  "\"history\":[{\"created\":\"T\",\"created_by\":\"B\"},"
		  "{\"created\":\"T\",\"created_by\":\"C\",\"comment\":\"D\",\"empty_layer\":true}]"
		  "}" },
	};

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(rows); i++) {
		json_t *c = parse(rows[i].before);
		size_t n = ohc_config_n_layers(c);

		ohc_config_add_layer(c, SHA_B, "T", "B", NULL);
		ohc_config_add_history(c, "T", "C", "D");
		check_text(c, rows[i].after);
		assert_int_equal(ohc_config_n_layers(c), n + 1);
		json_decref(c);
	}
}

/* A history tells of command lines, whatever bytes they had. */
static void test_history_of_any_bytes(void **state)
{
	json_t *c = parse("{\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[]}}");

	(void)state;
	ohc_config_add_history(c, NULL, "push d\xff", NULL);
	check_text(json_object_get(c, "history"),
		   "[{\"created_by\":\"push d\\\\xff\",\"empty_layer\":true}]");
	json_decref(c);
}

static void test_created(void **state)
{
	json_t *c = parse("{\"created\":\"old\"," ROOTFS "}");

	(void)state;
	ohc_config_created(c, "1970-01-01T00:00:00Z");
	check_text(c, "{\"created\":\"1970-01-01T00:00:00Z\"," ROOTFS "}");
	json_decref(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_new),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_commands),
		cmocka_unit_test(test_maps),
		cmocka_unit_test(test_inner_is_made),
		cmocka_unit_test(test_layers),
		cmocka_unit_test(test_history_of_any_bytes),
		cmocka_unit_test(test_created),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
