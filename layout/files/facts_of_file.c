// SPDX-License-Identifier: Apache-2.0
#include "layout/files/facts_of_file.h"

#include <string.h>

#include "core/alloc.h"
#include "core/file.h"
#include "layout/files/facts.h"
#include "layout/rootfs/kept_files.h"
#include "layout/rootfs/scan.h"

static size_t wanted_bytes(const char *path, const struct stat *st, const char *head, size_t n)
{
	const struct ohc_tar_entry e = { .path = path, .mode = st->st_mode, .size = st->st_size };

	return ohc_kept_files_wanted(path, &e, head, n);
}

bool ohc_facts_of_file_wanted(const char *path, const struct stat *st)
{
	return ohc_facts_wanted(path, st->st_mode) || wanted_bytes(path, st, "", 0) > 0;
}

/* Adds the file's first bytes, at most max. */
static int read_first(int fd, const char *path, const struct stat *st, size_t max,
		      struct ohc_buf *ret, struct ohc_error *err)
{
	const size_t n = (uint64_t)st->st_size < max ? (size_t)st->st_size : max;
	ohc_cleanup(ohc_freep) char *data = ohc_xmalloc(n);
	ssize_t got = ohc_file_read_at(fd, data, n, 0);

	if (got < 0)
		return ohc_error_sys(err, "cannot read '%s'", path);
	ohc_buf_add(ret, data, (size_t)got);
	return 0;
}

static int elf_facts(int fd, const char *path, struct ohc_buf *ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_elf_clear) struct ohc_elf elf = OHC_ELF_INIT;
	int rc = ohc_elf_read_fd(fd, path, &elf, err);

	ohc_facts_encode_elf(rc, &elf, ret);
	return rc == -OHC_E_FORMAT || rc > 0 ? 0 : rc;
}

/* text has the file's first bytes; more are read where more are wanted. */
static int text_facts(int fd, const char *path, const struct stat *st, struct ohc_buf *text,
		      struct ohc_buf *ret, struct ohc_error *err)
{
	const struct ohc_facts_text *of =
		ohc_facts_text_wanted(path, st->st_mode, ohc_buf_str(text), text->len);
	int rc = 0;

	if (!of)
		return 0;
	if (of->max <= text->len) {
		ohc_buf_truncate(text, of->max);
	} else if (text->len < (uint64_t)st->st_size) {
		ohc_buf_truncate(text, 0);
		rc = read_first(fd, path, st, of->max, text, err);
	}
	if (rc == 0)
		ohc_facts_encode_text(of, ohc_buf_str(text), text->len, ret);
	return rc;
}

static bool is_elf(const struct ohc_buf *head)
{
	return head->len >= OHC_ELF_MAGIC_N &&
	       memcmp(head->data, OHC_ELF_MAGIC, OHC_ELF_MAGIC_N) == 0;
}

int ohc_facts_of_file(int fd, const char *path, const struct stat *st,
		      struct ohc_facts_of_file *ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf head = OHC_BUF_INIT;
	int rc = read_first(fd, path, st, OHC_SCAN_HEAD, &head, err);
	size_t n;

	if (rc < 0)
		return rc;
	n = wanted_bytes(path, st, ohc_buf_str(&head), head.len);
	if (n > 0)
		rc = read_first(fd, path, st, n, &ret->data, err);
	if (rc == 0)
		rc = is_elf(&head) ? elf_facts(fd, path, &ret->facts, err)
				   : text_facts(fd, path, st, &head, &ret->facts, err);
	return rc;
}

void ohc_facts_of_file_clear(struct ohc_facts_of_file *f)
{
	ohc_buf_clear(&f->data);
	ohc_buf_clear(&f->facts);
}
