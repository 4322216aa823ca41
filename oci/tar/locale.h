/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libarchive passes names through the thread's locale.  In one with UTF-8 they come out as they
 * went in; so the tar doors work in C.UTF-8, whatever the caller's locale is:
 *
 *	locale_t old = ohc_tar_enter();
 *	... archive_…() ...
 *	ohc_tar_leave(old);
 */
#ifndef OHC_OCI_TAR_LOCALE_H
#define OHC_OCI_TAR_LOCALE_H

#include <locale.h>
#include <stdbool.h>

locale_t ohc_tar_enter(void);
void ohc_tar_leave(locale_t old);

/* False on the rare machine without C.UTF-8: names that are not ASCII then cannot be written. */
bool ohc_tar_has_utf8(void);

#endif
