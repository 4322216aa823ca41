// SPDX-License-Identifier: Apache-2.0
#include "cmd/command.h"

#include <string.h>

#include "core/suggest.h"

int ohc_command_find(const struct ohc_command *const *commands, const char *name,
		     const struct ohc_command **ret, struct ohc_error *err)
{
	struct ohc_suggestion s = { .word = name };

	for (; *commands; commands++) {
		if (strcmp((*commands)->name, name) == 0) {
			*ret = *commands;
			return 0;
		}
		ohc_suggest(&s, (*commands)->name);
	}
	if (s.best)
		return ohc_error_set(err, OHC_E_USAGE, "unknown command '%s', did you mean '%s'?",
				     name, s.best);
	return ohc_error_set(err, OHC_E_USAGE, "unknown command '%s'", name);
}
