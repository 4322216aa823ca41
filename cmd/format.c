// SPDX-License-Identifier: Apache-2.0
/*
 * The template is read as it is executed, part by part.  What is not to be written, the branch of
 * an `if` that is not taken, is read with `live` false, which is also how a template is checked.
 */
#include "cmd/format.h"

#include <ctype.h>
#include <string.h>

#include "cmd/format_internal.h"
#include "core/alloc.h"

#define DEPTH_MAX 32

enum ended { AT_THE_END, AT_ELSE, AT_END };

static int run(struct ohc_format_state *f, json_t *dot, bool live, enum ended *ret_ended);

/* The text up to the next action, and the "{{" of that. */
static bool read_text(struct ohc_format_state *f, bool live)
{
	size_t start = f->out->len;
	bool action = false;

	while (*f->at && !action) {
		char c = *f->at;

		action = strncmp(f->at, "{{", 2) == 0;
		if (action) {
			f->at += 2;
			continue;
		}
		if (c == '\\' && (f->at[1] == 'n' || f->at[1] == 't'))
			c = *++f->at == 'n' ? '\n' : '\t';
		f->at++;
		if (live)
			ohc_buf_add(f->out, &c, 1);
	}
	if (action && f->at[0] == '-' && isspace((unsigned char)f->at[1])) {
		f->at++;
		while (f->out->len > start && isspace((unsigned char)f->out->data[f->out->len - 1]))
			ohc_buf_truncate(f->out, f->out->len - 1);
	}
	return action;
}

static int close_action(struct ohc_format_state *f)
{
	bool trim;

	ohc_format_skip_space(f);
	trim = strncmp(f->at, "-}}", 3) == 0;
	if (!trim && strncmp(f->at, "}}", 2) != 0)
		return ohc_format_bad(f, "an action does not end with '}}'", f->at);
	f->at += trim ? 3 : 2;
	if (trim)
		ohc_format_skip_space(f);
	return 0;
}

static bool take_word(struct ohc_format_state *f, const char *word)
{
	size_t n = strlen(word);

	if (ohc_format_name_length(f->at) != n || strncmp(f->at, word, n) != 0)
		return false;
	f->at += n;
	return true;
}

static int expect_end(struct ohc_format_state *f, enum ended ended, const char *begin)
{
	return ended == AT_END ? 0 : ohc_format_bad(f, "'{{end}}' is missing", begin);
}

static int run_if(struct ohc_format_state *f, json_t *dot, bool live)
{
	ohc_cleanup(ohc_json_decref) json_t *v = NULL;
	const struct ohc_format_scope s = { dot, live, true };
	const char *begin = f->at;
	enum ended ended;
	bool yes;
	int rc = ohc_format_read(f, &s, &v);

	if (rc == 0)
		rc = close_action(f);
	yes = ohc_format_is_true(v);
	if (rc == 0)
		rc = run(f, dot, live && yes, &ended);
	if (rc == 0 && ended == AT_ELSE)
		rc = run(f, dot, live && !yes, &ended);
	return rc < 0 ? rc : expect_end(f, ended, begin);
}

static int run_range(struct ohc_format_state *f, json_t *dot, bool live)
{
	ohc_cleanup(ohc_json_decref) json_t *v = NULL;
	const struct ohc_format_scope s = { dot, live, true };
	const char *begin = f->at, *body;
	enum ended ended = AT_END;
	json_t *item;
	size_t i;
	int rc = ohc_format_read(f, &s, &v);

	if (rc == 0)
		rc = close_action(f);
	if (rc < 0)
		return rc;
	body = f->at;
	json_array_foreach (v, i, item) {
		f->at = body;
		rc = run(f, item, live, &ended);
		if (rc < 0)
			return rc;
		if (ended == AT_ELSE)
			rc = run(f, dot, false, &ended);
	}
	if (rc == 0 && json_array_size(v) == 0)
		rc = run(f, NULL, false, &ended);
	if (rc == 0 && ended == AT_ELSE)
		rc = run(f, dot, live, &ended);
	return rc < 0 ? rc : expect_end(f, ended, begin);
}

static int run_value(struct ohc_format_state *f, json_t *dot, bool live)
{
	ohc_cleanup(ohc_json_decref) json_t *v = NULL;
	const struct ohc_format_scope s = { dot, live, false };
	int rc = ohc_format_read(f, &s, &v);

	if (rc == 0)
		rc = close_action(f);
	if (rc == 0 && live)
		ohc_format_write(f->out, v);
	return rc;
}

/* One level of the template, up to its {{else}} or {{end}}. */
static int run(struct ohc_format_state *f, json_t *dot, bool live, enum ended *ret_ended)
{
	int rc = 0;

	if (f->depth == DEPTH_MAX)
		return ohc_format_bad(f, "it is nested too deep", f->at);
	f->depth++;
	*ret_ended = AT_THE_END;
	while (rc == 0 && *ret_ended == AT_THE_END && read_text(f, live)) {
		ohc_format_skip_space(f);
		if (take_word(f, "end") || take_word(f, "else")) {
			*ret_ended = f->at[-1] == 'd' ? AT_END : AT_ELSE;
			rc = close_action(f);
		} else if (take_word(f, "if")) {
			rc = run_if(f, dot, live);
		} else if (take_word(f, "range")) {
			rc = run_range(f, dot, live);
		} else {
			rc = run_value(f, dot, live);
		}
	}
	f->depth--;
	return rc;
}

static int run_all(const char *text, json_t *doc, bool live, struct ohc_buf *out,
		   struct ohc_error *err)
{
	struct ohc_format_state f = { .at = text, .out = out, .err = err };
	enum ended ended;
	int rc = run(&f, doc, live, &ended);

	if (rc == 0 && ended != AT_THE_END)
		return ohc_format_bad(&f, "'{{end}}' or '{{else}}' belongs to nothing", text);
	return rc;
}

int ohc_format_check(const char *text, struct ohc_error *err)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf out = OHC_BUF_INIT;

	return run_all(text, NULL, false, &out, err);
}

int ohc_format(const char *text, json_t *doc, struct ohc_buf *out, struct ohc_error *err)
{
	return run_all(text, doc, true, out, err);
}
