// SPDX-License-Identifier: Apache-2.0
/* ELF files: what is read is the same from a stream, and survives being encoded; what is edited
 * stays inside the file's new size. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "layout/elf/edit.h"
#include "layout/elf/derived.h"
#include "layout/elf/stream.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void encode_again(const struct ohc_elf *elf, const struct ohc_elf *other)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf once = OHC_BUF_INIT;
	ohc_cleanup(ohc_buf_clear) struct ohc_buf twice = OHC_BUF_INIT;
	ohc_cleanup(ohc_elf_clear) struct ohc_elf back = OHC_ELF_INIT;
	struct ohc_record_reader u;

	ohc_elf_encode(elf, &once);
	u = ohc_record_read(once.data, once.len);
	if (!ohc_elf_decode(&u, &back) || !ohc_record_done(&u))
		abort();
	ohc_elf_encode(other, &twice);
	if (once.len != twice.len || memcmp(once.data, twice.data, once.len) != 0)
		abort();
}

static void edit(const uint8_t *data, size_t size)
{
	char *name = (char *)"libm.so.6";
	const struct ohc_strv needed = { &name, 1 };
	const struct ohc_elf_edit want = { "/openhands/lib/ld-linux-x86-64.so.2", "/openhands/lib",
					   true, &needed };
	ohc_cleanup(ohc_patch_clear) struct ohc_patch patch = OHC_PATCH_INIT;

	if (ohc_elf_edit_memory(data, size, "x", &want, &patch, NULL) != 1)
		return;
	if (patch.size < size)
		abort();
	for (size_t i = 0; i < patch.n; i++)
		if (patch.v[i].offset > patch.size || patch.v[i].n > patch.size - patch.v[i].offset)
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ohc_cleanup(ohc_elf_stream_freep) struct ohc_elf_stream *s = ohc_elf_stream_new("x", size);
	ohc_cleanup(ohc_elf_clear) struct ohc_elf a = OHC_ELF_INIT;
	ohc_cleanup(ohc_elf_clear) struct ohc_elf b = OHC_ELF_INIT;
	ohc_cleanup(ohc_elf_clear) struct ohc_elf c = OHC_ELF_INIT;
	struct ohc_record_reader u = ohc_record_read(data, size);
	char text[OHC_ELF_ARCH_TEXT];
	int rc = ohc_elf_read_memory(data, size, "x", &a, NULL);

	for (size_t at = 0; at < size; at += 100)
		ohc_elf_stream_feed(s, data + at, size - at < 100 ? size - at : 100);
	if (ohc_elf_stream_finish(s, &b, NULL) != rc)
		abort();
	if (ohc_elf_decode(&u, &c))
		ohc_elf_arch_text(&c, text);
	if (rc <= 0)
		return 0;
	encode_again(&a, &b);
	edit(data, size);
	ohc_elf_is_program(&a);
	ohc_elf_libc(&a);
	ohc_elf_highest_need(&a, "GLIBC_");
	return 0;
}
