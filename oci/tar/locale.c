// SPDX-License-Identifier: Apache-2.0
#include "oci/tar/locale.h"

#include <pthread.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static locale_t utf8;

static void init(void)
{
	utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
}

bool ohc_tar_has_utf8(void)
{
	pthread_once(&once, init);
	return utf8 != (locale_t)0;
}

locale_t ohc_tar_enter(void)
{
	return ohc_tar_has_utf8() ? uselocale(utf8) : (locale_t)0;
}

void ohc_tar_leave(locale_t old)
{
	if (old)
		uselocale(old);
}
