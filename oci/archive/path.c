// SPDX-License-Identifier: Apache-2.0
#include "oci/archive/path.h"

#include <string.h>

#include "core/alloc.h"
#include "core/buf.h"

char *ohc_archive_path(const char *path)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf out = OHC_BUF_INIT;

	if (*path == '/')
		return NULL;
	while (*path) {
		size_t n = strcspn(path, "/");

		if (n == 2 && memcmp(path, "..", 2) == 0)
			return NULL;
		if (n > 0 && !(n == 1 && *path == '.')) {
			if (out.len)
				ohc_buf_addc(&out, '/');
			ohc_buf_add(&out, path, n);
		}
		path += n + strspn(path + n, "/");
	}
	return ohc_buf_detach(&out);
}

char *ohc_archive_link(const char *path, const char *target)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf out = OHC_BUF_INIT;
	const char *slash = strrchr(path, '/');

	if (*target == '/')
		return NULL;
	if (slash)
		ohc_buf_add(&out, path, (size_t)(slash - path));
	while (*target) {
		size_t n = strcspn(target, "/");

		if (n == 2 && memcmp(target, "..", 2) == 0) {
			if (!out.len)
				return NULL;
			slash = strrchr(out.data, '/');
			ohc_buf_truncate(&out, slash ? (size_t)(slash - out.data) : 0);
		} else if (n > 0 && !(n == 1 && *target == '.')) {
			if (out.len)
				ohc_buf_addc(&out, '/');
			ohc_buf_add(&out, target, n);
		}
		target += n + strspn(target + n, "/");
	}
	return ohc_buf_detach(&out);
}
