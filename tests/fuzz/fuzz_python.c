// SPDX-License-Identifier: Apache-2.0
/* METADATA of Python distributions, and each requirement in it. */
#include <stdint.h>
#include <string.h>

#include "core/alloc.h"
#include "layout/python/site.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct ohc_python_env env = { "3.12", "", "x86_64" };
	ohc_cleanup(ohc_python_dist_clear) struct ohc_python_dist d = { .name = NULL };
	enum ohc_python_answer answer;

	if (!ohc_python_metadata_parse((const char *)data, size, &d))
		return 0;
	for (size_t i = 0; i < d.requires.n; i++) {
		ohc_cleanup(ohc_python_requirement_clear) struct ohc_python_requirement r = {
			.name = NULL
		};

		if (!ohc_python_requirement_parse(d.requires.v[i], &r))
			continue;
		ohc_python_specifiers(r.specifiers, strlen(r.specifiers), d.version);
		ohc_python_marker(r.marker, &env, "x", &answer);
	}
	return 0;
}
