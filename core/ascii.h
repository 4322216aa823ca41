/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The letters and digits of ASCII, for names whose grammar is a set of characters:
 *
 *	static const char allowed[] = OHC_ASCII_ALNUM "._-";
 *
 *	ok = strspn(name, allowed) == strlen(name);
 *
 * isalnum(3) would do for one character, but not say which others a grammar allows.
 */
#ifndef OHC_CORE_ASCII_H
#define OHC_CORE_ASCII_H

#define OHC_ASCII_LOWER   "abcdefghijklmnopqrstuvwxyz"
#define OHC_ASCII_LETTERS OHC_ASCII_LOWER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define OHC_ASCII_DIGITS  "0123456789"
#define OHC_ASCII_ALNUM   OHC_ASCII_LETTERS OHC_ASCII_DIGITS

#endif
