// SPDX-License-Identifier: Apache-2.0
/* Image names: what parses is written out as text that parses to the same. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "oci/documents/name.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ohc_cleanup(ohc_freep) char *text = malloc(size + 1);
	ohc_cleanup(ohc_freep) char *once = NULL, *twice = NULL;
	struct ohc_error err = OHC_ERROR_INIT;
	struct ohc_name a = { 0 }, b = { 0 };

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	if (ohc_name_parse(text, &a, &err) < 0)
		return 0;
	once = ohc_name_text(&a);
	if (ohc_name_parse(once, &b, &err) < 0)
		abort();
	twice = ohc_name_text(&b);
	if (strcmp(once, twice) != 0)
		abort();
	ohc_name_clear(&a);
	ohc_name_clear(&b);
	return 0;
}
