// SPDX-License-Identifier: Apache-2.0
/*
 * The least that it takes to make a layer of a directory: walk it, read every file, write headers
 * and data of a tar, hash that, compress it, hash what comes of it, write it to a file.  No tar
 * library, no attributes, no hard links, no second look at a file, no memory of it, no error that
 * would be of help; the same hashes and the same compressor on as many threads as we use
 * (tests/bench/floor.sh tells ohcompose's ratio to it).
 *
 * usage: floor DIR FILE
 */
#include <dirent.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#ifdef HAVE_ISAL
#include <isa-l.h>
#else
#include <zlib.h>
#endif

#define BLOCK (512 * 1024)
#define SLOTS 16
#define ROOM  (BLOCK + BLOCK / 8 + 1024)

/* Blocks in a circle: each is filled, hashed and compressed, and written, in turn. */
static struct slot {
	unsigned char in[BLOCK], out[ROOM];
	size_t n, out_n;
	uint32_t crc;
	bool hashed, compressed;
} slots[SLOTS];

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t moved = PTHREAD_COND_INITIALIZER;
static size_t filled, hashed, taken, written; /* blocks so far */
static bool all_filled;

static void die(const char *what)
{
	perror(what);
	exit(1);
}

/* --- the tar --- */

static struct slot *filling;

static void next_slot(void)
{
	pthread_mutex_lock(&lock);
	while (filled - written == SLOTS)
		pthread_cond_wait(&moved, &lock);
	filling = &slots[filled % SLOTS];
	filling->n = 0;
	filling->hashed = filling->compressed = false;
	pthread_mutex_unlock(&lock);
}

static void slot_filled(bool last)
{
	pthread_mutex_lock(&lock);
	filled++;
	all_filled = last;
	pthread_cond_broadcast(&moved);
	pthread_mutex_unlock(&lock);
	filling = NULL;
}

static unsigned char *room(size_t *ret)
{
	if (filling && filling->n == BLOCK)
		slot_filled(false);
	if (!filling)
		next_slot();
	*ret = BLOCK - filling->n;
	return filling->in + filling->n;
}

static void put(const void *data, size_t n)
{
	for (const char *p = data; n > 0;) {
		size_t some;
		unsigned char *to = room(&some);

		some = some < n ? some : n;
		memcpy(to, p, some);
		filling->n += some;
		p += some;
		n -= some;
	}
}

static void put_header(const char *path, const struct stat *st, char type, const char *link)
{
	unsigned char h[512] = { 0 };
	const char *slash = strlen(path) > 100 ? strchr(path + strlen(path) - 101, '/') : NULL;
	unsigned int sum = 0;

	/* A path that a ustar header has no room for is cut: nobody will unpack this. */
	snprintf((char *)h, 100, "%s", slash ? slash + 1 : path);
	snprintf((char *)h + 100, 8, "%07o", st->st_mode & 07777);
	snprintf((char *)h + 108, 8, "%07o", 1000);
	snprintf((char *)h + 116, 8, "%07o", 1000);
	snprintf((char *)h + 124, 12, "%011llo",
		 (unsigned long long)(type == '0' ? st->st_size : 0));
	snprintf((char *)h + 136, 12, "%011llo", (unsigned long long)st->st_mtime);
	h[156] = (unsigned char)type;
	if (link)
		snprintf((char *)h + 157, 100, "%s", link);
	memcpy(h + 257, "ustar\00000", 8);
	if (slash)
		memcpy(h + 345, path, (size_t)(slash - path) < 155 ? (size_t)(slash - path) : 155);
	memset(h + 148, ' ', 8);
	for (size_t i = 0; i < sizeof(h); i++)
		sum += h[i];
	snprintf((char *)h + 148, 8, "%06o", sum);
	put(h, sizeof(h));
}

static void put_data(int fd, off_t size)
{
	static const char zeros[512];
	size_t some;

	for (off_t left = size; left > 0;) {
		unsigned char *to = room(&some);
		ssize_t n = read(fd, to, (off_t)some < left ? some : (size_t)left);

		if (n <= 0)
			die("read");
		filling->n += (size_t)n;
		left -= n;
	}
	put(zeros, (size_t)(-size & 511));
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void walk(int fd, const char *path);

static void put_entry(int dir, const char *name, const char *path)
{
	struct stat st;
	char link[4096];
	int fd;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		die(path);
	if (S_ISLNK(st.st_mode)) {
		ssize_t n = readlinkat(dir, name, link, sizeof(link) - 1);

		link[n > 0 ? n : 0] = '\0';
		put_header(path, &st, '2', link);
		return;
	}
	fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		die(path);
	put_header(path, &st, S_ISDIR(st.st_mode) ? '5' : '0', NULL);
	if (S_ISDIR(st.st_mode))
		walk(fd, path);
	else
		put_data(fd, st.st_size);
	close(fd);
}

static void walk(int fd, const char *path)
{
	DIR *d = fdopendir(dup(fd));
	struct dirent *e;
	char **names = NULL;
	size_t n = 0;

	while (d && (e = readdir(d))) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		if ((n & (n - 1)) == 0)
			names = realloc(names, (n ? 2 * n : 1) * sizeof(*names));
		names[n++] = strdup(e->d_name);
	}
	qsort(names, n, sizeof(*names), by_name);
	for (size_t i = 0; i < n; i++) {
		char below[8192];

		snprintf(below, sizeof(below), "%s/%s", path, names[i]);
		put_entry(fd, names[i], below);
		free(names[i]);
	}
	free(names);
	closedir(d);
}

/* --- what becomes of it --- */

static void print_digest(EVP_MD_CTX *h, const char *what)
{
	unsigned char md[32];

	EVP_DigestFinal_ex(h, md, NULL);
	printf("%s ", what);
	for (size_t i = 0; i < sizeof(md); i++)
		printf("%02x", md[i]);
	printf("\n");
}

static void *hash_blocks(void *arg)
{
	EVP_MD_CTX *h = arg;

	for (;;) {
		struct slot *s;

		pthread_mutex_lock(&lock);
		while (hashed == filled && !all_filled)
			pthread_cond_wait(&moved, &lock);
		s = hashed < filled ? &slots[hashed++ % SLOTS] : NULL;
		pthread_mutex_unlock(&lock);
		if (!s)
			return NULL;
		EVP_DigestUpdate(h, s->in, s->n);
		pthread_mutex_lock(&lock);
		s->hashed = true;
		pthread_cond_broadcast(&moved);
		pthread_mutex_unlock(&lock);
	}
}

#ifdef HAVE_ISAL
static void compress_block(struct slot *s)
{
	static __thread struct isal_zstream z;
	static __thread uint8_t buf[ISAL_DEF_LVL2_DEFAULT];

	isal_deflate_init(&z);
	z.level = 2;
	z.level_buf = buf;
	z.level_buf_size = sizeof(buf);
	z.flush = SYNC_FLUSH;
	z.next_in = s->in;
	z.avail_in = (uint32_t)s->n;
	z.next_out = s->out;
	z.avail_out = ROOM;
	if (isal_deflate(&z) != COMP_OK)
		abort();
	s->out_n = z.total_out;
	s->crc = crc32_gzip_refl(0, s->in, s->n);
}
#else
static void compress_block(struct slot *s)
{
	z_stream z = {
		.next_in = s->in, .avail_in = (uInt)s->n, .next_out = s->out, .avail_out = ROOM
	};

	deflateInit2(&z, 1, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY);
	deflate(&z, Z_SYNC_FLUSH);
	s->out_n = z.total_out;
	deflateEnd(&z);
	s->crc = (uint32_t)crc32(0, s->in, (uInt)s->n);
}
#endif

static void *compress_blocks(void *arg)
{
	for (;;) {
		struct slot *s;

		pthread_mutex_lock(&lock);
		while (taken == filled && !all_filled)
			pthread_cond_wait(&moved, &lock);
		s = taken < filled ? &slots[taken++ % SLOTS] : NULL;
		pthread_mutex_unlock(&lock);
		if (!s)
			return arg;
		compress_block(s);
		pthread_mutex_lock(&lock);
		s->compressed = true;
		pthread_cond_broadcast(&moved);
		pthread_mutex_unlock(&lock);
	}
}

static void *write_blocks(void *arg)
{
	EVP_MD_CTX *h = EVP_MD_CTX_new();
	int fd = *(int *)arg;

	EVP_DigestInit_ex(h, EVP_sha256(), NULL);
	for (;;) {
		struct slot *s = &slots[written % SLOTS];

		pthread_mutex_lock(&lock);
		while (written == filled ? !all_filled : !s->hashed || !s->compressed)
			pthread_cond_wait(&moved, &lock);
		pthread_mutex_unlock(&lock);
		if (written == filled)
			break;
		EVP_DigestUpdate(h, s->out, s->out_n);
		if (write(fd, s->out, s->out_n) != (ssize_t)s->out_n)
			die("write");
		pthread_mutex_lock(&lock);
		written++;
		pthread_cond_broadcast(&moved);
		pthread_mutex_unlock(&lock);
	}
	print_digest(h, "compressed");
	return arg;
}

int main(int argc, char **argv)
{
	static const char end[1024];
	EVP_MD_CTX *h = EVP_MD_CTX_new();
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	pthread_t threads[10];
	size_t n = 0;
	int fd = argc == 3 ? open(argv[2], O_WRONLY | O_CREAT | O_TRUNC, 0644) : -1;

	if (fd < 0)
		die("floor DIR FILE");
	EVP_DigestInit_ex(h, EVP_sha256(), NULL);
	pthread_create(&threads[n++], NULL, hash_blocks, h);
	pthread_create(&threads[n++], NULL, write_blocks, &fd);
	for (long i = 0; i < processors && i < 8; i++)
		pthread_create(&threads[n++], NULL, compress_blocks, NULL);
	put_entry(AT_FDCWD, argv[1], "openhands");
	put(end, sizeof(end));
	slot_filled(true);
	while (n > 0)
		pthread_join(threads[--n], NULL);
	print_digest(h, "plain");
	return close(fd) < 0;
}
