// SPDX-License-Identifier: Apache-2.0
#include "cmd/progress_style.h"
#include "core/alloc.h"
#include "oci/documents/json.h"

#define INTERVAL 1000

/* Takes event. */
static void write_event(struct ohc_progress *p, json_t *event)
{
	ohc_cleanup(ohc_freep) char *text = ohc_json_text(event);
	ohc_cleanup(ohc_buf_clear) struct ohc_buf line = OHC_BUF_INIT;

	ohc_buf_addf(&line, "%s\n", text);
	ohc_progress_write(p, &line);
	json_decref(event);
}

static json_t *new_event(const char *event, const struct ohc_progress_task *t)
{
	json_t *j = json_object();

	json_object_set_new(j, "event", json_string(event));
	if (t)
		json_object_set_new(j, "task", json_integer(t->id));
	return j;
}

static void message(struct ohc_progress *p, int level, const char *text, int exit_status)
{
	static const char *const levels[] = { "error", "warning", "notice", "verbose", "trace" };
	json_t *j = new_event("message", NULL);

	json_object_set_new(j, "level", json_string(levels[level + 1]));
	json_object_set_new(j, "text", json_string(text));
	if (level < 0)
		json_object_set_new(j, "status", json_integer(exit_status));
	write_event(p, j);
}

static void begin(struct ohc_progress *p, struct ohc_progress_task *t)
{
	json_t *j = new_event("begin", t);

	json_object_set_new(j, "verb", json_string(t->verb));
	json_object_set_new(j, "subject", json_string(t->subject));
	if (t->total)
		json_object_set_new(j, "total", json_integer((json_int_t)t->total));
	write_event(p, j);
}

static void tick(struct ohc_progress *p, uint64_t now)
{
	(void)now;
	for (struct ohc_progress_task *t = p->tasks; t; t = t->next) {
		uint64_t bytes = atomic_load(&t->bytes);
		json_t *j;

		if (bytes == t->shown_bytes)
			continue;
		t->shown_bytes = bytes;
		j = new_event("progress", t);
		json_object_set_new(j, "bytes", json_integer((json_int_t)bytes));
		write_event(p, j);
	}
}

static void end(struct ohc_progress *p, struct ohc_progress_task *t, const char *outcome)
{
	json_t *j = new_event("end", t);

	json_object_set_new(j, "bytes", json_integer((json_int_t)atomic_load(&t->bytes)));
	json_object_set_new(j, "seconds", json_real((double)(p->clock() - t->began) / 1000));
	if (outcome)
		json_object_set_new(j, "outcome", json_string(outcome));
	write_event(p, j);
}

static void status(struct ohc_progress *p, uint64_t now, const json_t *figures)
{
	json_t *j;

	if (!figures || now - p->status_shown_at < INTERVAL)
		return;
	j = new_event("status", NULL);
	json_object_update(j, (json_t *)figures);
	write_event(p, j);
	p->status_shown_at = now;
}

const struct ohc_progress_style ohc_progress_json = { INTERVAL, message, begin, tick, end, status };
