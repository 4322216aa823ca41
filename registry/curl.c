// SPDX-License-Identifier: Apache-2.0
#include "registry/curl.h"

#include <stdlib.h>

#include "core/late.h"

#define SONAME  "libcurl.so.4"
#define PURPOSE "to speak with registries"

#ifdef OHC_LATE
struct ohc_curl ohc_curl;

static const char *const names[] = {
#define OHC_X(f) "curl_" #f,
	OHC_CURL_FUNCTIONS(OHC_X)
#undef OHC_X
};

OHC_LATE_NOTE(SONAME, PURPOSE);

static int load(struct ohc_error *err)
{
	static struct ohc_late late = {
		.soname = SONAME,
		.library = "libcurl",
		.purpose = PURPOSE,
		.names = names,
		.functions = &ohc_curl,
		.n = sizeof(names) / sizeof(*names),
		.lock = PTHREAD_MUTEX_INITIALIZER,
	};

	return ohc_late_load(&late, err);
}
#else
struct ohc_curl ohc_curl = {
#define OHC_X(f) .f = curl_##f,
	OHC_CURL_FUNCTIONS(OHC_X)
#undef OHC_X
};

static int load(struct ohc_error *err)
{
	(void)err;
	return 0;
}
#endif

static void init(void)
{
	if (ohc_curl.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		abort();
}

int ohc_curl_load(struct ohc_error *err)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	int rc = load(err);

	if (rc == 0)
		pthread_once(&once, init);
	return rc;
}
