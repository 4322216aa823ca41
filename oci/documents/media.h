/* SPDX-License-Identifier: Apache-2.0 */
/* Media types (image-spec media-types.md; Docker's manifest-v2-2.md) and what follows from them. */
#ifndef OHC_OCI_DOCUMENTS_MEDIA_H
#define OHC_OCI_DOCUMENTS_MEDIA_H

#include <stdbool.h>

#include "core/error.h"

#define OHC_MEDIA_MAX 256 /* RFC 6838 allows 127/127 */

#define OHC_MEDIA_OCI_INDEX          "application/vnd.oci.image.index.v1+json"
#define OHC_MEDIA_OCI_MANIFEST       "application/vnd.oci.image.manifest.v1+json"
#define OHC_MEDIA_OCI_CONFIG         "application/vnd.oci.image.config.v1+json"
#define OHC_MEDIA_OCI_EMPTY          "application/vnd.oci.empty.v1+json"
#define OHC_MEDIA_OCI_LAYER          "application/vnd.oci.image.layer.v1.tar"
#define OHC_MEDIA_OCI_LAYER_GZIP     OHC_MEDIA_OCI_LAYER "+gzip"
#define OHC_MEDIA_OCI_LAYER_ZSTD     OHC_MEDIA_OCI_LAYER "+zstd"
#define OHC_MEDIA_OCI_LAYER_ND       "application/vnd.oci.image.layer.nondistributable.v1.tar"
#define OHC_MEDIA_DOCKER_LIST        "application/vnd.docker.distribution.manifest.list.v2+json"
#define OHC_MEDIA_DOCKER_MANIFEST    "application/vnd.docker.distribution.manifest.v2+json"
#define OHC_MEDIA_DOCKER_SCHEMA1     "application/vnd.docker.distribution.manifest.v1+json"
#define OHC_MEDIA_DOCKER_SCHEMA1S    "application/vnd.docker.distribution.manifest.v1+prettyjws"
#define OHC_MEDIA_DOCKER_CONFIG      "application/vnd.docker.container.image.v1+json"
#define OHC_MEDIA_DOCKER_LAYER       "application/vnd.docker.image.rootfs.diff.tar.gzip"
#define OHC_MEDIA_DOCKER_LAYER_TAR   "application/vnd.docker.image.rootfs.diff.tar"
#define OHC_MEDIA_DOCKER_LAYER_ZSTD  "application/vnd.docker.image.rootfs.diff.tar.zstd"
#define OHC_MEDIA_DOCKER_FOREIGN_TAR "application/vnd.docker.image.rootfs.foreign.diff.tar"
#define OHC_MEDIA_DOCKER_FOREIGN     OHC_MEDIA_DOCKER_FOREIGN_TAR ".gzip"

enum ohc_family {
	OHC_FAMILY_OCI,
	OHC_FAMILY_DOCKER, /* schema 2 */
};

enum ohc_compression {
	OHC_COMPRESSION_NONE,
	OHC_COMPRESSION_GZIP,
	OHC_COMPRESSION_ZSTD,

	/* Only archives have these; there is no media type for such a layer. */
	OHC_COMPRESSION_XZ,
	OHC_COMPRESSION_BZIP2,
};

bool ohc_media_is_index(const char *media_type);
bool ohc_media_is_manifest(const char *media_type);
bool ohc_media_is_config(const char *media_type); /* of an image */
bool ohc_media_is_layer(const char *media_type);

/* The family that a manifest's or index's media type belongs to; OCI when in doubt. */
enum ohc_family ohc_media_family(const char *media_type);

/* Is it a foreign layer, which registries do not hold?  It stays in the manifest as it is, and is
 * never fetched or copied. */
bool ohc_media_is_foreign(const char *media_type);

/* How the layer is compressed, by its media type. */
enum ohc_compression ohc_media_compression(const char *media_type);

/* The layer media type that we write in a family.  Docker's for zstd is only read: BuildKit and
 * containerd write it, but skopeo, podman and buildah refuse it; OHC_E_UNSUPPORTED. */
int ohc_media_layer(enum ohc_family family, enum ohc_compression compression, const char **ret,
		    struct ohc_error *err);

/* "none", "gzip", "zstd", "xz", "bzip2" */
const char *ohc_media_compression_name(enum ohc_compression compression);

/* Is it TYPE/SUBTYPE, each a letter or digit and at most 126 more characters (RFC 6838, 4.2)? */
bool ohc_media_valid(const char *text);

#endif
