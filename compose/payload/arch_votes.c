// SPDX-License-Identifier: Apache-2.0
#include "compose/payload/arch_votes.h"

#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "layout/rootfs/layer_index.h"
#include "layout/elf/derived.h"
#include "layout/files/facts.h"

static void vote(struct ohc_arch_votes *votes, const char *arch, size_t n)
{
	size_t i = 0;

	while (i < votes->n && strcmp(votes->v[i].arch, arch) != 0)
		i++;
	if (i == OHC_ARCH_VOTES_MAX)
		return;
	if (i == votes->n)
		snprintf(votes->v[votes->n++].arch, OHC_ARCH_NAME, "%s", arch);
	votes->v[i].n += n;
}

int ohc_arch_votes_add(struct ohc_arch_votes *votes, const void *index, size_t n, const char *what,
		       struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) struct ohc_layer_index_iter *it = ohc_xcalloc(1, sizeof(*it));
	struct ohc_layer_entry e;
	int rc;

	ohc_layer_index_iter_start(it, index, n, what);
	while ((rc = ohc_layer_index_iter_next(it, &e, err)) > 0) {
		struct ohc_facts facts;
		const char *arch = NULL;

		if (!e.facts)
			continue;
		ohc_facts_read(e.facts, e.n_facts, &facts);
		if (facts.kind == OHC_FACTS_ELF &&
		    (facts.elf.type == OHC_ELF_EXEC || facts.elf.type == OHC_ELF_DYN))
			arch = ohc_elf_arch(&facts.elf);
		if (arch)
			vote(votes, arch, 1);
		ohc_facts_clear(&facts);
	}
	return rc;
}

void ohc_arch_votes_join(struct ohc_arch_votes *votes, const struct ohc_arch_votes *more)
{
	for (size_t i = 0; i < more->n; i++)
		vote(votes, more->v[i].arch, more->v[i].n);
}

char *ohc_arch_votes_text(const struct ohc_arch_votes *votes)
{
	struct ohc_buf text = OHC_BUF_INIT;

	for (size_t i = 0; i < votes->n; i++)
		ohc_buf_addf(&text, "%s %zu\n", votes->v[i].arch, votes->v[i].n);
	return ohc_buf_detach(&text);
}

bool ohc_arch_votes_parse(struct ohc_arch_votes *votes, const char *text)
{
	char arch[OHC_ARCH_NAME];
	size_t n;
	int used = 0;

	while (sscanf(text, "%15[a-z0-9_] %zu%n", arch, &n, &used) == 2 && text[used] == '\n') {
		vote(votes, arch, n);
		text += used + 1;
	}
	return !*text;
}

const char *ohc_arch_votes_winner(const struct ohc_arch_votes *votes, const char *host)
{
	const char *best = NULL;
	size_t most = 0;

	for (size_t i = 0; i < votes->n; i++) {
		const char *arch = votes->v[i].arch;

		if (votes->v[i].n < most)
			continue;
		if (votes->v[i].n == most && (strcmp(best, host) == 0 ||
					      (strcmp(arch, host) != 0 && strcmp(arch, best) > 0)))
			continue;
		best = arch;
		most = votes->v[i].n;
	}
	return best;
}
