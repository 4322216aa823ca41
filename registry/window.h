/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keeps the last bytes of a stream that is being uploaded, so that a broken upload can go on: the
 * registry has always stored a little less than was sent, and many sources can be read only once.
 * A window is a source of its own; it gives the bytes of the one below and remembers the last of
 * them.
 *
 *	ohc_window_init(&w, below, size, 16 << 20);
 *	... send &w.source; it broke; the registry has `offset` bytes ...
 *	rc = ohc_window_go(&w, offset, err);		from memory, else by seeking below
 *
 * A part of it can be sent too, even when the whole's size is not known (Content-Length must be):
 *
 *	n = ohc_window_fill(&w, max, err);		reads ahead
 *	ohc_window_limit(&w, n);			the source ends after these
 *
 * Where the size of the whole is not known and the source below fails, or somebody interrupts, the
 * window ends as if that were all, and keeps the failure: a body that ends in order is answered,
 * and the answer is needed to end the session (registry/session.c).
 *
 *	rc = ohc_window_failure(&w, err);		0, or what it was
 */
#ifndef OHC_REGISTRY_WINDOW_H
#define OHC_REGISTRY_WINDOW_H

#include "core/io.h"

struct ohc_window {
	struct ohc_source source;
	struct ohc_source *below; /* the caller's */
	char *ring;
	size_t size;
	uint64_t at;    /* the next byte to give */
	uint64_t end;   /* the next byte to read from below */
	uint64_t kept;  /* the oldest byte in the ring */
	uint64_t limit; /* the source ends here, for now */
	uint64_t total; /* bytes below has, UINT64_MAX where that is not known */
	bool ended;     /* below gave its 0 */
	int failed;     /* the code that below gave instead, with: */
	struct ohc_error why;
};

/* total: how many bytes there will be, UINT64_MAX where that is not known.  Where it is, the source
 * below must have proved itself at its end before the last byte is given. */
void ohc_window_init(struct ohc_window *w, struct ohc_source *below, uint64_t total, size_t size);
void ohc_window_clear(struct ohc_window *w);

/* Moves the window so that the next byte is the one at offset.  OHC_E_UNSUPPORTED where that is
 * neither kept nor reached by a seek. */
int ohc_window_go(struct ohc_window *w, uint64_t offset, struct ohc_error *err);

/* Reads ahead until max bytes (at most the window's size) lie before the reader; their count. */
ssize_t ohc_window_fill(struct ohc_window *w, size_t max, struct ohc_error *err);

/* The source ends after n more bytes; UINT64_MAX: no more limit. */
void ohc_window_limit(struct ohc_window *w, uint64_t n);

int ohc_window_failure(const struct ohc_window *w, struct ohc_error *err);

/* Has everything been given? */
bool ohc_window_ended(const struct ohc_window *w);

#endif
