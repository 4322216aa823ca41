// SPDX-License-Identifier: Apache-2.0
#include "unit.h"

#include <stdlib.h>
#include <unistd.h>

#include "core/file.h"
#include "layout/profiles/profile.h"
#include "oci/config/config.h"

static struct ohc_profile load(const char *spec)
{
	struct ohc_error err = OHC_ERROR_INIT;
	struct ohc_profile p;

	assert_ok(ohc_profile_load(spec, &p, &err), &err);
	return p;
}

/* The inner config that a profile makes of a base's. */
static void check_applied(const char *spec, const char *base, const char *want)
{
	ohc_cleanup(ohc_profile_clear) struct ohc_profile p = load(spec);
	ohc_cleanup(ohc_freep) char *text = NULL;
	struct ohc_error err = OHC_ERROR_INIT;
	json_t *c = NULL, *before;

	assert_ok(ohc_config_parse(base, strlen(base), "base", &c, &err), &err);
	before = ohc_config_env_list(c);
	assert_ok(ohc_profile_apply(&p, c, before, &err), &err);
	text = ohc_json_text(json_object_get(c, "config"));
	assert_string_equal(text, want);
	json_decref(before);
	json_decref(c);
}

static const char base[] =
	"{\"config\":{\"Env\":[\"PATH=/usr/bin:/bin\",\"LANG=de\"],\"Entrypoint\":[\"/init\"],"
	"\"Cmd\":[\"x\"],\"User\":\"www\",\"Healthcheck\":{}},\"rootfs\":{\"type\":\"layers\","
	"\"diff_ids\":[]}}";

static void test_openhands(void **state)
{
	ohc_cleanup(ohc_profile_clear) struct ohc_profile p = load("openhands");

	(void)state;
	assert_string_equal(p.name, "openhands");
	assert_string_equal(p.prefix, "/openhands");
	assert_string_equal(p.account.name, "openhands");
	assert_int_equal(p.account.uid, 1000);
	assert_int_equal(p.account.gid, 1000);
	assert_string_equal(p.account.home, "/home/openhands");
	assert_string_equal(p.account.shell, "/bin/bash");
	assert_int_equal(p.workspace.n, 1);
	assert_string_equal(p.workspace.v[0], "/workspace");
	assert_true(p.shell);
	assert_true(p.certificates);
	check_applied(
		"openhands", base,
		"{\"Env\":[\"PATH=/openhands/bin:/usr/bin:/bin\",\"LANG=C.UTF-8\","
		"\"POETRY_VIRTUALENVS_PATH=/openhands/poetry\","
		"\"MAMBA_ROOT_PREFIX=/openhands/micromamba\","
		"\"PLAYWRIGHT_BROWSERS_PATH=/openhands/browser/ms-playwright\",\"LC_ALL=C.UTF-8\"],"
		"\"Cmd\":[\"/openhands/bin/oh-action-execution-server\",\"8000\",\"/workspace\"],"
		"\"User\":\"1000:1000\",\"Healthcheck\":{},\"WorkingDir\":\"/workspace\","
		"\"ExposedPorts\":{\"8000/tcp\":{}}}");
}

static void test_openhands_v0(void **state)
{
	ohc_cleanup(ohc_profile_clear) struct ohc_profile p = load("openhands-v0");

	(void)state;
	assert_null(p.account.name);
	assert_int_equal(p.workspace.n, 0);
	check_applied(
		"openhands-v0", base,
		"{\"Env\":[\"PATH=/openhands/bin:/usr/bin:/bin:/usr/sbin:/sbin:/usr/bin:/bin\","
		"\"LANG=C.UTF-8\",\"POETRY_VIRTUALENVS_PATH=/openhands/poetry\","
		"\"MAMBA_ROOT_PREFIX=/openhands/micromamba\",\"LC_ALL=C.UTF-8\",\"EDITOR=code\","
		"\"VISUAL=code\",\"GIT_EDITOR=code --wait\","
		"\"OPENVSCODE_SERVER_ROOT=/openhands/.openvscode-server\"],"
		"\"User\":\"0:0\",\"Healthcheck\":{},\"WorkingDir\":\"/openhands/code\"}");
}

static void test_agent_server(void **state)
{
	static const char env[] = "{\"Env\":[\"PATH=/usr/bin:/bin:/agent-server/bin\","
				  "\"LANG=C.UTF-8\",\"LC_ALL=C.UTF-8\",\"LOG_JSON=true\","
				  "\"OH_ENABLE_VSCODE=true\",\"OPENHANDS_BUILD_GIT_SHA=unknown\","
				  "\"OPENHANDS_BUILD_GIT_REF=unknown\",\"ACP_NODE_DIR=/acp-node\","
				  "\"OH_ACP_SKILL_SOURCING=openhands_managed\"],"
				  "\"Entrypoint\":[\"tini\",\"--\",";
	static const char rest[] = "],\"User\":\"openhands\",\"Healthcheck\":{},\"WorkingDir\":"
				   "\"/\",\"ExposedPorts\":{\"8000/tcp\":{}}}";
	ohc_cleanup(ohc_freep) char *source = ohc_xasprintf(
		"%s\"/agent-server/.venv/bin/python\",\"-m\",\"openhands.agent_server\"%s", env,
		rest);
	ohc_cleanup(ohc_freep) char *binary =
		ohc_xasprintf("%s\"/usr/local/bin/openhands-agent-server\"%s", env, rest);
	ohc_cleanup(ohc_profile_clear) struct ohc_profile p = load("agent-server-binary");

	(void)state;
	check_applied("agent-server", base, source);
	check_applied("agent-server-binary", base, binary);
	assert_int_equal(p.account.uid, 10001);
	assert_int_equal(p.workspace.n, 2);
	assert_string_equal(p.workspace.v[0], "/workspace");
	assert_string_equal(p.workspace.v[1], "/workspace/project");
	assert_true(p.shell && p.certificates);
	assert_int_equal(p.n_links, 1);
	assert_string_equal(p.links[0].path, "/usr/local/bin/openhands-agent-server");
	assert_string_equal(p.links[0].target, "/agent-server/bin/openhands-agent-server");
}

static void test_none(void **state)
{
	ohc_cleanup(ohc_profile_clear) struct ohc_profile p = load("none");

	(void)state;
	assert_null(p.prefix);
	assert_null(p.account.name);
	assert_false(p.shell);
	check_applied("none", base,
		      "{\"Env\":[\"PATH=/usr/bin:/bin\",\"LANG=de\"],\"Entrypoint\":[\"/init\"],"
		      "\"Cmd\":[\"x\"],\"User\":\"www\",\"Healthcheck\":{}}");
}

static void test_names(void **state)
{
	struct ohc_error err = OHC_ERROR_INIT;
	struct ohc_profile p;
	size_t n = 0;

	(void)state;
	for (const char *const *name = ohc_profile_names(); *name; name++, n++) {
		p = load(*name);
		assert_string_equal(p.name, *name);
		ohc_profile_clear(&p);
	}
	assert_int_equal(n, 5);
	assert_fails(ohc_profile_load("openhand", &p, &err), OHC_E_USAGE, &err,
		     "openhands, openhands-v0, agent-server, agent-server-binary, none");
}

static char path[] = "/tmp/ohc-profile-XXXXXX.json";

static int make_file(void **state)
{
	int fd = mkstemps(path, 5);

	(void)state;
	return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state)
{
	(void)state;
	return unlink(path);
}

static const char *file(const char *text)
{
	struct ohc_error err = OHC_ERROR_INIT;

	assert_ok(ohc_file_write(path, text, strlen(text), 0600, &err), &err);
	return path;
}

static void test_file(void **state)
{
	static const char text[] =
		"{\"name\":\"mine\",\"prefix\":\"/opt/x\",\"account\":{\"name\":\"u\",\"uid\":5},"
		"\"links\":{\"/bin/x\":\"/opt/x/y\"},\"shell\":null,"
		"\"config\":{\"unset_env\":[\"LANG\"],\"env\":{\"A\":\"$LANG\"},\"cmd\":[],"
		"\"volumes\":[\"/v\"],\"labels\":{\"l\":\"m=n\"},\"stop_signal\":\"INT\"}}";
	ohc_cleanup(ohc_profile_clear) struct ohc_profile p = load(file(text));

	(void)state;
	assert_string_equal(p.name, "mine");
	assert_int_equal(p.account.gid, 5);
	assert_string_equal(p.account.home, "/home/u");
	assert_null(p.account.shell);
	check_applied(path, base,
		      "{\"Env\":[\"PATH=/usr/bin:/bin\",\"A=de\"],\"Entrypoint\":[\"/init\"],"
		      "\"User\":\"www\",\"Healthcheck\":{},\"StopSignal\":\"INT\","
		      "\"Volumes\":{\"/v\":{}},\"Labels\":{\"l\":\"m=n\"}}");
}

static void test_bad_files(void **state)
{
	static const struct {
		const char *text, *message;
	} rows[] = {
		{ "", "line 1, column 1" },
		{ "{\"name\": \"x\",\n \"prefix\" \"/x\"}", "line 2, column " },
		{ "{}", "'name' is missing" },
		{ "{\"name\":\"\"}", "'name' is missing" },
		{ "{\"name\":1}", "'name' is not a string" },
		{ "{\"nam\":\"x\"}", "'nam' is unknown" },
		{ "{\"name\":\"x\",\"name\":\"y\"}", "duplicate" },
		{ "{\"name\":\"x\",\"prefix\":\"/\"}", "'prefix' is '/'" },
		{ "{\"name\":\"x\",\"prefix\":\"x\"}", "'prefix' is not a path" },
		{ "{\"name\":\"x\",\"prefix\":\"/a/../b\"}", "'prefix' is not a path" },
		{ "{\"name\":\"x\",\"prefix\":\"/a//b\"}", "'prefix' is not a path" },
		{ "{\"name\":\"x\",\"prefix\":\"/a/\"}", "'prefix' is not a path" },
		{ "{\"name\":\"x\",\"prefix\":\"/./a\"}", "'prefix' is not a path" },
		{ "{\"name\":\"x\",\"shell\":\"yes\"}", "'shell' is neither true nor false" },
		{ "{\"name\":\"x\",\"account\":[]}", "'account' is not an object" },
		{ "{\"name\":\"x\",\"account\":{}}", "'account.name' is missing" },
		{ "{\"name\":\"x\",\"account\":{\"name\":\"u\"}}", "'account.uid' is missing" },
		{ "{\"name\":\"x\",\"account\":{\"name\":\"a:b\",\"uid\":1}}", "'account.name'" },
		{ "{\"name\":\"x\",\"account\":{\"name\":\"-u\",\"uid\":1}}", "'account.name'" },
		{ "{\"name\":\"x\",\"account\":{\"name\":\"u\",\"uid\":-1}}",
		  "'account.uid' is not a number" },
		{ "{\"name\":\"x\",\"account\":{\"name\":\"u\",\"uid\":4294967295}}",
		  "'account.uid' is not a number" },
		{ "{\"name\":\"x\",\"account\":{\"name\":\"u\",\"uid\":1,\"gid\":\"1\"}}",
		  "'account.gid' is not a number" },
		{ "{\"name\":\"x\",\"account\":{\"name\":\"u\",\"uid\":1,\"home\":\"h\"}}",
		  "'account.home' is not a path" },
		{ "{\"name\":\"x\",\"account\":{\"user\":\"u\"}}", "'account.user' is unknown" },
		{ "{\"name\":\"x\",\"workspace\":\"/w\"}", "'workspace' is not an array" },
		{ "{\"name\":\"x\",\"workspace\":[\"w\"]}", "'workspace' has a path" },
		{ "{\"name\":\"x\",\"workspace\":[\"/\"]}", "'workspace' has a path" },
		{ "{\"name\":\"x\",\"prefix\":\"/p\",\"links\":{\"a\":\"/p/b\"}}",
		  "'links' has a path" },
		{ "{\"name\":\"x\",\"prefix\":\"/p\",\"links\":{\"/a\":\"/p/../b\"}}",
		  "'links' has a path" },
		{ "{\"name\":\"x\",\"config\":[]}", "'config' is not an object" },
		{ "{\"name\":\"x\",\"config\":{\"Env\":{}}}", "'config.Env' is unknown" },
		{ "{\"name\":\"x\",\"config\":{\"env\":[\"A=1\"]}}", "'config.env' is not an obj" },
		{ "{\"name\":\"x\",\"config\":{\"env\":{\"A\":1}}}", "'config.env' is not an obj" },
		{ "{\"name\":\"x\",\"config\":{\"env\":{\"A=\":\"1\"}}}",
		  "'config.env' has a key" },
		{ "{\"name\":\"x\",\"config\":{\"env\":{\"A\":\"${B\"}}}",
		  "'config.env': variable 'A=${B'" },
		{ "{\"name\":\"x\",\"config\":{\"workdir\":\"w\"}}", "'config.workdir': the work" },
		{ "{\"name\":\"x\",\"config\":{\"cmd\":\"ls\"}}", "'config.cmd' is not an array" },
		{ "{\"name\":\"x\",\"config\":{\"cmd\":[1]}}", "'config.cmd' is not an array" },
		{ "{\"name\":\"x\",\"config\":{\"expose\":[\"a\"]}}",
		  "'config.expose': malformed" },
		{ "{\"name\":\"x\",\"config\":{\"volumes\":[\"a\"]}}",
		  "'config.volumes': the vol" },
		{ "{\"name\":\"x\",\"config\":{\"stop_signal\":\"X\"}}",
		  "'config.stop_signal': un" },
		{ "{\"name\":\"x\",\"config\":{\"user\":\"a b\"}}", "'config.user': malformed" },
	};

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(rows); i++) {
		struct ohc_error err = OHC_ERROR_INIT;
		struct ohc_profile p = { .name = NULL };

		assert_fails(ohc_profile_load(file(rows[i].text), &p, &err), OHC_E_FORMAT, &err,
			     rows[i].message);
		assert_non_null(strstr(err.msg, path)); /* which file */
		assert_null(p.name);
	}
}

/* A bake loads one for each image. */
static void test_built_in_is_parsed_once(void **state)
{
	struct ohc_profile a = load("openhands"), b = load("openhands"), none = load("none");

	(void)state;
	assert_true(a.built_in);
	assert_ptr_equal(a.content, b.content);
	assert_string_equal(none.name, "none");
	ohc_profile_clear(&a);
	ohc_profile_clear(&none);
	assert_null(a.content);
	assert_string_equal(b.name, "openhands"); /* what one has cleared the others still have */
	ohc_profile_clear(&b);
}

static void test_no_file(void **state)
{
	struct ohc_error err = OHC_ERROR_INIT;
	struct ohc_profile p;

	(void)state;
	assert_fails(ohc_profile_load("./nothing-here", &p, &err), OHC_E_NOT_FOUND, &err,
		     "./nothing-here");
	assert_fails(ohc_profile_load("nothing-here.json", &p, &err), OHC_E_NOT_FOUND, &err,
		     "nothing-here.json");
}

static void test_large_file(void **state)
{
	ohc_cleanup(ohc_freep) char *text = ohc_xmalloc((1 << 20) + 2);
	struct ohc_error err = OHC_ERROR_INIT;
	struct ohc_profile p;

	(void)state;
	memset(text, ' ', (1 << 20) + 1);
	text[(1 << 20) + 1] = '\0';
	assert_fails(ohc_profile_load(file(text), &p, &err), OHC_E_FORMAT, &err, "limit");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_openhands),    cmocka_unit_test(test_openhands_v0),
		cmocka_unit_test(test_agent_server), cmocka_unit_test(test_none),
		cmocka_unit_test(test_names),        cmocka_unit_test(test_file),
		cmocka_unit_test(test_bad_files),    cmocka_unit_test(test_no_file),
		cmocka_unit_test(test_large_file),   cmocka_unit_test(test_built_in_is_parsed_once),
	};

	return cmocka_run_group_tests(tests, make_file, remove_file);
}
