// SPDX-License-Identifier: Apache-2.0
#include "compose/unpack/unpack.h"

#include <stdio.h>
#include <string.h>

#include "compose/payload/label.h"
#include "compose/transports/load.h"
#include "compose/unpack/tree.h"
#include "core/alloc.h"
#include "oci/codec/codec.h"
#include "oci/image/copy.h"

static int add_layer(struct ohc_store *s, const struct ohc_descriptor *d, struct ohc_tree *t,
		     const struct ohc_unpack_options *o, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *what = ohc_copy_blob_title(d);
	ohc_cleanup(ohc_source_closep) struct ohc_source *plain = NULL;
	const struct ohc_scan_limits *l = o->limits ? o->limits : &ohc_scan_limits_default;
	const struct ohc_tree_limits limits = { l->entries, l->plain_size };
	struct ohc_source *blob = NULL;
	struct ohc_task *task;
	int rc = ohc_store_open_blob(s, d, &blob, err);

	if (rc < 0)
		return rc;
	task = ohc_task_begin(o->report, "unpack", what, 0);
	plain = ohc_codec_decompress(blob, true, what);
	rc = ohc_tree_add(t, plain, what, &limits, task, err);
	if (rc == 0)
		rc = ohc_source_drain(plain, err);
	ohc_task_end(task, rc == 0 ? "unpacked" : NULL);
	return rc;
}

/* The prefix that the payload says, or that was asked for. */
static int find_prefix(const json_t *config, const char *what, const struct ohc_unpack_options *o,
		       char **ret, struct ohc_error *err)
{
	struct ohc_payload_label label = OHC_PAYLOAD_LABEL_INIT;

	if (o->prefix) {
		*ret = ohc_xstrdup(o->prefix);
		return 0;
	}
	if (!ohc_payload_label_read(config, &label))
		return ohc_error_set(
			err, OHC_E_USAGE,
			"'%s' was not made by 'ohcompose pack', and does not say where "
			"its payload lies: name the directory with --prefix",
			what);
	*ret = ohc_xstrdup(label.prefix);
	ohc_payload_label_clear(&label);
	return 0;
}

int ohc_unpack(struct ohc_store *s, const char *ref, const char *what,
	       const struct ohc_unpack_options *o, struct ohc_unpack_result *ret,
	       struct ohc_error *err)
{
	ohc_cleanup(ohc_load_clear) struct ohc_loaded image = { .config = NULL };
	ohc_cleanup(ohc_tree_closep) struct ohc_tree *tree = NULL;
	ohc_cleanup(ohc_freep) char *prefix = NULL;
	struct ohc_platform host;
	int rc;

	ohc_platform_host(&host);
	rc = ohc_load_image(s, ref, what, o->platform ? o->platform : &host, o->platform != NULL,
			    &image, err);
	if (rc == 0)
		rc = find_prefix(image.config, what, o, &prefix, err);
	if (rc == 0)
		rc = ohc_tree_open(o->dir, prefix, &tree, err);
	for (size_t i = 0; rc == 0 && i < image.manifest.n_layers; i++)
		rc = add_layer(s, &image.manifest.layers[i], tree, o, err);
	if (rc == 0)
		rc = ohc_tree_finish(tree, err);
	if (rc < 0)
		return rc;
	ret->entries = ohc_tree_entries(tree);
	ret->bytes = ohc_tree_bytes(tree);
	ret->prefix = ohc_take(prefix);
	snprintf(ret->digest, sizeof(ret->digest), "%s", image.manifest.self.digest);
	return 0;
}

void ohc_unpack_result_clear(struct ohc_unpack_result *r)
{
	free(r->prefix);
	memset(r, 0, sizeof(*r));
}
