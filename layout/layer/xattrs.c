// SPDX-License-Identifier: Apache-2.0
#include "layout/layer/xattrs.h"

#include <errno.h>
#include <linux/limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>

#include "core/alloc.h"

static bool wanted(const char *name)
{
	return strncmp(name, "user.", 5) == 0 || strcmp(name, "security.capability") == 0;
}

static int changed(const char *path, struct ohc_error *err)
{
	return ohc_error_sys(err, "cannot read the extended attributes of '%s'", path);
}

static int add(int fd, const char *path, const char *name, struct ohc_xattrs *x,
	       struct ohc_error *err)
{
	ssize_t n = fgetxattr(fd, name, NULL, 0);
	ohc_cleanup(ohc_freep) char *value = NULL;

	if (n < 0)
		return changed(path, err);
	if (n > OHC_TAR_XATTR_MAX)
		return ohc_error_set(err, OHC_E_FAILED,
				     "'%s': its attribute %s is larger than %d bytes", path, name,
				     OHC_TAR_XATTR_MAX);
	value = ohc_xmalloc((size_t)n + 1);
	if (fgetxattr(fd, name, value, (size_t)n) != n)
		return changed(path, err);
	ohc_xattrs_put(x, &(struct ohc_xattr){ name, value, (size_t)n });
	return 0;
}

int ohc_xattrs_read(int fd, const char *path, struct ohc_xattrs *x, struct ohc_error *err)
{
	char names[4096], *more = NULL;
	ohc_cleanup(ohc_freep) char *heap = NULL;
	ssize_t n = flistxattr(fd, names, sizeof(names));
	int rc = 0;

	ohc_xattrs_clear(x);
	if (n == 0 || (n < 0 && errno == ENOTSUP))
		return 0;
	more = names;
	if (n < 0 && errno == ERANGE) {
		more = heap = ohc_xmalloc(XATTR_LIST_MAX);
		n = flistxattr(fd, heap, XATTR_LIST_MAX);
	}
	if (n < 0)
		return changed(path, err);
	for (const char *s = more; rc == 0 && s < more + n; s += strlen(s) + 1)
		if (wanted(s))
			rc = add(fd, path, s, x, err);
	return rc;
}

void ohc_xattrs_copy(const struct ohc_xattr *v, size_t n, struct ohc_xattrs *ret)
{
	for (size_t i = 0; i < n; i++)
		if (wanted(v[i].name))
			ohc_xattrs_put(ret, &v[i]);
}
