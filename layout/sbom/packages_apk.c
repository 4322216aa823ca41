// SPDX-License-Identifier: Apache-2.0
/*
 * apk's database (wiki.alpinelinux.org/wiki/Apk_spec, "Installed database V2"): paragraphs of
 * lines "X:value" in lib/apk/db/installed, in which F: names a directory and R: a file of it.
 */
#include <string.h>

#include "core/alloc.h"
#include "core/base64.h"
#include "core/hex.h"
#include "layout/sbom/packages_internal.h"

#define INSTALLED_MAX (64u << 20)

static void set(char **field, const char *value)
{
	free(*field);
	*field = ohc_xstrdup(value);
}

static void read_line(struct ohc_packages *all, char key, const char *value, const char **dir)
{
	struct ohc_package *p = &all->v[all->n - 1];
	ohc_cleanup(ohc_freep) char *path = NULL;

	switch (key) {
	case 'P':
		set(&p->name, value);
		break;
	case 'V':
		set(&p->version, value);
		break;
	case 'A':
		set(&p->arch, value);
		break;
	case 'L':
		set(&p->license, value);
		break;
	case 'o':
		set(&p->source, value);
		break;
	case 'F':
		*dir = value;
		break;
	case 'R':
		path = ohc_xasprintf("/%s%s%s", *dir, **dir ? "/" : "", value);
		ohc_packages_add_path(all, path, all->n - 1);
		break;
	}
}

/* The origin has no version of its own: it is the package's. */
static void end_package(struct ohc_packages *all)
{
	struct ohc_package *p = &all->v[all->n - 1];
	char *source = p->source;

	if (!p->name)
		set(&p->name, "");
	if (!p->version)
		set(&p->version, "");
	p->source = ohc_xasprintf("%s %s", source ? source : p->name, p->version);
	free(source);
}

/* Where /lib is a symlink, only who follows it finds the database there. */
static int read_installed(struct ohc_files *root, struct ohc_buf *ret, struct ohc_error *err)
{
	int rc = ohc_files_read_path(root, "/lib/apk/db/installed", INSTALLED_MAX, ret, err);

	return rc ? rc
		  : ohc_files_read_path(root, "/usr/lib/apk/db/installed", INSTALLED_MAX, ret, err);
}

int ohc_packages_read_apk(struct ohc_files *root, struct ohc_packages *p, struct ohc_error *err)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf text = OHC_BUF_INIT;
	const char *dir = "";
	bool open = false;
	char *line, *next;
	int rc = read_installed(root, &text, err);

	if (rc <= 0)
		return rc;
	ohc_buf_str(&text);
	for (line = text.data; line; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		if (!open && line[0] && line[1] == ':') {
			ohc_packages_add(p, OHC_SBOM_APK);
			open = true;
			dir = "";
		}
		if (open && line[0] && line[1] == ':')
			read_line(p, line[0], line + 2, &dir);
		else if (open && !line[0]) {
			end_package(p);
			open = false;
		}
	}
	if (open)
		end_package(p);
	return 0;
}

/* "Q1" and the SHA-1 in base64. */
static bool read_sum(const char *value, char ret_hex[41])
{
	size_t n = 0;
	ohc_cleanup(ohc_freep) char *sum =
		strncmp(value, "Q1", 2) == 0 ? ohc_base64_decode(value + 2, &n) : NULL;

	if (!sum || n != 20)
		return false;
	ohc_hex_encode(sum, n, ret_hex);
	return true;
}

/* Z: has the content of the file that the last R: named.  Packages are those of the first reading,
 * in its order: a paragraph is one. */
int ohc_packages_sums_apk(struct ohc_files *root, struct ohc_packages *p, struct ohc_error *err)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf text = OHC_BUF_INIT;
	ohc_cleanup(ohc_freep) char *path = NULL;
	size_t package = 0;
	const char *dir = "";
	char *line, *next, hex[41];
	bool open = false;
	int rc = read_installed(root, &text, err);

	if (rc <= 0)
		return rc;
	while (package < p->n && p->v[package].kind != OHC_SBOM_APK)
		package++;
	ohc_buf_str(&text);
	for (line = text.data; line && package < p->n; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		if (!line[0] || line[1] != ':') {
			package += open && !line[0];
			open = open && line[0];
			continue;
		}
		if (!open)
			dir = "";
		open = true;
		if (line[0] == 'F')
			dir = line + 2;
		if (line[0] == 'R') {
			free(path);
			path = ohc_xasprintf("%s/%s", dir, line + 2);
		}
		if (line[0] == 'Z' && path && read_sum(line + 2, hex))
			ohc_packages_add_sum(p, path, hex, package);
	}
	return 0;
}
