// SPDX-License-Identifier: Apache-2.0
/* Finds the changes to an ELF file that its new libraries require. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "core/path.h"
#include "layout/closure/closure_internal.h"
#include "layout/elf/edit.h"

static bool is_relative(const char *element, size_t n)
{
	static const char *const words[] = { "$ORIGIN", "${ORIGIN}" };

	for (size_t i = 0; i < OHC_ARRAY_SIZE(words); i++) {
		size_t k = strlen(words[i]);

		if (n >= k && strncmp(element, words[i], k) == 0 && (n == k || element[k] == '/'))
			return true;
	}
	return false;
}

/* Where a directory of the root will be in the payload, judging by where the file goes: when
 * "/py/bin/x" becomes "/openhands/py/bin/x", "/py/lib" becomes "/openhands/py/lib".  NULL where
 * that does not tell.  The caller frees it. */
static char *moved_along(const char *dir, const char *from, const char *to)
{
	size_t n = strlen(from), k = strlen(to), whole = 0;

	for (size_t i = 1; i <= n && i <= k && from[n - i] == to[k - i]; i++)
		if (from[n - i] == '/')
			whole = i;
	n -= whole;
	/* A file that goes alone, or under another name, does not tell where directories go. */
	if (whole == 0 || n == 0 || strncmp(dir, from, n) != 0 || dir[n] != '/' ||
	    !strchr(from + n + 1, '/'))
		return NULL;
	return ohc_xasprintf("%.*s%s", (int)(k - whole), to, dir + n);
}

void ohc_closure_paths(const struct ohc_closure *o, const struct ohc_elf *elf, const char *from,
		       const char *to, struct ohc_strv *ret)
{
	const char *old = elf->runpath ? elf->runpath : elf->rpath ? elf->rpath : "";

	while (*old) {
		size_t n = strcspn(old, ":");
		ohc_cleanup(ohc_freep) char *element = ohc_xstrndup(old, n);
		ohc_cleanup(ohc_freep) char *moved = NULL;

		if (!is_relative(old, n))
			moved = from && to ? moved_along(element, from, to) : NULL;
		if (is_relative(old, n) || strcmp(element, o->dir) == 0)
			moved = ohc_take(element);
		if (moved && !ohc_strv_has(ret, moved))
			ohc_strv_take(ret, ohc_take(moved));
		old += n + (old[n] == ':');
	}
}

static char *join(const struct ohc_strv *list)
{
	struct ohc_buf b = OHC_BUF_INIT;

	for (size_t i = 0; i < list->n; i++)
		ohc_buf_addf(&b, "%s%s", i ? ":" : "", list->v[i]);
	return b.data ? ohc_buf_detach(&b) : ohc_xstrdup("");
}

/* An RPATH of only the directories that stay; behind it the program's is searched. */
static bool can_stay(const struct ohc_elf *elf, const struct ohc_strv *own)
{
	ohc_cleanup(ohc_freep) char *path = join(own);

	return !elf->runpath && (!elf->rpath || strcmp(path, elf->rpath) == 0);
}

int ohc_closure_patch(const struct ohc_closure *o, const struct ohc_elf *elf, const char *disk,
		      const char *from, const char *to, struct ohc_patch *ret,
		      struct ohc_error *err)
{
	ohc_cleanup(ohc_strv_clear) struct ohc_strv own = OHC_STRV_INIT;
	bool program = ohc_elf_is_program(elf) && elf->interp;
	ohc_cleanup(ohc_freep) char *interp = NULL, *path = NULL;
	ohc_cleanup(ohc_closep) int fd = -1;
	struct ohc_elf_edit want = { .needed = elf->pyinstaller ? &o->frozen_needs : NULL,
				     .clear_exec_stack = true };
	bool stays = false;

	if (elf->pyinstaller)
		ohc_strv_take(&own, ohc_xasprintf("%s/" OHC_CLOSURE_FROZEN, o->dir));
	else if (to)
		ohc_closure_paths(o, elf, from, to, &own);
	stays = !program && can_stay(elf, &own);
	if (stays && elf->stack != OHC_ELF_STACK_EXECUTABLE)
		return 0;
	if (program)
		want.interp = interp = ohc_xasprintf("%s/%s", o->dir, ohc_path_name(elf->interp));
	/* The file's own search path, then PREFIX/lib, which stands for the root's directories,
	 * because those came last, too. */
	if (!elf->pyinstaller && !ohc_strv_has(&own, o->dir))
		ohc_strv_add(&own, o->dir);
	if (elf->dynamic && !stays)
		want.rpath = path = join(&own);
	fd = open(disk, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return ohc_error_sys(err, "cannot open '%s'", disk);
	return ohc_elf_edit_fd(fd, disk, &want, ret, err);
}
