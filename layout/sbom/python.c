// SPDX-License-Identifier: Apache-2.0
/*
 * Python distributions (packaging.python.org, "Recording installed projects"):
 * NAME-VERSION.dist-info with METADATA, and RECORD, a line of CSV for each file: path, hash, size;
 * paths are relative to the directory that has the .dist-info.  What setuptools installed before
 * has NAME.egg-info with PKG-INFO, or is such a file itself.
 */
#include <string.h>

#include "core/alloc.h"
#include "core/path.h"
#include "layout/python/site.h"
#include "layout/sbom/find_internal.h"

#define METADATA_MAX (4u << 20)
#define RECORD_MAX   (32u << 20)

/* A hash in RECORD: 32 bytes in base64url without padding. */
#define SHA256  "sha256="
#define CLAIM_N 43

/* Returns the part of a classifier behind its last "::"; the caller frees it. */
static char *last_part(const char *classifier)
{
	const char *last = classifier, *next;
	size_t n = strcspn(classifier, "\r\n");

	while ((next = memmem(last, n, ":: ", 3))) {
		n -= (size_t)(next + 3 - last);
		last = next + 3;
	}
	return n > 0 ? ohc_xstrndup(last, n) : NULL;
}

/* License-Expression (core metadata 2.4), License in one line, else the classifier's last part. */
static char *license_of(const char *metadata)
{
	static const char *const keys[] = { "License-Expression:", "License:" };
	static const char classifier[] = "Classifier: License :: ";
	const char *s;

	for (size_t i = 0; i < OHC_ARRAY_SIZE(keys); i++) {
		for (s = metadata; s && *s != '\n'; s = strchr(s, '\n'), s = s ? s + 1 : NULL) {
			size_t n = strlen(keys[i]);

			if (strncasecmp(s, keys[i], n) != 0)
				continue;
			s += n + strspn(s + n, " ");
			n = strcspn(s, "\r\n");
			if (n > 0 && n < 100)
				return ohc_xstrndup(s, n);
			break;
		}
	}
	for (s = metadata; s && *s != '\n'; s = strchr(s, '\n'), s = s ? s + 1 : NULL)
		if (strncmp(s, classifier, strlen(classifier)) == 0)
			return last_part(s);
	return NULL;
}

/* The first field of a line of CSV, with RFC 4180's quotes; *ret_n is how much of it that is. */
static char *first_field(const char *line, size_t n, size_t *ret_n)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf field = OHC_BUF_INIT;
	bool quoted = n > 0 && *line == '"';
	size_t i;

	for (i = quoted; i < n; i++) {
		if (quoted && line[i] == '"' && i + 1 < n && line[i + 1] == '"')
			i++;
		else if (line[i] == (quoted ? '"' : ','))
			break;
		ohc_buf_add(&field, line + i, 1);
	}
	*ret_n = i + (quoted && i < n);
	return ohc_xstrdup(ohc_buf_str(&field));
}

/* Several distributions may have one file, of which the last one that was installed is there. */
static void claim(struct ohc_sbom_entry *e, const char *hash)
{
	ohc_cleanup(ohc_freep) char *before = ohc_take(e->claim);

	if (strncmp(hash, SHA256, strlen(SHA256)) == 0 && strlen(hash) >= strlen(SHA256) + CLAIM_N)
		e->claim = ohc_xasprintf("%s%s%.*s", before ? before : "", before ? " " : "",
					 CLAIM_N, hash + strlen(SHA256));
	else
		e->claim = ohc_take(before);
}

static void own(struct ohc_sbom_search *s, const char *site, const char *relative, const char *hash)
{
	ohc_cleanup(ohc_freep) char *path = ohc_path_follow(site, relative);
	struct ohc_sbom_entry *e = ohc_sbom_entry_at(s, path);

	if (!e)
		return;
	if (!e->owned || e->claim)
		claim(e, hash);
	e->owned = true;
}

static int own_record(struct ohc_sbom_search *s, const char *site, const struct ohc_sbom_entry *e,
		      struct ohc_error *err)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf text = OHC_BUF_INIT;
	bool all;
	int rc = ohc_sbom_entry_read(s, e, RECORD_MAX, &text, &all, err);
	const char *line = rc == 0 && all ? ohc_buf_str(&text) : "";

	while (*line) {
		size_t n = strcspn(line, "\r\n"), at, end;
		ohc_cleanup(ohc_freep) char *name = first_field(line, n, &at), *hash = NULL;

		at += at < n && line[at] == ',';
		hash = first_field(line + at, n - at, &end);
		if (*name)
			own(s, site, name, hash);
		line += n;
		line += strspn(line, "\r\n");
	}
	return rc;
}

/* __pycache__/name.cpython-312.pyc belongs to whom its source belongs to. */
static void own_bytecode(struct ohc_sbom_search *s)
{
	static const char cache[] = "/__pycache__/";

	for (size_t i = 0; i < s->n; i++) {
		struct ohc_sbom_entry *e = &s->v[i], *source;
		const char *at = strstr(e->path, cache), *name;
		ohc_cleanup(ohc_freep) char *path = NULL;

		if (!at || e->owned)
			continue;
		name = at + strlen(cache);
		path = ohc_xasprintf("%.*s/%.*s.py", (int)(at - e->path), e->path,
				     (int)strcspn(name, "."), name);
		source = ohc_sbom_entry_at(s, path);
		if (source && source->owned)
			e->owned = true;
	}
}

static int add_dist(struct ohc_sbom_search *s, const struct ohc_sbom_entry *e, const char *dir,
		    struct ohc_error *err)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf text = OHC_BUF_INIT;
	ohc_cleanup(ohc_freep) char *site = ohc_path_parent(dir), *record = NULL;
	ohc_cleanup(ohc_python_dist_clear) struct ohc_python_dist d = { .name = NULL };
	struct ohc_sbom_component *c;
	const struct ohc_sbom_entry *list;
	bool all;
	int rc = ohc_sbom_entry_read(s, e, METADATA_MAX, &text, &all, err);

	if (rc < 0 || !all || !ohc_python_metadata_parse(ohc_buf_str(&text), text.len, &d))
		return rc;
	c = ohc_sbom_add(s->bom, OHC_SBOM_PYPI, d.name, d.version);
	if (!c->license)
		c->license = license_of(ohc_buf_str(&text));
	ohc_strv_add(&c->paths, dir);
	/* RECORD does not list bytecode that was made later, nor itself always. */
	ohc_sbom_own_below(s, dir, NULL);
	record = ohc_xasprintf("%s/RECORD", dir);
	list = ohc_sbom_entry_at(s, record);
	return list ? own_record(s, site, list, err) : 0;
}

int ohc_sbom_find_python(struct ohc_sbom_search *s, struct ohc_error *err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < s->n; i++) {
		const struct ohc_sbom_entry *e = &s->v[i];
		bool file = ohc_path_ends_in(e->path, ".egg-info");
		ohc_cleanup(ohc_freep) char *dir =
			file ? ohc_xstrdup(e->path) : ohc_path_parent(e->path);

		if (file || ohc_path_ends_in(e->path, ".dist-info/METADATA") ||
		    ohc_path_ends_in(e->path, ".egg-info/PKG-INFO") ||
		    ohc_path_ends_in(e->path, "/EGG-INFO/PKG-INFO"))
			rc = add_dist(s, e, dir, err);
	}
	own_bytecode(s);
	return rc;
}
