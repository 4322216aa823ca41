// SPDX-License-Identifier: Apache-2.0
#include "core/late.h"

#include <dlfcn.h>
#include <string.h>

static int missing(const struct ohc_late *l, struct ohc_error *err)
{
	const char *why = dlerror();

	return ohc_error_set(err, OHC_E_UNSUPPORTED,
			     "'%s' is needed %s, and cannot be loaded (%s): install %s", l->soname,
			     l->purpose, why ? why : "no reason was given", l->library);
}

/* POSIX has pointers to functions of the size of other pointers (dlsym). */
static int look_up(struct ohc_late *l, void *handle, struct ohc_error *err)
{
	for (size_t i = 0; i < l->n; i++) {
		void *function = dlsym(handle, l->names[i]);

		if (!function)
			return missing(l, err);
		memcpy((char *)l->functions + i * sizeof(function), &function, sizeof(function));
	}
	return 0;
}

int ohc_late_load(struct ohc_late *l, struct ohc_error *err)
{
	void *handle;
	int rc = 0;

	if (l->loaded)
		return 0;
	pthread_mutex_lock(&l->lock);
	if (!l->loaded) {
		handle = dlopen(l->soname, RTLD_LAZY | RTLD_LOCAL);
		rc = handle ? look_up(l, handle, err) : missing(l, err);
		l->loaded = rc == 0;
	}
	pthread_mutex_unlock(&l->lock);
	return rc;
}
