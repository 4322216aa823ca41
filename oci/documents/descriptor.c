// SPDX-License-Identifier: Apache-2.0
#include "oci/documents/descriptor.h"

#include <stdio.h>
#include <string.h>

/* Checked strictly, because it goes into headers and onto terminals. */
static bool is_printable(const char *s)
{
	while (*s >= ' ' && *s < '\177')
		s++;
	return !*s;
}

int ohc_descriptor_parse(const json_t *obj, const char *what, struct ohc_descriptor *ret,
			 struct ohc_error *err)
{
	static const char *const keys[] = { "mediaType", "digest", "size", "urls", NULL };
	const char *media = "", *digest = "";
	json_t *size;
	int rc;

	if (!json_is_object(obj))
		return ohc_error_set(err, OHC_E_FORMAT, "%s is not a descriptor (a JSON object)",
				     what);
	rc = ohc_json_check_spelling(obj, keys, what, err);
	if (rc == 0)
		rc = ohc_json_string(obj, "mediaType", what, &media, err);
	if (rc == 0)
		rc = ohc_json_string(obj, "digest", what, &digest, err);
	if (rc == 0)
		rc = ohc_digest_check(digest, what, err);
	if (rc < 0)
		return rc;
	if (strlen(media) >= sizeof(ret->media_type) || !is_printable(media))
		return ohc_error_set(err, OHC_E_FORMAT, "%s has a malformed media type", what);
	size = json_object_get(obj, "size");
	if (!json_is_integer(size) || json_integer_value(size) < 0)
		return ohc_error_set(
			err, OHC_E_FORMAT,
			"%s has no valid size: a whole number, not negative, is wanted", what);
	ohc_descriptor_set(ret, media, digest, json_integer_value(size));
	return 0;
}

json_t *ohc_descriptor_json(const struct ohc_descriptor *d)
{
	return json_pack("{s:s, s:s, s:I}", "mediaType", d->media_type, "digest", d->digest, "size",
			 (json_int_t)d->size);
}

void ohc_descriptor_set(struct ohc_descriptor *d, const char *media_type, const char *digest,
			int64_t size)
{
	memset(d, 0, sizeof(*d));
	snprintf(d->media_type, sizeof(d->media_type), "%s", media_type);
	snprintf(d->digest, sizeof(d->digest), "%s", digest);
	d->size = size;
}

void ohc_descriptor_of(struct ohc_descriptor *d, const char *media_type, const void *data, size_t n)
{
	char digest[OHC_DIGEST_MAX];

	ohc_digest_of(data, n, digest);
	ohc_descriptor_set(d, media_type, digest, (int64_t)n);
}
