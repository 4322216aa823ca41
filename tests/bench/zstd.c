// SPDX-License-Identifier: Apache-2.0
/*
 * Compresses a file by zstd in the two ways that use all processors: blocks of 512 KiB, each a
 * frame of its own, by as many threads (ours), and one frame by zstd's own pool of threads.  Prints
 * what came of it, in bytes (tests/bench/zstd.sh measures and compares).
 *
 * usage: zstd frames|pool LEVEL THREADS FILE
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <zstd.h>

#define BLOCK (512 * 1024)

static const char *data;
static size_t size;
static int level;
static atomic_size_t next, written;

static void must(size_t rc)
{
	if (!ZSTD_isError(rc))
		return;
	fprintf(stderr, "zstd: %s\n", ZSTD_getErrorName(rc));
	exit(1);
}

static ZSTD_CCtx *context(int workers)
{
	ZSTD_CCtx *c = ZSTD_createCCtx();

	must(ZSTD_CCtx_setParameter(c, ZSTD_c_compressionLevel, level));
	must(ZSTD_CCtx_setParameter(c, ZSTD_c_checksumFlag, 1));
	must(ZSTD_CCtx_setParameter(c, ZSTD_c_nbWorkers, workers));
	return c;
}

static void *frames(void *unused)
{
	ZSTD_CCtx *c = context(0);
	size_t room = ZSTD_compressBound(BLOCK), at, rc;
	char *out = malloc(room);

	(void)unused;
	while ((at = atomic_fetch_add(&next, BLOCK)) < size) {
		rc = ZSTD_compress2(c, out, room, data + at, size - at < BLOCK ? size - at : BLOCK);
		must(rc);
		atomic_fetch_add(&written, rc);
	}
	free(out);
	ZSTD_freeCCtx(c);
	return NULL;
}

static void run_frames(int threads)
{
	pthread_t t[64];

	for (int i = 0; i < threads; i++)
		if (pthread_create(&t[i], NULL, frames, NULL))
			exit(1);
	for (int i = 0; i < threads; i++)
		pthread_join(t[i], NULL);
}

static void run_pool(int threads)
{
	ZSTD_CCtx *c = context(threads);
	size_t room = ZSTD_CStreamOutSize(), left = 1;
	char *out = malloc(room);

	for (size_t at = 0; at < size || left; at += BLOCK) {
		size_t n = at >= size ? 0 : size - at < BLOCK ? size - at : BLOCK;
		ZSTD_EndDirective end = at + n >= size ? ZSTD_e_end : ZSTD_e_continue;
		ZSTD_inBuffer ib = { data + (n ? at : 0), n, 0 };

		do {
			ZSTD_outBuffer ob = { out, room, 0 };

			left = ZSTD_compressStream2(c, &ob, &ib, end);
			must(left);
			written += ob.pos;
		} while (end == ZSTD_e_end ? left : ib.pos < ib.size);
	}
	free(out);
	ZSTD_freeCCtx(c);
}

int main(int argc, char **argv)
{
	int fd = argc == 5 ? open(argv[4], O_RDONLY) : -1, threads;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0) {
		fprintf(stderr, "usage: zstd frames|pool LEVEL THREADS FILE\n");
		return 2;
	}
	level = atoi(argv[2]);
	threads = atoi(argv[3]);
	size = (size_t)st.st_size;
	data = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (data == MAP_FAILED || threads < 1 || threads > 64)
		return 1;
	if (strcmp(argv[1], "pool") == 0)
		run_pool(threads);
	else
		run_frames(threads);
	printf("%zu\n", (size_t)written);
	return 0;
}
