/* SPDX-License-Identifier: Apache-2.0 */
/* The functions of libcurl that http.c uses; it is loaded with the first request (core/late.h). */
#ifndef OHC_REGISTRY_CURL_H
#define OHC_REGISTRY_CURL_H

#include <curl/curl.h>

#include "core/error.h"

#define OHC_CURL_FUNCTIONS(X)  \
	X(easy_cleanup)        \
	X(easy_getinfo)        \
	X(easy_init)           \
	X(easy_pause)          \
	X(easy_reset)          \
	X(easy_setopt)         \
	X(easy_strerror)       \
	X(global_init)         \
	X(multi_add_handle)    \
	X(multi_cleanup)       \
	X(multi_info_read)     \
	X(multi_init)          \
	X(multi_perform)       \
	X(multi_poll)          \
	X(multi_remove_handle) \
	X(multi_setopt)        \
	X(multi_strerror)      \
	X(slist_append)        \
	X(slist_free_all)      \
	X(version_info)

struct ohc_curl {
#define OHC_X(f) __typeof__(curl_##f) *f;
	OHC_CURL_FUNCTIONS(OHC_X)
#undef OHC_X
};

extern struct ohc_curl ohc_curl;

/* Makes libcurl ready for use, once.  OHC_E_UNSUPPORTED: there is none. */
int ohc_curl_load(struct ohc_error *err);

#endif
