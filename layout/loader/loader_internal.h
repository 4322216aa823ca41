/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by the files of layout/loader/loader.h. */
#ifndef OHC_LAYOUT_LOADER_LOADER_INTERNAL_H
#define OHC_LAYOUT_LOADER_LOADER_INTERNAL_H

#include "layout/loader/loader.h"
#include "layout/loader/machine.h"

/* A row of /etc/ld.so.cache; both texts are the cache's. */
struct ohc_cached_lib {
	const char *name, *path;
	uint32_t at; /* its rank among the rows of the same name */
};

struct ohc_loader {
	struct ohc_files *files;
	char *library_path; /* or NULL */

	bool cache_read;
	bool cache_there, cache_known; /* there is one; and what is in it is known */
	unsigned int cache_layer;
	struct ohc_buf cache_text;
	struct ohc_cached_lib *cached; /* by name */
	size_t n_cached;

	struct ohc_strv conf; /* what ldconfig was told */
	bool conf_read;
};

/* Adds the paths that ldconfig found for a name. */
int ohc_loader_cached(struct ohc_loader *libs, const char *name, struct ohc_strv *ret,
		      struct ohc_error *err);

/* Adds where ldconfig looks, by /etc/ld.so.conf and what it includes. */
int ohc_loader_conf(struct ohc_loader *libs, struct ohc_strv *ret, struct ohc_error *err);

/* Adds the paths at which a name that c->v[by] needs is looked for, in this order. */
int ohc_loader_search(struct ohc_loader *libs, const struct ohc_loader_set *c, size_t by,
		      const char *name, struct ohc_strv *ret, struct ohc_error *err);

/* Adds where musl's loader, which is at `loader` (or NULL), looks. */
int ohc_loader_musl_path(struct ohc_loader *libs, const char *loader, const struct ohc_elf *elf,
			 struct ohc_strv *ret, struct ohc_error *err);

/* Adds glibc's default directories: they depend on who built the loader, whose real path that is
 * (or NULL where it is not there). */
void ohc_loader_defaults(const char *loader, const struct ohc_elf *elf, struct ohc_strv *ret);

#endif
