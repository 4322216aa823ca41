// SPDX-License-Identifier: Apache-2.0
#include "compose/image/result.h"

#include <string.h>

#include "core/alloc.h"
#include "core/clock.h"

void ohc_image_result_start(struct ohc_image_result *r)
{
	r->seconds = -ohc_clock_seconds();
}

void ohc_image_result_set(struct ohc_image_result *r, const struct ohc_inputs *in,
			  const struct ohc_store *dest, const struct ohc_descriptor *manifest)
{
	r->seconds += ohc_clock_seconds();
	r->name = ohc_xstrdup(in->dest.given);
	r->manifest = *manifest;
	r->all_platforms = in->all_platforms;
	r->bytes_uploaded = atomic_load(&dest->stats.uploaded);
	ohc_image_result_add_store(r, dest);
}

void ohc_image_result_add_parts(struct ohc_image_result *r, const struct ohc_parts *parts)
{
	r->layers = ohc_xrealloc(r->layers, r->n_layers + parts->n, sizeof(*r->layers));
	for (size_t i = 0; i < parts->n; i++) {
		r->layers[r->n_layers++] = parts->v[i].layer;
		r->payload_files += parts->v[i].files;
		r->bytes_read += parts->v[i].read;
	}
}

void ohc_image_result_add_store(struct ohc_image_result *r, const struct ohc_store *from)
{
	if (!from)
		return;
	r->bytes_downloaded += atomic_load(&from->stats.downloaded);
	r->requests += atomic_load(&from->stats.requests);
}

void ohc_image_result_clear(struct ohc_image_result *r)
{
	free(r->name);
	free(r->layers);
	memset(r, 0, sizeof(*r));
}

static json_t *number(uint64_t n)
{
	return json_integer((json_int_t)n);
}

json_t *ohc_image_result_json(const struct ohc_image_result *r)
{
	char platform[OHC_PLATFORM_TEXT];
	json_t *layers = json_array();

	for (size_t i = 0; i < r->n_layers; i++) {
		const struct ohc_moved_layer *l = &r->layers[i];

		json_array_append_new(
			layers, json_pack("{s:s, s:o, s:s, s:s, s:s}", "digest", l->d.digest,
					  "size", number((uint64_t)l->d.size), "mediaType",
					  l->d.media_type, "role", l->role, "action", l->action));
	}
	return json_pack("{s:o, s:s, s:s, s:s, s:o, s:{s:o, s:o, s:o}, s:o, s:f}", "name",
			 ohc_json_text_value(r->name), "digest", r->manifest.digest, "mediaType",
			 r->manifest.media_type, "platform",
			 r->all_platforms ? "all" : ohc_platform_text(&r->platform, platform),
			 "layers", layers, "bytes", "read", number(r->bytes_read), "downloaded",
			 number(r->bytes_downloaded), "uploaded", number(r->bytes_uploaded),
			 "requests", number(r->requests), "seconds", r->seconds);
}
