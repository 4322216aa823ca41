// SPDX-License-Identifier: Apache-2.0
/*
 * Puts the launchers of a payload into it, for the scripts beside it:
 *
 *	launchers_driver DIR PREFIX PROFILE [NAME=PROGRAM ...]
 *
 * DIR is a directory of this machine that will lie at PREFIX.
 */
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "layout/launcher/launchers.h"

#if defined(__aarch64__)
#define ARCH "arm64"
#else
#define ARCH "amd64"
#endif

static int add_tree(struct ohc_assembly *b, const char *from, const char *to, struct ohc_error *err)
{
	DIR *d = opendir(from);
	struct dirent *e;
	int rc = d ? 0 : ohc_error_sys(err, "cannot open '%s'", from);

	while (rc == 0 && (e = readdir(d))) {
		ohc_cleanup(ohc_freep) char *path = ohc_xasprintf("%s/%s", from, e->d_name);
		ohc_cleanup(ohc_freep) char *at = ohc_xasprintf("%s/%s", to, e->d_name);
		const struct ohc_assembly_item item = { .path = at, .mode = 0755, .origin = path };
		const struct ohc_content content = { .kind = OHC_CONTENT_FILE, .path = path };
		struct stat st;

		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0 ||
		    lstat(path, &st) < 0)
			continue;
		if (S_ISDIR(st.st_mode))
			rc = add_tree(b, path, at, err);
		else if (S_ISLNK(st.st_mode))
			rc = ohc_assembly_symlink(b, &item, "somewhere", err);
		else
			rc = ohc_assembly_file(b, &item, &content, NULL, err);
	}
	if (d)
		closedir(d);
	return rc;
}

/* Copies the bytes of an assembly's file to a file of this machine. */
static int write_file(const struct ohc_assembly *b, const char *dir, const char *prefix,
		      const char *below, mode_t mode, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *to = ohc_xasprintf("%s/%s", dir, below);
	ohc_cleanup(ohc_freep) char *path = ohc_xasprintf("%s/%s", prefix, below);
	char bytes[65536];
	ssize_t n = ohc_assembly_read(b, path, bytes, sizeof(bytes), err);
	FILE *f = n < 0 ? NULL : fopen(to, "w");

	if (n < 0)
		return (int)n;
	if (!f || fwrite(bytes, 1, (size_t)n, f) != (size_t)n || fclose(f) || chmod(to, mode) < 0)
		return ohc_error_sys(err, "cannot write '%s'", to);
	return 0;
}

static int run(int argc, char **argv, struct ohc_error *err)
{
	ohc_cleanup(ohc_assembly_freep) struct ohc_assembly *b = ohc_assembly_new(argv[2], NULL);
	ohc_cleanup(ohc_launchers_clear) struct ohc_launchers l = OHC_LAUNCHERS_INIT;
	int rc = add_tree(b, argv[1], argv[2], err);

	for (int i = 4; rc == 0 && i < argc; i++)
		rc = ohc_launchers_parse(&l, argv[i], err);
	if (rc == 0) {
		ohc_launchers_of_profile(&l, argv[3], argv[2], &b, 1);
		rc = ohc_launchers_add(&l, ARCH, argv[2], b, err);
	}
	for (size_t i = 0; rc == 0 && i < l.n; i++) {
		ohc_cleanup(ohc_freep) char *below = ohc_xasprintf("bin/%s", l.v[i].name);

		rc = write_file(b, argv[1], argv[2], below, 0755, err);
	}
	return rc < 0 ? rc : write_file(b, argv[1], argv[2], "etc/launchers", 0644, err);
}

int main(int argc, char **argv)
{
	struct ohc_error err = OHC_ERROR_INIT;

	if (argc < 4)
		return 2;
	if (run(argc, argv, &err) == 0)
		return 0;
	fprintf(stderr, "launchers_driver: %s\n", err.msg);
	return 1;
}
