// SPDX-License-Identifier: Apache-2.0
#include "layout/elf/elf.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/file.h"
#include "layout/elf/derived.h"
#include "layout/elf/elf_internal.h"

#define COOKIE_REACH (64u << 10)
#define LOADER_MAX   (4u << 20) /* of glibc it has 200 KB, 1 MB with symbols */

/* PyInstaller's boot loader looks for this cookie backwards from the end; behind it there may be
 * the section headers, where the archive was added as a section. */
static int read_cookie(struct ohc_elf_reader *r)
{
	static const unsigned char cookie[] = { 'M', 'E', 'I', 014, 013, 012, 013, 016 };
	size_t n = r->in->size < COOKIE_REACH ? (size_t)r->in->size : COOKIE_REACH;
	ohc_cleanup(ohc_freep) unsigned char *tail = NULL;
	int rc;

	if (r->elf.type != OHC_ELF_EXEC && !r->elf.interp)
		return 0;
	tail = ohc_xmalloc(n);
	rc = ohc_elf_fetch(r, r->in->size - n, tail, n, "the end");
	if (rc == 0)
		r->elf.pyinstaller = memmem(tail, n, cookie, sizeof(cookie)) != NULL;
	return rc;
}

/* Does a loader search the libraries of the system that it lies in?  One that layout/closure made
 * for a payload reads a cache that is nowhere. */
static int read_reach(struct ohc_elf_reader *r)
{
	static const char nowhere[] = OHC_ELF_NO_CACHE;
	size_t n = (size_t)r->in->size;
	ohc_cleanup(ohc_freep) char *all = NULL;
	int rc;

	if (!r->elf.soname || r->in->size > LOADER_MAX || r->elf.needed.n ||
	    ohc_elf_libc_of_interp(r->elf.soname) != OHC_LIBC_GLIBC)
		return 0;
	all = ohc_xmalloc(n);
	rc = ohc_elf_fetch(r, 0, all, n, "the file");
	r->elf.apart = rc == 0 && memmem(all, n, nowhere, sizeof(nowhere) - 1);
	return rc;
}

void ohc_elf_reader_clear(struct ohc_elf_reader *r)
{
	free(r->loads);
	ohc_elf_clear(&r->elf);
}

int ohc_elf_read_all(struct ohc_elf_reader *r)
{
	unsigned char magic[OHC_ELF_MAGIC_N];
	int rc;

	if (r->in->size < OHC_ELF_MAGIC_N)
		return 0;
	rc = ohc_elf_fetch(r, 0, magic, sizeof(magic), "the header");
	if (rc < 0 || memcmp(magic, OHC_ELF_MAGIC, OHC_ELF_MAGIC_N) != 0)
		return rc;
	rc = ohc_elf_read_headers(r);
	if (rc == 0)
		rc = ohc_elf_read_interp(r);
	if (rc == 0)
		rc = ohc_elf_read_dynamic(r);
	if (rc == 0)
		rc = read_cookie(r);
	if (rc == 0)
		rc = ohc_elf_read_ends(r);
	if (rc == 0)
		rc = read_reach(r);
	return rc < 0 ? rc : 1;
}

int ohc_elf_read(const struct ohc_elf_input *in, struct ohc_elf *ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_elf_reader_clear) struct ohc_elf_reader r = { .in = in, .err = err };
	int rc = ohc_elf_read_all(&r);

	if (rc == 1) {
		*ret = r.elf;
		r.elf = (struct ohc_elf)OHC_ELF_INIT;
	}
	return rc;
}

ssize_t ohc_elf_read_at_fd(void *ctx, uint64_t offset, void *buf, size_t n, struct ohc_error *err)
{
	ssize_t got = ohc_file_read_at(*(int *)ctx, buf, n, offset);

	return got < 0 ? ohc_error_sys(err, "cannot read") : got;
}

int ohc_elf_read_fd(int fd, const char *name, struct ohc_elf *ret, struct ohc_error *err)
{
	struct ohc_elf_input in = { .name = name, .read_at = ohc_elf_read_at_fd, .ctx = &fd };
	struct stat st;
	int rc;

	if (fstat(fd, &st) < 0)
		return ohc_error_sys(err, "cannot look at '%s'", name);
	in.size = (uint64_t)st.st_size;
	rc = ohc_elf_read(&in, ret, err);
	return rc < 0 && err && err->code != OHC_E_FORMAT ? ohc_error_wrap(err, rc, "'%s'", name)
							  : rc;
}

ssize_t ohc_elf_read_at_memory(void *ctx, uint64_t offset, void *buf, size_t n,
			       struct ohc_error *err)
{
	const struct ohc_elf_memory *m = ctx;

	(void)err;
	if (offset >= m->n)
		return 0;
	if (n > m->n - (size_t)offset)
		n = m->n - (size_t)offset;
	memcpy(buf, m->data + offset, n);
	return (ssize_t)n;
}

int ohc_elf_read_memory(const void *data, size_t n, const char *name, struct ohc_elf *ret,
			struct ohc_error *err)
{
	struct ohc_elf_memory m = { data, n };
	struct ohc_elf_input in = { name, n, ohc_elf_read_at_memory, &m };

	return ohc_elf_read(&in, ret, err);
}
