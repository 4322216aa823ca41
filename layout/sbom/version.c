// SPDX-License-Identifier: Apache-2.0
/*
 * Programs that are large, come as they are, and say their version somewhere in themselves: node by
 * the address of its headers, Chromium by a text that is its four numbers and nothing else.
 */
#include <ctype.h>
#include <string.h>

#include "core/alloc.h"
#include "core/path.h"
#include "layout/sbom/find_internal.h"

#define PIECE   (1u << 20)
#define OVERLAP 256 /* a text may lie across two pieces */

/* The greatest version so far; "" for none. */
struct said {
	char version[24];
};

typedef void (*look_fn)(const char *piece, size_t n, struct said *said);

static void keep(struct said *said, const char *version, size_t n)
{
	char text[sizeof(said->version)];

	if (n == 0 || n >= sizeof(text))
		return;
	memcpy(text, version, n);
	text[n] = '\0';
	if (strverscmp(text, said->version) > 0)
		memcpy(said->version, text, n + 1);
}

static size_t digits(const char *at, const char *end)
{
	size_t n = 0;

	while (at + n < end && isdigit((unsigned char)at[n]))
		n++;
	return n;
}

/* …/v22.11.0/ */
static void look_node(const char *piece, size_t n, struct said *said)
{
	static const char before[] = "nodejs.org/download/release/v";
	const char *end = piece + n, *s = piece;

	while ((s = memmem(s, (size_t)(end - s), before, strlen(before)))) {
		size_t length = 0;

		s += strlen(before);
		while (s + length < end && (isdigit((unsigned char)s[length]) || s[length] == '.'))
			length++;
		if (s + length < end && s[length] == '/')
			keep(said, s, length);
	}
}

/* MAJOR.0.BUILD.PATCH between two NULs.  BUILD is above 1000 since 2012: no address of a name
 * server, of which there are many in it. */
static void look_chromium(const char *piece, size_t n, struct said *said)
{
	static const char zero[] = ".0.";
	const char *end = piece + n, *s = piece;

	while ((s = memmem(s, (size_t)(end - s), zero, strlen(zero)))) {
		const char *begin = s, *build = s + strlen(zero), *patch;
		size_t length;

		s = build;
		while (begin > piece && isdigit((unsigned char)begin[-1]))
			begin--;
		patch = build + digits(build, end) + 1;
		if (begin == piece || begin[-1] || build - begin < 5 || patch - build < 5 ||
		    patch >= end || patch[-1] != '.' || digits(patch, end) == 0)
			continue;
		length = digits(patch, end);
		if (patch + length < end && !patch[length])
			keep(said, begin, (size_t)(patch + length - begin));
	}
}

static const struct {
	const char *file, *name;
	look_fn look;
} programs[] = {
	{ "node", "node", look_node },
	{ "chrome", "chromium", look_chromium },
	{ "chromium", "chromium", look_chromium },
	{ "headless_shell", "chromium", look_chromium },
	{ "chrome-headless-shell", "chromium", look_chromium },
};

/* The whole is looked at: it names older versions, too, none that comes after its own. */
static void find(const struct ohc_elf_input *in, look_fn look, struct said *ret)
{
	ohc_cleanup(ohc_freep) char *piece = ohc_xmalloc(PIECE);
	ssize_t n;

	for (uint64_t at = 0; (n = in->read_at(in->ctx, at, piece, PIECE, NULL)) > OVERLAP;
	     at += (uint64_t)n - OVERLAP)
		look(piece, (size_t)n, ret);
}

bool ohc_sbom_version(struct ohc_sbom *bom, const struct ohc_elf_input *in, const char *path)
{
	struct said said = { "" };
	size_t i = 0;

	while (i < OHC_ARRAY_SIZE(programs) && strcmp(programs[i].file, ohc_path_name(path)) != 0)
		i++;
	if (i == OHC_ARRAY_SIZE(programs))
		return false;
	find(in, programs[i].look, &said);
	if (!said.version[0])
		return false;
	ohc_strv_add(&ohc_sbom_add(bom, OHC_SBOM_GENERIC, programs[i].name, said.version)->paths,
		     path);
	return true;
}
