// SPDX-License-Identifier: Apache-2.0
#include "layout/rootfs/kept_files.h"

#include <string.h>
#include <sys/stat.h>

#include "core/alloc.h"
#include "core/path.h"
#include "layout/rootfs/layer_index.h"

/*
 * These are kept by name alone, because the usual path may be a symlink to them: /etc/os-release is
 * one nearly everywhere, /etc/passwd on a few bases.  A program of such a name (/usr/bin/passwd) is
 * not kept; at the usual path the mode does not matter.
 */
static const struct {
	enum { NAME, PATH, BELOW, IN } is;
	const char *text;
	int64_t max;
} kept[] = {
	{ PATH, "etc/passwd", OHC_INDEX_DATA_MAX },
	{ PATH, "etc/group", OHC_INDEX_DATA_MAX },
	{ PATH, "etc/shadow", OHC_INDEX_DATA_MAX },
	{ PATH, "etc/gshadow", OHC_INDEX_DATA_MAX },
	{ NAME, "passwd", OHC_INDEX_DATA_MAX },
	{ NAME, "group", OHC_INDEX_DATA_MAX },
	{ NAME, "shadow", OHC_INDEX_DATA_MAX },
	{ NAME, "gshadow", OHC_INDEX_DATA_MAX },
	{ NAME, "os-release", OHC_KEEP_SMALL },
	{ NAME, "launchers", OHC_KEEP_SMALL }, /* PREFIX/etc/launchers, of a payload */
	{ PATH, "etc/ld.so.cache", OHC_INDEX_DATA_MAX },
	{ PATH, "etc/ld.so.conf", OHC_KEEP_SMALL },
	{ PATH, "etc/ld.so.preload", OHC_KEEP_SMALL },
	{ BELOW, "etc/ld.so.conf.d/", OHC_KEEP_SMALL },
	{ BELOW, "etc/ld-musl-", OHC_KEEP_SMALL }, /* etc/ld-musl-x86_64.path */
	{ IN, "/skel/", OHC_KEEP_SMALL },          /* openSUSE has it in usr/etc */
};

static bool matches(size_t i, const char *path, const char *name, mode_t mode)
{
	if (kept[i].is == BELOW)
		return strncmp(path, kept[i].text, strlen(kept[i].text)) == 0;
	if (kept[i].is == IN)
		return strstr(path, kept[i].text) != NULL;
	if (kept[i].is == PATH)
		return strcmp(path, kept[i].text) == 0;
	return !(mode & 0111) && strcmp(name, kept[i].text) == 0;
}

/* The kernel reads no more of a script's first line (fs/binfmt_script.c). */
static size_t first_line(const char *head, size_t n)
{
	const char *end = memchr(head, '\n', n);

	return end ? (size_t)(end - head) : n;
}

/* Is it an account file, by name?  /etc/passwd may be a symlink to it, or another name of it. */
static bool has_root(mode_t mode, const char *head, size_t n)
{
	return !(mode & 0111) && n >= 5 && memcmp(head, "root:", 5) == 0;
}

size_t ohc_kept_files_wanted(const char *path, const struct ohc_tar_entry *entry, const char *head,
			     size_t n)
{
	const char *name = ohc_path_name(path);

	for (size_t i = 0; i < OHC_ARRAY_SIZE(kept); i++)
		if (entry->size <= kept[i].max && matches(i, path, name, entry->mode))
			return (size_t)entry->size;
	if (entry->size <= OHC_KEEP_SMALL && has_root(entry->mode, head, n))
		return (size_t)entry->size;
	if ((entry->mode & 0111) && n > 2 && head[0] == '#' && head[1] == '!')
		return first_line(head, n);
	return 0;
}
