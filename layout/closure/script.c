// SPDX-License-Identifier: Apache-2.0
/*
 * Modules of Node's that ask the base for the C library that the payload has.
 *
 * A native module comes in a build for glibc and one for musl.  Which one fits, detect-libc and
 * the loaders that napi-rs writes take from /usr/bin/ldd, which is the base's, and
 * node-gyp-build from whether there is an /etc/alpine-release: on Alpine all of them look for
 * the one that a payload with glibc has not.  Whether node itself has a C library of its own they
 * do not see.  So those two paths, where they are a whole literal of a script, become paths of the
 * payload, which has the root's file there.  No variable has to tell (LIBC), which programs of
 * the base would see, too.
 */
#include <stdlib.h>
#include <string.h>

#include "core/path.h"
#include "layout/closure/closure_internal.h"
#include "layout/loader/machine.h"

#define SCRIPT_MAX (32u << 20)

static const struct asked_path {
	const char *path;
	const char *beside; /* what else a script has that asks for that reason; or NULL */
	const char *to;     /* below the prefix */
} asked[] = {
	{ "/usr/bin/ldd", NULL, "lib/ldd" },
	{ "/etc/alpine-release", "prebuilds", "lib/alpine-release" },
};

bool ohc_closure_is_script(const char *path)
{
	static const char *const ends[] = { ".js", ".cjs", ".mjs" };
	const char *dot = strrchr(ohc_path_name(path), '.');
	bool is = false;

	for (size_t i = 0; dot && i < OHC_ARRAY_SIZE(ends); i++)
		is |= strcmp(dot, ends[i]) == 0;
	return is;
}

/* Is it a literal from one quote to the next? */
static bool is_literal(const char *start, const char *p, size_t n, const char *end)
{
	return p > start && p + n < end && strchr("'\"`", p[-1]) && p[-1] && p[n] == p[-1];
}

/* The first literal of the path from `at` on, or NULL. */
static const char *find_literal(const char *start, const char *at, const char *end,
				const char *path)
{
	size_t n = strlen(path);

	while ((at = memmem(at, (size_t)(end - at), path, n))) {
		if (is_literal(start, at, n, end))
			return at;
		at += n;
	}
	return NULL;
}

/* Writes the text anew from the first literal on: the new path can be longer, and is not shorter,
 * as slashes fill it up. */
static bool replace(const struct ohc_closure *o, const struct asked_path *a,
		    const struct ohc_buf *text, struct ohc_buf *ret)
{
	const char *start = ohc_buf_str(text), *end = start + text->len, *from = start, *p;
	size_t n = strlen(a->path), k = strlen(o->prefix) + 1 + strlen(a->to);

	if (a->beside && !memmem(start, text->len, a->beside, strlen(a->beside)))
		return false;
	while ((p = find_literal(start, from, end, a->path))) {
		ohc_buf_add(ret, from, (size_t)(p - from));
		ohc_buf_adds(ret, o->prefix);
		for (size_t i = k; i < n; i++)
			ohc_buf_addc(ret, '/');
		ohc_buf_addf(ret, "/%s", a->to);
		from = p + n;
	}
	if (from == start)
		return false;
	ohc_buf_add(ret, from, (size_t)(end - from));
	return true;
}

static size_t first_difference(const struct ohc_buf *a, const struct ohc_mapped_file *b)
{
	size_t i = 0;

	while (i < a->len && i < b->n && (unsigned char)a->data[i] == b->data[i])
		i++;
	return i;
}

int ohc_closure_script(struct ohc_closure *o, const char *disk, struct ohc_patch *ret,
		       struct ohc_error *err)
{
	ohc_cleanup(ohc_closure_unmap) struct ohc_mapped_file f = { NULL, 0 };
	ohc_cleanup(ohc_buf_clear) struct ohc_buf text = OHC_BUF_INIT;
	int rc = ohc_closure_map(disk, &f, err);
	bool changed = false;
	size_t same;

	if (rc < 0 || f.n == 0 || f.n > SCRIPT_MAX)
		return rc;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(asked); i++) {
		ohc_cleanup(ohc_buf_clear) struct ohc_buf now = OHC_BUF_INIT;

		if (!memmem(f.data, f.n, asked[i].path, strlen(asked[i].path)))
			continue;
		if (text.len == 0)
			ohc_buf_add(&text, (const char *)f.data, f.n);
		if (!replace(o, &asked[i], &text, &now))
			continue;
		ohc_buf_clear(&text);
		text = now;
		now = (struct ohc_buf)OHC_BUF_INIT;
		changed = true;
	}
	if (!changed)
		return 0;
	same = first_difference(&text, &f);
	ret->size = text.len;
	ohc_patch_set(ret, same, text.data + same, text.len - same);
	o->asked = true;
	ohc_report_say(o->report, OHC_VERBOSE,
		       "'%s' asks the base which C library it has: it will ask the payload", disk);
	return 1;
}

/* Writes what modules look for in an ldd, where the root has none. */
static int add_ldd(struct ohc_closure *o, struct ohc_assembly *b, const char *to,
		   struct ohc_error *err)
{
	enum ohc_libc libc = OHC_LIBC_UNKNOWN;
	const char *text = "# GNU C Library\n";
	int rc = ohc_machine_libc_of(o->root, &libc, err);

	if (libc == OHC_LIBC_MUSL)
		text = "# musl libc\n";
	if (rc < 0)
		return rc;
	return ohc_assembly_file(
		b, &(struct ohc_assembly_item){ to, 0644, 0, "the closure", NULL, 0 },
		&(struct ohc_content){
			.kind = OHC_CONTENT_BYTES, .bytes = text, .size = strlen(text) },
		NULL, err);
}

int ohc_closure_add_asked(struct ohc_closure *o, struct ohc_assembly *b, struct ohc_error *err)
{
	int rc = 0;

	for (size_t i = 0; rc >= 0 && o->asked && i < OHC_ARRAY_SIZE(asked); i++) {
		ohc_cleanup(ohc_freep) char *to = ohc_xasprintf("%s/%s", o->prefix, asked[i].to);

		rc = ohc_closure_add_file(o, b, asked[i].path, to, NULL, err);
		if (rc == 0 && i == 0)
			rc = add_ldd(o, b, to, err);
	}
	return rc < 0 ? rc : 0;
}
