// SPDX-License-Identifier: Apache-2.0
/*
 * Archives as both kinds of stores: every image that they name is read to its end, and what is
 * said to be whole has the digest that it was asked for by.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/file.h"
#include "oci/archive/docker.h"
#include "oci/archive/oci.h"
#include "oci/documents/manifest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_blob(struct ohc_store *s, const struct ohc_descriptor *d)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf bytes = OHC_BUF_INIT;
	char digest[OHC_DIGEST_MAX];

	if (ohc_store_read_blob(s, d, &bytes, NULL) < 0 ||
	    ohc_digest_algorithm(d->digest) != OHC_SHA256)
		return;
	ohc_digest_of(ohc_buf_str(&bytes), bytes.len, digest);
	if (strcmp(digest, d->digest) != 0 || (int64_t)bytes.len != d->size)
		abort();
}

static void read_image(struct ohc_store *s, const char *ref)
{
	ohc_cleanup(ohc_document_clear) struct ohc_document doc = OHC_DOCUMENT_INIT;
	ohc_cleanup(ohc_document_clear) struct ohc_document list = OHC_DOCUMENT_INIT;
	ohc_cleanup(ohc_manifest_clear) struct ohc_manifest m = OHC_MANIFEST_INIT;

	if (ohc_store_get_manifest(s, ref, &doc, NULL) < 0)
		return;
	ohc_store_get_referrers(s, doc.d.digest, &list, NULL);
	if (ohc_manifest_parse(&doc, &m, NULL) < 0)
		return;
	for (size_t i = 0; i < m.n_layers && i < 64; i++)
		read_blob(s, &m.layers[i]);
	read_blob(s, &m.config);
}

static void read_all(struct ohc_store *s)
{
	struct ohc_strv tags = OHC_STRV_INIT;

	read_image(s, NULL);
	if (ohc_store_list_tags(s, &tags, NULL) == 0)
		for (size_t i = 0; i < tags.n && i < 16; i++)
			read_image(s, tags.v[i]);
	ohc_strv_clear(&tags);
	ohc_store_close(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = memfd_create("archive", MFD_CLOEXEC);
	char path[64];
	struct ohc_name name = { .transport = OHC_DOCKER_ARCHIVE, .path = path };
	struct ohc_store *s;

	if (fd < 0 || ohc_file_write_full(fd, data, size, "memory", NULL) < 0)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (ohc_oci_archive_open(path, NULL, &s, NULL) == 0)
		read_all(s);
	if (ohc_docker_archive_open(&name, NULL, &s, NULL) == 0)
		read_all(s);
	close(fd);
	return 0;
}
