// SPDX-License-Identifier: Apache-2.0
#include "registry/warning.h"

#include <pthread.h>
#include <string.h>

#include "core/alloc.h"
#include "registry/quote.h"

#define REPLY_MAX  4096 /* bytes of warnings in one reply */
#define SHOWN_MAX  100
#define OURS       "299"
#define BLANKS     " \t"
#define SEPARATORS " \t,"

struct ohc_warnings {
	struct ohc_report *report;
	pthread_mutex_t lock;
	struct ohc_strv shown;
};

struct ohc_warnings *ohc_warnings_new(struct ohc_report *report)
{
	struct ohc_warnings *w = ohc_xcalloc(1, sizeof(*w));

	w->report = report;
	pthread_mutex_init(&w->lock, NULL);
	return w;
}

void ohc_warnings_free(struct ohc_warnings *w)
{
	if (!w)
		return;
	ohc_strv_clear(&w->shown);
	pthread_mutex_destroy(&w->lock);
	free(w);
}

/* Reads a quoted-string (RFC 9110, 5.6.4) at *p and adds its text to b. */
static bool quoted(const char **p, struct ohc_buf *b)
{
	const char *s = *p;

	if (*s++ != '"')
		return false;
	for (; *s && *s != '"'; s++) {
		if (*s == '\\' && s[1])
			s++;
		ohc_buf_addc(b, *s);
	}
	if (*s != '"')
		return false;
	*p = s + 1;
	return true;
}

/* warn-code SP warn-agent SP warn-text [ SP warn-date ] */
static bool one(const char **p, char code[4], struct ohc_buf *text)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf date = OHC_BUF_INIT;
	const char *s = *p + strspn(*p, SEPARATORS);

	if (strspn(s, "0123456789") != 3)
		return false;
	memcpy(code, s, 3);
	s += 3 + strspn(s + 3, BLANKS);
	s += strcspn(s, BLANKS);
	s += strspn(s, BLANKS);
	if (!quoted(&s, text))
		return false;
	*p = s + strspn(s, BLANKS);
	return **p != '"' || quoted(p, &date);
}

bool ohc_warning_next(const char **p, struct ohc_buf *ret)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf text = OHC_BUF_INIT;
	char code[4] = "";

	while (one(p, code, &text)) {
		if (strcmp(code, OURS) == 0) {
			*ret = text;
			text = (struct ohc_buf)OHC_BUF_INIT;
			return true;
		}
		ohc_buf_truncate(&text, 0);
	}
	return false;
}

static bool is_new(struct ohc_warnings *w, const char *line)
{
	bool fresh;

	pthread_mutex_lock(&w->lock);
	fresh = w->shown.n < SHOWN_MAX && !ohc_strv_has(&w->shown, line);
	if (fresh)
		ohc_strv_add(&w->shown, line);
	pthread_mutex_unlock(&w->lock);
	return fresh;
}

static void show(struct ohc_warnings *w, const char *host, const char *text)
{
	ohc_cleanup(ohc_freep) char *words = ohc_quote(text);
	ohc_cleanup(ohc_freep) char *line = NULL;

	if (!words || !*words)
		return;
	line = ohc_xasprintf("registry '%s' says: %s", host, words);
	if (is_new(w, line))
		ohc_report_say(w->report, OHC_WARNING, "%s", line);
}

void ohc_warnings_hear(struct ohc_warnings *w, const char *host, const struct ohc_http_exchange *x)
{
	size_t at = 0, heard = 0;
	const char *p;

	while ((p = ohc_http_header_next(x, "Warning", &at)))
		for (;;) {
			ohc_cleanup(ohc_buf_clear) struct ohc_buf text = OHC_BUF_INIT;

			if (!ohc_warning_next(&p, &text) || (heard += text.len) > REPLY_MAX)
				break;
			show(w, host, ohc_buf_str(&text));
		}
}
