// SPDX-License-Identifier: Apache-2.0
#include "core/percent.h"

#include <string.h>

#include "core/ascii.h"

void ohc_percent_add(struct ohc_buf *b, const char *s, const char *keep)
{
	static const char unreserved[] = OHC_ASCII_ALNUM "-._~";

	for (; *s; s++)
		if (strchr(unreserved, *s) || strchr(keep, *s))
			ohc_buf_addc(b, *s);
		else
			ohc_buf_addf(b, "%%%02X", (unsigned char)*s);
}
