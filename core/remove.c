// SPDX-License-Identifier: Apache-2.0
#include "core/remove.h"

#include <ftw.h>
#include <stdio.h>
#include <sys/stat.h>

#define FDS 16

static int make_removable(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)at;
	return type == FTW_D || type == FTW_DNR ? (chmod(path, 0700), 0) : 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

void ohc_remove_tree(const char *path)
{
	nftw(path, make_removable, FDS, FTW_PHYS | FTW_MOUNT);
	nftw(path, remove_one, FDS, FTW_PHYS | FTW_MOUNT | FTW_DEPTH);
}
