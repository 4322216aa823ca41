// SPDX-License-Identifier: Apache-2.0
/*
 * Looks for paths of the root that files of the payload have compiled in.  What the table of sets
 * (sets.h) does not know of shows here: a directory that the root has, and that a base need not.
 *
 * Only what a program reads of its own is meant: below /usr/lib, /usr/libexec, /usr/share and /opt.
 * Programs, configuration and state are the base's business, and so are directories that every
 * system has or does without, and plugins that libraries use where there are any.
 */
#include <string.h>

#include "core/path.h"
#include "layout/closure/closure_internal.h"

#define PATH_LONGEST 256

static const char *const roots[] = { "/usr/lib", "/usr/share/", "/opt/" };

/* Paths of which nothing is told, nor of what is below them. */
static const char *const everywhere[] = {
	"/usr/lib/debug",        "/usr/lib/locale",
	"/usr/lib/ssl",          "/usr/lib/terminfo",
	"/usr/lib/sysimage",     "/usr/lib/systemd",
	"/usr/lib/binfmt.d",     "/usr/lib/modules-load.d",
	"/usr/lib/sysctl.d",     "/usr/lib/sysusers.d",
	"/usr/lib/tmpfiles.d",   "/usr/share/i18n",
	"/usr/lib/os-release",   "/usr/share/ca-certificates",
	"/usr/share/doc",        "/usr/share/fonts",
	"/usr/share/info",       "/usr/share/locale",
	"/usr/share/man",        "/usr/share/terminfo",
	"/usr/share/zoneinfo",   "/usr/share/applications",
	"/usr/share/icons",      "/usr/share/mime",
	"/usr/share/themes",     "/usr/share/X11",
	"/usr/share/fontconfig", "/usr/share/publicsuffix",
	"/usr/share/p11-kit",    "/usr/lib/sasl2",
	"/usr/lib/bfd-plugins",
};

/* The same below a directory of libraries, whichever that is. */
static const char *const plugins[] = { "/krb5/plugins", "/sasl2", "/utempter/", "/pkcs11",
				       "/gssntlmssp" };

bool ohc_closure_is_path_char(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c && strchr("/._+-@~", c));
}

/* Is it a directory of that kind itself: "/usr/lib", "/usr/lib/x86_64-linux-gnu", "/usr/share"? */
static bool is_common(const char *path)
{
	size_t slashes = 0;

	for (const char *p = path; *p; p++)
		slashes += *p == '/' && p[1];
	return slashes < 3 ||
	       (slashes == 3 && strncmp(path, "/usr/lib/", 9) == 0 && strstr(path, "-linux-"));
}

bool ohc_closure_is_of_interest(const char *path)
{
	bool below = false;

	for (size_t i = 0; i < OHC_ARRAY_SIZE(roots); i++)
		below |= strncmp(path, roots[i], strlen(roots[i])) == 0;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(everywhere); i++)
		below &= !ohc_path_is_in(path, everywhere[i]);
	for (size_t i = 0; i < OHC_ARRAY_SIZE(plugins); i++)
		below &= !strstr(path, plugins[i]);
	return below && !is_common(path) && !strstr(path, "/../");
}

/* The path that begins at s, without the part into which something is put when the program runs
 * ("%s", of Lua's "?.lua") and those behind it, and without a '/' at its end; false where it is
 * none. */
static bool read_path(const unsigned char *s, size_t max, char ret[PATH_LONGEST])
{
	size_t n = 0;

	while (n < max && n < PATH_LONGEST - 1 && ohc_closure_is_path_char(s[n]))
		n++;
	if (n == max || n == PATH_LONGEST - 1 || (s[n] && !strchr("%?:;\"' \n", s[n])))
		return false;
	if (s[n] == '%' || s[n] == '?')
		while (n > 0 && s[n - 1] != '/')
			n--;
	while (n > 1 && s[n - 1] == '/')
		n--;
	memcpy(ret, s, n);
	ret[n] = '\0';
	return n > 1;
}

bool ohc_closure_is_patched(const struct ohc_patch *patch, uint64_t at)
{
	for (size_t i = 0; i < patch->n; i++)
		if (at >= patch->v[i].offset && at - patch->v[i].offset < patch->v[i].n)
			return true;
	return false;
}

static int note(struct ohc_closure *o, const char *path, const char *by, struct ohc_error *err)
{
	int rc;

	for (size_t i = 0; i < o->n_compiled; i++)
		if (strcmp(o->compiled[i].path, path) == 0)
			return 0;
	rc = ohc_files_is(o->root, path, 0, err);
	if (rc <= 0)
		return rc;
	o->compiled = ohc_xrealloc(o->compiled, o->n_compiled + 1, sizeof(*o->compiled));
	o->compiled[o->n_compiled++] =
		(struct ohc_own_compiled){ ohc_xstrdup(path), ohc_xstrdup(by) };
	return 0;
}

int ohc_closure_look_for_paths(struct ohc_closure *o, const char *disk,
			       const struct ohc_patch *patch, struct ohc_error *err)
{
	ohc_cleanup(ohc_closure_unmap) struct ohc_mapped_file f = { NULL, 0 };
	int rc = ohc_closure_map(disk, &f, err);

	for (size_t at = 0; rc == 0 && at < f.n; at++) {
		const unsigned char *p = memchr(f.data + at, '/', f.n - at);
		char path[PATH_LONGEST];

		if (!p)
			break;
		at = (size_t)(p - f.data);
		if ((at > 0 && ohc_closure_is_path_char(p[-1])) || !read_path(p, f.n - at, path) ||
		    !ohc_closure_is_of_interest(path) || ohc_closure_is_patched(patch, at))
			continue;
		rc = note(o, path, disk, err);
	}
	return rc;
}

const struct ohc_own_compiled *ohc_closure_compiled(const struct ohc_closure *o, size_t *ret_n)
{
	*ret_n = o->n_compiled;
	return o->compiled;
}
