// SPDX-License-Identifier: Apache-2.0
/*
 * Copies an ELF file with another interpreter and search path.
 *
 * usage: elf_edit_driver [--interp PATH] [--rpath PATHS] [--clear-exec-stack] FILE OUT
 *
 * Exit status: 0 edited, 10 nothing to do (OUT is a plain copy), or the program's own for an error.
 */
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/file.h"
#include "layout/elf/edit.h"

#define FILE_MAX     (1u << 30)
#define NOTHING_DONE 10

static int write_out(const char *path, const void *data, size_t n, struct ohc_error *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
	ssize_t put;

	if (fd < 0)
		return ohc_error_sys(err, "cannot write '%s'", path);
	for (size_t done = 0; done < n; done += (size_t)put) {
		put = write(fd, (const char *)data + done, n - done);
		if (put < 0)
			return ohc_error_sys(err, "cannot write '%s'", path);
	}
	close(fd);
	return 0;
}

static int edit(const char *from, const char *to, const struct ohc_elf_edit *want,
		struct ohc_error *err)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf all = OHC_BUF_INIT;
	ohc_cleanup(ohc_patch_clear) struct ohc_patch patch = OHC_PATCH_INIT;
	ohc_cleanup(ohc_freep) char *out = NULL;
	int rc = ohc_file_read(from, FILE_MAX, &all, err), wrote;

	if (rc < 0)
		return rc;
	rc = ohc_elf_edit_memory(all.data, all.len, from, want, &patch, err);
	if (rc < 0)
		return rc;
	if (rc == 0)
		patch.size = all.len;
	out = ohc_xcalloc((size_t)patch.size, 1);
	memcpy(out, all.data, all.len);
	ohc_patch_apply(&patch, 0, out, (size_t)patch.size);
	wrote = write_out(to, out, (size_t)patch.size, err);
	return wrote < 0 ? wrote : rc;
}

int main(int argc, char **argv)
{
	static const struct option options[] = { { "interp", required_argument, NULL, 'i' },
						 { "rpath", required_argument, NULL, 'r' },
						 { "clear-exec-stack", no_argument, NULL, 's' },
						 { NULL, 0, NULL, 0 } };
	struct ohc_elf_edit want = { .interp = NULL };
	struct ohc_error err = OHC_ERROR_INIT;
	int c, rc;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1)
		switch (c) {
		case 'i':
			want.interp = optarg;
			break;
		case 'r':
			want.rpath = optarg;
			break;
		case 's':
			want.clear_exec_stack = true;
			break;
		default:
			return 2;
		}
	if (argc - optind != 2)
		return 2;
	rc = edit(argv[optind], argv[optind + 1], &want, &err);
	if (rc < 0)
		fprintf(stderr, "%s\n", err.msg);
	return rc < 0 ? ohc_error_exit_status(rc) : rc == 0 ? NOTHING_DONE : 0;
}
