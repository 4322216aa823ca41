// SPDX-License-Identifier: Apache-2.0
#include "layout/account/account.h"

#include <string.h>

#include "core/alloc.h"
#include "layout/account/rows.h"

enum {
	NAME = 0,
	ID = 2,
	GID = 3,
	HOME = 5,
	SHELL = 6
};                                /* of passwd; the first two also of group */
enum { ADMINS = 2, MEMBERS = 3 }; /* of gshadow; the latter also of group */

/* One bit for each id, so that each row is looked at once, however many the file has. */
#define ID_LAST 65533u

struct adding {
	struct ohc_account_plan plan;
	bool there[OHC_ACCOUNT_FILES];
	struct ohc_account want; /* borrowed strings; uid and gid as they will be */
	enum ohc_clash clash;
};

const char *ohc_account_file_path(enum ohc_account_file file)
{
	static const char *const paths[] = { "/etc/passwd", "/etc/group", "/etc/shadow",
					     "/etc/gshadow" };

	return paths[file];
}

static struct ohc_buf *text(struct adding *a, enum ohc_account_file file)
{
	return &a->plan.text[file];
}

static void add_line(struct adding *a, enum ohc_account_file file, char *line)
{
	ohc_rows_add(text(a, file), line);
	a->plan.changed[file] = true;
	free(line);
}

static void set_field(struct adding *a, enum ohc_account_file file, struct ohc_row *row,
		      unsigned int field, const char *value)
{
	if (ohc_row_set(text(a, file), row, field, value))
		a->plan.changed[file] = true;
}

/* Makes an account of the base the user. */
static void take_row(struct adding *a, const struct ohc_row *row, enum ohc_account_done done)
{
	const struct ohc_buf *passwd = text(a, OHC_PASSWD);
	struct ohc_account *is = &a->plan.account;

	ohc_account_clear(is);
	is->name = ohc_row_text(passwd, row, NAME);
	is->home = ohc_row_text(passwd, row, HOME);
	is->shell = ohc_row_text(passwd, row, SHELL);
	ohc_row_id(passwd, row, ID, &is->uid);
	ohc_row_id(passwd, row, GID, &is->gid);
	a->plan.done = done;
}

static int clashes(struct ohc_error *err, const char *what, uint32_t id, const char *who,
		   const char *help)
{
	return ohc_error_set(err, OHC_E_CHECK, "%s %u is taken by '%s' of the base: %s", what, id,
			     who, help);
}

static int name_clash(const struct adding *a, const char *what, const char *number, uint32_t has,
		      uint32_t wanted, struct ohc_error *err)
{
	return ohc_error_set(err, OHC_E_CHECK,
			     "the base has %s '%s' with %s %u, not %u: take it as it is with "
			     "--on-uid-clash reuse, or name another with --account",
			     what, a->want.name, number, has, wanted);
}

#define HOW                                                                                   \
	"choose --on-uid-clash reuse, rename or next-free, or another number with --account " \
	"NAME:UID:GID"

static void rename_group(struct adding *a, const char *from)
{
	static const enum ohc_account_file files[] = { OHC_GROUP, OHC_GSHADOW };
	struct ohc_row row;

	for (size_t i = 0; i < OHC_ARRAY_SIZE(files); i++)
		if (!ohc_row_find(text(a, files[i]), NAME, a->want.name, &row) &&
		    ohc_row_find(text(a, files[i]), NAME, from, &row))
			set_field(a, files[i], &row, NAME, a->want.name);
}

static void rename_member(struct adding *a, enum ohc_account_file file, unsigned int field,
			  const char *from)
{
	if (ohc_rows_rename_member(text(a, file), field, from, a->want.name))
		a->plan.changed[file] = true;
}

/* Renames the account that has our id: it gets our name and home, as do its own group and its
 * memberships. */
static int rename_account(struct adding *a, struct ohc_row *row)
{
	ohc_cleanup(ohc_freep) char *old = ohc_row_text(text(a, OHC_PASSWD), row, NAME);
	struct ohc_row shadow, group;
	uint32_t gid;

	set_field(a, OHC_PASSWD, row, HOME, a->want.home);
	set_field(a, OHC_PASSWD, row, NAME, a->want.name);
	if (!ohc_row_find(text(a, OHC_SHADOW), NAME, a->want.name, &shadow) &&
	    ohc_row_find(text(a, OHC_SHADOW), NAME, old, &shadow))
		set_field(a, OHC_SHADOW, &shadow, NAME, a->want.name);
	take_row(a, row, OHC_ACCOUNT_RENAMED);
	if (ohc_row_find_name(text(a, OHC_GROUP), OHC_ROW_OF_GROUP, old, &group, &gid) &&
	    gid == a->plan.account.gid)
		rename_group(a, old);
	rename_member(a, OHC_GROUP, MEMBERS, old);
	rename_member(a, OHC_GSHADOW, MEMBERS, old);
	rename_member(a, OHC_GSHADOW, ADMINS, old);
	return 1;
}

static int none_free(const struct adding *a, const char *what, uint32_t id, struct ohc_error *err)
{
	return ohc_error_set(err, OHC_E_CHECK,
			     "no %s above %u is free in the base: name one with --account %s:UID",
			     what, id, a->want.name);
}

static void mark(const struct ohc_buf *text, enum ohc_row_kind kind,
		 unsigned char used[ID_LAST / 8 + 1])
{
	struct ohc_row row;
	size_t pos = 0;
	uint32_t id;

	while (text && ohc_row_next(text, &pos, &row))
		if (ohc_row_is_one(text, &row, kind, &id) && id <= ID_LAST)
			used[id / 8] |= (unsigned char)(1 << id % 8);
}

/* Finds the lowest id above `than` that nobody has in either text; each may be NULL.  False where
 * there is none up to ID_LAST: the ids above it have meanings of their own (nobody, overflow
 * ids). */
static bool next_id(const struct ohc_buf *passwd, const struct ohc_buf *group, uint32_t than,
		    uint32_t *ret)
{
	unsigned char used[ID_LAST / 8 + 1] = { 0 };

	mark(passwd, OHC_ROW_OF_PASSWD, used);
	mark(group, OHC_ROW_OF_GROUP, used);
	for (uint32_t id = than; id < ID_LAST;)
		if (++id <= ID_LAST && !(used[id / 8] & 1 << id % 8)) {
			*ret = id;
			return true;
		}
	return false;
}

/* Where uid and gid were to be the same number, the free ones are, too. */
static int next_uid(struct adding *a, struct ohc_error *err)
{
	bool both = a->want.uid == a->want.gid;
	uint32_t id;

	if (!next_id(text(a, OHC_PASSWD), both ? text(a, OHC_GROUP) : NULL, a->want.uid, &id))
		return none_free(a, "uid", a->want.uid, err);
	a->want.uid = id;
	if (both)
		a->want.gid = id;
	return 0;
}

/* 1: an account of the base is the user; 0: one is to be added. */
static int settle_uid(struct adding *a, struct ohc_error *err)
{
	const struct ohc_buf *passwd = text(a, OHC_PASSWD);
	ohc_cleanup(ohc_freep) char *who = NULL;
	struct ohc_row row;
	uint32_t uid;

	if (ohc_row_find_name(passwd, OHC_ROW_OF_PASSWD, a->want.name, &row, &uid)) {
		if (uid != a->want.uid && a->clash != OHC_CLASH_REUSE)
			return name_clash(a, "an account", "uid", uid, a->want.uid, err);
		take_row(a, &row, uid == a->want.uid ? OHC_ACCOUNT_THERE : OHC_ACCOUNT_REUSED);
		return 1;
	}
	if (!ohc_row_find_id(passwd, OHC_ROW_OF_PASSWD, a->want.uid, &row))
		return 0;
	if (a->want.uid == 0 && a->clash != OHC_CLASH_REUSE) {
		who = ohc_row_text(passwd, &row, NAME);
		return clashes(err, "uid", 0, who,
			       "be it with --on-uid-clash reuse, or name another number with "
			       "--account NAME:UID:GID");
	}
	switch (a->clash) {
	case OHC_CLASH_REUSE:
		take_row(a, &row, OHC_ACCOUNT_REUSED);
		return 1;
	case OHC_CLASH_RENAME:
		return rename_account(a, &row);
	case OHC_CLASH_NEXT_FREE:
		return next_uid(a, err);
	case OHC_CLASH_FAIL:
		break;
	}
	who = ohc_row_text(passwd, &row, NAME);
	return clashes(err, "uid", a->want.uid, who, HOW);
}

/* 1: the base has the group; 0: it is to be added. */
static int settle_gid(struct adding *a, struct ohc_error *err)
{
	const struct ohc_buf *group = text(a, OHC_GROUP);
	ohc_cleanup(ohc_freep) char *who = NULL;
	struct ohc_row row;
	uint32_t gid;

	if (a->want.gid == 0 && ohc_row_find_id(group, OHC_ROW_OF_GROUP, 0, &row))
		return 1;
	if (ohc_row_find_name(group, OHC_ROW_OF_GROUP, a->want.name, &row, &gid)) {
		if (gid != a->want.gid && a->clash != OHC_CLASH_REUSE &&
		    a->clash != OHC_CLASH_NEXT_FREE)
			return name_clash(a, "a group", "gid", gid, a->want.gid, err);
		a->want.gid = gid;
		return 1;
	}
	if (!ohc_row_find_id(group, OHC_ROW_OF_GROUP, a->want.gid, &row))
		return 0;
	who = ohc_row_text(group, &row, NAME);
	switch (a->clash) {
	case OHC_CLASH_REUSE:
		return 1;
	case OHC_CLASH_RENAME:
		rename_group(a, who);
		return 1;
	case OHC_CLASH_NEXT_FREE:
		if (next_id(NULL, group, a->want.gid, &a->want.gid))
			return 0;
		return none_free(a, "gid", a->want.gid, err);
	case OHC_CLASH_FAIL:
		break;
	}
	return clashes(err, "gid", a->want.gid, who, HOW);
}

static void add_group(struct adding *a)
{
	struct ohc_row row;

	if (!a->there[OHC_GROUP] && a->want.gid != 0 && strcmp(a->want.name, "root") != 0)
		add_line(a, OHC_GROUP, ohc_xstrdup("root:x:0:"));
	add_line(a, OHC_GROUP, ohc_xasprintf("%s:x:%u:", a->want.name, a->want.gid));
	if (a->there[OHC_GSHADOW] && !ohc_row_find(text(a, OHC_GSHADOW), NAME, a->want.name, &row))
		add_line(a, OHC_GSHADOW, ohc_xasprintf("%s:!::", a->want.name));
}

static void add_account(struct adding *a)
{
	const struct ohc_account *w = &a->want;
	const char *password = a->there[OHC_SHADOW] ? "x" : "*";
	struct ohc_row row;

	if (!a->there[OHC_PASSWD] && w->uid != 0 && strcmp(w->name, "root") != 0)
		add_line(a, OHC_PASSWD,
			 ohc_xasprintf("root:%s:0:0:root:/root:%s", password, w->shell));
	add_line(a, OHC_PASSWD,
		 ohc_xasprintf("%s:%s:%u:%u::%s:%s", w->name, password, w->uid, w->gid, w->home,
			       w->shell));
	if (a->there[OHC_SHADOW] && !ohc_row_find(text(a, OHC_SHADOW), NAME, w->name, &row))
		add_line(a, OHC_SHADOW, ohc_xasprintf("%s:*::0:99999:7:::", w->name));
	ohc_account_clear(&a->plan.account);
	ohc_account_copy(&a->plan.account, w);
	a->plan.done = OHC_ACCOUNT_ADDED;
}

static int add(struct adding *a, struct ohc_error *err)
{
	int rc = settle_uid(a, err);

	if (rc != 0)
		return rc;
	rc = settle_gid(a, err);
	if (rc < 0)
		return rc;
	if (rc == 0)
		add_group(a);
	add_account(a);
	return 0;
}

static int load(struct adding *a, const struct ohc_account_files *files, struct ohc_error *err)
{
	for (int i = 0; i < OHC_ACCOUNT_FILES; i++) {
		if (files->n[i] > OHC_ACCOUNT_FILE_MAX)
			return ohc_error_set(err, OHC_E_FORMAT,
					     "'%s' of the base is larger than the limit of %u "
					     "bytes",
					     ohc_account_file_path((enum ohc_account_file)i),
					     OHC_ACCOUNT_FILE_MAX);
		a->there[i] = files->data[i] != NULL;
		ohc_buf_add(&a->plan.text[i], files->data[i], files->n[i]);
	}
	return 0;
}

int ohc_account_add(const struct ohc_account_files *files, const struct ohc_account *want,
		    enum ohc_clash clash, struct ohc_account_plan *ret, struct ohc_error *err)
{
	struct adding a = { .want = *want, .clash = clash };
	int rc = load(&a, files, err);

	if (rc == 0)
		rc = add(&a, err);
	if (rc < 0) {
		ohc_account_plan_clear(&a.plan);
		return rc;
	}
	*ret = a.plan;
	return 0;
}

void ohc_account_plan_clear(struct ohc_account_plan *plan)
{
	for (int i = 0; i < OHC_ACCOUNT_FILES; i++)
		ohc_buf_clear(&plan->text[i]);
	ohc_account_clear(&plan->account);
	memset(plan, 0, sizeof(*plan));
}
