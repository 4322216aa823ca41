// SPDX-License-Identifier: Apache-2.0
/*
 * The tasks under way are a block of lines at the bottom, the cursor in the first column below it.
 * Whatever is written starts by going up to the block's first line: what stays is written there,
 * and the block again behind it.  No line is as wide as the terminal, so none ever wraps, and the
 * number of lines to go up is the number that was drawn.  When a terminal gets narrower and wraps
 * old lines itself, fragments of them stay above; going up further would eat what is not ours.
 */
#include <string.h>
#include <sys/ioctl.h>

#include "cmd/printable.h"
#include "cmd/progress_style.h"
#include "core/units.h"
#include "core/alloc.h"

/* The width that a subject needs to be told from others; figures are left out before it gets
 * less. */
#define LEFT_MIN 24

#define INTERVAL 100

struct screen {
	unsigned int columns, rows;
};

static struct screen screen_of(const struct ohc_progress *p)
{
	struct screen s = { 80, 24 };
	struct winsize w;

	if (ioctl(fileno(p->out), TIOCGWINSZ, &w) == 0 && w.ws_col > 0 && w.ws_row > 0)
		s = (struct screen){ w.ws_col, w.ws_row };
	if (p->columns)
		s.columns = p->columns;
	return s;
}

static void rewind_block(struct ohc_buf *b, struct ohc_progress *p)
{
	if (p->drawn)
		ohc_buf_addf(b, "\033[%uA", p->drawn);
	ohc_buf_addc(b, '\r');
	p->drawn = 0;
}

static void add_left_time(struct ohc_buf *b, const struct ohc_progress_task *t, uint64_t bytes)
{
	char text[OHC_UNITS_TEXT];
	uint64_t left;

	if (t->rate < 1 || bytes >= t->total)
		return;
	left = (uint64_t)((double)(t->total - bytes) * 1000 / t->rate);
	ohc_buf_addf(b, "  %s left", ohc_units_duration(left, text));
}

/* The figures of a task: the higher detail is, the more of them. */
static void add_figures(struct ohc_buf *b, const struct ohc_progress_task *t, unsigned int detail)
{
	uint64_t bytes = atomic_load(&t->bytes);
	char done[OHC_UNITS_TEXT], total[OHC_UNITS_TEXT];

	if (detail >= 2 || (detail == 1 && !t->total))
		ohc_buf_addf(b, "  %s", ohc_units_bytes(bytes, done));
	if (detail >= 3 && t->total)
		ohc_buf_addf(b, "/%s", ohc_units_bytes(t->total, total));
	if (detail >= 1 && t->total)
		ohc_buf_addf(b, "  %3u%%",
			     (unsigned int)(bytes < t->total
						    ? (double)bytes * 100 / (double)t->total
						    : 100));
	if (detail >= 3 && t->rate >= 1)
		ohc_buf_addf(b, "  %s/s", ohc_units_bytes((uint64_t)t->rate, done));
	if (detail >= 4)
		add_left_time(b, t, bytes);
}

static void add_task(struct ohc_buf *b, const struct ohc_progress_task *t, unsigned int columns)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf left = OHC_BUF_INIT, right = OHC_BUF_INIT;
	size_t room = columns - 1, width, bytes;

	for (unsigned int detail = 5; detail-- > 0;) {
		ohc_buf_truncate(&right, 0);
		add_figures(&right, t, detail);
		if (right.len + LEFT_MIN <= room)
			break;
	}
	room -= right.len < room ? right.len : room;
	ohc_buf_addf(&left, "%s %s", t->verb, t->subject);
	bytes = ohc_printable_fit(left.data, room, &width);
	if (left.data[bytes] && room > 3) {
		bytes = ohc_printable_fit(left.data, room - 3, &width);
		ohc_buf_truncate(&left, bytes);
		ohc_buf_adds(&left, "...");
		bytes += 3;
		width += 3;
	}
	ohc_buf_add(b, left.data, bytes);
	if (right.len)
		ohc_buf_addf(b, "%*s%s", (int)(room - width), "", right.data);
	ohc_buf_adds(b, "\033[K\n");
}

/* Never more lines than the screen has: of the status, the first lines say the most. */
static void add_status(struct ohc_buf *b, struct ohc_progress *p, struct screen s)
{
	for (size_t i = 0; i < p->status.n && p->drawn + 1 < s.rows; i++) {
		size_t width, bytes = ohc_printable_fit(p->status.v[i], s.columns - 1, &width);

		ohc_buf_add(b, p->status.v[i], bytes);
		ohc_buf_adds(b, "\033[K\n");
		p->drawn++;
	}
}

static void add_block(struct ohc_buf *b, struct ohc_progress *p)
{
	struct screen s = screen_of(p);
	uint64_t now = p->clock();
	unsigned int hidden = 0;

	for (struct ohc_progress_task *t = p->tasks; t; t = t->next) {
		/* The last line but one is kept for "… more", the last for the cursor. */
		if (p->drawn + p->status.n + 2 >= s.rows && p->drawn > 0) {
			hidden++;
			continue;
		}
		ohc_progress_rate(t, now);
		add_task(b, t, s.columns);
		p->drawn++;
	}
	if (hidden && s.columns > 24) {
		ohc_buf_addf(b, "and %u more\033[K\n", hidden);
		p->drawn++;
	}
	add_status(b, p, s);
	ohc_buf_adds(b, "\033[J");
	atomic_store(&p->next_tick, now + INTERVAL);
}

static void add_permanent(struct ohc_buf *b, const struct ohc_buf *line)
{
	/* line ends with a newline, and what stood there before must not show behind it. */
	ohc_buf_add(b, line->data, line->len - 1);
	ohc_buf_adds(b, "\033[K\n");
}

static void show(struct ohc_progress *p, const struct ohc_buf *line)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf b = OHC_BUF_INIT;

	rewind_block(&b, p);
	if (line)
		add_permanent(&b, line);
	add_block(&b, p);
	ohc_progress_write(p, &b);
}

static void message(struct ohc_progress *p, int level, const char *text, int exit_status)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf line = OHC_BUF_INIT;

	(void)exit_status;
	ohc_progress_message_line(&line, level, text);
	if (p->tasks || p->status.n || p->drawn)
		show(p, &line);
	else
		ohc_progress_write(p, &line);
}

static void begin(struct ohc_progress *p, struct ohc_progress_task *t)
{
	(void)t;
	show(p, NULL);
}

static void tick(struct ohc_progress *p, uint64_t now)
{
	(void)now;
	show(p, NULL);
}

static void end(struct ohc_progress *p, struct ohc_progress_task *t, const char *outcome)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf line = OHC_BUF_INIT;

	ohc_progress_end_line(&line, p, t, outcome);
	show(p, &line);
}

static void status(struct ohc_progress *p, uint64_t now, const json_t *figures)
{
	(void)now, (void)figures;
	show(p, NULL);
}

const struct ohc_progress_style ohc_progress_tty = { INTERVAL, message, begin, tick, end, status };
