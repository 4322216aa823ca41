// SPDX-License-Identifier: Apache-2.0
/* Applies a profile to an image config. */
#include "layout/profiles/profile.h"

#include "oci/config/config.h"

typedef int (*edit_fn)(json_t *config, const char *value, struct ohc_error *err);

static int apply_one(const char *member, edit_fn edit, json_t *config, const char *value,
		     struct ohc_error *err)
{
	int rc = value ? edit(config, value, err) : 0;

	return rc < 0 ? ohc_error_wrap(err, rc, "'config.%s'", member) : 0;
}

static int apply_list(const char *member, edit_fn edit, json_t *config,
		      const struct ohc_strv *values, struct ohc_error *err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < values->n; i++)
		rc = apply_one(member, edit, config, values->v[i], err);
	return rc;
}

static int apply_env(const struct ohc_profile *p, json_t *config, const json_t *before,
		     struct ohc_error *err)
{
	int rc = 0;

	for (size_t i = 0; i < p->unset_env.n; i++)
		ohc_config_unset_env(config, p->unset_env.v[i]);
	for (size_t i = 0; rc == 0 && i < p->env.n; i++)
		rc = ohc_config_env(config, before, p->env.v[i], err);
	return rc < 0 ? ohc_error_wrap(err, rc, "'config.env'") : 0;
}

int ohc_profile_apply(const struct ohc_profile *p, json_t *config, const json_t *before,
		      struct ohc_error *err)
{
	const struct {
		const char *member;
		edit_fn edit;
		const char *value;
	} ones[] = {
		{ "user", ohc_config_user, p->user },
		{ "workdir", ohc_config_workdir, p->workdir },
		{ "entrypoint", ohc_config_entrypoint, p->entrypoint },
		{ "cmd", ohc_config_cmd, p->cmd },
		{ "stop_signal", ohc_config_stop_signal, p->stop_signal },
	};
	const struct {
		const char *member;
		edit_fn edit;
		const struct ohc_strv *values;
	} lists[] = {
		{ "expose", ohc_config_expose, &p->expose },
		{ "volumes", ohc_config_volume, &p->volumes },
		{ "labels", ohc_config_label, &p->labels },
	};
	int rc = apply_env(p, config, before, err);

	for (size_t i = 0; rc == 0 && i < OHC_ARRAY_SIZE(ones); i++)
		rc = apply_one(ones[i].member, ones[i].edit, config, ones[i].value, err);
	for (size_t i = 0; rc == 0 && i < OHC_ARRAY_SIZE(lists); i++)
		rc = apply_list(lists[i].member, lists[i].edit, config, lists[i].values, err);
	return rc;
}
