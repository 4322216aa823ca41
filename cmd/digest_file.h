/* SPDX-License-Identifier: Apache-2.0 */
/* --digest-file: the digest of what was pushed, in a file for scripts. */
#ifndef OHC_CMD_DIGEST_FILE_H
#define OHC_CMD_DIGEST_FILE_H

#include "cmd/cli.h"
#include "core/newfile.h"

/* Looked at before the work begins, so that nothing is pushed whose digest cannot be written; the
 * file appears when it is.  file may be "-", which is cli->out, or NULL, which is
 * nowhere. */
struct ohc_digest_file {
	struct ohc_newfile file;
	bool to_stdout;
};

#define OHC_DIGEST_FILE_INIT              \
	{                                 \
		.file = OHC_NEWFILE_INIT, \
	}

int ohc_digest_file_open(struct ohc_digest_file *d, const char *file, struct ohc_error *err);
int ohc_digest_file_write(struct ohc_digest_file *d, const struct ohc_cli *cli, const char *digest,
			  struct ohc_error *err);
void ohc_digest_file_close(struct ohc_digest_file *d);

#endif
