// SPDX-License-Identifier: Apache-2.0
/*
 * Drives registry/ through the store interface, one operation a call, for the scripts beside it:
 *
 *	registry_driver [options] OPERATION ARGUMENT...
 *
 *	get NAME		the manifest's bytes to standard output
 *	put NAME FILE TYPE	a manifest
 *	delete NAME
 *	tags NAME		a line each
 *	referrers NAME DIGEST	the index
 *	has NAME DIGEST		"yes" or "no"
 *	read NAME DIGEST SIZE	the blob to standard output
 *	write NAME FILE...	blobs, in parallel; a line "DIGEST SIZE" each
 *	mount TO FROM[,FROM...] DIGEST SIZE	"mounted" or "not mounted"
 *	copy TO FROM DIGEST SIZE	a blob through this process
 *
 *	--unknown  digest and size are not told before     --once  the source cannot seek
 *	--slow MS  the source waits that long every 64 KiB
 */
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/cache.h"
#include "core/file.h"
#include "core/interrupt.h"
#include "core/parallel.h"
#include "registry/registry.h"

static struct ohc_registry_options options;
static struct ohc_strv mirrors;
static struct ohc_registry *client;
static bool unknown, once;
static unsigned int slow_ms;
static size_t jobs = 4;

static void message(struct ohc_report *r, enum ohc_level level, const char *text)
{
	(void)r;
	fprintf(stderr, "%d: %s\n", level, text);
}

static const struct ohc_report_ops report_ops = { .message = message };
static struct ohc_report report = { &report_ops, OHC_NOTICE };

static int open_repo(const char *text, struct ohc_name *name, struct ohc_store **ret,
		     struct ohc_error *err)
{
	int rc = ohc_name_parse(text, name, err);

	return rc < 0 ? rc : ohc_registry_open(client, name, ret, err);
}

/* A source that can be read once only, and slowly. */
struct stream {
	struct ohc_source source;
	struct ohc_source *below;
};

static ssize_t stream_read(struct ohc_source *src, void *buf, size_t n, struct ohc_error *err)
{
	struct stream *s = (struct stream *)src;
	struct timespec ts = { 0, (long)slow_ms * 1000000 };

	if (slow_ms)
		nanosleep(&ts, NULL);
	return ohc_source_read(s->below, buf, n < 65536 ? n : 65536, err);
}

static void stream_close(struct ohc_source *src)
{
	ohc_source_close(((struct stream *)src)->below);
	free(src);
}

static struct ohc_source *stream(struct ohc_source *below)
{
	static const struct ohc_source_ops ops = { stream_read, NULL, stream_close };
	struct stream *s = ohc_xcalloc(1, sizeof(*s));

	s->source.ops = &ops;
	s->below = below;
	return &s->source;
}

static int describe(const char *path, struct ohc_descriptor *d, struct ohc_error *err)
{
	ohc_cleanup(ohc_hash_freep) struct ohc_hash *h = ohc_hash_new(OHC_SHA256);
	ohc_cleanup(ohc_source_closep) struct ohc_source *src = NULL;
	ohc_cleanup(ohc_freep) char *buf = ohc_xmalloc(1 << 16);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int64_t size = 0;
	ssize_t n;
	char digest[OHC_DIGEST_MAX];

	if (fd < 0)
		return ohc_error_sys(err, "cannot open '%s'", path);
	src = ohc_source_fd(fd, path);
	while ((n = ohc_source_read(src, buf, 1 << 16, err)) > 0) {
		ohc_hash_update(h, buf, (size_t)n);
		size += n;
	}
	ohc_digest_end(h, OHC_SHA256, digest);
	ohc_descriptor_set(d, OHC_MEDIA_OCI_LAYER_GZIP, digest, size);
	return (int)n;
}

static int do_get(struct ohc_store *s, const struct ohc_name *name, char **argv,
		  struct ohc_error *err)
{
	ohc_cleanup(ohc_document_clear) struct ohc_document doc = OHC_DOCUMENT_INIT;
	int rc = ohc_store_get_manifest(s, ohc_name_ref(name), &doc, err);

	(void)argv;
	if (rc == 0)
		fwrite(doc.bytes.data, 1, doc.bytes.len, stdout);
	return rc;
}

static int do_put(struct ohc_store *s, const struct ohc_name *name, char **argv,
		  struct ohc_error *err)
{
	ohc_cleanup(ohc_document_clear) struct ohc_document doc = OHC_DOCUMENT_INIT;
	int rc = ohc_file_read(argv[0], OHC_DOCUMENT_MAX, &doc.bytes, err);

	if (rc < 0)
		return rc;
	ohc_descriptor_of(&doc.d, argv[1], ohc_buf_str(&doc.bytes), doc.bytes.len);
	rc = ohc_store_put_manifest(s, name->tag, &doc, err);
	if (rc == 0)
		printf("%s %lld\n", doc.d.digest, (long long)doc.d.size);
	return rc;
}

static int do_delete(struct ohc_store *s, const struct ohc_name *name, char **argv,
		     struct ohc_error *err)
{
	(void)argv;
	return ohc_store_delete_manifest(s, ohc_name_ref(name), err);
}

static int do_tags(struct ohc_store *s, const struct ohc_name *name, char **argv,
		   struct ohc_error *err)
{
	ohc_cleanup(ohc_strv_clear) struct ohc_strv tags = OHC_STRV_INIT;
	int rc = ohc_store_list_tags(s, &tags, err);

	(void)name;
	(void)argv;
	for (size_t i = 0; i < tags.n; i++)
		puts(tags.v[i]);
	return rc;
}

static int do_referrers(struct ohc_store *s, const struct ohc_name *name, char **argv,
			struct ohc_error *err)
{
	ohc_cleanup(ohc_document_clear) struct ohc_document doc = OHC_DOCUMENT_INIT;
	int rc = ohc_store_get_referrers(s, argv[0], &doc, err);

	(void)name;
	if (rc == 0)
		puts(ohc_buf_str(&doc.bytes));
	return rc;
}

static int do_has(struct ohc_store *s, const struct ohc_name *name, char **argv,
		  struct ohc_error *err)
{
	struct ohc_descriptor d;
	bool there = false;
	int rc;

	(void)name;
	ohc_descriptor_set(&d, "", argv[0], 0);
	rc = ohc_store_has_blob(s, &d, &there, err);
	if (rc == 0)
		puts(there ? "yes" : "no");
	return rc;
}

static int do_read(struct ohc_store *s, const struct ohc_name *name, char **argv,
		   struct ohc_error *err)
{
	ohc_cleanup(ohc_source_closep) struct ohc_source *src = NULL;
	ohc_cleanup(ohc_freep) char *buf = ohc_xmalloc(1 << 18);
	struct ohc_descriptor d;
	ssize_t n;
	int rc;

	(void)name;
	ohc_descriptor_set(&d, "", argv[0], atoll(argv[1]));
	rc = ohc_store_open_blob(s, &d, &src, err);
	if (rc < 0)
		return rc;
	while ((n = ohc_source_read(src, buf, 1 << 18, err)) > 0)
		fwrite(buf, 1, (size_t)n, stdout);
	return (int)n;
}

struct writes {
	struct ohc_store *s;
	char **files;
};

static int write_one(void *ctx, size_t i, struct ohc_error *err)
{
	struct writes *w = ctx;
	ohc_cleanup(ohc_source_closep) struct ohc_source *src = NULL;
	struct ohc_descriptor d, written;
	int fd = -1, rc = unknown ? 0 : describe(w->files[i], &d, err);

	if (rc == 0)
		fd = open(w->files[i], O_RDONLY | O_CLOEXEC);
	if (rc == 0 && fd < 0)
		rc = ohc_error_sys(err, "cannot open '%s'", w->files[i]);
	if (rc < 0)
		return rc;
	src = ohc_source_fd(fd, w->files[i]);
	if (once || slow_ms)
		src = stream(src);
	rc = ohc_store_put_blob(w->s, src, unknown ? NULL : &d, OHC_MEDIA_OCI_LAYER_GZIP, &written,
				err);
	if (rc == 0)
		printf("%s %lld\n", written.digest, (long long)written.size);
	return rc;
}

static int do_write(struct ohc_store *s, const struct ohc_name *name, char **argv,
		    struct ohc_error *err)
{
	struct writes w = { s, argv };
	size_t n = 0;

	(void)name;
	while (argv[n])
		n++;
	return ohc_parallel(n, jobs, write_one, &w, err);
}

static int other(char **argv, struct ohc_store **ret, struct ohc_descriptor *d,
		 struct ohc_error *err)
{
	ohc_cleanup(ohc_name_clear) struct ohc_name name = { 0 };
	int rc = open_repo(argv[0], &name, ret, err);

	if (rc < 0)
		return rc;
	ohc_descriptor_set(d, OHC_MEDIA_OCI_LAYER_GZIP, argv[1], atoll(argv[2]));
	return 0;
}

/* From the first of the repositories, which commas separate, that gives it. */
static int do_mount(struct ohc_store *s, const struct ohc_name *name, char **argv,
		    struct ohc_error *err)
{
	char *save = NULL, *rest[] = { strtok_r(argv[0], ",", &save), argv[1], argv[2] };
	struct ohc_descriptor d;
	bool done = false;
	int rc = 0;

	(void)name;
	while (rc == 0 && !done && rest[0]) {
		ohc_cleanup(ohc_store_closep) struct ohc_store *from = NULL;

		rc = other(rest, &from, &d, err);
		if (rc == 0)
			rc = ohc_store_mount_blob(s, &d, from, &done, err);
		rest[0] = strtok_r(NULL, ",", &save);
	}
	if (rc == 0)
		puts(done ? "mounted" : "not mounted");
	return rc;
}

static int do_copy(struct ohc_store *s, const struct ohc_name *name, char **argv,
		   struct ohc_error *err)
{
	ohc_cleanup(ohc_store_closep) struct ohc_store *from = NULL;
	ohc_cleanup(ohc_source_closep) struct ohc_source *src = NULL;
	struct ohc_descriptor d;
	bool done = false;
	int rc = other(argv, &from, &d, err);

	(void)name;
	if (rc == 0)
		rc = ohc_store_mount_blob(s, &d, from, &done, err);
	if (rc < 0 || done)
		return rc;
	rc = ohc_store_open_blob(from, &d, &src, err);
	return rc < 0 ? rc : ohc_store_put_blob(s, src, &d, NULL, NULL, err);
}

static const struct {
	const char *name;
	int args;
	int (*run)(struct ohc_store *s, const struct ohc_name *name, char **argv,
		   struct ohc_error *err);
} operations[] = {
	{ "get", 0, do_get },
	{ "put", 2, do_put },
	{ "delete", 0, do_delete },
	{ "tags", 0, do_tags },
	{ "referrers", 1, do_referrers },
	{ "has", 1, do_has },
	{ "read", 2, do_read },
	{ "write", 1, do_write },
	{ "mount", 3, do_mount },
	{ "copy", 3, do_copy },
};

static const struct option longs[] = {
	{ "creds", 1, NULL, 'c' },   { "authfile", 1, NULL, 'a' }, { "insecure", 0, NULL, 'i' },
	{ "ca-file", 1, NULL, 'C' }, { "cert", 1, NULL, 'e' },     { "key", 1, NULL, 'k' },
	{ "mirror", 1, NULL, 'm' },  { "retry", 1, NULL, 'r' },    { "timeout", 1, NULL, 't' },
	{ "verbose", 0, NULL, 'v' }, { "jobs", 1, NULL, 'j' },     { "unknown", 0, NULL, 'u' },
	{ "cache", 1, NULL, 'h' },   { "once", 0, NULL, 'o' },     { "slow", 1, NULL, 's' },
	{ "stats", 0, NULL, 'S' },   { NULL, 0, NULL, 0 },
};

static bool stats;

static int parse(int argc, char **argv)
{
	char *colon;
	int c;

	while ((c = getopt_long(argc, argv, "+v", longs, NULL)) != -1)
		switch (c) {
		case 'c':
			colon = strchr(optarg, ':');
			if (colon)
				*colon = '\0';
			options.user = optarg;
			options.password = colon ? colon + 1 : "";
			break;
		case 'a':
			options.authfile = optarg;
			break;
		case 'i':
			options.insecure = true;
			break;
		case 'C':
			options.ca_file = optarg;
			break;
		case 'e':
			options.cert_file = optarg;
			break;
		case 'k':
			options.key_file = optarg;
			break;
		case 'm':
			ohc_strv_add(&mirrors, optarg);
			options.mirrors = &mirrors;
			break;
		case 'r':
			options.retries =
				atoi(optarg) ? (unsigned int)atoi(optarg) : OHC_RETRIES_NONE;
			break;
		case 't':
			options.timeout = (unsigned int)atoi(optarg);
			break;
		case 'v':
			report.level++;
			break;
		case 'j':
			jobs = (size_t)atoi(optarg);
			break;
		case 'u':
			unknown = true;
			break;
		case 'h':
			ohc_cache_open(optarg, 0, &report, &options.hosts);
			break;
		case 'o':
			once = true;
			break;
		case 's':
			slow_ms = (unsigned int)atoi(optarg);
			break;
		case 'S':
			stats = true;
			break;
		default:
			return -1;
		}
	return optind;
}

static int run(int argc, char **argv, struct ohc_error *err)
{
	ohc_cleanup(ohc_store_closep) struct ohc_store *s = NULL;
	ohc_cleanup(ohc_name_clear) struct ohc_name name = { 0 };
	int rc;

	for (size_t i = 0; i < OHC_ARRAY_SIZE(operations); i++) {
		if (argc < 2 || strcmp(argv[0], operations[i].name) != 0 ||
		    argc < 2 + operations[i].args)
			continue;
		rc = open_repo(argv[1], &name, &s, err);
		if (rc < 0)
			return rc;
		rc = operations[i].run(s, &name, argv + 2, err);
		if (stats)
			fprintf(stderr, "requests %llu, uploaded %llu\n",
				(unsigned long long)atomic_load(&s->stats.requests),
				(unsigned long long)atomic_load(&s->stats.uploaded));
		return rc;
	}
	return ohc_error_set(err, OHC_E_USAGE, "no such operation, or too few arguments");
}

int main(int argc, char **argv)
{
	struct ohc_error err = OHC_ERROR_INIT;
	int at, rc;

	ohc_interrupt_init();
	options.report = &report;
	at = parse(argc, argv);
	if (at < 0)
		return 2;
	client = ohc_registry_new(&options);
	rc = run(argc - at, argv + at, &err);
	ohc_registry_free(client);
	ohc_cache_close(options.hosts);
	ohc_strv_clear(&mirrors);
	if (rc < 0)
		fprintf(stderr, "registry_driver: %s\n", err.msg);
	return ohc_error_exit_status(rc);
}
