// SPDX-License-Identifier: Apache-2.0
/* compose/check/memo.h: each thing that the checks look at is in the key of what they found. */
#include "unit.h"

#include "compose/check/memo.h"
#include "core/alloc.h"

/* A plan of one payload, all of whose parts a test may change. */
struct fake {
	struct ohc_payload payload;
	struct ohc_payload *payloads[1];
	struct ohc_payload_ops ops;
	struct ohc_push_options options;
	struct ohc_inputs in;
	struct ohc_plan plan;
};

static const char *identity;
static struct ohc_cache *cache;

static const char *get_identity(struct ohc_payload *p)
{
	(void)p;
	return identity;
}

static void add_layer(struct fake *f, const char *digest)
{
	struct ohc_descriptor d;

	ohc_descriptor_set(&d, OHC_MEDIA_OCI_LAYER_GZIP, digest, 5);
	ohc_manifest_add_layer(&f->plan.base.image.manifest, &d);
}

static void make(struct fake *f)
{
	memset(f, 0, sizeof(*f));
	identity = "image one";
	f->ops.identity = get_identity;
	f->payload.ops = &f->ops;
	f->payload.target = ohc_xstrdup("/openhands");
	f->payloads[0] = &f->payload;
	f->options.cache = cache;
	f->in.options = &f->options;
	f->in.n_payloads = 1;
	f->in.rules.uid = 1000;
	f->in.rules.gid = 1001;
	f->in.profile.name = ohc_xstrdup("openhands");
	ohc_strv_add(&f->in.profile.workspace, "/workspace");
	f->plan = (struct ohc_plan)OHC_PLAN_INIT;
	f->plan.in = &f->in;
	f->plan.payloads = f->payloads;
	ohc_platform_set(&f->plan.base.image.platform, "linux", "amd64", "");
	ohc_manifest_init(&f->plan.base.image.manifest, OHC_FAMILY_OCI);
	add_layer(f, SHA_A);
	f->plan.image.config = ohc_config_new(&f->plan.base.image.platform);
	f->plan.adapter = ohc_adapter_new();
	ohc_entries_file(&f->plan.adapter->fitting.entries, "/etc/passwd", 0644, 0, 0, "root", 4);
}

static char *key_of(struct fake *f)
{
	char *key = ohc_check_memo_key(&f->plan);

	free(f->payload.target);
	ohc_profile_clear(&f->in.profile);
	ohc_manifest_clear(&f->plan.base.image.manifest);
	ohc_image_clear(&f->plan.image);
	ohc_adapter_unref(f->plan.adapter);
	return key;
}

static void change_nothing(struct fake *f)
{
	(void)f;
}

static void change_platform(struct fake *f)
{
	ohc_platform_set(&f->plan.base.image.platform, "linux", "arm64", "");
}

static void change_layer(struct fake *f)
{
	snprintf(f->plan.base.image.manifest.layers[0].digest, OHC_DIGEST_MAX, "%s", SHA_B);
}

static void change_layers(struct fake *f)
{
	add_layer(f, SHA_B);
}

static void change_config(struct fake *f)
{
	assert_int_equal(ohc_config_user(f->plan.image.config, "7", NULL), 0);
}

static void change_profile(struct fake *f)
{
	free(f->in.profile.name);
	f->in.profile.name = ohc_xstrdup("none");
}

static void change_workspace(struct fake *f)
{
	ohc_strv_add(&f->in.profile.workspace, "/more");
}

static void change_uid(struct fake *f)
{
	f->in.rules.uid = 0;
}

static void change_gid(struct fake *f)
{
	f->in.rules.gid = 0;
}

static void change_target(struct fake *f)
{
	free(f->payload.target);
	f->payload.target = ohc_xstrdup("/opt");
}

static void change_payload(struct fake *f)
{
	(void)f;
	identity = "image two";
}

static struct ohc_entry *entry_of(struct fake *f)
{
	return &f->plan.adapter->fitting.entries.v[0];
}

static void change_adapter_path(struct fake *f)
{
	strcpy(entry_of(f)->path, "etc/group");
}

static void change_adapter_mode(struct fake *f)
{
	entry_of(f)->mode = S_IFREG | 0600;
}

static void change_adapter_uid(struct fake *f)
{
	entry_of(f)->uid = 1;
}

static void change_adapter_gid(struct fake *f)
{
	entry_of(f)->gid = 1;
}

static void change_adapter_data(struct fake *f)
{
	memcpy(entry_of(f)->data, "user", 4);
}

static void change_adapter(struct fake *f)
{
	ohc_entries_dir(&f->plan.adapter->fitting.entries, "/workspace", 0755, 1000, 1000);
}

static void test_every_input_is_in_the_key(void **state)
{
	static void (*const changes[])(struct fake *) = {
		change_platform,    change_layer,       change_layers,       change_config,
		change_profile,     change_workspace,   change_uid,          change_gid,
		change_target,      change_payload,     change_adapter_path, change_adapter_mode,
		change_adapter_uid, change_adapter_gid, change_adapter_data, change_adapter,
	};
	ohc_cleanup(ohc_freep) char *first = NULL;
	struct fake f;

	(void)state;
	make(&f);
	first = key_of(&f);
	assert_non_null(first);
	for (size_t i = 0; i <= OHC_ARRAY_SIZE(changes); i++) {
		ohc_cleanup(ohc_freep) char *key = NULL;

		make(&f);
		(i ? changes[i - 1] : change_nothing)(&f);
		key = key_of(&f);
		if ((strcmp(key, first) == 0) != (i == 0))
			fail_msg("change %zu", i);
	}
}

static void test_nothing_is_kept_of_what_nothing_stands_for(void **state)
{
	struct fake f;

	(void)state;
	make(&f);
	identity = NULL;
	assert_null(key_of(&f));
	make(&f);
	f.options.cache = NULL;
	assert_null(key_of(&f));
}

static int setup(void **state)
{
	(void)state;
	ohc_cache_open("/nowhere/at/all", 0, NULL, &cache); /* is made when it is written to */
	return cache ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	ohc_cache_closep(&cache);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_input_is_in_the_key),
		cmocka_unit_test(test_nothing_is_kept_of_what_nothing_stands_for),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
