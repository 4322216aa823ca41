/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Platforms: OS/ARCH[/VARIANT] in Go's words (image-spec image-index.md), normalized as containerd
 * does: x86_64 and amd64/v1 are amd64, aarch64 and arm64/v8 are arm64, armhf is arm/v7.
 */
#ifndef OHC_OCI_DOCUMENTS_PLATFORM_H
#define OHC_OCI_DOCUMENTS_PLATFORM_H

#include <stdbool.h>

#include "core/error.h"

struct ohc_platform {
	char os[32];
	char arch[32];
	char variant[32]; /* "" when there is none */
};

#define OHC_PLATFORM_TEXT 100

int ohc_platform_parse(const char *text, struct ohc_platform *ret, struct ohc_error *err);

/* Makes a platform of the three fields of a config or an index entry; NULL, and text that is too
 * long or has characters that ohc_platform_parse() refuses, count as "". */
void ohc_platform_set(struct ohc_platform *p, const char *os, const char *arch,
		      const char *variant);

/* The platform of this program. */
void ohc_platform_host(struct ohc_platform *ret);

/*
 * How well an image of platform `have` suits `want`: 0 not at all, else the higher the better.  The
 * wanted variant itself is best; then, where variants are levels that include those below them
 * (amd64 v1 to v4, arm v5 to v8, arm64 v8 and up), the nearest lower one.  Where no variant is
 * wanted, none at all is best (it means amd64 v1, arm v7, arm64 v8) and any other will do.
 */
int ohc_platform_rank(const struct ohc_platform *want, const struct ohc_platform *have);

/* ohc_platform_rank() > 0 */
bool ohc_platform_match(const struct ohc_platform *want, const struct ohc_platform *have);

/* "linux/arm64/v8" */
const char *ohc_platform_text(const struct ohc_platform *p, char ret[OHC_PLATFORM_TEXT]);

#endif
