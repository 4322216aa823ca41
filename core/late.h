/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shared libraries that are loaded when something needs them: libcurl and libarchive bring along
 * forty others, which take longer to load than most commands that do without them to run.
 *
 * Each has a header with a list of the functions that are used, and a struct of pointers to them:
 *
 *   #define OHC_CURL_FUNCTIONS(X) X(easy_init) X(easy_setopt) ...
 *   struct ohc_curl {
 *   #define OHC_X(f) __typeof__(curl_##f) *f;
 *           OHC_CURL_FUNCTIONS(OHC_X)
 *   #undef OHC_X
 *   };
 *
 *	rc = ohc_curl_load(err);
 *	... ohc_curl.easy_init() ...
 *
 * In a build with LATE= (a static one, say) the linker fills the struct, and load() has nothing to
 * do.  What is loaded stays: nothing is ever unloaded.
 */
#ifndef OHC_CORE_LATE_H
#define OHC_CORE_LATE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/error.h"

struct ohc_late {
	const char *soname;       /* "libcurl.so.4" */
	const char *library;      /* "libcurl" */
	const char *purpose;      /* "to speak with registries" */
	const char *const *names; /* of its functions, */
	void *functions;          /* whose addresses go into this struct of pointers */
	size_t n;
	pthread_mutex_t lock;
	_Atomic bool loaded;
};

/* OHC_E_UNSUPPORTED: it is not there, or lacks a function.  May be called any number of times, from
 * any thread. */
int ohc_late_load(struct ohc_late *l, struct ohc_error *err);

/*
 * Says in the program that it needs the library, although it is not linked with it, so that
 * packaging tools find it (https://uapi-group.org/specifications/specs/elf_dlopen_metadata/).
 */
#define OHC_LATE_NOTE(soname, purpose)                                                 \
	static const struct {                                                          \
		uint32_t name_size, size, type;                                        \
		char name[4];                                                          \
		_Alignas(uint32_t) char text[sizeof(OHC_LATE_TEXT(soname, purpose))];  \
	} ohc_late_note __attribute__((used, aligned(4), section(".note.dlopen"))) = { \
		4, sizeof(OHC_LATE_TEXT(soname, purpose)), 0x407c0c0a, "FDO",          \
		OHC_LATE_TEXT(soname, purpose)                                         \
	}
#define OHC_LATE_TEXT(soname, purpose)                                                             \
	"[{\"soname\":[\"" soname "\"],\"priority\":\"required\",\"description\":\"" purpose "\"}" \
	"]"

#endif
