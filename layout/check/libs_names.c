// SPDX-License-Identifier: Apache-2.0
/*
 * Collects the names of libraries that may be loaded already when a program opens a library of the
 * payload.
 *
 * A loader uses a library that is loaded already for a name that is needed, wherever it came from:
 * an addon of Node's, a library of a JVM's or of a browser's finds the siblings that its host
 * opened before it.  Which program is the host, and what it opens first, shows only at run time.
 * So each object of the payload, and each that one of its programs loads, stands for its soname,
 * its file's name and those of symlinks to it, for its architecture, with the versions that it has.
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "core/path.h"
#include "layout/check/libs_internal.h"

/* The key of a name (version NULL), of one version of it, or ("") of a name without versions, which
 * satisfies any version. */
static char *key(const struct ohc_elf *elf, const char *name, const char *version)
{
	return ohc_xasprintf("%u %u %d %s%s%s", elf->machine, elf->bits, elf->big_endian, name,
			     version ? "\n" : "", version ? version : "");
}

static void add(struct payload_elfs *x, const struct ohc_elf *elf, const char *name,
		const char *version)
{
	ohc_cleanup(ohc_freep) char *k = key(elf, name, version);

	ohc_set_add(x->names, k);
}

static bool has(const struct payload_elfs *x, const struct ohc_elf *elf, const char *name,
		const char *version)
{
	ohc_cleanup(ohc_freep) char *k = key(elf, name, version);

	return ohc_set_has(x->names, k);
}

static void add_name(struct payload_elfs *x, const struct ohc_elf *elf, const char *name)
{
	add(x, elf, name, NULL);
	if (elf->defs.n == 0)
		add(x, elf, name, "");
	for (size_t i = 0; i < elf->defs.n; i++)
		add(x, elf, name, elf->defs.v[i]);
}

void ohc_check_libs_name(struct payload_elfs *x, const char *path, const struct ohc_elf *elf)
{
	add_name(x, elf, ohc_path_name(path));
	if (elf->soname)
		add_name(x, elf, elf->soname);
}

int ohc_check_libs_name_link(struct payload_elfs *x, const char *path, struct ohc_error *err)
{
	ohc_cleanup(ohc_files_place_clear) struct ohc_files_place place = { .path = NULL };
	struct ohc_error damaged = OHC_ERROR_INIT;
	const struct ohc_elf *elf = NULL;
	int rc;

	if (!strstr(ohc_path_name(path), ".so"))
		return 0;
	rc = ohc_files_find(x->c->files, path, OHC_FILES_FOLLOW, &place, err);
	if (rc < 0 || place.found != OHC_FILES_THERE || !S_ISREG(place.node.mode))
		return rc;
	rc = ohc_files_elf(x->c->files, &place, &elf, &damaged);
	if (rc < 0 && rc != -OHC_E_FORMAT)
		return ohc_error_copy(err, &damaged, rc);
	if (rc == 1)
		add_name(x, elf, ohc_path_name(path));
	return 0;
}

void ohc_check_libs_name_loaded(struct payload_elfs *x, const struct ohc_loader_set *loaded)
{
	for (size_t i = 0; i < loaded->n; i++) {
		const struct ohc_lib *l = &loaded->v[i];

		if (!l->elf || !ohc_set_add(x->loaded, l->real))
			continue;
		ohc_check_libs_name(x, l->path, l->elf);
	}
}

bool ohc_check_libs_has(const struct payload_elfs *x, const struct ohc_elf *elf,
			const struct ohc_missing *m)
{
	if (m->why != OHC_MISSING_VERSION)
		return has(x, elf, ohc_path_name(m->name), NULL) && !strchr(m->name, '/');
	return has(x, elf, ohc_path_name(m->found), m->name) ||
	       has(x, elf, ohc_path_name(m->found), "");
}
