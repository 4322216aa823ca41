// SPDX-License-Identifier: Apache-2.0
/* The style and the script are files of their own. */
#include "compose/bake/page.h"

#include <inttypes.h>
#include <string.h>

#include "core/alloc.h"
#include "core/embed.h"
#include "core/units.h"

#define POINTS 200 /* of the curve */
#define WIDTH  1000.0
#define HEIGHT 100.0

OHC_EMBED(page_css, "compose/bake/page.css");
OHC_EMBED(page_js, "compose/bake/page.js");

/* Escapes text for HTML; control characters, which no page may have, become U+FFFD. */
static void add_text(struct ohc_buf *b, const char *s)
{
	for (; *s; s++) {
		if (*s == '&')
			ohc_buf_adds(b, "&amp;");
		else if (*s == '<')
			ohc_buf_adds(b, "&lt;");
		else if (*s == '>')
			ohc_buf_adds(b, "&gt;");
		else if (*s == '"')
			ohc_buf_adds(b, "&quot;");
		else if ((unsigned char)*s < ' ' || *s == 127)
			ohc_buf_adds(b, "\xef\xbf\xbd");
		else
			ohc_buf_addc(b, *s);
	}
}

static void add_bytes(struct ohc_buf *b, uint64_t n)
{
	char text[OHC_UNITS_TEXT];

	ohc_buf_adds(b, ohc_units_bytes(n, text));
}

static void add_sum(struct ohc_buf *b, const char *what, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static void add_sum(struct ohc_buf *b, const char *what, const char *fmt, ...)
{
	char text[64];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	ohc_buf_addf(b, "<div><dt>%s</dt><dd>%s</dd></div>\n", what, text);
}

static void add_byte_sum(struct ohc_buf *b, const char *what, uint64_t n)
{
	ohc_buf_addf(b, "<div><dt>%s</dt><dd>", what);
	add_bytes(b, n);
	ohc_buf_adds(b, "</dd></div>\n");
}

static void add_sums(struct ohc_buf *b, const struct ohc_bake_totals *t)
{
	ohc_buf_adds(b, "<dl class=\"sums\">\n");
	add_sum(b, "images", "%zu", t->images);
	add_sum(b, "composed", "%zu", t->done);
	add_sum(b, "there already", "%zu", t->there);
	add_sum(b, "failed", "%zu", t->failed);
	if (t->left)
		add_sum(b, "left as they were", "%zu", t->left);
	if (t->waiting)
		add_sum(b, "not begun", "%zu", t->waiting);
	add_sum(b, "seconds", "%.1f", t->seconds);
	if (t->seconds > 0)
		add_sum(b, "images a second", "%.1f", (double)(t->done + t->there) / t->seconds);
	add_sum(b, "requests", "%" PRIu64, t->requests);
	add_byte_sum(b, "uploaded", t->uploaded);
	add_byte_sum(b, "mounted, not sent", t->mounted);
	add_byte_sum(b, "downloaded", t->downloaded);
	ohc_buf_adds(b, "</dl>\n");
}

/* Counts the images that had ended by each moment. */
static void add_curve(struct ohc_buf *b, const struct ohc_bake_outcome *v, size_t n,
		      const struct ohc_bake_totals *t)
{
	size_t at[POINTS + 1] = { 0 }, sum = 0;

	if (t->seconds <= 0 || n == 0)
		return;
	ohc_buf_addf(b,
		     "<h2>When</h2>\n<svg viewBox=\"0 0 %.0f %.0f\" preserveAspectRatio=\"none\" "
		     "role=\"img\" aria-label=\"images that had ended, over %.1f seconds\">\n",
		     WIDTH, HEIGHT, t->seconds);
	for (size_t i = 0; i < n; i++) {
		double end = (v[i].start + v[i].seconds) / t->seconds;

		if (v[i].state == OHC_BAKE_WAITING)
			continue;
		at[(size_t)(end * POINTS)]++;
		if (v[i].state == OHC_BAKE_FAILED)
			ohc_buf_addf(b, "<path class=\"failed\" d=\"M%.1f 0V%.0f\"/>\n",
				     end * WIDTH, HEIGHT);
	}
	ohc_buf_adds(b, "<path class=\"curve\" d=\"M0 100");
	for (size_t i = 0; i <= POINTS; i++) {
		sum += at[i];
		ohc_buf_addf(b, "L%.1f %.2f", (double)i * WIDTH / POINTS,
			     HEIGHT - HEIGHT * (double)sum / (double)n);
	}
	ohc_buf_adds(b, "\"/>\n</svg>\n");
}

static void add_bar(struct ohc_buf *b, const char *what, const char *class, uint64_t n, uint64_t of)
{
	ohc_buf_addf(
		b,
		"<tr class=\"%s\"><th>%s</th><td><div class=\"bar\" style=\"width:%.2f%%\"></div>"
		"</td><td class=\"n\">",
		class, what, of ? 100.0 * (double)n / (double)of : 0.0);
	add_bytes(b, n);
	ohc_buf_adds(b, "</td></tr>\n");
}

static void add_sizes(struct ohc_buf *b, const struct ohc_bake_totals *t)
{
	uint64_t naive = t->base + t->payload + t->adapter;

	if (naive == 0)
		return;
	ohc_buf_adds(b, "<h2>Sizes</h2>\n<table class=\"bars\">\n");
	add_bar(b, "base layers", "", t->base, naive);
	add_bar(b, "payload layers", "", t->payload, naive);
	add_bar(b, "adapter layers", "", t->adapter, naive);
	add_bar(b, "each image by itself", "naive", naive, naive);
	add_bar(b, "each layer once", "", t->stored, naive);
	ohc_buf_adds(b, "</table>\n");
}

static void add_failures(struct ohc_buf *b, const struct ohc_bake_outcome *v, size_t n)
{
	ohc_cleanup(ohc_strv_clear) struct ohc_strv reasons = OHC_STRV_INIT;

	ohc_bake_reasons(v, n, &reasons);
	if (reasons.n == 0)
		return;
	ohc_buf_adds(b, "<h2>Failures</h2>\n<ul>\n");
	for (size_t i = 0; i < reasons.n; i++) {
		ohc_buf_adds(b, "<li class=\"failed\">");
		add_text(b, reasons.v[i]);
		ohc_buf_adds(b, "</li>\n");
	}
	ohc_buf_adds(b, "</ul>\n");
}

static uint64_t size_of(const struct ohc_image_result *r, const char *role)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < r->n_layers; i++)
		if (strcmp(r->layers[i].role, role) == 0)
			sum += (uint64_t)r->layers[i].d.size;
	return sum;
}

static void add_size(struct ohc_buf *b, const struct ohc_image_result *r, const char *role)
{
	ohc_buf_adds(b, "<td class=\"n\">");
	if (r->n_layers)
		add_bytes(b, size_of(r, role));
	ohc_buf_adds(b, "</td>");
}

static void add_row(struct ohc_buf *b, const struct ohc_bake_outcome *o)
{
	static const char *const words[] = { "not begun", "done", "there", "failed",
					     "left as it was" };
	static const char *const classes[] = { "waiting", "done", "there", "failed", "waiting" };

	ohc_buf_addf(b, "<tr class=\"%s\"><td class=\"state\">%s</td><td>", classes[o->state],
		     words[o->state]);
	add_text(b, o->name);
	ohc_buf_adds(b, "<br><code>");
	add_text(b, o->error ? o->error : o->push.manifest.digest);
	ohc_buf_adds(b, "</code></td><td>");
	add_text(b, o->base);
	ohc_buf_adds(b, "</td>");
	add_size(b, &o->push, "base");
	add_size(b, &o->push, "payload");
	add_size(b, &o->push, "adapter");
	ohc_buf_addf(b, "<td class=\"n\">%" PRIu64 "</td><td class=\"n\">%.2f</td></tr>\n",
		     o->push.requests, o->seconds);
}

static void add_rows(struct ohc_buf *b, const struct ohc_bake_outcome *v, size_t n)
{
	static const enum ohc_bake_state order[] = { OHC_BAKE_FAILED, OHC_BAKE_LEFT,
						     OHC_BAKE_WAITING, OHC_BAKE_DONE,
						     OHC_BAKE_THERE };

	ohc_buf_adds(b,
		     "<h2>Images</h2>\n<input id=\"search\" type=\"search\" placeholder=\"search\" "
		     "aria-label=\"search the images\"><span id=\"found\"></span>\n"
		     "<table class=\"images\">\n<thead><tr><th></th><th>image</th><th>base</th>"
		     "<th class=\"n\">base</th><th class=\"n\">payload</th>"
		     "<th class=\"n\">adapter</th><th class=\"n\">requests</th>"
		     "<th class=\"n\">seconds</th></tr></thead>\n<tbody>\n");
	for (size_t k = 0; k < OHC_ARRAY_SIZE(order); k++)
		for (size_t i = 0; i < n; i++)
			if (v[i].state == order[k])
				add_row(b, &v[i]);
	ohc_buf_adds(b, "</tbody>\n</table>\n");
}

void ohc_bake_page(const char *title, const struct ohc_bake_outcome *v, size_t n, struct ohc_buf *b)
{
	struct ohc_bake_totals t;

	ohc_bake_sum(v, n, &t);
	ohc_buf_adds(b, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
			"<meta name=\"viewport\" content=\"width=device-width\">\n<title>bake: ");
	add_text(b, title);
	ohc_buf_addf(b,
		     "</title>\n<style>\n%s</style>\n<script>\n%s</script>\n</head>\n<body>\n<h1>",
		     page_css, page_js);
	ohc_buf_adds(b, "bake of ");
	add_text(b, title);
	ohc_buf_adds(b, "</h1>\n");
	add_sums(b, &t);
	add_failures(b, v, n);
	add_curve(b, v, n, &t);
	add_sizes(b, &t);
	add_rows(b, v, n);
	ohc_buf_adds(b, "</body>\n</html>\n");
}
