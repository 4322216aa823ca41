// SPDX-License-Identifier: Apache-2.0
#include "layout/sbom/packages.h"

#include <string.h>

#include "core/alloc.h"
#include "core/fnv.h"
#include "core/path.h"
#include "layout/sbom/packages_internal.h"

#define COPYRIGHT_MAX  (1u << 20)
#define OS_RELEASE_MAX (64u << 10)

/* The path by which a file is known: without /usr where a merged root has a symlink. */
static const char *key_of(const char *path)
{
	static const char *const merged[] = { "/usr/bin/",    "/usr/sbin/",  "/usr/lib/",
					      "/usr/lib64/",  "/usr/lib32/", "/usr/libx32/",
					      "/usr/libexec/" };

	for (size_t i = 0; i < OHC_ARRAY_SIZE(merged); i++)
		if (strncmp(path, merged[i], strlen(merged[i])) == 0)
			return path + strlen("/usr");
	return path;
}

static uint64_t hash_of(const char *text)
{
	return ohc_fnv_add(OHC_FNV_INIT, text, strlen(text));
}

static void add(struct ohc_packages_paths *list, uint64_t hash, size_t package)
{
	if (list->n == list->cap) {
		list->cap = list->cap ? 2 * list->cap : 1024;
		list->v = ohc_xrealloc(list->v, list->cap, sizeof(*list->v));
	}
	list->v[list->n++] = (struct ohc_packages_path){ hash, (uint32_t)package };
}

struct ohc_package *ohc_packages_add(struct ohc_packages *p, enum ohc_sbom_kind kind)
{
	p->v = ohc_xrealloc(p->v, p->n + 1, sizeof(*p->v));
	p->v[p->n] = (struct ohc_package){ .kind = kind };
	return &p->v[p->n++];
}

void ohc_packages_add_path(struct ohc_packages *p, const char *path, size_t package)
{
	add(&p->paths, hash_of(key_of(path)), package);
}

/* There are few others, such as what git keeps below /usr/lib. */
static bool is_object(const char *path)
{
	return strstr(path, "bin/") || strstr(path, "libexec/") || strstr(path, ".so");
}

void ohc_packages_add_sum(struct ohc_packages *p, const char *path, const char *hex, size_t package)
{
	if (is_object(path))
		add(&p->sums, hash_of(hex), package);
}

/* A value goes on in lines that begin with a space, which are not wanted here. */
char *ohc_packages_field(const char *paragraph, size_t n, const char *key)
{
	const char *s = paragraph, *end = paragraph + n;
	size_t length = strlen(key);

	while (s < end) {
		const char *eol = memchr(s, '\n', (size_t)(end - s));
		size_t line = (size_t)((eol ? eol : end) - s);

		if (line > length && strncasecmp(s, key, length) == 0 && s[length] == ':') {
			s += length + 1;
			line -= length + 1;
			for (; line > 0 && *s == ' '; s++)
				line--;
			return ohc_xstrndup(s, line);
		}
		s += line + 1;
	}
	return NULL;
}

static int by_path(const void *a, const void *b)
{
	const struct ohc_packages_path *x = a, *y = b;

	return x->hash < y->hash ? -1 : x->hash > y->hash;
}

/* Of two packages that have the same, every run finds the same one. */
static int by_path_and_package(const void *a, const void *b)
{
	const struct ohc_packages_path *x = a, *y = b;
	int d = by_path(a, b);

	return d ? d : (x->package > y->package) - (x->package < y->package);
}

static void sort(struct ohc_packages_paths *list)
{
	if (list->n > 0)
		qsort(list->v, list->n, sizeof(*list->v), by_path_and_package);
}

static const struct ohc_packages_path *search(const struct ohc_packages_paths *list, uint64_t hash)
{
	const struct ohc_packages_path wanted = { hash, 0 };

	return list->n ? bsearch(&wanted, list->v, list->n, sizeof(wanted), by_path) : NULL;
}

int ohc_packages_read(struct ohc_files *root, struct ohc_packages **ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_packages_freep) struct ohc_packages *p = ohc_xcalloc(1, sizeof(*p));
	int rc = ohc_packages_read_dpkg(root, p, err);

	if (rc == 0)
		rc = ohc_packages_read_apk(root, p, err);
	if (rc < 0)
		return rc;
	sort(&p->paths);
	*ret = ohc_take(p);
	return 0;
}

int ohc_packages_read_sums(struct ohc_files *root, struct ohc_packages *p, struct ohc_error *err)
{
	int rc = ohc_packages_sums_dpkg(root, p, err);

	if (rc == 0)
		rc = ohc_packages_sums_apk(root, p, err);
	sort(&p->sums);
	return rc;
}

static void packages_free(struct ohc_packages *p)
{
	for (size_t i = 0; p && i < p->n; i++) {
		free(p->v[i].name);
		free(p->v[i].version);
		free(p->v[i].arch);
		free(p->v[i].source);
		free(p->v[i].license);
		free(p->v[i].record);
		free(p->v[i].at);
	}
	if (p) {
		free(p->v);
		free(p->paths.v);
		free(p->sums.v);
	}
	free(p);
}

void ohc_packages_freep(struct ohc_packages **p)
{
	packages_free(*p);
}

struct ohc_package *ohc_packages_owner(const struct ohc_packages *p, const char *path)
{
	const struct ohc_packages_path *found = search(&p->paths, hash_of(key_of(path)));

	return found ? &p->v[found->package] : NULL;
}

struct ohc_package *ohc_packages_with(const struct ohc_packages *p, const char *hex)
{
	const struct ohc_packages_path *found = search(&p->sums, hash_of(hex));

	return found ? &p->v[found->package] : NULL;
}

static bool begins(const char *path, const char *with)
{
	return strncmp(path, with, strlen(with)) == 0;
}

bool ohc_packages_is_database(const char *path)
{
	static const char *const files[] = { "/var/lib/dpkg/status", "/lib/apk/db/installed",
					     "/usr/lib/apk/db/installed", "/etc/os-release",
					     "/usr/lib/os-release" };

	for (size_t i = 0; i < OHC_ARRAY_SIZE(files); i++)
		if (strcmp(path, files[i]) == 0)
			return true;
	if (begins(path, "/var/lib/dpkg/info/"))
		return ohc_path_ends_in(path, ".list") || ohc_path_ends_in(path, ".md5sums");
	return begins(path, "/var/lib/dpkg/status.d/") ||
	       (begins(path, "/usr/share/doc/") && ohc_path_ends_in(path, "/copyright"));
}

/* Each license once, in the order of the file. */
static char *licenses_of(const char *text)
{
	ohc_cleanup(ohc_strv_clear) struct ohc_strv names = OHC_STRV_INIT;
	ohc_cleanup(ohc_buf_clear) struct ohc_buf all = OHC_BUF_INIT;
	const char *name;
	size_t i;

	for (const char *s = text; s; s = strchr(s, '\n'), s = s ? s + 1 : NULL) {
		ohc_cleanup(ohc_freep) char *value = NULL;

		if (strncasecmp(s, "License:", 8) != 0)
			continue;
		value = ohc_packages_field(s, strcspn(s, "\n"), "License");
		if (value && *value && !ohc_strv_has(&names, value))
			ohc_strv_add(&names, value);
	}
	ohc_strv_foreach (&names, i, name) {
		ohc_buf_adds(&all, i ? ", " : "");
		ohc_buf_adds(&all, name);
	}
	return all.len ? ohc_xstrdup(ohc_buf_str(&all)) : NULL;
}

int ohc_packages_license(struct ohc_files *root, struct ohc_package *package, struct ohc_error *err)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf text = OHC_BUF_INIT;
	ohc_cleanup(ohc_freep) char *path = NULL;
	int rc;

	if (package->kind != OHC_SBOM_DEB || package->looked)
		return 0;
	package->looked = true;
	path = ohc_xasprintf("/usr/share/doc/%s/copyright", package->name);
	rc = ohc_files_read_path(root, path, COPYRIGHT_MAX, &text, err);
	if (rc == 1 && strncasecmp(ohc_buf_str(&text), "Format:", 7) == 0)
		package->license = licenses_of(ohc_buf_str(&text));
	return rc < 0 ? rc : 0;
}

/* KEY=value or KEY="value" */
static char *assignment(const char *text, const char *key)
{
	size_t length = strlen(key);

	for (const char *s = text; s; s = strchr(s, '\n'), s = s ? s + 1 : NULL) {
		if (strncmp(s, key, length) != 0 || s[length] != '=')
			continue;
		s += length + 1;
		if (*s == '"' || *s == '\'')
			return ohc_xstrndup(s + 1, strcspn(s + 1, "\"'\n"));
		return ohc_xstrndup(s, strcspn(s, "\n"));
	}
	return NULL;
}

int ohc_packages_distro(struct ohc_files *root, char **ret, struct ohc_error *err)
{
	static const char *const paths[] = { "/etc/os-release", "/usr/lib/os-release" };
	ohc_cleanup(ohc_buf_clear) struct ohc_buf text = OHC_BUF_INIT;
	ohc_cleanup(ohc_freep) char *id = NULL, *version = NULL;
	int rc = 0;

	*ret = NULL;
	for (size_t i = 0; rc == 0 && i < OHC_ARRAY_SIZE(paths); i++) {
		ohc_buf_truncate(&text, 0);
		rc = ohc_files_read_path(root, paths[i], OS_RELEASE_MAX, &text, err);
	}
	if (rc <= 0)
		return rc;
	id = assignment(ohc_buf_str(&text), "ID");
	version = assignment(ohc_buf_str(&text), "VERSION_ID");
	if (id && *id)
		*ret = version && *version ? ohc_xasprintf("%s-%s", id, version) : ohc_xstrdup(id);
	return 0;
}
