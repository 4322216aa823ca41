// SPDX-License-Identifier: Apache-2.0
/* Programs that say what they were built from, or which version they are. */
#include "core/alloc.h"
#include "layout/sbom/find_internal.h"

/* Enough of a program to have a section that says so; a shell script is shorter, or is no ELF. */
#define SIZE_MIN 4096

struct program {
	const struct ohc_assembly *assembly;
	const char *path;
};

static ssize_t read_at(void *ctx, uint64_t offset, void *buf, size_t n, struct ohc_error *err)
{
	const struct program *p = ctx;

	return ohc_assembly_read_at(p->assembly, p->path, offset, buf, n, err);
}

static bool look_into(struct ohc_sbom *bom, const struct ohc_elf_input *in, const char *path)
{
	bool go = ohc_sbom_go(bom, in, path), rust = ohc_sbom_rust(bom, in, path);

	return ohc_sbom_version(bom, in, path) || go || rust;
}

/* Leaves it to the layer to tell of a file that cannot be read. */
void ohc_sbom_find_programs(struct ohc_sbom_search *s)
{
	for (size_t i = 0; i < s->n; i++) {
		struct ohc_sbom_entry *e = &s->v[i];
		struct program program = { s->t->layers[e->layer].assembly, e->path };
		const struct ohc_elf_input in = {
			.name = e->path, .size = e->size, .read_at = read_at, .ctx = &program
		};

		if (!e->exec || e->size < SIZE_MIN || !look_into(s->bom, &in, e->path))
			continue;
		e->owned = true;
		free(ohc_take(e->claim));
	}
}
