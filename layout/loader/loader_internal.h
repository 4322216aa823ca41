/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by the files of layout/loader/loader.h. */
#ifndef OHC_LAYOUT_LOADER_LOADER_INTERNAL_H
#define OHC_LAYOUT_LOADER_LOADER_INTERNAL_H

#include "layout/loader/loader.h"
#include "layout/loader/machine.h"

struct ohc_loader {
	struct ohc_files *files;
	char *library_path;   /* or NULL */
	struct ohc_strv conf; /* what ldconfig was told */
	bool conf_read;
};

/* Adds where ldconfig looks, by /etc/ld.so.conf and what it includes. */
int ohc_loader_conf(struct ohc_loader *libs, struct ohc_strv *ret, struct ohc_error *err);

/* Adds where musl's loader, which is at `loader` (or NULL), looks. */
int ohc_loader_musl_path(struct ohc_loader *libs, const char *loader, const struct ohc_elf *elf,
			 struct ohc_strv *ret, struct ohc_error *err);

/* Adds glibc's default directories: they depend on who built the loader, whose real path that is
 * (or NULL where it is not there). */
void ohc_loader_defaults(const char *loader, const struct ohc_elf *elf, struct ohc_strv *ret);

#endif
