// SPDX-License-Identifier: Apache-2.0
/*
 * Reads directories from files in the tree: ld.so.conf as ldconfig reads it (glibc's
 * elf/ldconfig.c), and musl's path file.
 */
#include "layout/loader/loader_internal.h"

#include <fnmatch.h>
#include <string.h>

#include "core/alloc.h"
#include "core/path.h"

#define CONF_MAX       (64u << 10)
#define CONF_FILES_MAX 512
#define CONF_DEPTH_MAX 8

struct conf {
	struct ohc_files *files;
	struct ohc_strv *ret;
	size_t n_files, depth;
};

static int read_conf(struct conf *c, const char *path, struct ohc_error *err);

struct glob {
	struct conf *conf;
	const char *dir, *pattern;
};

static int include_name(void *ctx, const char *name, const struct ohc_files_node *node,
			struct ohc_error *err)
{
	const struct glob *g = ctx;
	ohc_cleanup(ohc_freep) char *path = NULL;

	(void)node;
	if (fnmatch(g->pattern, name, FNM_PERIOD) != 0)
		return 0;
	path = ohc_xasprintf("%s/%s", g->dir, name);
	return read_conf(g->conf, path, err);
}

/* Relative patterns are relative to the including file's directory.  Wildcards are expanded in the
 * last component only, where real files have them. */
static int include(struct conf *c, const char *file, const char *pattern, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *base = ohc_path_parent(file);
	ohc_cleanup(ohc_freep) char *path =
		*pattern == '/' ? ohc_xstrdup(pattern) : ohc_xasprintf("%s/%s", base, pattern);
	ohc_cleanup(ohc_freep) char *dir = ohc_path_parent(path);
	struct glob g = { c, dir, strrchr(path, '/') + 1 };
	int rc = 0;

	if (c->depth < CONF_DEPTH_MAX) {
		c->depth++;
		rc = ohc_files_list(c->files, dir, include_name, &g, err);
		c->depth--;
	}
	return rc;
}

static void add_dir(struct ohc_strv *ret, const char *dir)
{
	size_t n = strcspn(dir, "="); /* "/usr/lib/old=libc5" */
	ohc_cleanup(ohc_freep) char *plain = NULL;

	while (n > 0 && strchr("/ \t", dir[n - 1]))
		n--;
	plain = ohc_xstrndup(dir, n);
	if (*plain == '/' && !ohc_strv_has(ret, plain))
		ohc_strv_add(ret, plain);
}

static int read_line(struct conf *c, const char *path, char *line, struct ohc_error *err)
{
	char *pattern, *rest = NULL;
	int rc = 0;

	line[strcspn(line, "#")] = '\0';
	line += strspn(line, " \t\r\f\v");
	line[strcspn(line, "\r")] = '\0';
	if (strncmp(line, "include", 7) != 0 || !strchr(" \t", line[7])) {
		if (strncmp(line, "hwcap", 5) != 0 || !strchr(" \t", line[5]))
			add_dir(c->ret, line);
		return 0;
	}
	if (!line[7])
		return 0;
	for (pattern = strtok_r(line + 8, " \t", &rest); pattern && rc == 0;
	     pattern = strtok_r(NULL, " \t", &rest))
		rc = include(c, path, pattern, err);
	return rc;
}

static int read_conf(struct conf *c, const char *path, struct ohc_error *err)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf text = OHC_BUF_INIT;
	char *line, *rest = NULL;
	int rc;

	if (c->n_files++ == CONF_FILES_MAX)
		return 0;
	rc = ohc_files_read_path(c->files, path, CONF_MAX, &text, err);
	if (rc <= 0 || !text.data)
		return rc;
	rc = 0;
	for (line = strtok_r(text.data, "\n", &rest); line && rc == 0;
	     line = strtok_r(NULL, "\n", &rest))
		rc = read_line(c, path, line, err);
	return rc;
}

int ohc_loader_conf(struct ohc_loader *libs, struct ohc_strv *ret, struct ohc_error *err)
{
	struct conf c = { libs->files, &libs->conf, 0, 0 };
	int rc = libs->conf_read ? 0 : read_conf(&c, "/etc/ld.so.conf", err);

	if (rc < 0)
		return rc;
	libs->conf_read = true;
	for (size_t i = 0; i < libs->conf.n; i++)
		ohc_strv_add(ret, libs->conf.v[i]);
	return 0;
}

/* The loader of PREFIX/lib/ld-musl-ARCH.so.1 has its configuration in PREFIX/etc. */
static char *musl_path_file(const char *loader, const char *path)
{
	const char *end = loader ? strrchr(loader, '/') : NULL;

	while (end && end > loader && end[-1] != '/')
		end--;
	return ohc_xasprintf("%.*s/%s", end && end > loader ? (int)(end - 1 - loader) : 0,
			     end ? loader : "", path);
}

int ohc_loader_musl_path(struct ohc_loader *libs, const char *loader, const struct ohc_elf *elf,
			 struct ohc_strv *ret, struct ohc_error *err)
{
	const struct ohc_machine *m = ohc_machine_of_elf(elf);
	ohc_cleanup(ohc_freep) char *path =
		musl_path_file(loader, m ? m->musl_path : "etc/ld-musl-unknown.path");
	ohc_cleanup(ohc_buf_clear) struct ohc_buf text = OHC_BUF_INIT;
	char *dir, *rest = NULL;
	int rc = ohc_files_read_path(libs->files, path, CONF_MAX, &text, err);

	if (rc < 0)
		return rc;
	/* An empty file counts, too: it means that no directory is searched. */
	if (rc == 0)
		ohc_buf_adds(&text, "/lib:/usr/local/lib:/usr/lib");
	if (text.data)
		for (dir = strtok_r(text.data, ":\n", &rest); dir;
		     dir = strtok_r(NULL, ":\n", &rest))
			if (*dir == '/')
				ohc_strv_add(ret, dir);
	return 0;
}
