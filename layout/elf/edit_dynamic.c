// SPDX-License-Identifier: Apache-2.0
/* Adds new texts to the dynamic strings, and dynamic entries that name them. */
#include "layout/elf/edit_internal.h"

#include <string.h>

#include "core/alloc.h"

/* LSB core, ch. 10.7: the fields of version records that are offsets of texts and of records. */
struct chain {
	uint64_t tag, type; /* dynamic, and of the section */
	uint8_t size, name, aux, next;
	uint8_t aux_size, aux_name, aux_next;
};

#define NO_NAME 0xff

static const struct chain chains[] = {
	{ OHC_DT_VERNEED, OHC_SHT_GNU_VERNEED, 16, 4, 8, 12, 16, 8, 12 },
	{ OHC_DT_VERDEF, OHC_SHT_GNU_VERDEF, 20, NO_NAME, 12, 16, 8, 0, 4 },
};

/* The limit is more records than any real file has. */
#define RECORDS_MAX (16u << 10)

/* The tags whose values are offsets of texts (elf.h), except the two for search paths. */
static const uint64_t text_tags[] = {
	1 /* NEEDED */,          14 /* SONAME */,         0x7ffffffd /* AUXILIARY */,
	0x7fffffff /* FILTER */, 0x6ffffefa /* CONFIG */, 0x6ffffefb /* DEPAUDIT */,
	0x6ffffefc /* AUDIT */,
};

static int read_strings(struct ohc_elf_editor *e)
{
	if (e->strsz == 0)
		return ohc_error_set(e->r.err, OHC_E_FORMAT,
				     "'%s' is a damaged ELF file: it has no dynamic strings",
				     e->r.in->name);
	if (e->strsz > OHC_ELF_STRINGS_MAX)
		return ohc_elf_cannot(e, "has more dynamic strings than any would");
	e->text = ohc_xmalloc((size_t)e->strsz);
	return ohc_elf_fetch(&e->r, e->strtab, e->text, (size_t)e->strsz, "the string table");
}

/* Bytes [from, to) of the dynamic strings, which must not change.  The functions look for users of
 * them. */
struct string_span {
	uint64_t from, to;
	bool used;
};

static void use(struct string_span *s, uint64_t at)
{
	s->used |= at >= s->from && at < s->to;
}

static uint64_t u32(const struct ohc_elf_editor *e, const unsigned char *p)
{
	return ohc_elf_get(&e->r, p, 4);
}

static void use_by_tags(struct ohc_elf_editor *e, struct string_span *s)
{
	for (size_t i = 0; i < e->n_dyn && e->dyn[i].tag != OHC_DT_NULL; i++)
		for (size_t k = 0; k < OHC_ARRAY_SIZE(text_tags); k++)
			if (e->dyn[i].tag == text_tags[k])
				use(s, e->dyn[i].value);
}

static const struct ohc_elf_shdr *section_at(const struct ohc_elf_editor *e, uint64_t type,
					     uint64_t addr)
{
	for (size_t i = 0; i < e->n_sh; i++)
		if (e->sh[i].type == type && e->sh[i].addr == addr)
			return &e->sh[i];
	return NULL;
}

/* Only DT_HASH tells how many symbols there are, so the section header is used; without it every
 * text may be in use. */
static int use_by_symbols(struct ohc_elf_editor *e, struct string_span *s)
{
	const struct ohc_elf_dyn *tab = ohc_elf_dyn_of(e, OHC_DT_SYMTAB);
	const struct ohc_elf_shdr *sh = tab ? section_at(e, OHC_SHT_DYNSYM, tab->value) : NULL;
	uint64_t each = e->r.wide ? 24 : 16;
	unsigned char name[4];
	int rc = 0;

	s->used |= !sh;
	for (uint64_t at = 0; rc == 0 && !s->used && sh->size - at >= each; at += each) {
		rc = ohc_elf_fetch(&e->r, sh->offset + at, name, sizeof(name), "a symbol");
		if (rc == 0)
			use(s, u32(e, name));
	}
	return rc;
}

static int use_by_aux(struct ohc_elf_editor *e, struct string_span *s,
		      const struct ohc_elf_shdr *sh, const struct chain *c, uint64_t at,
		      size_t *records)
{
	unsigned char aux[16];

	for (;;) {
		int rc = ohc_elf_fetch(&e->r, sh->offset + at, aux, c->aux_size, "a version");

		if (rc < 0)
			return rc;
		use(s, u32(e, aux + c->aux_name));
		s->used |= ++*records > RECORDS_MAX;
		at += u32(e, aux + c->aux_next);
		if (s->used || u32(e, aux + c->aux_next) == 0)
			return 0;
	}
}

static int use_by_chain(struct ohc_elf_editor *e, struct string_span *s,
			const struct ohc_elf_shdr *sh, const struct chain *c)
{
	unsigned char head[20];
	uint64_t at = 0;
	size_t records = 0;

	for (;;) {
		int rc = ohc_elf_fetch(&e->r, sh->offset + at, head, c->size, "a version");

		if (rc < 0)
			return rc;
		if (c->name != NO_NAME)
			use(s, u32(e, head + c->name));
		rc = use_by_aux(e, s, sh, c, at + u32(e, head + c->aux), &records);
		at += u32(e, head + c->next);
		if (rc < 0 || s->used || u32(e, head + c->next) == 0)
			return rc;
	}
}

static int use_by_versions(struct ohc_elf_editor *e, struct string_span *s)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < OHC_ARRAY_SIZE(chains); i++) {
		const struct ohc_elf_dyn *dyn = ohc_elf_dyn_of(e, chains[i].tag);
		const struct ohc_elf_shdr *sh =
			dyn ? section_at(e, chains[i].type, dyn->value) : NULL;

		s->used |= dyn && !sh;
		if (sh)
			rc = use_by_chain(e, s, sh, &chains[i]);
	}
	return rc;
}

/* Linkers share the end of a text with another text, so the old one may be a part of another one,
 * or contain one. */
static int fits_over(struct ohc_elf_editor *e, uint64_t old, bool *ret)
{
	size_t n = strlen(e->want->rpath) + 1;
	struct string_span s = { .from = old, .to = old + n };
	int rc;

	*ret = false;
	if (old == 0 || old >= e->strsz || e->text[old - 1] != '\0' ||
	    strnlen((char *)e->text + old, (size_t)(e->strsz - old)) + 1 < n)
		return 0;
	use_by_tags(e, &s);
	rc = use_by_symbols(e, &s);
	if (rc == 0)
		rc = use_by_versions(e, &s);
	*ret = rc == 0 && !s.used;
	return rc;
}

static void write_over(struct ohc_elf_editor *e, uint64_t at, const char *text)
{
	uint64_t end = at + strlen(text) + 1;

	e->over = ohc_xrealloc(e->over, e->n_over + 1, sizeof(*e->over));
	e->over[e->n_over++] = (struct ohc_elf_over){ at, text };
	e->new_strsz = end > e->new_strsz ? end : e->new_strsz;
}

/* Finds room for a text among the strings, behind them, or in a hole. */
static int place_text(struct ohc_elf_editor *e, const char *text, uint64_t *ret_at)
{
	size_t n = strlen(text) + 1;
	const unsigned char *there = memmem(e->text, (size_t)e->strsz, text, n);

	if (there) {
		*ret_at = (uint64_t)(there - e->text);
		return 0;
	}
	if (e->in_holes && !e->copy_strings) {
		if (!ohc_elf_hole_for_text(e, n, ret_at))
			return ohc_elf_no_hole(e);
		write_over(e, *ret_at, text);
		return 0;
	}
	if (e->grown.len == 0) {
		ohc_buf_add(&e->grown, e->text, (size_t)e->strsz);
		/* Ends a string that would not end otherwise. */
		if (e->text[e->strsz - 1] != '\0')
			ohc_buf_addc(&e->grown, '\0');
	}
	*ret_at = e->grown.len;
	ohc_buf_add(&e->grown, text, n);
	return 0;
}

static int place_path(struct ohc_elf_editor *e, const struct ohc_elf_dyn *old)
{
	size_t n = strlen(e->want->rpath) + 1;
	bool over = false;
	int rc = 0;

	if (old && !memmem(e->text, (size_t)e->strsz, e->want->rpath, n))
		rc = fits_over(e, old->value, &over);
	if (rc < 0 || !over)
		return rc < 0 ? rc : place_text(e, e->want->rpath, &e->rpath_at);
	e->rpath_at = old->value;
	write_over(e, old->value, e->want->rpath);
	return 0;
}

static size_t count_dyn(const struct ohc_elf_editor *e)
{
	size_t n = 0;

	while (n < e->n_dyn && e->dyn[n].tag != OHC_DT_NULL)
		n++;
	return n;
}

/* The last entry replaces it, because there may be only one search path. */
static void remove_dyn(struct ohc_elf_editor *e, size_t i)
{
	size_t last = count_dyn(e) - 1;

	e->dyn[i] = e->dyn[last];
	e->dyn[last] = (struct ohc_elf_dyn){ OHC_DT_NULL, 0 };
}

/* An entry that can be spared: counts that only save the loader time, the old hash table where
 * there is the new one, and last the entry by which a debugger finds the libraries. */
static struct ohc_elf_dyn *spare_dyn(struct ohc_elf_editor *e)
{
	static const uint64_t tags[] = { OHC_DT_RELACOUNT, OHC_DT_RELCOUNT, OHC_DT_HASH,
					 OHC_DT_DEBUG };

	for (size_t i = 0; i < OHC_ARRAY_SIZE(tags); i++) {
		struct ohc_elf_dyn *dyn = ohc_elf_dyn_of(e, tags[i]);

		if (dyn && (tags[i] != OHC_DT_HASH || ohc_elf_dyn_of(e, OHC_DT_GNU_HASH)))
			return dyn;
	}
	return NULL;
}

static int add_dyn(struct ohc_elf_editor *e, uint64_t tag, uint64_t value)
{
	size_t n = count_dyn(e);
	struct ohc_elf_dyn *to = &e->dyn[n];

	if (e->in_holes && n + 2 > e->n_dyn)
		to = spare_dyn(e);
	if (!to)
		return ohc_elf_no_hole(e);
	*to = (struct ohc_elf_dyn){ tag, value };
	if (to == &e->dyn[n] && n + 2 > e->n_dyn)
		e->n_dyn = n + 2;
	return 0;
}

static bool is_path(const struct ohc_elf_dyn *dyn)
{
	return dyn->tag == OHC_DT_RPATH || dyn->tag == OHC_DT_RUNPATH;
}

static int plan_path(struct ohc_elf_editor *e)
{
	struct ohc_elf_dyn *dyn = ohc_elf_dyn_of(e, OHC_DT_RUNPATH);
	int rc;

	if (!dyn)
		dyn = ohc_elf_dyn_of(e, OHC_DT_RPATH);
	rc = place_path(e, dyn);
	if (rc < 0)
		return rc;
	if (!dyn)
		return add_dyn(e, OHC_DT_RPATH, e->rpath_at);
	*dyn = (struct ohc_elf_dyn){ OHC_DT_RPATH, e->rpath_at };
	for (size_t i = count_dyn(e); i-- > 0;)
		if (is_path(&e->dyn[i]) && &e->dyn[i] != dyn) {
			struct ohc_elf_dyn *last = &e->dyn[count_dyn(e) - 1];

			/* This is the entry that replaces the other. */
			if (dyn == last)
				dyn = &e->dyn[i];
			remove_dyn(e, i);
		}
	return 0;
}

static int plan_needed(struct ohc_elf_editor *e)
{
	const struct ohc_strv *needed = e->want->needed;
	uint64_t at = 0;
	int rc = 0;

	for (size_t i = 0; rc == 0 && needed && i < needed->n; i++) {
		if (ohc_strv_has(&e->facts->needed, needed->v[i]))
			continue;
		rc = place_text(e, needed->v[i], &at);
		if (rc == 0)
			rc = add_dyn(e, OHC_DT_NEEDED, at);
	}
	return rc;
}

/* The most bytes that are added to the strings. */
static uint64_t new_texts(const struct ohc_elf_editor *e)
{
	const struct ohc_strv *needed = e->want->needed;
	uint64_t n = e->new_rpath ? strlen(e->want->rpath) + 1 : 0;

	for (size_t i = 0; needed && i < needed->n; i++)
		n += strlen(needed->v[i]) + 1;
	return n + 1;
}

int ohc_elf_plan_dynamic(struct ohc_elf_editor *e)
{
	const struct ohc_elf_phdr *ph = ohc_elf_phdr_of(e, OHC_PT_DYNAMIC);
	size_t had = e->n_dyn;
	int rc = read_strings(e);

	e->copy_strings = ohc_elf_has_hole(e, e->strsz + new_texts(e));
	if (rc == 0 && e->new_rpath)
		rc = plan_path(e);
	if (rc == 0)
		rc = plan_needed(e);
	if (rc == 0 && e->grown.len)
		rc = ohc_elf_make_room(e, &e->strings, e->grown.len, e->strtab, e->strsz);
	if (rc < 0)
		return rc;
	/* The old one stays as it is: programs may know its address. */
	if (e->n_dyn > had)
		ohc_elf_tail_take(e, &e->dynamic, e->n_dyn * ohc_elf_dyn_size(&e->r), 8, ph->offset,
				  ph->filesz);
	return 0;
}
