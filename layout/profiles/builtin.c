// SPDX-License-Identifier: Apache-2.0
#include "layout/profiles/builtin.h"

#include <string.h>

#include "core/alloc.h"
#include "core/embed.h"
#include "layout/profiles/profile.h"

#define EMBED(id, file) OHC_EMBED(profile_##id, "layout/profiles/" file ".json")

EMBED(openhands, "openhands");
EMBED(openhands_v0, "openhands-v0");
EMBED(agent_server, "agent-server");
EMBED(agent_server_binary, "agent-server-binary");
EMBED(none, "none");

static const struct {
	const char *name, *text, *end;
} profiles[] = {
	{ "openhands", profile_openhands, profile_openhands_end },
	{ "openhands-v0", profile_openhands_v0, profile_openhands_v0_end },
	{ "agent-server", profile_agent_server, profile_agent_server_end },
	{ "agent-server-binary", profile_agent_server_binary, profile_agent_server_binary_end },
	{ "none", profile_none, profile_none_end },
};

const char *ohc_profile_text(const char *name, size_t *ret_n)
{
	for (size_t i = 0; i < OHC_ARRAY_SIZE(profiles); i++) {
		if (strcmp(profiles[i].name, name) != 0)
			continue;
		*ret_n = (size_t)(profiles[i].end - profiles[i].text);
		return profiles[i].text;
	}
	return NULL;
}

const char *const *ohc_profile_names(void)
{
	static const char *const names[] = { "openhands",           "openhands-v0", "agent-server",
					     "agent-server-binary", "none",         NULL };

	return names;
}
