// SPDX-License-Identifier: Apache-2.0
#include "layout/account/user.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"

enum { NAME = 0, ID = 2, GID = 3, HOME = 5 }; /* of passwd; the first two also of group */
enum { MEMBERS = 3 };                         /* of group */

/* A line without the blanks around it, or a field of one. */
struct user_span {
	const char *s;
	size_t n;
};

/* Reads a number as Go's strconv.Atoi() does; one that is too large for it is also beyond every
 * limit here. */
static bool parse_number(struct user_span f, int64_t *ret)
{
	bool minus = f.n && *f.s == '-';
	size_t i = f.n && (minus || *f.s == '+');
	int64_t v = 0;

	if (i == f.n)
		return false;
	for (; i < f.n; i++) {
		if (f.s[i] < '0' || f.s[i] > '9')
			return false;
		v = v > UINT32_MAX ? v : v * 10 + (f.s[i] - '0');
	}
	*ret = minus ? -v : v;
	return true;
}

static bool is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* The next line from *pos on that is not empty. */
static bool next_line(const struct ohc_buf *text, size_t *pos, struct user_span *ret)
{
	while (*pos < text->len) {
		const char *s = text->data + *pos, *end = memchr(s, '\n', text->len - *pos);
		size_t n = end ? (size_t)(end - s) : text->len - *pos;

		*pos += n + 1;
		for (; n && is_blank(*s); n--)
			s++;
		for (; n && is_blank(s[n - 1]); n--)
			;
		*ret = (struct user_span){ s, n };
		if (n)
			return true;
	}
	return false;
}

/* The next line of group from *pos on. */
static bool next_group(const struct ohc_buf *text, size_t *pos, struct user_span *ret)
{
	while (next_line(text, pos, ret))
		if (*ret->s != '#')
			return true;
	return false;
}

/* A field of the line; empty where there is none. */
static struct user_span field_of(struct user_span line, unsigned int field)
{
	const char *colon;

	for (;; field--) {
		colon = memchr(line.s, ':', line.n);
		if (field == 0)
			return (struct user_span){ line.s,
						   colon ? (size_t)(colon - line.s) : line.n };
		if (!colon)
			return (struct user_span){ line.s + line.n, 0 };
		line.n -= (size_t)(colon + 1 - line.s);
		line.s = colon + 1;
	}
}

static int64_t number_of(struct user_span line, unsigned int field)
{
	int64_t v = 0;

	parse_number(field_of(line, field), &v);
	return v;
}

static bool is_text(struct user_span f, const char *text)
{
	return f.n == strlen(text) && memcmp(f.s, text, f.n) == 0;
}

/* A part of the User: a name, or an id where `name` is NULL. */
struct user_wanted {
	const char *name;
	int64_t id;
};

static bool matches(struct user_span line, const struct user_wanted *w)
{
	return w->name ? is_text(field_of(line, NAME), w->name) : number_of(line, ID) == w->id;
}

static bool find_line(const struct ohc_buf *text,
		      bool (*next)(const struct ohc_buf *, size_t *, struct user_span *),
		      const struct user_wanted *w, struct user_span *ret)
{
	struct user_span line;
	size_t pos = 0;

	while (next(text, &pos, &line))
		if (matches(line, w)) {
			*ret = line;
			return true;
		}
	return false;
}

static enum ohc_user_lookup parse_part(const char *text, struct user_wanted *ret)
{
	*ret = (struct user_wanted){ text, 0 };
	if (!parse_number((struct user_span){ text, strlen(text) }, &ret->id))
		return OHC_USER_UNKNOWN;
	ret->name = NULL;
	return ret->id < 0 || ret->id > OHC_USER_ID_MAX ? OHC_USER_RANGE : OHC_USER_FOUND;
}

/* runc looks HOME up by the id alone, even when the name was found in another line. */
static void find_home(struct ohc_user *u, const struct ohc_buf *passwd)
{
	struct user_wanted w = { NULL, u->uid };
	struct user_span line, home = { "", 0 };

	if (find_line(passwd, next_line, &w, &line))
		home = field_of(line, HOME);
	u->home = home.n ? ohc_xstrndup(home.s, home.n) : ohc_xstrdup("/");
}

/* Reads an id of a line; engines cut it to 32 bits. */
static enum ohc_user_lookup take_id(struct user_span line, unsigned int field, uint32_t *ret)
{
	int64_t v = number_of(line, field);

	*ret = (uint32_t)v;
	return v < 0 || v >= UINT32_MAX ? OHC_USER_RANGE : OHC_USER_FOUND;
}

/* *ret is the account's line, if it has one. */
static void find_user(struct ohc_user *u, const struct ohc_buf *passwd, struct user_span *ret)
{
	struct user_wanted w;

	u->user_lookup = parse_part(u->user, &w);
	u->uid = (uint32_t)w.id;
	if (u->user_lookup == OHC_USER_RANGE || !find_line(passwd, next_line, &w, ret))
		return;
	u->has_account = true;
	u->user_lookup = take_id(*ret, ID, &u->uid);
	if (take_id(*ret, GID, &u->gid) == OHC_USER_RANGE && !*u->group)
		u->user_lookup = OHC_USER_RANGE;
}

static void find_group(struct ohc_user *u, const struct ohc_buf *group)
{
	struct user_wanted w;
	struct user_span line;

	if (!*u->group)
		return;
	u->group_lookup = parse_part(u->group, &w);
	if (u->group_lookup == OHC_USER_UNKNOWN && find_line(group, next_group, &w, &line))
		u->group_lookup = take_id(line, ID, &u->gid);
	else
		u->gid = (uint32_t)w.id;
}

static bool is_member(struct user_span members, struct user_span name)
{
	const char *s = members.s, *end = s + members.n, *comma;

	for (; s < end; s = comma + 1) {
		comma = memchr(s, ',', (size_t)(end - s));
		comma = comma ? comma : end;
		if ((size_t)(comma - s) == name.n && memcmp(s, name.s, name.n) == 0)
			return true;
	}
	return false;
}

static void find_memberships(struct ohc_user *u, const struct ohc_buf *group, struct user_span name)
{
	struct user_span line;
	size_t pos = 0;

	while (u->n_groups < OHC_USER_GROUPS && next_group(group, &pos, &line))
		if (is_member(field_of(line, MEMBERS), name))
			u->groups[u->n_groups++] = (uint32_t)number_of(line, ID);
}

void ohc_user_read(const struct ohc_buf *passwd, const struct ohc_buf *group, const char *spec,
		   struct ohc_user *ret)
{
	const char *colon = strchrnul(spec, ':');
	struct ohc_user u = OHC_USER_INIT;
	struct user_span line, name = { "", 0 };

	u.user = colon == spec ? ohc_xstrdup("0") : ohc_xstrndup(spec, (size_t)(colon - spec));
	u.group = ohc_xstrdup(*colon ? colon + 1 : "");
	find_user(&u, passwd, &line);
	find_home(&u, passwd);
	find_group(&u, group);
	if (u.has_account)
		name = field_of(line, NAME);
	if (!*u.group && name.n)
		find_memberships(&u, group, name);
	u.known = u.user_lookup == OHC_USER_FOUND && u.group_lookup == OHC_USER_FOUND;
	*ret = u;
}

void ohc_user_clear(struct ohc_user *u)
{
	free(u->user);
	free(u->group);
	free(u->home);
	*u = (struct ohc_user)OHC_USER_INIT;
}

static bool in_group(const struct ohc_user *u, uint32_t gid)
{
	for (size_t i = 0; i < u->n_groups; i++)
		if (u->groups[i] == gid)
			return true;
	return u->gid == gid;
}

bool ohc_user_may(const struct ohc_user *u, mode_t mode, uint32_t uid, uint32_t gid, int want)
{
	unsigned int shift = uid == u->uid ? 6 : in_group(u, gid) ? 3 : 0;

	/* root needs one x only, whether the owner's, the group's or the others'. */
	if (u->uid == 0)
		return !(want & X_OK) || S_ISDIR(mode) || (mode & 0111);
	return (mode >> shift & (unsigned int)want) == (unsigned int)want;
}
