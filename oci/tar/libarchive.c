// SPDX-License-Identifier: Apache-2.0
#include "oci/tar/libarchive.h"

#include "core/late.h"

#define SONAME  "libarchive.so.13"
#define PURPOSE "to read and write tars"

#ifdef OHC_LATE
struct ohc_libarchive ohc_libarchive;

static const char *const names[] = {
#define OHC_X(f) "archive_" #f,
	OHC_LIBARCHIVE_FUNCTIONS(OHC_X)
#undef OHC_X
};

OHC_LATE_NOTE(SONAME, PURPOSE);

int ohc_libarchive_load(struct ohc_error *err)
{
	static struct ohc_late late = {
		.soname = SONAME,
		.library = "libarchive",
		.purpose = PURPOSE,
		.names = names,
		.functions = &ohc_libarchive,
		.n = sizeof(names) / sizeof(*names),
		.lock = PTHREAD_MUTEX_INITIALIZER,
	};

	return ohc_late_load(&late, err);
}
#else
struct ohc_libarchive ohc_libarchive = {
#define OHC_X(f) .f = archive_##f,
	OHC_LIBARCHIVE_FUNCTIONS(OHC_X)
#undef OHC_X
};

int ohc_libarchive_load(struct ohc_error *err)
{
	(void)err;
	return 0;
}
#endif
