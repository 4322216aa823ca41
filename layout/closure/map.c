// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "layout/closure/closure_internal.h"

void ohc_closure_unmap(struct ohc_mapped_file *f)
{
	if (f->data)
		munmap(f->data, f->n);
}

int ohc_closure_map(const char *disk, struct ohc_mapped_file *ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_closep) int fd = open(disk, O_RDONLY | O_CLOEXEC);
	struct stat st;
	void *data;

	if (fd < 0 || fstat(fd, &st) < 0)
		return ohc_error_sys(err, "cannot open '%s'", disk);
	if (st.st_size == 0)
		return 0;
	data = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (data == MAP_FAILED)
		return ohc_error_sys(err, "cannot read '%s'", disk);
	*ret = (struct ohc_mapped_file){ data, (size_t)st.st_size };
	return 0;
}

int ohc_closure_has_text(const char *disk, const char *const *texts, size_t n,
			 struct ohc_error *err)
{
	ohc_cleanup(ohc_closure_unmap) struct ohc_mapped_file f = { NULL, 0 };
	int rc = ohc_closure_map(disk, &f, err);

	if (rc < 0 || f.n == 0)
		return rc;
	for (size_t i = 0; i < n; i++)
		if (memmem(f.data, f.n, texts[i], strlen(texts[i])))
			return 1;
	return 0;
}
