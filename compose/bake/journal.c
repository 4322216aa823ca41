// SPDX-License-Identifier: Apache-2.0
#include "compose/bake/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <search.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/file.h"
#include "core/interrupt.h"
#include "core/link.h"
#include "core/lock.h"
#include "core/output.h"
#include "oci/documents/digest.h"
#include "oci/documents/json.h"

#define LOCK_MS 1000 /* until a lock is somebody's who is still at work */

#define HEAD "{\"journal\":\"ohcompose bake\",\"version\":1}\n"

struct done {
	char *name, *key, *digest;
};

struct noted_layer {
	char *key, *text;
};

struct ohc_journal {
	int fd;
	bool read_only;
	char *path;
	pthread_mutex_t lock;
	void *tree; /* of struct done, by name; the last line of a name counts */
	size_t n, torn;
	struct noted_layer *layers; /* few: as many as payloads */
	size_t n_layers;
	struct ohc_making_notes notes;
	struct ohc_strv warnings; /* that were found, and not told */
	bool untold;              /* are there any in the file? */
};

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct done *)a)->name, ((const struct done *)b)->name);
}

static void free_done(void *p)
{
	struct done *d = p;

	free(d->name);
	free(d->key);
	free(d->digest);
	free(d);
}

static void keep(struct ohc_journal *j, const char *name, const char *key, const char *digest)
{
	struct done *d = ohc_xcalloc(1, sizeof(*d)), **at;

	d->name = ohc_xstrdup(name);
	d->key = ohc_xstrdup(key);
	d->digest = ohc_xstrdup(digest);
	at = tsearch(d, &j->tree, by_name);
	if (!at)
		abort(); /* no memory, as everywhere (core/alloc.h) */
	if (*at == d) {
		j->n++;
		return;
	}
	free_done(*at);
	*at = d;
}

static struct noted_layer *find_layer(const struct ohc_journal *j, const char *key)
{
	for (size_t i = 0; i < j->n_layers; i++)
		if (strcmp(j->layers[i].key, key) == 0)
			return &j->layers[i];
	return NULL;
}

/* Takes ownership of text. */
static void keep_layer(struct ohc_journal *j, const char *key, char *text)
{
	struct noted_layer *l = find_layer(j, key);

	if (!l) {
		j->layers = ohc_xrealloc(j->layers, j->n_layers + 1, sizeof(*j->layers));
		l = &j->layers[j->n_layers++];
		*l = (struct noted_layer){ .key = ohc_xstrdup(key) };
	}
	free(l->text);
	l->text = text;
}

static void read_line(struct ohc_journal *j, const char *p, size_t n)
{
	ohc_cleanup(ohc_json_decref) json_t *line = NULL;
	const char *name = NULL, *key = NULL, *digest = NULL, *text = NULL;
	json_t *is;

	if (ohc_json_parse(p, n, "journal", &line, NULL) < 0)
		j->torn++;
	else if (json_unpack(line, "{s:s, s:o}", "layer", &key, "is", &is) == 0)
		keep_layer(j, key, ohc_json_text(is));
	else if (json_unpack(line, "{s:s}", "warning", &text) == 0)
		ohc_strv_add(&j->warnings, text);
	else if (json_unpack(line, "{s:s}", "warnings", &text) == 0)
		ohc_strv_clear(&j->warnings);
	else if (json_unpack(line, "{s:s, s:s, s:s}", "name", &name, "key", &key, "digest",
			     &digest) < 0 ||
		 !ohc_digest_valid(digest))
		j->torn++;
	else
		keep(j, name, key, digest);
}

static bool is_of_other_version(const char *text, size_t n)
{
	ohc_cleanup(ohc_json_decref) json_t *line = NULL;
	const char *nl = memchr(text, '\n', n), *is = NULL;
	int version = 1;

	return nl && ohc_json_parse(text, (size_t)(nl - text), "journal", &line, NULL) == 0 &&
	       json_unpack(line, "{s:s, s:i}", "journal", &is, "version", &version) == 0 &&
	       strcmp(is, "ohcompose bake") == 0 && version != 1;
}

static int read_lines(struct ohc_journal *j, const struct ohc_buf *text, struct ohc_error *err)
{
	const char *p = ohc_buf_str(text), *end = p + text->len;
	size_t head = strlen(HEAD);

	if (is_of_other_version(p, text->len))
		return ohc_error_set(err, OHC_E_UNSUPPORTED,
				     "journal '%s' was written by another version of ohcompose: "
				     "name a new file, or remove this one",
				     j->path);
	if (text->len < head || memcmp(p, HEAD, head) != 0)
		return ohc_error_set(
			err, OHC_E_FORMAT,
			"'%s' is no journal of a bake: name a new file, or remove this one",
			j->path);
	for (p += head; p < end;) {
		const char *nl = memchr(p, '\n', (size_t)(end - p)), *stop = nl ? nl : end;

		if (stop > p)
			read_line(j, p, (size_t)(stop - p));
		p = nl ? nl + 1 : end;
	}
	return 0;
}

/* Ends the last line, so that the next row begins on a new one. */
static int end_line(struct ohc_journal *j, const struct ohc_buf *text, struct ohc_error *err)
{
	return text->data[text->len - 1] == '\n'
		       ? 0
		       : ohc_file_write_full(j->fd, "\n", 1, j->path, err);
}

static int load(struct ohc_journal *j, struct ohc_error *err)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf text = OHC_BUF_INIT;
	int rc = ohc_file_read(j->path, OHC_JOURNAL_MAX, &text, err);

	if (rc < 0)
		return rc;
	/* A kill may have torn the first line, too. */
	if (text.len < strlen(HEAD) && memcmp(HEAD, ohc_buf_str(&text), text.len) == 0)
		return j->read_only ? 0
		       : ftruncate(j->fd, 0) < 0
			       ? ohc_error_sys(err, "cannot write journal '%s'", j->path)
			       : ohc_file_write_full(j->fd, HEAD, strlen(HEAD), j->path, err);
	rc = read_lines(j, &text, err);
	return rc < 0 || j->read_only ? rc : end_line(j, &text, err);
}

/* A bake that was killed has it until the system is done with that process. */
static bool lock_soon(int fd)
{
	const int64_t end = ohc_clock_ms() + LOCK_MS;

	while (!ohc_lock_try(fd, OHC_LOCK_EXCLUSIVE)) {
		if (ohc_clock_ms() >= end || ohc_interrupt_check(NULL) < 0)
			return false;
		poll(NULL, 0, 20);
	}
	return true;
}

static int open_file(struct ohc_journal *j, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *real = NULL;
	struct stat st;
	int rc = ohc_link_follow(j->path, &real, err);

	if (rc < 0)
		return rc;
	j->fd = open(real,
		     (j->read_only ? O_RDONLY | O_NONBLOCK : O_RDWR | O_APPEND | O_CREAT) |
			     O_CLOEXEC | O_NOCTTY,
		     0644);
	if (j->fd < 0 && j->read_only && errno == ENOENT)
		return 0;
	if (j->fd < 0 || fstat(j->fd, &st) < 0)
		return ohc_error_sys(err, "cannot open journal '%s'", j->path);
	if (!S_ISREG(st.st_mode) || ohc_output_descriptor(real) >= 0)
		return ohc_error_set(err, OHC_E_USAGE,
				     "journal '%s' is not a regular file of its own", j->path);
	if (!j->read_only && !lock_soon(j->fd))
		return ohc_error_set(err, OHC_E_FAILED,
				     "another bake is using the journal '%s': wait for it, or name "
				     "another file",
				     j->path);
	return 0;
}

/* Writes each line by one write(2), so that a kill leaves whole lines; a full disk leaves none of
 * it.  Under the lock. */
static int add_line(struct ohc_journal *j, const json_t *line, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *text = ohc_json_text(line);
	ohc_cleanup(ohc_freep) char *whole = ohc_xasprintf("%s\n", text);
	struct stat before;
	int rc;

	if (fstat(j->fd, &before) < 0)
		return ohc_error_sys(err, "cannot write the journal '%s'", j->path);
	if (before.st_nlink == 0)
		return ohc_error_set(err, OHC_E_NOT_FOUND, "the journal '%s' was removed", j->path);
	rc = ohc_file_write_full(j->fd, whole, strlen(whole), j->path, err);
	if (rc < 0 && ftruncate(j->fd, before.st_size) < 0)
		return ohc_error_wrap(err, rc, "journal, which has a torn line now");
	return rc < 0 ? ohc_error_wrap(err, rc, "journal") : 0;
}

static char *find_note(void *ctx, const char *key)
{
	struct ohc_journal *j = ctx;
	const struct noted_layer *l;
	char *text;

	pthread_mutex_lock(&j->lock);
	l = find_layer(j, key);
	text = l ? ohc_xstrdup(l->text) : NULL;
	pthread_mutex_unlock(&j->lock);
	return text;
}

/* Where it cannot be written, the next image's own line tells. */
static void add_note(void *ctx, const char *key, const char *text)
{
	struct ohc_journal *j = ctx;
	ohc_cleanup(ohc_json_decref) json_t *line = NULL;
	json_t *is = NULL;

	if (ohc_json_parse(text, strlen(text), "journal", &is, NULL) < 0)
		return;
	line = json_pack("{s:o, s:o}", "layer", ohc_json_text_value(key), "is", is);
	pthread_mutex_lock(&j->lock);
	keep_layer(j, key, ohc_xstrdup(text));
	add_line(j, line, NULL);
	pthread_mutex_unlock(&j->lock);
}

const struct ohc_making_notes *ohc_journal_notes(struct ohc_journal *j)
{
	return j ? &j->notes : NULL;
}

static void closep(struct ohc_journal **j)
{
	ohc_journal_close(*j);
}

int ohc_journal_open(const char *path, bool read_only, struct ohc_report *report,
		     struct ohc_journal **ret, struct ohc_error *err)
{
	ohc_cleanup(closep) struct ohc_journal *j = ohc_xcalloc(1, sizeof(*j));
	int rc;

	j->fd = -1;
	j->read_only = read_only;
	j->path = ohc_xstrdup(path);
	j->notes = (struct ohc_making_notes){ .find = find_note, .note = add_note, .ctx = j };
	pthread_mutex_init(&j->lock, NULL);
	rc = open_file(j, err);
	if (rc == 0 && j->fd < 0)
		return 0;
	if (rc == 0)
		rc = load(j, err);
	if (rc < 0)
		return rc;
	j->untold = j->warnings.n > 0;
	if (j->torn)
		ohc_report_say(
			report, OHC_NOTICE,
			"journal '%s': %zu torn %s not counted; those images are asked for again",
			path, j->torn, j->torn == 1 ? "line is" : "lines are");
	*ret = ohc_take(j);
	return 0;
}

void ohc_journal_close(struct ohc_journal *j)
{
	if (!j)
		return;
	if (j->fd >= 0) {
		if (!j->read_only)
			fdatasync(j->fd);
		close(j->fd);
	}
	tdestroy(j->tree, free_done);
	for (size_t i = 0; i < j->n_layers; i++) {
		free(j->layers[i].key);
		free(j->layers[i].text);
	}
	free(j->layers);
	ohc_strv_clear(&j->warnings);
	pthread_mutex_destroy(&j->lock);
	free(j->path);
	free(j);
}

const char *ohc_journal_digest(const struct ohc_journal *j, const char *name, const char *key)
{
	struct done wanted = { .name = (char *)name }, *const * at;

	at = j ? tfind(&wanted, &j->tree, by_name) : NULL;
	return at && strcmp((*at)->key, key) == 0 ? (*at)->digest : NULL;
}

bool ohc_journal_has(const struct ohc_journal *j, const char *name)
{
	struct done wanted = { .name = (char *)name };

	return j && tfind(&wanted, &j->tree, by_name);
}

int ohc_journal_add(struct ohc_journal *j, const char *name, const char *key, const char *digest,
		    struct ohc_error *err)
{
	ohc_cleanup(ohc_json_decref) json_t *line = NULL;
	int rc;

	if (!j)
		return 0;
	line = json_pack("{s:o, s:s, s:s}", "name", ohc_json_text_value(name), "key", key, "digest",
			 digest);
	pthread_mutex_lock(&j->lock);
	rc = add_line(j, line, err);
	pthread_mutex_unlock(&j->lock);
	return rc;
}

const struct ohc_strv *ohc_journal_warnings(const struct ohc_journal *j)
{
	return &j->warnings;
}

/* One that cannot be noted is told all the same, unless the bake is killed. */
static void note_warning(struct ohc_journal *j, const char *member, const char *text, bool untold)
{
	ohc_cleanup(ohc_json_decref) json_t *line =
		json_pack("{s:o}", member, ohc_json_text_value(text));

	pthread_mutex_lock(&j->lock);
	if (untold || j->untold)
		add_line(j, line, NULL);
	j->untold = untold;
	pthread_mutex_unlock(&j->lock);
}

void ohc_journal_warn(struct ohc_journal *j, const char *text)
{
	if (j)
		note_warning(j, "warning", text, true);
}

void ohc_journal_told(struct ohc_journal *j)
{
	if (j)
		note_warning(j, "warnings", "told", false);
}

size_t ohc_journal_count(const struct ohc_journal *j)
{
	return j->n;
}
