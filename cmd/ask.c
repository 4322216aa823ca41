// SPDX-License-Identifier: Apache-2.0
#include "cmd/ask.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "core/file.h"
#include "core/interrupt.h"

#define SECRET_MAX 4096

/* The terminal is in line mode, so each read gives at most a line. */
static int read_line(int tty, char line[SECRET_MAX], struct ohc_error *err)
{
	ssize_t n = read(tty, line, SECRET_MAX - 1);
	int rc = ohc_check_interrupt(err);

	if (rc < 0)
		return rc;
	if (n < 0)
		return ohc_error_sys(err, "cannot read from the terminal");
	if (n == 0)
		return ohc_error_set(err, OHC_E_FAILED, "no password was given");
	line[n] = '\0';
	line[strcspn(line, "\r\n")] = '\0';
	return 0;
}

int ohc_ask_secret(const char *prompt, const char *instead, char **ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_closep) int tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	struct termios as_it_was, silent;
	char line[SECRET_MAX];
	int rc;

	if (tty < 0 || tcgetattr(tty, &as_it_was) < 0)
		return ohc_error_set(err, OHC_E_USAGE,
				     "there is no terminal to ask for the password on: use '%s'",
				     instead);
	silent = as_it_was;
	silent.c_lflag &= ~(tcflag_t)ECHO;
	if (tcsetattr(tty, TCSAFLUSH, &silent) < 0)
		return ohc_error_sys(err, "cannot switch the terminal's echo off");
	rc = ohc_write_full(tty, prompt, strlen(prompt), "/dev/tty", err);
	if (rc == 0)
		rc = read_line(tty, line, err);
	tcsetattr(tty, TCSAFLUSH, &as_it_was);
	ohc_write_full(tty, "\n", 1, "/dev/tty", NULL);
	if (rc == 0)
		*ret = ohc_xstrdup(line);
	explicit_bzero(line, sizeof(line));
	return rc;
}
