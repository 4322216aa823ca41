// SPDX-License-Identifier: Apache-2.0
#include "layout/rootfs/entry_path.h"

#include <string.h>

#include "core/path.h"

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
	struct ohc_path_part part;
	unsigned int depth = 0;

	ret->len = 0;
	ret->name = ret->text;
	while (ohc_path_next(&path, &part)) {
		if (part.kind == OHC_PATH_UP)
			return false;
		if (part.kind == OHC_PATH_NAME &&
		    (depth++ == OHC_BASE_DEPTH_MAX || !add(ret, part.name, part.n)))
			return false;
	}
	ret->text[ret->len] = '\0';
	return true;
}

bool ohc_entry_path_is_normal(const char *path)
{
	unsigned int depth = 1;

	for (const char *s = path; *s; s++)
		depth += *s == '/';
	return !*path || (depth <= OHC_BASE_DEPTH_MAX && ohc_path_is_normal_below(path));
}
