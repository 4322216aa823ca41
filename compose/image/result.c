// SPDX-License-Identifier: Apache-2.0
#include "compose/image/result.h"

#include <string.h>

#include "core/alloc.h"

void ohc_push_result_clear(struct ohc_push_result *r)
{
	free(r->name);
	free(r->layers);
	memset(r, 0, sizeof(*r));
}

static json_t *number(uint64_t n)
{
	return json_integer((json_int_t)n);
}

json_t *ohc_push_result_json(const struct ohc_push_result *r)
{
	char platform[OHC_PLATFORM_TEXT];
	json_t *layers = json_array();

	for (size_t i = 0; i < r->n_layers; i++) {
		const struct ohc_push_layer *l = &r->layers[i];

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
