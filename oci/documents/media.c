// SPDX-License-Identifier: Apache-2.0
#include "oci/documents/media.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>

#include "core/alloc.h"

bool ohc_media_is_index(const char *m)
{
	return strcmp(m, OHC_MEDIA_OCI_INDEX) == 0 || strcmp(m, OHC_MEDIA_DOCKER_LIST) == 0;
}

bool ohc_media_is_manifest(const char *m)
{
	return strcmp(m, OHC_MEDIA_OCI_MANIFEST) == 0 || strcmp(m, OHC_MEDIA_DOCKER_MANIFEST) == 0;
}

bool ohc_media_is_config(const char *m)
{
	return strcmp(m, OHC_MEDIA_OCI_CONFIG) == 0 || strcmp(m, OHC_MEDIA_DOCKER_CONFIG) == 0;
}

bool ohc_media_is_layer(const char *m)
{
	return strncmp(m, OHC_MEDIA_OCI_LAYER, strlen(OHC_MEDIA_OCI_LAYER)) == 0 ||
	       strcmp(m, OHC_MEDIA_DOCKER_LAYER) == 0 ||
	       strcmp(m, OHC_MEDIA_DOCKER_LAYER_TAR) == 0 ||
	       strcmp(m, OHC_MEDIA_DOCKER_LAYER_ZSTD) == 0 || ohc_media_is_foreign(m);
}

enum ohc_family ohc_media_family(const char *m)
{
	return strncmp(m, "application/vnd.docker.", 23) == 0 ? OHC_FAMILY_DOCKER : OHC_FAMILY_OCI;
}

bool ohc_media_is_foreign(const char *m)
{
	return strncmp(m, OHC_MEDIA_OCI_LAYER_ND, strlen(OHC_MEDIA_OCI_LAYER_ND)) == 0 ||
	       strcmp(m, OHC_MEDIA_DOCKER_FOREIGN) == 0 ||
	       strcmp(m, OHC_MEDIA_DOCKER_FOREIGN_TAR) == 0;
}

static bool ends_with(const char *s, const char *tail)
{
	size_t n = strlen(s), t = strlen(tail);

	return n >= t && strcmp(s + n - t, tail) == 0;
}

enum ohc_compression ohc_media_compression(const char *m)
{
	if (ends_with(m, "+gzip") || ends_with(m, ".tar.gzip"))
		return OHC_COMPRESSION_GZIP;
	if (ends_with(m, "+zstd") || ends_with(m, ".tar.zstd"))
		return OHC_COMPRESSION_ZSTD;
	return OHC_COMPRESSION_NONE;
}

int ohc_media_layer(enum ohc_family family, enum ohc_compression c, const char **ret,
		    struct ohc_error *err)
{
	static const char *const types[2][3] = {
		[OHC_FAMILY_OCI] = { OHC_MEDIA_OCI_LAYER, OHC_MEDIA_OCI_LAYER_GZIP,
				     OHC_MEDIA_OCI_LAYER_ZSTD },
		[OHC_FAMILY_DOCKER] = { OHC_MEDIA_DOCKER_LAYER_TAR, OHC_MEDIA_DOCKER_LAYER, NULL },
	};

	if (c > OHC_COMPRESSION_ZSTD)
		return ohc_error_set(err, OHC_E_UNSUPPORTED, "there is no media type for %s layers",
				     ohc_media_compression_name(c));
	if (!types[family][c])
		return ohc_error_set(err, OHC_E_UNSUPPORTED,
				     "Docker schema 2 has no media type for zstd layers that all "
				     "engines take: use --format oci or --compression gzip");
	*ret = types[family][c];
	return 0;
}

const char *ohc_media_compression_name(enum ohc_compression c)
{
	static const char *const names[] = { "none", "gzip", "zstd", "xz", "bzip2" };

	return names[c];
}

static size_t restricted_name(const char *s)
{
	size_t n = 0;

	if (!isalnum((unsigned char)s[0]))
		return 0;
	while (isalnum((unsigned char)s[n]) || (s[n] && strchr("!#$&^_.+-", s[n])))
		n++;
	return n <= 127 ? n : 0;
}

bool ohc_media_valid(const char *text)
{
	size_t n = restricted_name(text), m;

	if (n == 0 || text[n] != '/')
		return false;
	m = restricted_name(text + n + 1);
	return m > 0 && !text[n + 1 + m];
}
