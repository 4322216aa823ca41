// SPDX-License-Identifier: Apache-2.0
#include "compose/image/image.h"

#include <stdio.h>
#include <string.h>

#include "compose/composition/composition.h"
#include "compose/image/recorded.h"
#include "core/alloc.h"
#include "core/buf.h"
#include "oci/config/config.h"

#define COMMENT "ohcompose"

typedef int (*edit_fn)(json_t *config, const char *value, struct ohc_error *err);

static int apply_ones(const struct ohc_push_options *o, json_t *config, struct ohc_error *err)
{
	const struct {
		const char *option;
		edit_fn edit;
		const char *value;
	} ones[] = {
		{ "--user", ohc_config_user, o->user },
		{ "--workdir", ohc_config_workdir, o->workdir },
		{ "--entrypoint", ohc_config_entrypoint, o->entrypoint },
		{ "--cmd", ohc_config_cmd, o->cmd },
		{ "--stop-signal", ohc_config_stop_signal, o->stop_signal },
	};

	for (size_t i = 0; i < OHC_ARRAY_SIZE(ones); i++) {
		int rc = ones[i].value ? ones[i].edit(config, ones[i].value, err) : 0;

		if (rc < 0)
			return ohc_error_wrap(err, rc, "%s", ones[i].option);
	}
	return 0;
}

static int apply_lists(const struct ohc_push_options *o, json_t *config, struct ohc_error *err)
{
	const struct {
		const char *option;
		edit_fn edit;
		const struct ohc_strv *values;
	} lists[] = {
		{ "--label", ohc_config_label, &o->labels },
		{ "--expose", ohc_config_expose, &o->expose },
		{ "--volume", ohc_config_volume, &o->volumes },
	};

	for (size_t i = 0; i < OHC_ARRAY_SIZE(lists); i++)
		for (size_t k = 0; k < lists[i].values->n; k++) {
			int rc = lists[i].edit(config, lists[i].values->v[k], err);

			if (rc < 0)
				return ohc_error_wrap(err, rc, "%s", lists[i].option);
		}
	return 0;
}

static int apply_options(const struct ohc_push_options *o, json_t *config, const json_t *before,
			 struct ohc_error *err)
{
	int rc;

	for (size_t i = 0; i < o->unset_env.n; i++)
		ohc_config_unset_env(config, o->unset_env.v[i]);
	for (size_t i = 0; i < o->env.n; i++) {
		rc = ohc_config_env(config, before, o->env.v[i], err);
		if (rc < 0)
			return ohc_error_wrap(err, rc, "--env");
	}
	rc = apply_ones(o, config, err);
	return rc < 0 ? rc : apply_lists(o, config, err);
}

/* Sets org.opencontainers.image.base.*.  A layout is named by its tag alone: the path of its
 * directory means nothing elsewhere, and two folders would give two images. */
static void annotate_base(struct ohc_image *image, const struct ohc_inputs *in,
			  const struct ohc_base *base)
{
	ohc_cleanup(ohc_freep) char *name = NULL;

	if (in->base.transport == OHC_SCRATCH)
		return;
	name = in->base.transport == OHC_REGISTRY ? ohc_name_text(&in->base)
						  : ohc_xstrdup(in->base.tag);
	ohc_manifest_annotate(&image->manifest, "org.opencontainers.image.base.name", name);
	ohc_manifest_annotate(&image->manifest, "org.opencontainers.image.base.digest",
			      base->image.root.digest);
}

/* Call it only after check_annotations(). */
static void annotate(struct ohc_image *image, const struct ohc_push_options *o)
{
	for (size_t i = 0; i < o->annotations.n; i++) {
		const char *text = o->annotations.v[i], *equals = strchr(text, '=');
		ohc_cleanup(ohc_freep) char *key = ohc_xstrndup(text, (size_t)(equals - text));

		ohc_manifest_annotate(&image->manifest, key, equals + 1);
	}
}

static int check_annotations(const struct ohc_push_options *o, struct ohc_error *err)
{
	for (size_t i = 0; i < o->annotations.n; i++) {
		const char *text = o->annotations.v[i], *equals = strchr(text, '=');

		if (!equals || equals == text)
			return ohc_error_set(err, OHC_E_USAGE,
					     "--annotation '%s': KEY=VALUE is wanted", text);
		if (strncmp(text, OHC_COMPOSITION "=", sizeof(OHC_COMPOSITION)) == 0)
			return ohc_error_set(err, OHC_E_USAGE,
					     "--annotation '" OHC_COMPOSITION
					     "': that is how the image was composed, which "
					     "ohcompose says itself");
	}
	return 0;
}

/* "profile openhands: Env, User, Cmd": lists the members of the inner config that have changed. */
static char *describe_edits(const json_t *before, const json_t *after, const char *profile)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf b = OHC_BUF_INIT;
	json_t *was = json_object_get(before, "config"), *is = json_object_get(after, "config");
	const char *key;
	json_t *value;

	json_object_foreach (is, key, value)
		if (!json_equal(value, json_object_get(was, key)))
			ohc_buf_addf(&b, "%s%s", b.len ? ", " : "", key);
	json_object_foreach (was, key, value)
		if (!json_object_get(is, key))
			ohc_buf_addf(&b, "%sno %s", b.len ? ", " : "", key);
	if (b.len == 0)
		return NULL;
	return ohc_xasprintf("ohcompose push: profile %s: %s", profile, ohc_buf_str(&b));
}

/* The image's time depends on its inputs alone: the time that was asked for, else the base's. */
static void set_created(struct ohc_image *image, const struct ohc_inputs *in)
{
	const char *base = json_string_value(json_object_get(image->config, "created"));
	char text[OHC_TIME_TEXT];
	int64_t t = in->created;

	if (!in->created_given && (!base || ohc_config_time_parse(base, &t, NULL) < 0))
		t = 0;
	snprintf(image->created, sizeof(image->created), "%s", ohc_config_time_text(t, text));
	ohc_config_created(image->config, image->created);
}

/* A payload's $PATH is what the base and the payloads before it made of it: the programs of all of
 * them are found. */
static int apply_payload(const struct ohc_strv *env, json_t *config, struct ohc_error *err)
{
	ohc_cleanup(ohc_json_decref) json_t *before = ohc_config_env_list(config);
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < env->n; i++)
		rc = ohc_config_env(config, before, env->v[i], err);
	return rc < 0 ? ohc_error_wrap(err, rc, "the payload's environment") : 0;
}

static int edit(const struct ohc_inputs *in, const struct ohc_strv *env, size_t n, json_t *config,
		struct ohc_error *err)
{
	ohc_cleanup(ohc_json_decref) json_t *before = ohc_config_env_list(config), *now = NULL;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = apply_payload(&env[i], config, err);
	now = ohc_config_env_list(config);
	if (rc == 0)
		rc = ohc_profile_apply(&in->profile, config, now, err);
	return rc < 0 ? rc : apply_options(in->options, config, before, err);
}

int ohc_image_check(const struct ohc_inputs *in, struct ohc_error *err)
{
	ohc_cleanup(ohc_json_decref) json_t *config = ohc_config_new(&in->platform);
	int rc = ohc_recorded_check(in->options, err);

	if (rc == 0)
		rc = check_annotations(in->options, err);
	return rc < 0 ? rc : edit(in, NULL, 0, config, err);
}

int ohc_image_init(struct ohc_image *image, const struct ohc_inputs *in,
		   const struct ohc_base *base, const struct ohc_strv *env, size_t n,
		   struct ohc_error *err)
{
	int rc;

	ohc_manifest_copy(&image->manifest, &base->image.manifest);
	/* With the base's subject, the new image would be a referrer of the base's subject, too. */
	json_object_del(image->manifest.doc, "subject");
	image->config = json_deep_copy(base->image.config);
	rc = edit(in, env, n, image->config, err);
	if (rc < 0)
		return rc;
	annotate_base(image, in, base);
	annotate(image, in->options);
	set_created(image, in);
	image->edits = describe_edits(base->image.config, image->config, in->profile.name);
	return 0;
}

void ohc_image_clear(struct ohc_image *image)
{
	ohc_manifest_clear(&image->manifest);
	json_decref(image->config);
	free(image->edits);
	memset(image, 0, sizeof(*image));
}

void ohc_image_add_layer(struct ohc_image *image, const struct ohc_descriptor *layer,
			 const char *diff_id, const char *created_by)
{
	ohc_manifest_add_layer(&image->manifest, layer);
	ohc_config_add_layer(image->config, diff_id, image->created, created_by, COMMENT);
}

char *ohc_image_config_text(struct ohc_image *image)
{
	if (image->edits)
		ohc_config_add_history(image->config, image->created, image->edits, COMMENT);
	free(ohc_take(image->edits));
	return ohc_json_text(image->config);
}
