// SPDX-License-Identifier: Apache-2.0
/*
 * Reading profiles.  Each member has a reader in a table; a reader names its member with the path
 * that leads to it ("config.env.PATH"), which is what a message shows.
 */
#include "layout/profile.h"

#include <string.h>

#include "core/file.h"
#include "layout/profiles.h"
#include "oci/config.h"

#define PROFILE_MAX (1u << 20)
#define NAME_MAX_   32 /* useradd's limit */

struct reader {
	struct ohc_profile *p;
	const char *what; /* "profile 'x.json'" */
	struct ohc_error *err;
};

struct member {
	const char *key;
	int (*read)(struct reader *r, json_t *v, const char *path, void *to);
	size_t offset; /* of what `to` points at, in struct ohc_profile */
};

static int wrong(const struct reader *r, const char *path, const char *why)
{
	return ohc_error_set(r->err, OHC_E_FORMAT, "%s: %s %s", r->what, path, why);
}

/* Reads the members of an object by the table; null is as good as absent. */
static int read_members(struct reader *r, json_t *obj, const char *path,
			const struct member *members, size_t n)
{
	const char *key;
	json_t *v;
	size_t i;

	json_object_foreach (obj, key, v) {
		ohc_cleanup(ohc_freep) char *place =
			ohc_xasprintf("'%s%s%s'", path, *path ? "." : "", key);
		int rc;

		for (i = 0; i < n; i++)
			if (strcmp(members[i].key, key) == 0)
				break;
		if (i == n)
			return wrong(r, place, "is no member of a profile");
		if (json_is_null(v))
			continue;
		rc = members[i].read(r, v, place, (char *)r->p + members[i].offset);
		if (rc < 0)
			return rc;
	}
	return 0;
}

static int read_text(struct reader *r, json_t *v, const char *path, void *to)
{
	char **s = to;

	if (!json_is_string(v))
		return wrong(r, path, "is not a string");
	free(*s);
	*s = ohc_xstrdup(json_string_value(v));
	return 0;
}

static int read_bool(struct reader *r, json_t *v, const char *path, void *to)
{
	if (!json_is_boolean(v))
		return wrong(r, path, "is neither true nor false");
	*(bool *)to = json_is_true(v);
	return 0;
}

static int read_id(struct reader *r, json_t *v, const char *path, void *to)
{
	json_int_t id = json_integer_value(v);

	if (!json_is_integer(v) || id < 0 || id > UINT32_MAX - 1)
		return wrong(r, path, "is not a number from 0 to 4294967294");
	*(uint32_t *)to = (uint32_t)id;
	return 0;
}

static int read_texts(struct reader *r, json_t *v, const char *path, void *to)
{
	json_t *element;
	size_t i;

	if (!json_is_array(v))
		return wrong(r, path, "is not an array of strings");
	json_array_foreach (v, i, element) {
		if (!json_is_string(element))
			return wrong(r, path, "is not an array of strings");
		ohc_strv_add(to, json_string_value(element));
	}
	return 0;
}

/* An object of strings, as KEY=VALUE. */
static int read_assignments(struct reader *r, json_t *v, const char *path, void *to)
{
	const char *key;
	json_t *value;

	if (!json_is_object(v))
		return wrong(r, path, "is not an object of strings");
	json_object_foreach (v, key, value) {
		if (!json_is_string(value))
			return wrong(r, path, "is not an object of strings");
		if (!*key || strchr(key, '='))
			return wrong(r, path, "has a key that is empty or has a '=' in it");
		ohc_strv_take(to, ohc_xasprintf("%s=%s", key, json_string_value(value)));
	}
	return 0;
}

/* Kept as text, for ohc_config_entrypoint() and _cmd(). */
static int read_command(struct reader *r, json_t *v, const char *path, void *to)
{
	ohc_cleanup(ohc_strv_clear) struct ohc_strv elements = OHC_STRV_INIT;
	int rc = read_texts(r, v, path, &elements);

	if (rc == 0)
		*(char **)to = ohc_json_text(v);
	return rc;
}

static bool is_normal(const char *path)
{
	const char *s = path;
	size_t n;

	if (*s != '/')
		return false;
	if (!s[1])
		return true;
	while (*s == '/') {
		n = strcspn(++s, "/");
		if (n == 0 || (n == 1 && *s == '.') || (n == 2 && s[0] == '.' && s[1] == '.'))
			return false;
		s += n;
	}
	return true;
}

static int read_path(struct reader *r, json_t *v, const char *path, void *to)
{
	int rc = read_text(r, v, path, to);

	if (rc == 0 && !is_normal(*(char **)to))
		return wrong(r, path,
			     "is not a path that starts with '/' and has no '.', '..', double or "
			     "trailing '/' in it");
	return rc;
}

static int read_paths(struct reader *r, json_t *v, const char *path, void *to)
{
	struct ohc_strv *list = to;
	int rc = read_texts(r, v, path, to);

	for (size_t i = 0; rc == 0 && i < list->n; i++)
		if (!is_normal(list->v[i]) || !list->v[i][1])
			return wrong(r, path, "has a path that is not absolute, or is not normal");
	return rc;
}

static int read_links(struct reader *r, json_t *v, const char *path, void *to)
{
	struct ohc_profile *p = r->p;
	const char *key;
	json_t *target;

	(void)to;
	if (!json_is_object(v))
		return wrong(r, path, "is not an object of paths");
	p->links = ohc_xcalloc(json_object_size(v), sizeof(*p->links));
	json_object_foreach (v, key, target) {
		if (!is_normal(key) || !key[1] || !json_is_string(target) ||
		    !is_normal(json_string_value(target)))
			return wrong(r, path, "has a path that is not absolute, or is not normal");
		p->links[p->n_links].path = ohc_xstrdup(key);
		p->links[p->n_links++].target = ohc_xstrdup(json_string_value(target));
	}
	return 0;
}

#define AT(field) offsetof(struct ohc_profile, field)

static int read_account(struct reader *r, json_t *v, const char *path, void *to)
{
	static const struct member members[] = {
		{ "name", read_text, AT(account.name) },   { "uid", read_id, AT(account.uid) },
		{ "gid", read_id, AT(account.gid) },       { "home", read_path, AT(account.home) },
		{ "shell", read_path, AT(account.shell) },
	};
	struct ohc_account *a = to;
	int rc;

	if (!json_is_object(v))
		return wrong(r, path, "is not an object");
	rc = read_members(r, v, "account", members, OHC_ARRAY_SIZE(members));
	if (rc < 0)
		return rc;
	if (!a->name || !*a->name || strlen(a->name) > NAME_MAX_ || *a->name == '-' ||
	    strspn(a->name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-") !=
		    strlen(a->name))
		return wrong(r, "'account.name'", "is missing, or no account's name");
	if (!json_is_integer(json_object_get(v, "uid")))
		return wrong(r, "'account.uid'", "is missing");
	if (!json_is_integer(json_object_get(v, "gid")))
		a->gid = a->uid;
	if (!a->home)
		a->home = ohc_xasprintf("/home/%s", a->name);
	return 0;
}

static int read_config(struct reader *r, json_t *v, const char *path, void *to)
{
	static const struct member members[] = {
		{ "env", read_assignments, AT(env) },
		{ "unset_env", read_texts, AT(unset_env) },
		{ "user", read_text, AT(user) },
		{ "workdir", read_text, AT(workdir) },
		{ "entrypoint", read_command, AT(entrypoint) },
		{ "cmd", read_command, AT(cmd) },
		{ "expose", read_texts, AT(expose) },
		{ "volumes", read_texts, AT(volumes) },
		{ "labels", read_assignments, AT(labels) },
		{ "stop_signal", read_text, AT(stop_signal) },
	};

	(void)to;
	if (!json_is_object(v))
		return wrong(r, path, "is not an object");
	return read_members(r, v, "config", members, OHC_ARRAY_SIZE(members));
}

static int check_whole(const struct reader *r)
{
	const struct ohc_profile *p = r->p;
	size_t n = p->prefix ? strlen(p->prefix) : 0;

	if (!p->name || !*p->name)
		return wrong(r, "'name'", "is missing");
	if (n == 1)
		return wrong(r, "'prefix'", "is '/': a payload has a directory of its own");
	for (size_t i = 0; i < p->n_links; i++)
		if (n == 0 || strncmp(p->links[i].target, p->prefix, n) != 0 ||
		    p->links[i].target[n] != '/')
			return wrong(r, "'links'", "has a target that is not under the prefix");
	return 0;
}

/* What the values must be is known where they are put to use, so they are, on a config of no one. */
static int try_out(const struct reader *r)
{
	static const struct ohc_platform platform = { .os = "linux", .arch = "amd64" };
	ohc_cleanup(ohc_json_decref) json_t *config = ohc_config_new(&platform);
	int rc = ohc_profile_apply(r->p, config, NULL, r->err);

	if (rc == 0)
		return 0;
	if (r->err)
		r->err->code = OHC_E_FORMAT;
	return ohc_error_wrap(r->err, -OHC_E_FORMAT, "%s", r->what);
}

static int parse(const char *text, size_t n, const char *what, struct ohc_profile *ret,
		 struct ohc_error *err)
{
	static const struct member members[] = {
		{ "name", read_text, AT(name) },
		{ "prefix", read_path, AT(prefix) },
		{ "account", read_account, AT(account) },
		{ "workspace", read_paths, AT(workspace) },
		{ "links", read_links, AT(links) },
		{ "shell", read_bool, AT(shell) },
		{ "certificates", read_bool, AT(certificates) },
		{ "config", read_config, 0 },
	};
	ohc_cleanup(ohc_profile_clear) struct ohc_profile p = { .name = NULL };
	ohc_cleanup(ohc_json_decref) json_t *doc = NULL;
	struct reader r = { &p, what, err };
	int rc = ohc_json_parse(text, n, what, &doc, err);

	if (rc == 0)
		rc = read_members(&r, doc, "", members, OHC_ARRAY_SIZE(members));
	if (rc == 0)
		rc = check_whole(&r);
	if (rc == 0)
		rc = try_out(&r);
	if (rc < 0)
		return rc;
	*ret = p;
	memset(&p, 0, sizeof(p));
	return 0;
}

static bool is_file(const char *spec)
{
	size_t n = strlen(spec);

	return strchr(spec, '/') || (n > 5 && strcmp(spec + n - 5, ".json") == 0) ||
	       strcmp(spec, "-") == 0;
}

static int unknown(const char *spec, struct ohc_error *err)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf list = OHC_BUF_INIT;

	for (const char *const *name = ohc_profile_names(); *name; name++)
		ohc_buf_addf(&list, "%s%s", list.len ? ", " : "", *name);
	return ohc_error_set(err, OHC_E_USAGE,
			     "unknown profile '%s': there are %s; a file's name ends in .json or "
			     "has a '/' in it",
			     spec, ohc_buf_str(&list));
}

int ohc_profile_load(const char *spec, struct ohc_profile *ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf bytes = OHC_BUF_INIT;
	ohc_cleanup(ohc_freep) char *what = ohc_xasprintf("profile '%s'", spec);
	const char *text;
	size_t n;
	int rc;

	if (is_file(spec)) {
		rc = ohc_read_file(spec, PROFILE_MAX, &bytes, err);
		if (rc < 0)
			return ohc_error_wrap(err, rc, "profile");
		return parse(ohc_buf_str(&bytes), bytes.len, what, ret, err);
	}
	text = ohc_profile_text(spec, &n);
	return text ? parse(text, n, what, ret, err) : unknown(spec, err);
}

void ohc_profile_clear(struct ohc_profile *p)
{
	char *texts[] = { p->name, p->prefix,  p->account.name, p->account.home, p->account.shell,
			  p->user, p->workdir, p->stop_signal,  p->entrypoint,   p->cmd };

	for (size_t i = 0; i < OHC_ARRAY_SIZE(texts); i++)
		free(texts[i]);
	for (size_t i = 0; i < p->n_links; i++) {
		free(p->links[i].path);
		free(p->links[i].target);
	}
	free(p->links);
	ohc_strv_clear(&p->workspace);
	ohc_strv_clear(&p->env);
	ohc_strv_clear(&p->unset_env);
	ohc_strv_clear(&p->expose);
	ohc_strv_clear(&p->volumes);
	ohc_strv_clear(&p->labels);
	memset(p, 0, sizeof(*p));
}
