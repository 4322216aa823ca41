// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "cmd/command.h"
#include "cmd/progress_style.h"
#include "core/units.h"
#include "core/alloc.h"

#define LARGE     1000000
#define HEARTBEAT 10000
#define STATUS    30000

void ohc_progress_message_line(struct ohc_buf *line, int level, const char *text)
{
	static const char *const prefix[] = { OHC_PROGRAM ": ", OHC_PROGRAM ": warning: " };

	if (level <= (int)OHC_WARNING)
		ohc_buf_adds(line, prefix[level + 1]);
	ohc_buf_addf(line, "%s\n", text);
}

static void add_rate(struct ohc_buf *line, double bytes_a_second)
{
	char text[OHC_UNITS_TEXT];

	ohc_buf_addf(line, "%s/s", ohc_units_bytes((uint64_t)bytes_a_second, text));
}

void ohc_progress_end_line(struct ohc_buf *line, const struct ohc_progress *p,
			   const struct ohc_progress_task *t, const char *outcome)
{
	uint64_t bytes = atomic_load(&t->bytes), ms = p->clock() - t->began;
	char size[OHC_UNITS_TEXT], time[OHC_UNITS_TEXT];

	ohc_buf_addf(line, "%s %s: %s", t->verb, t->subject, outcome ? outcome : "failed");
	if (bytes > 0) {
		ohc_buf_addf(line, ", %s in %s", ohc_units_bytes(bytes, size),
			     ohc_units_duration(ms, time));
		if (ms > 0 && bytes >= LARGE) {
			ohc_buf_adds(line, ", ");
			add_rate(line, (double)bytes * 1000 / (double)ms);
		}
	}
	ohc_buf_addc(line, '\n');
}

static void message(struct ohc_progress *p, int level, const char *text, int exit_status)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf line = OHC_BUF_INIT;

	(void)exit_status;
	ohc_progress_message_line(&line, level, text);
	ohc_progress_write(p, &line);
}

static void begin(struct ohc_progress *p, struct ohc_progress_task *t)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf line = OHC_BUF_INIT;
	char size[OHC_UNITS_TEXT];

	if (t->total < LARGE && !ohc_report_wants(&p->report, OHC_VERBOSE))
		return;
	ohc_buf_addf(&line, "%s %s", t->verb, t->subject);
	if (t->total)
		ohc_buf_addf(&line, ": %s", ohc_units_bytes(t->total, size));
	ohc_buf_addc(&line, '\n');
	ohc_progress_write(p, &line);
}

static void heartbeat(struct ohc_progress *p, struct ohc_progress_task *t, uint64_t now)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf line = OHC_BUF_INIT;
	uint64_t bytes = atomic_load(&t->bytes), ms = now - t->shown_at;
	char size[OHC_UNITS_TEXT], total[OHC_UNITS_TEXT];

	ohc_buf_addf(&line, "%s %s: %s", t->verb, t->subject, ohc_units_bytes(bytes, size));
	if (t->total)
		ohc_buf_addf(&line, " of %s", ohc_units_bytes(t->total, total));
	ohc_buf_adds(&line, ", ");
	add_rate(&line, (double)(bytes - t->shown_bytes) * 1000 / (double)ms);
	ohc_buf_addc(&line, '\n');
	ohc_progress_write(p, &line);
	t->shown_at = now;
	t->shown_bytes = bytes;
}

static void tick(struct ohc_progress *p, uint64_t now)
{
	for (struct ohc_progress_task *t = p->tasks; t; t = t->next)
		if (now - t->shown_at >= HEARTBEAT)
			heartbeat(p, t, now);
}

static void end(struct ohc_progress *p, struct ohc_progress_task *t, const char *outcome)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf line = OHC_BUF_INIT;

	ohc_progress_end_line(&line, p, t, outcome);
	ohc_progress_write(p, &line);
}

static void status(struct ohc_progress *p, uint64_t now, const json_t *figures)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf lines = OHC_BUF_INIT;

	if (!p->status_shown_at)
		p->status_shown_at = now; /* the beginning says nothing yet */
	if (!figures || now - p->status_shown_at < STATUS)
		return;
	for (size_t i = 0; i < p->status.n; i++)
		ohc_buf_addf(&lines, "%s\n", p->status.v[i]);
	ohc_progress_write(p, &lines);
	p->status_shown_at = now;
}

const struct ohc_progress_style ohc_progress_plain = { 1000, message, begin, tick, end, status };
