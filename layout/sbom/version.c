// SPDX-License-Identifier: Apache-2.0
/*
 * Programs that are large, come as they are, and say their version somewhere in themselves: node by
 * the address of its headers, Chromium by a text that is four numbers and nothing else.
 */
#include <ctype.h>
#include <string.h>
#include <unistd.h>

#include "core/alloc.h"
#include "layout/sbom/find_internal.h"

#define PIECE   (1u << 20)
#define OVERLAP 256 /* a text may lie across two pieces */

/* How a version is found at a place in the program; its length, or 0. */
typedef size_t (*match_fn)(const char *at, size_t left);

#define NODE "nodejs.org/download/release/v"

static size_t match_node(const char *at, size_t left)
{
	size_t n = strlen(NODE), i = n;

	if (left <= n || memcmp(at, NODE, n) != 0)
		return 0;
	while (i < left && (isdigit((unsigned char)at[i]) || at[i] == '.'))
		i++;
	return i < left && at[i] == '/' ? i : 0;
}

/* NUL, then 131.0.6778.33, then NUL. */
static size_t match_chromium(const char *at, size_t left)
{
	size_t i = 1, dots = 0, digits = 0;

	if (*at != '\0' || left < 10 || !isdigit((unsigned char)at[1]))
		return 0;
	for (; i < left && i < 24 && at[i]; i++) {
		if (at[i] == '.' && digits > 0) {
			dots++;
			digits = 0;
		} else if (isdigit((unsigned char)at[i])) {
			digits++;
		} else {
			return 0;
		}
	}
	return i < left && i < 24 && dots == 3 && digits > 0 && i > 11 ? i : 0;
}

static const struct {
	const char *file, *name;
	match_fn match;
	size_t skip; /* bytes of the match before the version */
} programs[] = {
	{ "node", "node", match_node, sizeof(NODE) - 1 },
	{ "chrome", "chromium", match_chromium, 1 },
	{ "chromium", "chromium", match_chromium, 1 },
	{ "headless_shell", "chromium", match_chromium, 1 },
	{ "chrome-headless-shell", "chromium", match_chromium, 1 },
};

static char *find(int fd, match_fn match, size_t skip)
{
	ohc_cleanup(ohc_freep) char *piece = ohc_xmalloc(PIECE);
	off_t at = 0;
	ssize_t n;

	while ((n = pread(fd, piece, PIECE, at)) > 0) {
		for (size_t i = 0; i < (size_t)n; i++) {
			size_t found = match(piece + i, (size_t)n - i);

			if (found)
				return ohc_xstrndup(piece + i + skip, found - skip);
		}
		if ((size_t)n < PIECE)
			break;
		at += n - OVERLAP;
	}
	return NULL;
}

int ohc_sbom_version(struct ohc_sbom *bom, int fd, const char *name, const char *path, bool *ret,
		     struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *version = NULL;

	(void)err;
	*ret = false;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(programs); i++) {
		if (strcmp(programs[i].file, name) != 0)
			continue;
		version = find(fd, programs[i].match, programs[i].skip);
		if (!version)
			return 0;
		ohc_strv_add(&ohc_sbom_add(bom, OHC_SBOM_GENERIC, programs[i].name, version)->paths,
			     path);
		*ret = true;
		return 0;
	}
	return 0;
}
