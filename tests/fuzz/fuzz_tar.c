// SPDX-License-Identifier: Apache-2.0
/* Layers as strangers send them: decompressed, then read as a tar to the end or the first fault. */
#include <stdint.h>
#include <string.h>

#include "oci/codec/codec.h"
#include "oci/tar/tar.h"

#define TOTAL_MAX (64 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A bomb is not what this looks for: a target that reads for minutes finds nothing. */
static int read_entry(struct ohc_tar_reader *r, size_t *total)
{
	struct ohc_error err = OHC_ERROR_INIT;
	char buf[4096];
	ssize_t n;

	while ((n = ohc_tar_read(r, buf, sizeof(buf), &err)) > 0) {
		*total += (size_t)n;
		if (*total > TOTAL_MAX)
			return -1;
	}
	return n < 0 ? -1 : 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ohc_source *src = ohc_codec_decompress(ohc_source_memory(data, size), true, "input");
	struct ohc_tar_reader *r = ohc_tar_reader_new(src, "input");
	struct ohc_error err = OHC_ERROR_INIT;
	struct ohc_tar_entry e;
	size_t total = 0, entries = 0;

	while (entries++ < 10000 && ohc_tar_next(r, &e, &err) > 0)
		if (strlen(e.path) > OHC_TAR_PATH_MAX || read_entry(r, &total) < 0)
			break;
	ohc_tar_reader_free(r);
	ohc_source_close(src);
	return 0;
}
