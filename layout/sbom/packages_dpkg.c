// SPDX-License-Identifier: Apache-2.0
/*
 * dpkg's database (dpkg-query(1), deb-control(5)): the paragraphs of var/lib/dpkg/status, and
 * info/NAME.list or info/NAME:ARCH.list with the files of each.  Images without dpkg have a file
 * for each package in status.d/, and its files in status.d/NAME.md5sums (deb-md5sums(5);
 * distroless, PACKAGE_METADATA.md).
 */
#include <string.h>
#include <sys/stat.h>

#include "core/alloc.h"
#include "core/path.h"
#include "layout/sbom/packages_internal.h"

#define DPKG       "/var/lib/dpkg"
#define STATUS_D   DPKG "/status.d"
#define SUMS       ".md5sums"
#define STATUS_MAX (64u << 20)
#define LIST_MAX   (32u << 20)

/* "glibc (2.36-8)" is another version than the package's own. */
static char *source_of(const char *paragraph, size_t n, const struct ohc_package *p)
{
	ohc_cleanup(ohc_freep) char *source = ohc_packages_field(paragraph, n, "Source");
	char *space = source ? strchr(source, ' ') : NULL;
	size_t length;

	if (!space)
		return ohc_xasprintf("%s %s", source ? source : p->name, p->version);
	*space = '\0';
	space += strspn(space + 1, " (") + 1;
	length = strcspn(space, ")");
	return ohc_xasprintf("%s %.*s", source, (int)length, space);
}

static bool is_installed(const char *paragraph, size_t n)
{
	ohc_cleanup(ohc_freep) char *status = ohc_packages_field(paragraph, n, "Status");

	return !status || strstr(status, " installed") != NULL;
}

static void add_paragraph(struct ohc_packages *all, const char *paragraph, size_t n)
{
	ohc_cleanup(ohc_freep) char *name = ohc_packages_field(paragraph, n, "Package");
	ohc_cleanup(ohc_freep) char *version = ohc_packages_field(paragraph, n, "Version");
	struct ohc_package *p;

	if (!name || !version || !is_installed(paragraph, n))
		return;
	p = ohc_packages_add(all, OHC_SBOM_DEB);
	p->name = ohc_take(name);
	p->version = ohc_take(version);
	p->arch = ohc_packages_field(paragraph, n, "Architecture");
	p->source = source_of(paragraph, n, p);
	p->record = ohc_xasprintf("%.*s\n", (int)n, paragraph);
}

static void add_paragraphs(struct ohc_packages *all, const char *text)
{
	while (*text) {
		const char *end = strstr(text, "\n\n");
		size_t n = end ? (size_t)(end - text) : strlen(text);

		while (n > 0 && text[n - 1] == '\n')
			n--;
		if (n > 0 && n < INT32_MAX)
			add_paragraph(all, text, n);
		text += n + strspn(text + n, "\n");
	}
}

/* "d41d8cd98f00b204e9800998ecf8427e  usr/bin/x" */
static const char *path_of_sum(const char *line)
{
	size_t n = strspn(line, "0123456789abcdef");

	return n == 32 && line[n] == ' ' && line[n + 1] ? line + n + 2 : NULL;
}

static void add_list(struct ohc_packages *all, size_t i, char *text, bool sums)
{
	char *line, *rest;

	for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		const char *below = sums ? path_of_sum(line) : NULL;
		ohc_cleanup(ohc_freep) char *path = below ? ohc_xasprintf("/%s", below) : NULL;

		if (path || !sums)
			ohc_packages_add_path(all, path ? path : line, i);
	}
}

/* A package of another architecture beside it has the same name. */
static int read_list(struct ohc_files *root, struct ohc_packages *all, size_t i,
		     struct ohc_error *err)
{
	const struct ohc_package *p = &all->v[i];
	char *const paths[] = {
		ohc_xasprintf(DPKG "/info/%s:%s.list", p->name, p->arch ? p->arch : ""),
		ohc_xasprintf(DPKG "/info/%s.list", p->name),
		ohc_xasprintf(STATUS_D "/%s" SUMS, p->name),
	};
	ohc_cleanup(ohc_buf_clear) struct ohc_buf text = OHC_BUF_INIT;
	size_t k;
	int rc = 0;

	for (k = 0; rc == 0 && k < OHC_ARRAY_SIZE(paths); k++) {
		ohc_buf_truncate(&text, 0);
		rc = ohc_files_read_path(root, paths[k], LIST_MAX, &text, err);
	}
	if (rc == 1) {
		ohc_buf_str(&text);
		add_list(all, i, text.data, k == OHC_ARRAY_SIZE(paths));
	}
	for (k = 0; k < OHC_ARRAY_SIZE(paths); k++)
		free(paths[k]);
	return rc < 0 ? rc : 0;
}

static void add_sums(struct ohc_packages *all, size_t i, char *text)
{
	char *line, *rest;

	for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		const char *path = path_of_sum(line);

		line[strspn(line, "0123456789abcdef")] = '\0';
		if (path)
			ohc_packages_add_sum(all, path, line, i);
	}
}

/* The sums lie beside the list; a package without files that it could sum has none. */
static int read_sums(struct ohc_files *root, struct ohc_packages *all, size_t i,
		     struct ohc_error *err)
{
	const struct ohc_package *p = &all->v[i];
	char *const paths[] = {
		ohc_xasprintf(DPKG "/info/%s:%s" SUMS, p->name, p->arch ? p->arch : ""),
		ohc_xasprintf(DPKG "/info/%s" SUMS, p->name),
		ohc_xasprintf(STATUS_D "/%s" SUMS, p->name),
	};
	ohc_cleanup(ohc_buf_clear) struct ohc_buf text = OHC_BUF_INIT;
	int rc = 0;

	for (size_t k = 0; k < OHC_ARRAY_SIZE(paths); k++) {
		if (rc == 0) {
			ohc_buf_truncate(&text, 0);
			rc = ohc_files_read_path(root, paths[k], LIST_MAX, &text, err);
		}
		free(paths[k]);
	}
	if (rc == 1) {
		ohc_buf_str(&text);
		add_sums(all, i, text.data);
	}
	return rc < 0 ? rc : 0;
}

int ohc_packages_sums_dpkg(struct ohc_files *root, struct ohc_packages *p, struct ohc_error *err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < p->n; i++)
		if (p->v[i].kind == OHC_SBOM_DEB)
			rc = read_sums(root, p, i, err);
	return rc;
}

struct records {
	struct ohc_files *root;
	struct ohc_packages *all;
};

static int add_record(void *ctx, const char *name, const struct ohc_files_node *node,
		      struct ohc_error *err)
{
	const struct records *r = ctx;
	ohc_cleanup(ohc_freep) char *path = ohc_xasprintf(STATUS_D "/%s", name);
	ohc_cleanup(ohc_buf_clear) struct ohc_buf text = OHC_BUF_INIT;
	size_t n = r->all->n;
	int rc;

	if (!S_ISREG(node->mode) || ohc_path_ends_in(name, SUMS))
		return 0;
	rc = ohc_files_read_path(r->root, path, STATUS_MAX, &text, err);
	if (rc == 1)
		add_paragraphs(r->all, ohc_buf_str(&text));
	if (r->all->n == n + 1)
		r->all->v[n].at = ohc_take(path);
	return rc < 0 ? rc : 0;
}

int ohc_packages_read_dpkg(struct ohc_files *root, struct ohc_packages *p, struct ohc_error *err)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf text = OHC_BUF_INIT;
	struct records records = { root, p };
	int rc = ohc_files_read_path(root, DPKG "/status", STATUS_MAX, &text, err);

	if (rc == 1)
		add_paragraphs(p, ohc_buf_str(&text));
	if (rc >= 0)
		rc = ohc_files_list(root, STATUS_D, add_record, &records, err);
	for (size_t i = 0; rc >= 0 && i < p->n; i++)
		rc = read_list(root, p, i, err);
	return rc < 0 ? rc : 0;
}
