// SPDX-License-Identifier: Apache-2.0
#include "layout/layer/fingerprint.h"

#include <stdint.h>
#include <string.h>

#include "core/stamp.h"

void ohc_fingerprint_start(struct ohc_fingerprint *f)
{
	*f = (struct ohc_fingerprint){ ohc_hash_new(OHC_SHA256), time(NULL), true };
}

void ohc_fingerprint_add(struct ohc_fingerprint *f, const char *path, const struct stat *st)
{
	const struct ohc_stamp stamp = ohc_stamp_of(st);
	const size_t n = strlen(path);
	const uint64_t numbers[] = {
		n,
		st->st_mode,
		(uint64_t)st->st_size,
		(uint64_t)st->st_mtim.tv_sec,
		(uint64_t)st->st_mtim.tv_nsec,
		(uint64_t)st->st_ctim.tv_sec,
		(uint64_t)st->st_ctim.tv_nsec,
		st->st_ino,
		st->st_dev,
	};

	ohc_hash_update(f->hash, numbers, sizeof(numbers));
	ohc_hash_update(f->hash, path, n);
	f->settled &= ohc_stamp_is_settled(&stamp, f->now);
}

void ohc_fingerprint_end(struct ohc_fingerprint *f, char ret[OHC_DIGEST_MAX], bool *ret_settled)
{
	ohc_digest_end(f->hash, OHC_SHA256, ret);
	*ret_settled = f->settled;
	ohc_hash_freep(&f->hash);
	f->hash = NULL;
}

int ohc_fingerprint_file(int fd, char ret[OHC_DIGEST_MAX], bool *ret_settled, struct ohc_error *err)
{
	struct ohc_fingerprint f;
	struct stat st;

	if (fstat(fd, &st) < 0)
		return ohc_error_sys(err, "cannot read a file's times");
	ohc_fingerprint_start(&f);
	ohc_fingerprint_add(&f, "", &st);
	ohc_fingerprint_end(&f, ret, ret_settled);
	*ret_settled &= S_ISREG(st.st_mode);
	return 0;
}
