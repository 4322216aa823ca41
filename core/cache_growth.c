// SPDX-License-Identifier: Apache-2.0
#include "core/cache_growth.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/file.h"
#include "core/units.h"

#define LINE_MAX_BYTES 32

static char *path_in(const char *dir)
{
	return ohc_xasprintf("%s/ohcompose-growth", dir);
}

uint64_t ohc_cache_growth_read(const char *dir)
{
	ohc_cleanup(ohc_freep) char *path = path_in(dir);
	ohc_cleanup(ohc_buf_clear) struct ohc_buf text = OHC_BUF_INIT;
	struct ohc_error ignored;
	uint64_t n;

	if (ohc_file_read(path, LINE_MAX_BYTES, &text, &ignored) < 0)
		return UINT64_MAX;
	if (text.len && text.data[text.len - 1] == '\n')
		ohc_buf_truncate(&text, text.len - 1);
	return ohc_units_parse(ohc_buf_str(&text), &n, &ignored) < 0 ? UINT64_MAX : n;
}

void ohc_cache_growth_write(const char *dir, uint64_t bytes)
{
	ohc_cleanup(ohc_freep) char *path = path_in(dir);
	struct ohc_error ignored;
	char line[LINE_MAX_BYTES];

	snprintf(line, sizeof(line), "%" PRIu64 "\n", bytes);
	ohc_file_write(path, line, strlen(line), 0600, &ignored);
}
