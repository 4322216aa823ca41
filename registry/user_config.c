// SPDX-License-Identifier: Apache-2.0
#include "registry/user_config.h"

#include <stddef.h>

#include "core/alloc.h"

char *ohc_user_config(const char *rest)
{
	const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");

	if (config && *config == '/')
		return ohc_xasprintf("%s/%s", config, rest);
	return home && *home == '/' ? ohc_xasprintf("%s/.config/%s", home, rest) : NULL;
}
