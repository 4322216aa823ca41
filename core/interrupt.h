/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SIGINT and SIGTERM set a flag; nothing else happens in the handler.  Every loop that moves bytes
 * asks ohc_interrupt_check() and returns its error, so that temporary files and upload sessions go
 * by the same unwinding as after any other fault.  A second signal ends the process at once.
 */
#ifndef OHC_CORE_INTERRUPT_H
#define OHC_CORE_INTERRUPT_H

#include <stdbool.h>

#include "core/error.h"

/* Installs the handlers and ignores SIGPIPE and SIGXFSZ (writes then fail with an errno). */
void ohc_interrupt_init(void);

bool ohc_interrupted(void);

/* 0, or -OHC_E_INTERRUPTED with its message. */
int ohc_interrupt_check(struct ohc_error *err);

#endif
