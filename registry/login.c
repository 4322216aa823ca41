// SPDX-License-Identifier: Apache-2.0
#include "registry/login.h"

#include <string.h>
#include <strings.h>

#include "core/alloc.h"
#include "core/base64.h"
#include "registry/authfile.h"
#include "registry/authfile_edit.h"
#include "registry/fault.h"
#include "registry/helper.h"
#include "registry/repo.h"
#include "registry/url.h"

void ohc_login_target_clear(struct ohc_login_target *t)
{
	free(t->registry);
	free(t->repo);
	free(t->key);
	memset(t, 0, sizeof(*t));
}

static int no_registry(const char *text, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *shown = ohc_url_public(text);

	return ohc_error_set(
		err, OHC_E_USAGE,
		"'%s' is no registry: a host is wanted, as in registry.example:5000 or "
		"docker.io",
		shown);
}

int ohc_login_target(const char *text, struct ohc_login_target *ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_name_clear) struct ohc_name name = { 0 };
	ohc_cleanup(ohc_freep) char *rest = NULL, *full = NULL;
	const char *host = text;
	bool url = true, hub;
	size_t n;
	char *path;

	if (strncasecmp(host, "https://", 8) == 0)
		host += 8;
	else if (strncasecmp(host, "http://", 7) == 0)
		host += 7;
	else
		url = false;
	n = strlen(host);
	while (n && host[n - 1] == '/')
		n--;
	rest = ohc_xstrndup(host, n);
	path = strchr(rest, '/');
	if (path && url) { /* https://host/v1/ means the host */
		*path = '\0';
		path = NULL;
	}
	full = ohc_xasprintf("%s/x", rest);
	if (ohc_name_parse(full, &name, NULL) < 0 || name.transport != OHC_REGISTRY)
		return no_registry(text, err);
	hub = strcmp(name.host, "docker.io") == 0;
	if (hub && strncmp(rest, "docker.io", 9) != 0 &&
	    strncmp(rest, "index.docker.io", 15) != 0 &&
	    strncmp(rest, "registry-1.docker.io", 20) != 0)
		return no_registry(text, err);
	ret->registry = ohc_xstrdup(name.host);
	ret->repo = path ? ohc_xstrdup(path + 1) : NULL;
	ret->key = path ? ohc_xasprintf("%s%s", name.host, path)
			: ohc_xstrdup(ohc_authfile_key(name.host));
	return 0;
}

/* Tries the credentials with GET /v2/. */
static int try_out(struct ohc_registry *client, const struct ohc_login_target *t, const char *user,
		   struct ohc_error *err)
{
	ohc_cleanup(ohc_request_clear) struct ohc_request rq = OHC_REQUEST_INIT;
	ohc_cleanup(ohc_request_reply_clear) struct ohc_reply re = OHC_REPLY_INIT;
	ohc_cleanup(ohc_freep) char *url = NULL;
	struct ohc_endpoint *e = ohc_registry_endpoint(client, t->registry);
	int rc = ohc_endpoint_ready(e, NULL, err);

	if (rc < 0)
		return rc;
	url = ohc_xasprintf("%s/v2/", e->url);
	ohc_request_init(&rq, "GET", url);
	ohc_endpoint_prepare(e, &rq);
	rq.want.repo = t->repo;
	rc = ohc_request_run(&client->wire, &rq, &re, err);
	if (rc < 0)
		return rc;
	if (re.status == 401 || (re.status == 403 && !ohc_request_reply_is_limit(&re)))
		return ohc_fault_reply_error(
			&re, err, "registry '%s' refused the user name or password of '%s'",
			t->registry, user);
	if (re.status != 200)
		return ohc_fault_reply_error(&re, err, "'%s' does not answer as a registry does",
					     t->registry);
	if (!ohc_auth_asked(e->auth))
		ohc_report_say(
			client->o.report, OHC_WARNING,
			"registry '%s' did not ask for credentials, so they could not be checked",
			t->registry);
	return 0;
}

static char *file_of(const char *authfile)
{
	struct ohc_credentials_options o = { .authfile = authfile };
	ohc_cleanup(ohc_strv_clear) struct ohc_strv files = OHC_STRV_INIT;
	bool named;

	ohc_credentials_files(&o, &files, &named);
	return files.n ? ohc_xstrdup(files.v[0]) : NULL;
}

static int path_of(const char *authfile, char **ret, struct ohc_error *err)
{
	*ret = file_of(authfile);
	if (*ret)
		return 0;
	return ohc_error_set(err, OHC_E_USAGE,
			     "there is no place for credentials: neither --authfile nor HOME is "
			     "set");
}

/* Finds the helper that the file names for this registry; false: none. */
static bool helper_of(const json_t *doc, const char *path, const struct ohc_login_target *t,
		      struct ohc_helper *ret, char **ret_wanted)
{
	json_t *helpers = json_object_get(doc, "credHelpers"), *entry = NULL;
	const char *key, *store = json_string_value(json_object_get(doc, "credsStore"));

	if (json_is_object(helpers))
		entry = ohc_authfile_match(helpers, t->registry, t->repo, &key);
	if (entry && json_is_string(entry))
		store = json_string_value(entry);
	if (!store || !*store)
		return false;
	*ret_wanted = ohc_xasprintf("%s of '%s'", entry ? "credHelpers" : "credsStore", path);
	*ret = (struct ohc_helper){ .name = store, .wanted = *ret_wanted };
	return true;
}

static json_t *entry_of(const char *user, const char *password)
{
	ohc_cleanup(ohc_freep) char *pair = ohc_xasprintf("%s:%s", user, password);
	ohc_cleanup(ohc_freep) char *text = ohc_base64_encode(pair, strlen(pair));
	json_t *entry = json_pack("{s:s}", "auth", text);

	explicit_bzero(pair, strlen(pair));
	explicit_bzero(text, strlen(text));
	return entry;
}

/* An empty entry beside a helper tells docker that someone is logged in there. */
static int add_entry(const char *path, const struct ohc_login_target *t, json_t *entry,
		     struct ohc_report *report, struct ohc_error *err)
{
	ohc_cleanup(ohc_authfile_edit_end) struct ohc_authfile_edit e = OHC_AUTHFILE_EDIT_INIT;
	int rc = ohc_authfile_edit_begin(&e, path, true, report, err);

	if (rc < 0) {
		json_decref(entry);
		return rc;
	}
	json_object_set_new(ohc_json_make_object(e.doc, "auths"), t->key, entry);
	return ohc_authfile_edit_save(&e, err);
}

static int store(const struct ohc_login_target *t, const char *user, const char *password,
		 const char *path, struct ohc_report *report, char **ret_where,
		 struct ohc_error *err)
{
	ohc_cleanup(ohc_json_decref) json_t *doc = NULL;
	ohc_cleanup(ohc_freep) char *wanted = NULL;
	struct ohc_helper h;
	bool helper;
	int rc = ohc_authfile_load(path, false, &doc, err);

	if (rc < 0)
		return rc;
	helper = helper_of(doc, path, t, &h, &wanted);
	if (helper)
		rc = ohc_helper_store(&h, t->key, user, password, err);
	if (rc == 0)
		rc = add_entry(path, t, helper ? json_object() : entry_of(user, password), report,
			       err);
	if (rc == 0)
		*ret_where = helper ? ohc_xasprintf("docker-credential-%s (%s)", h.name, wanted)
				    : ohc_xasprintf("'%s'", path);
	return rc;
}

int ohc_login(struct ohc_registry *client, const struct ohc_login_target *t, const char *user,
	      const char *password, const char *authfile, char **ret_where, struct ohc_error *err)
{
	ohc_cleanup(ohc_json_decref) json_t *doc = NULL;
	ohc_cleanup(ohc_freep) char *path = NULL;
	int rc;

	if (!*user || strchr(user, ':'))
		return ohc_error_set(err, OHC_E_USAGE,
				     "a user name is neither empty nor has it a ':'");
	rc = path_of(authfile, &path, err);
	if (rc == 0)
		rc = ohc_authfile_load(path, false, &doc,
				       err); /* checked before anything is sent */
	if (rc == 0)
		rc = try_out(client, t, user, err);
	return rc < 0 ? rc : store(t, user, password, path, client->o.report, ret_where, err);
}

/* Removes all keys with this meaning: docker.io has several. */
static bool forget(json_t *auths, const struct ohc_login_target *t)
{
	const char *key;
	bool some = false;
	json_t *one;

	for (;;) {
		key = NULL;
		one = ohc_authfile_match(auths, t->registry, t->repo, &key);
		if (!one)
			return some;
		if (t->repo ? strcmp(key, t->key) != 0 : false)
			return some;
		json_object_del(auths, key);
		some = true;
	}
}

static int remove_entry(const char *path, const struct ohc_login_target *t, bool *ret_there,
			struct ohc_report *report, struct ohc_error *err)
{
	ohc_cleanup(ohc_authfile_edit_end) struct ohc_authfile_edit e = OHC_AUTHFILE_EDIT_INIT;
	json_t *auths;
	int rc = ohc_authfile_edit_begin(&e, path, false, report, err);

	if (rc < 0)
		return rc;
	auths = json_object_get(e.doc, "auths");
	*ret_there = json_is_object(auths) && forget(auths, t);
	return *ret_there ? ohc_authfile_edit_save(&e, err) : 0;
}

int ohc_login_erase(const struct ohc_login_target *t, const char *authfile,
		    struct ohc_report *report, char **ret_where, struct ohc_error *err)
{
	ohc_cleanup(ohc_json_decref) json_t *doc = NULL;
	ohc_cleanup(ohc_freep) char *path = NULL, *wanted = NULL;
	struct ohc_helper h;
	bool helper = false, there = false;
	int rc = path_of(authfile, &path, err);

	if (rc == 0)
		rc = ohc_authfile_load(path, false, &doc, err);
	if (rc < 0)
		return rc;
	helper = helper_of(doc, path, t, &h, &wanted);
	if (helper)
		rc = ohc_helper_erase(&h, t->key, err);
	if (rc == 0)
		rc = remove_entry(path, t, &there, report, err);
	if (rc == 0)
		*ret_where = there || helper ? ohc_xasprintf("'%s'", path) : NULL;
	return rc;
}
