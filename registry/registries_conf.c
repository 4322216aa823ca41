// SPDX-License-Identifier: Apache-2.0
#include "registry/registries_conf.h"

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/file.h"
#include "core/strv.h"
#include "oci/documents/name.h"
#include "registry/toml.h"
#include "registry/url.h"
#include "registry/user_config.h"

#define FILE_MAX    (1u << 20)
#define MIRRORS_MAX 16

/* One [[registry]]: its JSON, and the file that it is in. */
struct conf_entry {
	json_t *doc;
	char *prefix;
	char *file;
};

struct ohc_registries_conf {
	pthread_mutex_t lock;
	bool loaded;
	struct conf_entry *entries;
	size_t n;
};

struct ohc_registries_conf *ohc_registries_conf_new(void)
{
	struct ohc_registries_conf *c = ohc_xcalloc(1, sizeof(*c));

	pthread_mutex_init(&c->lock, NULL);
	return c;
}

static void entry_clear(struct conf_entry *e)
{
	json_decref(e->doc);
	free(e->prefix);
	free(e->file);
}

void ohc_registries_conf_free(struct ohc_registries_conf *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->n; i++)
		entry_clear(&c->entries[i]);
	free(c->entries);
	pthread_mutex_destroy(&c->lock);
	free(c);
}

void ohc_registries_conf_location_clear(struct ohc_registries_conf_location *p)
{
	free(p->host);
	free(p->repo);
	free(p->scheme);
	memset(p, 0, sizeof(*p));
}

void ohc_registries_conf_answer_clear(struct ohc_registries_conf_answer *a)
{
	for (size_t i = 0; i < a->n_mirrors; i++)
		ohc_registries_conf_location_clear(&a->mirrors[i]);
	free(a->mirrors);
	ohc_registries_conf_location_clear(&a->origin);
	free(a->blocked_by);
	memset(a, 0, sizeof(*a));
}

static int add_entry(struct ohc_registries_conf *c, json_t *doc, const char *file,
		     struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *what = ohc_xasprintf("'%s', a [[registry]]", file);
	const char *prefix = NULL, *location = NULL;
	struct conf_entry *e = NULL;
	int rc = json_is_object(doc) ? 0 : ohc_error_set(err, OHC_E_FORMAT, "%s is no table", what);

	if (rc == 0)
		rc = ohc_json_string(doc, "prefix", what, &prefix, err);
	if (rc == 0)
		rc = ohc_json_string(doc, "location", what, &location, err);
	if (rc < 0)
		return rc;
	if (!prefix || !*prefix)
		prefix = location;
	if (!prefix || !*prefix)
		return ohc_error_set(err, OHC_E_FORMAT, "%s has neither prefix nor location", what);
	for (size_t i = 0; i < c->n && !e; i++)
		if (strcmp(c->entries[i].prefix, prefix) == 0)
			e = &c->entries[i];
	if (e) {
		entry_clear(e);
	} else {
		c->entries = ohc_xrealloc(c->entries, c->n + 1, sizeof(*c->entries));
		e = &c->entries[c->n++];
	}
	*e = (struct conf_entry){ json_incref(doc), ohc_xstrdup(prefix), ohc_xstrdup(file) };
	return 0;
}

static int read_file(struct ohc_registries_conf *c, const char *path, struct ohc_error *err)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf b = OHC_BUF_INIT;
	ohc_cleanup(ohc_json_decref) json_t *doc = NULL;
	ohc_cleanup(ohc_freep) char *what = ohc_xasprintf("'%s'", path);
	json_t *list = NULL, *one;
	size_t i;
	int rc = ohc_file_read(path, FILE_MAX, &b, err);

	if (rc < 0)
		return rc;
	rc = ohc_toml_parse(ohc_buf_str(&b), what, &doc, err);
	if (rc == 0)
		rc = ohc_json_array(doc, "registry", what, &list, err);
	if (rc < 0)
		return rc;
	json_array_foreach (list, i, one) {
		rc = add_entry(c, one, path, err);
		if (rc < 0)
			return rc;
	}
	return 0;
}

static int conf_file(const struct dirent *d)
{
	size_t n = strlen(d->d_name);

	return *d->d_name != '.' && n > 5 && strcmp(d->d_name + n - 5, ".conf") == 0;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int read_dir(struct ohc_registries_conf *c, const char *dir, struct ohc_error *err)
{
	struct dirent **names = NULL;
	int n = scandir(dir, &names, conf_file, by_name), rc = 0;

	if (n < 0 && errno != ENOENT)
		return ohc_error_sys(err, "cannot read '%s'", dir);
	for (int i = 0; i < n; i++) {
		ohc_cleanup(ohc_freep) char *path = ohc_xasprintf("%s/%s", dir, names[i]->d_name);

		if (rc == 0)
			rc = read_file(c, path, err);
		free(names[i]);
	}
	free(names);
	return rc;
}

/* A file that cannot be read is an error, because it may block a registry or say where one lies. */
static int read_both(struct ohc_registries_conf *c, const char *file, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *dir = ohc_xasprintf("%s.d", file);
	int rc = read_file(c, file, err);

	return rc == 0 || rc == -OHC_E_NOT_FOUND ? read_dir(c, dir, err) : rc;
}

static bool is_there(const char *file)
{
	ohc_cleanup(ohc_freep) char *dir = ohc_xasprintf("%s.d", file);

	return access(file, F_OK) == 0 || access(dir, F_OK) == 0;
}

static int load(struct ohc_registries_conf *c, struct ohc_error *err)
{
	const char *named = getenv("CONTAINERS_REGISTRIES_CONF");
	ohc_cleanup(ohc_freep) char *user = ohc_user_config("containers/registries.conf");

	if (named && *named)
		return read_file(c, named, err);
	return read_both(c, user && is_there(user) ? user : "/etc/containers/registries.conf", err);
}

/* How many characters of "host/repo" the prefix covers; 0: none.  "*.example.com" covers hosts
 * below. */
static size_t covers(const char *prefix, const char *host, const char *name)
{
	size_t n = strlen(prefix), h = strlen(host);

	if (strncmp(prefix, "*.", 2) == 0)
		return h >= n && strcmp(host + h - (n - 1), prefix + 1) == 0 ? h : 0;
	if (strncmp(name, prefix, n) != 0)
		return 0;
	return name[n] == '/' || name[n] == '\0' ? n : 0;
}

static const struct conf_entry *find(const struct ohc_registries_conf *c, const char *host,
				     const char *name, size_t *ret_covered)
{
	const struct conf_entry *best = NULL;
	size_t most = 0, longest = 0;

	for (size_t i = 0; i < c->n; i++) {
		size_t n = covers(c->entries[i].prefix, host, name);
		size_t len = strlen(c->entries[i].prefix);

		if (n && len > longest) {
			longest = len;
			most = n;
			best = &c->entries[i];
		}
	}
	*ret_covered = most;
	return best;
}

int ohc_registries_conf_location_parse(const char *location, const char *rest, const char *what,
				       struct ohc_registries_conf_location *ret,
				       struct ohc_error *err)
{
	ohc_cleanup(ohc_name_clear) struct ohc_name name = { 0 };
	ohc_cleanup(ohc_freep) char *text = NULL, *shown = NULL;
	const char *host = location, *scheme = NULL;
	size_t n;
	int rc;

	if (strncmp(host, "https://", 8) == 0)
		scheme = "https";
	else if (strncmp(host, "http://", 7) == 0)
		scheme = "http";
	if (scheme)
		host += strlen(scheme) + 3;
	n = strlen(host);
	while (n && host[n - 1] == '/')
		n--;
	while (*rest == '/')
		rest++;
	text = ohc_xasprintf("%.*s/%s", (int)n, host, rest);
	rc = ohc_name_parse(text, &name, err);
	if (rc < 0) {
		shown = ohc_url_public(location);
		return ohc_error_wrap(err, rc, "%s: '%s' is no location", what, shown);
	}
	*ret = (struct ohc_registries_conf_location){
		.host = ohc_take(name.host),
		.repo = ohc_take(name.repo),
		.scheme = scheme ? ohc_xstrdup(scheme) : NULL,
		.by_tag = true,
		.by_digest = true,
	};
	return 0;
}

static bool is_true(const json_t *obj, const char *key)
{
	return json_is_true(json_object_get(obj, key));
}

static int add_mirror(const json_t *m, bool digest_only, const char *rest, const char *what,
		      struct ohc_registries_conf_answer *a, struct ohc_error *err)
{
	const char *location = NULL, *pull = NULL;
	struct ohc_registries_conf_location *p = &a->mirrors[a->n_mirrors];
	int rc = json_is_object(m) ? 0 : ohc_error_set(err, OHC_E_FORMAT, "%s is no table", what);

	if (rc == 0)
		rc = ohc_json_string(m, "location", what, &location, err);
	if (rc == 0)
		rc = ohc_json_string(m, "pull-from-mirror", what, &pull, err);
	if (rc == 0 && !location)
		rc = ohc_error_set(err, OHC_E_FORMAT, "%s has no location", what);
	if (rc == 0)
		rc = ohc_registries_conf_location_parse(location, rest, what, p, err);
	if (rc < 0)
		return rc;
	p->insecure = is_true(m, "insecure");
	p->by_tag = !digest_only && !(pull && strcmp(pull, "digest-only") == 0);
	p->by_digest = !(pull && strcmp(pull, "tag-only") == 0);
	a->n_mirrors++;
	return 0;
}

static int answer(const struct conf_entry *e, const char *name, size_t covered,
		  struct ohc_registries_conf_answer *a, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *what =
		ohc_xasprintf("'%s', registry '%s'", e->file, e->prefix);
	json_t *mirrors = NULL, *m;
	const char *location = NULL;
	size_t i;
	int rc = ohc_json_string(e->doc, "location", what, &location, err);

	if (rc == 0)
		rc = ohc_json_array(e->doc, "mirror", what, &mirrors, err);
	if (rc < 0)
		return rc;
	if (is_true(e->doc, "blocked"))
		a->blocked_by = ohc_xstrdup(e->file);
	a->mirrors = ohc_xcalloc(MIRRORS_MAX, sizeof(*a->mirrors));
	json_array_foreach (mirrors, i, m) {
		if (i == MIRRORS_MAX)
			return ohc_error_set(err, OHC_E_FORMAT, "%s has more than %d mirrors", what,
					     MIRRORS_MAX);
		rc = add_mirror(m, is_true(e->doc, "mirror-by-digest-only"), name + covered, what,
				a, err);
		if (rc < 0)
			return rc;
	}
	if (location && *location && strcmp(location, e->prefix) != 0) {
		a->relocated = true;
		rc = ohc_registries_conf_location_parse(location, name + covered, what, &a->origin,
							err);
	}
	a->origin.insecure = is_true(e->doc, "insecure");
	return rc;
}

int ohc_registries_conf_ask(struct ohc_registries_conf *c, const char *host, const char *repo,
			    struct ohc_registries_conf_answer *ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *name = ohc_xasprintf("%s/%s", host, repo);
	struct ohc_registries_conf_answer a = { .n_mirrors = 0 };
	const struct conf_entry *e;
	size_t covered;
	int rc = 0;

	pthread_mutex_lock(&c->lock);
	if (!c->loaded)
		rc = load(c, err);
	c->loaded = rc == 0;
	e = rc == 0 ? find(c, host, name, &covered) : NULL;
	if (e)
		rc = answer(e, name, covered, &a, err);
	pthread_mutex_unlock(&c->lock);
	if (rc < 0) {
		ohc_registries_conf_answer_clear(&a);
		return rc;
	}
	if (!a.relocated) {
		a.origin.host = ohc_xstrdup(host);
		a.origin.repo = ohc_xstrdup(repo);
		a.origin.by_tag = a.origin.by_digest = true;
	}
	*ret = a;
	return 0;
}
