// SPDX-License-Identifier: Apache-2.0
/* METADATA of Python distributions, and each requirement in it. */
#include <stdint.h>
#include <string.h>

#include "core/alloc.h"
#include "layout/python/site.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct ohc_py_env env = { "3.12", "", "x86_64" };
	ohc_cleanup(ohc_py_dist_clear) struct ohc_py_dist d = { .name = NULL };
	enum ohc_py_answer answer;

	if (!ohc_py_metadata_parse((const char *)data, size, &d))
		return 0;
	for (size_t i = 0; i < d.requires.n; i++) {
		ohc_cleanup(
			ohc_py_requirement_clear) struct ohc_py_requirement r = { .name = NULL };

		if (!ohc_py_requirement_parse(d.requires.v[i], &r))
			continue;
		ohc_py_specifiers(r.specifiers, strlen(r.specifiers), d.version);
		ohc_py_marker(r.marker, &env, "x", &answer);
	}
	return 0;
}
