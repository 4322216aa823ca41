// SPDX-License-Identifier: Apache-2.0
/*
 * Directories that text files name, made to lead into the payload: scripts that start a program of
 * a tree, and lists of what is in one.  Other than in programs (repoint.c) the new path may be
 * longer.  It is as long where that is possible, as compiled Lisp is text, too, and counts its
 * bytes.
 */
#include <string.h>

#include "core/path.h"
#include "layout/closure/closure_internal.h"

#define TEXT_MAX (8u << 20)

static const struct ohc_written_path *find_longest(const struct ohc_written *w, const char *p,
						   size_t n)
{
	const struct ohc_written_path *found = NULL;

	for (size_t i = 0; i < w->n; i++) {
		size_t k = strlen(w->v[i].old);

		if (k <= n && memcmp(p, w->v[i].old, k) == 0 &&
		    (k == n || p[k] == '/' || !ohc_closure_is_path_char((unsigned char)p[k])) &&
		    (!found || k > strlen(found->old)))
			found = &w->v[i];
	}
	return found;
}

/* Behind what is no part of a path, or of a file's URL. */
static bool begins_there(const char *start, size_t at)
{
	static const char scheme[] = "file://";
	const size_t n = sizeof(scheme) - 1;

	return at == 0 || !ohc_closure_is_path_char((unsigned char)start[at - 1]) ||
	       (at >= n && memcmp(start + at - n, scheme, n) == 0);
}

static void add_path(const struct ohc_closure *o, const struct ohc_written_path *path,
		     struct ohc_buf *ret)
{
	ohc_buf_adds(ret, o->prefix);
	for (size_t i = strlen(o->prefix) + 1 + strlen(path->to); i < strlen(path->old); i++)
		ohc_buf_addc(ret, '/');
	ohc_buf_addf(ret, "/%s", path->to);
}

int ohc_closure_write(const struct ohc_closure *o, const char *disk, const struct ohc_written *w,
		      struct ohc_patch *ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_closure_unmap) struct ohc_mapped_file f = { NULL, 0 };
	ohc_cleanup(ohc_buf_clear) struct ohc_buf text = OHC_BUF_INIT;
	int rc = ohc_closure_map(disk, &f, err);
	const char *start = (const char *)f.data;
	size_t first = 0, done = 0;

	if (rc < 0 || f.n > TEXT_MAX)
		return rc;
	for (size_t at = 0; at < f.n; at++) {
		const struct ohc_written_path *path = NULL;

		if (begins_there(start, at))
			path = find_longest(w, start + at, f.n - at);
		if (!path)
			continue;
		if (done == 0)
			done = first = at;
		ohc_buf_add(&text, start + done, at - done);
		add_path(o, path, &text);
		done = at + strlen(path->old);
		at = done - 1;
	}
	if (done == 0)
		return 0;
	ohc_buf_add(&text, start + done, f.n - done);
	ret->size = first + text.len;
	ohc_patch_set(ret, first, text.data, text.len);
	return 1;
}

void ohc_closure_written_clear(struct ohc_written *w)
{
	for (size_t i = 0; i < w->n; i++) {
		free(w->v[i].old);
		free(w->v[i].to);
	}
	free(w->v);
}

void ohc_closure_written_add(struct ohc_written *w, const char *old, const char *to)
{
	w->v = ohc_xrealloc(w->v, w->n + 1, sizeof(*w->v));
	w->v[w->n++] = (struct ohc_written_path){ ohc_xstrdup(old), ohc_xstrdup(to) };
}
