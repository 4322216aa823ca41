// SPDX-License-Identifier: Apache-2.0
/* Encodes the facts as bytes.  Change OHC_ELF_ENCODED with the format. */
#include "layout/elf/elf_internal.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"

static const size_t flag_offsets[] = {
	offsetof(struct ohc_elf, big_endian), offsetof(struct ohc_elf, dynamic),
	offsetof(struct ohc_elf, pie),        offsetof(struct ohc_elf, nodeflib),
	offsetof(struct ohc_elf, textrel),    offsetof(struct ohc_elf, pyinstaller),
	offsetof(struct ohc_elf, buried),     offsetof(struct ohc_elf, apart),
};

static const struct {
	size_t offset, max;
} texts[] = {
	{ offsetof(struct ohc_elf, interp), OHC_ELF_TEXT_MAX },
	{ offsetof(struct ohc_elf, soname), OHC_ELF_PATHS_MAX },
	{ offsetof(struct ohc_elf, rpath), OHC_ELF_PATHS_MAX },
	{ offsetof(struct ohc_elf, runpath), OHC_ELF_PATHS_MAX },
};

void ohc_elf_encode(const struct ohc_elf *elf, struct ohc_buf *out)
{
	uint64_t flags = 0;

	for (size_t i = 0; i < OHC_ARRAY_SIZE(flag_offsets); i++)
		flags |= (uint64_t) * (const bool *)((const char *)elf + flag_offsets[i]) << i;
	ohc_record_put_number(out, (uint64_t)atoi(OHC_ELF_ENCODED));
	ohc_record_put_number(out, elf->bits);
	ohc_record_put_number(out, elf->machine);
	ohc_record_put_number(out, elf->type);
	ohc_record_put_number(out, elf->flags);
	ohc_record_put_number(out, elf->osabi);
	ohc_record_put_number(out, elf->stack);
	ohc_record_put_number(out, flags);
	for (size_t i = 0; i < OHC_ARRAY_SIZE(texts); i++)
		ohc_record_put_text(out, *(char *const *)((const char *)elf + texts[i].offset));
	ohc_record_put_texts(out, &elf->needed);
	ohc_record_put_number(out, elf->n_needs);
	for (size_t i = 0; i < elf->n_needs; i++) {
		ohc_record_put_text(out, elf->needs[i].file);
		ohc_record_put_texts(out, &elf->needs[i].versions);
	}
	ohc_record_put_texts(out, &elf->defs);
}

static void decode_needs(struct ohc_record_reader *u, struct ohc_elf *e)
{
	uint64_t n = ohc_record_get_number_max(u, OHC_ELF_FILES_MAX);

	e->needs = ohc_xcalloc((size_t)n, sizeof(*e->needs));
	for (uint64_t i = 0; i < n && !u->bad; i++) {
		struct ohc_elf_need *need = &e->needs[e->n_needs++];

		need->file = ohc_record_get_text(u, OHC_ELF_TEXT_MAX);
		u->bad |= !need->file;
		ohc_record_get_texts(u, OHC_ELF_VERSIONS_MAX, OHC_ELF_VERSION_MAX, &need->versions);
	}
}

bool ohc_elf_decode(struct ohc_record_reader *u, struct ohc_elf *ret)
{
	ohc_cleanup(ohc_elf_clear) struct ohc_elf e = OHC_ELF_INIT;
	uint64_t flags;

	u->bad |= ohc_record_get_number(u) != (uint64_t)atoi(OHC_ELF_ENCODED);
	e.bits = (unsigned int)ohc_record_get_number_max(u, 64);
	e.machine = (uint16_t)ohc_record_get_number_max(u, UINT16_MAX);
	e.type = (uint16_t)ohc_record_get_number_max(u, UINT16_MAX);
	e.flags = (uint32_t)ohc_record_get_number_max(u, UINT32_MAX);
	e.osabi = (uint8_t)ohc_record_get_number_max(u, UINT8_MAX);
	e.stack = (enum ohc_elf_stack)ohc_record_get_number_max(u, OHC_ELF_STACK_EXECUTABLE);
	flags = ohc_record_get_number_max(u, (1u << OHC_ARRAY_SIZE(flag_offsets)) - 1);
	for (size_t i = 0; i < OHC_ARRAY_SIZE(flag_offsets); i++)
		*(bool *)((char *)&e + flag_offsets[i]) = flags >> i & 1;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(texts); i++)
		*(char **)((char *)&e + texts[i].offset) = ohc_record_get_text(u, texts[i].max);
	ohc_record_get_texts(u, OHC_ELF_VERSIONS_MAX, OHC_ELF_TEXT_MAX, &e.needed);
	decode_needs(u, &e);
	ohc_record_get_texts(u, OHC_ELF_VERSIONS_MAX, OHC_ELF_VERSION_MAX, &e.defs);
	if (u->bad)
		return false;
	*ret = e;
	e = (struct ohc_elf)OHC_ELF_INIT;
	return true;
}

void ohc_elf_clear(struct ohc_elf *elf)
{
	free(elf->interp);
	free(elf->soname);
	free(elf->rpath);
	free(elf->runpath);
	ohc_strv_clear(&elf->needed);
	for (size_t i = 0; i < elf->n_needs; i++) {
		free(elf->needs[i].file);
		ohc_strv_clear(&elf->needs[i].versions);
	}
	free(elf->needs);
	ohc_strv_clear(&elf->defs);
	*elf = (struct ohc_elf)OHC_ELF_INIT;
}
