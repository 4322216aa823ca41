/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Platforms: OS/ARCH[/VARIANT] in Go's words (image-spec image-index.md), normalized as containerd
 * does: x86_64 is amd64, aarch64 and arm64/v8 are arm64, armhf is arm/v7.
 */
#ifndef OHC_OCI_PLATFORM_H
#define OHC_OCI_PLATFORM_H

#include <stdbool.h>

#include "core/error.h"

struct ohc_platform {
	char os[32];
	char arch[32];
	char variant[32]; /* "" when there is none */
};

#define OHC_PLATFORM_TEXT 100

int ohc_platform_parse(const char *text, struct ohc_platform *ret, struct ohc_error *err);

/* From the three fields of a config or an index entry; NULL or too long is taken as "". */
void ohc_platform_set(struct ohc_platform *p, const char *os, const char *arch,
		      const char *variant);

/* That of this program. */
void ohc_platform_host(struct ohc_platform *ret);

/* Does an image of platform `have` do for `want`?  A variant in want must be matched, but for
 * arm64, where v8 is what no variant means. */
bool ohc_platform_match(const struct ohc_platform *want, const struct ohc_platform *have);

/* "linux/arm64/v8" */
const char *ohc_platform_text(const struct ohc_platform *p, char ret[OHC_PLATFORM_TEXT]);

#endif
