// SPDX-License-Identifier: Apache-2.0
/* Manifests and indexes: rules look at anything that is JSON; what parses converts to the other
 * family and back, or says no. */
#include <stdint.h>
#include <stdlib.h>

#include "core/alloc.h"
#include "oci/image/convert.h"
#include "oci/image/rules.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void nobody(void *ctx, const char *where, const char *message)
{
	(void)ctx, (void)where, (void)message;
}

static void rules(const uint8_t *data, size_t size)
{
	ohc_cleanup(ohc_json_decref) json_t *doc = NULL;
	struct ohc_rules r = { .what = "input", .found = nobody };

	if (ohc_json_parse(data, size, "input", &doc, NULL) < 0)
		return;
	ohc_rules_manifest(&r, doc);
	ohc_rules_index(&r, doc);
}

static void manifest(struct ohc_document *doc, enum ohc_family family)
{
	ohc_cleanup(ohc_document_clear) struct ohc_document there = OHC_DOCUMENT_INIT;
	ohc_cleanup(ohc_document_clear) struct ohc_document back = OHC_DOCUMENT_INIT;
	ohc_cleanup(ohc_manifest_clear) struct ohc_manifest m = OHC_MANIFEST_INIT;
	enum ohc_family other = family == OHC_FAMILY_OCI ? OHC_FAMILY_DOCKER : OHC_FAMILY_OCI;
	struct ohc_descriptor d = doc->d;

	if (ohc_manifest_parse(doc, &m, NULL) < 0)
		return;
	ohc_manifest_annotate(&m, "key", "value");
	ohc_manifest_add_layer(&m, &d);
	ohc_manifest_set_config(&m, &d);
	ohc_manifest_clear(&m);
	if (ohc_convert_manifest(doc, other, NULL, NULL, &there, NULL) < 0)
		return;
	if (ohc_manifest_parse(&there, &m, NULL) < 0 || m.family != other)
		abort();
	/* A Docker manifest may have had OCI layers in it, so back is another matter. */
	ohc_convert_manifest(&there, family, NULL, NULL, &back, NULL);
}

static void whole_index(struct ohc_document *doc, enum ohc_family other)
{
	ohc_cleanup(ohc_index_clear) struct ohc_index x = OHC_INDEX_INIT;
	ohc_cleanup(ohc_document_clear) struct ohc_document there = OHC_DOCUMENT_INIT;
	ohc_cleanup(ohc_freep) struct ohc_descriptor *children = NULL;
	const struct ohc_platform want = { "linux", "arm", "v7" };
	const struct ohc_index_entry *e;

	if (ohc_index_parse(doc, &x, NULL) < 0)
		return;
	ohc_index_choose(&x, &want, "input", &e, NULL);
	children = ohc_xcalloc(x.n, sizeof(*children));
	for (size_t i = 0; i < x.n; i++)
		children[i] = x.entries[i].d;
	ohc_convert_index(doc, other, children, NULL, NULL, &there, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const types[] = { OHC_MEDIA_OCI_MANIFEST, OHC_MEDIA_DOCKER_MANIFEST };
	ohc_cleanup(ohc_document_clear) struct ohc_document doc = OHC_DOCUMENT_INIT;

	rules(data, size);
	ohc_buf_add(&doc.bytes, data, size);
	for (int family = OHC_FAMILY_OCI; family <= OHC_FAMILY_DOCKER; family++) {
		ohc_descriptor_of(&doc.d, types[family], data, size);
		manifest(&doc, (enum ohc_family)family);
		whole_index(&doc, (enum ohc_family)family);
	}
	return 0;
}
