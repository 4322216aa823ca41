// SPDX-License-Identifier: Apache-2.0
/*
 * The parts of the file that are kept are those that the reader of ELF files asks for.  It is run
 * on the bytes that have come so far ("a look").  Where it reads bytes that are not there it gets
 * zeros, and these bytes become a part that is wanted: to be kept when it comes or, when it has
 * passed, the next time that the file streams by.  Zeros end every text and every list, so a look
 * goes on and finds all parts that are wanted by then; its result counts only when all bytes were
 * there.
 *
 * Each part leads to others: the header to the dynamic section, that to the strings and the lists
 * of versions, and these to further strings.  So a look is taken as soon as the next wanted part is
 * complete, before the bytes behind it pass.
 */
#include "layout/elf/stream.h"

#include <string.h>

#include "core/alloc.h"
#include "layout/elf/elf_internal.h"

#define FIRST_LOOK  (128u << 10) /* the program header is nearly always in it */
#define LOOKS_MAX   1000         /* in one pass: a stranger's file may lead back and forth */
#define WANTED_MAX  (16u << 20)  /* bytes of all wanted parts besides head and tail */
#define STRINGS_MAX (8u << 20)   /* string tables that are wanted as a whole */
#define FEW         64           /* parts: with more, each is extended beyond what was read */

/* Bytes start..end of the file, as far as they have come by. */
struct part {
	uint64_t start, end;
	struct ohc_buf bytes;
	bool always; /* head or tail */
};

struct ohc_elf_stream {
	char *name;
	uint64_t size, fed;
	struct part *parts; /* in order, none over another */
	size_t n_parts;
	uint64_t wanted;  /* bytes of the parts that are not always kept */
	uint64_t look_at; /* the next look is due when so many bytes were fed */
	size_t window, looks;
	bool no_elf, done, over; /* more is wanted than may be kept */
	bool gap;                /* the look met bytes that are not there */
	struct ohc_elf elf;      /* done */
};

/* The first part that ends behind an offset. */
static size_t part_at(const struct ohc_elf_stream *s, uint64_t at)
{
	size_t low = 0, high = s->n_parts;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (s->parts[middle].end <= at)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void insert(struct ohc_elf_stream *s, size_t i, uint64_t start, uint64_t end, bool always)
{
	if (start == end)
		return;
	if (!always && end - start > WANTED_MAX - s->wanted) {
		s->over = true;
		return;
	}
	s->wanted += always ? 0 : end - start;
	s->parts = ohc_xrealloc(s->parts, s->n_parts + 1, sizeof(*s->parts));
	memmove(&s->parts[i + 1], &s->parts[i], (s->n_parts - i) * sizeof(*s->parts));
	s->parts[i] = (struct part){ start, end, OHC_BUF_INIT, always };
	s->n_parts++;
}

/* Makes parts of those bytes of start..end that are in none.  Past and coming bytes are parts of
 * their own: one of them is complete soon. */
static void want(struct ohc_elf_stream *s, uint64_t start, uint64_t end, bool always)
{
	end = end < s->size ? end : s->size;
	while (start < end && !s->over) {
		size_t i = part_at(s, start);
		const struct part *next = i < s->n_parts ? &s->parts[i] : NULL;
		uint64_t to = next && next->start < end ? next->start : end;

		if (next && next->start <= start) {
			start = next->end;
			continue;
		}
		if (start < s->fed && s->fed < to)
			to = s->fed;
		insert(s, i, start, to, always);
		start = to;
	}
}

struct ohc_elf_stream *ohc_elf_stream_keeping(const char *name, uint64_t size, uint64_t head,
					      uint64_t tail, size_t window)
{
	struct ohc_elf_stream *s = ohc_xcalloc(1, sizeof(*s));

	s->name = ohc_xstrdup(name);
	s->size = size;
	s->window = window;
	want(s, 0, head, true);
	want(s, size > tail ? size - tail : 0, size, true);
	s->look_at = size < FIRST_LOOK ? size : FIRST_LOOK;
	s->no_elf = size < OHC_ELF_MAGIC_N;
	return s;
}

struct ohc_elf_stream *ohc_elf_stream_new(const char *name, uint64_t size)
{
	return ohc_elf_stream_keeping(name, size, 8u << 20, 1u << 20, 4096);
}

void ohc_elf_stream_want(struct ohc_elf_stream *s, uint64_t start, uint64_t end)
{
	want(s, start, end, false);
}

bool ohc_elf_stream_wanted(const struct ohc_elf_stream *s, size_t *at, uint64_t *ret_start,
			   uint64_t *ret_end)
{
	if (s->no_elf || s->done || s->over)
		return false;
	for (; *at < s->n_parts; ++*at) {
		const struct part *p = &s->parts[*at];

		if (p->always)
			continue;
		*ret_start = p->start;
		*ret_end = p->end;
		++*at;
		return true;
	}
	return false;
}

static ssize_t read_at(void *ctx, uint64_t offset, void *buf, size_t n, struct ohc_error *err)
{
	struct ohc_elf_stream *s = ctx;
	size_t i = part_at(s, offset), window = s->n_parts < FEW ? 16 * s->window : s->window;
	const struct part *p = i < s->n_parts ? &s->parts[i] : NULL;
	uint64_t have = 0;

	(void)err;
	if (offset >= s->size)
		return 0;
	if (p && p->start <= offset && offset - p->start < p->bytes.len)
		have = p->bytes.len - (offset - p->start);
	if (have) {
		n = n < have ? n : (size_t)have;
		memcpy(buf, p->bytes.data + (offset - p->start), n);
		return (ssize_t)n;
	}
	/* Copies bytes up to the next part, some of which may be there. */
	if (p && p->start <= offset)
		n = p->end - offset < n ? (size_t)(p->end - offset) : n;
	else if (p && p->start - offset < n)
		n = (size_t)(p->start - offset);
	n = s->size - offset < n ? (size_t)(s->size - offset) : n;
	memset(buf, 0, n);
	s->gap = true;
	want(s, offset, offset + (n < window ? window : n), false);
	return (ssize_t)n;
}

/* The next look is due when the next of the coming parts is complete. */
static uint64_t next_look(const struct ohc_elf_stream *s)
{
	for (size_t i = part_at(s, s->fed); i < s->n_parts; i++)
		if (s->parts[i].start >= s->fed || s->parts[i].bytes.len)
			return s->parts[i].end;
	return UINT64_MAX;
}

/* 1: all that was read was there; OHC_E_UNSUPPORTED: it was not; or a code. */
static int look(struct ohc_elf_stream *s, struct ohc_error *err)
{
	struct ohc_elf_input in = { s->name, s->size, read_at, s };
	ohc_cleanup(ohc_elf_reader_clear) struct ohc_elf_reader r = { .in = &in, .err = err };
	int rc;

	s->gap = false;
	s->looks++;
	rc = ohc_elf_read_all(&r);
	if (s->gap && r.strtab && r.strsz <= STRINGS_MAX && r.strsz <= WANTED_MAX - s->wanted)
		want(s, r.strtab, r.strtab + r.strsz, false);
	s->look_at = s->looks < LOOKS_MAX ? next_look(s) : UINT64_MAX;
	if (s->gap)
		return ohc_error_set(err, OHC_E_UNSUPPORTED,
				     "'%s' is an ELF file that must be read once more to be known",
				     s->name);
	if (rc == 1) {
		s->done = true;
		s->elf = r.elf;
		r.elf = (struct ohc_elf)OHC_ELF_INIT;
	}
	return rc;
}

static void keep(struct ohc_elf_stream *s, const char *data, size_t n)
{
	for (size_t i = part_at(s, s->fed); i < s->n_parts && s->parts[i].start < s->fed + n; i++) {
		struct part *p = &s->parts[i];
		uint64_t from = p->start > s->fed ? p->start : s->fed;
		uint64_t to = p->end < s->fed + n ? p->end : s->fed + n;

		if (from == p->start + p->bytes.len)
			ohc_buf_add(&p->bytes, data + (from - s->fed), (size_t)(to - from));
	}
	s->fed += n;
}

static bool has_magic(const struct ohc_elf_stream *s)
{
	return s->parts[0].bytes.len < OHC_ELF_MAGIC_N ||
	       memcmp(s->parts[0].bytes.data, OHC_ELF_MAGIC, OHC_ELF_MAGIC_N) == 0;
}

/* Works in pieces, so that a look happens before the bytes that it asks for have passed. */
void ohc_elf_stream_feed(struct ohc_elf_stream *s, const void *data, size_t n)
{
	const char *from = data;

	while (n > 0 && !ohc_elf_stream_enough(s)) {
		size_t piece = s->look_at - s->fed < n ? (size_t)(s->look_at - s->fed) : n;

		keep(s, from, piece);
		from += piece;
		n -= piece;
		s->no_elf = !has_magic(s);
		if (!s->no_elf && s->fed == s->look_at)
			look(s, NULL);
	}
}

bool ohc_elf_stream_enough(const struct ohc_elf_stream *s)
{
	return s->no_elf || s->done || s->over;
}

int ohc_elf_stream_finish(struct ohc_elf_stream *s, struct ohc_elf *ret, struct ohc_error *err)
{
	int rc = s->no_elf ? 0 : s->done ? 1 : look(s, err);

	if (rc == 1) {
		*ret = s->elf;
		s->elf = (struct ohc_elf)OHC_ELF_INIT;
	}
	return rc;
}

void ohc_elf_stream_free(struct ohc_elf_stream *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->n_parts; i++)
		ohc_buf_clear(&s->parts[i].bytes);
	ohc_elf_clear(&s->elf);
	free(s->parts);
	free(s->name);
	free(s);
}

void ohc_elf_stream_freep(struct ohc_elf_stream **s)
{
	ohc_elf_stream_free(*s);
}
