/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decompresses xz and bzip2, which docker reads in archives and layers, by libarchive.
 * oci/codec/codec.h has the compressions of layers in registries, and finds out how something is
 * compressed.
 *
 *	src = ohc_tar_filter(below, "bzip2", "'images.tar.bz2'");
 *
 * Several streams one after another are one.  Damaged or cut input is OHC_E_FORMAT; a libarchive
 * that was built without the decoder is OHC_E_UNSUPPORTED, at the first read: it would start
 * another program instead.  It cannot seek.
 */
#ifndef OHC_OCI_TAR_FILTER_H
#define OHC_OCI_TAR_FILTER_H

#include "core/io.h"

/* kind: "xz" or "bzip2".  below stays the caller's and must live as long; what is for messages. */
struct ohc_source *ohc_tar_filter(struct ohc_source *below, const char *kind, const char *what);

#endif
