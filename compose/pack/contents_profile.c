// SPDX-License-Identifier: Apache-2.0
/* Applies the payload's profile: the prefix, and the program that will be started. */
#include <string.h>
#include <sys/stat.h>

#include "compose/image/owner.h"
#include "compose/pack/contents.h"
#include "core/alloc.h"
#include "core/path.h"
#include "oci/config/config.h"

static const char *word_at(const json_t *words, size_t i)
{
	return json_string_value(json_array_get(words, i));
}

/* The program that a config starts, NULL where it starts nothing: behind tini's "--" what that
 * starts. */
static const char *first_word(const json_t *config)
{
	const json_t *inner = json_object_get(config, "config");
	const json_t *words = json_object_get(inner, "Entrypoint");
	const char *word = word_at(words, 0);
	size_t i = 1;

	if (!word)
		return word_at(json_object_get(inner, "Cmd"), 0);
	if (strcmp(ohc_path_name(word), "tini") != 0)
		return word;
	while (word_at(words, i) && strcmp(word_at(words, i), "--") != 0)
		i++;
	return word_at(words, i + 1);
}

/* Finds the program that the profile starts on a base that starts nothing; where the adapter makes
 * a link to it, the link's target. */
static int find_command(const struct ohc_profile *profile, char **ret, struct ohc_error *err)
{
	static const struct ohc_platform platform = { .os = "linux", .arch = "amd64" };
	ohc_cleanup(ohc_json_decref) json_t *config = ohc_config_new(&platform);
	ohc_cleanup(ohc_json_decref) json_t *env = ohc_config_env_list(config);
	int rc = ohc_profile_apply(profile, config, env, err);
	const char *word = rc == 0 ? first_word(config) : NULL;

	for (size_t i = 0; word && i < profile->n_links; i++)
		if (strcmp(profile->links[i].path, word) == 0)
			word = profile->links[i].target;
	*ret = ohc_xstrdup(word);
	return rc;
}

/* The same default as push has for a directory. */
static char *owner_of(const struct ohc_profile *profile)
{
	const struct ohc_account *a = &profile->account;
	uint32_t uid, gid;

	if (a->name)
		return ohc_xasprintf("%u:%u", a->uid, a->gid);
	if (profile->user && ohc_owner_parse(profile->user, &uid, &gid))
		return ohc_xasprintf("%u:%u", uid, gid);
	return NULL;
}

int ohc_contents_profile(struct ohc_contents *p, char **ret_prefix, struct ohc_error *err)
{
	struct ohc_profile profile;
	int rc;

	p->profile = p->o->push.profile ? p->o->push.profile : p->recipe.profile;
	if (!p->profile)
		return 0;
	rc = ohc_profile_load(p->profile, &profile, err);
	if (rc < 0)
		return rc;
	*ret_prefix = ohc_xstrdup(profile.prefix);
	p->profile_owner = owner_of(&profile);
	rc = find_command(&profile, &p->command, err);
	ohc_profile_clear(&profile);
	return rc;
}

bool ohc_contents_has(const struct ohc_contents *p, const char *path)
{
	mode_t mode = p->n ? ohc_assembly_find(p->assemblies[p->n - 1], path).mode : 0;

	return S_ISREG(mode) || S_ISLNK(mode) || (p->payload && ohc_payload_has(p->payload, path));
}

void ohc_contents_command(struct ohc_contents *p)
{
	if (!p->command || !ohc_path_below(p->command, p->prefix))
		return;
	if (ohc_contents_has(p, p->command))
		ohc_strv_add(&p->label.provides, p->command);
	else
		ohc_report_say(
			p->o->push.report, OHC_WARNING,
			"the profile '%s' starts '%s', which is not in the payload: images with it "
			"will need --cmd",
			p->profile, p->command);
}
