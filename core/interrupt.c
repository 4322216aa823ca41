// SPDX-License-Identifier: Apache-2.0
#include "core/interrupt.h"

#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

static volatile atomic_int seen;

static void on_signal(int sig)
{
	(void)sig;
	if (atomic_fetch_add(&seen, 1) > 0)
		_exit(130);
}

void ohc_interrupt_init(void)
{
	struct sigaction sa;

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = on_signal;
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	sa.sa_handler = SIG_IGN;
	sigaction(SIGPIPE, &sa, NULL);
	sigaction(SIGXFSZ, &sa, NULL);
}

bool ohc_interrupted(void)
{
	return atomic_load(&seen) > 0;
}

int ohc_interrupt_check(struct ohc_error *err)
{
	if (!ohc_interrupted())
		return 0;
	return ohc_error_set(err, OHC_E_INTERRUPTED, "interrupted");
}
