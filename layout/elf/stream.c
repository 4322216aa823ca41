// SPDX-License-Identifier: Apache-2.0
#include "layout/elf/stream.h"

#include <string.h>

#include "core/alloc.h"
#include "layout/elf/elf_internal.h"

#define HEAD_MAX    (4u << 20)
#define TAIL_MAX    (1u << 20)
#define DYNAMIC_MAX (64u << 10)
#define HEADERS_MAX (128u << 10) /* where the program header is looked for */

enum { HEAD, DYNAMIC, TAIL, PARTS };

/* Bytes start..end of the file, as far as they have come by. */
struct part {
	uint64_t start, end;
	struct ohc_buf bytes;
};

struct ohc_elf_stream {
	char *name;
	uint64_t size, fed;
	struct part parts[PARTS];
	bool no_elf, headers_known;
};

struct ohc_elf_stream *ohc_elf_stream_new(const char *name, uint64_t size)
{
	struct ohc_elf_stream *s = ohc_xcalloc(1, sizeof(*s));

	s->name = ohc_xstrdup(name);
	s->size = size;
	s->parts[HEAD].end = size < HEAD_MAX ? size : HEAD_MAX;
	s->parts[TAIL].end = size;
	s->parts[TAIL].start =
		size - s->parts[HEAD].end < TAIL_MAX ? s->parts[HEAD].end : size - TAIL_MAX;
	s->no_elf = size < OHC_ELF_MAGIC_N;
	return s;
}

static ssize_t read_at(void *ctx, uint64_t offset, void *buf, size_t n, struct ohc_error *err)
{
	const struct ohc_elf_stream *s = ctx;
	size_t done = 0;

	for (int i = 0; i < PARTS && done < n; i++) {
		const struct part *p = &s->parts[i];
		uint64_t at = offset + done;
		size_t have;

		if (at < p->start || at - p->start >= p->bytes.len)
			continue;
		have = p->bytes.len - (size_t)(at - p->start);
		if (have > n - done)
			have = n - done;
		memcpy((char *)buf + done, p->bytes.data + (at - p->start), have);
		done += have;
	}
	if (done > 0 || offset >= s->size)
		return (ssize_t)done;
	return ohc_error_set(err, OHC_E_UNSUPPORTED,
			     "'%s' is an ELF file that is too large to be looked at in passing",
			     s->name);
}

/* Asks for the dynamic section as soon as it is known where it lies. */
static void look_at_headers(struct ohc_elf_stream *s)
{
	struct ohc_elf_input in = { s->name, s->fed, read_at, s };
	ohc_cleanup(ohc_elf_reader_clear) struct ohc_elf_reader r = { .in = &in };
	struct part *p = &s->parts[DYNAMIC];

	if (ohc_elf_read_headers(&r) < 0) {
		s->headers_known = s->fed >= HEADERS_MAX;
		return;
	}
	s->headers_known = true;
	if (r.dynamic < s->fed || r.dynamic_size > DYNAMIC_MAX)
		return;
	p->start = r.dynamic;
	p->end = r.dynamic + r.dynamic_size;
}

static void keep(struct part *p, uint64_t at, const char *data, size_t n)
{
	uint64_t from = at > p->start ? at : p->start, to = at + n < p->end ? at + n : p->end;

	if (from < to)
		ohc_buf_add(&p->bytes, data + (from - at), (size_t)(to - from));
}

static void feed(struct ohc_elf_stream *s, const char *data, size_t n)
{
	struct part *head = &s->parts[HEAD];

	for (int i = 0; i < PARTS; i++)
		keep(&s->parts[i], s->fed, data, n);
	s->fed += n;
	s->no_elf = head->bytes.len >= OHC_ELF_MAGIC_N &&
		    memcmp(head->bytes.data, OHC_ELF_MAGIC, OHC_ELF_MAGIC_N) != 0;
	if (s->no_elf)
		ohc_buf_clear(&head->bytes);
	else if (!s->headers_known)
		look_at_headers(s);
}

/* By pieces, so that what the headers name behind the head has not come by with them. */
void ohc_elf_stream_feed(struct ohc_elf_stream *s, const void *data, size_t n)
{
	const char *from = data;

	while (n > 0 && !s->no_elf) {
		size_t piece = n < HEADERS_MAX ? n : HEADERS_MAX;

		feed(s, from, piece);
		from += piece;
		n -= piece;
	}
}

bool ohc_elf_stream_enough(const struct ohc_elf_stream *s)
{
	return s->no_elf;
}

int ohc_elf_stream_finish(struct ohc_elf_stream *s, struct ohc_elf *ret, struct ohc_error *err)
{
	struct ohc_elf_input in = { s->name, s->size, read_at, s };

	return s->no_elf ? 0 : ohc_elf_read(&in, ret, err);
}

void ohc_elf_stream_free(struct ohc_elf_stream *s)
{
	if (!s)
		return;
	for (int i = 0; i < PARTS; i++)
		ohc_buf_clear(&s->parts[i].bytes);
	free(s->name);
	free(s);
}

void ohc_elf_stream_freep(struct ohc_elf_stream **s)
{
	ohc_elf_stream_free(*s);
}
