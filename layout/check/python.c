// SPDX-License-Identifier: Apache-2.0
/* Checks the payload's Python trees: missing distributions, stale bytecode. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "layout/check/check_internal.h"
#include "layout/check/tally.h"
#include "layout/layer/pyc.h"
#include "layout/python/site.h"

#define CFG_MAX 4096

struct python_walk {
	const struct ohc_check *c;
	struct ohc_strv sites; /* site-packages and dist-packages directories */
	struct ohc_tally stale;
	size_t bytecode;
};

static int look_at_bytecode(struct python_walk *w, const char *path,
			    const struct ohc_files_node *node, struct ohc_error *err)
{
	ohc_cleanup(ohc_files_place_clear) struct ohc_files_place source = { .path = NULL };
	struct ohc_files_place place = { .found = OHC_FILES_THERE,
					 .path = (char *)path,
					 .node = *node };
	ohc_cleanup(ohc_buf_clear) struct ohc_buf head = OHC_BUF_INIT;
	ohc_cleanup(ohc_freep) char *source_path = ohc_pyc_source(path);
	const char *name = strrchr(path, '/') + 1, *dir = name - strlen("/__pycache__/");
	enum ohc_pyc_state state;
	int rc;

	if (!source_path || dir < path || strncmp(dir, "/__pycache__/", 13) != 0)
		return 0;
	rc = ohc_files_find(w->c->files, source_path, OHC_FILES_FOLLOW, &source, err);
	if (rc < 0 || source.found != OHC_FILES_THERE)
		return rc;
	rc = ohc_files_read(w->c->files, &place, OHC_PYC_HEADER, &head, err);
	/* The header is unknown, unless the file is shorter than it. */
	if (rc <= 0)
		return rc;
	w->bytecode++;
	state = ohc_pyc_state_of(head.data, head.len, source.node.mtime, source.node.size);
	if (state == OHC_PYC_STALE || state == OHC_PYC_DAMAGED)
		ohc_tally_add(&w->stale, path);
	return 0;
}

/* Only an interpreter's: the cache of a package manager has directories with this name, too, with
 * one distribution in each. */
static int add_site(struct python_walk *w, const char *path, struct ohc_error *err)
{
	static const char *const names[] = { "python3", "python" };
	bool found = false;

	for (size_t i = 0; !found && i < OHC_ARRAY_SIZE(names); i++) {
		ohc_cleanup(ohc_files_place_clear) struct ohc_files_place place = { .path = NULL };
		ohc_cleanup(ohc_freep) char *program =
			ohc_xasprintf("%s/../../../bin/%s", path, names[i]);
		int rc = ohc_files_find(w->c->files, program, OHC_FILES_NOFOLLOW, &place, err);

		if (rc < 0)
			return rc;
		found = place.found == OHC_FILES_THERE;
	}
	if (found)
		ohc_strv_add(&w->sites, path);
	return 0;
}

static int look_at(void *ctx, const char *path, const struct ohc_files_node *node,
		   struct ohc_error *err)
{
	struct python_walk *w = ctx;
	const char *name = strrchr(path, '/') + 1;
	size_t n = strlen(name);

	if (S_ISDIR(node->mode) &&
	    (strcmp(name, "site-packages") == 0 || strcmp(name, "dist-packages") == 0))
		return add_site(w, path, err);
	if (S_ISREG(node->mode) && n > 4 && strcmp(name + n - 4, ".pyc") == 0)
		return look_at_bytecode(w, path, node, err);
	return 0;
}

/* "3.12" of "…/lib/python3.12/site-packages"; "" of Debian's "/usr/lib/python3/dist-packages". */
static void read_version(const char *site, struct ohc_python_env *env)
{
	const char *s = strstr(site, "/python");
	size_t n;

	for (const char *next = s; next; next = strstr(next + 1, "/python"))
		s = next;
	s = s ? s + strlen("/python") : "";
	n = strspn(s, "0123456789.");
	if (memchr(s, '.', n))
		snprintf(env->python, sizeof(env->python), "%.*s", (int)n, s);
}

static bool is_key(const char *line, size_t n, const char *key)
{
	while (n && line[n - 1] == ' ')
		n--;
	return strlen(key) == n && strncmp(line, key, n) == 0;
}

/* Reads which interpreter a virtual environment belongs to, and whether that one's packages count,
 * too. */
static int read_venv(const struct ohc_check *c, const char *site, struct ohc_python_env *env,
		     bool *ret_is, bool *ret_system, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *path = ohc_xasprintf("%s/../../../pyvenv.cfg", site);
	ohc_cleanup(ohc_buf_clear) struct ohc_buf text = OHC_BUF_INIT;
	char *line, *rest = NULL;
	int rc = ohc_files_read_path(c->files, path, CFG_MAX, &text, err);

	if (rc < 0 || !text.data)
		return rc < 0 ? rc : 0;
	*ret_is = true;
	for (line = strtok_r(text.data, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		size_t n = strcspn(line, "=");
		const char *value = line + n + (line[n] == '=');

		value += strspn(value, " ");
		if (is_key(line, n, "version") || is_key(line, n, "version_info"))
			snprintf(env->full, sizeof(env->full), "%.*s",
				 (int)strspn(value, "0123456789."), value);
		if (is_key(line, n, "include-system-site-packages"))
			*ret_system = strncmp(value, "true", 4) == 0;
	}
	return 0;
}

/* Checks one directory. */
struct site {
	const char *dir;
	struct ohc_strv missing; /* names that were reported, each once */
	struct ohc_findings *findings;
	struct ohc_tally odd;
	char *odd_line;
};

static void tell(void *ctx, const struct ohc_python_problem *p)
{
	struct site *s = ctx;

	if (p->kind == OHC_PYTHON_NOT_UNDERSTOOD) {
		if (s->odd.n == 0)
			s->odd_line = ohc_xstrdup(p->requirement);
		ohc_tally_add(&s->odd, p->dist);
		return;
	}
	if (p->kind == OHC_PYTHON_WRONG_VERSION) {
		ohc_findings_add(s->findings, OHC_FINDING_WARNING, "python-version", s->dir,
				 "%s requires '%s', and %s %s is there", p->dist, p->requirement,
				 p->name, p->found);
		return;
	}
	if (ohc_strv_has(&s->missing, p->name))
		return;
	ohc_strv_add(&s->missing, p->name);
	ohc_findings_add(s->findings, OHC_FINDING_ERROR, "python-missing", s->dir,
			 "%s requires '%s', which is not there; install it, then push", p->dist,
			 p->requirement);
}

/* Adds the other directories that count: for a system interpreter all those of its version, for a
 * virtual environment the system's where it says so. */
static int load_others(const struct python_walk *w, const char *dir,
		       const struct ohc_python_env *env, struct ohc_python_site *ret,
		       struct ohc_error *err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < w->sites.n; i++) {
		struct ohc_python_env other = { .python = "" };

		read_version(w->sites.v[i], &other);
		if (strcmp(w->sites.v[i], dir) != 0 &&
		    (!*other.python || !*env->python || strcmp(other.python, env->python) == 0))
			rc = ohc_python_site_load(w->c->files, w->sites.v[i], ret, err);
	}
	return rc;
}

static int check_site(const struct python_walk *w, const char *dir, struct ohc_error *err)
{
	ohc_cleanup(ohc_python_site_clear) struct ohc_python_site site = { NULL, 0 };
	struct ohc_python_env env = { .machine = ohc_python_machine(w->c->platform.arch) };
	struct site s = { .dir = dir, .findings = w->c->findings };
	bool is_venv = false, system = false;
	size_t n = w->c->findings->n, own;
	int rc;

	read_version(dir, &env);
	rc = read_venv(w->c, dir, &env, &is_venv, &system, err);
	if (rc == 0)
		rc = ohc_python_site_load(w->c->files, dir, &site, err);
	own = site.n;
	if (rc == 0 && (!is_venv || system))
		rc = load_others(w, dir, &env, &site, err);
	if (rc < 0 || own == 0)
		return rc;
	ohc_python_site_check(&site, &env, tell, &s);
	if (s.odd.n)
		ohc_findings_add(s.findings, OHC_FINDING_WARNING, "python-metadata", dir,
				 "%s requires '%s', which is not understood, or is of a version "
				 "that cannot be compared (%zu such)",
				 s.odd.first, s.odd_line, s.odd.n);
	if (w->c->findings->n == n)
		ohc_findings_add(s.findings, OHC_FINDING_OK, "python", dir,
				 "all that its %zu distributions require is there", own);
	ohc_strv_clear(&s.missing);
	ohc_tally_clear(&s.odd);
	free(s.odd_line);
	return 0;
}

int ohc_check_python(const struct ohc_check *c, struct ohc_error *err)
{
	struct python_walk w = { .c = c };
	char more[OHC_TALLY_TEXT];
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < c->targets->n; i++)
		rc = ohc_files_walk(c->files, c->targets->v[i], look_at, &w, err);
	for (size_t i = 0; rc == 0 && i < w.sites.n; i++)
		rc = check_site(&w, w.sites.v[i], err);
	if (rc == 0 && w.stale.n)
		ohc_findings_add(c->findings, OHC_FINDING_WARNING, "python-stale", w.stale.first,
				 "is older or newer than its source%s: Python compiles it at each "
				 "start; copy with times kept (cp -a), or compile again (python -m "
				 "compileall)",
				 ohc_tally_more(&w.stale, more));
	ohc_strv_clear(&w.sites);
	ohc_tally_clear(&w.stale);
	return rc;
}
