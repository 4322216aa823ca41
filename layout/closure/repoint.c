// SPDX-License-Identifier: Apache-2.0
/*
 * Directories that libraries and programs have compiled in, made to lead into the payload.
 *
 * A path of the root in a file's bytes is replaced by one below the prefix that is just as long:
 * slashes more than one mean one, so what is shorter is filled up with them, and nobody who took
 * the text's length when it was compiled is wrong.  Where the payload's own place has too long a
 * name, a symlink in the prefix with a short one stands for it ("/openhands/.loc" for
 * "/openhands/lib/locale").  Where even that is too long, the file stays as it is, or looks where
 * there is nothing: what the base has in the place of the root's can be worse than that.
 *
 * Texts that the compiler has taken apart are replaced in pieces (inlined.c).
 *
 * Only whole texts are replaced: those that go on with no other text in front of them, and end or
 * go on with a '/' where the path does; in XML, those that an element holds.  Where it is said of
 * the path, so are those that are an element of a list.
 */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "core/path.h"
#include "layout/closure/closure_internal.h"

/* A name in the prefix that no other place has: a dot and the beginning of the place's own. */
static char *short_name(struct ohc_closure *o, const char *to, size_t room)
{
	const char *name = ohc_path_name(to);
	ohc_cleanup(ohc_freep) char *base = room > 1 ? ohc_xasprintf(".%.*s", (int)room - 1, name)
						     : ohc_xasprintf("%.*s", (int)room, name);

	for (char digit = '0';; digit++) {
		size_t i = 0;

		while (i < o->n_shorts && strcmp(o->shorts[i].name, base) != 0)
			i++;
		if (i < o->n_shorts && strcmp(o->shorts[i].to, to) == 0)
			return ohc_take(base);
		if (i == o->n_shorts) {
			o->shorts = ohc_xrealloc(o->shorts, i + 1, sizeof(*o->shorts));
			o->shorts[o->n_shorts++] =
				(struct ohc_own_short){ ohc_xstrdup(base), ohc_xstrdup(to) };
			return ohc_take(base);
		}
		if (digit > '9')
			return NULL;
		base[strlen(base) - 1] = digit;
	}
}

/* "dir/name" as a text of n bytes, or NULL; the caller frees it. */
static char *fill(const char *dir, const char *name, size_t n)
{
	struct ohc_buf b = OHC_BUF_INIT;

	if (strlen(dir) + 1 + strlen(name) > n)
		return NULL;
	ohc_buf_adds(&b, dir);
	for (size_t i = strlen(dir) + strlen(name); i < n; i++)
		ohc_buf_addc(&b, '/');
	ohc_buf_adds(&b, name);
	return ohc_buf_detach(&b);
}

/* Makes the text that is to stand there instead, as long: NULL where nothing fits.  The caller
 * frees it. */
static char *find_place(struct ohc_closure *o, const struct ohc_own_path *path)
{
	ohc_cleanup(ohc_freep) char *name = NULL;
	size_t n = strlen(path->old), k = strlen(o->prefix) + 1;
	char *found;

	if (path->to && !*path->to)
		return ohc_xcalloc(1, n);
	found = path->to ? fill(o->prefix, path->to, n) : NULL;
	if (!found && path->to && n > k && path->to[strlen(path->to) - 1] != '/')
		name = short_name(o, path->to, n - k);
	if (name)
		found = fill(o->prefix, name, n);
	if (found)
		ohc_strv_add(&o->repointed, path->to);
	return found || !path->nowhere ? found : fill("/dev", path->nowhere, n);
}

/* Is it between the elements of a list? */
static bool separates(unsigned char c)
{
	return c && strchr(":; ,{}", c);
}

/* Does a text begin there?  What is in front of it may be the end of a number. */
static bool begins_there(const unsigned char *p, const unsigned char *start,
			 const struct ohc_own_path *path)
{
	return p == start || p[-1] < ' ' || p[-1] > '~' || p[-1] == '>' ||
	       (path->listed && separates(p[-1]));
}

static bool ends_there(const struct ohc_mapped_file *f, size_t end, const struct ohc_own_path *path)
{
	const unsigned char c = end < f->n ? f->data[end] : '-';

	return c == '\0' || c == '<' || (!path->whole && c == '/') ||
	       (path->listed && separates(c));
}

/* The same of a text that is in the code, in pieces. */
static int replace_inlined(struct ohc_closure *o, const struct ohc_mapped_file *f,
			   const struct ohc_own_path *path, struct ohc_patch *ret)
{
	int found = 0;

	for (int slash = 0; found == 0 && slash < 2; slash++) {
		ohc_cleanup(ohc_freep) char *old =
			ohc_xasprintf("%s%s", path->old, slash ? "/" : "");
		ohc_cleanup(ohc_freep) struct ohc_own_piece *pieces = NULL;
		ohc_cleanup(ohc_freep) char *place = NULL, *now = NULL;
		size_t n = ohc_closure_find_inlined(f, old, &pieces);

		if (n == 0)
			continue;
		place = find_place(o, path);
		if (!place)
			return -1;
		now = ohc_xasprintf("%s%s", place, slash ? "/" : "");
		for (size_t i = 0; i < n; i++)
			ohc_patch_set(ret, pieces[i].at, now + pieces[i].from, pieces[i].n);
		found = 1;
	}
	return found;
}

/* The longer text, and what goes on behind the old one, which ends at f->data[end], where NULs
 * behind that make room for it; or NULL.  The caller frees it. */
static char *find_longer(struct ohc_closure *o, const struct ohc_mapped_file *f, size_t end,
			 const struct ohc_own_path *path)
{
	const char *rest = (const char *)f->data + end;
	size_t k = strlen(o->prefix) + 1 + strlen(path->to), n = strlen(path->old);
	size_t n_rest = strnlen(rest, f->n - end);
	ohc_cleanup(ohc_freep) char *place = NULL;

	if (memmem(rest, n_rest, path->old, n))
		return NULL;
	end += n_rest;
	while (n < k && end + 1 < f->n && f->data[end] == '\0' && f->data[end + 1] == '\0') {
		end++;
		n++;
	}
	place = n == k ? fill(o->prefix, path->to, k) : NULL;
	return place ? ohc_xasprintf("%s%.*s", place, (int)n_rest, rest) : NULL;
}

static int replace(struct ohc_closure *o, const struct ohc_mapped_file *f,
		   const struct ohc_own_path *path, struct ohc_patch *ret)
{
	size_t n = strlen(path->old), found = 0;
	ohc_cleanup(ohc_freep) char *now = NULL;
	int inlined;

	for (size_t at = 0; at < f->n;) {
		const unsigned char *p = memmem(f->data + at, f->n - at, path->old, n);
		ohc_cleanup(ohc_freep) char *longer = NULL;

		if (!p)
			break;
		at = (size_t)(p - f->data) + n;
		if (!begins_there(p, f->data, path) || !ends_there(f, at, path) ||
		    (path->yields && ohc_closure_is_patched(ret, at - n)))
			continue;
		found++;
		longer = path->padded ? find_longer(o, f, at, path) : NULL;
		if (longer) {
			ohc_patch_set(ret, at - n, longer, strlen(longer));
			continue;
		}
		if (!now)
			now = find_place(o, path);
		if (!now)
			return -1;
		ohc_patch_set(ret, at - n, now, n);
	}
	if (path->listed)
		return found > 0;
	/* It may be there in both ways. */
	inlined = replace_inlined(o, f, path, ret);
	return inlined < 0 ? -1 : found > 0 || inlined > 0;
}

int ohc_closure_repoint(struct ohc_closure *o, const char *disk, const struct ohc_own_path *paths,
			size_t n, struct ohc_patch *ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_closure_unmap) struct ohc_mapped_file f = { NULL, 0 };
	int rc = ohc_closure_map(disk, &f, err), done = 0;

	if (rc < 0)
		return rc;
	if (ret->n == 0)
		ret->size = f.n;
	for (size_t i = 0; i < n; i++) {
		int one = replace(o, &f, &paths[i], ret);

		if (one < 0 && paths[i].to)
			ohc_strv_add(&o->unfit, paths[i].to);
		if (one < 0)
			ohc_report_say(o->report, OHC_VERBOSE,
				       "'%s' has '%s' compiled in, which is shorter than what it "
				       "would have to be",
				       disk, paths[i].old);
		done += one > 0;
	}
	return done;
}

int ohc_closure_add_shorts(struct ohc_closure *o, struct ohc_assembly *b, struct ohc_error *err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < o->n_shorts; i++) {
		ohc_cleanup(ohc_freep) char *path =
			ohc_xasprintf("%s/%s", o->prefix, o->shorts[i].name);

		rc = ohc_assembly_symlink(
			b, &(struct ohc_assembly_item){ path, 0777, 0, o->shorts[i].to, NULL, 0 },
			o->shorts[i].to, err);
	}
	return rc;
}
