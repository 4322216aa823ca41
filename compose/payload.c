// SPDX-License-Identifier: Apache-2.0
#include "compose/payload.h"

#include <string.h>

#include "core/alloc.h"

bool ohc_payload_is_for(const struct ohc_payload *p, const struct ohc_platform *platform)
{
	return !p->has_platform || ohc_platform_match(&p->platform, platform);
}

struct strays {
	const char *target;
	char *first;
};

/* What is neither below the target nor on the way to it. */
static int find_stray(void *ctx, const char *path, const struct ohc_file *file)
{
	struct strays *s = ctx;
	size_t n = strlen(s->target);

	if (strncmp(path, s->target, n) == 0 && (path[n] == '/' || path[n] == '\0'))
		return 0;
	if (file->implied)
		return 0;
	s->first = ohc_xstrdup(path);
	return 1;
}

static int check_prefix(struct ohc_peek *peek, const struct ohc_payload *p,
			struct ohc_payload_image *image, struct ohc_error *err)
{
	struct strays strays = { .target = p->target };
	const struct ohc_manifest *m = &image->image.manifest;
	int rc = ohc_peek_layers(peek, image->store, m->layers, m->n_layers, &image->fs, err);

	if (rc < 0)
		return rc;
	if (ohc_rootfs_walk(image->fs, "/", find_stray, &strays) == 0)
		return 0;
	rc = ohc_error_set(
		err, OHC_E_UNSUPPORTED,
		"it holds more than '%s', as '%s': only an image whose layers hold nothing "
		"else can be a payload",
		p->target, strays.first);
	free(strays.first);
	return rc;
}

int ohc_payload_image_load(struct ohc_places *places, struct ohc_peek *peek,
			   const struct ohc_payload *p, const struct ohc_platform *want,
			   struct ohc_payload_image *ret, struct ohc_error *err)
{
	int rc = ohc_places_open(places, &p->image, false, &ret->store, err);

	if (rc == 0)
		rc = ohc_load_image(ret->store, ohc_name_ref(&p->image), p->source, want, true,
				    &ret->image, err);
	if (rc == 0)
		rc = check_prefix(peek, p, ret, err);
	return rc < 0 ? ohc_error_wrap(err, rc, "payload '%s'", p->source) : 0;
}

void ohc_payload_image_clear(struct ohc_payload_image *image)
{
	ohc_loaded_clear(&image->image);
	ohc_rootfs_free(image->fs);
	ohc_store_close(image->store);
	memset(image, 0, sizeof(*image));
}
