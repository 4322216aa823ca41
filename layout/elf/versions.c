// SPDX-License-Identifier: Apache-2.0
/*
 * Symbol versions (LSB core 10.7): two chains of records, each with a chain of its own.  Both word
 * sizes have the same records.  A chain goes on by offsets from the record itself, so only the
 * counts and the limits keep it from going on for ever.
 */
#include "layout/elf/elf_internal.h"

#include <stdlib.h>

#include "core/alloc.h"

#define VERNEED_SIZE 16 /* version 2, cnt 2, file 4, aux 4, next 4 */
#define VERNAUX_SIZE 16 /* hash 4, flags 2, other 2, name 4, next 4 */
#define VERDEF_SIZE  20 /* version 2, flags 2, ndx 2, cnt 2, hash 4, aux 4, next 4 */
#define VERDAUX_SIZE 8  /* name 4, next 4 */

enum { VER_FLG_BASE = 1, VER_FLG_WEAK = 2 };

static const char needs[] = "the list of needed versions";
static const char defs[] = "the list of versions";

static uint64_t get16(struct ohc_elf_reader *r, const unsigned char *p)
{
	return ohc_elf_get(r, p, 2);
}

static uint64_t get32(struct ohc_elf_reader *r, const unsigned char *p)
{
	return ohc_elf_get(r, p, 4);
}

static int add_version(struct ohc_elf_reader *r, uint64_t name, const char *part, size_t *total,
		       struct ohc_strv *to)
{
	char *text;
	int rc;

	if ((*total)++ == OHC_ELF_VERSIONS_MAX)
		return ohc_elf_bad(r, part, "is longer than any would be");
	rc = ohc_elf_string(r, name, OHC_ELF_VERSION_MAX, part, &text);
	if (rc == 0)
		ohc_strv_take(to, text);
	return rc;
}

static int read_need(struct ohc_elf_reader *r, uint64_t at, const unsigned char *head,
		     size_t *total)
{
	struct ohc_elf *e = &r->elf;
	struct ohc_elf_need *need;
	unsigned char aux[VERNAUX_SIZE];
	char *file;
	int rc = ohc_elf_string(r, get32(r, head + 4), OHC_ELF_TEXT_MAX, needs, &file);

	if (rc < 0)
		return rc;
	e->needs = ohc_xrealloc(e->needs, e->n_needs + 1, sizeof(*e->needs));
	need = &e->needs[e->n_needs++];
	*need = (struct ohc_elf_need){ file, OHC_STRV_INIT };
	at += get32(r, head + 8);
	for (uint64_t n = get16(r, head + 2); n > 0; n--) {
		rc = ohc_elf_fetch(r, at, aux, sizeof(aux), needs);
		if (rc == 0 && !(get16(r, aux + 4) & VER_FLG_WEAK))
			rc = add_version(r, get32(r, aux + 8), needs, total, &need->versions);
		if (rc < 0 || get32(r, aux + 12) == 0)
			return rc;
		at += get32(r, aux + 12);
	}
	return 0;
}

static int read_needs(struct ohc_elf_reader *r)
{
	unsigned char head[VERNEED_SIZE];
	size_t total = 0;
	uint64_t at;
	int rc = ohc_elf_locate(r, r->verneed, needs, &at);

	for (uint64_t n = r->verneed_n; rc == 0 && n > 0; n--) {
		if (r->elf.n_needs == OHC_ELF_FILES_MAX)
			return ohc_elf_bad(r, needs, "is longer than any would be");
		rc = ohc_elf_fetch(r, at, head, sizeof(head), needs);
		if (rc == 0)
			rc = read_need(r, at, head, &total);
		if (rc < 0 || get32(r, head + 12) == 0)
			return rc;
		at += get32(r, head + 12);
	}
	return rc;
}

static int read_defs(struct ohc_elf_reader *r)
{
	unsigned char head[VERDEF_SIZE], aux[VERDAUX_SIZE];
	size_t total = 0;
	uint64_t at;
	int rc = ohc_elf_locate(r, r->verdef, defs, &at);

	for (uint64_t n = r->verdef_n; rc == 0 && n > 0; n--) {
		rc = ohc_elf_fetch(r, at, head, sizeof(head), defs);
		if (rc == 0)
			rc = ohc_elf_fetch(r, at + get32(r, head + 12), aux, sizeof(aux), defs);
		/* The base version is the file's own name.  The first name is followed by the
		 * version's predecessors, which have records of their own. */
		if (rc == 0 && !(get16(r, head + 2) & VER_FLG_BASE))
			rc = add_version(r, get32(r, aux), defs, &total, &r->elf.defs);
		if (rc < 0 || get32(r, head + 16) == 0)
			return rc;
		at += get32(r, head + 16);
	}
	return rc;
}

int ohc_elf_read_versions(struct ohc_elf_reader *r)
{
	int rc = r->verneed && r->verneed_n ? read_needs(r) : 0;

	return rc == 0 && r->verdef && r->verdef_n ? read_defs(r) : rc;
}
