// SPDX-License-Identifier: Apache-2.0
#include "oci/documents/platform.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "core/alloc.h"
#include "core/ascii.h"

/* Other names for Go's architectures, as people, kernels and engines use them. */
static const struct {
	const char *alias, *arch, *variant;
} aliases[] = {
	{ "x86_64", "amd64", "" },
	{ "x86-64", "amd64", "" },
	{ "aarch64", "arm64", "" },
	{ "armhf", "arm", "v7" },
	{ "armv7l", "arm", "v7" },
	{ "armv6l", "arm", "v6" },
	{ "armel", "arm", "v6" },
	{ "i386", "386", "" },
	{ "i686", "386", "" },
	{ "x86", "386", "" },
	{ "loongarch64", "loong64", "" },
};

/* Variants that mean the same as no variant. */
static const struct {
	const char *arch, *variant;
} silent[] = {
	{ "amd64", "v1" },
	{ "arm64", "v8" },
	{ "arm64", "8" },
};

/* Architectures whose variants are levels, and the level that no variant means. */
static const struct {
	const char *arch;
	int level;
} levels[] = {
	{ "amd64", 100 },
	{ "arm", 700 },
	{ "arm64", 800 },
};

#define CHARS OHC_ASCII_ALNUM "_.-"

/* Checks a stranger's words, which go into names and onto terminals. */
static void copy(char *to, size_t size, const char *from)
{
	bool fits = from && strlen(from) < size && strspn(from, CHARS) == strlen(from);

	snprintf(to, size, "%s", fits ? from : "");
}

void ohc_platform_set(struct ohc_platform *p, const char *os, const char *arch, const char *variant)
{
	memset(p, 0, sizeof(*p));
	copy(p->os, sizeof(p->os), os);
	copy(p->arch, sizeof(p->arch), arch);
	copy(p->variant, sizeof(p->variant), variant);
	for (size_t i = 0; i < OHC_ARRAY_SIZE(aliases); i++) {
		if (strcmp(p->arch, aliases[i].alias) != 0)
			continue;
		copy(p->arch, sizeof(p->arch), aliases[i].arch);
		if (!p->variant[0])
			copy(p->variant, sizeof(p->variant), aliases[i].variant);
		break;
	}
	for (size_t i = 0; i < OHC_ARRAY_SIZE(silent); i++)
		if (strcmp(p->arch, silent[i].arch) == 0 &&
		    strcmp(p->variant, silent[i].variant) == 0)
			p->variant[0] = '\0';
}

int ohc_platform_parse(const char *text, struct ohc_platform *ret, struct ohc_error *err)
{
	char part[3][32] = { "", "", "" };
	const char *s = text;
	size_t n = 0, len;

	for (;; s += len + 1) {
		len = strcspn(s, "/");
		if (n == 3 || len == 0 || len >= sizeof(part[0]) || strspn(s, CHARS) < len)
			break;
		memcpy(part[n++], s, len);
		if (s[len])
			continue;
		if (n < 2)
			break;
		ohc_platform_set(ret, part[0], part[1], part[2]);
		return 0;
	}
	return ohc_error_set(err, OHC_E_USAGE,
			     "malformed platform '%s': OS/ARCH[/VARIANT] is wanted, as linux/arm64",
			     text);
}

void ohc_platform_host(struct ohc_platform *ret)
{
	struct utsname u;

	ohc_platform_set(ret, "linux", uname(&u) == 0 ? u.machine : "amd64", "");
}

/* "v7" as 700, "v8.2" as 802; 0 where variants are no levels. */
static int level(const struct ohc_platform *p)
{
	unsigned int major, minor = 0;
	size_t i;

	for (i = 0; i < OHC_ARRAY_SIZE(levels); i++)
		if (strcmp(p->arch, levels[i].arch) == 0)
			break;
	if (i == OHC_ARRAY_SIZE(levels))
		return 0;
	if (!p->variant[0])
		return levels[i].level;
	if (sscanf(p->variant, "v%2u.%2u", &major, &minor) < 1)
		return 0;
	return (int)(major * 100 + minor);
}

int ohc_platform_rank(const struct ohc_platform *want, const struct ohc_platform *have)
{
	enum { EXACT = 30000, LOWER = 20000, OTHER = 10000 };
	int w = level(want), h = level(have);

	if (strcmp(want->os, have->os) != 0 || strcmp(want->arch, have->arch) != 0)
		return 0;
	if (strcmp(want->variant, have->variant) == 0)
		return EXACT;
	if (w > 0 && h > 0 && h <= w)
		return LOWER - (w - h);
	if (want->variant[0])
		return 0;
	return w > 0 && h > 0 ? OTHER - (h - w) : 1;
}

bool ohc_platform_match(const struct ohc_platform *want, const struct ohc_platform *have)
{
	return ohc_platform_rank(want, have) > 0;
}

const char *ohc_platform_text(const struct ohc_platform *p, char ret[OHC_PLATFORM_TEXT])
{
	snprintf(ret, OHC_PLATFORM_TEXT, "%s/%s%s%s", p->os, p->arch, p->variant[0] ? "/" : "",
		 p->variant);
	return ret;
}
