// SPDX-License-Identifier: Apache-2.0
#include "layout/rootfs/entry_path.h"

#include <string.h>

static bool add(struct ohc_base_path *p, const char *name, size_t len)
{
	size_t slash = p->len ? 1 : 0;

	if (len > OHC_TAR_PATH_MAX - slash || p->len > OHC_TAR_PATH_MAX - slash - len)
		return false;
	if (slash)
		p->text[p->len++] = '/';
	p->name = p->text + p->len;
	memcpy(p->text + p->len, name, len);
	p->len += len;
	return true;
}

bool ohc_entry_path_normalize(const char *path, struct ohc_base_path *ret)
{
	unsigned int depth = 0;
	size_t len;

	ret->len = 0;
	ret->name = ret->text;
	for (; *path; path += len) {
		len = strcspn(path, "/");
		if (len == 2 && path[0] == '.' && path[1] == '.')
			return false;
		if (len > 1 || (len == 1 && path[0] != '.')) {
			if (depth++ == OHC_BASE_DEPTH_MAX || !add(ret, path, len))
				return false;
		}
		len += path[len] == '/';
	}
	ret->text[ret->len] = '\0';
	return true;
}

bool ohc_entry_path_is_normal(const char *path)
{
	unsigned int depth = 0;
	size_t len;

	if (!*path)
		return true;
	for (;; path += len + 1) {
		len = strcspn(path, "/");
		if (len == 0 || (len == 1 && path[0] == '.') ||
		    (len == 2 && path[0] == '.' && path[1] == '.') || depth++ == OHC_BASE_DEPTH_MAX)
			return false;
		if (!path[len])
			return true;
	}
}
