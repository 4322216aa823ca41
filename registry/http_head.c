// SPDX-License-Identifier: Apache-2.0
#include "registry/http_head.h"

#include <string.h>
#include <strings.h>

#include "core/alloc.h"
#include "registry/http.h"

enum ohc_head_line ohc_http_head_line(struct ohc_http_head *h, const char *data, size_t n)
{
	size_t text = n;

	h->size += n;
	if (h->size > OHC_HTTP_HEAD_MAX)
		return OHC_HEAD_TOO_LARGE;
	while (text && (data[text - 1] == '\r' || data[text - 1] == '\n'))
		text--;
	if (text == 0)
		return OHC_HEAD_END;
	/* Blanks around a value are none of it (RFC 9110, 5.5). */
	while (text && (data[text - 1] == ' ' || data[text - 1] == '\t'))
		text--;
	if (text > 5 && memcmp(data, "HTTP/", 5) == 0)
		ohc_strv_clear(&h->lines);
	else
		ohc_strv_take(&h->lines, ohc_xstrndup(data, text));
	return OHC_HEAD_MORE;
}

bool ohc_http_head_trailer(struct ohc_http_head *h, size_t n)
{
	h->size += n;
	return h->size <= OHC_HTTP_HEAD_MAX;
}

bool ohc_http_head_is_plain(const struct ohc_http_head *h)
{
	const char *coding;
	size_t at = 0;

	while ((coding = ohc_http_head_next(h, "Transfer-Encoding", &at)))
		if (strcasecmp(coding, "chunked") != 0 && strcasecmp(coding, "identity") != 0)
			return false;
	return true;
}

const char *ohc_http_head_next(const struct ohc_http_head *h, const char *name, size_t *at)
{
	size_t n = strlen(name);

	while (*at < h->lines.n) {
		const char *line = h->lines.v[(*at)++];

		if (strncasecmp(line, name, n) == 0 && line[n] == ':')
			return line + n + 1 + strspn(line + n + 1, " \t");
	}
	return NULL;
}
