/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Allocation and cleanup.  Memory that is bounded by our own limits comes from the ohc_x...
 * functions, which end the process with a message when there is none (as git's do); nothing a
 * stranger can make large is allocated without a ceiling first.
 *
 *	ohc_cleanup(ohc_freep) char *tmp = ohc_xstrdup(s);	cleans itself on every return
 *	*ret = ohc_take(tmp);					giving away is visible
 */
#ifndef OHC_CORE_ALLOC_H
#define OHC_CORE_ALLOC_H

#include <stddef.h>
#include <stdlib.h>

#define ohc_cleanup(fn) __attribute__((cleanup(fn)))

/* The pointer's value; the variable is NULL afterwards. */
#define ohc_take(p)                       \
	({                                \
		__auto_type value_ = (p); \
		(p) = NULL;               \
		value_;                   \
	})

/* Declares fn##p, the cleanup function for a variable of type T * that fn(T *) frees. */
#define OHC_DEFINE_CLEANUP(T, fn)       \
	static inline void fn##p(T **p) \
	{                               \
		fn(*p);                 \
	}

#define OHC_ARRAY_SIZE(a)                   (sizeof(a) / sizeof((a)[0]))
#define OHC_CONTAINER_OF(ptr, type, member) ((type *)((char *)(ptr)-offsetof(type, member)))

/* For lists that are macros, "#define LIST(X, SEP) X(\"a\") SEP X(\"b\")", which can become a table
 * and a text: LIST(OHC_LIST_AS_IS, OHC_LIST_COMMA), LIST(OHC_LIST_AS_IS, "|"). */
#define OHC_LIST_AS_IS(x) x
#define OHC_LIST_COMMA    ,

void *ohc_xmalloc(size_t n);
void *ohc_xcalloc(size_t n, size_t size);
void *ohc_xrealloc(void *p, size_t n, size_t size); /* n * size, overflow checked */
char *ohc_xstrdup(const char *s);                   /* NULL gives NULL */
char *ohc_xstrndup(const char *s, size_t n);
char *ohc_xasprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Gives what was freed back to the system, where the C library would keep it: after something large
 * that was in many pieces. */
void ohc_alloc_trim(void);

static inline void ohc_freep(void *p)
{
	free(*(void **)p);
}

/* Closes a descriptor when it is not negative; keeps errno. */
void ohc_closep(int *fd);

#endif
