/* SPDX-License-Identifier: Apache-2.0 */
/* The files of a payload while it is found out what they belong to. */
#ifndef OHC_LAYOUT_SBOM_FIND_INTERNAL_H
#define OHC_LAYOUT_SBOM_FIND_INTERNAL_H

#include "core/buf.h"
#include "layout/elf/elf.h"
#include "layout/sbom/find.h"
#include "layout/sbom/packages.h"

struct ohc_sbom_entry {
	char *path;         /* in the image */
	const char *source; /* on this machine; NULL: it is none of its files; the assembly's */
	uint64_t size;
	uint32_t layer;
	char *claim; /* SHA-256 in base64url that its owner knows it by, or several; or NULL */
	bool owned;  /* by something that was found */
	bool exec;
};

struct ohc_sbom_search {
	const struct ohc_sbom_tree *t;
	struct ohc_sbom *bom;
	struct ohc_sbom_entry *v; /* regular files, by path */
	size_t n, cap;
};

/* NULL: there is no such file. */
struct ohc_sbom_entry *ohc_sbom_entry_at(const struct ohc_sbom_search *s, const char *path);

/* The first entry that is not before the path; those below a directory follow one another. */
size_t ohc_sbom_entries_from(const struct ohc_sbom_search *s, const char *path);

/* The file is one of the package, whose license is looked for in its root. */
int ohc_sbom_add_package(struct ohc_sbom_search *s, struct ohc_sbom_entry *e,
			 struct ohc_files *root, const char *distro, struct ohc_package *p,
			 struct ohc_error *err);

/* All files below dir belong to something that was found, but those whose path below it has
 * `except` in it; NULL: all. */
void ohc_sbom_own_below(struct ohc_sbom_search *s, const char *dir, const char *except);

/* The whole of a file of at most max bytes, as the layer will have it.  False: it is larger. */
int ohc_sbom_entry_read(const struct ohc_sbom_search *s, const struct ohc_sbom_entry *e, size_t max,
			struct ohc_buf *ret, bool *ret_all, struct ohc_error *err);

/* Finds packages by the databases that lie in the payload itself, as in a system's tree, or in
 * what was packed before. */
int ohc_sbom_find_own(struct ohc_sbom_search *s, struct ohc_error *err);

/* Each finds one kind of package. */
int ohc_sbom_find_python(struct ohc_sbom_search *s, struct ohc_error *err);
int ohc_sbom_find_npm(struct ohc_sbom_search *s, struct ohc_error *err);
void ohc_sbom_find_programs(struct ohc_sbom_search *s);

/* Add the modules that a Go program was built from, the crates of a Rust program that
 * cargo-auditable built, and the version that node or a browser says of itself.  False: it does not
 * say.  path is where it will be. */
bool ohc_sbom_go(struct ohc_sbom *bom, const struct ohc_elf_input *in, const char *path);
bool ohc_sbom_rust(struct ohc_sbom *bom, const struct ohc_elf_input *in, const char *path);
bool ohc_sbom_version(struct ohc_sbom *bom, const struct ohc_elf_input *in, const char *path);

#endif
