// SPDX-License-Identifier: Apache-2.0
/* Programs that say what they were built from, or which version they are. */
#include <fcntl.h>
#include <unistd.h>

#include "layout/sbom/find_internal.h"

/* Enough of a program to have a section that says so; a shell script is shorter, or is no ELF. */
#define SIZE_MIN 4096

static bool look_into(struct ohc_sbom *bom, int fd, const char *path)
{
	bool go = ohc_sbom_go(bom, fd, path), rust = ohc_sbom_rust(bom, fd, path);

	return ohc_sbom_version(bom, fd, path) || go || rust;
}

int ohc_sbom_find_programs(struct ohc_sbom_search *s, struct ohc_error *err)
{
	for (size_t i = 0; i < s->n; i++) {
		struct ohc_sbom_entry *e = &s->v[i];
		int fd;

		if (!e->source || !e->exec || e->size < SIZE_MIN)
			continue;
		fd = open(e->source, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			return ohc_error_sys(err, "cannot open '%s'", e->source);
		e->owned |= look_into(s->bom, fd, e->path);
		close(fd);
	}
	return 0;
}
