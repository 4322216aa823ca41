// SPDX-License-Identifier: Apache-2.0
/* All entries of a cache: counting them, and removing the oldest. */
#include "core/cache.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/newfile.h"

/* No writer that is alive takes longer for an entry. */
#define TMP_AGE (60 * 60)

struct cache_entry {
	char *path;
	uint64_t size;
	struct timespec used;
};

struct cache_scan {
	struct cache_entry *v;
	size_t n;
	struct ohc_cache_info info;
	bool clean; /* remove what killed writers left */
};

static void scan_clear(struct cache_scan *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->v[i].path);
	free(s->v);
	ohc_cache_info_clear(&s->info);
}

static bool is_hex(const char *name, size_t len)
{
	return strlen(name) == len && strspn(name, "0123456789abcdef") == len;
}

static void close_dir(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}

static void add_file(struct cache_scan *s, struct ohc_cache_use *use, const char *dir,
		     const char *name, const struct stat *st)
{
	struct cache_entry e = { .path = ohc_xasprintf("%s/%s", dir, name),
				 .size = (uint64_t)st->st_size,
				 .used = st->st_mtim };

	s->v = ohc_xrealloc(s->v, s->n + 1, sizeof(*s->v));
	s->v[s->n++] = e;
	use->entries++;
	use->bytes += e.size;
}

/* Counts only what looks like an entry: --cache may name a directory with other files. */
static void scan_files(struct cache_scan *s, struct ohc_cache_use *use, const char *dir)
{
	ohc_cleanup(close_dir) DIR *d = opendir(dir);
	struct dirent *e;
	struct stat st;

	while (d && (e = readdir(d))) {
		bool tmp = strncmp(e->d_name, OHC_TMP_PREFIX, strlen(OHC_TMP_PREFIX)) == 0;

		if ((!tmp && !is_hex(e->d_name, 64)) ||
		    fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
		    !S_ISREG(st.st_mode))
			continue;
		if (!tmp)
			add_file(s, use, dir, e->d_name, &st);
		else if (s->clean && st.st_mtime < time(NULL) - TMP_AGE)
			unlinkat(dirfd(d), e->d_name, 0);
	}
}

static void scan_namespace(struct cache_scan *s, const char *cache, const char *ns)
{
	ohc_cleanup(ohc_freep) char *dir = ohc_xasprintf("%s/%s", cache, ns);
	ohc_cleanup(close_dir) DIR *d = opendir(dir);
	struct ohc_cache_use use = { NULL, 0, 0 };
	struct dirent *e;

	while (d && (e = readdir(d))) {
		ohc_cleanup(ohc_freep) char *sub = ohc_xasprintf("%s/%s", dir, e->d_name);

		if (is_hex(e->d_name, 2))
			scan_files(s, &use, sub);
	}
	if (!use.entries)
		return;
	use.ns = ohc_xstrdup(ns);
	s->info.v = ohc_xrealloc(s->info.v, s->info.n + 1, sizeof(*s->info.v));
	s->info.v[s->info.n++] = use;
	s->info.entries += use.entries;
	s->info.bytes += use.bytes;
}

static int by_name(const void *a, const void *b)
{
	const struct ohc_cache_use *x = a, *y = b;

	return strcmp(x->ns, y->ns);
}

/* A cache that is not there yet is empty. */
static int scan(const struct ohc_cache *c, struct cache_scan *s, struct ohc_error *err)
{
	ohc_cleanup(close_dir) DIR *d = opendir(ohc_cache_dir(c));
	struct dirent *e;

	if (!d && errno == ENOENT)
		return 0;
	if (!d)
		return ohc_error_sys(err, "cannot read the cache '%s'", ohc_cache_dir(c));
	while ((e = readdir(d)))
		if (e->d_name[0] != '.')
			scan_namespace(s, ohc_cache_dir(c), e->d_name);
	if (s->info.n > 1)
		qsort(s->info.v, s->info.n, sizeof(*s->info.v), by_name);
	return 0;
}

int ohc_cache_info(const struct ohc_cache *c, struct ohc_cache_info *ret, struct ohc_error *err)
{
	ohc_cleanup(scan_clear) struct cache_scan s = { .clean = false };
	int rc = scan(c, &s, err);

	if (rc < 0)
		return rc;
	*ret = s.info;
	memset(&s.info, 0, sizeof(s.info));
	return 0;
}

void ohc_cache_info_clear(struct ohc_cache_info *info)
{
	for (size_t i = 0; i < info->n; i++)
		free(info->v[i].ns);
	free(info->v);
	memset(info, 0, sizeof(*info));
}

static int by_use(const void *a, const void *b)
{
	const struct cache_entry *x = a, *y = b;

	if (x->used.tv_sec != y->used.tv_sec)
		return x->used.tv_sec < y->used.tv_sec ? -1 : 1;
	if (x->used.tv_nsec != y->used.tv_nsec)
		return x->used.tv_nsec < y->used.tv_nsec ? -1 : 1;
	return strcmp(x->path, y->path);
}

int ohc_cache_prune(const struct ohc_cache *c, uint64_t keep, struct ohc_cache_use *ret,
		    struct ohc_error *err)
{
	ohc_cleanup(scan_clear) struct cache_scan s = { .clean = true };
	struct ohc_cache_use removed = { NULL, 0, 0 };
	int rc = scan(c, &s, err);
	uint64_t left = s.info.bytes;

	if (rc < 0)
		return rc;
	if (s.n > 1)
		qsort(s.v, s.n, sizeof(*s.v), by_use);
	for (size_t i = 0; i < s.n && left > keep; i++) {
		/* Another process may have been first. */
		if (unlink(s.v[i].path) < 0 && errno != ENOENT)
			return ohc_error_sys(err, "cannot remove '%s'", s.v[i].path);
		left -= s.v[i].size;
		removed.entries++;
		removed.bytes += s.v[i].size;
	}
	*ret = removed;
	return 0;
}
