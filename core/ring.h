/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A ring of blocks between one producer, a tap that sees every block in order (a hash), any number
 * of workers that take a block each (compressors), and one consumer that gets them in order again:
 *
 *	             +--> tap ------------+
 *	produce() ---+                    +--> free again
 *	             +--> work() --> consume()
 *
 * The ring is all the memory there is: when it is full the producer waits, when it is empty the
 * others do.  A block stays with whoever was given it until the call that hands it on.  Every
 * waiting call returns NULL once the ring was stopped, and tap and work also after the last block.
 */
#ifndef OHC_CORE_RING_H
#define OHC_CORE_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ohc_block {
	unsigned char *in; /* room for in_size */
	size_t in_len;
	unsigned char *out; /* room for out_size */
	size_t out_len;
	uint32_t crc;  /* the workers' to use */
	bool last;     /* set by the producer */
	unsigned left; /* the ring's: what must still happen to it, 0 when free */
};

struct ohc_ring;

struct ohc_ring *ohc_ring_new(size_t blocks, size_t in_size, size_t out_size);
void ohc_ring_free(struct ohc_ring *r);

/* An empty block to fill, and giving it away.  After the one with last set none may follow. */
struct ohc_block *ohc_ring_produce(struct ohc_ring *r);
void ohc_ring_produced(struct ohc_ring *r, struct ohc_block *b);

struct ohc_block *ohc_ring_tap(struct ohc_ring *r);
void ohc_ring_tapped(struct ohc_ring *r, struct ohc_block *b);

struct ohc_block *ohc_ring_work(struct ohc_ring *r);
void ohc_ring_worked(struct ohc_ring *r, struct ohc_block *b);

/* The next block in order, when its work is done. */
struct ohc_block *ohc_ring_consume(struct ohc_ring *r);
void ohc_ring_consumed(struct ohc_ring *r, struct ohc_block *b);

/* Wakes everyone up for good. */
void ohc_ring_stop(struct ohc_ring *r);

#endif
