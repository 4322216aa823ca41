// SPDX-License-Identifier: Apache-2.0
#include "compose/layers/part.h"

#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "oci/image/copy_compressed.h"

struct ohc_part *ohc_parts_add(struct ohc_parts *parts, enum ohc_part_kind kind, const char *role)
{
	struct ohc_part *p;

	parts->v = ohc_xrealloc(parts->v, parts->n + 1, sizeof(*parts->v));
	p = &parts->v[parts->n++];
	*p = (struct ohc_part){ .kind = kind, .layer = { .role = role } };
	return p;
}

void ohc_parts_add_making(struct ohc_parts *parts, const char *role,
			  const struct ohc_making *making)
{
	struct ohc_part *p = ohc_parts_add(parts, OHC_PART_MADE, role);

	p->making = making;
	p->title = making->title;
}

void ohc_parts_add_image(struct ohc_parts *parts, const char *role, const struct ohc_loaded *image,
			 struct ohc_store *from, const struct ohc_name *name)
{
	const json_t *ids = json_object_get(json_object_get(image->config, "rootfs"), "diff_ids");

	for (size_t i = 0; i < image->manifest.n_layers; i++) {
		struct ohc_part *p = ohc_parts_add(parts, OHC_PART_STORED, role);
		const char *id = json_string_value(json_array_get(ids, i));

		p->stored.from = from;
		p->stored.name = name;
		p->layer.d = image->manifest.layers[i];
		snprintf(p->diff_id, sizeof(p->diff_id), "%s", id ? id : "");
	}
}

void ohc_parts_compress(struct ohc_parts *parts, const struct ohc_codec *codec)
{
	for (size_t i = 0; i < parts->n; i++) {
		struct ohc_part *p = &parts->v[i];

		if (p->kind != OHC_PART_STORED || p->stored.name->transport != OHC_DOCKER_ARCHIVE ||
		    !ohc_copy_compressed_wants(codec, p->layer.d.media_type))
			continue;
		p->kind = OHC_PART_PLAIN;
		p->stored.plain = p->layer.d;
	}
}

void ohc_parts_clear(struct ohc_parts *parts)
{
	while (parts->n > 0)
		ohc_buf_clear(&parts->v[--parts->n].bytes);
	free(parts->v);
	*parts = (struct ohc_parts){ .n = 0 };
}
