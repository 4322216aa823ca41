// SPDX-License-Identifier: Apache-2.0
/*
 * apk's database (wiki.alpinelinux.org/wiki/Apk_spec, "Installed database V2"): paragraphs of
 * lines "X:value" in lib/apk/db/installed, in which F: names a directory and R: a file of it.
 */
#include <string.h>

#include "core/alloc.h"
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

int ohc_packages_read_apk(struct ohc_files *root, struct ohc_packages *p, struct ohc_error *err)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf text = OHC_BUF_INIT;
	const char *dir = "";
	bool open = false;
	char *line, *next;
	int rc = ohc_files_read_path(root, "/lib/apk/db/installed", INSTALLED_MAX, &text, err);

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
