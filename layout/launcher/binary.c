// SPDX-License-Identifier: Apache-2.0
/* layout/launcher/launcher.mk defines those that there are. */
#include "layout/launcher/binary.h"

#include <string.h>

#include "core/alloc.h"
#include "core/embed.h"

#ifdef OHC_LAUNCHER_amd64
OHC_EMBED(launcher_amd64, OHC_LAUNCHER_amd64);
OHC_EMBED(frozen_amd64, OHC_FROZEN_amd64);
#endif
#ifdef OHC_LAUNCHER_arm64
OHC_EMBED(launcher_arm64, OHC_LAUNCHER_arm64);
OHC_EMBED(frozen_arm64, OHC_FROZEN_arm64);
#endif

static const struct {
	const char *arch, *compiler, *data, *end, *frozen, *frozen_end;
} launchers[] = {
	{ "amd64", "x86_64-linux-gnu-gcc",
#ifdef OHC_LAUNCHER_amd64
	  launcher_amd64, launcher_amd64_end, frozen_amd64, frozen_amd64_end
#else
	  NULL, NULL, NULL, NULL
#endif
	},
	{ "arm64", "aarch64-linux-gnu-gcc",
#ifdef OHC_LAUNCHER_arm64
	  launcher_arm64, launcher_arm64_end, frozen_arm64, frozen_arm64_end
#else
	  NULL, NULL, NULL, NULL
#endif
	},
};

int ohc_launcher_binary(const char *arch, const void **ret, size_t *ret_n, struct ohc_error *err)
{
	for (size_t i = 0; i < OHC_ARRAY_SIZE(launchers); i++) {
		if (strcmp(launchers[i].arch, arch) != 0)
			continue;
		if (!launchers[i].data)
			return ohc_error_set(err, OHC_E_UNSUPPORTED,
					     "this ohcompose has no launcher for '%s': build it "
					     "where there is %s, or clang and lld",
					     arch, launchers[i].compiler);
		*ret = launchers[i].data;
		*ret_n = (size_t)(launchers[i].end - launchers[i].data);
		return 0;
	}
	return ohc_error_set(err, OHC_E_UNSUPPORTED,
			     "there are no launchers for '%s', only for amd64 and arm64", arch);
}

bool ohc_launcher_frozen(const char *arch, const void **ret, size_t *ret_n)
{
	for (size_t i = 0; i < OHC_ARRAY_SIZE(launchers); i++) {
		if (strcmp(launchers[i].arch, arch) != 0 || !launchers[i].frozen)
			continue;
		*ret = launchers[i].frozen;
		*ret_n = (size_t)(launchers[i].frozen_end - launchers[i].frozen);
		return true;
	}
	return false;
}
