// SPDX-License-Identifier: Apache-2.0
/*
 * dpkg's database (dpkg-query(1), deb-control(5)): the paragraphs of var/lib/dpkg/status, and
 * info/NAME.list or info/NAME:ARCH.list with the files of each.  Images without dpkg (distroless)
 * have a file for each package in status.d/, and no lists.
 */
#include <string.h>
#include <sys/stat.h>

#include "core/alloc.h"
#include "layout/sbom/packages_internal.h"

#define DPKG       "/var/lib/dpkg"
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

/* A package of another architecture beside it has the same name. */
static int read_list(struct ohc_files *root, struct ohc_packages *all, size_t i,
		     struct ohc_error *err)
{
	const struct ohc_package *p = &all->v[i];
	const char *arch = p->arch ? p->arch : "";
	ohc_cleanup(ohc_freep) char *plain = ohc_xasprintf(DPKG "/info/%s.list", p->name);
	ohc_cleanup(ohc_freep) char *of_arch =
		ohc_xasprintf(DPKG "/info/%s:%s.list", p->name, arch);
	ohc_cleanup(ohc_buf_clear) struct ohc_buf text = OHC_BUF_INIT;
	char *line, *rest;
	int rc = ohc_files_read_path(root, of_arch, LIST_MAX, &text, err);

	if (rc == 0) {
		ohc_buf_truncate(&text, 0);
		rc = ohc_files_read_path(root, plain, LIST_MAX, &text, err);
	}
	if (rc <= 0)
		return rc;
	ohc_buf_str(&text);
	for (line = strtok_r(text.data, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		ohc_packages_add_path(all, line, i);
	return 0;
}

struct records {
	struct ohc_files *root;
	struct ohc_packages *all;
};

static int add_record(void *ctx, const char *name, const struct ohc_files_node *node,
		      struct ohc_error *err)
{
	const struct records *r = ctx;
	ohc_cleanup(ohc_freep) char *path = ohc_xasprintf(DPKG "/status.d/%s", name);
	ohc_cleanup(ohc_buf_clear) struct ohc_buf text = OHC_BUF_INIT;
	int rc;

	if (!S_ISREG(node->mode) || strchr(name, '.'))
		return 0;
	rc = ohc_files_read_path(r->root, path, STATUS_MAX, &text, err);
	if (rc == 1)
		add_paragraphs(r->all, ohc_buf_str(&text));
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
		rc = ohc_files_list(root, DPKG "/status.d", add_record, &records, err);
	for (size_t i = 0; rc >= 0 && i < p->n; i++)
		rc = read_list(root, p, i, err);
	return rc < 0 ? rc : 0;
}
