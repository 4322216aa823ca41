// SPDX-License-Identifier: Apache-2.0
#include "registry/hosts.h"

#include <string.h>

#include "core/alloc.h"
#include "oci/documents/json.h"

#define NAMESPACE "host"
#define VERSION   "1"
#define SECONDS   (24 * 3600)
#define ENTRY_MAX (64 * 1024)

static const char *const asks[] = {
	[OHC_ASK_UNKNOWN] = "",
	[OHC_ASK_NOTHING] = "nothing",
	[OHC_ASK_BASIC] = "basic",
	[OHC_ASK_BEARER] = "bearer",
};

static char *key_of(const char *host)
{
	return ohc_xasprintf(VERSION " %s", host);
}

void ohc_host_traits_clear(struct ohc_host_traits *f)
{
	free(f->realm);
	free(f->service);
	*f = (struct ohc_host_traits)OHC_HOST_TRAITS_INIT;
}

static bool same(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

bool ohc_host_traits_equal(const struct ohc_host_traits *a, const struct ohc_host_traits *b)
{
	return a->http == b->http && a->ask == b->ask && same(a->realm, b->realm) &&
	       same(a->service, b->service) && a->refused == b->refused && a->taken == b->taken &&
	       a->chunk == b->chunk;
}

static const char *text_of(const json_t *doc, const char *key)
{
	return json_string_value(json_object_get(doc, key));
}

static enum ohc_host_ask ask_of(const char *text)
{
	for (size_t i = 0; text && i < OHC_ARRAY_SIZE(asks); i++)
		if (strcmp(asks[i], text) == 0)
			return (enum ohc_host_ask)i;
	return OHC_ASK_UNKNOWN;
}

static void read_traits(const json_t *doc, struct ohc_host_traits *ret)
{
	json_int_t chunk = json_integer_value(json_object_get(doc, "chunk"));

	ret->http = json_is_true(json_object_get(doc, "http"));
	ret->ask = ask_of(text_of(doc, "ask"));
	ret->realm = ohc_xstrdup(text_of(doc, "realm"));
	ret->service = ohc_xstrdup(text_of(doc, "service"));
	ret->refused = (unsigned int)json_integer_value(json_object_get(doc, "refused"));
	ret->taken = (unsigned int)json_integer_value(json_object_get(doc, "taken"));
	ret->chunk = chunk > 0 ? (uint64_t)chunk : 0;
	if (ret->ask == OHC_ASK_BEARER && !ret->realm)
		ret->ask = OHC_ASK_UNKNOWN;
}

bool ohc_hosts_look(struct ohc_cache *cache, const char *host, int64_t now,
		    struct ohc_host_traits *ret)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf bytes = OHC_BUF_INIT;
	ohc_cleanup(ohc_json_decref) json_t *doc = NULL;
	ohc_cleanup(ohc_freep) char *key = key_of(host);
	int64_t at;

	if (!ohc_cache_get(cache, NAMESPACE, key, ENTRY_MAX, &bytes) ||
	    ohc_json_parse(ohc_buf_str(&bytes), bytes.len, "", &doc, NULL) < 0)
		return false;
	at = json_integer_value(json_object_get(doc, "at"));
	if (at > now || now - at > SECONDS)
		return false;
	read_traits(doc, ret);
	return true;
}

void ohc_hosts_keep(struct ohc_cache *cache, const char *host, int64_t now,
		    const struct ohc_host_traits *f)
{
	ohc_cleanup(ohc_json_decref) json_t *doc = json_pack(
		"{s:I, s:b, s:s, s:s*, s:s*, s:i, s:i, s:I}", "at", (json_int_t)now, "http",
		f->http, "ask", asks[f->ask], "realm", f->realm, "service", f->service, "refused",
		(int)f->refused, "taken", (int)f->taken, "chunk", (json_int_t)f->chunk);
	ohc_cleanup(ohc_freep) char *key = key_of(host);
	ohc_cleanup(ohc_freep) char *text = doc ? ohc_json_text(doc) : NULL;

	if (text) /* what is no UTF-8 is not kept */
		ohc_cache_put(cache, NAMESPACE, key, text, strlen(text));
}
