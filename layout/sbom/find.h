/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds what is in a payload that is about to be packed, and adds it to a list.
 *
 *	struct ohc_sbom_tree t = { .layers = layers, .n = n, .root = root, .root_dir = "" };
 *
 *	rc = ohc_sbom_find(&t, &bom, &records, err);
 *	rc = ohc_sbom_check_claims(&bom, err);		reads files of Python distributions
 *	rc = ohc_sbom_cyclonedx(&bom, sink, err);	reads the files that belong to nothing
 *
 * Files of an image are also those of a package of its where they are programs or libraries that
 * were copied to another place: by their contents.  Files of this machine are not: the same tree
 * would have another list, and other records, on another machine.
 *
 * The files of a package of the root's, of a Python distribution (by its RECORD), of an npm package
 * (below its package.json) and programs of Go and Rust that say what they are made of belong to
 * those; all others are listed with the digest of the bytes that the layer will have.
 */
#ifndef OHC_LAYOUT_SBOM_FIND_H
#define OHC_LAYOUT_SBOM_FIND_H

#include "layout/files/files.h"
#include "layout/layer/assembly.h"
#include "layout/sbom/sbom.h"

struct ohc_sbom_tree {
	const struct ohc_assembly_layer *layers; /* their assemblies, and how times are written */
	size_t n;
	struct ohc_files *root; /* that files came from; NULL: not known; and … */
	const char *root_dir; /* … its directory on this machine, "" for "/"; of an image NULL */
	const char *root_at; /* … where in it the first layer was taken from; NULL: of no image */
};

/* A package's paragraph of dpkg's status, for PREFIX/var/lib/dpkg/status.d/NAME: scanners of images
 * look there. */
struct ohc_sbom_record {
	char *name, *text;
};

struct ohc_sbom_records {
	struct ohc_sbom_record *v; /* by name */
	size_t n;
};

/* *ret_records is zero; the caller clears both.  The tree must stay until the list
 * is written. */
int ohc_sbom_find(const struct ohc_sbom_tree *t, struct ohc_sbom *bom,
		  struct ohc_sbom_records *ret_records, struct ohc_error *err);
/* Takes from the list those files of Python distributions whose contents their RECORD knows, as
 * they were before pack changed them; what was written to since is a file like others.  Until then
 * all of them are in it: they are many, and are not to be read where the list is known. */
int ohc_sbom_check_claims(struct ohc_sbom *bom, struct ohc_error *err);
void ohc_sbom_records_clear(struct ohc_sbom_records *r);

#endif
