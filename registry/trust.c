// SPDX-License-Identifier: Apache-2.0
#include "registry/trust.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/ca_files.h"
#include "core/file.h"
#include "core/path.h"
#include "registry/user_config.h"

#define PEM_MAX (16u << 20)
#define BEGIN   "-----BEGIN CERTIFICATE-----"

struct host {
	struct host *next;
	char *authority;
	bool registry; /* tls.insecure is part of the key, too */
	struct ohc_http_tls tls;
	char *ca, *cert, *key;
};

struct ohc_trust {
	struct ohc_trust_options o;
	pthread_mutex_t lock;
	struct host *hosts;
	struct ohc_buf ca_file; /* empty: not read yet */
	struct ohc_buf system;  /* the same of the system's file */
};

struct ohc_trust *ohc_trust_new(const struct ohc_trust_options *o)
{
	struct ohc_trust *t = ohc_xcalloc(1, sizeof(*t));

	t->o = *o;
	pthread_mutex_init(&t->lock, NULL);
	return t;
}

static void host_free(struct host *h)
{
	if (!h)
		return;
	free(h->authority);
	free(h->ca);
	free(h->cert);
	free(h->key);
	free(h);
}

OHC_DEFINE_CLEANUP(struct host, host_free)

void ohc_trust_free(struct ohc_trust *t)
{
	if (!t)
		return;
	while (t->hosts) {
		struct host *h = t->hosts;

		t->hosts = h->next;
		host_free(h);
	}
	ohc_buf_clear(&t->ca_file);
	ohc_buf_clear(&t->system);
	pthread_mutex_destroy(&t->lock);
	free(t);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int add_entry(struct host *h, struct ohc_buf *pem, const char *dir, const char *name,
		     struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *path = ohc_xasprintf("%s/%s", dir, name);
	int rc;

	if (ohc_path_ends_in(name, ".crt")) {
		rc = ohc_file_read(path, PEM_MAX, pem, err);
		ohc_buf_addc(pem, '\n');
		return rc;
	}
	if (!ohc_path_ends_in(name, ".cert") || h->cert)
		return 0;
	h->key = ohc_xasprintf("%.*s.key", (int)(strlen(path) - 5), path);
	if (access(h->key, R_OK) < 0) {
		rc = ohc_error_sys(err, "cannot read '%s', the key of '%s'", h->key, path);
		return rc;
	}
	h->cert = ohc_take(path);
	return 0;
}

/* Of several directories the first that is there counts, as podman does it; one that may not be
 * looked into (root's, for everybody else) is skipped. */
static int read_certs_d(struct host *h, const char *dir, struct ohc_buf *pem, bool *ret_found,
			struct ohc_error *err)
{
	struct dirent **entries = NULL;
	int n = scandir(dir, &entries, NULL, by_name), rc = 0;

	if (n < 0) {
		if (errno == ENOENT || errno == ENOTDIR || errno == EACCES)
			return 0;
		return ohc_error_sys(err, "cannot read '%s'", dir);
	}
	*ret_found = true;
	for (int i = 0; i < n; i++) {
		if (rc == 0)
			rc = add_entry(h, pem, dir, entries[i]->d_name, err);
		free(entries[i]);
	}
	free(entries);
	return rc;
}

static int find_certs_d(struct host *h, struct ohc_buf *pem, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *user = ohc_user_config("containers/certs.d");
	const char *roots[] = { user, "/etc/containers/certs.d", "/etc/docker/certs.d" };
	bool found = false;
	int rc = 0;

	for (size_t i = 0; i < OHC_ARRAY_SIZE(roots) && rc == 0 && !found; i++) {
		ohc_cleanup(ohc_freep) char *dir = NULL;

		if (!roots[i])
			continue;
		dir = ohc_xasprintf("%s/%s", roots[i], h->authority);
		rc = read_certs_d(h, dir, pem, &found, err);
	}
	return rc;
}

/* The hashed names in such a directory are links to files beside them, and are skipped. */
static bool is_link_beside(const char *path)
{
	char text[PATH_MAX];
	ssize_t n = readlink(path, text, sizeof(text));

	return n > 0 && !memchr(text, '/', (size_t)n);
}

/* Leaves out files that are no certificate or cannot be read, as Go and OpenSSL do. */
static void read_system_dir(const char *dir, struct ohc_buf *pem)
{
	struct dirent **entries = NULL;
	int n = scandir(dir, &entries, NULL, by_name);

	for (int i = 0; i < n; i++) {
		ohc_cleanup(ohc_freep) char *path = ohc_xasprintf("%s/%s", dir, entries[i]->d_name);
		ohc_cleanup(ohc_buf_clear) struct ohc_buf one = OHC_BUF_INIT;

		if (!is_link_beside(path) && ohc_file_read(path, PEM_MAX, &one, NULL) == 0 &&
		    strstr(ohc_buf_str(&one), BEGIN)) {
			ohc_buf_add(pem, one.data, one.len);
			ohc_buf_addc(pem, '\n');
		}
		free(entries[i]);
	}
	free(entries);
}

/* SSL_CERT_DIR, a list with colons between, instead of the system's directory. */
static bool read_system_dirs(struct ohc_buf *pem)
{
	const char *list = getenv("SSL_CERT_DIR");
	ohc_cleanup(ohc_freep) char *copy = ohc_xstrdup(list ? list : "");
	char *rest = copy, *dir;

	while ((dir = strsep(&rest, ":")))
		if (*dir)
			read_system_dir(dir, pem);
	return list && *list;
}

static const char *const ca_files[] = { OHC_CA_FILES(OHC_LIST_AS_IS, OHC_LIST_COMMA) };

static bool is_readable(const char *path)
{
	return path && *path && access(path, R_OK) == 0;
}

/* The user's choice, the one that libcurl was built for, or one that a system of some kind has. */
static const char *system_file(void)
{
	const char *first[] = { getenv("SSL_CERT_FILE"), ohc_http_own_ca_file() };

	for (size_t i = 0; i < OHC_ARRAY_SIZE(first); i++)
		if (is_readable(first[i]))
			return first[i];
	for (size_t i = 0; i < OHC_ARRAY_SIZE(ca_files); i++)
		if (is_readable(ca_files[i]))
			return ca_files[i];
	return NULL;
}

/* Adds a file that all hosts share; it is read once. */
static int add_shared(const char *path, struct ohc_buf *text, struct ohc_buf *pem,
		      struct ohc_error *err)
{
	int rc = text->len ? 0 : ohc_file_read(path, PEM_MAX, text, err);

	if (rc < 0)
		return rc;
	ohc_buf_add(pem, text->data, text->len);
	ohc_buf_addc(pem, '\n');
	return 0;
}

static int add_ca_file(struct ohc_trust *t, struct ohc_buf *pem, struct ohc_error *err)
{
	int rc;

	if (!t->o.ca_file)
		return 0;
	rc = add_shared(t->o.ca_file, &t->ca_file, pem, err);
	if (rc == 0 && !strstr(ohc_buf_str(pem), BEGIN))
		rc = ohc_error_set(err, OHC_E_USAGE,
				   "--ca-file '%s' holds no certificate in PEM form", t->o.ca_file);
	return rc;
}

static int load(struct ohc_trust *t, struct host *h, struct ohc_error *err)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf pem = OHC_BUF_INIT;
	int rc = add_ca_file(t, &pem, err);

	if (rc == 0)
		rc = find_certs_d(h, &pem, err);
	if (rc < 0)
		return rc;
	h->tls.no_system_dir = !h->tls.insecure && read_system_dirs(&pem);
	h->tls.system = system_file();
	/* To trust more than the system does, all is given as one text: that replaces the file. */
	if ((pem.len || h->tls.no_system_dir) && !h->tls.insecure) {
		if (h->tls.system)
			rc = add_shared(h->tls.system, &t->system, &pem, err);
		if (rc < 0)
			return rc;
		ohc_buf_addc(&pem, '\n');
		h->ca = ohc_buf_detach(&pem);
	}
	h->tls.ca = h->ca;
	h->tls.cert_file = h->cert;
	h->tls.key_file = h->key;
	if (h->registry && t->o.cert_file) {
		h->tls.cert_file = t->o.cert_file;
		h->tls.key_file = t->o.key_file ? t->o.key_file : t->o.cert_file;
	}
	return 0;
}

static int find(struct ohc_trust *t, const char *authority, bool registry, bool insecure,
		struct host **ret, struct ohc_error *err)
{
	ohc_cleanup(host_freep) struct host *h = NULL;
	int rc;

	for (struct host *p = t->hosts; p; p = p->next)
		if (strcmp(p->authority, authority) == 0 && p->registry == registry &&
		    p->tls.insecure == insecure) {
			*ret = p;
			return 0;
		}
	h = ohc_xcalloc(1, sizeof(*h));
	h->authority = ohc_xstrdup(authority);
	h->registry = registry;
	h->tls.insecure = insecure;
	rc = load(t, h, err);
	if (rc < 0)
		return rc;
	h->next = t->hosts;
	*ret = t->hosts = ohc_take(h);
	return 0;
}

int ohc_trust_for(struct ohc_trust *t, const char *authority, bool registry, bool insecure,
		  const struct ohc_http_tls **ret, struct ohc_error *err)
{
	struct host *h = NULL;
	int rc;

	pthread_mutex_lock(&t->lock);
	rc = find(t, authority, registry, insecure, &h, err);
	pthread_mutex_unlock(&t->lock);
	if (rc == 0)
		*ret = &h->tls;
	return rc;
}
