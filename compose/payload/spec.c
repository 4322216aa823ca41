// SPDX-License-Identifier: Apache-2.0
#include "compose/payload/spec.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/path.h"
#include "core/utf8.h"

int ohc_payload_spec_target(const char *path, char **ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *clean = NULL;

	if (*path != '/')
		return ohc_error_set(err, OHC_E_USAGE,
				     "the payload's target '%s' is not an absolute path", path);
	if (ohc_path_has_up(path))
		return ohc_error_set(err, OHC_E_USAGE, "the payload's target '%s' has '..' in it",
				     path);
	if (!ohc_utf8_is_whole(path))
		return ohc_error_set(err, OHC_E_USAGE,
				     "the payload's target '%s' is not UTF-8, in which an image "
				     "says where its payload lies",
				     path);
	if (ohc_path_has_whiteout(path))
		return ohc_error_set(err, OHC_E_USAGE,
				     "the payload's target cannot be '%s': " OHC_PATH_WHITEOUT_RULE,
				     path);
	clean = ohc_path_clean(path);
	if (!clean[1])
		return ohc_error_set(
			err, OHC_E_USAGE,
			"the payload's target must not be '/': a payload lies under one "
			"prefix, as /openhands");
	*ret = ohc_take(clean);
	return 0;
}

/* Skips "OS/ARCH=", where the text starts so. */
static const char *split_platform(const char *text, struct ohc_payload_spec *ret)
{
	const char *equals = strchr(text, '=');
	ohc_cleanup(ohc_freep) char *platform = NULL;

	if (!equals)
		return text;
	platform = ohc_xstrndup(text, (size_t)(equals - text));
	if (ohc_platform_parse(platform, &ret->platform, NULL) < 0)
		return text;
	ret->has_platform = true;
	return equals + 1;
}

static const char *const transports[] = { "docker://", "oci:", "oci-archive:", "docker-archive:" };

/* Skips the transport: gives "/abs/dir:tag" of "oci:/abs/dir:tag", whose ":/" begins no target. */
static const char *behind_transport(const char *text)
{
	for (size_t i = 0; i < OHC_ARRAY_SIZE(transports); i++)
		if (strncmp(text, transports[i], strlen(transports[i])) == 0)
			return text + strlen(transports[i]);
	return text;
}

static int split_target(const char *text, struct ohc_payload_spec *ret, struct ohc_error *err)
{
	const char *begin = behind_transport(text), *cut = NULL;

	for (const char *s = strstr(begin, ":/"); s; s = strstr(s + 1, ":/"))
		if (s[2] != '/')
			cut = s;
	if (cut == begin || !*begin)
		return ohc_error_set(err, OHC_E_USAGE, "--payload '%s' names no directory", text);
	ret->source = cut ? ohc_xstrndup(text, (size_t)(cut - text)) : ohc_xstrdup(text);
	return cut ? ohc_payload_spec_target(cut + 1, &ret->target, err) : 0;
}

int ohc_payload_spec_parse(const char *text, struct ohc_payload_spec *ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_payload_spec_clear) struct ohc_payload_spec spec = { .source = NULL };
	int rc = split_target(split_platform(text, &spec), &spec, err);

	if (rc == 0 && ohc_payload_spec_is_image(spec.source)) {
		spec.is_image = true;
		rc = ohc_name_parse(spec.source, &spec.image, err);
	}
	if (rc < 0)
		return rc;
	*ret = spec;
	memset(&spec, 0, sizeof(spec));
	return 0;
}

void ohc_payload_spec_clear(struct ohc_payload_spec *spec)
{
	free(spec->source);
	free(spec->target);
	ohc_name_clear(&spec->image);
	memset(spec, 0, sizeof(*spec));
}

bool ohc_payload_spec_is_for(const struct ohc_payload_spec *spec,
			     const struct ohc_platform *platform)
{
	return !spec->has_platform || ohc_platform_match(&spec->platform, platform);
}

bool ohc_payload_spec_is_image(const char *source)
{
	size_t n = strcspn(source, "/");
	const char *colon = memchr(source, ':', n);

	if (behind_transport(source) != source)
		return true;
	/* HOST:PORT/REPO */
	return source[n] == '/' && colon && colon > source &&
	       strspn(colon + 1, "0123456789") == (size_t)(source + n - colon - 1) &&
	       colon + 1 < source + n;
}
