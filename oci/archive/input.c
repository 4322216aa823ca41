// SPDX-License-Identifier: Apache-2.0
#include "oci/archive/input.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/file.h"
#include "core/io.h"
#include "core/spool.h"

/* A pipe can be read only once. */
static int spool(int *fd, const char *name, struct ohc_report *report, struct ohc_error *err)
{
	ohc_cleanup(ohc_source_closep) struct ohc_source *src = NULL;
	uint64_t size = 0;
	int copy, rc = ohc_spool_open(&copy, err);

	if (rc < 0)
		return rc;
	ohc_report_say(report, OHC_VERBOSE,
		       "keeping '%s' in a temporary file in '%s': it can be read only "
		       "once",
		       name, ohc_spool_dir());
	src = ohc_source_fd(*fd, name);
	*fd = copy;
	return ohc_file_copy(src, copy, ohc_spool_dir(), &size, err);
}

int ohc_archive_input(const char *path, const char *name, struct ohc_report *report, int *ret_fd,
		      uint64_t *ret_size, struct ohc_error *err)
{
	ohc_cleanup(ohc_closep) int fd = -1;
	struct stat st;
	int rc;

	if (strcmp(path, "-") == 0)
		fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
	else
		fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return ohc_error_sys(err, "cannot open '%s'", name);
	if (S_ISDIR(st.st_mode))
		return ohc_error_set(err, OHC_E_FORMAT,
				     "'%s' is a directory, and no archive (oci:%s?)", name, name);
	if (!S_ISREG(st.st_mode) || lseek(fd, 0, SEEK_CUR) > 0) {
		rc = spool(&fd, name, report, err);
		if (rc < 0)
			return rc;
		if (fstat(fd, &st) < 0)
			return ohc_error_sys(err, "cannot read '%s'", name);
	}
	*ret_fd = fd;
	*ret_size = (uint64_t)st.st_size;
	fd = -1;
	return 0;
}
