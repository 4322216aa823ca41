/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which package each file of a root belongs to, by the databases that dpkg and apk keep there.
 *
 *	rc = ohc_packages_read(root, &packages, err);
 *	p = ohc_packages_owner(packages, "/usr/lib/x86_64-linux-gnu/libz.so.1.2.13");
 *	ohc_packages_freep(&packages);
 *
 * A root with merged /usr has /lib as a symlink to /usr/lib, and packages that list /lib/…: both
 * are one path here.
 *
 * What was copied elsewhere in the root is still known by its content:
 *
 *	rc = ohc_packages_read_sums(root, packages, err);
 *	p = ohc_packages_with(packages, md5);	or by its SHA-1
 */
#ifndef OHC_LAYOUT_SBOM_PACKAGES_H
#define OHC_LAYOUT_SBOM_PACKAGES_H

#include "layout/files/files.h"
#include "layout/sbom/sbom.h"

struct ohc_package {
	enum ohc_sbom_kind kind; /* OHC_SBOM_DEB or OHC_SBOM_APK */
	char *name, *version, *arch;
	char *source;  /* "glibc 2.36-9" */
	char *license; /* NULL: not said, or not yet read … */
	bool looked;   /* … which this tells */
	char *record;  /* the paragraph of dpkg's status, with its line ends; NULL of apk's */
	char *at;      /* the file in status.d that has it alone, or NULL */
};

struct ohc_packages;

/* A root without such databases has no packages. */
int ohc_packages_read(struct ohc_files *root, struct ohc_packages **ret, struct ohc_error *err);
void ohc_packages_freep(struct ohc_packages **p);

/* path is absolute in the root; NULL: no package has it. */
struct ohc_package *ohc_packages_owner(const struct ohc_packages *p, const char *path);

/* Adds what the databases say of the contents of programs and libraries, by their paths: dpkg keeps
 * MD5, apk SHA-1. */
int ohc_packages_read_sums(struct ohc_files *root, struct ohc_packages *p, struct ohc_error *err);

/* Which package has a program or a library with this digest, in hex; NULL: none. */
struct ohc_package *ohc_packages_with(const struct ohc_packages *p, const char *hex);

/* Is the file at this path of a root, or of an image, one that the functions here read? */
bool ohc_packages_is_database(const char *path);

/* Reads what the package's copyright file says in its machine-readable form (Debian's
 * "Machine-readable debian/copyright file", 1.0), into its license.  Nothing where there is
 * none. */
int ohc_packages_license(struct ohc_files *root, struct ohc_package *package,
			 struct ohc_error *err);

/* "debian-12", by the root's /etc/os-release (os-release(5)); NULL: it does not say.  The caller
 * frees it. */
int ohc_packages_distro(struct ohc_files *root, char **ret, struct ohc_error *err);

#endif
