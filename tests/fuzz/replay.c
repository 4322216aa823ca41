// SPDX-License-Identifier: Apache-2.0
/*
 * Gives a fuzz target every file of its corpus, as TAP, under any compiler: fuzz_NAME reads
 * tests/fuzz/corpus/NAME/, or the files that are its arguments.  A file that once crashed something
 * stays there, and is thereby tried for ever.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay(const char *path, int n)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf data = OHC_BUF_INIT;
	struct ohc_error err = OHC_ERROR_INIT;

	/* The name of a file that crashes is the last line of the output. */
	printf("# %s\n", path);
	fflush(stdout);
	if (ohc_file_read(path, 16 << 20, &data, &err) < 0) {
		printf("# %s\nnot ok %d - %s\n", err.msg, n, path);
		return 1;
	}
	LLVMFuzzerTestOneInput((const uint8_t *)data.data, data.len);
	printf("ok %d - %s\n", n, path);
	return 0;
}

static int replay_corpus(const char *program, int *n)
{
	const char *base = strrchr(program, '/');
	struct dirent **entries;
	char dir[256];
	int count, bad = 0;

	base = base ? base + 1 : program;
	snprintf(dir, sizeof(dir), "tests/fuzz/corpus/%s", base + strlen("fuzz_"));
	count = scandir(dir, &entries, NULL, alphasort);
	for (int i = 0; i < count; i++) {
		char path[512];

		snprintf(path, sizeof(path), "%s/%s", dir, entries[i]->d_name);
		if (entries[i]->d_name[0] != '.')
			bad |= replay(path, ++*n);
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
	return bad;
}

int main(int argc, char **argv)
{
	int n = 0, bad = 0;

	for (int i = 1; i < argc; i++)
		bad |= replay(argv[i], ++n);
	if (argc == 1)
		bad |= replay_corpus(argv[0], &n);
	printf("1..%d\n", n);
	return bad || n == 0;
}
