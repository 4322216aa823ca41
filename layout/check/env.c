// SPDX-License-Identifier: Apache-2.0
/* The image's environment, which every process in it inherits: the payload's and the base's. */
#include <string.h>
#include <sys/stat.h>

#include "core/path.h"
#include "layout/check/check_internal.h"
#include "layout/launcher/launchers.h"
#include "oci/config/config.h"

#define PRELOAD_FILE "/etc/ld.so.preload"
#define PRELOAD_MAX  4096

/* An empty element means the current directory, in which anybody who may write there decides what
 * is run. */
static void check_empty(const struct ohc_check *c, const char *name)
{
	const char *value = ohc_check_env_value(c, name);
	size_t n = strlen(value);

	if (!n || (*value != ':' && value[n - 1] != ':' && !strstr(value, "::")))
		return;
	ohc_findings_add(c->findings, OHC_FINDING_WARNING, "env-empty-element", name,
			 "has an empty element, which means the current directory: '%s'", value);
}

/* Calls fn with each element of a list that is not empty; any character of `by` separates them. */
static int each(const char *list, const char *by, int (*fn)(void *ctx, const char *element),
		void *ctx)
{
	int rc = 0;

	while (rc == 0 && *(list += strspn(list, by))) {
		size_t n = strcspn(list, by);
		ohc_cleanup(ohc_freep) char *element = ohc_xstrndup(list, n);

		rc = fn(ctx, element);
		list += n;
	}
	return rc;
}

struct library_path {
	const struct ohc_check *c;
	struct ohc_error *err;
	struct ohc_buf others; /* elements that are not the payload's */
	struct ohc_buf given;  /* the list that the payload's programs get */
	bool own, libc;        /* it leads into the payload; to a libc in it */
};

static void add_element(struct ohc_buf *list, const char *dir)
{
	ohc_buf_addf(list, "%s%s", list->len ? ":" : "", dir);
}

/* Do launchers remove the element, because it lies below their own prefix?  1, 0, or a code. */
static int launchers_drop(const struct ohc_check *c, const char *dir, struct ohc_error *err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < c->targets->n; i++) {
		const char *target = c->targets->v[i];
		ohc_cleanup(ohc_freep) char *path = ohc_xasprintf("%s/" OHC_LAUNCHERS_FILE, target);

		if (ohc_path_is_in(dir, target))
			rc = ohc_files_is(c->files, path, S_IFREG, err);
	}
	return rc;
}

static int look_at_directory(void *ctx, const char *dir)
{
	static const char *const files[] = { "libc.so.6", "libpthread.so.0", "libdl.so.2" };
	struct library_path *p = ctx;
	int rc = 0;

	if (!ohc_check_is_ours(p->c, dir)) {
		add_element(&p->others, dir);
		add_element(&p->given, dir);
		return 0;
	}
	p->own = true;
	rc = launchers_drop(p->c, dir, p->err);
	if (rc == 0)
		add_element(&p->given, dir);
	rc = rc < 0 ? rc : 0;
	for (size_t i = 0; rc == 0 && i < OHC_ARRAY_SIZE(files); i++) {
		ohc_cleanup(ohc_freep) char *path = ohc_xasprintf("%s/%s", dir, files[i]);

		rc = ohc_files_is(p->c->files, path, S_IFREG, p->err);
		p->libc |= rc > 0;
	}
	return rc < 0 ? rc : 0;
}

static void library_path_clear(struct library_path *p)
{
	ohc_buf_clear(&p->others);
	ohc_buf_clear(&p->given);
}

static int read_library_path(struct library_path *p)
{
	return each(ohc_check_env_value(p->c, "LD_LIBRARY_PATH"), ":;", look_at_directory, p);
}

int ohc_check_loader(const struct ohc_check *c, struct ohc_loader **ret, struct ohc_error *err)
{
	ohc_cleanup(library_path_clear) struct library_path p = { .c = c, .err = err };
	int rc = read_library_path(&p);

	if (rc == 0) {
		*ret = ohc_loader_new(c->files);
		ohc_loader_env(*ret, p.given.len ? p.given.data : NULL);
	}
	return rc;
}

/* Keeps the base's own value, which its programs need. */
static char *way_out(const char *others)
{
	return *others ? ohc_xasprintf("--env LD_LIBRARY_PATH=%s", others)
		       : ohc_xstrdup("--unset-env LD_LIBRARY_PATH");
}

/* The base's own elements stay: files with an RPATH do not use them, and files without one may need
 * them. */
static bool is_of_base(const struct ohc_check *c, const char *value)
{
	const char *base =
		c->base_config ? ohc_config_get_env(c->base_config, "LD_LIBRARY_PATH") : value;

	return base && strcmp(base, value) == 0;
}

static int check_library_path(const struct ohc_check *c, struct ohc_error *err)
{
	const char *value = ohc_check_env_value(c, "LD_LIBRARY_PATH");
	ohc_cleanup(ohc_freep) char *way = NULL;
	ohc_cleanup(library_path_clear) struct library_path p = { .c = c, .err = err };
	int rc = read_library_path(&p);

	if (rc < 0)
		return rc;
	way = way_out(ohc_buf_str(&p.others));
	if (p.libc)
		ohc_findings_add(c->findings, OHC_FINDING_ERROR, "env-library-path",
				 "LD_LIBRARY_PATH",
				 "leads to a libc of the payload ('%s'): the base's own programs "
				 "would load it, and die; use RPATH instead (ohcompose pack "
				 "--closure), and %s",
				 value, way);
	else if (p.own)
		ohc_findings_add(c->findings, OHC_FINDING_WARNING, "env-library-path",
				 "LD_LIBRARY_PATH",
				 "gives every program of the image libraries of the payload "
				 "('%s'), the base's programs, too; use RPATH instead (ohcompose "
				 "pack --closure), and %s",
				 value, way);
	else if (*value && !is_of_base(c, value))
		ohc_findings_add(c->findings, OHC_FINDING_WARNING, "env-library-path",
				 "LD_LIBRARY_PATH",
				 "is set for every program of the image ('%s'), the base's and "
				 "the payload's alike, and not as the base has it",
				 value);
	return 0;
}

struct preload {
	const struct ohc_check *c;
	struct ohc_error *err;
	const char *by;
};

static int look_at_preload(void *ctx, const char *path)
{
	const struct preload *p = ctx;
	int rc = *path == '/' ? ohc_files_is(p->c->files, path, S_IFREG, p->err) : 1;

	if (rc >= 0)
		ohc_findings_add(p->c->findings, OHC_FINDING_WARNING, "env-preload", path,
				 rc ? "is loaded into every program of the image (%s), the "
				      "payload's too, whatever libc that has"
				    : "is to be loaded into every program (%s), and is not in the "
				      "image",
				 p->by);
	return rc < 0 ? rc : 0;
}

/* glibc's loader reads the file, also the loader of a payload. */
static int check_preload(const struct ohc_check *c, struct ohc_error *err)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf text = OHC_BUF_INIT;
	struct preload env = { c, err, "LD_PRELOAD" }, file = { c, err, PRELOAD_FILE };
	int rc = each(ohc_check_env_value(c, "LD_PRELOAD"), ": ", look_at_preload, &env);

	if (rc == 0)
		rc = ohc_files_read_path(c->files, PRELOAD_FILE, PRELOAD_MAX, &text, err);
	if (rc >= 0)
		rc = each(ohc_buf_str(&text), ": \t\r\n", look_at_preload, &file);
	return rc;
}

int ohc_check_env(const struct ohc_check *c, struct ohc_error *err)
{
	/* Not MANPATH: man(1) gives an empty element a meaning of its own. */
	static const char *const lists[] = { "PATH",         "LD_LIBRARY_PATH", "PYTHONPATH",
					     "LIBRARY_PATH", "PKG_CONFIG_PATH", "CPATH",
					     "PERL5LIB" };
	int rc;

	for (size_t i = 0; i < OHC_ARRAY_SIZE(lists); i++)
		check_empty(c, lists[i]);
	rc = check_library_path(c, err);
	return rc < 0 ? rc : check_preload(c, err);
}
