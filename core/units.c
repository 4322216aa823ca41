// SPDX-License-Identifier: Apache-2.0
#include "core/units.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"

const char *ohc_units_bytes(uint64_t bytes, char ret[OHC_UNITS_TEXT])
{
	static const char *const units[] = { "kB", "MB", "GB", "TB", "PB", "EB" };
	double x = (double)bytes / 1000;
	size_t i = 0;

	if (bytes < 1000) {
		snprintf(ret, OHC_UNITS_TEXT, "%u B", (unsigned int)bytes);
		return ret;
	}
	/* Values that would round up to "1000.0 kB" are shown in megabytes. */
	while (x >= 999.95 && i + 1 < OHC_ARRAY_SIZE(units)) {
		x /= 1000;
		i++;
	}
	snprintf(ret, OHC_UNITS_TEXT, "%.1f %s", x, units[i]);
	return ret;
}

const char *ohc_units_duration(uint64_t ms, char ret[OHC_UNITS_TEXT])
{
	unsigned long long s = ms / 1000;

	if (ms < 10000)
		snprintf(ret, OHC_UNITS_TEXT, "%u.%u s", (unsigned int)s,
			 (unsigned int)(ms % 1000 / 100));
	else if (s < 60)
		snprintf(ret, OHC_UNITS_TEXT, "%u s", (unsigned int)s);
	else if (s < 3600)
		snprintf(ret, OHC_UNITS_TEXT, "%llu:%02llu", s / 60, s % 60);
	else
		snprintf(ret, OHC_UNITS_TEXT, "%llu:%02llu:%02llu", s / 3600, s / 60 % 60, s % 60);
	return ret;
}

int ohc_units_parse(const char *text, uint64_t *ret, struct ohc_error *err)
{
	static const char suffixes[] = "KMGT";
	size_t digits = strspn(text, "0123456789");
	const char *suffix = text[digits] ? strchr(suffixes, text[digits]) : NULL;
	unsigned int shift = suffix ? 10 * (unsigned int)(suffix - suffixes + 1) : 0;

	if (digits == 0 || digits > 6 + 6 * !suffix || text[digits + (suffix != NULL)])
		return ohc_error_set(err, OHC_E_USAGE,
				     "takes bytes, or a number with K, M, G or T, not '%s'", text);
	*ret = strtoull(text, NULL, 10) << shift;
	return 0;
}
