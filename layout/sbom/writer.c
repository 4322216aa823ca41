// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "layout/sbom/sbom_internal.h"

static void put(struct ohc_sbom_writer *w, const char *text)
{
	if (w->rc < 0)
		return;
	ohc_hash_update(w->hash, text, strlen(text));
	w->rc = ohc_sink_write(w->out, text, strlen(text), &w->err);
}

static void separate(struct ohc_sbom_writer *w)
{
	put(w, w->first ? "" : ",");
	w->first = false;
}

static void put_value(struct ohc_sbom_writer *w, json_t *value)
{
	ohc_cleanup(ohc_freep) char *text = ohc_json_text(value);

	put(w, text);
	json_decref(value);
}

static void put_key(struct ohc_sbom_writer *w, const char *key)
{
	separate(w);
	put(w, "\"");
	put(w, key);
	put(w, "\":");
}

void ohc_sbom_begin(struct ohc_sbom_writer *w, struct ohc_sink *out)
{
	*w = (struct ohc_sbom_writer){ .out = out,
				       .hash = ohc_hash_new(OHC_SHA256),
				       .first = true };
	put(w, "{");
}

void ohc_sbom_member(struct ohc_sbom_writer *w, const char *key, json_t *value)
{
	put_key(w, key);
	put_value(w, value);
}

void ohc_sbom_list(struct ohc_sbom_writer *w, const char *key)
{
	put_key(w, key);
	put(w, "[");
	w->first = true;
}

void ohc_sbom_item(struct ohc_sbom_writer *w, json_t *value)
{
	separate(w);
	put_value(w, value);
}

void ohc_sbom_list_end(struct ohc_sbom_writer *w)
{
	put(w, "]");
	w->first = false;
}

bool ohc_sbom_digests_of(struct ohc_sbom_writer *w, const struct ohc_sbom *bom,
			 const struct ohc_sbom_file *f, bool sha1, struct ohc_sbom_digests *ret)
{
	if (w->rc == 0)
		w->rc = bom->digest(bom->ctx, f, sha1, ret, &w->err);
	return w->rc == 0;
}

int ohc_sbom_end(struct ohc_sbom_writer *w, struct ohc_error *err)
{
	put(w, "}");
	ohc_hash_free(w->hash);
	return w->rc < 0 ? ohc_error_copy(err, &w->err, w->rc) : 0;
}

void ohc_sbom_uuid(struct ohc_sbom_writer *w, char ret[OHC_SBOM_UUID])
{
	static const char digits[] = "0123456789abcdef";
	char hex[OHC_HASH_HEX_MAX];

	ohc_hash_hex(w->hash, hex);
	ohc_hash_reset(w->hash);
	hex[12] = '8'; /* the version, and the variant: */
	hex[16] = digits[8 | ((strchr(digits, hex[16]) - digits) & 3)];
	snprintf(ret, OHC_SBOM_UUID, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16,
		 hex + 20);
}
