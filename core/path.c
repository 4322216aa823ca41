// SPDX-License-Identifier: Apache-2.0
#include "core/path.h"

#include <string.h>

#include "core/alloc.h"
#include "core/buf.h"

enum ohc_path_kind ohc_path_kind_of(const char *name, size_t n)
{
	if (n == 1 && name[0] == '.')
		return OHC_PATH_DOT;
	return n == 2 && name[0] == '.' && name[1] == '.' ? OHC_PATH_UP : OHC_PATH_NAME;
}

bool ohc_path_next(const char **path, struct ohc_path_part *ret)
{
	const char *s = *path + strspn(*path, "/");
	size_t n = strcspn(s, "/");

	*path = s + n + strspn(s + n, "/");
	*ret = (struct ohc_path_part){ s, n, ohc_path_kind_of(s, n) };
	return n > 0;
}

bool ohc_path_has_up(const char *path)
{
	struct ohc_path_part part;

	while (ohc_path_next(&path, &part))
		if (part.kind == OHC_PATH_UP)
			return true;
	return false;
}

bool ohc_path_is_normal_below(const char *path)
{
	size_t n;

	for (;; path += n + 1) {
		n = strcspn(path, "/");
		if (n == 0 || ohc_path_kind_of(path, n) != OHC_PATH_NAME)
			return false;
		if (!path[n])
			return true;
	}
}

bool ohc_path_is_normal(const char *path)
{
	return *path == '/' && (!path[1] || ohc_path_is_normal_below(path + 1)) &&
	       !ohc_path_has_whiteout(path);
}

static void add_part(struct ohc_buf *b, const struct ohc_path_part *part)
{
	if (b->len && b->data[b->len - 1] != '/')
		ohc_buf_addc(b, '/');
	ohc_buf_add(b, part->name, part->n);
}

char *ohc_path_clean(const char *path)
{
	struct ohc_buf b = OHC_BUF_INIT;
	struct ohc_path_part part;

	if (*path == '/')
		ohc_buf_addc(&b, '/');
	while (ohc_path_next(&path, &part))
		if (part.kind != OHC_PATH_DOT)
			add_part(&b, &part);
	return ohc_buf_detach(&b);
}

/* False where that is above the start of a relative path. */
static bool go_up(struct ohc_buf *b)
{
	const char *slash = b->len ? strrchr(b->data, '/') : NULL;

	if (b->len == 0)
		return false;
	ohc_buf_truncate(b, slash ? (size_t)(slash - b->data) + (slash == b->data) : 0);
	return true;
}

static bool follow(struct ohc_buf *b, const char *path)
{
	struct ohc_path_part part;

	while (ohc_path_next(&path, &part)) {
		if (part.kind == OHC_PATH_UP && !go_up(b))
			return false;
		if (part.kind == OHC_PATH_NAME)
			add_part(b, &part);
	}
	return true;
}

char *ohc_path_follow(const char *dir, const char *target)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf b = OHC_BUF_INIT;

	if (*dir == '/' || *target == '/')
		ohc_buf_addc(&b, '/');
	if (*target != '/' && !follow(&b, dir))
		return NULL;
	return follow(&b, target) ? ohc_buf_detach(&b) : NULL;
}

const char *ohc_path_below(const char *path, const char *dir)
{
	size_t n = strlen(dir);

	return strncmp(path, dir, n) == 0 && path[n] == '/' ? path + n + 1 : NULL;
}

bool ohc_path_is_in(const char *path, const char *dir)
{
	return strcmp(path, dir) == 0 || ohc_path_below(path, dir);
}

bool ohc_path_has_whiteout(const char *path)
{
	struct ohc_path_part part;

	while (ohc_path_next(&path, &part))
		if (strncmp(part.name, ".wh.", 4) == 0)
			return true;
	return false;
}

int ohc_path_compare(const char *a, bool a_is_dir, const char *b, bool b_is_dir)
{
	unsigned char c, d;

	while (*a && *a == *b)
		a++, b++;
	c = *a ? (unsigned char)*a : a_is_dir ? '/' : '\0';
	d = *b ? (unsigned char)*b : b_is_dir ? '/' : '\0';
	/* "a/" itself comes before "a/b". */
	return c != d ? c - d : !!*a - !!*b;
}

const char *ohc_path_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

bool ohc_path_ends_in(const char *path, const char *end)
{
	size_t n = strlen(path), m = strlen(end);

	return n > m && strcmp(path + n - m, end) == 0;
}

char *ohc_path_parent(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return ohc_xstrdup(".");
	return slash == path ? ohc_xstrdup("/") : ohc_xstrndup(path, (size_t)(slash - path));
}
