// SPDX-License-Identifier: Apache-2.0
#include "layout/sbom/find.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "core/alloc.h"
#include "core/hash.h"
#include "core/interrupt.h"
#include "core/path.h"
#include "layout/sbom/find_internal.h"

/* ---- the files ---- */

struct gathering {
	struct ohc_sbom_search *s;
	size_t layer;
};

static int gather(void *ctx, const char *path, const struct ohc_assembly_found *what)
{
	const struct gathering *g = ctx;
	struct ohc_sbom_search *s = g->s;

	if (!S_ISREG(what->mode))
		return 0;
	if (s->n == s->cap) {
		s->cap = s->cap ? 2 * s->cap : 256;
		s->v = ohc_xrealloc(s->v, s->cap, sizeof(*s->v));
	}
	s->v[s->n++] = (struct ohc_sbom_entry){
		.path = ohc_xstrdup(path),
		.source = what->source,
		.size = what->size,
		.layer = (uint32_t)g->layer,
		.exec = (what->mode & 0111) != 0,
	};
	return 0;
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct ohc_sbom_entry *)a)->path,
		      ((const struct ohc_sbom_entry *)b)->path);
}

static void search_clear(struct ohc_sbom_search *s)
{
	for (size_t i = 0; i < s->n; i++) {
		free(s->v[i].path);
		free(s->v[i].claim);
	}
	free(s->v);
}

struct ohc_sbom_entry *ohc_sbom_entry_at(const struct ohc_sbom_search *s, const char *path)
{
	const struct ohc_sbom_entry wanted = { .path = (char *)path };

	return s->n ? bsearch(&wanted, s->v, s->n, sizeof(*s->v), by_path) : NULL;
}

size_t ohc_sbom_entries_from(const struct ohc_sbom_search *s, const char *path)
{
	size_t low = 0, high = s->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(s->v[middle].path, path) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void ohc_sbom_own_below(struct ohc_sbom_search *s, const char *dir, const char *except)
{
	ohc_cleanup(ohc_freep) char *below = ohc_xasprintf("%s/", dir);
	size_t n = strlen(below);

	for (size_t i = ohc_sbom_entries_from(s, below); i < s->n; i++) {
		if (strncmp(s->v[i].path, below, n) != 0)
			break;
		if (!except || !strstr(s->v[i].path + n, except))
			s->v[i].owned = true;
	}
}

int ohc_sbom_entry_read(const struct ohc_sbom_search *s, const struct ohc_sbom_entry *e, size_t max,
			struct ohc_buf *ret, bool *ret_all, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *bytes = NULL;
	ssize_t n;

	*ret_all = e->size <= max;
	if (!*ret_all)
		return 0;
	bytes = ohc_xmalloc(e->size + 1);
	n = ohc_assembly_read(s->t->layers[e->layer].assembly, e->path, bytes, e->size, err);
	if (n < 0)
		return (int)n;
	ohc_buf_add(ret, bytes, (size_t)n);
	return 0;
}

/* ---- packages of the root ---- */

static void keep_record(struct ohc_sbom_records *r, const struct ohc_package *p)
{
	for (size_t i = 0; i < r->n; i++)
		if (strcmp(r->v[i].text, p->record) == 0)
			return;
	r->v = ohc_xrealloc(r->v, r->n + 1, sizeof(*r->v));
	r->v[r->n++] = (struct ohc_sbom_record){ ohc_xstrdup(p->name), ohc_xstrdup(p->record) };
}

static void set(char **field, const char *value)
{
	if (!*field && value)
		*field = ohc_xstrdup(value);
}

int ohc_sbom_add_package(struct ohc_sbom_search *s, struct ohc_sbom_entry *e,
			 struct ohc_files *root, const char *distro, struct ohc_package *p,
			 struct ohc_error *err)
{
	int rc = ohc_packages_license(root, p, err);
	struct ohc_sbom_component *c;

	if (rc < 0)
		return rc;
	c = ohc_sbom_add(s->bom, p->kind, p->name, p->version);
	set(&c->arch, p->arch);
	set(&c->source, p->source);
	set(&c->license, p->license);
	set(&c->distro, distro);
	ohc_strv_add(&c->paths, e->path);
	e->owned = true;
	return 0;
}

/* Where the file lies in the root; NULL: it is not of the root.  The caller frees it. */
static char *path_in_root(const struct ohc_sbom_search *s, const struct ohc_sbom_entry *e)
{
	const struct ohc_sbom_tree *t = s->t;
	size_t below;

	if (t->root_at)
		return e->layer > 0 ? NULL
				    : ohc_xasprintf("%s%s", t->root_at,
						    e->path + strlen(s->bom->prefix));
	below = strlen(t->root_dir);
	if (!e->source || strncmp(e->source, t->root_dir, below) != 0 || e->source[below] != '/')
		return NULL;
	return ohc_xstrdup(e->source + below);
}

struct file_hashes {
	struct ohc_hash *first, *second; /* the second may be NULL */
};

static int hash_piece(void *ctx, const void *data, size_t n, struct ohc_error *err)
{
	const struct file_hashes *h = ctx;

	(void)err;
	ohc_hash_update(h->first, data, n);
	if (h->second)
		ohc_hash_update(h->second, data, n);
	return 0;
}

/* Which package has a program or a library like this one, which lies elsewhere.  It is left to the
 * layer to tell of a file that cannot be read. */
static int find_original(const struct ohc_sbom_search *s, const struct ohc_packages *packages,
			 const struct ohc_sbom_entry *e, struct ohc_package **ret,
			 struct ohc_error *err)
{
	ohc_cleanup(ohc_hash_freep) struct ohc_hash *sha1 = ohc_hash_new(OHC_SHA1);
	ohc_cleanup(ohc_hash_freep) struct ohc_hash *md5 = ohc_hash_new(OHC_MD5);
	const struct ohc_assembly_layer *layer = &s->t->layers[e->layer];
	struct file_hashes hashes = { sha1, md5 };
	char magic[OHC_ELF_MAGIC_N], hex[OHC_HASH_HEX_MAX];
	const ssize_t n = sizeof(magic);
	int rc;

	*ret = NULL;
	if (ohc_assembly_read(layer->assembly, e->path, magic, sizeof(magic), NULL) != n ||
	    memcmp(magic, OHC_ELF_MAGIC, sizeof(magic)) != 0)
		return 0;
	rc = ohc_assembly_feed(layer, e->path, hash_piece, &hashes, err);
	if (rc < 0)
		return rc;
	ohc_hash_hex(sha1, hex);
	*ret = ohc_packages_with(packages, hex);
	if (!*ret && md5) {
		ohc_hash_hex(md5, hex);
		*ret = ohc_packages_with(packages, hex);
	}
	return 0;
}

static int find_copies(struct ohc_sbom_search *s, struct ohc_packages *packages, const char *distro,
		       struct ohc_sbom_records *records, struct ohc_error *err)
{
	int rc = ohc_packages_read_sums(s->t->root, packages, err);

	for (size_t i = 0; rc == 0 && i < s->n; i++) {
		struct ohc_sbom_entry *e = &s->v[i];
		struct ohc_package *p = NULL;

		if (e->owned || e->layer > 0)
			continue;
		rc = find_original(s, packages, e, &p, err);
		if (rc == 0 && p)
			rc = ohc_sbom_add_package(s, e, s->t->root, distro, p, err);
		if (rc == 0 && p && p->record)
			keep_record(records, p);
	}
	return rc;
}

static int find_packages(struct ohc_sbom_search *s, struct ohc_sbom_records *records,
			 struct ohc_error *err)
{
	ohc_cleanup(ohc_packages_freep) struct ohc_packages *packages = NULL;
	ohc_cleanup(ohc_freep) char *distro = NULL;
	int rc = ohc_packages_read(s->t->root, &packages, err);

	if (rc == 0)
		rc = ohc_packages_distro(s->t->root, &distro, err);
	for (size_t i = 0; rc == 0 && i < s->n; i++) {
		struct ohc_sbom_entry *e = &s->v[i];
		ohc_cleanup(ohc_freep) char *path = path_in_root(s, e);
		struct ohc_package *p = path ? ohc_packages_owner(packages, path) : NULL;

		if (p)
			rc = ohc_sbom_add_package(s, e, s->t->root, distro, p, err);
		if (rc == 0 && p && p->record)
			keep_record(records, p);
	}
	if (rc == 0 && s->t->root_at)
		rc = find_copies(s, packages, distro, records, err);
	return rc;
}

/* ---- files of no package ---- */

static bool is_listed(const struct ohc_sbom_entry *e)
{
	return !e->owned || e->claim;
}

/* Their digests come when they are written: those are what takes long. */
static void find_files(struct ohc_sbom_search *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++)
		n += is_listed(&s->v[i]);
	ohc_sbom_reserve_files(s->bom, n);
	for (size_t i = 0; i < s->n; i++) {
		struct ohc_sbom_entry *e = &s->v[i];
		struct ohc_sbom_file *f;

		if (!is_listed(e))
			continue;
		f = ohc_sbom_add_file(s->bom, ohc_take(e->path));
		f->layer = e->layer;
		f->claim = ohc_take(e->claim);
		f->source = e->source;
	}
}

static void set_hex(char *ret, size_t n, struct ohc_hash *h)
{
	char hex[OHC_HASH_HEX_MAX];

	ohc_hash_hex(h, hex);
	snprintf(ret, n, "%.*s", (int)(n - 1), hex);
}

static int hash_file(void *ctx, const struct ohc_sbom_file *f, bool with_sha1,
		     struct ohc_sbom_digests *ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_hash_freep) struct ohc_hash *sha256 = ohc_hash_new(OHC_SHA256);
	ohc_cleanup(ohc_hash_freep) struct ohc_hash *sha1 =
		with_sha1 ? ohc_hash_new(OHC_SHA1) : NULL;
	const struct ohc_sbom_tree *t = ctx;
	struct file_hashes hashes = { sha256, sha1 };
	int rc = ohc_interrupt_check(err);

	if (rc == 0)
		rc = ohc_assembly_feed(&t->layers[f->layer], f->path, hash_piece, &hashes, err);
	if (rc < 0)
		return rc;
	set_hex(ret->sha256, sizeof(ret->sha256), sha256);
	if (sha1)
		set_hex(ret->sha1, sizeof(ret->sha1), sha1);
	return 0;
}

static int by_name(const void *a, const void *b)
{
	const struct ohc_sbom_record *x = a, *y = b;
	int d = strcmp(x->name, y->name);

	return d ? d : strcmp(x->text, y->text);
}

int ohc_sbom_find(const struct ohc_sbom_tree *t, struct ohc_sbom *bom,
		  struct ohc_sbom_records *ret_records, struct ohc_error *err)
{
	ohc_cleanup(search_clear) struct ohc_sbom_search s = { .t = t, .bom = bom };
	int rc;

	for (size_t i = 0; i < t->n; i++) {
		struct gathering g = { &s, i };

		ohc_assembly_walk(t->layers[i].assembly, gather, &g);
	}
	s.v = ohc_xrealloc(s.v, s.n + 1, sizeof(*s.v)); /* there may be very many */
	if (s.n > 0)
		qsort(s.v, s.n, sizeof(*s.v), by_path);
	rc = t->root ? find_packages(&s, ret_records, err) : 0;
	if (rc == 0)
		rc = ohc_sbom_find_own(&s, err);
	if (rc == 0)
		rc = ohc_sbom_find_python(&s, err);
	if (rc == 0)
		rc = ohc_sbom_find_npm(&s, err);
	if (rc == 0)
		ohc_sbom_find_programs(&s);
	find_files(&s);
	bom->digest = hash_file;
	bom->ctx = (void *)t;
	if (ret_records->n > 0)
		qsort(ret_records->v, ret_records->n, sizeof(*ret_records->v), by_name);
	ohc_sbom_settle(bom);
	return rc;
}

void ohc_sbom_records_clear(struct ohc_sbom_records *r)
{
	for (size_t i = 0; i < r->n; i++) {
		free(r->v[i].name);
		free(r->v[i].text);
	}
	free(r->v);
	memset(r, 0, sizeof(*r));
}
