// SPDX-License-Identifier: Apache-2.0
/* The user's directories: workspace, and a home like those that the base makes. */
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/path.h"
#include "layout/fit/fit_internal.h"
#include "layout/rootfs/kept_files.h"

/* The limit on /etc/skel; real ones have less than a hundredth of that. */
#define SKEL_ENTRIES 1000

static bool has_entry(const struct ohc_fitter *f, const char *path)
{
	return ohc_entries_find(&f->out->entries, path);
}

/* Could any system have the path?  A row of /etc/passwd may say anything. */
static bool is_possible(const char *path)
{
	size_t n = strlen(path);

	for (const char *name = path; *name; name += strcspn(name, "/"), name += *name == '/')
		if (strcspn(name, "/") > NAME_MAX)
			return false;
	return n < PATH_MAX;
}

/* Where engines mount their own file systems (runtime-spec, "Default Filesystems"), what a layer
 * has is hidden, and a directory /dev/null is in their way. */
static bool is_engines(const char *path)
{
	static const char *const dirs[] = { "/dev", "/proc", "/sys" };

	for (size_t i = 0; i < OHC_ARRAY_SIZE(dirs); i++)
		if (ohc_path_is_in(path, dirs[i]))
			return true;
	return false;
}

bool ohc_fit_clear_way(struct ohc_fitter *f, const char *path, const struct ohc_rootfs_place *place)
{
	if (place->found == OHC_LOOP)
		ohc_findings_add(&f->out->findings, OHC_FINDING_WARNING, "path-blocked", path,
				 "cannot be made: it lies behind a loop of symlinks in the base");
	else if (place->found == OHC_NOT_DIR)
		ohc_findings_add(&f->out->findings, OHC_FINDING_WARNING, "path-blocked", path,
				 "cannot be made: '%s' of the base is no directory", place->path);
	else if (ohc_path_has_whiteout(place->path))
		ohc_findings_add(&f->out->findings, OHC_FINDING_WARNING, "path-blocked", path,
				 "cannot be made: symlinks of the base lead to '%s', "
				 "and " OHC_PATH_WHITEOUT_RULE,
				 place->path);
	else if (!is_possible(place->path))
		ohc_findings_add(&f->out->findings, OHC_FINDING_WARNING, "path-blocked", path,
				 "cannot be made: no system has so long a name");
	else if (is_engines(place->path))
		ohc_findings_add(&f->out->findings, OHC_FINDING_WARNING, "path-blocked", path,
				 "is not made: engines mount a file system of their own over it");
	else
		return true;
	return false;
}

static void judge_dir(struct ohc_fitter *f, const char *path, const char *code,
		      const struct ohc_file *file)
{
	if (!S_ISDIR(file->mode))
		ohc_findings_add(&f->out->findings, OHC_FINDING_WARNING, "path-blocked", path,
				 "is no directory in the base");
	else if (!ohc_user_may(&f->user, file->mode, file->uid, file->gid, W_OK))
		ohc_findings_add(&f->out->findings, OHC_FINDING_WARNING, code, path,
				 "belongs to %u:%u in the base (mode %04o), where the user %u:%u "
				 "cannot write: change it there, or choose another user or "
				 "directory",
				 file->uid, file->gid, file->mode & 07777, f->user.uid,
				 f->user.gid);
}

/* True where it is made. */
static bool make_dir(struct ohc_fitter *f, const char *path, const char *code, char **ret_path)
{
	struct ohc_rootfs_place place;
	bool made = false;

	ohc_rootfs_find(f->fs, path, OHC_FOLLOW, &place);
	if (place.found == OHC_FOUND) {
		judge_dir(f, path, code, &place.file);
	} else if (ohc_fit_clear_way(f, path, &place)) {
		ohc_entries_dir(&f->out->entries, place.path, 0755, f->user.uid, f->user.gid);
		*ret_path = ohc_take(place.path);
		made = true;
	}
	ohc_rootfs_place_clear(&place);
	return made;
}

void ohc_fit_workspace(struct ohc_fitter *f)
{
	const struct ohc_strv *dirs = f->fit->workspace;

	for (size_t i = 0; dirs && i < dirs->n; i++) {
		ohc_cleanup(ohc_freep) char *path = NULL;

		make_dir(f, dirs->v[i], "workspace-owner", &path);
	}
}

/* A base that holds a static program or nothing has no /tmp, and only root could make it. */
void ohc_fit_temporary(struct ohc_fitter *f)
{
	struct ohc_rootfs_place place;

	if (!f->fit->temporary)
		return;
	ohc_rootfs_find(f->fs, "/tmp", OHC_FOLLOW, &place);
	if (place.found != OHC_FOUND && !has_entry(f, place.path) &&
	    ohc_fit_clear_way(f, "/tmp", &place))
		ohc_entries_dir(&f->out->entries, place.path, 01777, 0, 0);
	ohc_rootfs_place_clear(&place);
}

struct skel {
	struct ohc_fitter *f;
	size_t from; /* bytes of a path that are skel's own */
	const char *home;
	size_t n;
};

static void unknown(struct skel *s, const char *path, const char *why)
{
	ohc_findings_add(&s->f->out->findings, OHC_FINDING_WARNING, "skel", path,
			 "is not copied to the home directory: %s", why);
}

static int copy_one(void *ctx, const char *path, const struct ohc_file *file)
{
	struct skel *s = ctx;
	struct ohc_entries *list = &s->f->out->entries;
	ohc_cleanup(ohc_freep) char *to = ohc_xasprintf("%s%s", s->home, path + s->from);
	mode_t mode = file->mode & 0777; /* without setuid bits, which would be another user's */

	if (s->n++ == SKEL_ENTRIES) {
		unknown(s, path, "there is too much in /etc/skel");
		return 1;
	}
	if (S_ISDIR(file->mode))
		ohc_entries_dir(list, to, mode, s->f->user.uid, s->f->user.gid);
	else if (S_ISLNK(file->mode))
		ohc_entries_symlink(list, to, s->f->user.uid, s->f->user.gid, file->link);
	else if (!S_ISREG(file->mode) || file->size > OHC_KEEP_SMALL)
		unknown(s, path, "it is no small file");
	else if (file->n_data != file->size)
		unknown(s, path,
			"it is another name of a file that is not below a directory 'skel'");
	else
		ohc_entries_file(list, to, mode, s->f->user.uid, s->f->user.gid,
				 file->size ? file->data : "", file->size);
	return 0;
}

struct search {
	const char *path;
	bool found;
};

static void look_for(void *ctx, const struct ohc_fit_entry *e)
{
	struct search *s = ctx;

	s->found |= S_ISDIR(e->mode) && strcmp(e->path, s->path) == 0;
}

/* A payload may have the directory itself, with mode and owner. */
static int payload_has_dir(const struct ohc_fitter *f, const char *path, bool *ret,
			   struct ohc_error *err)
{
	const struct ohc_strv *targets = f->fit->targets;
	struct search s = { path, false };
	int rc = 0;

	for (size_t i = 0; rc == 0 && targets && f->fit->payload_walk && i < targets->n; i++)
		if (ohc_path_is_in(path, targets->v[i]))
			rc = f->fit->payload_walk(f->fit->ctx, targets->v[i], look_for, &s, err);
	*ret = s.found;
	return rc;
}

static void copy_skel(struct ohc_fitter *f, const char *home)
{
	struct skel s = { .f = f, .home = home };
	struct ohc_rootfs_place skel;

	ohc_rootfs_find(f->fs, "/etc/skel", OHC_FOLLOW, &skel);
	s.from = strlen(skel.path);
	if (skel.found == OHC_FOUND && s.from > 1)
		ohc_rootfs_walk(f->fs, skel.path, copy_one, &s);
	ohc_rootfs_place_clear(&skel);
}

int ohc_fit_home(struct ohc_fitter *f, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *home = NULL;
	struct ohc_rootfs_place place;
	bool there;
	int rc;

	/* A row of the base may have no home, or text that is no path. */
	if (*f->out->account.home != '/') {
		ohc_findings_add(&f->out->findings, OHC_FINDING_WARNING, "path-blocked",
				 f->out->account.name,
				 "has the home '%s' in the base's /etc/passwd, which is no "
				 "absolute path: none is made, and programs that want one fail",
				 f->out->account.home);
		return 0;
	}
	ohc_rootfs_find(f->fs, f->out->account.home, OHC_FOLLOW, &place);
	rc = payload_has_dir(f, place.path, &there, err);
	ohc_rootfs_place_clear(&place);
	if (rc == 0 && !there && make_dir(f, f->out->account.home, "home-owner", &home))
		copy_skel(f, home);
	return rc;
}
