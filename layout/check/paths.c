// SPDX-License-Identifier: Apache-2.0
/* Checks the payload's files one by one: dangling links, owners, modes, scripts. */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "layout/check/check_internal.h"
#include "layout/check/tally.h"

struct paths_walk {
	const struct ohc_check *c;
	struct ohc_user user;
	struct ohc_tally dangling, loops, foreign, unreadable, scripts;
	char *script_lacks; /* of the first one */
	uint32_t foreign_uid;
	size_t files;
};

static int look_at_link(struct paths_walk *w, const char *path, struct ohc_error *err)
{
	ohc_cleanup(ohc_files_place_clear) struct ohc_files_place place = { .path = NULL };
	int rc = ohc_files_find(w->c->files, path, OHC_FILES_FOLLOW, &place, err);

	if (rc < 0)
		return rc;
	if (place.found == OHC_FILES_LOOP)
		ohc_tally_add(&w->loops, path);
	else if (place.found != OHC_FILES_THERE)
		ohc_tally_add(&w->dangling, path);
	return 0;
}

/* Python modules that once were programs still have a #! line and mode bits to execute. */
static bool is_module(const char *path)
{
	size_t n = strlen(path);

	return n > 3 && strcmp(path + n - 3, ".py") == 0 && !strstr(path, "bin/");
}

static int look_at_script(struct paths_walk *w, const char *path, const struct ohc_files_node *node,
			  struct ohc_error *err)
{
	ohc_cleanup(ohc_files_place_clear) struct ohc_files_place place = {
		.found = OHC_FILES_THERE, .path = ohc_xstrdup(path), .node = *node
	};
	ohc_cleanup(ohc_freep) char *lacks = NULL;
	int rc = ohc_check_script_lacks(w->c, &place, &lacks, err);

	if (rc < 0 || !lacks)
		return rc;
	ohc_tally_add(&w->scripts, path);
	if (!w->script_lacks)
		w->script_lacks = ohc_take(lacks);
	return 0;
}

static void look_at_mode(struct paths_walk *w, const char *path, const struct ohc_files_node *node)
{
	int want = S_ISDIR(node->mode) ? R_OK | X_OK : R_OK;

	if (!w->user.known || w->user.uid == 0)
		return;
	if (!ohc_check_user_may(&w->user, node, want))
		ohc_tally_add(&w->unreadable, path);
	if (node->uid == w->user.uid)
		return;
	if (w->foreign.n == 0)
		w->foreign_uid = node->uid;
	ohc_tally_add(&w->foreign, path);
}

static int look_at(void *ctx, const char *path, const struct ohc_files_node *node,
		   struct ohc_error *err)
{
	struct paths_walk *w = ctx;

	w->files++;
	if (S_ISLNK(node->mode))
		return look_at_link(w, path, err);
	look_at_mode(w, path, node);
	if (!S_ISREG(node->mode) || !(node->mode & 0111) || is_module(path))
		return 0;
	return look_at_script(w, path, node, err);
}

/* Compares the owner of a payload of which only the directory is known. */
static int look_at_unread(const struct paths_walk *w, const char *target, struct ohc_error *err)
{
	ohc_cleanup(ohc_files_place_clear) struct ohc_files_place place = { .path = NULL };
	const struct ohc_user *u = &w->user;
	int rc = ohc_files_find(w->c->files, target, OHC_FILES_FOLLOW, &place, err);

	if (rc == 0 && place.found == OHC_FILES_THERE && u->known && u->uid != 0 &&
	    place.node.uid != u->uid)
		ohc_findings_add(
			w->c->findings, OHC_FINDING_WARNING, "payload-owner", target,
			"belongs to uid %u, as its labels say, not to the user %u: the user "
			"cannot change it; pack it with --owner %u:%u",
			place.node.uid, u->uid, u->uid, u->gid);
	return rc;
}

static void tell(const struct paths_walk *w)
{
	struct ohc_findings *f = w->c->findings;
	char more[OHC_TALLY_TEXT];

	if (w->dangling.n)
		ohc_findings_add(f, OHC_FINDING_WARNING, "symlink-dangling", w->dangling.first,
				 "is a symlink to what is not in the image%s",
				 ohc_tally_more(&w->dangling, more));
	if (w->loops.n)
		ohc_findings_add(f, OHC_FINDING_WARNING, "symlink-loop", w->loops.first,
				 "is a symlink that leads back to itself%s",
				 ohc_tally_more(&w->loops, more));
	if (w->foreign.n)
		ohc_findings_add(f, OHC_FINDING_WARNING, "payload-owner", w->foreign.first,
				 "belongs to uid %u, not to the user %u%s: the user cannot change "
				 "it; push or pack it with --owner %u:%u",
				 w->foreign_uid, w->user.uid, ohc_tally_more(&w->foreign, more),
				 w->user.uid, w->user.gid);
	if (w->unreadable.n)
		ohc_findings_add(f, OHC_FINDING_ERROR, "payload-mode", w->unreadable.first,
				 "cannot be read by the user %u:%u%s; chmod a+rX before it is "
				 "pushed",
				 w->user.uid, w->user.gid, ohc_tally_more(&w->unreadable, more));
	/* When it is the only one and the command, all is reported already. */
	if (w->scripts.n > 1 ||
	    (w->scripts.n &&
	     !ohc_findings_has(w->c->before, "command-interpreter", NULL, w->script_lacks)))
		ohc_findings_add(f, OHC_FINDING_WARNING, "script-interpreter", w->scripts.first,
				 "%s%s", w->script_lacks, ohc_tally_more(&w->scripts, more));
}

static void walk_clear(struct paths_walk *w)
{
	struct ohc_tally *tallies[] = { &w->dangling, &w->loops, &w->foreign, &w->unreadable,
					&w->scripts };

	for (size_t i = 0; i < OHC_ARRAY_SIZE(tallies); i++)
		ohc_tally_clear(tallies[i]);
	free(w->script_lacks);
	ohc_user_clear(&w->user);
}

int ohc_check_paths(const struct ohc_check *c, struct ohc_error *err)
{
	ohc_cleanup(walk_clear) struct paths_walk w = { .c = c };
	int rc = ohc_check_read_user(c, &w.user, err);
	size_t n = c->findings->n;

	for (size_t i = 0; rc == 0 && i < c->targets->n; i++)
		rc = ohc_files_walk(c->files, c->targets->v[i], look_at, &w, err);
	for (size_t i = 0; rc == 0 && c->unread && i < c->unread->n; i++)
		rc = look_at_unread(&w, c->unread->v[i], err);
	if (rc < 0)
		return rc;
	tell(&w);
	if (w.files && c->findings->n == n)
		ohc_findings_add(c->findings, OHC_FINDING_OK, "payload", c->targets->v[0],
				 "all %zu files are the user's, and lead somewhere", w.files);
	return 0;
}
