/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Adding an account to a base's own account files: texts in, texts out, otherwise unchanged byte
 * for byte.
 *
 *	struct ohc_account_files files = { … };		those that the base has
 *
 *	rc = ohc_account_add(&files, &account, OHC_CLASH_FAIL, &plan, err);
 *	if (plan.changed[OHC_PASSWD])
 *		... plan.text[OHC_PASSWD] ...
 *	... plan.account is the user in the end ...
 *	ohc_account_plan_clear(&plan);
 *
 * Where the name is there with its uid, nothing is done.  Else a name, uid or gid may be taken:
 *
 *	          uid is another's         gid is another group's   name has another uid or gid
 *	fail      OHC_E_CHECK, naming it   OHC_E_CHECK, naming it   OHC_E_CHECK, naming it
 *	reuse     that account is it       that group is its        that account or group is it
 *	rename    that account gets our    that group gets our      OHC_E_CHECK
 *	          name and home            name
 *	next-free the next free uid        the next free gid        OHC_E_CHECK; a group is its
 *
 * uid 0 and gid 0 are root's whatever the policy: an account may share them, not take them over.
 * With gid 0 it is in root's group; with uid 0 it must be root itself (reuse).
 *
 * passwd and group are written where the base has none, with root in them; shadow and gshadow only
 * where it has them, with no password and no date in them, so that they are the same every day.
 */
#ifndef OHC_LAYOUT_ACCOUNT_ACCOUNT_H
#define OHC_LAYOUT_ACCOUNT_ACCOUNT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "core/error.h"

struct ohc_account {
	char *name; /* NULL: no account */
	uint32_t uid, gid;
	char *home;
	char *shell;
};

enum ohc_account_file {
	OHC_PASSWD,
	OHC_GROUP,
	OHC_SHADOW,
	OHC_GSHADOW,
	OHC_ACCOUNT_FILES,
};

/* "/etc/passwd" … */
const char *ohc_account_file_path(enum ohc_account_file file);

/* The limit on a file of a stranger's. */
#define OHC_ACCOUNT_FILE_MAX (1u << 20)

struct ohc_account_files {
	const char *data[OHC_ACCOUNT_FILES]; /* NULL: the base has none */
	size_t n[OHC_ACCOUNT_FILES];
};

enum ohc_clash {
	OHC_CLASH_FAIL,
	OHC_CLASH_REUSE,
	OHC_CLASH_RENAME,
	OHC_CLASH_NEXT_FREE,
};

/* The words for the policies, in the enum's order, with SEP between them. */
#define OHC_CLASH_WORDS(WORD, SEP) \
	WORD("fail") SEP WORD("reuse") SEP WORD("rename") SEP WORD("next-free")

/* Those words, separated by '|', for the help. */
#define OHC_CLASH_TEXT OHC_CLASH_WORDS(OHC_LIST_AS_IS, "|")

/* Reads the word of a policy.  OHC_E_USAGE: it is none. */
int ohc_account_clash_parse(const char *word, enum ohc_clash *ret, struct ohc_error *err);

/* NAME:UID[:GID[:HOME[:SHELL]]]; GID is UID, HOME /home/NAME and SHELL NULL where they are not
 * given.  The caller clears *ret. */
int ohc_account_parse(const char *spec, struct ohc_account *ret, struct ohc_error *err);

/* The characters of an account's name and paths, wherever they come from: nothing that would end
 * a field or a line of passwd(5). */
#define OHC_ACCOUNT_NAME_RULE \
	"at most 32 letters, digits, '_', '-' or '.', not '-' first, and not digits alone"
bool ohc_account_is_name(const char *text);
bool ohc_account_is_path(const char *text);

void ohc_account_copy(struct ohc_account *ret, const struct ohc_account *account);
void ohc_account_clear(struct ohc_account *account);

enum ohc_account_done {
	OHC_ACCOUNT_THERE,   /* nothing was to be done */
	OHC_ACCOUNT_ADDED,   /* maybe with another uid or gid */
	OHC_ACCOUNT_REUSED,  /* another account is it */
	OHC_ACCOUNT_RENAMED, /* another account became it */
};

struct ohc_account_plan {
	struct ohc_buf text[OHC_ACCOUNT_FILES];
	bool changed[OHC_ACCOUNT_FILES];
	struct ohc_account account;
	enum ohc_account_done done;
};

/* All members of want are set. */
int ohc_account_add(const struct ohc_account_files *files, const struct ohc_account *want,
		    enum ohc_clash clash, struct ohc_account_plan *ret, struct ohc_error *err);
void ohc_account_plan_clear(struct ohc_account_plan *plan);

#endif
