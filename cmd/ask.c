// SPDX-License-Identifier: Apache-2.0
#include "cmd/ask.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/file.h"
#include "core/interrupt.h"

#define SECRET_MAX 4096

/* Waits for a key.  A signal that comes between a look at the flag and the wait must end the wait,
 * so it is let in by ppoll() only. */
static int wait_for_input(int tty, struct ohc_error *err)
{
	struct pollfd p = { .fd = tty, .events = POLLIN };
	sigset_t signals, before;
	int n = 0, rc;

	ohc_interrupt_signals(&signals);
	pthread_sigmask(SIG_BLOCK, &signals, &before);
	rc = ohc_interrupt_check(err);
	if (rc == 0)
		n = ppoll(&p, 1, NULL, &before);
	if (rc == 0 && n < 0 && errno != EINTR)
		rc = ohc_error_sys(err, "cannot wait for the terminal");
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return rc < 0 ? rc : ohc_interrupt_check(err);
}

/* The terminal is in line mode, so a read gives at most a line. */
static int read_line(int tty, char line[SECRET_MAX], struct ohc_error *err)
{
	int rc = wait_for_input(tty, err);
	ssize_t n;

	if (rc < 0)
		return rc;
	n = read(tty, line, SECRET_MAX - 1);
	if (n < 0)
		return ohc_error_sys(err, "cannot read from the terminal");
	if (n == 0)
		return ohc_error_set(err, OHC_E_FAILED, "nothing was typed");
	line[n] = '\0';
	line[strcspn(line, "\r\n")] = '\0';
	return 0;
}

static int ask(const char *prompt, const char *instead, bool echo, char **ret,
	       struct ohc_error *err)
{
	ohc_cleanup(ohc_closep) int tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	struct termios as_it_was, silent;
	char line[SECRET_MAX];
	int rc;

	if (tty < 0 || tcgetattr(tty, &as_it_was) < 0)
		return ohc_error_set(err, OHC_E_USAGE,
				     "there is no terminal to ask for the %s on: use '%s'",
				     echo ? "user name" : "password", instead);
	silent = as_it_was;
	if (!echo)
		silent.c_lflag &= ~(tcflag_t)ECHO;
	if (tcsetattr(tty, TCSAFLUSH, &silent) < 0)
		return ohc_error_sys(err, "cannot switch the terminal's echo off");
	rc = ohc_file_write_full(tty, prompt, strlen(prompt), "/dev/tty", err);
	if (rc == 0)
		rc = read_line(tty, line, err);
	tcsetattr(tty, TCSAFLUSH, &as_it_was);
	if (!echo || rc < 0)
		dprintf(tty, "\n"); /* also after an interrupt */
	if (rc == 0)
		*ret = ohc_xstrdup(line);
	explicit_bzero(line, sizeof(line));
	return rc;
}

int ohc_ask_secret(const char *prompt, const char *instead, char **ret, struct ohc_error *err)
{
	return ask(prompt, instead, false, ret, err);
}

int ohc_ask_line(const char *prompt, const char *instead, char **ret, struct ohc_error *err)
{
	return ask(prompt, instead, true, ret, err);
}
