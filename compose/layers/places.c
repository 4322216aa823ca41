// SPDX-License-Identifier: Apache-2.0
#include "compose/layers/places.h"

#include <string.h>

#include "core/buf.h"

size_t ohc_places_length(const char *line)
{
	return strcspn(line, "\n");
}

const char *ohc_places_next(const char *line)
{
	line += ohc_places_length(line);
	return *line ? line + 1 : line;
}

bool ohc_places_is(const char *line, const char *repo)
{
	size_t n = strlen(repo);

	return strncmp(line, repo, n) == 0 && (line[n] == '\n' || !line[n]);
}

bool ohc_places_has(const char *places, const char *repo)
{
	for (const char *line = places; line && *line; line = ohc_places_next(line))
		if (ohc_places_is(line, repo))
			return true;
	return false;
}

char *ohc_places_with(const char *places, const char *repo)
{
	struct ohc_buf b = OHC_BUF_INIT;
	size_t n = 0;

	if (repo) {
		ohc_buf_adds(&b, repo);
		ohc_buf_addc(&b, '\n');
		n++;
	}
	for (const char *line = places; line && *line && n < OHC_PLACES_MAX;
	     line = ohc_places_next(line)) {
		size_t length = ohc_places_length(line);

		if (!length || (repo && ohc_places_is(line, repo)))
			continue;
		ohc_buf_add(&b, line, length);
		ohc_buf_addc(&b, '\n');
		n++;
	}
	return ohc_buf_detach(&b);
}
