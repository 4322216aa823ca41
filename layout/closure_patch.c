// SPDX-License-Identifier: Apache-2.0
/* What of an ELF file changes when its libraries do. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "layout/closure_impl.h"
#include "layout/elf_edit.h"

bool ohc_own_libs_is_relative(const char *element, size_t n)
{
	static const char *const words[] = { "$ORIGIN", "${ORIGIN}" };

	for (size_t i = 0; i < OHC_ARRAY_SIZE(words); i++) {
		size_t k = strlen(words[i]);

		if (n >= k && strncmp(element, words[i], k) == 0 && (n == k || element[k] == '/'))
			return true;
	}
	return false;
}

/* PREFIX/lib, and what of the file's own path is relative to it.  The caller frees it. */
static char *search_path(const struct ohc_own_libs *o, const struct ohc_elf *elf, bool relative)
{
	const char *old = elf->runpath ? elf->runpath : elf->rpath ? elf->rpath : "";
	ohc_cleanup(ohc_strv_clear) struct ohc_strv kept = OHC_STRV_INIT;
	struct ohc_buf b = OHC_BUF_INIT;

	ohc_buf_adds(&b, o->dir);
	while (relative && *old) {
		size_t n = strcspn(old, ":");
		ohc_cleanup(ohc_freep) char *element = ohc_xstrndup(old, n);

		if (ohc_own_libs_is_relative(old, n) && !ohc_strv_has(&kept, element)) {
			ohc_strv_add(&kept, element);
			ohc_buf_addf(&b, ":%s", element);
		}
		old += n + (old[n] == ':');
	}
	return ohc_buf_detach(&b);
}

int ohc_own_libs_patch(const struct ohc_own_libs *o, const struct ohc_elf *elf, const char *disk,
		       bool relative, struct ohc_patch *ret, struct ohc_error *err)
{
	bool program = ohc_elf_is_program(elf) && elf->interp;
	ohc_cleanup(ohc_freep) char *interp = NULL, *path = NULL;
	ohc_cleanup(ohc_closep) int fd = -1;
	struct ohc_elf_edit want = { NULL, NULL, false };

	if (ohc_elf_is_static(elf) || (!program && !elf->runpath && !elf->rpath))
		return 0;
	if (program)
		want.interp = interp = ohc_xasprintf("%s%s", o->dir, strrchr(elf->interp, '/'));
	if (elf->dynamic)
		want.rpath = path = search_path(o, elf, relative);
	fd = open(disk, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return ohc_error_sys(err, "cannot open '%s'", disk);
	return ohc_elf_edit_fd(fd, disk, &want, ret, err);
}
