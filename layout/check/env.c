// SPDX-License-Identifier: Apache-2.0
/* The image's environment, which every process in it inherits: the payload's and the base's. */
#include <string.h>
#include <sys/stat.h>

#include "layout/check/check_internal.h"

/* An empty element means the current directory: whoever may write there decides what is run. */
static void check_empty(const struct ohc_check *c, const char *name)
{
	const char *value = ohc_check_env_value(c, name);
	size_t n = strlen(value);

	if (!n || (*value != ':' && value[n - 1] != ':' && !strstr(value, "::")))
		return;
	ohc_findings_add(c->findings, OHC_FINDING_WARNING, "env-empty-element", name,
			 "has an empty element, which means the current directory: '%s'", value);
}

/* Does a directory of the list have a libc, or the loader that belongs to one? */
static int has_libc(const struct ohc_check *c, const char *list, struct ohc_error *err)
{
	static const char *const files[] = { "libc.so.6", "libpthread.so.0", "libdl.so.2" };
	int rc = 0;

	while (rc == 0 && *list) {
		size_t n = strcspn(list, ":");

		for (size_t i = 0; rc == 0 && n && i < OHC_ARRAY_SIZE(files); i++) {
			ohc_cleanup(ohc_freep) char *path =
				ohc_xasprintf("%.*s/%s", (int)n, list, files[i]);

			if (ohc_check_is_ours(c, path))
				rc = ohc_files_is(c->files, path, S_IFREG, err);
		}
		list += n;
		list += *list == ':';
	}
	return rc;
}

static int check_library_path(const struct ohc_check *c, struct ohc_error *err)
{
	const char *value = ohc_check_env_value(c, "LD_LIBRARY_PATH");
	int rc;

	if (!*value)
		return 0;
	rc = has_libc(c, value, err);
	if (rc < 0)
		return rc;
	if (rc > 0)
		ohc_findings_add(c->findings, OHC_FINDING_ERROR, "env-library-path",
				 "LD_LIBRARY_PATH",
				 "leads to a libc of the payload ('%s'): the base's own programs "
				 "would load it, and die; use RPATH instead (ohcompose pack "
				 "--closure), and --unset-env LD_LIBRARY_PATH",
				 value);
	else
		ohc_findings_add(c->findings, OHC_FINDING_WARNING, "env-library-path",
				 "LD_LIBRARY_PATH",
				 "is set for every program of the image ('%s'), the base's and "
				 "the payload's alike; --unset-env LD_LIBRARY_PATH",
				 value);
	return 0;
}

static int check_preload(const struct ohc_check *c, struct ohc_error *err)
{
	const char *s = ohc_check_env_value(c, "LD_PRELOAD");

	while (*(s += strspn(s, ": "))) {
		size_t n = strcspn(s, ": ");
		ohc_cleanup(ohc_freep) char *path = ohc_xstrndup(s, n);
		int rc = *path == '/' ? ohc_files_is(c->files, path, S_IFREG, err) : 1;

		if (rc < 0)
			return rc;
		ohc_findings_add(c->findings, OHC_FINDING_WARNING, "env-preload", path,
				 rc ? "is loaded into every program of the image (LD_PRELOAD), "
				      "the payload's too, whatever libc that has"
				    : "is to be loaded into every program (LD_PRELOAD), and is "
				      "not in the image");
		s += n;
	}
	return 0;
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
