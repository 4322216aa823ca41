// SPDX-License-Identifier: Apache-2.0
/* Parses accounts and policies as they are typed. */
#include <string.h>

#include "core/alloc.h"
#include "core/ascii.h"
#include "core/id.h"
#include "core/path.h"
#include "layout/account/account.h"

#define NAME_LONGEST 32

int ohc_account_clash_parse(const char *word, enum ohc_clash *ret, struct ohc_error *err)
{
	static const char *const words[] = { OHC_CLASH_WORDS(OHC_LIST_AS_IS, OHC_LIST_COMMA) };

	for (size_t i = 0; i < OHC_ARRAY_SIZE(words); i++)
		if (strcmp(word, words[i]) == 0) {
			*ret = (enum ohc_clash)i;
			return 0;
		}
	return ohc_error_set(
		err, OHC_E_USAGE,
		"unknown policy '%s' for a uid that is taken: choose one of " OHC_CLASH_TEXT, word);
}

static int malformed(const char *spec, const char *why, struct ohc_error *err)
{
	return ohc_error_set(err, OHC_E_USAGE,
			     "malformed account '%s': %s; NAME:UID[:GID[:HOME[:SHELL]]] is wanted",
			     spec, why);
}

/* Takes the names that useradd takes, and capitals and dots; a name of digits would be read as a
 * uid. */
bool ohc_account_is_name(const char *s)
{
	return *s && *s != '-' && strlen(s) <= NAME_LONGEST &&
	       strspn(s, OHC_ASCII_LETTERS OHC_ASCII_DIGITS "_.-") == strlen(s) &&
	       strspn(s, OHC_ASCII_DIGITS) != strlen(s) && strcmp(s, ".") != 0 &&
	       strcmp(s, "..") != 0;
}

/* A ':' ends a field of passwd, a line end the line; and the home is made in a layer. */
bool ohc_account_is_path(const char *s)
{
	return *s == '/' && !strpbrk(s, ":\r\n") && !ohc_path_has_up(s) &&
	       !ohc_path_has_whiteout(s);
}

int ohc_account_parse(const char *spec, struct ohc_account *ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *copy = ohc_xstrdup(spec);
	char *fields[5] = { copy }, *s = copy;
	struct ohc_account a = { NULL, 0, 0, NULL, NULL };

	for (size_t i = 1; i < OHC_ARRAY_SIZE(fields) && s && (s = strchr(s, ':')); i++) {
		*s++ = '\0';
		fields[i] = s;
	}
	if (!ohc_account_is_name(fields[0]))
		return malformed(spec, "a name has " OHC_ACCOUNT_NAME_RULE, err);
	if (!fields[1] || !ohc_id_parse(fields[1], strlen(fields[1]), &a.uid))
		return malformed(spec, "the uid is not a number below 4294967295", err);
	a.gid = a.uid;
	if (fields[2] && *fields[2] && !ohc_id_parse(fields[2], strlen(fields[2]), &a.gid))
		return malformed(spec, "the gid is not a number below 4294967295", err);
	if (fields[3] && *fields[3] && !ohc_account_is_path(fields[3]))
		return malformed(
			spec, "the home is no absolute path, or none that a layer can have", err);
	if (fields[4] && *fields[4] && !ohc_account_is_path(fields[4]))
		return malformed(
			spec, "the shell is no absolute path, or none that a layer can have", err);
	a.name = ohc_xstrdup(fields[0]);
	a.home = fields[3] && *fields[3] ? ohc_xstrdup(fields[3])
					 : ohc_xasprintf("/home/%s", a.name);
	a.shell = fields[4] && *fields[4] ? ohc_xstrdup(fields[4]) : NULL;
	*ret = a;
	return 0;
}

void ohc_account_copy(struct ohc_account *ret, const struct ohc_account *a)
{
	*ret = (struct ohc_account){
		.name = ohc_xstrdup(a->name),
		.uid = a->uid,
		.gid = a->gid,
		.home = ohc_xstrdup(a->home),
		.shell = ohc_xstrdup(a->shell),
	};
}

void ohc_account_clear(struct ohc_account *a)
{
	free(a->name);
	free(a->home);
	free(a->shell);
	memset(a, 0, sizeof(*a));
}
