// SPDX-License-Identifier: Apache-2.0
/* Adds launchers to the payload: one program by many names, and its configuration. */
#include <string.h>
#include <sys/stat.h>

#include "core/alloc.h"
#include "core/path.h"
#include "layout/launcher/binary.h"
#include "layout/launcher/line.h"
#include "layout/launcher/launchers.h"

#define HEAD                                                                    \
	"# What the launchers do: NAME: [SETTING ...] PROGRAM [ARGUMENT ...]\n" \
	"# See ohcompose-launchers(5).  They read it whenever they are started.\n"

/* Writes a word as it is where that reads the same, else within quotes. */
static void put_word(struct ohc_buf *b, const char *word)
{
	if (*word && !strpbrk(word, " \t'\"\\")) {
		ohc_buf_adds(b, word);
	} else if (!strchr(word, '\'')) {
		ohc_buf_addf(b, "'%s'", word);
	} else {
		ohc_buf_addc(b, '"');
		for (; *word; word++) {
			if (*word == '"' || *word == '\\')
				ohc_buf_addc(b, '\\');
			ohc_buf_addc(b, *word);
		}
		ohc_buf_addc(b, '"');
	}
}

static void put_words(struct ohc_buf *b, const struct ohc_strv *words)
{
	for (size_t i = 0; i < words->n; i++) {
		ohc_buf_addc(b, ' ');
		put_word(b, words->v[i]);
	}
}

static int by_name(const void *a, const void *b)
{
	const struct ohc_launcher *const *x = a, *const *y = b;

	return strcmp((*x)->name, (*y)->name);
}

/* Sorts the launchers by name; the caller frees the list. */
static const struct ohc_launcher **sorted(const struct ohc_launchers *l)
{
	const struct ohc_launcher **v = ohc_xcalloc(l->n + 1, sizeof(*v));

	for (size_t i = 0; i < l->n; i++)
		v[i] = &l->v[i];
	qsort(v, l->n, sizeof(*v), by_name);
	return v;
}

int ohc_launchers_text(const struct ohc_launchers *l, struct ohc_buf *ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) const struct ohc_launcher **v = sorted(l);

	ohc_buf_adds(ret, HEAD);
	/* Writes a line for each setting, because they are long. */
	for (size_t i = 0; i < l->common.n; i++) {
		ohc_buf_adds(ret, "*: ");
		put_word(ret, l->common.v[i]);
		ohc_buf_addc(ret, '\n');
	}
	for (size_t i = 0; i < l->n; i++) {
		ohc_buf_addf(ret, "%s:", v[i]->name);
		put_words(ret, &v[i]->settings);
		ohc_buf_addc(ret, ' ');
		put_word(ret, v[i]->program);
		put_words(ret, &v[i]->args);
		ohc_buf_addc(ret, '\n');
	}
	if (ret->len > OHC_LAUNCHERS_MAX)
		return ohc_error_set(err, OHC_E_FORMAT,
				     "the file of launchers has %zu bytes, more than the %d that "
				     "a launcher reads",
				     ret->len, OHC_LAUNCHERS_MAX);
	return 0;
}

char *ohc_launchers_program(const char *program, const char *prefix)
{
	const char *p = program;
	ohc_cleanup(ohc_buf_clear) struct ohc_buf b = OHC_BUF_INIT;

	if (strncmp(p, "$PREFIX/", 8) == 0)
		p += 8;
	else if (*p == '/')
		return ohc_xstrdup(p);
	ohc_buf_adds(&b, prefix);
	while (*p) {
		size_t n = strcspn(p, "/");

		if (n && !(n == 1 && *p == '.')) {
			ohc_buf_addc(&b, '/');
			ohc_buf_add(&b, p, n);
		}
		p += n + (p[n] == '/');
	}
	return ohc_buf_detach(&b);
}

/* The launcher that lies at an absolute path, or NULL. */
static const struct ohc_launcher *launcher_at(const struct ohc_launchers *l, const char *prefix,
					      const char *path)
{
	size_t n = strlen(prefix);

	if (strncmp(path, prefix, n) != 0 || strncmp(path + n, "/bin/", 5) != 0)
		return NULL;
	return ohc_launchers_find(l, path + n + 5);
}

static int check_file(const struct ohc_launcher *l, const char *path, mode_t mode,
		      struct ohc_error *err)
{
	if (!mode)
		return ohc_error_set(err, OHC_E_NOT_FOUND,
				     "launcher '%s' starts '%s', which is not in the payload",
				     l->name, path);
	if (S_ISLNK(mode) || (S_ISREG(mode) && (mode & 0111)))
		return 0;
	return ohc_error_set(err, OHC_E_FORMAT, "launcher '%s' starts '%s', which is %s", l->name,
			     path, S_ISDIR(mode) ? "a directory" : "no file that may be executed");
}

/* A launcher may start another one, as long as there is a program at the end. */
static int check_end(const struct ohc_launchers *l, const struct ohc_launcher *one,
		     const char *prefix, const struct ohc_assembly *b, struct ohc_error *err)
{
	const struct ohc_launcher *at = one, *next;

	for (size_t i = 0; i <= l->n; i++, at = next) {
		ohc_cleanup(ohc_freep) char *path = ohc_launchers_program(at->program, prefix);

		next = launcher_at(l, prefix, path);
		if (next)
			continue;
		if (!ohc_path_below(path, prefix) || strchr(at->program + 1, '$'))
			return 0;
		return check_file(at, path, ohc_assembly_find(b, path).mode, err);
	}
	return ohc_error_set(err, OHC_E_FORMAT, "launcher '%s' starts itself in the end",
			     one->name);
}

int ohc_launchers_check(const struct ohc_launchers *l, const char *name, const char *prefix,
			const struct ohc_assembly *b, struct ohc_error *err)
{
	return check_end(l, ohc_launchers_find(l, name), prefix, b, err);
}

static int add_program(const struct ohc_launchers *l, const char *arch, const char *prefix,
		       struct ohc_assembly *b, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) const struct ohc_launcher **v = sorted(l);
	ohc_cleanup(ohc_freep) char *first = ohc_xasprintf("%s/bin/%s", prefix, v[0]->name);
	struct ohc_assembly_item item = { .path = first, .mode = 0755, .origin = "the launchers" };
	struct ohc_content content = { .kind = OHC_CONTENT_BYTES };
	size_t size = 0;
	int rc = ohc_launcher_binary(arch, &content.bytes, &size, err);

	content.size = size;
	if (rc == 0)
		rc = ohc_assembly_file(b, &item, &content, NULL, err);
	for (size_t i = 1; rc == 0 && i < l->n; i++) {
		ohc_cleanup(ohc_freep) char *path = ohc_xasprintf("%s/bin/%s", prefix, v[i]->name);

		item.path = path;
		rc = ohc_assembly_link(b, &item, first, err);
	}
	return rc;
}

int ohc_launchers_add(const struct ohc_launchers *l, const char *arch, const char *prefix,
		      struct ohc_assembly *b, struct ohc_error *err)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf text = OHC_BUF_INIT;
	ohc_cleanup(ohc_freep) char *path = ohc_xasprintf("%s/" OHC_LAUNCHERS_FILE, prefix);
	struct ohc_assembly_item item = { .path = path, .mode = 0644, .origin = "the launchers" };
	struct ohc_content content = { .kind = OHC_CONTENT_BYTES };
	int rc;

	if (!l->n)
		return 0;
	rc = ohc_launchers_text(l, &text, err);
	for (size_t i = 0; rc == 0 && i < l->n; i++)
		rc = check_end(l, &l->v[i], prefix, b, err);
	if (rc == 0)
		rc = add_program(l, arch, prefix, b, err);
	if (rc < 0)
		return rc;
	content.bytes = ohc_buf_str(&text);
	content.size = text.len;
	return ohc_assembly_file(b, &item, &content, NULL, err);
}
