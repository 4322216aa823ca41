// SPDX-License-Identifier: Apache-2.0
#include "layout/elf/section.h"

#include <string.h>

#include "core/alloc.h"
#include "layout/elf/records_internal.h"

#define NAMES_MAX (1u << 20)

static int fetch(struct ohc_elf_reader *r, const struct ohc_elf_shdr *sh, size_t max, char **ret)
{
	ohc_cleanup(ohc_freep) char *bytes = NULL;
	int rc;

	if (sh->size == 0 || sh->size > max)
		return ohc_elf_bad(r, "a section", "is empty or too large");
	bytes = ohc_xcalloc((size_t)sh->size + 1, 1);
	rc = ohc_elf_fetch(r, sh->offset, bytes, (size_t)sh->size, "a section");
	if (rc == 0)
		*ret = ohc_take(bytes);
	return rc;
}

/* 1, 0: there is none, or a code. */
static int find(struct ohc_elf_reader *r, const struct ohc_elf_ehdr *ehdr, const char *name,
		struct ohc_elf_shdr *ret)
{
	ohc_cleanup(ohc_freep) char *names = NULL;
	struct ohc_elf_shdr strings;
	int rc = ohc_elf_read_shdr(r, ehdr, ehdr->shstrndx, &strings);

	if (rc == 0)
		rc = fetch(r, &strings, NAMES_MAX, &names);
	for (uint64_t i = 0; rc == 0 && i < ehdr->shnum; i++) {
		rc = ohc_elf_read_shdr(r, ehdr, i, ret);
		if (rc == 0 && ret->type != OHC_SHT_NOBITS && ret->name < strings.size &&
		    strcmp(names + ret->name, name) == 0)
			return 1;
	}
	return rc;
}

bool ohc_elf_section(const struct ohc_elf_input *in, const char *name, size_t max,
		     struct ohc_buf *ret)
{
	struct ohc_elf_reader r = { .in = in };
	ohc_cleanup(ohc_freep) char *bytes = NULL;
	char magic[OHC_ELF_MAGIC_N];
	struct ohc_elf_shdr found;
	struct ohc_elf_ehdr ehdr;

	if (ohc_elf_fetch(&r, 0, magic, sizeof(magic), "the header") < 0 ||
	    memcmp(magic, OHC_ELF_MAGIC, sizeof(magic)) != 0 || ohc_elf_read_ehdr(&r, &ehdr) < 0 ||
	    !ohc_elf_has_shdrs(&r, &ehdr) || ehdr.shstrndx >= ehdr.shnum ||
	    find(&r, &ehdr, name, &found) != 1 || fetch(&r, &found, max, &bytes) < 0)
		return false;
	ohc_buf_add(ret, bytes, (size_t)found.size);
	return true;
}
