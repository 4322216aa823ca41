// SPDX-License-Identifier: Apache-2.0
#include "compose/bake/settings.h"

#include <string.h>

#include "core/alloc.h"
#include "core/buf.h"

/* How a value is read, and how the list's and an image's are joined. */
enum kind {
	TEXT,    /* char *: the later one wins */
	COMMAND, /* char *, a string or an array of words */
	FLAG,    /* bool: set by either */
	LIST,    /* struct ohc_strv: the later one wins as a whole */
	TABLE,   /* struct ohc_strv of K=V: they add up, the later ones last */
	LEVEL,   /* int, -1: not given */
};

#define AT(field) offsetof(struct ohc_bake_settings, field)

static const struct setting {
	const char *key;
	enum kind kind;
	size_t at;
} table[] = {
	{ "base", TEXT, AT(base) },
	{ "dest", TEXT, AT(dest) },
	{ "payload", LIST, AT(push.payloads) },
	{ "profile", TEXT, AT(push.profile) },
	{ "env", TABLE, AT(push.env) },
	{ "unset_env", LIST, AT(push.unset_env) },
	{ "remove", LIST, AT(push.remove) },
	{ "user", TEXT, AT(push.user) },
	{ "workdir", TEXT, AT(push.workdir) },
	{ "entrypoint", COMMAND, AT(push.entrypoint) },
	{ "cmd", COMMAND, AT(push.cmd) },
	{ "label", TABLE, AT(push.labels) },
	{ "annotation", TABLE, AT(push.annotations) },
	{ "expose", LIST, AT(push.expose) },
	{ "volume", LIST, AT(push.volumes) },
	{ "stop_signal", TEXT, AT(push.stop_signal) },
	{ "owner", TEXT, AT(push.owner) },
	{ "account", TEXT, AT(push.account) },
	{ "no_account", FLAG, AT(push.no_account) },
	{ "on_uid_clash", TEXT, AT(push.on_uid_clash) },
	{ "platform", TEXT, AT(push.platform) },
	{ "format", TEXT, AT(push.format) },
	{ "compression", TEXT, AT(push.compression) },
	{ "compression_level", LEVEL, AT(push.level) },
	{ "mtime", TEXT, AT(push.mtime) },
	{ "created", TEXT, AT(push.created) },
	{ "tag", LIST, AT(push.tags) },
	{ "mount", TEXT, AT(push.mount) },
	{ "sbom", FLAG, AT(push.sbom) },
	{ "skip_existing", FLAG, AT(push.skip_existing) },
	{ "no_check", FLAG, AT(push.no_check) },
	{ "check", TEXT, AT(push.check) },
};

static int read_list(struct ohc_reader *r, json_t *v, const char *path, void *to)
{
	if (json_is_string(v)) {
		ohc_strv_add(to, json_string_value(v));
		return 0;
	}
	if (!json_is_array(v))
		return ohc_json_member_wrong(r, path,
					     "is neither a string nor an array of strings");
	return ohc_json_member_texts(r, v, path, to);
}

static int read_command(struct ohc_reader *r, json_t *v, const char *path, void *to)
{
	return json_is_string(v) ? ohc_json_member_text(r, v, path, to)
				 : ohc_json_member_command(r, v, path, to);
}

static int read_level(struct ohc_reader *r, json_t *v, const char *path, void *to)
{
	json_int_t level = json_integer_value(v);

	if (!json_is_integer(v) || level < 1 || level > 19)
		return ohc_json_member_wrong(r, path, "is not a number from 1 to 19");
	*(int *)to = (int)level;
	return 0;
}

static int (*const readers[])(struct ohc_reader *r, json_t *v, const char *path, void *to) = {
	[TEXT] = ohc_json_member_text,         [COMMAND] = read_command,
	[FLAG] = ohc_json_member_bool,         [LIST] = read_list,
	[TABLE] = ohc_json_member_assignments, [LEVEL] = read_level,
};

static int skip_member(struct ohc_reader *r, json_t *v, const char *path, void *to)
{
	(void)r;
	(void)v;
	(void)path;
	(void)to;
	return 0;
}

int ohc_bake_settings_read(const struct ohc_reader *reader, json_t *obj, const char *path,
			   const char *const *others, struct ohc_bake_settings *ret)
{
	struct ohc_json_member members[OHC_ARRAY_SIZE(table) + 8];
	struct ohc_reader r = *reader;
	size_t n = 0;

	r.base = ret;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(table); i++)
		members[n++] = (struct ohc_json_member){ table[i].key, readers[table[i].kind],
							 table[i].at };
	for (; others && *others && n < OHC_ARRAY_SIZE(members); others++)
		members[n++] = (struct ohc_json_member){ *others, skip_member, 0 };
	return ohc_json_members_read(&r, obj, path, members, n);
}

static void add_all(struct ohc_strv *to, const struct ohc_strv *from)
{
	for (size_t i = 0; i < from->n; i++)
		ohc_strv_add(to, from->v[i]);
}

static void lay_over(const struct setting *s, struct ohc_bake_settings *to,
		     const struct ohc_bake_settings *from)
{
	void *there = (char *)to + s->at;
	const void *here = (const char *)from + s->at;
	const char *text;

	switch (s->kind) {
	case TEXT:
	case COMMAND:
		text = *(char *const *)here;
		if (!text)
			break;
		free(*(char **)there);
		*(char **)there = ohc_xstrdup(text);
		break;
	case FLAG:
		*(bool *)there |= *(const bool *)here;
		break;
	case LIST:
		if (((const struct ohc_strv *)here)->n)
			ohc_strv_clear(there);
		add_all(there, here);
		break;
	case TABLE:
		add_all(there, here);
		break;
	case LEVEL:
		if (*(const int *)here >= 0)
			*(int *)there = *(const int *)here;
		break;
	}
}

void ohc_bake_settings_join(const struct ohc_bake_settings *below,
			    const struct ohc_bake_settings *above, struct ohc_bake_settings *ret)
{
	struct ohc_bake_settings joined = OHC_BAKE_SETTINGS_INIT;

	for (size_t i = 0; i < OHC_ARRAY_SIZE(table); i++) {
		lay_over(&table[i], &joined, below);
		lay_over(&table[i], &joined, above);
	}
	*ret = joined;
}

/* Writes each value with its length before it, so that different settings never give the same
 * text. */
static void add_text(struct ohc_buf *b, const char *key, const char *value)
{
	if (value)
		ohc_buf_addf(b, "%s %zu %s\n", key, strlen(value), value);
}

static void add_setting(struct ohc_buf *b, const struct setting *s,
			const struct ohc_bake_settings *from)
{
	const void *at = (const char *)from + s->at;
	const struct ohc_strv *list = at;

	switch (s->kind) {
	case TEXT:
	case COMMAND:
		add_text(b, s->key, *(char *const *)at);
		break;
	case FLAG:
		add_text(b, s->key, *(const bool *)at ? "true" : NULL);
		break;
	case LIST:
	case TABLE:
		for (size_t i = 0; i < list->n; i++)
			add_text(b, s->key, list->v[i]);
		break;
	case LEVEL:
		ohc_buf_addf(b, "%s %d\n", s->key, *(const int *)at);
		break;
	}
}

char *ohc_bake_settings_text(const struct ohc_bake_settings *s)
{
	struct ohc_buf b = OHC_BUF_INIT;

	for (size_t i = 0; i < OHC_ARRAY_SIZE(table); i++)
		add_setting(&b, &table[i], s);
	return ohc_buf_detach(&b);
}

void ohc_bake_settings_clear(struct ohc_bake_settings *s)
{
	for (size_t i = 0; i < OHC_ARRAY_SIZE(table); i++) {
		void *at = (char *)s + table[i].at;

		if (table[i].kind == TEXT || table[i].kind == COMMAND)
			free(*(char **)at);
		else if (table[i].kind == LIST || table[i].kind == TABLE)
			ohc_strv_clear(at);
	}
	*s = (struct ohc_bake_settings)OHC_BAKE_SETTINGS_INIT;
}
