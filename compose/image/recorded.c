// SPDX-License-Identifier: Apache-2.0
#include "compose/image/recorded.h"

#include <string.h>

#include "core/alloc.h"
#include "core/utf8.h"
#include "oci/config/config.h"
#include "oci/documents/json_members.h"

enum recorded_kind {
	RECORDED_TEXT,
	RECORDED_FLAG,
	RECORDED_LIST,
	RECORDED_LEVEL,
};

#define AT(field) offsetof(struct ohc_push_options, field)

static const struct recorded_option {
	const char *key;
	enum recorded_kind kind;
	size_t at;
	const char *usual; /* a text that is as good as none */
} table[] = {
	{ "env", RECORDED_LIST, AT(env), NULL },
	{ "unset_env", RECORDED_LIST, AT(unset_env), NULL },
	{ "remove", RECORDED_LIST, AT(remove), NULL },
	{ "user", RECORDED_TEXT, AT(user), NULL },
	{ "workdir", RECORDED_TEXT, AT(workdir), NULL },
	{ "entrypoint", RECORDED_TEXT, AT(entrypoint), NULL },
	{ "cmd", RECORDED_TEXT, AT(cmd), NULL },
	{ "label", RECORDED_LIST, AT(labels), NULL },
	{ "annotation", RECORDED_LIST, AT(annotations), NULL },
	{ "expose", RECORDED_LIST, AT(expose), NULL },
	{ "volume", RECORDED_LIST, AT(volumes), NULL },
	{ "stop_signal", RECORDED_TEXT, AT(stop_signal), NULL },
	{ "owner", RECORDED_TEXT, AT(owner), NULL },
	{ "account", RECORDED_TEXT, AT(account), NULL },
	{ "no_account", RECORDED_FLAG, AT(no_account), NULL },
	{ "on_uid_clash", RECORDED_TEXT, AT(on_uid_clash), "fail" },
	{ "format", RECORDED_TEXT, AT(format), "auto" },
	{ "compression", RECORDED_TEXT, AT(compression), "gzip" },
	{ "compression_level", RECORDED_LEVEL, AT(level), NULL },
	{ "mtime", RECORDED_TEXT, AT(mtime), "preserve" },
	{ "created", RECORDED_TEXT, AT(created), NULL },
};

/* The option's name: "unset-env". */
static char *option_name(const struct recorded_option *r)
{
	char *name = ohc_xstrdup(r->key);

	for (char *c = name; *c; c++)
		*c = *c == '_' ? '-' : *c;
	return name;
}

static int check_text(const struct recorded_option *r, const char *text, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *name = option_name(r);

	if (!text || ohc_utf8_is_whole(text))
		return 0;
	return ohc_error_set(err, OHC_E_USAGE,
			     "--%s: '%s' is not valid UTF-8, in which an image is described", name,
			     text);
}

int ohc_recorded_check(const struct ohc_push_options *o, struct ohc_error *err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < OHC_ARRAY_SIZE(table); i++) {
		const void *at = (const char *)o + table[i].at;
		const struct ohc_strv *list = at;

		if (table[i].kind == RECORDED_TEXT)
			rc = check_text(&table[i], *(const char *const *)at, err);
		for (size_t k = 0; rc == 0 && table[i].kind == RECORDED_LIST && k < list->n; k++)
			rc = check_text(&table[i], list->v[k], err);
	}
	return rc;
}

/* --- writing --- */

static json_t *value_of(const struct recorded_option *r, const struct ohc_push_options *o)
{
	const void *at = (const char *)o + r->at;
	const char *text;

	switch (r->kind) {
	case RECORDED_TEXT:
		text = *(const char *const *)at;
		return !text || (r->usual && strcmp(text, r->usual) == 0)
			       ? NULL
			       : ohc_json_text_value(text);
	case RECORDED_FLAG:
		return *(const bool *)at ? json_true() : NULL;
	case RECORDED_LIST:
		return ((const struct ohc_strv *)at)->n ? ohc_json_texts(at) : NULL;
	case RECORDED_LEVEL:
		return *(const int *)at >= 0 ? json_integer(*(const int *)at) : NULL;
	}
	return NULL;
}

json_t *ohc_recorded_options(const struct ohc_inputs *in)
{
	json_t *options = json_object();
	char created[OHC_TIME_TEXT];

	for (size_t i = 0; i < OHC_ARRAY_SIZE(table); i++) {
		json_t *v = value_of(&table[i], in->options);

		if (v)
			json_object_set_new(options, table[i].key, v);
	}
	if (in->created_given)
		json_object_set_new(options, "created",
				    json_string(ohc_config_time_text(in->created, created)));
	return options;
}

/* --- reading --- */

static int read_level(struct ohc_reader *r, json_t *v, const char *path, void *to)
{
	json_int_t level = json_integer_value(v);

	if (!json_is_integer(v) || level < 0 || level > 99)
		return ohc_json_member_wrong(r, path, "is no level");
	*(int *)to = (int)level;
	return 0;
}

int ohc_recorded_read(json_t *options, const char *what, struct ohc_push_options *ret,
		      struct ohc_error *err)
{
	static int (*const readers[])(struct ohc_reader *, json_t *, const char *, void *) = {
		[RECORDED_TEXT] = ohc_json_member_text,
		[RECORDED_FLAG] = ohc_json_member_bool,
		[RECORDED_LIST] = ohc_json_member_texts,
		[RECORDED_LEVEL] = read_level,
	};
	struct ohc_reader r = { .base = ret, .what = what, .err = err, .exact = true };
	struct ohc_json_member members[OHC_ARRAY_SIZE(table)];

	for (size_t i = 0; i < OHC_ARRAY_SIZE(table); i++)
		members[i] = (struct ohc_json_member){ table[i].key, readers[table[i].kind],
						       table[i].at };
	return ohc_json_members_read(&r, options, "options", members, OHC_ARRAY_SIZE(table));
}

void ohc_recorded_clear(struct ohc_push_options *o)
{
	for (size_t i = 0; i < OHC_ARRAY_SIZE(table); i++) {
		void *at = (char *)o + table[i].at;

		if (table[i].kind == RECORDED_TEXT)
			free(ohc_take(*(char **)at));
		else if (table[i].kind == RECORDED_LIST)
			ohc_strv_clear(at);
	}
}

void ohc_recorded_names(struct ohc_strv *ret)
{
	for (size_t i = 0; i < OHC_ARRAY_SIZE(table); i++) {
		ohc_strv_take(ret, option_name(&table[i]));
	}
}
