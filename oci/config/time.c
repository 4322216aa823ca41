// SPDX-License-Identifier: Apache-2.0
/* Times as image configs have them: RFC 3339. */
#include "oci/config/config.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define YEAR_0    (-62167219200LL) /* 0000-01-01T00:00:00Z */
#define YEAR_9999 253402300799LL   /* 9999-12-31T23:59:59Z */

const char *ohc_config_time_text(int64_t seconds, char ret[OHC_TIME_TEXT])
{
	time_t t = (time_t)(seconds < YEAR_0 ? YEAR_0 : seconds > YEAR_9999 ? YEAR_9999 : seconds);
	struct tm tm;

	gmtime_r(&t, &tm);
	snprintf(ret, OHC_TIME_TEXT, "%04d-%02d-%02dT%02d:%02d:%02dZ", (tm.tm_year + 1900) % 10000,
		 tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
	return ret;
}

/* Skips text that matches the pattern ('0' is any digit); NULL when it does not. */
static const char *match(const char *s, const char *pattern)
{
	for (; *pattern; pattern++, s++)
		if (*pattern == '0' ? !isdigit((unsigned char)*s) : *s != *pattern)
			return NULL;
	return s;
}

static int number(const char *s, int digits)
{
	int n = 0;

	while (digits-- > 0)
		n = n * 10 + (*s++ - '0');
	return n;
}

/* "Z" or "+HH:MM": the seconds that the local time is ahead of UTC. */
static bool parse_offset(const char *s, int *ret)
{
	const char *end = match(s + (*s == '+' || *s == '-'), "00:00");
	int hours, minutes;

	if ((*s == 'Z' || *s == 'z') && !s[1]) {
		*ret = 0;
		return true;
	}
	if ((*s != '+' && *s != '-') || !end || *end)
		return false;
	hours = number(s + 1, 2);
	minutes = number(s + 4, 2);
	*ret = (hours * 60 + minutes) * (*s == '-' ? -60 : 60);
	return hours < 24 && minutes < 60;
}

static bool date_ok(const struct tm *tm)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	int y = tm->tm_year + 1900;
	bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;

	return tm->tm_mon >= 0 && tm->tm_mon < 12 && tm->tm_mday >= 1 &&
	       tm->tm_mday <= days[tm->tm_mon] + (leap && tm->tm_mon == 1) && tm->tm_hour < 24 &&
	       tm->tm_min < 60 && tm->tm_sec <= 60;
}

bool ohc_config_seconds_parse(const char *text, int64_t *ret)
{
	size_t n = strspn(text, "0123456789");
	int64_t seconds = 0;

	if (n == 0 || text[n])
		return false;
	for (; *text; text++) {
		seconds = seconds * 10 + (*text - '0');
		if (seconds > YEAR_9999)
			return false;
	}
	*ret = seconds;
	return true;
}

int ohc_config_time_parse(const char *text, int64_t *ret, struct ohc_error *err)
{
	const char *s = match(text, "0000-00-00");
	struct tm tm;
	int offset;

	if (s && strchr("Tt ", *s) && *s)
		s = match(s + 1, "00:00:00");
	else
		s = NULL;
	if (s && *s == '.' && isdigit((unsigned char)s[1]))
		s += 1 + strspn(s + 1, "0123456789");
	memset(&tm, 0, sizeof(tm));
	if (s) {
		tm.tm_year = number(text, 4) - 1900;
		tm.tm_mon = number(text + 5, 2) - 1;
		tm.tm_mday = number(text + 8, 2);
		tm.tm_hour = number(text + 11, 2);
		tm.tm_min = number(text + 14, 2);
		tm.tm_sec = number(text + 17, 2);
	}
	if (!s || !parse_offset(s, &offset) || !date_ok(&tm))
		return ohc_error_set(
			err, OHC_E_USAGE,
			"malformed time '%s': RFC 3339 is wanted, as 2024-01-31T12:00:00Z, or "
			"seconds since 1970",
			text);
	*ret = (int64_t)timegm(&tm) - offset;
	return 0;
}
