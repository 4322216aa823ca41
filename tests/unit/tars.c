// SPDX-License-Identifier: Apache-2.0
#include "tars.h"

#include <stdio.h>
#include <string.h>

#include "core/alloc.h"

#define BLOCK 512

/* The sum counts the field itself as blanks. */
static void add_checksum(char b[BLOCK])
{
	unsigned int sum = 0;

	memset(b + 148, ' ', 8);
	for (size_t i = 0; i < BLOCK; i++)
		sum += (unsigned char)b[i];
	snprintf(b + 148, 8, "%06o", sum);
}

static void add_block(struct ohc_buf *tar, char type, const char *path, const char *link,
		      mode_t mode, unsigned int uid, unsigned int gid, unsigned long long size)
{
	char b[BLOCK + 1] = "";

	memcpy(b, path, strnlen(path, 100));
	snprintf(b + 100, 8, "%07o", (unsigned int)mode);
	snprintf(b + 108, 8, "%07o", uid);
	snprintf(b + 116, 8, "%07o", gid);
	snprintf(b + 124, 12, "%011llo", size);
	snprintf(b + 136, 12, "%011o", 1700000000u);
	b[156] = type;
	memcpy(b + 157, link ? link : "", strnlen(link ? link : "", 100));
	memcpy(b + 257, "ustar\00000", 8);
	add_checksum(b);
	ohc_buf_add(tar, b, BLOCK);
}

static void add_data(struct ohc_buf *tar, const char *data, size_t n)
{
	static const char zeros[BLOCK];

	ohc_buf_add(tar, data, n);
	if (n % BLOCK)
		ohc_buf_add(tar, zeros, BLOCK - n % BLOCK);
}

static void add_long(struct ohc_buf *tar, char type, const char *name)
{
	add_block(tar, type, "././@LongLink", NULL, 0, 0, 0, strlen(name) + 1);
	add_data(tar, name, strlen(name) + 1);
}

void tar_header(struct ohc_buf *tar, char type, const char *path, const char *link, mode_t mode,
		unsigned int uid, unsigned int gid, unsigned long long size)
{
	if (link && strlen(link) > 100)
		add_long(tar, 'K', link);
	if (strlen(path) > 100)
		add_long(tar, 'L', path);
	add_block(tar, type, path, link, mode, uid, gid, size);
}

void tar_dir(struct ohc_buf *tar, const char *path, mode_t mode)
{
	tar_header(tar, '5', path, NULL, mode, 0, 0, 0);
}

void tar_file(struct ohc_buf *tar, const char *path, mode_t mode, const char *text)
{
	tar_header(tar, '0', path, NULL, mode, 0, 0, strlen(text));
	add_data(tar, text, strlen(text));
}

/* "LENGTH key=value\n", the length with itself. */
void tar_xattr(struct ohc_buf *tar, const char *name, const char *value)
{
	ohc_cleanup(ohc_freep) char *rest = ohc_xasprintf(" SCHILY.xattr.%s=%s\n", name, value);
	size_t n = strlen(rest) + 1;
	ohc_cleanup(ohc_freep) char *record = NULL;

	for (size_t digits = 10; n >= digits; digits *= 10)
		n++;
	record = ohc_xasprintf("%zu%s", n, rest);
	add_block(tar, 'x', "PaxHeaders/x", NULL, 0644, 0, 0, n);
	add_data(tar, record, n);
}

void tar_symlink(struct ohc_buf *tar, const char *path, const char *target)
{
	tar_header(tar, '2', path, target, 0777, 0, 0, 0);
}

void tar_hardlink(struct ohc_buf *tar, const char *path, const char *to)
{
	tar_header(tar, '1', path, to, 0644, 0, 0, 0);
}

void tar_whiteout(struct ohc_buf *tar, const char *path)
{
	const char *slash = strrchr(path, '/');
	int dir = slash ? (int)(slash + 1 - path) : 0;
	ohc_cleanup(ohc_freep) char *entry = ohc_xasprintf("%.*s.wh.%s", dir, path, path + dir);

	tar_file(tar, entry, 0, "");
}

void tar_opaque(struct ohc_buf *tar, const char *dir)
{
	ohc_cleanup(ohc_freep) char *entry = ohc_xasprintf("%s/.wh..wh..opq", dir);

	tar_file(tar, entry, 0, "");
}

void tar_sparse(struct ohc_buf *tar, const char *path, const char *text, uint64_t size)
{
	size_t at = tar->len;
	char *header;

	add_block(tar, 'S', path, NULL, 0644, 0, 0, strlen(text));
	header = tar->data + at;
	memcpy(header + 257, "ustar  ", 8);
	snprintf(header + 386, 12, "%011o", 0);
	snprintf(header + 398, 12, "%011o", (unsigned int)strlen(text));
	snprintf(header + 483, 12, "%011llo", (unsigned long long)size);
	add_checksum(header);
	add_data(tar, text, strlen(text));
}

void tar_sparse_map(struct ohc_buf *tar, const char *path, size_t blocks)
{
	char more[BLOCK] = "", *header;
	size_t at = tar->len;

	add_block(tar, 'S', path, NULL, 0644, 0, 0, 0);
	header = tar->data + at;
	memcpy(header + 257, "ustar  ", 8);
	snprintf(header + 386, 12, "%011o", 0);
	snprintf(header + 398, 12, "%011o", 0);
	header[482] = 1;
	add_checksum(header);
	for (size_t i = 0; i < 21; i++) {
		snprintf(more + 24 * i, 12, "%011o", 1);
		snprintf(more + 24 * i + 12, 12, "%011o", 1);
	}
	for (size_t i = 1; i <= blocks; i++) {
		more[504] = i < blocks;
		ohc_buf_add(tar, more, BLOCK);
	}
}

void tar_end(struct ohc_buf *tar)
{
	static const char zeros[2 * BLOCK];

	ohc_buf_add(tar, zeros, sizeof(zeros));
}
