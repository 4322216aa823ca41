// SPDX-License-Identifier: Apache-2.0
#include "core/meter.h"

#include "core/alloc.h"

struct metered {
	struct ohc_source source;
	struct ohc_source *below;
	struct ohc_task *task;
	uint64_t at;
	uint64_t seen; /* the furthest byte that was told of */
};

static ssize_t metered_read(struct ohc_source *src, void *buf, size_t n, struct ohc_error *err)
{
	struct metered *m = (struct metered *)src;
	ssize_t got = ohc_source_read(m->below, buf, n, err);

	if (got <= 0)
		return got;
	m->at += (uint64_t)got;
	if (m->at > m->seen) {
		ohc_task_advance(m->task, m->at - m->seen);
		m->seen = m->at;
	}
	return got;
}

static int metered_seek(struct ohc_source *src, uint64_t offset, struct ohc_error *err)
{
	struct metered *m = (struct metered *)src;
	int rc = ohc_source_seek(m->below, offset, err);

	if (rc == 0)
		m->at = offset;
	return rc;
}

static void metered_close(struct ohc_source *src)
{
	free(src);
}

struct ohc_source *ohc_meter_source(struct ohc_source *below, struct ohc_task *task)
{
	static const struct ohc_source_ops again = { metered_read, metered_seek, metered_close };
	static const struct ohc_source_ops once = { metered_read, NULL, metered_close };
	struct metered *m = ohc_xcalloc(1, sizeof(*m));

	m->source.ops = ohc_source_can_seek(below) ? &again : &once;
	m->below = below;
	m->task = task;
	return &m->source;
}
