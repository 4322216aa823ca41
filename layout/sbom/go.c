// SPDX-License-Identifier: Apache-2.0
/*
 * Reads what the Go linker writes into each program (pkg.go.dev/debug/buildinfo, since Go 1.18): in
 * the section .go.buildinfo 16 bytes with a magic and flags, at 32 two texts with their length as a
 * varint before them: the version of Go, and lines about modules, between two marks of 16 bytes.
 *
 *	path	example.com/cmd/tool
 *	mod	example.com	v1.2.3	h1:…
 *	dep	golang.org/x/sys	v0.5.0	h1:…
 *	=>	example.com/fork	v0.5.1	h1:…	instead of the line before
 */
#include <string.h>

#include "core/alloc.h"
#include "layout/elf/section.h"
#include "layout/sbom/find_internal.h"

#define MAGIC       "\xff Go buildinf:"
#define MAGIC_SIZE  14
#define HEADER      32
#define INLINE      2 /* the texts follow; older ones have pointers to them */
#define MARK        16
#define SECTION_MAX (16u << 20)

struct bytes {
	const unsigned char *p, *end;
};

static char *take_text(struct bytes *b)
{
	uint64_t n = 0;
	unsigned int shift = 0;
	char *text;

	for (; b->p < b->end && shift < 35; shift += 7) {
		unsigned char c = *b->p++;

		n |= (uint64_t)(c & 0x7f) << shift;
		if (!(c & 0x80))
			break;
	}
	if (n > (uint64_t)(b->end - b->p))
		return NULL;
	text = ohc_xstrndup((const char *)b->p, n);
	b->p += n;
	return text;
}

struct module {
	const char *kind, *name, *version;
};

static bool split(char *line, struct module *ret)
{
	char *rest;

	*ret = (struct module){ .kind = strtok_r(line, "\t", &rest) };
	ret->name = strtok_r(NULL, "\t", &rest);
	ret->version = strtok_r(NULL, "\t", &rest);
	return ret->kind && ret->name;
}

static void add(struct ohc_sbom *bom, const struct module *m, const char *path)
{
	struct ohc_sbom_component *c =
		ohc_sbom_add(bom, OHC_SBOM_GOLANG, m->name, m->version ? m->version : "");

	ohc_strv_add(&c->paths, path);
}

static bool is_module(const struct module *m)
{
	return strcmp(m->kind, "mod") == 0 || strcmp(m->kind, "dep") == 0;
}

/* A line is added when the next one does not replace it. */
static void add_modules(struct ohc_sbom *bom, char *text, const char *path)
{
	struct module before = { .name = NULL }, m;
	char *line, *rest;

	for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		if (!split(line, &m))
			continue;
		if (strcmp(m.kind, "=>") == 0) {
			before = m;
			continue;
		}
		if (before.name)
			add(bom, &before, path);
		before = is_module(&m) ? m : (struct module){ .name = NULL };
	}
	if (before.name)
		add(bom, &before, path);
}

static void add_go(struct ohc_sbom *bom, const char *version, const char *path)
{
	const struct module m = { "dep", "stdlib",
				  strncmp(version, "go", 2) == 0 ? version + 2 : version };

	add(bom, &m, path);
}

bool ohc_sbom_go(struct ohc_sbom *bom, const struct ohc_elf_input *in, const char *path)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf section = OHC_BUF_INIT;
	ohc_cleanup(ohc_freep) char *version = NULL, *modules = NULL;
	struct bytes b;
	size_t n;

	if (!ohc_elf_section(in, ".go.buildinfo", SECTION_MAX, &section) || section.len < HEADER ||
	    memcmp(section.data, MAGIC, MAGIC_SIZE) != 0 || !(section.data[15] & INLINE))
		return false;
	b.p = (const unsigned char *)section.data + HEADER;
	b.end = (const unsigned char *)section.data + section.len;
	version = take_text(&b);
	modules = version ? take_text(&b) : NULL;
	if (!version)
		return false;
	add_go(bom, version, path);
	n = modules ? strlen(modules) : 0;
	if (n > 2 * MARK) {
		modules[n - MARK] = '\0';
		add_modules(bom, modules + MARK, path);
	}
	return true;
}
