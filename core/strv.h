/* SPDX-License-Identifier: Apache-2.0 */
/* A list of strings that it owns; v is NULL-terminated once something was added. */
#ifndef OHC_CORE_STRV_H
#define OHC_CORE_STRV_H

#include <stdbool.h>
#include <stddef.h>

struct ohc_strv {
	char **v;
	size_t n;
};

#define OHC_STRV_INIT   \
	{               \
		NULL, 0 \
	}

#define ohc_strv_foreach(list, i, s) \
	for ((i) = 0; (i) < (list)->n && ((s) = (list)->v[i], true); (i)++)

void ohc_strv_add(struct ohc_strv *list, const char *s);
void ohc_strv_take(struct ohc_strv *list, char *s); /* takes ownership of s */
bool ohc_strv_has(const struct ohc_strv *list, const char *s);
void ohc_strv_clear(struct ohc_strv *list);

#endif
