// SPDX-License-Identifier: Apache-2.0
#include "registry/authfile.h"

#include <string.h>

#include "core/file.h"
#include "core/base64.h"
#include "registry/token.h"

int ohc_authfile_parse(const char *text, size_t n, const char *what, json_t **ret,
		       struct ohc_error *err)
{
	if (strspn(text, " \t\r\n") == n) { /* a dummy to point at, never written */
		*ret = NULL;
		return 0;
	}
	return ohc_json_parse_secret(text, n, what, ret, err);
}

int ohc_authfile_load(const char *path, bool must_exist, json_t **ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf b = OHC_BUF_INIT;
	ohc_cleanup(ohc_freep) char *what = ohc_xasprintf("'%s'", path);
	int rc = ohc_file_read(path, OHC_AUTHFILE_MAX, &b, err);

	if (rc == -OHC_E_NOT_FOUND && !must_exist) {
		*ret = NULL;
		return 0;
	}
	return rc < 0 ? rc : ohc_authfile_parse(ohc_buf_str(&b), b.len, what, ret, err);
}

static const char *const hub_names[] = { "docker.io", "index.docker.io", "registry-1.docker.io" };

static bool is_hub(const char *host, size_t n)
{
	for (size_t i = 0; i < OHC_ARRAY_SIZE(hub_names); i++)
		if (strlen(hub_names[i]) == n && strncmp(host, hub_names[i], n) == 0)
			return true;
	return false;
}

const char *ohc_authfile_key(const char *registry)
{
	return is_hub(registry, strlen(registry)) ? OHC_HUB_KEY : registry;
}

/* How well the key matches: 0 not at all, 1 the host, more for each part of the path. */
static size_t covers(const char *key, const char *registry, const char *repo)
{
	const char *host = key, *path;
	size_t n, len = strlen(registry);
	bool url = true;

	if (strncmp(key, "https://", 8) == 0)
		host += 8;
	else if (strncmp(key, "http://", 7) == 0)
		host += 7;
	else
		url = false;
	n = strcspn(host, "/");
	if (!(n == len && strncmp(host, registry, n) == 0) &&
	    !(is_hub(host, n) && is_hub(registry, len)))
		return 0;
	path = host + n + (host[n] == '/');
	if (url || !*path || (is_hub(host, n) && strcmp(path, "v1/") == 0))
		return 1;
	len = strlen(path);
	while (len && path[len - 1] == '/')
		len--;
	if (!repo || strncmp(repo, path, len) != 0 || (repo[len] != '/' && repo[len] != '\0'))
		return 0;
	return 1 + len;
}

json_t *ohc_authfile_match(const json_t *member, const char *registry, const char *repo,
			   const char **ret_key)
{
	json_t *best = NULL, *v;
	const char *key;
	size_t most = 0;

	json_object_foreach ((json_t *)member, key, v) {
		size_t n = covers(key, registry, repo);

		/* Of keys with the same meaning, the one that we would write is best. */
		if (n > most || (n && n == most && strcmp(key, ohc_authfile_key(registry)) == 0)) {
			most = n;
			best = v;
			*ret_key = key;
		}
	}
	return best;
}

/* Frees what may be a secret. */
static void wipe(char *text)
{
	if (text)
		explicit_bzero(text, strlen(text));
	free(text);
}

static int decode(const char *auth, const char *what, struct ohc_credentials *ret,
		  struct ohc_error *err)
{
	char *text = ohc_base64_decode(auth, NULL);
	char *colon = text ? strchr(text, ':') : NULL;

	if (!colon) {
		wipe(text);
		return ohc_error_set(err, OHC_E_FORMAT,
				     "%s: 'auth' is not the base64 of user:password", what);
	}
	*colon = '\0';
	ret->user = ohc_xstrdup(text);
	ret->password = ohc_xstrdup(colon + 1);
	explicit_bzero(colon + 1, strlen(colon + 1));
	free(text);
	return 0;
}

int ohc_authfile_entry(const json_t *entry, const char *path, const char *key,
		       struct ohc_credentials *ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *what = ohc_xasprintf("'%s', auths of '%s'", path, key);
	ohc_cleanup(ohc_credentials_clear) struct ohc_credentials c = OHC_CREDENTIALS_INIT;
	const char *auth = NULL, *user = NULL, *pass = NULL, *identity = NULL, *token = NULL;
	int rc;

	if (!json_is_object(entry))
		return ohc_error_set(err, OHC_E_FORMAT, "%s is not an object", what);
	rc = ohc_json_string(entry, "auth", what, &auth, err);
	if (rc == 0)
		rc = ohc_json_string(entry, "username", what, &user, err);
	if (rc == 0)
		rc = ohc_json_string(entry, "password", what, &pass, err);
	if (rc == 0)
		rc = ohc_json_string(entry, "identitytoken", what, &identity, err);
	if (rc == 0)
		rc = ohc_json_string(entry, "registrytoken", what, &token, err);
	if (rc == 0 && auth && *auth)
		rc = decode(auth, what, &c, err);
	if (rc == 0 && token && *token && !ohc_token_usable(token))
		rc = ohc_error_set(err, OHC_E_FORMAT, "%s: 'registrytoken' is no token", what);
	if (rc < 0)
		return rc;
	if (!c.user && user && *user) {
		c.user = ohc_xstrdup(user);
		c.password = ohc_xstrdup(pass ? pass : "");
	}
	if (identity && *identity)
		c.identity_token = ohc_xstrdup(identity);
	if (token && *token)
		c.registry_token = ohc_xstrdup(token);
	if (!c.user && !c.identity_token && !c.registry_token)
		return 0;
	c.from = ohc_xasprintf("'%s'", path);
	ohc_credentials_clear(ret);
	*ret = c;
	c = (struct ohc_credentials)OHC_CREDENTIALS_INIT;
	return 0;
}
