// SPDX-License-Identifier: Apache-2.0
/* TOML as registries.conf has it: read, or refused with a message; never more than that. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "registry/toml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ohc_cleanup(ohc_freep) char *text = malloc(size + 1), *json = NULL;
	ohc_cleanup(ohc_json_decref) json_t *doc = NULL;
	struct ohc_error err = OHC_ERROR_INIT;
	int rc;

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	rc = ohc_toml_parse(text, "toml", &doc, &err);
	if ((rc < 0) != (doc == NULL) || (rc < 0 && !strstr(err.msg, "line ")))
		abort();
	if (doc)
		json = ohc_json_text(doc);
	return 0;
}
