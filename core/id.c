// SPDX-License-Identifier: Apache-2.0
#include "core/id.h"

bool ohc_id_parse(const char *text, size_t n, uint32_t *ret)
{
	uint64_t id = 0;

	for (size_t i = 0; i < n; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		id = id * 10 + (uint64_t)(text[i] - '0');
		if (id > OHC_ID_MAX)
			return false;
	}
	if (n == 0)
		return false;
	*ret = (uint32_t)id;
	return true;
}
