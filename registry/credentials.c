// SPDX-License-Identifier: Apache-2.0
#include "registry/credentials.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "core/alloc.h"
#include "registry/authfile.h"
#include "registry/helper.h"
#include "registry/user_config.h"

#define ENV "DOCKER_AUTH_CONFIG"
#define RUN "/run/containers/"

/* Frees a secret, and leaves nothing of it in memory. */
static void wipe(char **s)
{
	if (*s)
		explicit_bzero(*s, strlen(*s));
	free(*s);
	*s = NULL;
}

void ohc_credentials_clear(struct ohc_credentials *c)
{
	free(c->user);
	free(c->from);
	c->user = c->from = NULL;
	wipe(&c->password);
	wipe(&c->identity_token);
	wipe(&c->registry_token);
}

static void add_path(struct ohc_strv *ret, const char *dir, const char *rest)
{
	if (dir && *dir)
		ohc_strv_take(ret, ohc_xasprintf("%s/%s", dir, rest));
}

void ohc_credentials_files(const struct ohc_credentials_options *o, struct ohc_strv *ret,
			   bool *ret_named)
{
	const char *env = getenv("REGISTRY_AUTH_FILE"), *docker = getenv("DOCKER_CONFIG");
	const char *run = getenv("XDG_RUNTIME_DIR");
	ohc_cleanup(ohc_freep) char *user = ohc_user_config("containers/auth.json");

	*ret_named = o->authfile != NULL;
	if (o->authfile || (env && *env)) {
		ohc_strv_add(ret, o->authfile ? o->authfile : env);
		return;
	}
	if (docker && *docker)
		add_path(ret, docker, "config.json");
	else
		add_path(ret, getenv("HOME"), ".docker/config.json");
	if (run && *run)
		add_path(ret, run, "containers/auth.json");
	else
		ohc_strv_take(ret, ohc_xasprintf(RUN "%u/auth.json", (unsigned int)getuid()));
	if (user)
		ohc_strv_take(ret, ohc_take(user));
}

/* Reads $DOCKER_AUTH_CONFIG, which has a file's text instead of a file. */
static const char *text_of_env(const struct ohc_credentials_options *o)
{
	const char *file = getenv("REGISTRY_AUTH_FILE"), *text = getenv(ENV);

	return o->authfile || (file && *file) || !text || !*text ? NULL : text;
}

/* The credentials that an entry of a file gave, or why it gave none: a helper that hangs is not run
 * for each image of a thousand. */
struct known_login {
	struct known_login *next;
	char *id; /* file, kind and key */
	struct ohc_credentials c;
	int rc;
	struct ohc_error why;
};

struct file {
	const char *path; /* for messages also where it is no file */
	const char *text; /* its text; NULL: read the file */
	json_t *doc;      /* NULL: not there */
};

struct ohc_credentials_ring {
	pthread_mutex_t lock;
	struct ohc_credentials given;
	struct ohc_strv paths;
	bool named;
	struct file *files;
	size_t n_files, loaded;
	struct known_login *known;
	unsigned int helper_seconds;
};

struct ohc_credentials_ring *ohc_credentials_new(const struct ohc_credentials_options *o)
{
	struct ohc_credentials_ring *k = ohc_xcalloc(1, sizeof(*k));
	const char *path;
	size_t i;

	pthread_mutex_init(&k->lock, NULL);
	if (o->user) {
		k->given.user = ohc_xstrdup(o->user);
		k->given.password = ohc_xstrdup(o->password ? o->password : "");
		k->given.from = ohc_xstrdup(o->from ? o->from : "--creds");
	}
	k->helper_seconds = o->helper_seconds;
	ohc_credentials_files(o, &k->paths, &k->named);
	k->files = ohc_xcalloc(k->paths.n + 1, sizeof(*k->files));
	if (text_of_env(o))
		k->files[k->n_files++] = (struct file){ .path = ENV, .text = text_of_env(o) };
	ohc_strv_foreach (&k->paths, i, path)
		k->files[k->n_files++].path = path;
	return k;
}

void ohc_credentials_free(struct ohc_credentials_ring *k)
{
	if (!k)
		return;
	while (k->known) {
		struct known_login *e = k->known;

		k->known = e->next;
		free(e->id);
		ohc_credentials_clear(&e->c);
		free(e);
	}
	for (size_t i = 0; i < k->loaded; i++)
		json_decref(k->files[i].doc);
	free(k->files);
	ohc_strv_clear(&k->paths);
	ohc_credentials_clear(&k->given);
	pthread_mutex_destroy(&k->lock);
	free(k);
}

/* A system directory that we may not enter counts as empty. */
static bool is_closed(const struct file *f, const struct ohc_error *err)
{
	return err->sys == EACCES && strncmp(f->path, RUN, strlen(RUN)) == 0;
}

static int load_file(struct file *f, bool must_exist, struct ohc_error *err)
{
	struct ohc_error why = OHC_ERROR_INIT;
	int rc;

	if (f->text)
		return ohc_authfile_parse(f->text, strlen(f->text), "'" ENV "'", &f->doc, err);
	rc = ohc_authfile_load(f->path, must_exist, &f->doc, &why);
	return rc < 0 && !is_closed(f, &why) ? ohc_error_copy(err, &why, rc) : 0;
}

static int load(struct ohc_credentials_ring *k, struct ohc_error *err)
{
	int rc = 0;

	while (rc == 0 && k->loaded < k->n_files) {
		rc = load_file(&k->files[k->loaded], k->named, err);
		if (rc == 0)
			k->loaded++;
	}
	return rc;
}

/* An entry of a file, and for whom it is looked up. */
typedef int (*ask_fn)(struct ohc_credentials_ring *k, const struct file *f, const json_t *entry,
		      const char *key, struct ohc_credentials *ret, struct ohc_error *err);

/* Gets the credentials of a file's entry, once. */
static int remember(struct ohc_credentials_ring *k, const struct file *f, const json_t *entry,
		    const char *kind, const char *key, ask_fn ask,
		    const struct ohc_credentials **ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *id = ohc_xasprintf("%s %s %s", f->path, kind, key);
	struct known_login *e = k->known;

	while (e && strcmp(e->id, id) != 0)
		e = e->next;
	if (!e) {
		e = ohc_xcalloc(1, sizeof(*e));
		e->id = ohc_take(id);
		e->c = (struct ohc_credentials)OHC_CREDENTIALS_INIT;
		e->why = (struct ohc_error)OHC_ERROR_INIT;
		e->rc = ask(k, f, entry, key, &e->c, &e->why);
		e->next = k->known;
		k->known = e;
	}
	if (e->rc < 0)
		return ohc_error_copy(err, &e->why, e->rc);
	*ret = e->c.from ? &e->c : NULL;
	return 0;
}

static int ask_helper(struct ohc_credentials_ring *k, const char *name, const char *wanted,
		      const char *key, struct ohc_credentials *ret, struct ohc_error *err)
{
	struct ohc_helper h = { .name = name, .wanted = wanted, .seconds = k->helper_seconds };

	return ohc_helper_get(&h, key, ret, err);
}

static int not_a_helper(const char *wanted, const char *key, struct ohc_error *err)
{
	return ohc_error_set(err, OHC_E_FORMAT, "%s: the entry '%s' is not a string", wanted, key);
}

static int ask_cred_helpers(struct ohc_credentials_ring *k, const struct file *f,
			    const json_t *entry, const char *key, struct ohc_credentials *ret,
			    struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *wanted = ohc_xasprintf("credHelpers of '%s'", f->path);

	if (!json_is_string(entry))
		return not_a_helper(wanted, key, err);
	return ask_helper(k, json_string_value(entry), wanted, key, ret, err);
}

static int ask_creds_store(struct ohc_credentials_ring *k, const struct file *f,
			   const json_t *entry, const char *key, struct ohc_credentials *ret,
			   struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *wanted = ohc_xasprintf("credsStore of '%s'", f->path);

	return ask_helper(k, json_string_value(entry), wanted, key, ret, err);
}

static int ask_auths(struct ohc_credentials_ring *k, const struct file *f, const json_t *entry,
		     const char *key, struct ohc_credentials *ret, struct ohc_error *err)
{
	(void)k;
	return ohc_authfile_entry(entry, f->path, key, ret, err);
}

/* A helper gets a host by the name that docker gives it, and a key with a path as it is written. */
static const char *server_of(const char *registry, const char *key)
{
	return strncmp(key, "http", 4) != 0 && strchr(key, '/') ? key : ohc_authfile_key(registry);
}

/* The members of a file. */
struct members {
	json_t *auths, *helpers;
	const char *store;
};

static int read_members(const struct file *f, struct members *ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *what = ohc_xasprintf("'%s'", f->path);
	int rc = ohc_json_object(f->doc, "auths", what, &ret->auths, err);

	if (rc == 0)
		rc = ohc_json_object(f->doc, "credHelpers", what, &ret->helpers, err);
	return rc < 0 ? rc : ohc_json_string(f->doc, "credsStore", what, &ret->store, err);
}

static int find_in(struct ohc_credentials_ring *k, const struct file *f, const char *registry,
		   const char *repo, const struct ohc_credentials **ret, struct ohc_error *err)
{
	struct members m = { .auths = NULL };
	const char *key = NULL;
	int rc = read_members(f, &m, err);
	json_t *entry = rc == 0 ? ohc_authfile_match(m.helpers, registry, repo, &key) : NULL;

	if (entry)
		rc = remember(k, f, entry, "credHelpers", server_of(registry, key),
			      ask_cred_helpers, ret, err);
	else if (rc == 0 && m.store && *m.store)
		rc = remember(k, f, json_object_get(f->doc, "credsStore"), "credsStore",
			      ohc_authfile_key(registry), ask_creds_store, ret, err);
	if (rc < 0 || *ret)
		return rc;
	entry = ohc_authfile_match(m.auths, registry, repo, &key);
	return entry ? remember(k, f, entry, "auths", key, ask_auths, ret, err) : 0;
}

/* Whatever a helper would say, an entry must be one. */
static int check_in(struct ohc_credentials_ring *k, const struct file *f, const char *registry,
		    const char *repo, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *wanted = ohc_xasprintf("credHelpers of '%s'", f->path);
	const struct ohc_credentials *found = NULL;
	struct members m = { .auths = NULL };
	const char *key = NULL;
	int rc = read_members(f, &m, err);
	json_t *entry = rc == 0 ? ohc_authfile_match(m.helpers, registry, repo, &key) : NULL;

	if (entry && !json_is_string(entry))
		return not_a_helper(wanted, key, err);
	entry = rc == 0 ? ohc_authfile_match(m.auths, registry, repo, &key) : NULL;
	return entry ? remember(k, f, entry, "auths", key, ask_auths, &found, err) : rc;
}

int ohc_credentials_load(struct ohc_credentials_ring *k, struct ohc_error *err)
{
	int rc = 0;

	if (k->given.from)
		return 0;
	pthread_mutex_lock(&k->lock);
	rc = load(k, err);
	pthread_mutex_unlock(&k->lock);
	return rc;
}

int ohc_credentials_check(struct ohc_credentials_ring *k, const char *registry, const char *repo,
			  struct ohc_error *err)
{
	int rc;

	if (k->given.from)
		return 0;
	pthread_mutex_lock(&k->lock);
	rc = load(k, err);
	for (size_t i = 0; i < k->loaded && rc == 0; i++)
		if (k->files[i].doc)
			rc = check_in(k, &k->files[i], registry, repo, err);
	pthread_mutex_unlock(&k->lock);
	return rc;
}

int ohc_credentials_find(struct ohc_credentials_ring *k, const char *registry, const char *repo,
			 const struct ohc_credentials **ret, struct ohc_error *err)
{
	const struct ohc_credentials *found = NULL;
	int rc;

	if (k->given.from) {
		*ret = &k->given;
		return 0;
	}
	pthread_mutex_lock(&k->lock);
	rc = load(k, err);
	for (size_t i = 0; i < k->loaded && rc == 0 && !found; i++)
		if (k->files[i].doc)
			rc = find_in(k, &k->files[i], registry, repo, &found, err);
	pthread_mutex_unlock(&k->lock);
	if (rc == 0)
		*ret = found;
	return rc;
}
