// SPDX-License-Identifier: Apache-2.0
#include "registry/challenge.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "core/alloc.h"
#include "core/buf.h"

#define SCOPES_MAX 16

static bool is_token_char(char c)
{
	return isalnum((unsigned char)c) || (c && strchr("!#$%&'*+-.^_`|~", c));
}

static const char *skip(const char *p, const char *what)
{
	return p + strspn(p, what);
}

static const char *token(const char *p, char **ret)
{
	const char *start = p;

	while (is_token_char(*p))
		p++;
	*ret = ohc_xstrndup(start, (size_t)(p - start));
	return p;
}

/* A token or a quoted-string; p is behind it. */
static const char *value(const char *p, char **ret)
{
	struct ohc_buf b = OHC_BUF_INIT;

	if (*p != '"') {
		/* More characters than a token has, because some realms come without quotes. */
		size_t n = strcspn(p, ", \t");

		*ret = ohc_xstrndup(p, n);
		return p + n;
	}
	for (p++; *p && *p != '"'; p++) {
		if (*p == '\\' && p[1])
			p++;
		ohc_buf_addc(&b, *p);
	}
	*ret = ohc_buf_detach(&b);
	return *p ? p + 1 : p;
}

static void replace(char **to, char **from)
{
	free(*to);
	*to = ohc_take(*from);
}

static void add_scopes(struct ohc_challenge *c, char *text)
{
	char *save = NULL;

	for (char *s = strtok_r(text, " ", &save); s; s = strtok_r(NULL, " ", &save))
		if (c->scopes.n < SCOPES_MAX && !ohc_strv_has(&c->scopes, s))
			ohc_strv_add(&c->scopes, s);
}

static void parameter(struct ohc_challenge *c, const char *name, char **v)
{
	if (strcasecmp(name, "realm") == 0)
		replace(&c->realm, v);
	else if (strcasecmp(name, "service") == 0)
		replace(&c->service, v);
	else if (strcasecmp(name, "error") == 0)
		replace(&c->error, v);
	else if (strcasecmp(name, "scope") == 0)
		add_scopes(c, *v);
}

void ohc_challenge_parse(const char *p, struct ohc_challenge *c)
{
	bool bearer = false;

	for (p = skip(p, ", \t"); *p; p = skip(p, ", \t")) {
		ohc_cleanup(ohc_freep) char *name = NULL, *v = NULL;
		const char *end = token(p, &name), *next = skip(end, " \t");

		if (end == p) { /* no token: skip it, up to the comma */
			p += strcspn(p, ",");
			continue;
		}
		if (*next == '=') {
			p = value(skip(next + 1, " \t"), &v);
			if (bearer)
				parameter(c, name, &v);
			continue;
		}
		bearer = strcasecmp(name, "Bearer") == 0;
		c->bearer = c->bearer || bearer;
		c->basic = c->basic || strcasecmp(name, "Basic") == 0;
		p = end;
	}
}

void ohc_challenge_clear(struct ohc_challenge *c)
{
	free(c->realm);
	free(c->service);
	free(c->error);
	ohc_strv_clear(&c->scopes);
	*c = (struct ohc_challenge)OHC_CHALLENGE_INIT;
}
