// SPDX-License-Identifier: Apache-2.0
/* The signals that a config may name: Linux's, whatever system this program runs on. */
#include "oci/config/config.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

bool ohc_config_signal_known(const char *text)
{
	static const char *const names[] = {
		"ABRT", "ALRM",   "BUS",  "CHLD",   "CLD",   "CONT", "FPE",  "HUP",   "ILL",
		"INT",  "IO",     "IOT",  "KILL",   "PIPE",  "POLL", "PROF", "PWR",   "QUIT",
		"SEGV", "STKFLT", "STOP", "SYS",    "TERM",  "TRAP", "TSTP", "TTIN",  "TTOU",
		"URG",  "USR1",   "USR2", "VTALRM", "WINCH", "XCPU", "XFSZ", "RTMIN", "RTMAX",
	};
	size_t digits = strspn(text, "0123456789");

	if (digits > 0)
		return !text[digits] && digits <= 2 && atoi(text) >= 1 && atoi(text) <= 64;
	if (strncasecmp(text, "SIG", 3) == 0)
		text += 3;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(names); i++)
		if (strcasecmp(text, names[i]) == 0)
			return true;
	if (strncasecmp(text, "RTMIN+", 6) != 0 && strncasecmp(text, "RTMAX-", 6) != 0)
		return false;
	text += 6;
	digits = strspn(text, "0123456789");
	return digits > 0 && digits <= 2 && !text[digits] && atoi(text) <= 30;
}
