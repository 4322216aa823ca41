// SPDX-License-Identifier: Apache-2.0
#include "oci/dir/loose.h"

#include <string.h>

#include "oci/documents/index_json.h"

static void drop(struct ohc_loose *loose, const char *digest)
{
	for (size_t i = 0; i < loose->n;)
		if (strcmp(loose->v[i].digest, digest) == 0)
			memmove(&loose->v[i], &loose->v[i + 1],
				(--loose->n - i) * sizeof(*loose->v));
		else
			i++;
}

static void drop_children(struct ohc_loose *loose, const struct ohc_document *doc)
{
	ohc_cleanup(ohc_json_decref) json_t *index = NULL;
	json_t *child;
	size_t i;

	if (!ohc_media_is_index(doc->d.media_type) ||
	    ohc_json_parse(ohc_buf_str(&doc->bytes), doc->bytes.len, "", &index, NULL) < 0)
		return;
	json_array_foreach (json_object_get(index, "manifests"), i, child) {
		const char *digest = json_string_value(json_object_get(child, "digest"));

		if (digest)
			drop(loose, digest);
	}
}

void ohc_loose_put(struct ohc_loose *loose, const char *tag, const struct ohc_document *doc)
{
	drop(loose, doc->d.digest);
	drop_children(loose, doc);
	if (tag)
		return;
	loose->v = ohc_xrealloc(loose->v, loose->n + 1, sizeof(*loose->v));
	loose->v[loose->n++] = doc->d;
}

bool ohc_loose_list(const struct ohc_loose *loose, json_t *index)
{
	bool changed = false;

	for (size_t i = 0; i < loose->n; i++)
		changed |= ohc_index_json_list(index, &loose->v[i]);
	return changed;
}

void ohc_loose_clear(struct ohc_loose *loose)
{
	free(loose->v);
	*loose = (struct ohc_loose){ NULL, 0 };
}
