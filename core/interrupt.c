// SPDX-License-Identifier: Apache-2.0
#include "core/interrupt.h"

#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/clock.h"

static const int caught[] = { SIGINT, SIGTERM, SIGHUP };

/* A signal that comes later than this after the first one is meant as a second one: timeout(1)
 * sends two at once, a terminal that closes one for each of its reasons. */
#define SECOND_MS 1000

static atomic_llong first; /* when it came, in ms; 0: none yet */

static void end_at_once(void)
{
	static const char text[] =
		"\nohcompose: interrupted a second time, and ended at once: temporary files and "
		"uploads that were begun may be left; the same command begins anew, or with "
		"--journal goes on\n";

	ssize_t told = write(STDERR_FILENO, text, sizeof(text) - 1);

	(void)told; /* whether it was or not */
	_exit(130);
}

static void on_signal(int sig)
{
	long long now = ohc_clock_ms() + 1, before = 0;

	(void)sig;
	if (!atomic_compare_exchange_strong(&first, &before, now) && now - before > SECOND_MS)
		end_at_once();
}

static void set(int sig, void (*handler)(int))
{
	struct sigaction sa;

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = handler;
	sigaction(sig, &sa, NULL);
}

static void catch (int sig)
{
	struct sigaction was;

	if (sigaction(sig, NULL, &was) == 0 && was.sa_handler != SIG_IGN)
		set(sig, on_signal);
}

void ohc_interrupt_signals(sigset_t *ret)
{
	sigemptyset(ret);
	for (size_t i = 0; i < OHC_ARRAY_SIZE(caught); i++)
		sigaddset(ret, caught[i]);
}

void ohc_interrupt_init(void)
{
	for (size_t i = 0; i < OHC_ARRAY_SIZE(caught); i++)
		catch (caught[i]);
	set(SIGPIPE, SIG_IGN);
	set(SIGXFSZ, SIG_IGN);
	set(SIGCHLD, SIG_DFL);
}

bool ohc_interrupt_pending(void)
{
	return atomic_load(&first) != 0;
}

int ohc_interrupt_check(struct ohc_error *err)
{
	if (!ohc_interrupt_pending())
		return 0;
	return ohc_error_set(err, OHC_E_INTERRUPTED, "interrupted");
}

int ohc_interrupt_wait(uint64_t ms, struct ohc_error *err)
{
	int64_t end = ohc_clock_ms() + (int64_t)ms, left;
	int rc;

	while ((rc = ohc_interrupt_check(err)) == 0 && (left = end - ohc_clock_ms()) > 0) {
		struct timespec ts = { 0, (left < 50 ? left : 50) * 1000000 };

		nanosleep(&ts, NULL);
	}
	return rc;
}
