// SPDX-License-Identifier: Apache-2.0
#include "layout/check/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/interrupt.h"
#include "core/path.h"
#include "layout/check/check_internal.h"
#include "oci/config/config.h"

int ohc_check_run(const struct ohc_check *c, struct ohc_error *err)
{
	static int (*const checks[])(const struct ohc_check *c, struct ohc_error *err) = {
		ohc_check_contract, ohc_check_user, ohc_check_command,
		ohc_check_dirs,     ohc_check_env,  ohc_check_needs,
		ohc_check_paths,    ohc_check_libs, ohc_check_python,
	};
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < OHC_ARRAY_SIZE(checks); i++) {
		rc = ohc_interrupt_check(err);
		if (rc == 0)
			rc = checks[i](c, err);
	}
	return rc;
}

bool ohc_check_is_ours(const struct ohc_check *c, const char *path)
{
	for (size_t i = 0; i < c->targets->n; i++)
		if (ohc_path_is_in(path, c->targets->v[i]))
			return true;
	return false;
}

const char *ohc_check_env_value(const struct ohc_check *c, const char *name)
{
	const char *value = ohc_config_get_env(c->config, name);

	return value ? value : "";
}

const json_t *ohc_check_member(const json_t *config, const char *name)
{
	const json_t *v = json_object_get(json_object_get(config, "config"), name);

	return json_is_null(v) ? NULL : v;
}

const char *ohc_check_text(const json_t *config, const char *name)
{
	const char *s = json_string_value(ohc_check_member(config, name));

	return s ? s : "";
}
