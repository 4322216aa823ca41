/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lists what is in a payload: the packages that its files come from, and the files that come from
 * none.  Found without running anything: by the databases of dpkg and apk of the root that the
 * files were taken from, by what Python, npm, Go and Rust leave beside or in their files, and by
 * what browsers and node say of their version.
 *
 *	struct ohc_sbom bom = OHC_SBOM_INIT;
 *
 *	c = ohc_sbom_add(&bom, OHC_SBOM_PYPI, "requests", "2.32.0");
 *	ohc_strv_add(&c->paths, "/p/lib/…/requests-2.32.0.dist-info");
 *	f = ohc_sbom_add_file(&bom, "/p/etc/settings");
 *	ohc_sbom_settle(&bom);
 *	text = ohc_sbom_cyclonedx(&bom);	or ohc_sbom_spdx(&bom)
 *	ohc_sbom_clear(&bom);
 *
 * The texts depend on what was added alone, in whatever order: no time, no random number.
 * Their forms are those of CycloneDX 1.6 (ECMA-424) and SPDX 2.3 (ISO/IEC 5962), as JSON; packages
 * are named by package URLs (github.com/package-url/purl-spec).
 */
#ifndef OHC_LAYOUT_SBOM_SBOM_H
#define OHC_LAYOUT_SBOM_SBOM_H

#include <stdint.h>

#include "core/hash.h"
#include "core/strv.h"

#define OHC_SBOM_CYCLONEDX_TYPE "application/vnd.cyclonedx+json"
#define OHC_SBOM_SPDX_TYPE      "application/spdx+json"

enum ohc_sbom_kind {
	OHC_SBOM_DEB,
	OHC_SBOM_APK,
	OHC_SBOM_PYPI,
	OHC_SBOM_NPM,
	OHC_SBOM_GOLANG,
	OHC_SBOM_CARGO,
	OHC_SBOM_GENERIC, /* a program that says its version itself */
};

/* A package.  Texts are its own; NULL: not known. */
struct ohc_sbom_component {
	enum ohc_sbom_kind kind;
	char *name, *version;
	char *arch;            /* in the words of its distribution */
	char *source;          /* "glibc 2.36-9": what the distribution built it from */
	char *license;         /* as the package says it */
	struct ohc_strv paths; /* where it was seen, in the image */
};

/* A file that belongs to no package. */
struct ohc_sbom_file {
	char *path;   /* in the image */
	size_t layer; /* of those that were searched (layout/sbom/find.h) */
	char sha256[OHC_HASH_HEX_MAX];
	char sha1[OHC_HASH_HEX_MAX]; /* SPDX wants it of every file */
};

struct ohc_sbom {
	struct ohc_sbom_component *v;
	size_t n;
	struct ohc_sbom_file *files;
	size_t n_files;
	char *distro;  /* "debian-12", of the root; or NULL */
	char *prefix;  /* what it is a list of */
	char *version; /* of the payload, by its recipe; or NULL */
};

#define OHC_SBOM_INIT     \
	{                 \
		.v = NULL \
	}

/* The component of that kind, name and version, which is made when it is new.  Valid until the next
 * one is added. */
struct ohc_sbom_component *ohc_sbom_add(struct ohc_sbom *bom, enum ohc_sbom_kind kind,
					const char *name, const char *version);
struct ohc_sbom_file *ohc_sbom_add_file(struct ohc_sbom *bom, const char *path);

/* Everything was added: brings it into its order. */
void ohc_sbom_settle(struct ohc_sbom *bom);

/* "pkg:deb/debian/libc6@2.36-9?arch=amd64&distro=debian-12"; the caller frees it. */
char *ohc_sbom_purl(const struct ohc_sbom *bom, const struct ohc_sbom_component *c);

/* The documents; the caller frees them. */
char *ohc_sbom_cyclonedx(const struct ohc_sbom *bom);
char *ohc_sbom_spdx(const struct ohc_sbom *bom);

void ohc_sbom_clear(struct ohc_sbom *bom);

#endif
