// SPDX-License-Identifier: Apache-2.0
/* Programs that say what they were built from, or which version they are. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "core/path.h"
#include "layout/sbom/find_internal.h"

/* Enough of a program to have a section that says so; a shell script is shorter, or is no ELF. */
#define SIZE_MIN 4096

static int look_into(struct ohc_sbom_search *s, struct ohc_sbom_entry *e, int fd,
		     struct ohc_error *err)
{
	bool go = false, rust = false, other = false;
	int rc = ohc_sbom_go(s->bom, fd, e->path, &go, err);

	if (rc == 0)
		rc = ohc_sbom_rust(s->bom, fd, e->path, &rust, err);
	if (rc == 0)
		rc = ohc_sbom_version(s->bom, fd, ohc_path_name(e->path), e->path, &other, err);
	e->owned |= go || rust || other;
	return rc;
}

int ohc_sbom_find_programs(struct ohc_sbom_search *s, struct ohc_error *err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < s->n; i++) {
		struct ohc_sbom_entry *e = &s->v[i];
		int fd;

		if (!e->source || !e->exec || e->size < SIZE_MIN)
			continue;
		fd = open(e->source, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			return ohc_error_sys(err, "cannot open '%s'", e->source);
		rc = look_into(s, e, fd, err);
		close(fd);
	}
	return rc;
}
