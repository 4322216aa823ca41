// SPDX-License-Identifier: Apache-2.0
#include "layout/layer/fingerprint.h"

#include <stdint.h>
#include <time.h>

#include "core/alloc.h"
#include "core/stamp.h"

static void put_time(struct ohc_buf *b, const struct timespec *t)
{
	ohc_record_put_number(b, (uint64_t)t->tv_sec);
	ohc_record_put_number(b, (uint64_t)t->tv_nsec);
}

static struct timespec get_time(struct ohc_record_reader *in)
{
	struct timespec t;

	t.tv_sec = (time_t)ohc_record_get_number(in);
	t.tv_nsec = (long)ohc_record_get_number(in);
	return t;
}

void ohc_fingerprint_put(struct ohc_buf *b, const struct stat *st)
{
	ohc_record_put_number(b, st->st_dev);
	ohc_record_put_number(b, st->st_ino);
	ohc_record_put_number(b, st->st_mode);
	ohc_record_put_number(b, st->st_nlink);
	ohc_record_put_number(b, st->st_rdev);
	ohc_record_put_number(b, (uint64_t)st->st_size);
	put_time(b, &st->st_mtim);
	put_time(b, &st->st_ctim);
}

void ohc_fingerprint_get(struct ohc_record_reader *in, struct stat *ret)
{
	ret->st_dev = ohc_record_get_number(in);
	ret->st_ino = ohc_record_get_number(in);
	ret->st_mode = (mode_t)ohc_record_get_number(in);
	ret->st_nlink = ohc_record_get_number(in);
	ret->st_rdev = ohc_record_get_number(in);
	ret->st_size = (off_t)ohc_record_get_number(in);
	ret->st_mtim = get_time(in);
	ret->st_ctim = get_time(in);
}

int ohc_fingerprint_file(int fd, char ret[OHC_DIGEST_MAX], bool *ret_settled, struct ohc_error *err)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf marks = OHC_BUF_INIT;
	struct ohc_stamp stamp;
	struct stat st;

	if (fstat(fd, &st) < 0)
		return ohc_error_sys(err, "cannot read a file's times");
	stamp = ohc_stamp_of(&st);
	ohc_fingerprint_put(&marks, &st);
	ohc_digest_of(marks.data, marks.len, ret);
	*ret_settled = S_ISREG(st.st_mode) && ohc_stamp_is_settled(&stamp, time(NULL));
	return 0;
}
