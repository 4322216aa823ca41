// SPDX-License-Identifier: Apache-2.0
/* Finds the default directories of a machine, and those in the search paths of files. */
#include "layout/loader/loader_internal.h"

#include <string.h>

#include "core/alloc.h"

void ohc_loader_defaults(const char *loader, const struct ohc_elf *elf, struct ohc_strv *ret)
{
	const struct ohc_machine *m = ohc_machine_of_elf(elf);
	ohc_cleanup(ohc_freep) char *debian = m ? ohc_xasprintf("/lib/%s/", m->multiarch) : NULL;
	bool in_debian = m && loader && strstr(loader, debian);
	bool in_lib64 =
		m && loader && strcmp(m->lib, "lib64") == 0 &&
		(strncmp(loader, "/lib64/", 7) == 0 || strncmp(loader, "/usr/lib64/", 11) == 0);

	if (m && !in_lib64) {
		ohc_strv_take(ret, ohc_xasprintf("/lib/%s", m->multiarch));
		ohc_strv_take(ret, ohc_xasprintf("/usr/lib/%s", m->multiarch));
	}
	if (m && strcmp(m->lib, "lib64") == 0 && !in_debian) {
		ohc_strv_add(ret, "/lib64");
		ohc_strv_add(ret, "/usr/lib64");
	}
	if (!in_lib64) {
		ohc_strv_add(ret, "/lib");
		ohc_strv_add(ret, "/usr/lib");
	}
}

void ohc_loader_default_dirs(const struct ohc_elf *elf, struct ohc_strv *ret)
{
	ohc_loader_defaults(NULL, elf, ret);
}

/* One element of a search path while its placeholders are replaced. */
struct expansion {
	const char *origin;
	const struct ohc_machine *machine;
	bool musl;
	struct ohc_strv *ret;
};

static size_t token(const char *s, const char *name)
{
	size_t n = strlen(name);

	if (s[0] == '{')
		return strncmp(s + 1, name, n) == 0 && s[n + 1] == '}' ? n + 2 : 0;
	return strncmp(s, name, n) == 0 ? n : 0;
}

static void expand(const struct expansion *x, const char *done, const char *rest);

static void go_on(const struct expansion *x, const char *done, const char *value, const char *rest)
{
	ohc_cleanup(ohc_freep) char *more = ohc_xasprintf("%s%s", done, value);

	expand(x, more, rest);
}

/* $LIB depends on how the loader was built, which only shows from the directories that are there,
 * so both are tried. */
static void expand(const struct expansion *x, const char *done, const char *rest)
{
	size_t plain = strcspn(rest, "$"), n;
	ohc_cleanup(ohc_freep) char *before = ohc_xasprintf("%s%.*s", done, (int)plain, rest);
	const struct ohc_machine *m = x->machine;

	rest += plain;
	if (!*rest) {
		if (*before == '/' && !ohc_strv_has(x->ret, before))
			ohc_strv_add(x->ret, before);
		return;
	}
	rest++;
	if ((n = token(rest, "ORIGIN"))) {
		go_on(x, before, x->origin, rest + n);
	} else if (!x->musl && m && (n = token(rest, "PLATFORM"))) {
		go_on(x, before, m->platform, rest + n);
	} else if (!x->musl && m && (n = token(rest, "LIB"))) {
		ohc_cleanup(ohc_freep) char *debian = ohc_xasprintf("lib/%s", m->multiarch);

		go_on(x, before, debian, rest + n);
		go_on(x, before, m->lib, rest + n);
	} else if (!x->musl) {
		go_on(x, before, "$", rest);
	}
}

void ohc_loader_expand(const char *paths, const char *origin, const struct ohc_elf *elf,
		       enum ohc_libc libc, struct ohc_strv *ret)
{
	struct expansion x = { origin, ohc_machine_of_elf(elf), libc == OHC_LIBC_MUSL, ret };

	while (*paths) {
		size_t n = strcspn(paths, ":");
		ohc_cleanup(ohc_freep) char *element = ohc_xstrndup(paths, n);

		expand(&x, "", element);
		paths += n;
		paths += *paths == ':';
	}
}
