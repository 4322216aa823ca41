// SPDX-License-Identifier: Apache-2.0
#include "layout/profiles/profile.h"

#include <pthread.h>
#include <string.h>

#include "core/file.h"
#include "core/path.h"
#include "layout/account/account.h"
#include "oci/documents/json_members.h"
#include "layout/profiles/builtin.h"
#include "oci/config/config.h"

#define PROFILE_MAX (1u << 20)

static int read_links(struct ohc_reader *r, json_t *v, const char *path, void *to)
{
	struct ohc_profile *p = r->base;
	const char *key;
	json_t *target;

	(void)to;
	if (!json_is_object(v))
		return ohc_json_member_wrong(r, path, "is not an object of paths");
	p->links = ohc_xcalloc(json_object_size(v), sizeof(*p->links));
	json_object_foreach (v, key, target) {
		if (!ohc_path_is_normal(key) || !key[1] || !json_is_string(target) ||
		    !ohc_path_is_normal(json_string_value(target)))
			return ohc_json_member_wrong(
				r, path, "has a path that is not absolute, or is not normal");
		p->links[p->n_links].path = ohc_xstrdup(key);
		p->links[p->n_links++].target = ohc_xstrdup(json_string_value(target));
	}
	return 0;
}

static int read_mode(struct ohc_reader *r, json_t *v, const char *path, void *to)
{
	const char *text = json_string_value(v);
	size_t n = text ? strspn(text, "01234567") : 0;

	if (n < 3 || n > 4 || text[n])
		return ohc_json_member_wrong(r, path, "is no mode, like \"0644\"");
	*(unsigned int *)to = (unsigned int)strtoul(text, NULL, 8);
	return 0;
}

#define AT(field) offsetof(struct ohc_profile_file, field)

static int read_file(struct ohc_reader *r, const char *key, json_t *v, struct ohc_profile_file *f)
{
	static const struct ohc_json_member members[] = {
		{ "content", ohc_json_member_text, AT(content) },
		{ "link", ohc_json_member_path, AT(link) },
		{ "mode", read_mode, AT(mode) },
		{ "replace", ohc_json_member_bool, AT(replace) },
		{ "if", ohc_json_member_path, AT(when) },
	};
	struct ohc_reader mine = *r;
	int rc;

	f->path = ohc_xstrdup(key);
	f->mode = 0644;
	mine.base = f;
	rc = ohc_json_members_read(&mine, v, "files", members, OHC_ARRAY_SIZE(members));
	if (rc == 0 && !f->content == !f->link)
		return ohc_json_member_wrong(
			r, "'files'", "has a file without \"content\" or \"link\", or with both");
	if (rc == 0 && f->link && f->replace)
		return ohc_json_member_wrong(r, "'files'", "has a \"link\" with \"replace\"");
	return rc;
}

#undef AT

static int read_files(struct ohc_reader *r, json_t *v, const char *path, void *to)
{
	struct ohc_profile *p = r->base;
	const char *key;
	json_t *file;
	int rc = 0;

	(void)to;
	if (!json_is_object(v))
		return ohc_json_member_wrong(r, path, "is not an object of paths");
	p->files = ohc_xcalloc(json_object_size(v), sizeof(*p->files));
	json_object_foreach (v, key, file) {
		if (!ohc_path_is_normal(key) || !key[1] || !json_is_object(file))
			return ohc_json_member_wrong(r, path,
						     "has a path that is not absolute, or is not "
						     "normal, or what is no object");
		rc = read_file(r, key, file, &p->files[p->n_files++]);
		if (rc < 0)
			return rc;
	}
	return 0;
}

#define AT(field) offsetof(struct ohc_profile, field)

static int read_account(struct ohc_reader *r, json_t *v, const char *path, void *to)
{
	static const struct ohc_json_member members[] = {
		{ "name", ohc_json_member_text, AT(account.name) },
		{ "uid", ohc_json_member_id, AT(account.uid) },
		{ "gid", ohc_json_member_id, AT(account.gid) },
		{ "home", ohc_json_member_path, AT(account.home) },
		{ "shell", ohc_json_member_path, AT(account.shell) },
	};
	struct ohc_account *a = to;
	int rc;

	(void)path;
	rc = ohc_json_members_read(r, v, "account", members, OHC_ARRAY_SIZE(members));
	if (rc < 0)
		return rc;
	if (!a->name || !ohc_account_is_name(a->name))
		return ohc_json_member_wrong(
			r, "'account.name'",
			"is missing, or no account's name: " OHC_ACCOUNT_NAME_RULE);
	if (!json_is_integer(json_object_get(v, "uid")))
		return ohc_json_member_wrong(r, "'account.uid'", "is missing");
	if (!json_is_integer(json_object_get(v, "gid")))
		a->gid = a->uid;
	if (!a->home)
		a->home = ohc_xasprintf("/home/%s", a->name);
	if (!ohc_account_is_path(a->home))
		return ohc_json_member_wrong(r, "'account.home'",
					     "cannot be written in /etc/passwd");
	if (a->shell && !ohc_account_is_path(a->shell))
		return ohc_json_member_wrong(r, "'account.shell'",
					     "cannot be written in /etc/passwd");
	return 0;
}

static int read_config(struct ohc_reader *r, json_t *v, const char *path, void *to)
{
	static const struct ohc_json_member members[] = {
		{ "env", ohc_json_member_assignments, AT(env) },
		{ "unset_env", ohc_json_member_texts, AT(unset_env) },
		{ "user", ohc_json_member_text, AT(user) },
		{ "workdir", ohc_json_member_text, AT(workdir) },
		{ "entrypoint", ohc_json_member_command, AT(entrypoint) },
		{ "cmd", ohc_json_member_command, AT(cmd) },
		{ "expose", ohc_json_member_texts, AT(expose) },
		{ "volumes", ohc_json_member_texts, AT(volumes) },
		{ "labels", ohc_json_member_assignments, AT(labels) },
		{ "stop_signal", ohc_json_member_text, AT(stop_signal) },
	};

	(void)path, (void)to;
	return ohc_json_members_read(r, v, "config", members, OHC_ARRAY_SIZE(members));
}

static int check_whole(const struct ohc_reader *r)
{
	const struct ohc_profile *p = r->base;
	size_t n = p->prefix ? strlen(p->prefix) : 0;

	if (!p->name || !*p->name)
		return ohc_json_member_wrong(r, "'name'", "is missing");
	if (n == 1)
		return ohc_json_member_wrong(r, "'prefix'",
					     "is '/': a payload has a directory of its own");
	return 0;
}

/* Applies the profile to an empty config, because the functions that edit configs know the rules
 * for values. */
static int try_out(const struct ohc_reader *r)
{
	static const struct ohc_platform platform = { .os = "linux", .arch = "amd64" };
	ohc_cleanup(ohc_json_decref) json_t *config = ohc_config_new(&platform);
	int rc = ohc_profile_apply(r->base, config, NULL, r->err);

	if (rc == 0)
		return 0;
	if (r->err)
		r->err->code = OHC_E_FORMAT;
	return ohc_error_wrap(r->err, -OHC_E_FORMAT, "%s", r->what);
}

static int parse(const char *text, size_t n, const char *what, struct ohc_profile *ret,
		 struct ohc_error *err)
{
	static const struct ohc_json_member members[] = {
		{ "name", ohc_json_member_text, AT(name) },
		{ "prefix", ohc_json_member_path, AT(prefix) },
		{ "account", read_account, AT(account) },
		{ "workspace", ohc_json_member_paths, AT(workspace) },
		{ "links", read_links, AT(links) },
		{ "files", read_files, AT(files) },
		{ "shell", ohc_json_member_bool, AT(shell) },
		{ "certificates", ohc_json_member_bool, AT(certificates) },
		{ "config", read_config, 0 },
	};
	ohc_cleanup(ohc_profile_clear) struct ohc_profile p = { .name = NULL };
	ohc_cleanup(ohc_json_decref) json_t *doc = NULL;
	struct ohc_reader r = { .base = &p, .what = what, .err = err };
	int rc = ohc_json_parse(text, n, what, &doc, err);

	if (rc == 0)
		rc = ohc_json_members_read(&r, doc, "", members, OHC_ARRAY_SIZE(members));
	if (rc == 0)
		rc = check_whole(&r);
	if (rc == 0)
		rc = try_out(&r);
	if (rc < 0)
		return rc;
	p.content = ohc_json_text(doc);
	*ret = p;
	memset(&p, 0, sizeof(p));
	return 0;
}

int ohc_profile_parse(const char *content, const char *what, struct ohc_profile *ret,
		      struct ohc_error *err)
{
	return parse(content, strlen(content), what, ret, err);
}

bool ohc_profile_is_built_in(const char *name)
{
	size_t n;

	return ohc_profile_text(name, &n) != NULL;
}

bool ohc_profile_is_file(const char *spec)
{
	return strchr(spec, '/') || ohc_path_ends_in(spec, ".json") || strcmp(spec, "-") == 0;
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

/* Built-in profiles that were loaded stay, for a bake wants one for each image. */
struct carried {
	struct carried *next;
	const char *text;
	struct ohc_profile profile;
};

static int carry(const char *text, size_t n, const char *what, struct carried **list,
		 struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) struct carried *c = ohc_xcalloc(1, sizeof(*c));
	int rc = parse(text, n, what, &c->profile, err);

	if (rc < 0)
		return rc;
	c->text = text;
	c->profile.built_in = true;
	c->next = *list;
	*list = ohc_take(c);
	return 0;
}

static int load_built_in(const char *text, size_t n, const char *what, struct ohc_profile *ret,
			 struct ohc_error *err)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	static struct carried *list;
	const struct carried *c;
	int rc = 0;

	pthread_mutex_lock(&lock);
	for (c = list; c && c->text != text; c = c->next)
		;
	if (!c) {
		rc = carry(text, n, what, &list, err);
		c = list;
	}
	if (rc == 0)
		*ret = c->profile;
	pthread_mutex_unlock(&lock);
	return rc;
}

int ohc_profile_load(const char *spec, struct ohc_profile *ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf bytes = OHC_BUF_INIT;
	ohc_cleanup(ohc_freep) char *what = ohc_xasprintf("profile '%s'", spec);
	const char *text;
	size_t n;
	int rc;

	if (ohc_profile_is_file(spec)) {
		rc = ohc_file_read(spec, PROFILE_MAX, &bytes, err);
		if (rc < 0)
			return ohc_error_wrap(err, rc, "profile");
		return parse(ohc_buf_str(&bytes), bytes.len, what, ret, err);
	}
	text = ohc_profile_text(spec, &n);
	return text ? load_built_in(text, n, what, ret, err) : unknown(spec, err);
}

void ohc_profile_clear(struct ohc_profile *p)
{
	char *texts[] = { p->name,          p->prefix, p->account.name, p->account.home,
			  p->account.shell, p->user,   p->workdir,      p->stop_signal,
			  p->entrypoint,    p->cmd,    p->content };

	if (p->built_in) {
		memset(p, 0, sizeof(*p));
		return;
	}
	for (size_t i = 0; i < OHC_ARRAY_SIZE(texts); i++)
		free(texts[i]);
	for (size_t i = 0; i < p->n_links; i++) {
		free(p->links[i].path);
		free(p->links[i].target);
	}
	free(p->links);
	for (size_t i = 0; i < p->n_files; i++) {
		free(p->files[i].path);
		free(p->files[i].content);
		free(p->files[i].link);
		free(p->files[i].when);
	}
	free(p->files);
	ohc_strv_clear(&p->workspace);
	ohc_strv_clear(&p->env);
	ohc_strv_clear(&p->unset_env);
	ohc_strv_clear(&p->expose);
	ohc_strv_clear(&p->volumes);
	ohc_strv_clear(&p->labels);
	memset(p, 0, sizeof(*p));
}
