// SPDX-License-Identifier: Apache-2.0
/*
 * The headers of a registry's reply: challenges, links, Location, Retry-After, Warning.  A URL that
 * was resolved is one that parses, and resolves to itself; what is shown of it has no query.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "registry/challenge.h"
#include "registry/link.h"
#include "registry/retry.h"
#include "registry/scope.h"
#include "registry/url.h"
#include "registry/warning.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void challenge(const char *text)
{
	struct ohc_challenge c = OHC_CHALLENGE_INIT;
	struct ohc_strv joined = OHC_STRV_INIT;

	ohc_challenge_parse(text, &c);
	for (size_t i = 0; i < c.scopes.n; i++)
		ohc_scope_add(&joined, c.scopes.v[i]);
	if (joined.n && !ohc_scope_covers(&joined, &joined))
		abort();
	ohc_strv_clear(&joined);
	ohc_challenge_clear(&c);
}

static void location(const char *text)
{
	ohc_cleanup(ohc_freep) char *once = NULL, *twice = NULL, *shown = ohc_url_public(text);
	ohc_cleanup(ohc_url_clear) struct ohc_url u = { 0 };

	if (strpbrk(shown, "?#"))
		if (!strstr(shown, "?")) /* unprintable characters are shown as '?' */
			abort();
	if (ohc_url_resolve("https://host:5000/v2/a/b?c=d", text, &once, NULL) < 0)
		return;
	if (ohc_url_parse(once, &u, NULL) < 0 || strpbrk(once, "\r\n \t"))
		abort();
	if (ohc_url_resolve(once, once, &twice, NULL) < 0 || strcmp(once, twice) != 0)
		abort();
	if (!ohc_url_same_origin(once, twice))
		abort();
}

static void retry(const char *text)
{
	struct ohc_retry_input in = {
		.status = 429, .retry_after = text, .body = text, .tries = 1, .retries = 5
	};
	uint64_t ms = 0;

	if (ohc_retry(&in, &ms) && ms > OHC_PATIENCE_MS)
		abort();
}

static void link_next(const char *text)
{
	ohc_cleanup(ohc_freep) char *next = NULL;

	if ((ohc_link_next(text, &next) == OHC_LINK_NEXT) != (next != NULL))
		abort();
}

static void warning(const char *text)
{
	const char *p = text;

	for (;;) {
		ohc_cleanup(ohc_buf_clear) struct ohc_buf b = OHC_BUF_INIT;
		const char *before = p;

		if (!ohc_warning_next(&p, &b))
			return;
		if (p <= before || b.len > (size_t)(p - before))
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ohc_cleanup(ohc_freep) char *text = malloc(size + 1);

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	challenge(text);
	link_next(text);
	location(text);
	retry(text);
	warning(text);
	return 0;
}
