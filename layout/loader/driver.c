// SPDX-License-Identifier: Apache-2.0
/* Knows libraries that come with a driver, not with a system: they fit the kernel's module of the
 * machine that runs the image, whose runtime puts them there (NVIDIA's container toolkit). */
#include <fnmatch.h>

#include "core/alloc.h"
#include "core/path.h"
#include "layout/loader/loader.h"

static const char *const drivers[] = { "libcuda.so*", "libcudadebugger.so*", "libnvcuvid.so*",
				       "libnvidia-*.so*", "libnvoptix.so*" };

bool ohc_loader_is_driver(const char *name)
{
	for (size_t i = 0; i < OHC_ARRAY_SIZE(drivers); i++)
		if (fnmatch(drivers[i], ohc_path_name(name), 0) == 0)
			return true;
	return false;
}
