/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SIGINT, SIGTERM and SIGHUP set a flag; nothing else happens in the handler.  Every loop that
 * moves bytes asks ohc_interrupt_check() and returns its error, so that temporary files and
 * upload sessions go by the same unwinding as after any other fault.  A signal more than a
 * second after the first one ends the process at once, which is said; until then signals count
 * as one, since timeout(1) sends two.
 *
 * A signal that was ignored when the program started stays so: nohup(1) and shells that start
 * something in the background mean it.
 */
#ifndef OHC_CORE_INTERRUPT_H
#define OHC_CORE_INTERRUPT_H

#include <signal.h>
#include <stdbool.h>

#include <stdint.h>

#include "core/error.h"

/* Installs the handlers and ignores SIGPIPE and SIGXFSZ (writes then fail with an errno).  SIGCHLD
 * becomes what it is by default: a parent that ignores it hands that on, and the status of a child
 * could then not be had. */
void ohc_interrupt_init(void);

/* Fills in the signals that set the flag, for callers of ppoll(). */
void ohc_interrupt_signals(sigset_t *ret);

bool ohc_interrupt_pending(void);

/* 0, or -OHC_E_INTERRUPTED with its message. */
int ohc_interrupt_check(struct ohc_error *err);

/* Waits so many milliseconds, or until a signal: OHC_E_INTERRUPTED. */
int ohc_interrupt_wait(uint64_t ms, struct ohc_error *err);

#endif
