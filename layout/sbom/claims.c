// SPDX-License-Identifier: Apache-2.0
/* Whether files are what the RECORD of their Python distribution says. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/base64.h"
#include "core/file.h"
#include "core/hash.h"
#include "core/interrupt.h"
#include "layout/sbom/find.h"

#define PIECE (256u << 10)

static int hash_piece(void *ctx, const void *data, size_t n, struct ohc_error *err)
{
	(void)err;
	ohc_hash_update(ctx, data, n);
	return 0;
}

/* A file that cannot be read is left to the layer to tell of; it has no digest, then. */
static bool hash_source(const char *path, struct ohc_hash *h)
{
	ohc_cleanup(ohc_closep) int fd = open(path, O_RDONLY | O_CLOEXEC);
	ohc_cleanup(ohc_freep) char *piece = ohc_xmalloc(PIECE);
	uint64_t at = 0;
	ssize_t n = -1;

	while (fd >= 0 && (n = ohc_file_read_at(fd, piece, PIECE, at)) > 0) {
		ohc_hash_update(h, piece, (size_t)n);
		at += (uint64_t)n;
	}
	return n == 0;
}

static unsigned char nibble(char c)
{
	return (unsigned char)(c <= '9' ? c - '0' : c - 'a' + 10);
}

/* base64url of what is in hex, without padding. */
static char *claim_of(const char *hex)
{
	unsigned char bytes[32];
	char *text, *s;

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char)(nibble(hex[2 * i]) << 4 | nibble(hex[2 * i + 1]));
	text = ohc_base64_encode(bytes, sizeof(bytes));
	for (s = text; *s && *s != '='; s++)
		*s = *s == '+' ? '-' : *s == '/' ? '_' : *s;
	*s = '\0';
	return text;
}

/* It is looked at as it lies on this machine: paths in programs and scripts may be others in the
 * layer. */
static int is_so(const struct ohc_sbom_tree *t, const struct ohc_sbom_file *f, bool *ret,
		 struct ohc_error *err)
{
	ohc_cleanup(ohc_hash_freep) struct ohc_hash *h = ohc_hash_new(OHC_SHA256);
	ohc_cleanup(ohc_freep) char *is = NULL;
	char hex[OHC_HASH_HEX_MAX];
	bool read = true;
	int rc = ohc_interrupt_check(err);

	if (rc == 0 && f->source)
		read = hash_source(f->source, h);
	else if (rc == 0)
		rc = ohc_assembly_feed(&t->layers[f->layer], f->path, hash_piece, h, err);
	ohc_hash_hex(h, hex);
	is = claim_of(hex);
	*ret = read && strstr(f->claim, is) != NULL;
	return rc;
}

int ohc_sbom_check_claims(struct ohc_sbom *bom, struct ohc_error *err)
{
	size_t n = 0;
	int rc = 0;

	for (size_t i = 0; i < bom->n_files; i++) {
		struct ohc_sbom_file *f = &bom->files[i];
		bool so = false;

		if (rc == 0 && f->claim)
			rc = is_so(bom->ctx, f, &so, err);
		free(ohc_take(f->claim));
		if (so)
			free(f->path);
		else
			bom->files[n++] = *f;
	}
	bom->n_files = n;
	return rc;
}
