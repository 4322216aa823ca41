// SPDX-License-Identifier: Apache-2.0
#include "compose/push/bom.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "layout/sbom/sbom.h"
#include "oci/documents/manifest.h"
#include "oci/image/attach.h"

/* A list that hangs on a payload. */
struct bom {
	char *type, *title; /* title: NULL, it has none */
	struct ohc_descriptor file;
};

struct boms_known {
	struct boms_known *next;
	char payload[OHC_DIGEST_MAX];
	struct bom *v;
	size_t n;
};

struct ohc_boms {
	pthread_mutex_t lock;
	struct boms_known *known;
};

struct ohc_boms *ohc_boms_new(void)
{
	struct ohc_boms *b = ohc_xcalloc(1, sizeof(*b));

	pthread_mutex_init(&b->lock, NULL);
	return b;
}

static void known_free(struct boms_known *k)
{
	for (size_t i = 0; i < k->n; i++) {
		free(k->v[i].type);
		free(k->v[i].title);
	}
	free(k->v);
	free(k);
}

void ohc_boms_free(struct ohc_boms *b)
{
	if (!b)
		return;
	while (b->known) {
		struct boms_known *k = b->known;

		b->known = k->next;
		known_free(k);
	}
	pthread_mutex_destroy(&b->lock);
	free(b);
}

static bool is_bom(const char *type)
{
	return type && (strcmp(type, OHC_SBOM_CYCLONEDX_TYPE) == 0 ||
			strcmp(type, OHC_SBOM_SPDX_TYPE) == 0);
}

/* The file of an artifact, which is its only layer. */
static int read_artifact(struct ohc_store *s, const json_t *entry, struct boms_known *k,
			 struct ohc_error *err)
{
	ohc_cleanup(ohc_document_clear) struct ohc_document doc = OHC_DOCUMENT_INIT;
	ohc_cleanup(ohc_manifest_clear) struct ohc_manifest m = OHC_MANIFEST_INIT;
	struct ohc_descriptor d;
	const json_t *annotations;
	const char *title;
	int rc = ohc_descriptor_parse(entry, "a referrer", &d, err);

	if (rc == 0)
		rc = ohc_store_get_child(s, &d, &doc, err);
	if (rc == 0)
		rc = ohc_manifest_parse(&doc, &m, err);
	if (rc < 0 || m.n_layers != 1)
		return rc;
	annotations =
		json_object_get(json_array_get(json_object_get(m.doc, "layers"), 0), "annotations");
	title = json_string_value(json_object_get(annotations, "org.opencontainers.image.title"));
	k->v = ohc_xrealloc(k->v, k->n + 1, sizeof(*k->v));
	k->v[k->n++] = (struct bom){
		.type = ohc_xstrdup(json_string_value(json_object_get(entry, "artifactType"))),
		.title = title ? ohc_xstrdup(title) : NULL,
		.file = m.layers[0],
	};
	return 0;
}

static int find(struct ohc_store *s, const char *payload, struct boms_known **ret,
		struct ohc_error *err)
{
	ohc_cleanup(ohc_json_decref) json_t *list = NULL;
	struct boms_known *k = ohc_xcalloc(1, sizeof(*k));
	json_t *entry;
	size_t i;
	int rc = ohc_attach_list(s, payload, &list, err);

	snprintf(k->payload, sizeof(k->payload), "%s", payload);
	json_array_foreach (list, i, entry)
		if (rc == 0 && is_bom(json_string_value(json_object_get(entry, "artifactType"))))
			rc = read_artifact(s, entry, k, err);
	if (rc < 0)
		known_free(k);
	else
		*ret = k;
	return rc;
}

static int look_up(struct ohc_boms *b, const struct ohc_payload *p, struct boms_known **ret,
		   struct ohc_error *err)
{
	const char *digest = p->image->manifest.self.digest;
	struct boms_known *k;
	int rc = 0;

	pthread_mutex_lock(&b->lock);
	for (k = b->known; k && strcmp(k->payload, digest) != 0; k = k->next)
		;
	if (!k) {
		rc = find(p->store, digest, &k, err);
		if (rc == 0) {
			k->next = b->known;
			b->known = k;
		}
	}
	pthread_mutex_unlock(&b->lock);
	*ret = k;
	return rc;
}

int ohc_boms_attach(struct ohc_boms *b, const struct ohc_payload *p, struct ohc_store *dest,
		    const struct ohc_descriptor *image, struct ohc_report *report, size_t *ret_n,
		    struct ohc_error *err)
{
	struct boms_known *k;
	int rc;

	*ret_n = 0;
	if (!p->image)
		return 0;
	rc = look_up(b, p, &k, err);
	for (size_t i = 0; rc == 0 && i < k->n; i++) {
		struct ohc_attach a = { .store = dest,
					.subject = *image,
					.type = k->v[i].type,
					.title = k->v[i].title,
					.report = report };
		struct ohc_attached done;

		rc = ohc_attach_blob(&a, p->store, &k->v[i].file, &done, err);
	}
	if (rc == 0)
		*ret_n = k->n;
	return rc < 0 ? ohc_error_wrap(err, rc, "the list of what is in payload '%s'", p->source)
		      : 0;
}
