// SPDX-License-Identifier: Apache-2.0
#include "registry/expected.h"

#include <string.h>

#include "core/alloc.h"

static struct ohc_expected_repo **find(struct ohc_expected *x, const char *repo)
{
	struct ohc_expected_repo **p = &x->repos;

	while (*p && strcmp((*p)->repo, repo) != 0)
		p = &(*p)->next;
	return p;
}

void ohc_expected_add(struct ohc_expected *x, const char *repo, bool write)
{
	struct ohc_expected_repo **p = find(x, repo);

	if (!*p) {
		*p = ohc_xcalloc(1, sizeof(**p));
		(*p)->repo = ohc_xstrdup(repo);
	}
	if (write)
		(*p)->writers++;
	else
		(*p)->readers++;
}

static void unlink_repo(struct ohc_expected_repo **p)
{
	struct ohc_expected_repo *r = *p;

	*p = r->next;
	free(r->repo);
	free(r);
}

void ohc_expected_drop(struct ohc_expected *x, const char *repo, bool write)
{
	struct ohc_expected_repo **p = find(x, repo);

	if (!*p)
		return;
	if (write && (*p)->writers)
		(*p)->writers--;
	else if (!write && (*p)->readers)
		(*p)->readers--;
	if (!(*p)->readers && !(*p)->writers)
		unlink_repo(p);
}

void ohc_expected_clear(struct ohc_expected *x)
{
	while (x->repos)
		unlink_repo(&x->repos);
}

char *ohc_expected_scope(const struct ohc_expected_repo *r)
{
	return ohc_xasprintf("repository:%s:%s", r->repo, r->writers ? "pull,push" : "pull");
}
