// SPDX-License-Identifier: Apache-2.0
#include "compose/image/inputs.h"

#include <string.h>
#include <time.h>

#include "compose/image/image.h"
#include "compose/image/inputs_internal.h"
#include "compose/image/origin.h"
#include "compose/image/owner.h"
#include "compose/payload/claims.h"
#include "core/alloc.h"
#include "core/path.h"
#include "oci/config/config.h"

static int read_names(const struct ohc_push_options *o, struct ohc_inputs *in,
		      struct ohc_error *err)
{
	int rc = o->base ? ohc_name_parse(o->base, &in->base, err) : 0;

	if (!o->base)
		ohc_name_copy(&in->base, &o->origin->base);

	/* check has no destination. */
	if (rc == 0 && o->dest)
		rc = ohc_name_parse(o->dest, &in->dest, err);
	if (rc < 0)
		return rc;
	if (in->dest.transport == OHC_SCRATCH)
		return ohc_error_set(err, OHC_E_USAGE, "'scratch' is a base, not a destination");
	if (in->dest.digest)
		return ohc_error_set(
			err, OHC_E_USAGE,
			"destination '%s' has a digest, which is known only when the image "
			"is made: leave it out or name a tag",
			o->dest);
	for (size_t i = 0; rc == 0 && i < o->tags.n; i++)
		rc = ohc_name_tag_check(o->tags.v[i], err);
	return rc;
}

static int read_account(const struct ohc_push_options *o, struct ohc_inputs *in,
			struct ohc_error *err)
{
	int rc = 0;

	if (o->account && o->no_account)
		return ohc_error_set(err, OHC_E_USAGE,
				     "'--account' and '--no-account' cannot be given together");
	if (o->on_uid_clash)
		rc = ohc_account_clash_parse(o->on_uid_clash, &in->clash, err);
	if (rc == 0 && o->account)
		rc = ohc_account_parse(o->account, &in->account, err);
	if (rc == 0 && o->owner)
		rc = ohc_owner_read(o->owner, &in->rules.uid, &in->rules.gid, err);
	return rc;
}

/* Chooses account and owner where no option does. */
static void choose_account(const struct ohc_push_options *o, struct ohc_inputs *in)
{
	const struct ohc_account *own = &in->profile.account;

	if (!o->account && !o->no_account && own->name)
		ohc_account_copy(&in->account, own);
	if (o->owner)
		return;
	if (in->account.name) {
		in->rules.uid = in->account.uid;
		in->rules.gid = in->account.gid;
	} else if (in->profile.account.name) {
		in->rules.uid = in->profile.account.uid;
		in->rules.gid = in->profile.account.gid;
	} else if (in->profile.user) {
		ohc_owner_parse(in->profile.user, &in->rules.uid,
				&in->rules.gid); /* a name means root's entries */
	}
}

static int read_check(const struct ohc_push_options *o, struct ohc_error *err)
{
	if (o->no_check && o->check)
		return ohc_error_set(err, OHC_E_USAGE,
				     "'--check' and '--no-check' cannot be given together");
	if (o->check && strcmp(o->check, "warn") != 0 && strcmp(o->check, "refuse") != 0)
		return ohc_error_set(err, OHC_E_USAGE, "unknown --check '%s': warn or refuse",
				     o->check);
	return 0;
}

static void choose_check(const struct ohc_push_options *o, struct ohc_inputs *in)
{
	/* Checks of the base are off for the profile 'none', which promises nothing about the base,
	 * and for an image with neither base nor prefix, which is made to be a payload itself. */
	if (o->no_check || (o->origin && o->origin->exact) ||
	    (in->n_payloads == 0 && strcmp(in->profile.name, "none") == 0) ||
	    (in->base.transport == OHC_SCRATCH && !in->profile.prefix))
		in->check = OHC_PREFLIGHT_OFF;
	else if (o->check && strcmp(o->check, "warn") == 0)
		in->check = OHC_PREFLIGHT_WARN;
}

/* Chooses the platform: the one that was given or claimed, else that of payloads which all name the
 * same one, else this machine's (until the payload's files are read: compose/plan/plan.c). */
static int read_platform(const char *given, struct ohc_inputs *in, struct ohc_error *err)
{
	in->all_platforms = given && strcmp(given, "all") == 0;
	in->platform_given = false;
	ohc_platform_host(&in->platform);
	if (given && !in->all_platforms) {
		in->platform_given = true;
		return ohc_platform_parse(given, &in->platform, err);
	}
	for (size_t i = 0; i < in->n_payloads; i++) {
		const struct ohc_payload_spec *spec = &in->payloads[i].spec;

		if (!spec->has_platform)
			continue;
		if (in->platform_given &&
		    memcmp(&spec->platform, &in->platform, sizeof(spec->platform)) != 0) {
			ohc_platform_host(&in->platform);
			in->platform_given = false;
			return 0;
		}
		in->platform = spec->platform;
		in->platform_given = true;
	}
	return 0;
}

static int read_format(const struct ohc_push_options *o, struct ohc_inputs *in,
		       struct ohc_error *err)
{
	if (!o->format || strcmp(o->format, "auto") == 0)
		return 0;
	in->family_given = true;
	if (strcmp(o->format, "docker") == 0)
		in->family = OHC_FAMILY_DOCKER;
	else if (strcmp(o->format, "oci") == 0)
		in->family = OHC_FAMILY_OCI;
	else
		return ohc_error_set(err, OHC_E_USAGE, "unknown format '%s': auto, oci or docker",
				     o->format);
	return 0;
}

static int read_epoch(bool *ret_given, int64_t *ret, struct ohc_error *err)
{
	const char *text = getenv("SOURCE_DATE_EPOCH");

	if (!text || !*text)
		return 0;
	if (!ohc_config_seconds_parse(text, ret))
		return ohc_error_set(
			err, OHC_E_USAGE,
			"SOURCE_DATE_EPOCH is '%s': whole seconds since 1970 are wanted", text);
	*ret_given = true;
	return 0;
}

static int read_mtime(const struct ohc_push_options *o, struct ohc_inputs *in,
		      struct ohc_error *err)
{
	static const char *const policies[] = { "preserve", "clamp", "epoch" };
	size_t i = 0;

	if (!o->mtime)
		return 0;
	while (i < OHC_ARRAY_SIZE(policies) && strcmp(o->mtime, policies[i]) != 0)
		i++;
	if (i == OHC_ARRAY_SIZE(policies))
		return ohc_error_set(err, OHC_E_USAGE,
				     "unknown --mtime '%s': preserve, clamp or epoch", o->mtime);
	in->rules.mtime = (enum ohc_mtime)i;
	return 0;
}

static int read_created(const struct ohc_push_options *o, struct ohc_inputs *in,
			struct ohc_error *err)
{
	if (!o->created)
		return 0;
	in->created_given = true;
	if (strcmp(o->created, "now") == 0) {
		in->created = time(NULL);
		return 0;
	}
	if (ohc_config_seconds_parse(o->created, &in->created))
		return 0;
	return ohc_config_time_parse(o->created, &in->created, err);
}

/* Of an image that says when it was created, that was SOURCE_DATE_EPOCH where times were clamped.
 */
static int read_times(const struct ohc_push_options *o, struct ohc_inputs *in,
		      struct ohc_error *err)
{
	const bool exact = o->origin && o->origin->exact;
	bool epoch = false;
	int rc = exact ? 0 : read_epoch(&epoch, &in->rules.time, err);

	if (rc == 0)
		rc = read_mtime(o, in, err);
	in->created_given = epoch;
	in->created = in->rules.time;
	if (rc == 0)
		rc = read_created(o, in, err);
	if (rc < 0)
		return rc;
	if (o->origin && !epoch && in->created_given) {
		epoch = true;
		in->rules.time = in->created;
	}
	if (in->rules.mtime == OHC_MTIME_CLAMP && !epoch && !ohc_origin_is_unread(o->origin))
		return ohc_error_set(
			err, OHC_E_USAGE,
			"--mtime clamp needs SOURCE_DATE_EPOCH, the latest time to keep");
	return 0;
}

static int read_codec(const struct ohc_push_options *o, struct ohc_inputs *in,
		      struct ohc_error *err)
{
	if (!o->compression && ohc_origin_is_unread(o->origin))
		return 0; /* the level is of a compression that is not known yet */
	return ohc_codec_parse(o->compression, o->level, &in->rules.codec, err);
}

/* Reads the options that need neither a request nor a profile. */
static int read_alone(const struct ohc_push_options *o, struct ohc_inputs *in,
		      struct ohc_error *err)
{
	int rc = read_names(o, in, err);

	for (size_t i = 0; rc == 0 && i < o->remove.n; i++)
		if (!ohc_path_is_normal(o->remove.v[i]) || strcmp(o->remove.v[i], "/") == 0)
			rc = ohc_error_set(
				err, OHC_E_USAGE,
				"--remove '%s': a path of the base is wanted, absolute and "
				"without '.', '..' and '/' at its end",
				o->remove.v[i]);
	if (rc == 0 && o->sbom && in->dest.transport != OHC_REGISTRY &&
	    in->dest.transport != OHC_LAYOUT)
		rc = ohc_error_set(err, OHC_E_USAGE,
				   "--sbom: '%s' is an archive, which has no place for what hangs "
				   "on an image",
				   in->dest.given);
	if (rc == 0)
		rc = ohc_sign_check(&o->sign, &in->dest, err);
	if (rc == 0)
		rc = read_codec(o, in, err);
	if (rc == 0)
		rc = read_times(o, in, err);
	if (rc == 0)
		rc = read_format(o, in, err);
	if (rc == 0)
		rc = read_account(o, in, err);
	if (rc == 0)
		rc = read_check(o, err);
	if (rc == 0)
		rc = ohc_inputs_specs(o, in, err);
	if (rc == 0)
		rc = read_platform(o->platform, in, err);
	return rc < 0 ? rc : ohc_image_check(in, err);
}

/* The profile that an image was composed with: its own, or the very one that we carry. */
static int keep_profile(const struct ohc_composition *says, struct ohc_inputs *in,
			struct ohc_error *err)
{
	const char *name = says->profile.name;
	char digest[OHC_DIGEST_MAX];
	int rc = -1;

	if (says->profile.content)
		return ohc_profile_parse(says->profile.content, "the image's profile", &in->profile,
					 err);
	if (ohc_profile_is_built_in(name))
		rc = ohc_profile_load(name, &in->profile, err);
	if (rc == 0)
		ohc_digest_of(in->profile.content, strlen(in->profile.content), digest);
	if (rc == 0 && strcmp(digest, says->profile.digest) == 0)
		return 0;
	return ohc_error_set(err, OHC_E_UNSUPPORTED,
			     "it was composed by ohcompose %s with a profile '%s' (%s) that this "
			     "version does not carry",
			     says->program, name, says->profile.digest);
}

static int read_profile(const struct ohc_push_options *o, const struct ohc_claims *claims,
			struct ohc_inputs *in, struct ohc_error *err)
{
	if (o->origin && !o->profile)
		return keep_profile(o->origin->says, in, err);
	return ohc_profile_load(claims->profile ? claims->profile : "openhands", &in->profile, err);
}

/* Reads the options that the labels of payload images may decide. */
static int read_rest(const struct ohc_push_options *o, const struct ohc_claims *claims,
		     struct ohc_payload_shelf *shelf, struct ohc_inputs *in, struct ohc_error *err)
{
	int rc = read_profile(o, claims, in, err);

	if (rc == 0 && !in->profile.prefix && claims->unread_rc < 0)
		return ohc_error_copy(err, &claims->unread, claims->unread_rc);
	if (rc < 0)
		return rc;
	choose_account(o, in);
	choose_check(o, in);
	rc = ohc_inputs_payloads(in, shelf, err);
	return rc < 0 ? rc : read_platform(claims->platform, in, err);
}

int ohc_inputs_parse(const struct ohc_push_options *o, struct ohc_inputs *in, struct ohc_error *err)
{
	in->options = o;
	in->report = o->report;
	in->rules.limits = o->limits;
	in->rules.cache = o->cache;
	in->rules.notes = o->notes;
	in->rules.report = o->report;
	in->require_mount = o->mount && strcmp(o->mount, "require") == 0;
	if (o->mount && !in->require_mount && strcmp(o->mount, "prefer") != 0)
		return ohc_error_set(err, OHC_E_USAGE, "unknown --mount '%s': prefer or require",
				     o->mount);
	return read_alone(o, in, err);
}

int ohc_inputs_look(struct ohc_transports *transports, struct ohc_payload_shelf *shelf,
		    struct ohc_inputs *in, struct ohc_error *err)
{
	const struct ohc_push_options *o = in->options;
	ohc_cleanup(ohc_claims_clear) struct ohc_claims claims = { .profile = o->profile,
								   .platform = o->platform,
								   .unread = OHC_ERROR_INIT };
	int rc = ohc_claims_read(transports, in->payloads, in->n_payloads, &claims, err);

	return rc < 0 ? rc : read_rest(o, &claims, shelf, in, err);
}

int ohc_inputs_read(const struct ohc_push_options *o, struct ohc_transports *transports,
		    struct ohc_payload_shelf *shelf, struct ohc_inputs *in, struct ohc_error *err)
{
	int rc = ohc_inputs_parse(o, in, err);

	return rc < 0 ? rc : ohc_inputs_look(transports, shelf, in, err);
}

/* The label of a payload image may tell profile and place. */
static bool has_labels(const struct ohc_inputs *in)
{
	bool has = false;

	for (size_t i = 0; i < in->n_payloads; i++)
		has |= in->payloads[i].spec.is_image;
	return has;
}

/* Looks at the profile, and at what depends on it: where payloads go. */
static int try_profile(const struct ohc_push_options *o, struct ohc_inputs *in,
		       struct ohc_error *err)
{
	int rc = o->profile ? ohc_profile_load(o->profile, &in->profile, err) : 0;

	return rc < 0 || !o->profile || has_labels(in) ? rc : ohc_inputs_targets(in, err);
}

int ohc_inputs_faults(const struct ohc_push_options *o, struct ohc_error *err)
{
	ohc_cleanup(ohc_inputs_clear) struct ohc_inputs in = { .options = NULL };
	int rc = ohc_inputs_parse(o, &in, err);

	if (rc == 0)
		rc = try_profile(o, &in, err);
	for (size_t i = 0; rc == 0 && i < in.n_payloads; i++)
		rc = ohc_payload_source_find(&in.payloads[i].spec, NULL, err);
	return rc;
}

void ohc_inputs_clear(struct ohc_inputs *in)
{
	ohc_name_clear(&in->base);
	ohc_name_clear(&in->dest);
	ohc_profile_clear(&in->profile);
	ohc_account_clear(&in->account);
	for (size_t i = 0; i < in->n_payloads; i++)
		ohc_payload_source_clear(&in->payloads[i]);
	free(in->payloads);
	memset(in, 0, sizeof(*in));
}
