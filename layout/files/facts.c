// SPDX-License-Identifier: Apache-2.0
#include "layout/files/facts.h"

#include <string.h>

#include "core/alloc.h"
#include "core/record.h"
#include "core/path.h"
#include "layout/elf/stream.h"
#include "layout/layer/pyc.h"

/* The limit for METADATA without its description, which is longest where there are hundreds of
 * extras. */
#define TEXT_MAX (256u << 10)

/* The state of a file that streams by: ELF or text. */
struct facts_state {
	struct ohc_elf_stream *elf;
	struct ohc_buf text;
	const struct ohc_facts_text *of;
};

/* NULL where no text of the file is of interest. */
static const struct ohc_facts_text *text_of(const char *path)
{
	/* Where several match, the first counts. */
	static const struct {
		const char *ending;
		struct ohc_facts_text text;
	} texts[] = {
		{ ".pyc", { OHC_PYC_HEADER, false } },
		{ "/pyvenv.cfg", { TEXT_MAX, false } },
		{ ".dist-info/METADATA", { TEXT_MAX, true } },
		{ ".egg-info/PKG-INFO", { TEXT_MAX, true } },
		{ ".egg-info/requires.txt", { TEXT_MAX, false } },
		{ ".egg/EGG-INFO/PKG-INFO", { TEXT_MAX, true } },
		{ ".egg/EGG-INFO/requires.txt", { TEXT_MAX, false } },
		{ ".egg-info", { TEXT_MAX, true } },
	};
	size_t n = strlen(path);

	for (size_t i = 0; i < OHC_ARRAY_SIZE(texts); i++) {
		size_t len = strlen(texts[i].ending);

		if (n > len && strcmp(path + n - len, texts[i].ending) == 0)
			return &texts[i].text;
	}
	return NULL;
}

bool ohc_facts_wanted(const char *path, mode_t mode)
{
	const char *name = ohc_path_name(path);
	size_t n = strlen(path);

	return (mode & 0111) || strstr(name, ".so") ||
	       (n > 5 && strcmp(path + n - 5, ".node") == 0) || text_of(path);
}

/* How many of the first n bytes of the text are kept. */
static size_t text_end(const struct ohc_facts_text *of, const void *text, size_t n)
{
	const char *s = text, *lf = memmem(s, n, "\n\n", 2), *crlf = memmem(s, n, "\r\n\r\n", 4);
	const char *end = !lf || (crlf && crlf < lf) ? crlf : lf;

	return end && of->head ? (size_t)(end - s) + 1 : n;
}

/* Keeps a few bytes of a file that could be ELF and is not, which show that. */
static const struct ohc_facts_text first_bytes = { OHC_ELF_MAGIC_N, false };

const struct ohc_facts_text *ohc_facts_text_wanted(const char *path, mode_t mode, const void *head,
						   size_t n)
{
	const struct ohc_facts_text *of = text_of(path);

	/* Keeps the first line of scripts. */
	if (of || (n >= 2 && memcmp(head, "#!", 2) == 0) || !ohc_facts_wanted(path, mode))
		return of;
	return &first_bytes;
}

/* The parts that an earlier pass could not keep. */
static void want_again(struct ohc_elf_stream *s, const struct ohc_layer_entry *before)
{
	struct ohc_record_reader u =
		ohc_record_read(before ? before->facts : NULL, before ? before->n_facts : 0);

	if (!before || ohc_record_get_number(&u) != OHC_FACTS_HIDDEN)
		return;
	for (uint64_t n = ohc_record_get_number(&u); n > 0 && !u.bad; n--) {
		uint64_t start = ohc_record_get_number(&u), size = ohc_record_get_number(&u);

		if (!u.bad && size <= UINT64_MAX - start)
			ohc_elf_stream_want(s, start, start + size);
	}
}

static void *begin(void *ctx, const char *path, const struct ohc_tar_entry *entry,
		   const struct ohc_layer_entry *before, const void *head, size_t n)
{
	bool elf = n >= OHC_ELF_MAGIC_N && memcmp(head, OHC_ELF_MAGIC, OHC_ELF_MAGIC_N) == 0;
	const struct ohc_facts_text *of =
		elf ? NULL : ohc_facts_text_wanted(path, entry->mode, head, n);
	struct facts_state *s;

	(void)ctx;
	if (elf ? !ohc_facts_wanted(path, entry->mode) : !of)
		return NULL;
	s = ohc_xcalloc(1, sizeof(*s));
	s->of = of;
	if (elf) {
		s->elf = ohc_elf_stream_new(path, (uint64_t)entry->size);
		want_again(s->elf, before);
	}
	return s;
}

static bool feed(void *state, const void *data, size_t n)
{
	struct facts_state *s = state;

	if (s->elf) {
		ohc_elf_stream_feed(s->elf, data, n);
		return !ohc_elf_stream_enough(s->elf);
	}
	if (n > s->of->max - s->text.len)
		n = s->of->max - s->text.len;
	ohc_buf_add(&s->text, data, n);
	return s->text.len < s->of->max &&
	       text_end(s->of, s->text.data, s->text.len) == s->text.len;
}

/* The parts to keep when the file streams by again. */
static void encode_wanted(const struct ohc_elf_stream *s, struct ohc_buf *ret)
{
	uint64_t start, end, n = 0;

	for (size_t at = 0; ohc_elf_stream_wanted(s, &at, &start, &end);)
		n++;
	ohc_record_put_number(ret, OHC_FACTS_HIDDEN);
	ohc_record_put_number(ret, n);
	for (size_t at = 0; ohc_elf_stream_wanted(s, &at, &start, &end);) {
		ohc_record_put_number(ret, start);
		ohc_record_put_number(ret, end - start);
	}
}

static void end(void *state, struct ohc_buf *ret)
{
	struct facts_state *s = state;

	if (s->elf) {
		ohc_cleanup(ohc_elf_clear) struct ohc_elf elf = OHC_ELF_INIT;
		int rc = ohc_elf_stream_finish(s->elf, &elf, NULL);

		if (rc == -OHC_E_UNSUPPORTED)
			encode_wanted(s->elf, ret);
		else
			ohc_facts_encode_elf(rc, &elf, ret);
	} else {
		ohc_facts_encode_text(s->of, ohc_buf_str(&s->text), s->text.len, ret);
	}
	ohc_elf_stream_free(s->elf);
	ohc_buf_clear(&s->text);
	free(s);
}

static bool is_unfinished(const void *facts, size_t n)
{
	struct ohc_record_reader u = ohc_record_read(facts, n);

	return ohc_record_get_number(&u) == OHC_FACTS_HIDDEN && ohc_record_get_number(&u) > 0;
}

static void shorten(struct ohc_buf *facts)
{
	struct ohc_record_reader u = ohc_record_read(facts->data, facts->len);
	bool text = ohc_record_get_number(&u) == OHC_FACTS_TEXT;

	ohc_buf_truncate(facts, 0);
	if (text)
		return;
	ohc_record_put_number(facts, OHC_FACTS_HIDDEN);
	ohc_record_put_number(facts, 0);
}

const struct ohc_scan_hook ohc_facts_hook = {
	.version = "facts6-" OHC_ELF_ENCODED,
	.begin = begin,
	.feed = feed,
	.end = end,
	.unfinished = is_unfinished,
	.shorten = shorten,
};

void ohc_facts_encode_elf(int rc, const struct ohc_elf *elf, struct ohc_buf *ret)
{
	if (rc == 0)
		return;
	ohc_record_put_number(ret, rc > 0 ? OHC_FACTS_ELF : OHC_FACTS_DAMAGED);
	if (rc > 0)
		ohc_elf_encode(elf, ret);
}

void ohc_facts_encode_text(const struct ohc_facts_text *of, const void *text, size_t n,
			   struct ohc_buf *ret)
{
	ohc_record_put_number(ret, OHC_FACTS_TEXT);
	ohc_record_put_bytes(ret, text, text_end(of, text, n));
}

enum ohc_facts_kind ohc_facts_kind_of(const void *bytes, size_t n)
{
	struct ohc_record_reader u = ohc_record_read(bytes, n);
	uint64_t kind = n ? ohc_record_get_number_max(&u, OHC_FACTS_TEXT) : OHC_FACTS_NONE;

	return u.bad ? OHC_FACTS_NONE : (enum ohc_facts_kind)kind;
}

void ohc_facts_read(const void *bytes, size_t n, struct ohc_facts *ret)
{
	struct ohc_record_reader u = ohc_record_read(bytes, n);

	memset(ret, 0, sizeof(*ret));
	if (n == 0)
		return;
	ret->kind = (enum ohc_facts_kind)ohc_record_get_number_max(&u, OHC_FACTS_TEXT);
	if (ret->kind == OHC_FACTS_ELF && !ohc_elf_decode(&u, &ret->elf))
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
