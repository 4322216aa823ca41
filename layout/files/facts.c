// SPDX-License-Identifier: Apache-2.0
#include "layout/files/facts.h"

#include <string.h>

#include "core/alloc.h"
#include "core/record.h"
#include "core/path.h"
#include "layout/elf/stream.h"
#include "layout/layer/pyc.h"

/* METADATA without its description; the longest are those with hundreds of extras. */
#define METADATA_MAX (256u << 10)

/* A file on its way past: one of the two. */
struct state {
	struct ohc_elf_stream *elf;
	struct ohc_buf text;
	size_t text_max;
};

size_t ohc_facts_text_max(const char *path)
{
	static const char *const endings[] = { ".dist-info/METADATA", ".egg-info/PKG-INFO",
					       ".egg-info", "/pyvenv.cfg" };
	size_t n = strlen(path);

	if (n > 4 && strcmp(path + n - 4, ".pyc") == 0)
		return OHC_PYC_HEADER;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(endings); i++) {
		size_t len = strlen(endings[i]);

		if (n > len && strcmp(path + n - len, endings[i]) == 0)
			return METADATA_MAX;
	}
	return 0;
}

bool ohc_facts_wanted(const char *path, mode_t mode)
{
	const char *name = ohc_path_name(path);
	size_t n = strlen(path);

	return (mode & 0111) || strstr(name, ".so") ||
	       (n > 5 && strcmp(path + n - 5, ".node") == 0) || ohc_facts_text_max(path);
}

size_t ohc_facts_text_end(const void *text, size_t n)
{
	const char *s = text, *lf = memmem(s, n, "\n\n", 2), *crlf = memmem(s, n, "\r\n\r\n", 4);
	const char *end = !lf || (crlf && crlf < lf) ? crlf : lf;

	return end ? (size_t)(end - s) + 1 : n;
}

static void *begin(void *ctx, const char *path, const struct ohc_tar_entry *entry, const void *head,
		   size_t n)
{
	size_t max = ohc_facts_text_max(path);
	bool elf = n >= OHC_ELF_MAGIC_N && memcmp(head, OHC_ELF_MAGIC, OHC_ELF_MAGIC_N) == 0;
	struct state *s;

	(void)ctx;
	if ((!elf && max == 0) || !ohc_facts_wanted(path, entry->mode))
		return NULL;
	s = ohc_xcalloc(1, sizeof(*s));
	s->text_max = max;
	if (elf)
		s->elf = ohc_elf_stream_new(path, (uint64_t)entry->size);
	return s;
}

static bool feed(void *state, const void *data, size_t n)
{
	struct state *s = state;

	if (s->elf) {
		ohc_elf_stream_feed(s->elf, data, n);
		return !ohc_elf_stream_enough(s->elf);
	}
	if (n > s->text_max - s->text.len)
		n = s->text_max - s->text.len;
	ohc_buf_add(&s->text, data, n);
	return s->text.len < s->text_max &&
	       ohc_facts_text_end(s->text.data, s->text.len) == s->text.len;
}

static void end(void *state, struct ohc_buf *ret)
{
	struct state *s = state;

	if (s->elf) {
		ohc_cleanup(ohc_elf_clear) struct ohc_elf elf = OHC_ELF_INIT;

		ohc_facts_pack_elf(ohc_elf_stream_finish(s->elf, &elf, NULL), &elf, ret);
	} else {
		ohc_facts_pack_text(ohc_buf_str(&s->text), s->text.len, ret);
	}
	ohc_elf_stream_free(s->elf);
	ohc_buf_clear(&s->text);
	free(s);
}

const struct ohc_scan_hook ohc_facts_hook = {
	.version = "facts2",
	.begin = begin,
	.feed = feed,
	.end = end,
};

void ohc_facts_pack_elf(int rc, const struct ohc_elf *elf, struct ohc_buf *ret)
{
	if (rc == 0)
		return;
	ohc_record_put_number(ret, rc > 0                     ? OHC_FACTS_ELF
				   : rc == -OHC_E_UNSUPPORTED ? OHC_FACTS_HIDDEN
							      : OHC_FACTS_DAMAGED);
	if (rc > 0)
		ohc_elf_pack(elf, ret);
}

void ohc_facts_pack_text(const void *text, size_t n, struct ohc_buf *ret)
{
	ohc_record_put_number(ret, OHC_FACTS_TEXT);
	ohc_record_put_bytes(ret, text, ohc_facts_text_end(text, n));
}

void ohc_facts_read(const void *bytes, size_t n, struct ohc_facts *ret)
{
	struct ohc_record_reader u = ohc_record_read(bytes, n);

	memset(ret, 0, sizeof(*ret));
	if (n == 0)
		return;
	ret->kind = (enum ohc_facts_kind)ohc_record_get_number_max(&u, OHC_FACTS_TEXT);
	if (ret->kind == OHC_FACTS_ELF && !ohc_elf_unpack(&u, &ret->elf))
		ret->kind = OHC_FACTS_NONE;
	if (ret->kind == OHC_FACTS_TEXT)
		ret->text = ohc_record_get_bytes(&u, n, &ret->n_text);
	if (u.bad) {
		ohc_facts_clear(ret);
		ret->kind = OHC_FACTS_NONE;
	}
}

void ohc_facts_clear(struct ohc_facts *facts)
{
	ohc_elf_clear(&facts->elf);
	memset(facts, 0, sizeof(*facts));
}
