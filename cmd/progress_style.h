/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside of progress: progress.c keeps the tasks and the lock, a style says how they look.  Every
 * function of a style is called under the lock; text is printable already.
 */
#ifndef OHC_CMD_PROGRESS_STYLE_H
#define OHC_CMD_PROGRESS_STYLE_H

#include <pthread.h>
#include <stdatomic.h>

#include "cmd/progress.h"
#include "core/buf.h"

struct ohc_progress_task {
	struct ohc_task task;
	struct ohc_progress_task *next; /* in the order of their beginning */
	unsigned int id;
	char *verb, *subject;
	uint64_t total;
	_Atomic uint64_t bytes;
	uint64_t began;
	uint64_t shown_at, shown_bytes; /* when a line was last written of it */

	/* The recent rate, up to `sampled_at`, smoothed. */
	uint64_t sampled_at, sampled_bytes;
	double rate; /* bytes a second; 0: not yet known */
};

struct ohc_progress {
	struct ohc_report report;
	const struct ohc_progress_style *style;
	pthread_mutex_t lock;
	FILE *out;
	int64_t (*clock)(void);
	unsigned int columns;       /* 0: ask the terminal */
	_Atomic uint64_t next_tick; /* when advance() next calls the style */
	struct ohc_progress_task *tasks;
	unsigned int n_begun;
	bool tasks_wanted;
	struct ohc_strv status;   /* lines; none: no status */
	uint64_t status_shown_at; /* where the style shows it now and then */
	unsigned int drawn;       /* lines of tasks on the terminal, the cursor below them */
};

struct ohc_progress_style {
	unsigned int interval; /* milliseconds between two ticks */
	/* level -1: the error with which the program ends with exit_status */
	void (*message)(struct ohc_progress *p, int level, const char *text, int exit_status);
	void (*begin)(struct ohc_progress *p, struct ohc_progress_task *t);
	void (*tick)(struct ohc_progress *p, uint64_t now);
	/* t is no longer among p->tasks.  outcome NULL: it failed. */
	void (*end)(struct ohc_progress *p, struct ohc_progress_task *t, const char *outcome);
	/* p->status has changed.  figures NULL: there is none any more. */
	void (*status)(struct ohc_progress *p, uint64_t now, const json_t *figures);
};

extern const struct ohc_progress_style ohc_progress_tty;
extern const struct ohc_progress_style ohc_progress_plain;
extern const struct ohc_progress_style ohc_progress_json;

/* The recent rate, in bytes a second. */
double ohc_progress_rate(struct ohc_progress_task *t, uint64_t now);

/* The line of a message, and of a task's end, as tty and plain write them. */
void ohc_progress_message_line(struct ohc_buf *line, int level, const char *text);
void ohc_progress_end_line(struct ohc_buf *line, const struct ohc_progress *p,
			   const struct ohc_progress_task *t, const char *outcome);

/* Writes everything at once, so that lines of several processes do not mix. */
void ohc_progress_write(struct ohc_progress *p, const struct ohc_buf *text);

#endif
