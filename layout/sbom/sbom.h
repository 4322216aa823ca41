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
 *	rc = ohc_sbom_cyclonedx(&bom, sink, err);	or ohc_sbom_spdx()
 *	ohc_sbom_clear(&bom);
 *
 * The texts depend on what was added alone, in whatever order: no time, no random number.
 * Their forms are those of CycloneDX 1.6 (ECMA-424) and SPDX 2.3 (ISO/IEC 5962), as JSON; packages
 * are named by package URLs (github.com/package-url/purl-spec).
 */
#ifndef OHC_LAYOUT_SBOM_SBOM_H
#define OHC_LAYOUT_SBOM_SBOM_H

#include <stdint.h>

#include "core/io.h"
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
	char *distro;          /* "debian-12": whose package it is */
	struct ohc_strv paths; /* where it was seen, in the image */
};

/* A file that belongs to no package.  There may be very many. */
struct ohc_sbom_file {
	char *path;     /* in the image */
	uint32_t layer; /* of those that were searched (layout/sbom/find.h) */

	/* Of one that may belong to a package (layout/sbom/find.h): what that says of its content;
	 * and where it lies on this machine, or NULL. */
	char *claim;
	const char *source;
};

struct ohc_sbom_digests {
	char sha256[64 + 1];
	char sha1[40 + 1]; /* where it is asked for: SPDX wants it of every file */
};

/* Reads a file, when it is written. */
typedef int (*ohc_sbom_digest_fn)(void *ctx, const struct ohc_sbom_file *f, bool sha1,
				  struct ohc_sbom_digests *ret, struct ohc_error *err);

struct ohc_sbom {
	struct ohc_sbom_component *v;
	size_t n;
	struct ohc_sbom_file *files;
	size_t n_files;
	ohc_sbom_digest_fn digest;
	void *ctx;
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
/* Makes room for n files, of which as many are added. */
void ohc_sbom_reserve_files(struct ohc_sbom *bom, size_t n);
/* Takes the path. */
struct ohc_sbom_file *ohc_sbom_add_file(struct ohc_sbom *bom, char *path);

/* Everything was added: brings it into its order. */
void ohc_sbom_settle(struct ohc_sbom *bom);

/* "pkg:deb/debian/libc6@2.36-9?arch=amd64&distro=debian-12"; the caller frees it. */
char *ohc_sbom_purl(const struct ohc_sbom_component *c);

/* Write the documents, which may be large: a file is some 250 bytes.  The sink is not finished. */
int ohc_sbom_cyclonedx(const struct ohc_sbom *bom, struct ohc_sink *out, struct ohc_error *err);
int ohc_sbom_spdx(const struct ohc_sbom *bom, struct ohc_sink *out, struct ohc_error *err);

void ohc_sbom_clear(struct ohc_sbom *bom);

#endif
