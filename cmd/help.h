/* SPDX-License-Identifier: Apache-2.0 */
/* Help, made from the tables of options. */
#ifndef OHC_CMD_HELP_H
#define OHC_CMD_HELP_H

#include <stdio.h>

#include "cmd/command.h"

/* Help: of the program, in short, and of one command. */
void ohc_help_overview(const struct ohc_command *const *commands, FILE *out);
void ohc_help_command(const struct ohc_command *command, FILE *out);

#endif
