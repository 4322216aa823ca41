/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Errors: one caller-owned struct, filled where the fault is seen, widened where it matters.
 *
 *	int ohc_thing_open(const char *path, struct ohc_error *err)
 *	{
 *		int fd = open(path, O_RDONLY | O_CLOEXEC);
 *
 *		if (fd < 0)
 *			return ohc_error_sys(err, "cannot open '%s'", path);
 *		...
 *	}
 *
 *	rc = ohc_thing_open(path, err);
 *	if (rc < 0)
 *		return ohc_error_wrap(err, rc, "add payload '%s'", name);
 *
 * A function that can fail takes a struct ohc_error as its last parameter and returns 0 (or a
 * count) on success and a negative enum ohc_code on failure.  Outputs named ret_... change only
 * on success.  Nothing here allocates, and only cmd/main.c prints.  err may be NULL where only the
 * code is wanted.
 *
 * A message has no capital, no full stop, quotes its subject and says what to do about it where
 * we know.  It never holds a token, a password or the query of a URL.
 */
#ifndef OHC_CORE_ERROR_H
#define OHC_CORE_ERROR_H

#include <stdarg.h>
#include <stdio.h>

enum ohc_code {
	OHC_OK = 0,
	OHC_E_FAILED,      /* whatever has no code of its own, errno's faults among it */
	OHC_E_USAGE,       /* the command line or an option's value */
	OHC_E_FORMAT,      /* a document, archive or name that is not what it should be */
	OHC_E_DIGEST,      /* bytes that are not what their descriptor promised */
	OHC_E_NOT_FOUND,   /* image, blob, file */
	OHC_E_DENIED,      /* credentials or rights */
	OHC_E_NETWORK,     /* the other side cannot be reached, or gave up */
	OHC_E_CHECK,       /* check or the preflight found errors */
	OHC_E_UNSUPPORTED, /* understood, and not possible here */
	OHC_E_INTERRUPTED, /* SIGINT, SIGTERM or SIGHUP */
};

struct ohc_error {
	enum ohc_code code;
	int sys; /* errno where a system call failed, else 0 */
	char msg[2048];
};

#define OHC_ERROR_INIT         \
	{                      \
		.code = OHC_OK \
	}

/* Each fills *err and returns -code, so that it can stand behind `return`. */
int ohc_error_set(struct ohc_error *err, enum ohc_code code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* As above from errno, whose text is added: EACCES and EPERM are OHC_E_DENIED only for registries,
 * so a system error is OHC_E_FAILED, but ENOENT is OHC_E_NOT_FOUND and EINTR after a signal
 * OHC_E_INTERRUPTED. */
int ohc_error_sys(struct ohc_error *err, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Puts "fmt: " before the message that is there.  Returns rc. */
int ohc_error_wrap(struct ohc_error *err, int rc, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Copies an error from a worker's struct to the caller's (either may be NULL).  Returns rc. */
int ohc_error_copy(struct ohc_error *to, const struct ohc_error *from, int rc);

/* The process's exit status for a function's return value: the one table (docs/errors.md). */
int ohc_error_exit_status(int rc);

#endif
