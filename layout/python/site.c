// SPDX-License-Identifier: Apache-2.0
#include "layout/python/site.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "core/alloc.h"

#define METADATA_MAX (256u << 10)
#define DISTS_MAX    20000
#define REQUIRES_MAX 4096

void ohc_python_dist_clear(struct ohc_python_dist *d)
{
	free(d->name);
	free(d->version);
	ohc_strv_clear(&d->requires);
	ohc_strv_clear(&d->extras);
	memset(d, 0, sizeof(*d));
}

void ohc_python_site_clear(struct ohc_python_site *site)
{
	for (size_t i = 0; i < site->n; i++)
		ohc_python_dist_clear(&site->v[i]);
	free(site->v);
	*site = (struct ohc_python_site){ NULL, 0 };
}

/* "Key: value" as in RFC 822; a line that starts with a space belongs to the one before. */
static void read_field(struct ohc_python_dist *d, const char *key, size_t n, const char *value)
{
	value += strspn(value, " \t");
	if (n == 4 && strncasecmp(key, "Name", n) == 0 && !d->name)
		d->name = ohc_python_normalize(value, strlen(value));
	else if (n == 7 && strncasecmp(key, "Version", n) == 0 && !d->version)
		d->version = ohc_xstrdup(value);
	else if (n == 13 && strncasecmp(key, "Requires-Dist", n) == 0 &&
		 d->requires.n < REQUIRES_MAX)
		ohc_strv_add(&d->requires, value);
}

/* Joins the line at s and those that continue it; *s is moved behind them. */
static char *next_line(const char **s, const char *end)
{
	struct ohc_buf line = OHC_BUF_INIT;

	do {
		const char *lf = memchr(*s, '\n', (size_t)(end - *s));
		const char *stop = lf ? lf : end, *to = stop;

		while (to > *s && (to[-1] == '\r' || to[-1] == ' '))
			to--;
		ohc_buf_add(&line, *s, (size_t)(to - *s));
		*s = lf ? lf + 1 : end;
	} while (*s < end && (**s == ' ' || **s == '\t') && line.len);
	return ohc_buf_detach(&line);
}

bool ohc_python_metadata_parse(const char *text, size_t n, struct ohc_python_dist *ret)
{
	struct ohc_python_dist d = { .name = NULL };
	const char *s = text, *end = text + n;

	while (s < end) {
		ohc_cleanup(ohc_freep) char *line = next_line(&s, end);
		const char *colon = strchr(line, ':');

		if (!*line)
			break;
		if (colon)
			read_field(&d, line, (size_t)(colon - line), colon + 1);
	}
	if (!d.name || !*d.name) {
		ohc_python_dist_clear(&d);
		return false;
	}
	if (!d.version)
		d.version = ohc_xstrdup("");
	*ret = d;
	return true;
}

struct loader {
	struct ohc_files *files;
	const char *dir;
	struct ohc_python_site *site;
	size_t old; /* how many were there before */
};

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct ohc_python_dist *)a)->name,
		      ((const struct ohc_python_dist *)b)->name);
}

static void add(struct loader *l, struct ohc_python_dist *d)
{
	struct ohc_python_site *site = l->site;

	/* Only the part that was there before is sorted. */
	if ((l->old && bsearch(d, site->v, l->old, sizeof(*d), compare)) || site->n == DISTS_MAX) {
		ohc_python_dist_clear(d);
		return;
	}
	if ((site->n & (site->n + 1)) == 0)
		site->v = ohc_xrealloc(site->v, 2 * (site->n + 1), sizeof(*site->v));
	site->v[site->n++] = *d;
}

/* "Name-1.2.dist-info", "Name-1.2-py3.12.egg-info", "Name.egg-link": reads what a record's name
 * tells. */
static void from_name(const char *name, size_t n, struct ohc_python_dist *ret)
{
	const char *dash = memchr(name, '-', n), *stop;

	memset(ret, 0, sizeof(*ret));
	if (!dash) {
		ret->name = ohc_python_normalize(name, n);
		ret->version = ohc_xstrdup("");
		return;
	}
	stop = memchr(dash + 1, '-', n - (size_t)(dash + 1 - name));
	ret->name = ohc_python_normalize(name, (size_t)(dash - name));
	ret->version = ohc_xstrndup(dash + 1, stop ? (size_t)(stop - dash - 1)
						   : n - (size_t)(dash + 1 - name));
}

/* The kinds of records, by the ending of the name; for a directory, the files with its metadata and
 * its requirements.  An egg-link is only a name: the distribution lies where it points to, which is
 * on sys.path. */
static const struct record {
	const char *ending, *metadata, *requires;
} records[] = {
	{ ".dist-info", "METADATA", NULL },
	{ ".egg-info", "PKG-INFO", "requires.txt" },
	{ ".egg", "EGG-INFO/PKG-INFO", "EGG-INFO/requires.txt" },
	{ ".egg-link", NULL, NULL },
};

static const struct record *record_of(const char *name, size_t *ret_stem)
{
	size_t n = strlen(name);

	for (size_t i = 0; i < OHC_ARRAY_SIZE(records); i++) {
		size_t len = strlen(records[i].ending);

		if (n > len && strcmp(name + n - len, records[i].ending) == 0) {
			*ret_stem = n - len;
			return &records[i];
		}
	}
	return NULL;
}

static int read_requires(const struct loader *l, const char *path, struct ohc_strv *ret,
			 struct ohc_error *err)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf text = OHC_BUF_INIT;
	int rc = ohc_files_read_path(l->files, path, METADATA_MAX, &text, err);

	if (rc >= 0)
		ohc_python_requires_txt(ohc_buf_str(&text), text.len, ret);
	return rc < 0 ? rc : 0;
}

/* 1: *ret is filled; 0: the record has no metadata; or a code. */
static int read_record(const struct loader *l, const char *record, const struct record *r,
		       bool is_dir, struct ohc_python_dist *ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf text = OHC_BUF_INIT;
	ohc_cleanup(ohc_freep) char *path = NULL, *requires = NULL;
	int rc;

	if (!r->metadata)
		return 0;
	path = is_dir ? ohc_xasprintf("%s/%s", record, r->metadata) : ohc_xstrdup(record);
	rc = ohc_files_read_path(l->files, path, METADATA_MAX, &text, err);
	if (rc < 0 || !ohc_python_metadata_parse(ohc_buf_str(&text), text.len, ret))
		return rc < 0 ? rc : 0;
	/* Where PKG-INFO has requirements, importlib.metadata does not read the other file. */
	if (!is_dir || !r->requires || ret->requires.n)
		return 1;
	requires = ohc_xasprintf("%s/%s", record, r->requires);
	rc = read_requires(l, requires, &ret->requires, err);
	return rc < 0 ? rc : 1;
}

static int add_dist(void *ctx, const char *name, const struct ohc_files_node *node,
		    struct ohc_error *err)
{
	struct loader *l = ctx;
	ohc_cleanup(ohc_freep) char *path = ohc_xasprintf("%s/%s", l->dir, name);
	struct ohc_python_dist d = { .name = NULL };
	size_t stem;
	const struct record *r = record_of(name, &stem);
	int rc = r ? read_record(l, path, r, S_ISDIR(node->mode), &d, err) : 0;

	if (rc < 0)
		ohc_python_dist_clear(&d);
	if (!r || rc < 0)
		return rc;
	if (rc == 0)
		from_name(name, stem, &d);
	d.borrowed = l->old > 0;
	add(l, &d);
	return 0;
}

int ohc_python_site_load(struct ohc_files *files, const char *dir, struct ohc_python_site *ret,
			 struct ohc_error *err)
{
	struct loader l = { files, dir, ret, ret->n };
	int rc = ohc_files_list(files, dir, add_dist, &l, err);

	if (ret->n)
		qsort(ret->v, ret->n, sizeof(*ret->v), compare);
	return rc;
}

static struct ohc_python_dist *find(const struct ohc_python_site *site, const char *name)
{
	struct ohc_python_dist wanted = { .name = (char *)name };

	return site->n ? bsearch(&wanted, site->v, site->n, sizeof(*site->v), compare) : NULL;
}

const struct ohc_python_dist *ohc_python_site_find(const struct ohc_python_site *site,
						   const char *name)
{
	return find(site, name);
}

struct site_check {
	struct ohc_python_site *site;
	const struct ohc_python_env *env;
	ohc_python_problem_fn fn;
	void *ctx;
	bool again; /* some extra was asked for that had not been */
};

static void tell(const struct site_check *c, enum ohc_python_problem_kind kind,
		 const struct ohc_python_dist *dist, const char *text, const char *name,
		 const char *found)
{
	struct ohc_python_problem p = { kind, dist->name, text, name, found };

	if (c->fn && !dist->borrowed)
		c->fn(c->ctx, &p);
}

/* Does the requirement apply, without extras or with any of those that were asked for? */
static enum ohc_python_answer in_force(const struct site_check *c, const struct ohc_python_dist *d,
				       const struct ohc_python_requirement *r, bool *understood)
{
	enum ohc_python_answer answer = OHC_PYTHON_NO;

	*understood = ohc_python_marker(r->marker, c->env, "", &answer);
	for (size_t i = 0; *understood && answer != OHC_PYTHON_YES && i < d->extras.n; i++)
		*understood = ohc_python_marker(r->marker, c->env, d->extras.v[i], &answer);
	return answer;
}

static void ask_extras(struct site_check *c, struct ohc_python_dist *of,
		       const struct ohc_strv *extras)
{
	for (size_t i = 0; i < extras->n; i++) {
		if (ohc_strv_has(&of->extras, extras->v[i]))
			continue;
		ohc_strv_add(&of->extras, extras->v[i]);
		c->again = true;
	}
}

static void check_one(struct site_check *c, const struct ohc_python_dist *d, const char *text)
{
	ohc_cleanup(
		ohc_python_requirement_clear) struct ohc_python_requirement r = { .name = NULL };
	bool understood = ohc_python_requirement_parse(text, &r);
	enum ohc_python_answer answer =
		understood ? in_force(c, d, &r, &understood) : OHC_PYTHON_NO;
	struct ohc_python_dist *found;

	if (!understood) {
		tell(c, OHC_PYTHON_NOT_UNDERSTOOD, d, text, NULL, NULL);
		return;
	}
	if (answer != OHC_PYTHON_YES)
		return;
	found = find(c->site, r.name);
	if (!found) {
		tell(c, OHC_PYTHON_MISSING, d, text, r.name, NULL);
		return;
	}
	ask_extras(c, found, &r.extras);
	if (!*found->version)
		return;
	answer = ohc_python_specifiers(r.specifiers, strlen(r.specifiers), found->version);
	if (answer != OHC_PYTHON_YES)
		tell(c,
		     answer == OHC_PYTHON_NO ? OHC_PYTHON_WRONG_VERSION : OHC_PYTHON_NOT_UNDERSTOOD,
		     d, text, r.name, found->version);
}

static void check_all(struct site_check *c)
{
	for (size_t i = 0; i < c->site->n; i++)
		for (size_t k = 0; k < c->site->v[i].requires.n; k++)
			check_one(c, &c->site->v[i], c->site->v[i].requires.v[k]);
}

/* Checks without reporting until no more extras are asked for, and then once more to report. */
void ohc_python_site_check(struct ohc_python_site *site, const struct ohc_python_env *env,
			   ohc_python_problem_fn fn, void *ctx)
{
	struct site_check c = { .site = site, .env = env };

	do {
		c.again = false;
		check_all(&c);
	} while (c.again);
	c.fn = fn;
	c.ctx = ctx;
	check_all(&c);
}
