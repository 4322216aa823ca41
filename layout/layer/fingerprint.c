// SPDX-License-Identifier: Apache-2.0
#include "layout/layer/fingerprint.h"

#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "core/interrupt.h"
#include "core/dir_names.h"
#include "core/stamp.h"

struct scan {
	struct ohc_hash *hash;
	struct ohc_buf path; /* on this machine; what is hashed starts at root */
	size_t root;
	time_t now;
	bool settled;
};

static void add(struct scan *s, const struct stat *st)
{
	const struct ohc_stamp stamp = ohc_stamp_of(st);
	const uint64_t facts[] = {
		s->path.len - s->root,
		st->st_mode,
		(uint64_t)st->st_size,
		(uint64_t)st->st_mtim.tv_sec,
		(uint64_t)st->st_mtim.tv_nsec,
		(uint64_t)st->st_ctim.tv_sec,
		(uint64_t)st->st_ctim.tv_nsec,
		st->st_ino,
		st->st_dev,
	};

	ohc_hash_update(s->hash, facts, sizeof(facts));
	ohc_hash_update(s->hash, ohc_buf_str(&s->path) + s->root, s->path.len - s->root);
	s->settled &= ohc_stamp_is_settled(&stamp, s->now);
}

static int scan_dir(struct scan *s, int fd, struct ohc_error *err)
{
	ohc_cleanup(ohc_dir_names_clear) struct ohc_dir_names names = { NULL, 0 };
	size_t len = s->path.len;
	int rc = ohc_interrupt_check(err);

	if (rc == 0)
		rc = ohc_dir_names_read(fd, ohc_buf_str(&s->path), &names, err);
	for (size_t i = 0; rc == 0 && i < names.n; i++) {
		const char *name = names.v[i].name;
		ohc_cleanup(ohc_closep) int child = -1;
		struct stat st;

		ohc_buf_addf(&s->path, "/%s", name);
		if (fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			return ohc_error_sys(err, "cannot read '%s'", ohc_buf_str(&s->path));
		add(s, &st);
		if (S_ISDIR(st.st_mode)) {
			child = openat(fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
			if (child < 0)
				return ohc_error_sys(err, "cannot open '%s'",
						     ohc_buf_str(&s->path));
			rc = scan_dir(s, child, err);
		}
		ohc_buf_truncate(&s->path, len);
	}
	return rc;
}

int ohc_fingerprint(const char *dir, char ret[OHC_DIGEST_MAX], bool *ret_settled,
		    struct ohc_error *err)
{
	ohc_cleanup(ohc_hash_freep) struct ohc_hash *hash = ohc_hash_new(OHC_SHA256);
	ohc_cleanup(ohc_closep) int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct scan s = { .hash = hash, .now = time(NULL), .settled = true };
	struct stat st;
	int rc;

	if (fd < 0 || fstat(fd, &st) < 0)
		return ohc_error_sys(err, "cannot open the payload directory '%s'", dir);
	ohc_buf_adds(&s.path, dir);
	s.root = s.path.len;
	add(&s, &st);
	rc = scan_dir(&s, fd, err);
	ohc_buf_clear(&s.path);
	if (rc < 0)
		return rc;
	ohc_digest_end(hash, OHC_SHA256, ret);
	*ret_settled = s.settled;
	return 0;
}

int ohc_fingerprint_file(int fd, char ret[OHC_DIGEST_MAX], bool *ret_settled, struct ohc_error *err)
{
	ohc_cleanup(ohc_hash_freep) struct ohc_hash *hash = ohc_hash_new(OHC_SHA256);
	struct scan s = { .hash = hash, .now = time(NULL), .settled = true };
	struct stat st;

	if (fstat(fd, &st) < 0)
		return ohc_error_sys(err, "cannot read a file's times");
	add(&s, &st);
	ohc_digest_end(hash, OHC_SHA256, ret);
	*ret_settled = s.settled && S_ISREG(st.st_mode);
	return 0;
}
