// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "compose/plan/platforms.h"
#include "compose/rebuild/again.h"
#include "compose/rebuild/compare.h"
#include "core/alloc.h"

/* The index that the base's name named, if it was one: *ret stays NULL where it was an image. */
static int find_base(struct ohc_again *a, const struct ohc_composition *says,
		     const struct ohc_document **ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_name_clear) struct ohc_name name = { .given = NULL };

	if (!says->base.digest || strcmp(says->base.digest, says->base.manifest) == 0)
		return 0;
	name.transport = OHC_LAYOUT;
	if (says->base.name && ohc_name_parse(says->base.name, &name, NULL) < 0)
		return 0;
	return ohc_again_base(a, &name, says->base.digest, ret, err);
}

/* --format holds for the index, too; else it is of the base's family. */
static enum ohc_family family_of(const struct ohc_document *base,
				 const struct ohc_rebuilt_image *first)
{
	if (!base || json_object_get(first->says.options, "format"))
		return ohc_media_family(first->again.media_type);
	return ohc_media_family(base->d.media_type);
}

static int compare(struct ohc_again *a, const struct ohc_document *is,
		   const struct ohc_document *should, struct ohc_error *err)
{
	struct ohc_compare c = { .found = a->o->found, .ctx = a->o->ctx, .prefix = "" };
	ohc_cleanup(ohc_json_decref) json_t *x = NULL, *y = NULL;
	int rc = 0;

	if (strcmp(is->d.digest, should->d.digest) == 0)
		return 0;
	rc = ohc_json_parse(is->bytes.data, is->bytes.len, "the index", &x, err);
	if (rc == 0)
		rc = ohc_json_parse(should->bytes.data, should->bytes.len, "the index", &y, err);
	if (rc < 0)
		return rc;
	ohc_compare_json(&c, "index", x, y);
	if (c.n == 0)
		ohc_compare_tell(&c, "index",
				 "says the same in another form than ohcompose writes");
	a->findings += c.n;
	return 0;
}

/* As the image says that it was: a base of which one of its images says nothing is another one. */
static void describe(const struct ohc_rebuilt_image *image, struct ohc_platforms_made *ret)
{
	ret->platform = image->platform;
	ret->base = image->says.base.manifest;
	ret->d = image->packed_elsewhere ? image->d : image->again;
}

int ohc_again_index(struct ohc_again *a, const struct ohc_document *is,
		    const struct ohc_rebuilt_image *images, size_t n, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) struct ohc_platforms_made *made = ohc_xcalloc(n, sizeof(*made));
	const struct ohc_document *base = NULL;
	ohc_cleanup(ohc_document_clear) struct ohc_document should = OHC_DOCUMENT_INIT;
	ohc_cleanup(ohc_platforms_clear) struct ohc_platforms platforms = { .n = 0 };
	int rc = find_base(a, &images[0].says, &base, err);

	for (size_t i = 0; i < n; i++) {
		if (!images[i].again.digest[0])
			return rc; /* that was told */
		describe(&images[i], &made[i]);
	}
	if (rc == 0)
		rc = ohc_platforms_restore(base, made, n, family_of(base, &images[0]), &platforms,
					   err);
	if (rc < 0)
		return rc;
	ohc_platforms_write(&platforms, &should);
	return compare(a, is, &should, err);
}
