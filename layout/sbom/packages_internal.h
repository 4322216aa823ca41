/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of packages and of their files while they are read. */
#ifndef OHC_LAYOUT_SBOM_PACKAGES_INTERNAL_H
#define OHC_LAYOUT_SBOM_PACKAGES_INTERNAL_H

#include "layout/sbom/packages.h"

/* A path by its hash of 64 bits, and which package it is of: a system has some hundred thousand,
 * whose names would take more memory than all else that pack has. */
struct ohc_packages_path {
	uint64_t hash;
	uint32_t package;
};

struct ohc_packages_paths {
	struct ohc_packages_path *v; /* sorted, when all are read */
	size_t n, cap;
};

struct ohc_packages {
	struct ohc_package *v;
	size_t n;
	struct ohc_packages_paths paths,
		sums; /* the second of contents of programs and libraries */
};

struct ohc_package *ohc_packages_add(struct ohc_packages *p, enum ohc_sbom_kind kind);
void ohc_packages_add_path(struct ohc_packages *p, const char *path, size_t package);

/* A file of the package has this content, which is left out where it is no program or library. */
void ohc_packages_add_sum(struct ohc_packages *p, const char *path, const char *hex,
			  size_t package);

/* The value of "Key: value" in a paragraph of such lines; the caller frees it.  NULL: none. */
char *ohc_packages_field(const char *paragraph, size_t n, const char *key);

int ohc_packages_read_dpkg(struct ohc_files *root, struct ohc_packages *p, struct ohc_error *err);
int ohc_packages_read_apk(struct ohc_files *root, struct ohc_packages *p, struct ohc_error *err);
int ohc_packages_sums_dpkg(struct ohc_files *root, struct ohc_packages *p, struct ohc_error *err);
int ohc_packages_sums_apk(struct ohc_files *root, struct ohc_packages *p, struct ohc_error *err);

#endif
