/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The header of a gzip member (RFC 1952, 2.3), read as it comes in: every field of it, its CRC
 * checked.  ISA-L forgets a part of a header between two calls of isal_inflate(), so that it takes
 * a header that arrives in two reads for damaged, as it does any header with a CRC.
 *
 *	struct ohc_gzip_header h = { 0 };
 *
 *	while ((rc = ohc_gzip_header_step(&h, &in, &in_len)) == 0)
 *		... more input ...
 */
#ifndef OHC_OCI_CODEC_GZIP_HEADER_H
#define OHC_OCI_CODEC_GZIP_HEADER_H

#include <stddef.h>
#include <stdint.h>

/* Starts as zero. */
struct ohc_gzip_header {
	unsigned int field; /* which one is read */
	size_t at;          /* bytes of it that were read */
	unsigned char flags;
	size_t value; /* the last number, or the last byte of text */
	uint32_t crc; /* of all up to here */
	uint32_t sum; /* of all before this field */
};

/* Moves *in on: 1 it has ended, 0 it goes on behind the input, -1 it is none. */
int ohc_gzip_header_step(struct ohc_gzip_header *h, const unsigned char **in, size_t *in_len);

#endif
