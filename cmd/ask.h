/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asks for a secret on the terminal (/dev/tty, whatever standard input is), without echo.  The
 * caller frees *ret.  Without a terminal it is OHC_E_USAGE, and the message names `instead`, the
 * option that needs none.
 */
#ifndef OHC_CMD_ASK_H
#define OHC_CMD_ASK_H

#include "core/error.h"

/* The same for what is no secret: it can be seen while it is typed. */
int ohc_ask_line(const char *prompt, const char *instead, char **ret, struct ohc_error *err);

int ohc_ask_secret(const char *prompt, const char *instead, char **ret, struct ohc_error *err);

#endif
