// SPDX-License-Identifier: Apache-2.0
#include "compose/layers/move_internal.h"

#include <string.h>

#include "core/alloc.h"
#include "core/units.h"
#include "oci/image/copy.h"

/* Warns that the layer could have been mounted, and was not.  Where nothing may be written to the
 * repository at all, that is the reason, and no upload follows. */
static int mount_refused(const struct ohc_move *m, const struct ohc_descriptor *d,
			 struct ohc_error *err)
{
	char size[OHC_UNITS_TEXT];
	int rc = ohc_store_may_write(m->dest, err);

	if (rc < 0)
		return rc;
	ohc_units_bytes((uint64_t)d->size, size);
	if (m->require)
		return ohc_error_set(err, OHC_E_FAILED,
				     "registry '%s' does not mount layer %s (%s) into '%s', and "
				     "--mount require forbids to upload it",
				     m->to->host, d->digest, size, m->to->repo);
	ohc_report_say(m->rules->report, OHC_WARNING,
		       "registry '%s' does not mount layer %s into '%s': its %s are uploaded",
		       m->to->host, d->digest, m->to->repo, size);
	return 0;
}

static int would_move(const struct ohc_move *m, struct ohc_part *p, struct ohc_error *err)
{
	struct ohc_moved_layer *l = &p->layer;
	bool there = ohc_media_is_foreign(l->d.media_type);
	int rc = there ? 0 : ohc_store_has_blob(m->dest, &l->d, &there, err);

	l->action = there                                           ? "kept"
		    : ohc_move_same_registry(p->stored.name, m->to) ? "mounted"
								    : "copied";
	return rc;
}

static bool same_repo(const struct ohc_name *a, const struct ohc_name *b)
{
	return ohc_move_same_registry(a, b) && strcmp(a->repo, b->repo) == 0;
}

/* Mounts it from the image that it is part of, or from a repository where it was seen. */
static int mount(const struct ohc_move *m, struct ohc_part *p, const struct ohc_memo *memo,
		 bool *ret_done, struct ohc_error *err)
{
	struct ohc_moved_layer *l = &p->layer;
	bool near = ohc_move_same_registry(p->stored.name, m->to), done = false;
	int rc = 0;

	if (near)
		rc = ohc_store_mount_blob(m->dest, &l->d, p->stored.from, &done, err);
	if (rc == 0 && !done && memo->found)
		done = ohc_move_mount_seen(m, &l->d, &memo->known);
	if (rc == 0 && !done && near)
		rc = mount_refused(m, &l->d, err);
	l->action = "mounted";
	*ret_done = done;
	return rc;
}

/* Moves a layer that is known to be here, or that can be mounted.  *ret_done: nothing is left to
 * do. */
static int move_known(const struct ohc_move *m, struct ohc_part *p, const struct ohc_memo *memo,
		      bool *ret_done, struct ohc_error *err)
{
	*ret_done = false;
	if (m->to->transport != OHC_REGISTRY || m->ask || m->dry_run)
		return 0;
	if (same_repo(p->stored.name, m->to) ||
	    ohc_move_is_here(m, p->layer.d.digest, &memo->known)) {
		p->layer.action = "kept";
		*ret_done = true;
		return 0;
	}
	return mount(m, p, memo, ret_done, err);
}

/* The same where the destination is asked first. */
static int move_asked(const struct ohc_move *m, struct ohc_part *p, const struct ohc_memo *memo,
		      bool *ret_done, struct ohc_error *err)
{
	struct ohc_moved_layer *l = &p->layer;
	bool there = false;
	int rc = 0;

	*ret_done = false;
	if (m->to->transport != OHC_REGISTRY || (!memo->found && !m->ask))
		return 0;
	rc = ohc_store_has_blob(m->dest, &l->d, &there, err);
	if (rc < 0)
		return rc;
	l->action = there ? "kept" : "mounted";
	*ret_done = there || ohc_move_mount_seen(m, &l->d, &memo->known);
	return 0;
}

static int move_copy(const struct ohc_move *m, struct ohc_part *p, struct ohc_error *err)
{
	enum ohc_copy_action action = OHC_COPY_FOREIGN;
	int rc;

	if (m->dry_run)
		return would_move(m, p, err);
	rc = ohc_copy_blob(p->stored.from, m->dest, &p->layer.d, m->rules->report, &action, err);
	p->layer.action = action == OHC_COPY_FOREIGN ? "kept" : ohc_copy_action_name(action);
	return rc;
}

static int move_now(const struct ohc_move *m, struct ohc_part *p, struct ohc_error *err)
{
	ohc_cleanup(ohc_memo_clear) struct ohc_memo memo = { .key = NULL };
	bool done = false;
	int rc;

	ohc_move_look(m, p->layer.d.digest, &memo);
	rc = m->ask || m->dry_run ? move_asked(m, p, &memo, &done, err)
				  : move_known(m, p, &memo, &done, err);
	if (rc == 0 && !done)
		rc = move_copy(m, p, err);
	if (rc < 0)
		return ohc_error_wrap(err, rc, "%s layer %s", p->layer.role, p->layer.d.digest);
	ohc_move_remember(m, &memo, &p->layer.d, NULL);
	return 0;
}

int ohc_move_stored(const struct ohc_move *m, struct ohc_part *p, struct ohc_error *err)
{
	if (ohc_media_is_foreign(p->layer.d.media_type)) {
		p->layer.action = "kept";
		return 0;
	}
	if (ohc_move_same_registry(p->stored.name, m->to))
		return move_now(m, p, err);
	return ohc_move_in_turn(m, p, move_now, err);
}
