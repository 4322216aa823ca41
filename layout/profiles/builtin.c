// SPDX-License-Identifier: Apache-2.0
/*
 * The assembler takes the files in as they are, so that the JSON stays the only copy; the path is
 * from the top of the tree, where make runs the compiler.  The names are said twice below because
 * an assembler symbol cannot have a '-' in it.
 */
#include "layout/profiles/builtin.h"

#include <string.h>

#include "core/alloc.h"
#include "layout/profiles/profile.h"

#define EMBED(id, file)                                       \
	__asm__(".pushsection .rodata,\"a\",%progbits\n"      \
		".hidden ohc_profile_" #id "\n"               \
		".hidden ohc_profile_" #id "_end\n"           \
		".global ohc_profile_" #id "\n"               \
		".global ohc_profile_" #id "_end\n"           \
		"ohc_profile_" #id ":\n"                      \
		".incbin \"layout/profiles/" file ".json\"\n" \
		"ohc_profile_" #id "_end:\n"                  \
		".byte 0\n"                                   \
		".popsection\n");                             \
	extern const char ohc_profile_##id[], ohc_profile_##id##_end[]

EMBED(openhands, "openhands");
EMBED(openhands_v0, "openhands-v0");
EMBED(agent_server, "agent-server");
EMBED(agent_server_binary, "agent-server-binary");
EMBED(none, "none");

static const struct {
	const char *name, *text, *end;
} profiles[] = {
	{ "openhands", ohc_profile_openhands, ohc_profile_openhands_end },
	{ "openhands-v0", ohc_profile_openhands_v0, ohc_profile_openhands_v0_end },
	{ "agent-server", ohc_profile_agent_server, ohc_profile_agent_server_end },
	{ "agent-server-binary", ohc_profile_agent_server_binary,
	  ohc_profile_agent_server_binary_end },
	{ "none", ohc_profile_none, ohc_profile_none_end },
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
