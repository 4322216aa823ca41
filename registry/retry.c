// SPDX-License-Identifier: Apache-2.0
#include "registry/retry.h"

#include <ctype.h>
#include <limits.h>
#include <string.h>
#include <time.h>

#include "core/alloc.h"

#define FIRST_MS 500u
#define LAST_MS  30000u

/* A registry that cannot be reached is not waited for as long as one that is in trouble. */
#define UNREACHABLE_RETRIES 3u

/* The 4xx that pass by themselves, and the 5xx that do not. */
static const int passing[] = { 408, 425, 429 };
static const int lasting[] = { 501, 505, 506, 507, 508, 510, 511 };

/* The 4xx that depend on who asks, or on what is there. */
static const int elsewhere[] = { 401, 403, 404, 407 };

/* HTTP-date: the form of today and the two of before 1994 (RFC 9110, 5.6.7). */
static const char *const date_forms[] = {
	"%a, %d %b %Y %H:%M:%S GMT",
	"%A, %d-%b-%y %H:%M:%S GMT",
	"%a %b %e %H:%M:%S %Y",
};

/* Seconds that a Retry-After value means from now on, or -1 when it is neither form. */
static int64_t seconds_of(const char *value, int64_t now)
{
	struct tm tm;
	char *end;
	long long n;

	if (isdigit((unsigned char)*value)) {
		n = strtoll(value, &end, 10);
		end += strspn(end, " \t");
		return *end == '\0' ? n : -1;
	}
	for (size_t i = 0; i < OHC_ARRAY_SIZE(date_forms); i++) {
		memset(&tm, 0, sizeof(tm));
		if (!strptime(value, date_forms[i], &tm))
			continue;
		n = timegm(&tm) - now;
		return n > 0 ? n : 0;
	}
	return -1;
}

/* Reads "retry-after: 1.5s" or "retry-after: 714.289µs" in an error's text, as GHCR writes it.  In
 * ms. */
static int64_t body_hint(const char *body)
{
	static const struct {
		const char *unit;
		double ms;
	} units[] = { { "ms", 1 }, { "s", 1000 }, { "m", 60000 }, { "h", 3600000 } };
	const char *p = strcasestr(body, "retry-after:");
	char *end;
	double n;

	if (!p)
		return -1;
	p += strlen("retry-after:");
	n = strtod(p, &end);
	if (end == p || !(n >= 0) || n > 1e9)
		return -1;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(units); i++)
		if (strncmp(end, units[i].unit, strlen(units[i].unit)) == 0)
			return (int64_t)(n * units[i].ms);
	if (isspace((unsigned char)*end) || strchr("\"',.}", *end) || *end == '\0')
		return (int64_t)(n * 1000);
	return 1; /* µs, ns */
}

static bool is_among(const int *list, size_t n, int status)
{
	for (size_t i = 0; i < n; i++)
		if (list[i] == status)
			return true;
	return false;
}

bool ohc_retry_may_pass(int status)
{
	if (status >= 500)
		return !is_among(lasting, OHC_ARRAY_SIZE(lasting), status);
	return is_among(passing, OHC_ARRAY_SIZE(passing), status);
}

bool ohc_retry_is_about_request(int status)
{
	if (status == 501)
		return true;
	return status / 100 == 4 && !ohc_retry_may_pass(status) &&
	       !is_among(elsewhere, OHC_ARRAY_SIZE(elsewhere), status);
}

bool ohc_retry_is_refusal(int status, const char *body)
{
	static const char *const words[] = { "rate limit", "ratelimit", "toomanyrequests",
					     "too many requests", "abuse detection" };

	if (status != 403)
		return status == 429;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(words); i++)
		if (strcasestr(body, words[i]))
			return true;
	return false;
}

/* Time alone ends what --retry allows at all. */
static unsigned int without_count(const struct ohc_retry_input *in)
{
	return in->retries ? UINT_MAX : 0;
}

static unsigned int allowed(const struct ohc_retry_input *in)
{
	switch (in->fault) {
	case OHC_HTTP_FINE:
		if (ohc_retry_is_refusal(in->status, in->body))
			return without_count(in);
		return ohc_retry_may_pass(in->status) ? in->retries : 0;
	case OHC_HTTP_BROKEN:
	case OHC_HTTP_STALLED:
		return in->retries;
	case OHC_HTTP_SILENT:
		return in->retries < 1 ? in->retries : 1;
	case OHC_HTTP_UNREACHABLE:
		if (in->away)
			return without_count(in);
		return in->retries < UNREACHABLE_RETRIES ? in->retries : UNREACHABLE_RETRIES;
	default:
		return 0;
	}
}

/* Half of the step is fixed, the other half is random. */
static uint64_t backoff(unsigned int tries, uint32_t random)
{
	uint64_t step = tries > 7 ? LAST_MS : (uint64_t)FIRST_MS << (tries - 1);

	if (step > LAST_MS)
		step = LAST_MS;
	return step / 2 + random % (step / 2 + 1);
}

int64_t ohc_retry_asked(const struct ohc_retry_input *in)
{
	int64_t s = -1;

	if (in->fault != OHC_HTTP_FINE)
		return -1;
	if (in->retry_after)
		s = seconds_of(in->retry_after, in->now);
	if (s < 0)
		return body_hint(in->body);
	return s > INT64_MAX / 1000 ? INT64_MAX : s * 1000;
}

bool ohc_retry(const struct ohc_retry_input *in, uint64_t *ret_ms)
{
	int64_t asked = ohc_retry_asked(in);
	uint64_t ms;

	if (in->tries > allowed(in) || asked > OHC_PATIENCE_MS)
		return false;
	ms = backoff(in->tries, in->random);
	if (asked >= 0) /* a little later than asked, but never all at the same moment */
		ms = (uint64_t)asked + in->random % 100;
	if (in->waited_ms + ms > OHC_PATIENCE_MS)
		return false;
	*ret_ms = ms;
	return true;
}
