// SPDX-License-Identifier: Apache-2.0
/*
 * A Python environment, laid out so that the interpreter finds itself: sys.prefix is the directory
 * above the one that holds the program, when lib/pythonX.Y/os.py is in it (CPython, getpath.py).
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "layout/components/python.h"
#include "layout/layer/pyc.h"

#define SITE_MAX (256 * 1024)
#define DIGITS   "0123456789"

/* "3.12" of "python3.12", "" of anything else. */
static void version_of(const char *name, char ret[16])
{
	size_t major, minor;

	*ret = '\0';
	if (strncmp(name, "python", 6) != 0)
		return;
	name += 6;
	major = strspn(name, DIGITS);
	if (!major || name[major] != '.')
		return;
	minor = strspn(name + major + 1, DIGITS);
	if (minor && major + 1 + minor < 16)
		snprintf(ret, 16, "%.*s", (int)(major + 1 + minor), name);
}

static int is_file(const struct ohc_component_input *near, const char *dir, const char *name,
		   struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *path = ohc_xasprintf("%s/%s", dir, name);

	return ohc_files_is(near->files, path, S_IFREG, err);
}

/* The library directory beside the interpreter: ../lib/pythonX.Y. */
static int find_beside(struct ohc_python *p, struct ohc_error *err)
{
	const char *path = p->program.place.path, *slash = strrchr(path, '/');
	ohc_cleanup(ohc_freep) char *dir =
		ohc_xasprintf("%.*s/../lib/python%s", (int)(slash - path), path, p->version);
	int rc = ohc_component_input_at(&p->program, dir, OHC_FILES_FOLLOW, &p->stdlib, err);

	if (rc < 0 || p->stdlib.place.found == OHC_FILES_THERE)
		return rc;
	return ohc_error_set(err, OHC_E_NOT_FOUND,
			     "the standard library of '%s' is not at '%s': name it as \"stdlib\"",
			     p->program.given, p->stdlib.given);
}

static int find_version(struct ohc_python *p, struct ohc_error *err)
{
	const char *stdlib = p->item->stdlib;
	const char *slash = stdlib ? strrchr(stdlib, '/') : NULL;

	version_of(strrchr(p->program.place.path, '/') + 1, p->version);
	if (!*p->version && stdlib)
		version_of(slash ? slash + 1 : stdlib, p->version);
	if (*p->version)
		return 0;
	return ohc_error_set(err, OHC_E_FORMAT,
			     "'%s' does not tell its version by its name, as 'python3.12' does: "
			     "name a \"stdlib\" that does",
			     p->program.given);
}

static int find_all(struct ohc_python *p, struct ohc_error *err)
{
	int rc = ohc_component_input_find(p->c, p->item->from, &p->program, err);

	if (rc == 0 && !S_ISREG(p->program.place.node.mode))
		return ohc_error_set(err, OHC_E_FORMAT, "'%s' is no program", p->program.given);
	if (rc == 0)
		rc = find_version(p, err);
	if (rc == 0)
		rc = p->item->stdlib
			     ? ohc_component_input_find(p->c, p->item->stdlib, &p->stdlib, err)
			     : find_beside(p, err);
	if (rc == 0)
		rc = is_file(&p->stdlib, p->stdlib.place.path, "os.py", err);
	if (rc == 0)
		return ohc_error_set(err, OHC_E_FORMAT,
				     "'%s' is no standard library: it has no 'os.py'",
				     p->stdlib.given);
	if (rc < 0)
		return rc;
	snprintf(p->tag, sizeof(p->tag), "cpython-%.*s%s", (int)strcspn(p->version, "."),
		 p->version, strchr(p->version, '.') + 1);
	p->to = ohc_component_to(p->c, p->item->to ? p->item->to : "python");
	p->final = ohc_xasprintf("%s/bin/python%s", p->to, p->version);
	return 0;
}

static int add_names(struct ohc_python *p, const char *target, const char *const *names, size_t n,
		     struct ohc_error *err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < n; i++) {
		ohc_cleanup(ohc_freep) char *to = ohc_xasprintf("%s/%s", p->bin, names[i]);

		rc = ohc_component_symlink(p->c, to, target, p->program.place.node.mtime,
					   p->program.given, err);
	}
	return rc;
}

/* An earlier layer may have it, and the library with it. */
static int add_interpreter(struct ohc_python *p, bool *ret_there, struct ohc_error *err)
{
	static const char *const names[] = { "python3", "python" };
	static char *usual[] = { "python", NULL }; /* a set: layout/closure/closure.h */
	const struct ohc_strv set = { usual, 1 };
	ohc_cleanup(ohc_freep) char *target = ohc_xasprintf("python%s", p->version);
	const struct ohc_component_copy how = { .item = p->item,
						.program = p->final,
						.dlopen = p->item->dlopen.n ? &p->item->dlopen
									    : &set };
	struct ohc_assembly_found found = ohc_assembly_find(p->c->assembly, p->final);
	ohc_cleanup(ohc_freep) char *disk = ohc_component_input_disk(&p->program);
	int rc;

	*ret_there = found.source && strcmp(found.source, disk) == 0;
	if (*ret_there && p->item->dlopen.n)
		return ohc_error_set(
			err, OHC_E_FORMAT,
			"an earlier layer has the interpreter '%s': name what it opens "
			"there (\"dlopen\")",
			p->program.given);
	if (*ret_there)
		return 0;
	free(p->bin);
	p->bin = ohc_xasprintf("%s/bin", p->to);
	rc = ohc_component_file(p->c, &how, &p->program, p->final, err);
	return rc < 0 ? rc : add_names(p, target, names, OHC_ARRAY_SIZE(names), err);
}

/* The files that `python -m venv` makes, without its scripts for shells. */
static int add_venv(struct ohc_python *p, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *versioned = ohc_xasprintf("python%s", p->version);
	const char *const names[] = { "python", "python3", versioned };
	ohc_cleanup(ohc_freep) char *venv = ohc_component_to(p->c, p->item->venv);
	ohc_cleanup(ohc_freep) char *cfg = ohc_xasprintf("%s/pyvenv.cfg", venv);
	ohc_cleanup(ohc_freep) char *text =
		ohc_xasprintf("home = %s/bin\ninclude-system-site-packages = false\n"
			      "version = %s\n",
			      p->to, p->version);
	ohc_cleanup(ohc_freep) char *target = NULL;
	int rc;

	free(p->bin);
	p->bin = ohc_xasprintf("%s/bin", venv);
	p->called = ohc_xasprintf("%s/python", p->bin);
	p->site = ohc_xasprintf("%s/lib/python%s/site-packages", venv, p->version);
	target = ohc_component_relative(p->c, p->bin, p->final);
	rc = ohc_component_bytes(p->c, cfg, 0644, p->program.place.node.mtime, p->program.given,
				 text, strlen(text), err);
	return rc < 0 ? rc : add_names(p, target, names, OHC_ARRAY_SIZE(names), err);
}

/* Debian's interpreter looks for packages in other directories, and its site.py says so. */
static int find_site(struct ohc_python *p, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *path = ohc_xasprintf("%s/site.py", p->stdlib.place.path);
	ohc_cleanup(ohc_buf_clear) struct ohc_buf text = OHC_BUF_INIT;
	int rc = ohc_files_read_path(p->stdlib.files, path, SITE_MAX, &text, err);

	if (rc < 0)
		return rc;
	free(p->bin);
	p->bin = ohc_xasprintf("%s/bin", p->to);
	p->called = ohc_xstrdup(p->final);
	p->site = ohc_xasprintf("%s/lib/python%s/%s-packages", p->to, p->version,
				strstr(ohc_buf_str(&text), "dist-packages") ? "dist" : "site");
	return 0;
}

static int add_stdlib(struct ohc_python *p, struct ohc_error *err)
{
	static char *names[] = { "/config-*", "/site-packages", "/dist-packages", NULL };
	/* Excluded are files that only serve to link against Python, and packages, which are not
	 * the interpreter's own. */
	const struct ohc_strv own = { names, p->item->site_packages.n ? 3 : 1 };
	const struct ohc_component_copy how = { .item = p->item,
						.exclude = &p->item->exclude,
						.more_exclude = &own,
						.dereference = true,
						.skip_dangling = true,
						.bytecode = p->item->bytecode,
						.bytecode_tag = p->tag };
	ohc_cleanup(ohc_freep) char *to = ohc_xasprintf("%s/lib/python%s", p->to, p->version);

	return ohc_component_copy(p->c, &how, &p->stdlib, to, err);
}

static int add_site(struct ohc_python *p, const char *from, struct ohc_python_site *site,
		    struct ohc_error *err)
{
	ohc_cleanup(ohc_component_input_clear) struct ohc_component_input in = { .files = NULL };
	const struct ohc_component_copy how = { .item = p->item,
						.exclude = &p->item->exclude,
						.dereference = true,
						.skip_dangling = true,
						.skip_there = true,
						.bytecode = p->item->bytecode,
						.bytecode_tag = p->tag };
	int rc = ohc_component_input_find(p->c, from, &in, err);

	if (rc == 0 && !S_ISDIR(in.place.node.mode))
		return ohc_error_set(err, OHC_E_FORMAT, "'%s' is no directory", in.given);
	if (rc == 0)
		rc = ohc_python_site_load(in.files, in.place.path, site, err);
	if (rc == 0)
		rc = ohc_python_look_at_pth(p, &in, err);
	if (rc == 0)
		rc = ohc_component_copy(p->c, &how, &in, p->site, err);
	if (rc == 0 && p->item->scripts.n == 0)
		rc = ohc_python_venv_scripts(p, &in, err);
	return rc;
}

/* Without "site-packages", the ones in the standard library are used. */
static int add_sites(struct ohc_python *p, struct ohc_error *err)
{
	ohc_cleanup(ohc_python_site_clear) struct ohc_python_site site = { NULL, 0 };
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < p->item->site_packages.n; i++)
		rc = add_site(p, p->item->site_packages.v[i], &site, err);
	if (rc == 0 && p->item->site_packages.n == 0) {
		ohc_cleanup(ohc_freep) char *own =
			ohc_xasprintf("%s/site-packages", p->stdlib.place.path);

		rc = ohc_python_site_load(p->stdlib.files, own, &site, err);
	}
	return rc < 0 ? rc : ohc_python_check_requires(p, &site, err);
}

static void python_clear(struct ohc_python *p)
{
	ohc_component_input_clear(&p->program);
	ohc_component_input_clear(&p->stdlib);
	free(p->to);
	free(p->bin);
	free(p->final);
	free(p->called);
	free(p->site);
}

int ohc_component_python(struct ohc_component *c, const struct ohc_recipe_item *item,
			 struct ohc_error *err)
{
	ohc_cleanup(python_clear) struct ohc_python p = { .c = c, .item = item };
	int rc = find_all(&p, err);
	bool there = false;

	if (rc == 0)
		rc = add_interpreter(&p, &there, err);
	if (rc == 0 && !there)
		rc = add_stdlib(&p, err);
	if (rc == 0)
		rc = item->venv ? add_venv(&p, err) : find_site(&p, err);
	if (rc == 0)
		rc = add_sites(&p, err);
	for (size_t i = 0; rc == 0 && i < item->scripts.n; i++)
		rc = ohc_python_scripts(&p, item->scripts.v[i], err);
	if (rc < 0)
		return rc;
	free(c->python);
	c->python = ohc_xstrdup(p.called);
	return 0;
}
