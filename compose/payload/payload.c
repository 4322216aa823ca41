// SPDX-License-Identifier: Apache-2.0
#include "compose/payload/payload.h"

#include <string.h>

#include "compose/payload/claims.h"
#include "core/alloc.h"
#include "core/path.h"

bool ohc_payload_is_for(const struct ohc_payload *p, const struct ohc_platform *platform)
{
	return !p->has_platform || ohc_platform_match(&p->platform, platform);
}

/* An image's layers, laid over one another and looked at one by one: what a whiteout hides may be
 * the base's. */
struct looking {
	const char *target;
	struct ohc_rootfs *fs;
	bool more; /* than the target */
};

static int look_at_layer(void *ctx, const void *index, size_t n, const char *what,
			 struct ohc_error *err)
{
	struct looking *l = ctx;
	ohc_cleanup(ohc_freep) struct ohc_layer_index_iter *it = ohc_xcalloc(1, sizeof(*it));
	struct ohc_layer_entry e;
	int rc;

	ohc_layer_index_iter_start(it, index, n, what);
	while ((rc = ohc_layer_index_iter_next(it, &e, err)) > 0)
		l->more |= !ohc_path_is_in(e.path, l->target + 1);
	return rc < 0 ? rc : ohc_rootfs_apply(l->fs, index, n, what, err);
}

/* An entry may lie elsewhere than its path says, behind a symlink. */
static int find_stray(void *ctx, const char *path, const struct ohc_file *file)
{
	struct looking *l = ctx;

	l->more |= !file->implied && !ohc_path_is_in(path, l->target);
	return l->more;
}

static int look(struct ohc_peek *peek, const struct ohc_inputs *in, const struct ohc_payload *p,
		struct ohc_payload_image *image, struct ohc_error *err)
{
	const struct ohc_manifest *m = &image->image.manifest;
	struct looking l = { .target = p->target, .fs = ohc_rootfs_new() };
	int rc = ohc_peek_each(peek, image->store, m->layers, m->n_layers, look_at_layer, &l, err);

	image->fs = l.fs;
	if (rc < 0)
		return rc;
	if (!l.more)
		ohc_rootfs_walk(l.fs, "/", find_stray, &l);
	if (!l.more && m->n_layers > 0)
		return 0;
	ohc_say(in->options->report, OHC_VERBOSE,
		"payload '%s' holds more than '%s': only that becomes a layer", p->source,
		p->target);
	image->extract = ohc_extract_new(p);
	return ohc_extract_image(image->extract, in, l.fs, image->store, m, err);
}

/* What was read of it already, if that was for this platform. */
static bool borrow(const struct ohc_said_image *said, const struct ohc_platform *want,
		   struct ohc_payload_image *ret)
{
	if (!said || memcmp(&said->image.platform, want, sizeof(*want)) != 0)
		return false;
	ret->borrowed = true;
	ret->store = said->store;
	ret->image.config = json_incref(said->image.config);
	ret->image.platform = said->image.platform;
	ret->image.root = said->image.root;
	ohc_manifest_copy(&ret->image.manifest, &said->image.manifest);
	return true;
}

static int load(struct ohc_transports *transports, const struct ohc_payload *p,
		const struct ohc_platform *want, struct ohc_payload_image *ret,
		struct ohc_error *err)
{
	int rc;

	if (borrow(p->said, want, ret))
		return 0;
	rc = ohc_transports_open(transports, &p->image, false, &ret->store, err);
	return rc < 0 ? rc
		      : ohc_load_image(ret->store, ohc_name_ref(&p->image), p->source, want, true,
				       &ret->image, err);
}

int ohc_payload_image_load(struct ohc_transports *transports, struct ohc_peek *peek,
			   const struct ohc_inputs *in, const struct ohc_payload *p,
			   const struct ohc_platform *want, bool full,
			   struct ohc_payload_image *ret, struct ohc_error *err)
{
	int rc = load(transports, p, want, ret, err);

	if (rc == 0)
		ret->said = ohc_payload_label_read(ret->image.config, &ret->label) &&
			    strcmp(ret->label.prefix, p->target) == 0;
	if (rc == 0 && (full || !ret->said))
		rc = look(peek, in, p, ret, err);
	return rc < 0 ? ohc_error_wrap(err, rc, "payload '%s'", p->source) : 0;
}

void ohc_payload_image_clear(struct ohc_payload_image *image)
{
	ohc_extract_free(image->extract);
	ohc_payload_label_clear(&image->label);
	ohc_loaded_clear(&image->image);
	ohc_rootfs_free(image->fs);
	if (!image->borrowed)
		ohc_store_close(image->store);
	memset(image, 0, sizeof(*image));
}
