// SPDX-License-Identifier: Apache-2.0
/*
 * Packages of the payload itself: a system's tree below the prefix has its databases there, and a
 * payload that was packed before the records of its packages (PREFIX/var/lib/dpkg/status.d), which
 * have no lists of files.
 */
#include <string.h>
#include <sys/stat.h>

#include "core/alloc.h"
#include "layout/sbom/find_internal.h"
#include "layout/sbom/packages_internal.h"

/* The payload's regular files as a root, which the prefix is. */
struct own_files {
	struct ohc_files files;
	const struct ohc_sbom_search *s;
};

static const struct own_files *own_of(const struct ohc_files *f)
{
	return OHC_CONTAINER_OF(f, struct own_files, files);
}

static bool has_below(const struct ohc_sbom_search *s, const char *dir)
{
	ohc_cleanup(ohc_freep) char *below = ohc_xasprintf("%s/", dir);
	size_t i = ohc_sbom_entries_from(s, below);

	return i < s->n && strncmp(s->v[i].path, below, strlen(below)) == 0;
}

static int own_find(struct ohc_files *f, const char *path, enum ohc_files_follow follow,
		    struct ohc_files_place *ret, struct ohc_error *err)
{
	const struct ohc_sbom_search *s = own_of(f)->s;
	ohc_cleanup(ohc_freep) char *full = ohc_xasprintf("%s%s", s->bom->prefix, path);
	const struct ohc_sbom_entry *e = ohc_sbom_entry_at(s, full);
	struct ohc_files_place place = { .found = OHC_FILES_ABSENT, .path = ohc_xstrdup(path) };

	(void)follow;
	(void)err;
	if (e || has_below(s, full)) {
		place.found = OHC_FILES_THERE;
		place.node.mode = e ? S_IFREG | 0644 : S_IFDIR | 0755;
		place.node.size = e ? e->size : 0;
		place.node.id = e;
	}
	*ret = place;
	return 0;
}

static int own_walk(struct ohc_files *f, const char *dir, ohc_files_fn fn, void *ctx,
		    struct ohc_error *err)
{
	const struct ohc_files_node node = { .mode = S_IFREG | 0644 };
	const struct ohc_sbom_search *s = own_of(f)->s;
	ohc_cleanup(ohc_freep) char *below = ohc_xasprintf("%s%s/", s->bom->prefix, dir);
	size_t n = strlen(below);
	int rc = 0;

	for (size_t i = ohc_sbom_entries_from(s, below); rc == 0 && i < s->n; i++) {
		if (strncmp(s->v[i].path, below, n) != 0)
			break;
		rc = fn(ctx, s->v[i].path + strlen(s->bom->prefix), &node, err);
	}
	return rc;
}

static int own_elf(struct ohc_files *f, const struct ohc_files_place *place,
		   const struct ohc_elf **ret, struct ohc_error *err)
{
	(void)f;
	(void)place;
	(void)ret;
	(void)err;
	return 0;
}

static int own_read(struct ohc_files *f, const struct ohc_files_place *place, size_t max,
		    struct ohc_buf *ret, struct ohc_error *err)
{
	bool all;
	int rc = ohc_sbom_entry_read(own_of(f)->s, place->node.id, max, ret, &all, err);

	return rc < 0 ? rc : all;
}

static const struct ohc_files_ops ops = {
	.find = own_find, .walk = own_walk, .elf = own_elf, .read = own_read
};

/* A record without a list says that the package is there, but not what is of it. */
static int add_record(struct ohc_sbom_search *s, struct ohc_files *root, const char *distro,
		      struct ohc_package *p, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *path = ohc_xasprintf("%s%s", s->bom->prefix, p->at);
	struct ohc_sbom_entry *e = ohc_sbom_entry_at(s, path);

	return e ? ohc_sbom_add_package(s, e, root, distro, p, err) : 0;
}

int ohc_sbom_find_own(struct ohc_sbom_search *s, struct ohc_error *err)
{
	ohc_cleanup(ohc_packages_freep) struct ohc_packages *packages = NULL;
	struct own_files own = { { &ops }, s };
	ohc_cleanup(ohc_freep) char *distro = NULL;
	size_t prefix = strlen(s->bom->prefix);
	int rc = ohc_packages_read(&own.files, &packages, err);

	if (rc == 0)
		rc = ohc_packages_distro(&own.files, &distro, err);
	for (size_t i = 0; rc == 0 && i < s->n; i++) {
		struct ohc_sbom_entry *e = &s->v[i];
		struct ohc_package *p =
			e->owned ? NULL : ohc_packages_owner(packages, e->path + prefix);

		if (p)
			rc = ohc_sbom_add_package(s, e, &own.files, distro, p, err);
	}
	for (size_t i = 0; rc == 0 && i < packages->n; i++)
		if (packages->v[i].at)
			rc = add_record(s, &own.files, distro, &packages->v[i], err);
	return rc;
}
