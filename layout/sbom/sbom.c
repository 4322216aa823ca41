// SPDX-License-Identifier: Apache-2.0
#include "layout/sbom/sbom.h"

#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "core/percent.h"

static const char *text(const char *s)
{
	return s ? s : "";
}

static bool is_one(const struct ohc_sbom_component *c, enum ohc_sbom_kind kind, const char *name,
		   const char *version)
{
	return c->kind == kind && strcmp(c->name, name) == 0 &&
	       strcmp(text(c->version), text(version)) == 0;
}

struct ohc_sbom_component *ohc_sbom_add(struct ohc_sbom *bom, enum ohc_sbom_kind kind,
					const char *name, const char *version)
{
	struct ohc_sbom_component *c;

	/* From the end: what is added several times is so in a row. */
	for (size_t i = bom->n; i > 0; i--)
		if (is_one(&bom->v[i - 1], kind, name, version))
			return &bom->v[i - 1];
	bom->v = ohc_xrealloc(bom->v, bom->n + 1, sizeof(*bom->v));
	c = &bom->v[bom->n++];
	*c = (struct ohc_sbom_component){ .kind = kind, .name = ohc_xstrdup(name) };
	if (version && *version)
		c->version = ohc_xstrdup(version);
	return c;
}

void ohc_sbom_reserve_files(struct ohc_sbom *bom, size_t n)
{
	bom->files = ohc_xrealloc(bom->files, bom->n_files + n + 1, sizeof(*bom->files));
}

struct ohc_sbom_file *ohc_sbom_add_file(struct ohc_sbom *bom, char *path)
{
	struct ohc_sbom_file *f = &bom->files[bom->n_files++];

	*f = (struct ohc_sbom_file){ .path = path };
	return f;
}

static int by_name(const void *a, const void *b)
{
	const struct ohc_sbom_component *x = a, *y = b;
	int d = x->kind < y->kind ? -1 : x->kind > y->kind;

	if (d == 0)
		d = strcmp(x->name, y->name);
	return d ? d : strcmp(text(x->version), text(y->version));
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct ohc_sbom_file *)a)->path,
		      ((const struct ohc_sbom_file *)b)->path);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void ohc_sbom_settle(struct ohc_sbom *bom)
{
	if (bom->n > 0)
		qsort(bom->v, bom->n, sizeof(*bom->v), by_name);
	if (bom->n_files > 0)
		qsort(bom->files, bom->n_files, sizeof(*bom->files), by_path);
	for (size_t i = 0; i < bom->n; i++)
		if (bom->v[i].paths.n > 0)
			qsort(bom->v[i].paths.v, bom->v[i].paths.n, sizeof(char *), by_text);
}

static void component_clear(struct ohc_sbom_component *c)
{
	free(c->name);
	free(c->version);
	free(c->arch);
	free(c->source);
	free(c->license);
	free(c->distro);
	ohc_strv_clear(&c->paths);
}

void ohc_sbom_clear(struct ohc_sbom *bom)
{
	for (size_t i = 0; i < bom->n; i++)
		component_clear(&bom->v[i]);
	for (size_t i = 0; i < bom->n_files; i++) {
		free(bom->files[i].path);
		free(bom->files[i].claim);
	}
	free(bom->v);
	free(bom->files);
	free(bom->prefix);
	free(bom->version);
	memset(bom, 0, sizeof(*bom));
}

/* ---- package URLs ---- */

static const struct {
	const char *type;
	bool paths; /* names have '/' between their parts */
} kinds[] = {
	[OHC_SBOM_DEB] = { "deb", false },         [OHC_SBOM_APK] = { "apk", false },
	[OHC_SBOM_PYPI] = { "pypi", false },       [OHC_SBOM_NPM] = { "npm", true },
	[OHC_SBOM_GOLANG] = { "golang", true },    [OHC_SBOM_CARGO] = { "cargo", false },
	[OHC_SBOM_GENERIC] = { "generic", false },
};

/* The namespace: who made the packages, "debian" of "debian-12". */
static void add_vendor(struct ohc_buf *b, const struct ohc_sbom_component *c)
{
	const char *usual = c->kind == OHC_SBOM_DEB ? "debian" : "alpine";
	const char *distro = c->distro ? c->distro : usual;

	ohc_buf_add(b, distro, strcspn(distro, "-"));
	ohc_buf_adds(b, "/");
}

static void add_qualifier(struct ohc_buf *b, const char *key, const char *value, bool *first)
{
	if (!value || !*value)
		return;
	ohc_buf_adds(b, *first ? "?" : "&");
	*first = false;
	ohc_buf_adds(b, key);
	ohc_buf_adds(b, "=");
	ohc_percent_add(b, value, "");
}

char *ohc_sbom_purl(const struct ohc_sbom_component *c)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf b = OHC_BUF_INIT;
	bool first = true;

	ohc_buf_adds(&b, "pkg:");
	ohc_buf_adds(&b, kinds[c->kind].type);
	ohc_buf_adds(&b, "/");
	if (c->kind == OHC_SBOM_DEB || c->kind == OHC_SBOM_APK)
		add_vendor(&b, c);
	ohc_percent_add(&b, c->name, kinds[c->kind].paths ? "/" : "");
	if (c->version) {
		ohc_buf_adds(&b, "@");
		ohc_percent_add(&b, c->version, "");
	}
	if (c->kind == OHC_SBOM_DEB || c->kind == OHC_SBOM_APK) {
		add_qualifier(&b, "arch", c->arch, &first);
		add_qualifier(&b, "distro", c->distro, &first);
	}
	return ohc_xstrdup(ohc_buf_str(&b));
}
