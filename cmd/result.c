// SPDX-License-Identifier: Apache-2.0
#include <string.h>
#include <unistd.h>

#include "cmd/command.h"
#include "cmd/printable.h"
#include "core/alloc.h"
#include "oci/documents/name.h"

int ohc_digest_file_open(struct ohc_digest_file *d, const char *file, struct ohc_error *err)
{
	if (!file)
		return 0;
	d->to_stdout = strcmp(file, "-") == 0;
	return d->to_stdout ? 0 : ohc_newfile_open(&d->file, file, 0644, err);
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
	rc = ohc_newfile_write(&d->file, line, strlen(line), err);
	return rc < 0 ? rc : ohc_newfile_commit(&d->file, err);
}

void ohc_digest_file_close(struct ohc_digest_file *d)
{
	ohc_newfile_close(&d->file);
}

void ohc_cli_print_json(const struct ohc_cli *cli, const json_t *doc)
{
	ohc_cleanup(ohc_freep) char *text = ohc_json_text(doc);
	ohc_cleanup(ohc_buf_clear) struct ohc_buf line = OHC_BUF_INIT;

	ohc_printable_json(&line, text);
	fprintf(cli->out, "%s\n", ohc_buf_str(&line));
}

void ohc_cli_print_bytes(const struct ohc_cli *cli, const struct ohc_buf *bytes)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf text = OHC_BUF_INIT;

	if (isatty(fileno(cli->out)))
		ohc_printable_lines(&text, ohc_buf_str(bytes), bytes->len);
	else
		ohc_buf_add(&text, ohc_buf_str(bytes), bytes->len);
	fwrite(ohc_buf_str(&text), 1, text.len, cli->out);
}

void ohc_cli_spare_stdout(struct ohc_cli *cli, const char *dest)
{
	struct ohc_name name;

	if (ohc_name_parse(dest, &name, NULL) < 0)
		return;
	if (name.path && strcmp(name.path, "-") == 0)
		cli->out = stderr;
	ohc_name_clear(&name);
}
