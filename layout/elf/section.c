// SPDX-License-Identifier: Apache-2.0
#include "layout/elf/section.h"

#include <elf.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "core/alloc.h"

#define NAMES_MAX (1u << 20)

/* True when all n bytes are there. */
static bool read_at(int fd, uint64_t offset, void *buf, size_t n)
{
	size_t have = 0;

	while (have < n) {
		ssize_t got = pread(fd, (char *)buf + have, n - have, (off_t)(offset + have));

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		have += (size_t)got;
	}
	return true;
}

static bool read_header(int fd, Elf64_Ehdr *ret)
{
	return read_at(fd, 0, ret, sizeof(*ret)) && memcmp(ret->e_ident, ELFMAG, SELFMAG) == 0 &&
	       ret->e_ident[EI_CLASS] == ELFCLASS64 && ret->e_ident[EI_DATA] == ELFDATA2LSB &&
	       ret->e_shentsize == sizeof(Elf64_Shdr) && ret->e_shnum > 0 &&
	       ret->e_shstrndx < ret->e_shnum;
}

static Elf64_Shdr *find(const Elf64_Ehdr *h, Elf64_Shdr *all, const char *names, size_t n,
			const char *name)
{
	for (size_t i = 0; i < h->e_shnum; i++)
		if (all[i].sh_name < n && strcmp(names + all[i].sh_name, name) == 0 &&
		    all[i].sh_type != SHT_NOBITS)
			return &all[i];
	return NULL;
}

bool ohc_elf_section(int fd, const char *name, size_t max, struct ohc_buf *ret)
{
	ohc_cleanup(ohc_freep) Elf64_Shdr *all = NULL;
	ohc_cleanup(ohc_freep) char *names = NULL, *bytes = NULL;
	const Elf64_Shdr *strings, *found;
	Elf64_Ehdr h;

	if (!read_header(fd, &h))
		return false;
	all = ohc_xcalloc(h.e_shnum, sizeof(*all));
	if (!read_at(fd, h.e_shoff, all, h.e_shnum * sizeof(*all)))
		return false;
	strings = &all[h.e_shstrndx];
	if (strings->sh_size == 0 || strings->sh_size > NAMES_MAX)
		return false;
	names = ohc_xcalloc(strings->sh_size + 1, 1);
	if (!read_at(fd, strings->sh_offset, names, strings->sh_size))
		return false;
	found = find(&h, all, names, strings->sh_size, name);
	if (!found || found->sh_size == 0 || found->sh_size > max)
		return false;
	bytes = ohc_xmalloc(found->sh_size);
	if (!read_at(fd, found->sh_offset, bytes, found->sh_size))
		return false;
	ohc_buf_add(ret, bytes, found->sh_size);
	return true;
}
