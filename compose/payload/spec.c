// SPDX-License-Identifier: Apache-2.0
#include "compose/payload/spec.h"

#include <stddef.h>
#include <string.h>

#include "core/alloc.h"
#include "core/buf.h"

int ohc_prefix_normalize(const char *path, char **ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf b = OHC_BUF_INIT;

	if (*path != '/')
		return ohc_error_set(err, OHC_E_USAGE,
				     "the payload's target '%s' is not an absolute path", path);
	for (const char *s = path; *s;) {
		size_t n;

		s += strspn(s, "/");
		n = strcspn(s, "/");
		if (n == 2 && strncmp(s, "..", 2) == 0)
			return ohc_error_set(err, OHC_E_USAGE,
					     "the payload's target '%s' has '..' in it", path);
		if (n && !(n == 1 && *s == '.'))
			ohc_buf_addf(&b, "/%.*s", (int)n, s);
		s += n;
	}
	if (b.len == 0)
		return ohc_error_set(
			err, OHC_E_USAGE,
			"the payload's target must not be '/': a payload lies under one "
			"prefix, as /openhands");
	*ret = ohc_buf_detach(&b);
	return 0;
}

int ohc_payload_spec(const char *spec, char **ret_source, char **ret_target, struct ohc_error *err)
{
	const char *cut = NULL;
	char *target = NULL;
	int rc;

	for (const char *s = strstr(spec, ":/"); s; s = strstr(s + 1, ":/"))
		if (s[2] != '/')
			cut = s;
	if (cut == spec || !*spec)
		return ohc_error_set(err, OHC_E_USAGE, "--payload '%s' names no directory", spec);
	if (cut) {
		rc = ohc_prefix_normalize(cut + 1, &target, err);
		if (rc < 0)
			return rc;
	}
	*ret_source = cut ? ohc_xstrndup(spec, (size_t)(cut - spec)) : ohc_xstrdup(spec);
	*ret_target = target;
	return 0;
}

const char *ohc_payload_platform(const char *spec, bool *ret_given, struct ohc_platform *ret)
{
	const char *equals = strchr(spec, '=');
	ohc_cleanup(ohc_freep) char *text = NULL;

	*ret_given = false;
	if (!equals)
		return spec;
	text = ohc_xstrndup(spec, (size_t)(equals - spec));
	if (ohc_platform_parse(text, ret, NULL) < 0)
		return spec;
	*ret_given = true;
	return equals + 1;
}

bool ohc_payload_is_image(const char *source)
{
	static const char *const transports[] = { "docker://",
						  "oci:", "oci-archive:", "docker-archive:" };
	size_t n = strcspn(source, "/");
	const char *colon = memchr(source, ':', n);

	for (size_t i = 0; i < OHC_ARRAY_SIZE(transports); i++)
		if (strncmp(source, transports[i], strlen(transports[i])) == 0)
			return true;
	/* HOST:PORT/REPO */
	return source[n] == '/' && colon && colon > source &&
	       strspn(colon + 1, "0123456789") == (size_t)(source + n - colon - 1) &&
	       colon + 1 < source + n;
}
