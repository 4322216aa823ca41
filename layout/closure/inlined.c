// SPDX-License-Identifier: Apache-2.0
/*
 * Texts that the compiler has taken apart.  Of a copy of a short text, by strcpy() or, since 2.78,
 * by GLib's g_strdup(), it makes some moves of pieces, which are in the code or in a pool of
 * constants, so that no file has the text as a whole:
 *
 *	48 b8 '/usr/sha'	movabs $imm64, %rax		8 bytes, by any register
 *	c7 40 08 '/usr'		movl $imm32, 8(%rax)		4, and with a 66 in front of it 2
 *	66 0f 6f 05 disp32	movdqa disp32(%rip), %xmm0	16, at what disp32 leads to
 *
 * They are of one text where they are near to each other in the code and make all of it; the last
 * may overlap the one before.  A constant that other code uses, too, is left alone, and so are
 * pieces of which there are two nearby: one may be the beginning of another text.
 */
#include <elf.h>
#include <string.h>

#include "layout/closure/closure_internal.h"

/* The moves of one text are so near to each other, in bytes of code. */
#define NEARBY 128

struct pieces {
	const struct ohc_mapped_file *f;
	const char *text;
	size_t n_text; /* with its NUL */
	struct ohc_own_piece *v;
	size_t n;
};

static bool is_x86_64(const struct ohc_mapped_file *f)
{
	Elf64_Ehdr e;

	if (f->n < sizeof(e))
		return false;
	memcpy(&e, f->data, sizeof(e));
	return e.e_ident[EI_CLASS] == ELFCLASS64 && e.e_machine == EM_X86_64;
}

/* Is it the value of an instruction that moves n bytes? */
static bool is_moved(const struct ohc_mapped_file *f, size_t at, size_t n)
{
	const unsigned char *p = f->data + at;

	if (n == 8)
		return at >= 2 && (p[-2] & 0xfe) == 0x48 && (p[-1] & 0xf8) == 0xb8;
	if (at < 4 || p[-3] != 0xc7 || (p[-2] & 0xf8) != 0x40)
		return false;
	return (p[-4] == 0x66) == (n == 2);
}

/* The place of the disp32, with its ModRM in front of it, that leads to a constant, which is as far
 * from it in memory as in the file; 0 where there is none, or more. */
static size_t find_use(const struct ohc_mapped_file *f, size_t constant)
{
	size_t found = 0;

	for (size_t at = 1; at + 4 <= f->n; at++) {
		int32_t disp;

		if ((f->data[at - 1] & 0xc7) != 0x05)
			continue;
		memcpy(&disp, f->data + at, sizeof(disp));
		if ((int64_t)at + 4 + disp != (int64_t)constant)
			continue;
		if (found)
			return 0;
		found = at;
	}
	return found;
}

static void find_pieces(struct pieces *t, size_t from, size_t n)
{
	const struct ohc_mapped_file *f = t->f;

	for (size_t at = 0; at < f->n; at++) {
		const unsigned char *p = memmem(f->data + at, f->n - at, t->text + from, n);
		size_t code;

		if (!p)
			return;
		at = (size_t)(p - f->data);
		if (n == 16)
			code = at % n == 0 ? find_use(f, at) : 0;
		else
			code = is_moved(f, at, n) ? at : 0;
		if (!code)
			continue;
		t->v = ohc_xrealloc(t->v, t->n + 1, sizeof(*t->v));
		t->v[t->n++] = (struct ohc_own_piece){ at, from, n, code };
	}
}

/* Those that the text may end with: with its NUL, or in front of that. */
static void find_ends(struct pieces *t)
{
	for (size_t n = 2; n <= 16; n *= 2)
		for (size_t after = 0; after < 2; after++)
			if (n + after <= t->n_text && (n > 4 || !after))
				find_pieces(t, t->n_text - n - after, n);
}

static void find_others(struct pieces *t)
{
	const size_t n_ends = t->n;

	for (size_t n = 4; n_ends && n <= 16; n *= 2)
		for (size_t from = 0; from + n < t->n_text; from += n)
			if (from + n + 1 != t->n_text || n == 4)
				find_pieces(t, from, n);
}

static bool is_nearby(const struct ohc_own_piece *a, const struct ohc_own_piece *b)
{
	return a->code < b->code ? b->code - a->code < NEARBY : a->code - b->code < NEARBY;
}

/* Do those near one of them make the text, each but once?  Its NUL may be moved by itself. */
static bool are_all(const struct pieces *t, const struct ohc_own_piece *end)
{
	size_t done = 0;

	for (bool more = true; more && done + 1 < t->n_text;) {
		more = false;
		for (size_t i = 0; i < t->n; i++) {
			const struct ohc_own_piece *p = &t->v[i];

			if (!is_nearby(p, end) || p->from > done || p->from + p->n <= done)
				continue;
			done = p->from + p->n;
			more = true;
		}
	}
	for (size_t i = 0; i < t->n; i++)
		for (size_t k = 0; k < i; k++)
			if (is_nearby(&t->v[i], end) && is_nearby(&t->v[k], end) &&
			    t->v[i].from == t->v[k].from && t->v[i].n == t->v[k].n)
				return false;
	return done + 1 >= t->n_text;
}

size_t ohc_closure_find_inlined(const struct ohc_mapped_file *f, const char *text,
				struct ohc_own_piece **ret)
{
	struct pieces t = { f, text, strlen(text) + 1, NULL, 0 };
	size_t n = 0;

	*ret = NULL;
	if (!is_x86_64(f))
		return 0;
	find_ends(&t);
	find_others(&t);
	for (size_t i = 0; i < t.n; i++) {
		if (t.v[i].from + t.v[i].n + 1 < t.n_text || !are_all(&t, &t.v[i]))
			continue;
		for (size_t k = 0; k < t.n; k++) {
			if (!is_nearby(&t.v[k], &t.v[i]))
				continue;
			*ret = ohc_xrealloc(*ret, n + 1, sizeof(**ret));
			(*ret)[n++] = t.v[k];
		}
	}
	free(t.v);
	return n;
}
