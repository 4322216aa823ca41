// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "cmd/command.h"
#include "core/alloc.h"
#include "core/file.h"
#include "oci/documents/name.h"

int ohc_cli_write_digest(const struct ohc_cli *cli, const char *file, const char *digest,
			 struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *line = ohc_xasprintf("%s\n", digest);

	if (strcmp(file, "-") != 0)
		return ohc_write_file(file, line, strlen(line), 0644, err);
	fputs(line, cli->out);
	return 0;
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
