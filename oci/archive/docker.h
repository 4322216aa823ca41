/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Docker's archive as a store to read from, in all its varieties:
 *
 *	docker save, old	manifest.json, HEX.json, ID/layer.tar (links to one another's)
 *	skopeo, buildah		manifest.json, HEX.json, HEX.tar
 *	crane, bazel, ko	manifest.json, layers compressed
 *	docker save since 25	an OCI image layout, with manifest.json beside it
 *
 * Such an archive (but the last) has no manifests: one is made of what manifest.json lists, the
 * same for the same archive: layers as they lie there, compressed or not, in Docker's types (in
 * OCI's when one is zstd's).  Where a layout is inside and lists the image, its own manifest is
 * taken.
 *
 * A plain layer's digest is the diff ID that the config says; a compressed one's is its name, where
 * that is 64 hex digits, else it is read once to be known.  A layer that is compressed with xz or
 * bzip2, for which there is no media type, is plain here, and read once to know its size.  All are
 * proved when the layer is read, as every blob is.
 *
 * Images are named by RepoTags.  Archives without manifest.json (Docker before 1.10) are refused.
 */
#ifndef OHC_OCI_ARCHIVE_DOCKER_H
#define OHC_OCI_ARCHIVE_DOCKER_H

#include "core/report.h"
#include "oci/documents/name.h"
#include "oci/store/store.h"

/* name: a docker-archive's; the file "-" is standard input.  A tag is looked up in its repository,
 * and where it has none, in the only one that the archive has. */
int ohc_docker_archive_open(const struct ohc_name *name, struct ohc_report *report,
			    struct ohc_store **ret, struct ohc_error *err);

#endif
