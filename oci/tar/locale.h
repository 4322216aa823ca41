/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names in a tar are bytes, and libarchive passes them through the thread's locale.  Reading in one
 * with UTF-8 it composes the names of pax records (NFC), so that two files become one; in the C
 * locale it cannot convert what is not ASCII, and hands out the bytes as they stand, with a
 * warning.  Writing is the other way round: in C.UTF-8 a name comes out as it went in, in C with a
 * record of its own that few understand.  So tars are read in the C locale and written in C.UTF-8,
 * whatever the caller's locale is:
 *
 *	locale_t old = ohc_tar_enter_to_read();
 *	... archive_…() ...
 *	ohc_tar_leave(old);
 */
#ifndef OHC_OCI_TAR_LOCALE_H
#define OHC_OCI_TAR_LOCALE_H

#include <locale.h>
#include <stdbool.h>

locale_t ohc_tar_enter_to_read(void);
locale_t ohc_tar_enter_to_write(void);
void ohc_tar_leave(locale_t old);

/* False on the rare machine without C.UTF-8: names that are not ASCII then cannot be written. */
bool ohc_tar_has_utf8(void);

#endif
