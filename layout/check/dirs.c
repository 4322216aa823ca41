// SPDX-License-Identifier: Apache-2.0
/* Directories: where the image starts, where its user works,
 * and volumes that hide what is there. */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/path.h"
#include "layout/check/check_internal.h"

/* 1: a directory; 0: nothing there; 2: something else. */
static int look(const struct ohc_check *c, const char *path, struct ohc_files_place *place,
		struct ohc_error *err)
{
	int rc = ohc_files_find(c->files, path, OHC_FILES_FOLLOW, place, err);

	if (rc < 0)
		return rc;
	if (place->found == OHC_FILES_ABSENT)
		return 0;
	return place->found == OHC_FILES_THERE && S_ISDIR(place->node.mode) ? 1 : 2;
}

static int may_write(const struct ohc_check *c, const struct ohc_user *u,
		     const struct ohc_files_place *place, struct ohc_error *err)
{
	return u->known ? ohc_check_may(c, u, place->path, W_OK | X_OK, err) : 1;
}

static bool in_workspace(const struct ohc_check *c, const char *path)
{
	return ohc_strv_has(&c->profile->workspace, path);
}

/* A directory of a payload that was not read may be there. */
static int say_missing(const struct ohc_check *c, const char *dir, struct ohc_error *err)
{
	int rc = ohc_check_is_unread(c, dir, err);

	if (rc == 0)
		ohc_findings_add(c->findings, OHC_FINDING_WARNING, "workdir-missing", dir,
				 "is the working directory, and is not in the image: engines make "
				 "it, as root's");
	return rc < 0 ? rc : 0;
}

static int check_workdir(const struct ohc_check *c, const struct ohc_user *u, struct ohc_error *err)
{
	ohc_cleanup(ohc_files_place_clear) struct ohc_files_place place = { .path = NULL };
	const char *dir = ohc_check_text(c->config, "WorkingDir");
	int rc;

	if (!*dir || strcmp(dir, "/") == 0 || in_workspace(c, dir))
		return 0;
	rc = look(c, dir, &place, err);
	if (rc == 0)
		return say_missing(c, dir, err);
	if (rc == 2)
		ohc_findings_add(
			c->findings, OHC_FINDING_ERROR, "workdir-missing", dir,
			"is the working directory, and is none: no engine can start there");
	if (rc != 1)
		return rc < 0 ? rc : 0;
	rc = may_write(c, u, &place, err);
	if (rc == 0)
		ohc_findings_add(c->findings, OHC_FINDING_WARNING, "workdir-owner", dir,
				 "is the working directory, and cannot be written by %u:%u (mode "
				 "%o, owner %u:%u)",
				 u->uid, u->gid, place.node.mode & 07777, place.node.uid,
				 place.node.gid);
	return rc < 0 ? rc : 0;
}

static int check_workspace(const struct ohc_check *c, const struct ohc_user *u, const char *dir,
			   struct ohc_error *err)
{
	ohc_cleanup(ohc_files_place_clear) struct ohc_files_place place = { .path = NULL };
	int rc = look(c, dir, &place, err);

	if (rc < 0)
		return rc;
	if (rc != 1) {
		ohc_findings_add(c->findings, OHC_FINDING_ERROR, "workspace-missing", dir,
				 "is where the profile '%s' has its user work, and is no directory "
				 "of the image",
				 c->profile->name);
		return 0;
	}
	rc = may_write(c, u, &place, err);
	if (rc == 0)
		ohc_findings_add(c->findings, OHC_FINDING_WARNING, "workspace-owner", dir,
				 "cannot be written by the user %u:%u (mode %o, owner %u:%u)",
				 u->uid, u->gid, place.node.mode & 07777, place.node.uid,
				 place.node.gid);
	if (rc > 0)
		ohc_findings_add(c->findings, OHC_FINDING_OK, "workspace", dir,
				 "can be written by the user");
	return rc < 0 ? rc : 0;
}

static int check_tmp(const struct ohc_check *c, const struct ohc_user *u, struct ohc_error *err)
{
	ohc_cleanup(ohc_files_place_clear) struct ohc_files_place place = { .path = NULL };
	int rc = look(c, "/tmp", &place, err);

	if (rc == 1)
		rc = may_write(c, u, &place, err);
	if (rc == 0 || rc == 2)
		ohc_findings_add(c->findings, OHC_FINDING_WARNING, "tmp", "/tmp",
				 "is not there, or cannot be written by the user: Python, tmux, "
				 "Chromium and PyInstaller's programs need it; mount one");
	return rc < 0 ? rc : 0;
}

/* Warns only, as engines differ: those that unpack each layer by itself start in a root directory
 * of their own making, those that unpack the image as one tree in the base's. */
static int check_root(const struct ohc_check *c, const struct ohc_user *u, struct ohc_error *err)
{
	ohc_cleanup(ohc_files_place_clear) struct ohc_files_place place = { .path = NULL };
	int rc = look(c, "/", &place, err);

	if (rc == 1 && u->known && !ohc_check_user_may(u, &place.node, X_OK))
		ohc_findings_add(c->findings, OHC_FINDING_WARNING, "root-mode", "/",
				 "is closed to the user %u:%u in the base (mode %o, owner %u:%u): "
				 "engines that unpack the image as one tree start nothing",
				 u->uid, u->gid, place.node.mode & 07777, place.node.uid,
				 place.node.gid);
	return rc < 0 ? rc : 0;
}

/* Where a path leads, whether or not something is there; the caller frees it. */
static int lead(const struct ohc_check *c, const char *path, char **ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_files_place_clear) struct ohc_files_place place = { .path = NULL };
	int rc = ohc_files_find(c->files, path, OHC_FILES_FOLLOW, &place, err);

	if (rc == 0)
		*ret = place.path ? ohc_take(place.path) : ohc_xstrdup(path);
	return rc;
}

/* Is a the same as b, or above it? */
static bool covers(const char *a, const char *b)
{
	return strcmp(a, "/") == 0 || ohc_path_is_in(b, a);
}

static int check_volume_payload(const struct ohc_check *c, const char *volume, const char *there,
				const char *target, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *path = NULL;
	int rc = lead(c, target, &path, err);

	if (rc == 0 && (covers(there, path) || covers(path, there)))
		ohc_findings_add(c->findings, OHC_FINDING_ERROR, "volume-payload", volume,
				 "is a volume over the payload at '%s': engines put something else "
				 "there, or a copy of it in each container",
				 target);
	return rc;
}

static int check_volume_workspace(const struct ohc_check *c, const char *volume, const char *there,
				  const char *workspace, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *path = NULL;
	int rc = lead(c, workspace, &path, err);

	if (rc == 0 && covers(there, path))
		ohc_findings_add(c->findings, OHC_FINDING_WARNING, "volume-workspace", volume,
				 "is a volume over '%s': what stands there belongs to whoever "
				 "mounts it, and is gone with the container",
				 workspace);
	return rc;
}

/* Engines mount a volume where its path leads to in the image. */
static int check_volume(const struct ohc_check *c, const char *volume, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *there = NULL;
	int rc = lead(c, volume, &there, err);

	for (size_t i = 0; rc == 0 && i < c->targets->n; i++)
		rc = check_volume_payload(c, volume, there, c->targets->v[i], err);
	for (size_t i = 0; rc == 0 && i < c->profile->workspace.n; i++)
		rc = check_volume_workspace(c, volume, there, c->profile->workspace.v[i], err);
	return rc;
}

int ohc_check_dirs(const struct ohc_check *c, struct ohc_error *err)
{
	ohc_cleanup(ohc_user_clear) struct ohc_user u = OHC_USER_INIT;
	const json_t *volumes = ohc_check_member(c->config, "Volumes");
	int rc = ohc_check_read_user(c, &u, err);
	const char *volume;
	json_t *value;

	if (rc == 0)
		rc = check_root(c, &u, err);
	if (rc == 0)
		rc = check_workdir(c, &u, err);
	for (size_t i = 0; rc == 0 && i < c->profile->workspace.n; i++)
		rc = check_workspace(c, &u, c->profile->workspace.v[i], err);
	if (rc == 0)
		rc = check_tmp(c, &u, err);
	json_object_foreach ((json_t *)volumes, volume, value)
		if (rc == 0)
			rc = check_volume(c, volume, err);
	return rc;
}
