// SPDX-License-Identifier: Apache-2.0
#include "compose/payload_spec.h"

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
