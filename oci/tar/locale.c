// SPDX-License-Identifier: Apache-2.0
#include "oci/tar/locale.h"

#include <pthread.h>
#include <stdlib.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static locale_t bytes, utf8;

static void init(void)
{
	bytes = newlocale(LC_CTYPE_MASK, "C", (locale_t)0);
	utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	if (!bytes)
		abort();
}

bool ohc_tar_has_utf8(void)
{
	pthread_once(&once, init);
	return utf8 != (locale_t)0;
}

locale_t ohc_tar_enter_to_read(void)
{
	pthread_once(&once, init);
	return uselocale(bytes);
}

locale_t ohc_tar_enter_to_write(void)
{
	return ohc_tar_has_utf8() ? uselocale(utf8) : (locale_t)0;
}

void ohc_tar_leave(locale_t old)
{
	if (old)
		uselocale(old);
}
