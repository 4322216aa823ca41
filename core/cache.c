// SPDX-License-Identifier: Apache-2.0
/*
 * An entry is a line "ohcompose-cache 1 SHA256", the key and a line end, and the bytes; the digest
 * is that of everything behind its line.  Its last use is the file's mtime.
 */
#include "core/cache.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/cache_growth.h"
#include "core/cache_pending.h"
#include "core/file.h"
#include "core/hash.h"
#include "core/newfile.h"
#include "core/remove.h"
#include "core/spool.h"

#define MAGIC "ohcompose-cache 1 "
#define HEAD  (sizeof(MAGIC) - 1 + 64 + 1)

#define TAG_TEXT                                              \
	"Signature: 8a477f597d28d172789f06886806bc55\n"       \
	"# What ohcompose knows of layers; it can be removed" \
	" at any time.\n"

struct ohc_cache {
	char *dir;
	uint64_t max;
	bool own; /* goes when it is closed */
	struct ohc_report *report;
	uint64_t known; /* how much it had grown before this run: `max` where nobody knows */
	_Atomic uint64_t growth; /* bytes written since the whole cache was last measured */
	atomic_bool swept;
	atomic_bool warned;
	struct ohc_cache_pending *pending;
};

/* The XDG specification says that relative paths are ignored. */
static char *default_dir(void)
{
	const char *xdg = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");

	if (xdg && xdg[0] == '/')
		return ohc_xasprintf("%s/ohcompose", xdg);
	if (home && home[0] == '/')
		return ohc_xasprintf("%s/.cache/ohcompose", home);
	return NULL;
}

void ohc_cache_open(const char *dir, uint64_t max, struct ohc_report *report,
		    struct ohc_cache **ret)
{
	char *path = dir && *dir ? ohc_xstrdup(dir) : default_dir();
	struct ohc_cache *c;

	*ret = NULL;
	if (!path) {
		ohc_report_say(report, OHC_VERBOSE,
			       "no cache: neither XDG_CACHE_HOME nor HOME names a place for it");
		return;
	}
	c = ohc_xcalloc(1, sizeof(*c));
	c->dir = path;
	c->max = max ? max : OHC_CACHE_MAX;
	c->report = report;
	c->pending = ohc_cache_pending_new();
	c->known = ohc_cache_growth_read(c->dir);
	if (c->known > c->max)
		c->known = c->max;
	c->growth = c->known;
	*ret = c;
}

const char *ohc_cache_dir(const struct ohc_cache *c)
{
	return c->dir;
}

void ohc_cache_open_own(struct ohc_report *report, struct ohc_cache **ret)
{
	ohc_cleanup(ohc_freep) char *dir =
		ohc_xasprintf("%s/" OHC_TMP_PREFIX "XXXXXX", ohc_spool_dir());

	*ret = NULL;
	if (!mkdtemp(dir)) {
		ohc_report_say(report, OHC_WARNING,
			       "without a cache, and no directory can be made in '%s' (%s): what "
			       "images share is read for each of them",
			       ohc_spool_dir(), strerror(errno));
		return;
	}
	ohc_cache_open(dir, 0, report, ret);
	(*ret)->own = true;
}

static char *entry_path(const struct ohc_cache *c, const char *ns, const char *key)
{
	ohc_cleanup(ohc_hash_freep) struct ohc_hash *h = ohc_hash_new(OHC_SHA256);
	char hex[OHC_HASH_HEX_MAX];

	ohc_hash_update(h, key, strlen(key));
	ohc_hash_hex(h, hex);
	return ohc_xasprintf("%s/%s/%.2s/%s", c->dir, ns, hex, hex);
}

static void make_head(const char *key, const void *data, size_t n, char head[HEAD + 1])
{
	ohc_cleanup(ohc_hash_freep) struct ohc_hash *h = ohc_hash_new(OHC_SHA256);
	char hex[OHC_HASH_HEX_MAX];

	ohc_hash_update(h, key, strlen(key));
	ohc_hash_update(h, "\n", 1);
	ohc_hash_update(h, data, n);
	ohc_hash_hex(h, hex);
	snprintf(head, HEAD + 1, MAGIC "%.64s\n", hex);
}

/* Tells when the entry was used last, to the minute. */
static void touch(int fd, const struct stat *st)
{
	if (st->st_mtime < time(NULL) - 60)
		futimens(fd, NULL); /* fails where the cache is read-only, which does no harm */
}

static bool read_entry(int fd, const char *key, size_t max, struct ohc_buf *out)
{
	const size_t key_len = strlen(key), before = HEAD + key_len + 1;
	ohc_cleanup(ohc_freep) char *has = ohc_xcalloc(before + 1, 1), *bytes = NULL;
	char want[HEAD + 1];
	struct stat st;
	size_t n;

	if (fstat(fd, &st) < 0 || st.st_size < (off_t)before ||
	    (uint64_t)st.st_size - before > max ||
	    ohc_file_read_at(fd, has, before, 0) != (ssize_t)before ||
	    memcmp(has + HEAD, key, key_len) != 0 || has[before - 1] != '\n')
		return false;
	n = (size_t)st.st_size - before;
	bytes = ohc_xmalloc(n + 1);
	if (ohc_file_read_at(fd, bytes, n, before) != (ssize_t)n)
		return false;
	make_head(key, bytes, n, want);
	if (memcmp(has, want, HEAD) != 0)
		return false;
	touch(fd, &st);
	ohc_buf_take(out, ohc_take(bytes), n);
	return true;
}

bool ohc_cache_get(struct ohc_cache *c, const char *ns, const char *key, size_t max,
		   struct ohc_buf *ret)
{
	ohc_cleanup(ohc_freep) char *path = NULL;
	bool read;
	int fd;

	if (!c)
		return false;
	if (ohc_cache_pending_get(c->pending, ns, key, max, ret))
		return true;
	path = entry_path(c, ns, key);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	read = read_entry(fd, key, max, ret);
	close(fd);
	if (!read)
		ohc_report_say(c->report, OHC_VERBOSE,
			       "cache: '%s' is damaged or too large, not used", path);
	return read;
}

/* Backup programs skip a directory with such a file (bford.info/cachedir). */
static int write_tag(const struct ohc_cache *c, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *path = ohc_xasprintf("%s/CACHEDIR.TAG", c->dir);

	if (access(path, F_OK) == 0)
		return 0;
	return ohc_file_write(path, TAG_TEXT, strlen(TAG_TEXT), 0600, err);
}

/* Makes the entry's directory where it is not there, which is seldom. */
static int open_entry(const struct ohc_cache *c, const char *path, struct ohc_newfile *f,
		      struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *dir = ohc_xstrndup(path, (size_t)(strrchr(path, '/') - path));

	for (bool made = false;; made = true) {
		int rc = ohc_newfile_open(f, path, 0600, made ? err : NULL);

		if (rc == 0 || made)
			return rc;
		rc = ohc_file_mkdirs(dir, 0700, err);
		if (rc == 0)
			rc = write_tag(c, err);
		if (rc < 0)
			return rc;
	}
}

/* An index may hold its layer's shadow file, so only the owner may read it.  An entry that a power
 * cut spoilt shows by its digest. */
static int write_entry(const struct ohc_cache *c, const char *path, const char *key,
		       const void *data, size_t n, struct ohc_error *err)
{
	ohc_cleanup(ohc_newfile_close) struct ohc_newfile f = OHC_NEWFILE_INIT;
	ohc_cleanup(ohc_freep) char *before = NULL;
	char head[HEAD + 1];
	int rc = open_entry(c, path, &f, err);

	if (rc < 0)
		return rc;
	make_head(key, data, n, head);
	before = ohc_xasprintf("%s%s\n", head, key);
	rc = ohc_newfile_write(&f, before, strlen(before), err);
	if (rc == 0)
		rc = ohc_newfile_write(&f, data, n, err);
	return rc < 0 ? rc : ohc_newfile_rename(&f, err);
}

/* Measuring costs a stat for each entry, so it is done each time a sixteenth of the ceiling was
 * written, by this run and by those before. */
static void sweep(struct ohc_cache *c, size_t n)
{
	struct ohc_cache_use removed;

	if (atomic_fetch_add(&c->growth, n) + n < c->max / 16)
		return;
	atomic_store(&c->growth, 0);
	atomic_store(&c->swept, true);
	if (ohc_cache_prune(c, c->max, &removed, NULL) == 0 && removed.entries)
		ohc_report_say(c->report, OHC_VERBOSE, "cache: removed %llu entries of '%s'",
			       (unsigned long long)removed.entries, c->dir);
}

void ohc_cache_put(struct ohc_cache *c, const char *ns, const char *key, const void *data, size_t n)
{
	ohc_cleanup(ohc_freep) char *path = NULL;
	struct ohc_error err = OHC_ERROR_INIT;

	if (!c || n > c->max)
		return;
	path = entry_path(c, ns, key);
	if (write_entry(c, path, key, data, n, &err) < 0) {
		if (err.code != OHC_E_INTERRUPTED && !atomic_exchange(&c->warned, true))
			ohc_report_say(c->report, OHC_WARNING, "the cache is not written: %s",
				       err.msg);
		return;
	}
	sweep(c, n);
}

static void write_pending(void *ctx, const char *ns, const char *key, const void *data, size_t n)
{
	ohc_cache_put(ctx, ns, key, data, n);
}

static void flush(struct ohc_cache *c)
{
	ohc_cache_pending_flush(c->pending, write_pending, c);
}

void ohc_cache_put_soon(struct ohc_cache *c, const char *ns, const char *key, const void *data,
			size_t n)
{
	if (c && ohc_cache_pending_set(c->pending, ns, key, data, n))
		flush(c);
}

/* Adds what other runs wrote meanwhile. */
static void keep_growth(const struct ohc_cache *c)
{
	uint64_t growth = c->growth, now = UINT64_MAX;

	if (!c->swept && growth == c->known) /* it wrote nothing */
		return;
	if (!c->swept)
		now = ohc_cache_growth_read(c->dir);
	if (now != UINT64_MAX && now > c->known)
		growth += now - c->known;
	ohc_cache_growth_write(c->dir, growth);
}

void ohc_cache_close(struct ohc_cache *c)
{
	if (!c)
		return;
	if (c->own) {
		ohc_remove_tree(c->dir);
	} else {
		flush(c);
		keep_growth(c);
	}
	ohc_cache_pending_free(c->pending);
	free(c->dir);
	free(c);
}

void ohc_cache_closep(struct ohc_cache **c)
{
	ohc_cache_close(*c);
}
