// SPDX-License-Identifier: Apache-2.0
/*
 * The contract of the profile: the image has what the profile sets.  To check it, the profile is
 * applied to a copy of the config: where that changes nothing, the contract is kept.
 *
 * An image that is being composed has just had its profile applied, and any difference was asked
 * for by an option, so nothing is checked.
 */
#include <string.h>
#include <sys/stat.h>

#include "layout/check/check_internal.h"
#include "oci/config/config.h"

static char *shown(const json_t *v)
{
	return v ? ohc_json_text(v) : ohc_xstrdup("nothing");
}

static void compare(const struct ohc_check *c, const json_t *want, const char *member)
{
	const json_t *is = ohc_check_member(c->config, member);
	const json_t *should = ohc_check_member(want, member);
	ohc_cleanup(ohc_freep) char *is_text = NULL, *should_text = NULL;

	if ((!is && !should) || (is && should && json_equal((json_t *)is, (json_t *)should)))
		return;
	is_text = shown(is);
	should_text = shown(should);
	ohc_findings_add(c->findings, OHC_FINDING_WARNING, "contract", member,
			 "is %s, where the profile '%s' has %s", is_text, c->profile->name,
			 should_text);
}

/* A list that the profile extends (PATH=/openhands/bin:$PATH) is kept when it starts so. */
static bool keeps(const char *is, const char *assignment)
{
	const char *value = strchr(assignment, '=') + 1, *dollar = strchr(value, '$');
	size_t n = dollar ? (size_t)(dollar - value) : strlen(value);

	return is && strncmp(is, value, n) == 0 && (dollar || !is[n]);
}

static void check_env(const struct ohc_check *c)
{
	for (size_t i = 0; i < c->profile->env.n; i++) {
		const char *assignment = c->profile->env.v[i];
		ohc_cleanup(ohc_freep) char *name =
			ohc_xstrndup(assignment, strcspn(assignment, "="));
		const char *is = ohc_config_get_env(c->config, name);

		if (!keeps(is, assignment))
			ohc_findings_add(c->findings, OHC_FINDING_WARNING, "contract-env", name,
					 "is %s%s%s, where the profile '%s' has '%s'",
					 is ? "'" : "", is ? is : "not set", is ? "'" : "",
					 c->profile->name, strchr(assignment, '=') + 1);
	}
}

static int check_links(const struct ohc_check *c, struct ohc_error *err)
{
	int rc = 0;

	for (size_t i = 0; rc >= 0 && i < c->profile->n_links; i++) {
		rc = ohc_files_is(c->files, c->profile->links[i].path, 0, err);
		if (rc == 0)
			ohc_findings_add(c->findings, OHC_FINDING_ERROR, "contract-link",
					 c->profile->links[i].path,
					 "is not there, where the profile '%s' has a link to '%s'",
					 c->profile->name, c->profile->links[i].target);
	}
	return rc < 0 ? rc : 0;
}

static int check_prefix(const struct ohc_check *c, struct ohc_error *err)
{
	int rc = c->profile->prefix ? ohc_files_is(c->files, c->profile->prefix, S_IFDIR, err) : 1;

	if (rc == 0)
		ohc_findings_add(c->findings, OHC_FINDING_ERROR, "contract-prefix",
				 c->profile->prefix,
				 "is where the profile '%s' has its payload, and is not there",
				 c->profile->name);
	return rc < 0 ? rc : 0;
}

int ohc_check_contract(const struct ohc_check *c, struct ohc_error *err)
{
	static const char *const members[] = { "User", "WorkingDir",   "Entrypoint",
					       "Cmd",  "ExposedPorts", "StopSignal" };
	ohc_cleanup(ohc_json_decref) json_t *want = json_deep_copy(c->config);
	ohc_cleanup(ohc_json_decref) json_t *before = ohc_config_env_list(c->config);
	size_t n = c->findings->n;
	int rc;

	if (c->base_config)
		return 0;
	rc = ohc_profile_apply(c->profile, want, before, err);
	if (rc < 0)
		return rc;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(members); i++)
		compare(c, want, members[i]);
	check_env(c);
	rc = check_links(c, err);
	if (rc == 0)
		rc = check_prefix(c, err);
	if (rc == 0 && c->findings->n == n)
		ohc_findings_add(c->findings, OHC_FINDING_OK, "contract", c->profile->name,
				 "the profile's contract is kept");
	return rc;
}
