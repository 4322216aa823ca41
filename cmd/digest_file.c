// SPDX-License-Identifier: Apache-2.0
#include "cmd/digest_file.h"

#include <string.h>

#include "core/alloc.h"

int ohc_digest_file_open(struct ohc_digest_file *d, const char *file, struct ohc_error *err)
{
	if (!file)
		return 0;
	d->to_stdout = strcmp(file, "-") == 0;
	return d->to_stdout ? 0 : ohc_newfile_open_ahead(&d->file, file, 0644, err);
}

int ohc_digest_file_write(struct ohc_digest_file *d, const struct ohc_cli *cli, const char *digest,
			  struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *line = ohc_xasprintf("%s\n", digest);
	int rc;

	if (d->to_stdout)
		fputs(line, cli->out);
	if (!d->file.path)
		return 0;
	rc = ohc_newfile_begin(&d->file, err);
	if (rc == 0)
		rc = ohc_newfile_write(&d->file, line, strlen(line), err);
	if (rc == 0)
		rc = ohc_newfile_commit(&d->file, err);
	return rc < 0 ? ohc_error_wrap(err, rc, "the image %s is written, its digest file is not",
				       digest)
		      : 0;
}

void ohc_digest_file_close(struct ohc_digest_file *d)
{
	ohc_newfile_close(&d->file);
}
