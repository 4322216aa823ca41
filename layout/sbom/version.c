// SPDX-License-Identifier: Apache-2.0
/*
 * Programs that are large, come as they are, and say their version somewhere in themselves: node by
 * the address of its headers, Chromium by a text that is four numbers and nothing else.
 */
#include <ctype.h>
#include <string.h>

#include "core/alloc.h"
#include "core/path.h"
#include "layout/sbom/find_internal.h"

#define PIECE   (1u << 20)
#define OVERLAP 256 /* a text may lie across two pieces */

/* The length of the version that stands at a place in the program, or 0. */
typedef size_t (*match_fn)(const char *at, size_t left);

/* 22.11.0/ */
static size_t match_node(const char *at, size_t left)
{
	size_t i = 0;

	while (i < left && (isdigit((unsigned char)at[i]) || at[i] == '.'))
		i++;
	return i < left && at[i] == '/' ? i : 0;
}

/* 131.0.6778.33, then NUL. */
static size_t match_chromium(const char *at, size_t left)
{
	size_t i, dots = 0, digits = 0;

	for (i = 0; i < left && i < 23 && at[i]; i++) {
		if (at[i] == '.' && digits > 0) {
			dots++;
			digits = 0;
		} else if (isdigit((unsigned char)at[i])) {
			digits++;
		} else {
			return 0;
		}
	}
	return i < left && i < 23 && dots == 3 && digits > 0 && i > 10 ? i : 0;
}

#define NODE     "nodejs.org/download/release/v"
#define CHROMIUM "" /* its NUL */

static const struct {
	const char *file, *name;
	const char *before; /* what stands in front of the version, … */
	size_t n;           /* … of so many bytes */
	match_fn match;
} programs[] = {
	{ "node", "node", NODE, sizeof(NODE) - 1, match_node },
	{ "chrome", "chromium", CHROMIUM, 1, match_chromium },
	{ "chromium", "chromium", CHROMIUM, 1, match_chromium },
	{ "headless_shell", "chromium", CHROMIUM, 1, match_chromium },
	{ "chrome-headless-shell", "chromium", CHROMIUM, 1, match_chromium },
};

static char *find(const struct ohc_elf_input *in, size_t program)
{
	const char *before = programs[program].before;
	size_t skip = programs[program].n;
	ohc_cleanup(ohc_freep) char *piece = ohc_xmalloc(PIECE);
	ssize_t n;

	for (uint64_t at = 0; (n = in->read_at(in->ctx, at, piece, PIECE, NULL)) > OVERLAP;
	     at += (uint64_t)n - OVERLAP) {
		const char *end = piece + n, *s = piece;

		while ((s = memmem(s, (size_t)(end - s), before, skip))) {
			size_t found = programs[program].match(s + skip, (size_t)(end - s) - skip);

			s += skip;
			if (found)
				return ohc_xstrndup(s, found);
		}
	}
	return NULL;
}

bool ohc_sbom_version(struct ohc_sbom *bom, const struct ohc_elf_input *in, const char *path)
{
	ohc_cleanup(ohc_freep) char *version = NULL;
	size_t i = 0;

	while (i < OHC_ARRAY_SIZE(programs) && strcmp(programs[i].file, ohc_path_name(path)) != 0)
		i++;
	if (i == OHC_ARRAY_SIZE(programs))
		return false;
	version = find(in, i);
	if (version)
		ohc_strv_add(&ohc_sbom_add(bom, OHC_SBOM_GENERIC, programs[i].name, version)->paths,
			     path);
	return version != NULL;
}
