// SPDX-License-Identifier: Apache-2.0
/* Image configs: what parses can be edited, and what comes out parses again. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "oci/config/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char diff_id[] =
		"sha256:0000000000000000000000000000000000000000000000000000000000000000";
	ohc_cleanup(ohc_json_decref) json_t *c = NULL, *again = NULL, *before = NULL;
	ohc_cleanup(ohc_freep) char *text = NULL;
	struct ohc_error err = OHC_ERROR_INIT;

	if (ohc_config_parse(data, size, "input", &c, &err) < 0)
		return 0;
	before = ohc_config_env_list(c);
	ohc_config_env(c, before, "PATH=/openhands/bin:$PATH", &err);
	ohc_config_env(c, before, "A=${B}:$C", &err);
	ohc_config_unset_env(c, "B");
	ohc_config_label(c, "a=b", &err);
	ohc_config_expose(c, "80", &err);
	ohc_config_volume(c, "/v", &err);
	ohc_config_add_layer(c, diff_id, "1970-01-01T00:00:00Z", "fuzz", NULL);
	text = ohc_json_text(c);
	if (ohc_config_parse(text, strlen(text), "output", &again, &err) < 0)
		abort();
	return 0;
}
