// SPDX-License-Identifier: Apache-2.0
/*
 * An entry is a line "ohcompose-cache 1 SHA256", the key and a line end, and the bytes; the digest
 * is that of everything behind its line.  Its last use is the file's mtime.
 */
#include "core/cache.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/file.h"
#include "core/io.h"
#include "core/hash.h"
#include "core/newfile.h"

#define MAGIC "ohcompose-cache 1 "
#define HEAD  (sizeof(MAGIC) - 1 + 64 + 1)

#define TAG_TEXT                                              \
	"Signature: 8a477f597d28d172789f06886806bc55\n"       \
	"# What ohcompose knows of layers; it can be removed" \
	" at any time.\n"

struct ohc_cache {
	char *dir;
	uint64_t max;
	struct ohc_report *report;
	_Atomic uint64_t
		unswept; /* bytes written since the size of the whole cache was last measured */
	atomic_bool warned;
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
	c->unswept = c->max; /* so that the first put measures */
	*ret = c;
}

void ohc_cache_close(struct ohc_cache *c)
{
	if (!c)
		return;
	free(c->dir);
	free(c);
}

void ohc_cache_closep(struct ohc_cache **c)
{
	ohc_cache_close(*c);
}

const char *ohc_cache_dir(const struct ohc_cache *c)
{
	return c->dir;
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

static bool read_exactly(struct ohc_source *src, char *buf, size_t n)
{
	return ohc_source_read_full(src, buf, n, NULL) == (ssize_t)n;
}

static bool read_entry(struct ohc_source *src, const char *key, size_t max, struct ohc_buf *out)
{
	char head[HEAD + 1] = "", want[HEAD + 1];
	size_t key_len = strlen(key);
	ohc_cleanup(ohc_freep) char *has = ohc_xmalloc(key_len + 1);

	if (!read_exactly(src, head, HEAD) || !read_exactly(src, has, key_len + 1) ||
	    memcmp(has, key, key_len) != 0 || has[key_len] != '\n' ||
	    ohc_source_read_all(src, max, out, NULL) < 0)
		return false;
	make_head(key, out->data, out->len, want);
	return strcmp(head, want) == 0;
}

bool ohc_cache_get(struct ohc_cache *c, const char *ns, const char *key, size_t max,
		   struct ohc_buf *ret)
{
	ohc_cleanup(ohc_source_closep) struct ohc_source *src = NULL;
	ohc_cleanup(ohc_buf_clear) struct ohc_buf bytes = OHC_BUF_INIT;
	ohc_cleanup(ohc_freep) char *path = NULL;
	int fd;

	if (!c)
		return false;
	path = entry_path(c, ns, key);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	futimens(fd, NULL); /* fails where the cache is read-only, which does no harm */
	src = ohc_source_fd(fd, path);
	if (!read_entry(src, key, max, &bytes)) {
		ohc_report_say(c->report, OHC_VERBOSE,
			       "cache: '%s' is damaged or too large, not used", path);
		return false;
	}
	*ret = bytes;
	bytes = (struct ohc_buf)OHC_BUF_INIT;
	return true;
}

/* Backup programs skip a directory with such a file (bford.info/cachedir). */
static int write_tag(const struct ohc_cache *c, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *path = ohc_xasprintf("%s/CACHEDIR.TAG", c->dir);

	if (access(path, F_OK) == 0)
		return 0;
	return ohc_file_write(path, TAG_TEXT, strlen(TAG_TEXT), 0600, err);
}

/* An index may hold its layer's shadow file, so only the owner may read it. */
static int write_entry(const struct ohc_cache *c, const char *path, const char *key,
		       const void *data, size_t n, struct ohc_error *err)
{
	ohc_cleanup(ohc_newfile_close) struct ohc_newfile f = OHC_NEWFILE_INIT;
	ohc_cleanup(ohc_freep) char *dir = ohc_xstrndup(path, (size_t)(strrchr(path, '/') - path));
	char head[HEAD + 1];
	int rc = ohc_file_mkdirs(dir, 0700, err);

	if (rc == 0)
		rc = write_tag(c, err);
	if (rc == 0)
		rc = ohc_newfile_open(&f, path, 0600, err);
	if (rc < 0)
		return rc;
	make_head(key, data, n, head);
	rc = ohc_newfile_write(&f, head, HEAD, err);
	if (rc == 0)
		rc = ohc_newfile_write(&f, key, strlen(key), err);
	if (rc == 0)
		rc = ohc_newfile_write(&f, "\n", 1, err);
	if (rc == 0)
		rc = ohc_newfile_write(&f, data, n, err);
	if (rc == 0)
		rc = ohc_newfile_commit(&f, err);
	return rc;
}

/* Measuring costs a stat for each entry, so it is done for the first put and then each time a
 * sixteenth of the ceiling was written. */
static void sweep(struct ohc_cache *c, size_t n)
{
	struct ohc_cache_use removed;

	if (atomic_fetch_add(&c->unswept, n) + n < c->max / 16)
		return;
	atomic_store(&c->unswept, 0);
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
		if (!atomic_exchange(&c->warned, true))
			ohc_report_say(c->report, OHC_WARNING, "the cache is not written: %s",
				       err.msg);
		return;
	}
	sweep(c, n);
}
