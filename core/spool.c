// SPDX-License-Identifier: Apache-2.0
#include "core/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/newfile.h"

const char *ohc_spool_dir(void)
{
	const char *dir = getenv("TMPDIR");

	return dir && *dir ? dir : "/var/tmp";
}

int ohc_spool_open(int *ret_fd, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *path = NULL;
	int fd = open(ohc_spool_dir(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	if (fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR)) {
		path = ohc_xasprintf("%s/" OHC_TMP_PREFIX "XXXXXX", ohc_spool_dir());
		fd = mkostemp(path, O_CLOEXEC);
		if (fd >= 0)
			unlink(path);
	}
	if (fd < 0)
		return ohc_error_sys(err, "cannot create a temporary file in '%s'",
				     ohc_spool_dir());
	*ret_fd = fd;
	return 0;
}
