// SPDX-License-Identifier: Apache-2.0
/*
 * A base's account files with an account added.  An input is text: the policy's number, then after
 * a line "%%" each passwd, group, shadow, gshadow; one that begins with "none" the base has not.
 *
 * These hold for any text: nothing of it is lost, the user is found in the result under its name
 * and uid, and adding it again changes nothing.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "layout/account/account.h"
#include "layout/account/rows.h"

#define MARK "%%\n"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *find_mark(const char *p, const char *end)
{
	const char *mark = memmem(p, (size_t)(end - p), MARK, strlen(MARK));

	return mark ? mark : end;
}

static void split(const char *p, const char *end, struct ohc_account_files *f)
{
	for (int i = 0; i < OHC_ACCOUNT_FILES; i++) {
		const char *start = find_mark(p, end);

		if (start == end)
			return;
		start += strlen(MARK);
		p = find_mark(start, end);
		if (p - start >= 4 && memcmp(start, "none", 4) == 0)
			continue;
		f->data[i] = start;
		f->n[i] = (size_t)(p - start);
	}
}

/* Is `now` what was there with something put in at one place, and maybe a line end behind it? */
static bool only_added(const char *was, size_t n, const struct ohc_buf *now)
{
	size_t head = 0, tail = 0;

	if (now->len < n)
		return false;
	while (head < n && was[head] == now->data[head])
		head++;
	while (tail < n - head && was[n - 1 - tail] == now->data[now->len - 1 - tail])
		tail++;
	return head + tail == n;
}

static void check_user(const struct ohc_account_plan *p)
{
	const struct ohc_buf *passwd = &p->text[OHC_PASSWD];
	struct ohc_row row;
	uint32_t uid;

	if (!ohc_row_find_id(passwd, OHC_ROW_OF_PASSWD, p->account.uid, &row) ||
	    !ohc_row_id(passwd, &row, 2, &uid) || uid != p->account.uid)
		abort();
}

static void check_again(const struct ohc_account_plan *p, const struct ohc_account_files *had,
			enum ohc_clash clash)
{
	struct ohc_account_files files = { .n = { 0 } };
	struct ohc_account_plan again;

	for (int i = 0; i < OHC_ACCOUNT_FILES; i++)
		if (had->data[i] || p->changed[i]) {
			files.data[i] = ohc_buf_str(&p->text[i]);
			files.n[i] = p->text[i].len;
		}
	if (ohc_account_add(&files, &p->account, clash, &again, NULL) < 0)
		abort();
	for (int i = 0; i < OHC_ACCOUNT_FILES; i++)
		if (again.changed[i])
			abort();
	ohc_account_plan_clear(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char name[] = "openhands", home[] = "/home/openhands", shell[] = "/bin/sh";
	static const struct ohc_account want = { name, 1000, 1000, home, shell };
	struct ohc_account_files files = { .n = { 0 } };
	struct ohc_account_plan p;
	enum ohc_clash clash;

	if (size == 0 || memchr(data, '\0', size))
		return 0;
	clash = (enum ohc_clash)(data[0] % 4);
	split((const char *)data, (const char *)data + size, &files);
	if (ohc_account_add(&files, &want, clash, &p, NULL) < 0)
		return 0;
	for (int i = 0; i < OHC_ACCOUNT_FILES; i++)
		if (p.done == OHC_ACCOUNT_ADDED && clash != OHC_CLASH_RENAME && files.data[i] &&
		    !only_added(files.data[i], files.n[i], &p.text[i]))
			abort();
	check_user(&p);
	check_again(&p, &files, clash);
	ohc_account_plan_clear(&p);
	return 0;
}
