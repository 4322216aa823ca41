// SPDX-License-Identifier: Apache-2.0
#include "compose/bake/template.h"

#include <ctype.h>
#include <string.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "core/suggest.h"
#include "oci/documents/digest.h"
#include "oci/documents/name.h"

#define TAG_MAX 128
#define HASH    12

static const char *const names[OHC_TEMPLATE_VALUES] = {
	[OHC_TEMPLATE_BASE_SLUG] = "base.slug",
	[OHC_TEMPLATE_BASE_REPO] = "base.repo",
	[OHC_TEMPLATE_BASE_TAG] = "base.tag",
	[OHC_TEMPLATE_BASE_DIGEST] = "base.digest",
	[OHC_TEMPLATE_PAYLOAD_DIGEST] = "payload.digest",
	[OHC_TEMPLATE_ARCH] = "arch",
	[OHC_TEMPLATE_PROFILE] = "profile",
	[OHC_TEMPLATE_IMAGE_TAG] = "image.tag",
	[OHC_TEMPLATE_IMAGE_REPO] = "image.repo",
};

/* The value that "{name}" at p means, and its length with the braces; -1: none. */
static int value_at(const char *p, size_t *ret_n)
{
	size_t n = strcspn(p + 1, "{}");

	*ret_n = n + 2;
	if (p[1 + n] != '}')
		return -1;
	for (int i = 0; i < OHC_TEMPLATE_VALUES; i++)
		if (strlen(names[i]) == n && strncmp(p + 1, names[i], n) == 0)
			return i;
	return -1;
}

static int unknown(const char *template, const char *p, struct ohc_error *err)
{
	size_t n = strcspn(p + 1, "{}");
	ohc_cleanup(ohc_freep) char *word = ohc_xstrndup(p + 1, n);
	struct ohc_suggestion s = { .word = word };

	if (p[1 + n] != '}')
		return ohc_error_set(err, OHC_E_USAGE, "template '%s': a '{' is not closed",
				     template);
	for (size_t i = 0; i < OHC_ARRAY_SIZE(names); i++)
		ohc_suggest(&s, names[i]);
	if (s.best)
		return ohc_error_set(err, OHC_E_USAGE,
				     "template '%s': '{%s}' is unknown, did you mean '{%s}'?",
				     template, word, s.best);
	return ohc_error_set(err, OHC_E_USAGE,
			     "template '%s': '{%s}' is unknown: there are {base.slug}, "
			     "{base.repo}, {base.tag}, {base.digest}, {payload.digest}, {arch} and "
			     "{profile}",
			     template, word);
}

int ohc_template_check(const char *template, unsigned int *ret_uses, struct ohc_error *err)
{
	unsigned int uses = 0;
	size_t n;

	for (const char *p = template; (p = strchr(p, '{')); p += n) {
		int value = value_at(p, &n);

		if (value < 0)
			return unknown(template, p, err);
		uses |= 1u << value;
	}
	if (ret_uses)
		*ret_uses = uses;
	return 0;
}

/* Finds where the tag begins in a template: behind the last ':' that is not followed by a '/'
 * outside of braces. */
static const char *tag_of(const char *template)
{
	const char *tag = NULL;
	bool in = false;

	for (const char *p = template; *p; p++) {
		in = *p == '{' || (in && *p != '}');
		if (!in && *p == '/')
			tag = NULL;
		else if (!in && *p == ':')
			tag = p + 1;
	}
	return tag;
}

static bool tag_holds(char c)
{
	return isascii(c) && (isalnum((unsigned char)c) || c == '_' || c == '.' || c == '-');
}

/* Repository components are [a-z0-9]+ with single separators between (distribution-spec). */
static void add_repo(struct ohc_buf *b, const char *value)
{
	for (; *value; value++) {
		char c = (char)tolower((unsigned char)*value);
		char last = b->len ? b->data[b->len - 1] : '/';
		bool word = isascii(c) && isalnum((unsigned char)c);

		if (word)
			ohc_buf_addc(b, c);
		else if (isalnum((unsigned char)last))
			ohc_buf_addc(b, c == '/' || c == '.' || c == '_' ? c : '-');
	}
	while (b->len && !isalnum((unsigned char)b->data[b->len - 1]))
		ohc_buf_truncate(b, b->len - 1);
}

/* The first of a tag is neither '.' nor '-'. */
static void add_tag(struct ohc_buf *b, const char *value, bool first)
{
	for (; *value; value++, first = false) {
		char c = tag_holds(*value) ? *value : '-';

		ohc_buf_addc(b, first && (c == '.' || c == '-') ? '_' : c);
	}
}

static void add_value(struct ohc_buf *to, const char *value, bool in_tag, bool first)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf fitted = OHC_BUF_INIT;

	if (in_tag)
		add_tag(&fitted, value, first);
	else
		add_repo(&fitted, value);
	ohc_buf_adds(to, ohc_buf_str(&fitted));
}

/* The hash is of the whole name, so that two long names with the same beginning stay different. */
static void shorten_tag(struct ohc_buf *b, size_t start)
{
	char digest[OHC_DIGEST_MAX];
	size_t n = b->len - start;

	if (n <= TAG_MAX)
		return;
	ohc_digest_of(b->data + start, n, digest);
	ohc_buf_truncate(b, start + TAG_MAX - HASH - 1);
	ohc_buf_addf(b, "-%.*s", HASH, ohc_digest_hex(digest));
}

char *ohc_template_expand(const char *template, const struct ohc_template_values *values)
{
	const char *tag = tag_of(template);
	struct ohc_buf b = OHC_BUF_INIT;
	bool filled = false; /* a tag that somebody wrote is not cut, but refused */
	size_t start = 0;

	for (const char *p = template; *p;) {
		size_t n = 1;
		int value = *p == '{' ? value_at(p, &n) : -1;

		if (p == tag)
			start = b.len;
		filled |= value >= 0 && tag && p >= tag;
		if (value >= 0 && values->v[value])
			add_value(&b, values->v[value], tag && p >= tag, b.len == start);
		else
			ohc_buf_add(&b, p, n);
		p += n;
	}
	if (filled && !strchr(ohc_buf_str(&b) + start, '{'))
		shorten_tag(&b, start);
	ohc_buf_adds(&b, "");
	return ohc_buf_detach(&b);
}

char *ohc_template_repo(const struct ohc_name *base)
{
	return ohc_xstrdup(base->repo ? base->repo : base->path ? base->path : "scratch");
}

char *ohc_template_tag(const struct ohc_name *base)
{
	return ohc_xstrdup(base->tag ? base->tag : base->digest ? base->digest : "latest");
}

/* Names of Docker Hub are written as people type them; where there is no tag, the digest stands for
 * it. */
char *ohc_template_slug(const struct ohc_name *base)
{
	ohc_cleanup(ohc_freep) char *repo = ohc_template_repo(base);
	ohc_cleanup(ohc_freep) char *tag = ohc_template_tag(base);
	bool hub = base->transport == OHC_REGISTRY && strcmp(base->host, "docker.io") == 0;
	const char *path = repo, *host = base->transport == OHC_REGISTRY ? base->host : "";
	struct ohc_buf b = OHC_BUF_INIT;

	if (base->transport == OHC_SCRATCH)
		return ohc_xstrdup("scratch");
	if (hub) {
		host = "";
		path += strncmp(path, "library/", 8) == 0 ? 8 : 0;
	}
	while (*path == '/' || *path == '.')
		path++;
	ohc_buf_addf(&b, "%s%s%s-%s", host, *host ? "-" : "", path, tag);
	for (size_t i = 0; i < b.len; i++)
		if (!tag_holds(b.data[i]))
			b.data[i] = '-';
	return ohc_buf_detach(&b);
}
