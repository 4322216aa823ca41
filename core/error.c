// SPDX-License-Identifier: Apache-2.0
#include "core/error.h"

#include <errno.h>
#include <string.h>

#include "core/interrupt.h"

static int fill(struct ohc_error *err, enum ohc_code code, int sys, const char *fmt, va_list ap)
{
	size_t n;

	if (!err)
		return -(int)code;
	err->code = code;
	err->sys = sys;
	vsnprintf(err->msg, sizeof(err->msg), fmt, ap);
	if (sys) {
		n = strlen(err->msg);
		snprintf(err->msg + n, sizeof(err->msg) - n, ": %s", strerror(sys));
	}
	return -(int)code;
}

int ohc_error_set(struct ohc_error *err, enum ohc_code code, const char *fmt, ...)
{
	va_list ap;
	int rc;

	va_start(ap, fmt);
	rc = fill(err, code, 0, fmt, ap);
	va_end(ap);
	return rc;
}

int ohc_error_sys(struct ohc_error *err, const char *fmt, ...)
{
	int sys = errno;
	enum ohc_code code = OHC_E_FAILED;
	va_list ap;
	int rc;

	if (sys == ENOENT || sys == ENOTDIR)
		code = OHC_E_NOT_FOUND;
	else if (sys == EINTR && ohc_interrupt_pending())
		code = OHC_E_INTERRUPTED;
	va_start(ap, fmt);
	rc = fill(err, code, sys, fmt, ap);
	va_end(ap);
	return rc;
}

int ohc_error_wrap(struct ohc_error *err, int rc, const char *fmt, ...)
{
	char tail[sizeof(err->msg)];
	va_list ap;
	size_t n;

	if (!err)
		return rc;
	memcpy(tail, err->msg, sizeof(tail));
	va_start(ap, fmt);
	vsnprintf(err->msg, sizeof(err->msg), fmt, ap);
	va_end(ap);
	n = strlen(err->msg);
	snprintf(err->msg + n, sizeof(err->msg) - n, ": %s", tail);
	return rc;
}

int ohc_error_copy(struct ohc_error *to, const struct ohc_error *from, int rc)
{
	if (to && from)
		*to = *from;
	return rc;
}

int ohc_error_exit_status(int rc)
{
	static const int status[] = {
		[OHC_OK] = 0,
		[OHC_E_FAILED] = 1,
		[OHC_E_USAGE] = 2,
		[OHC_E_FORMAT] = 3,
		[OHC_E_DIGEST] = 3,
		[OHC_E_NOT_FOUND] = 4,
		[OHC_E_DENIED] = 5,
		[OHC_E_NETWORK] = 6,
		[OHC_E_CHECK] = 7,
		[OHC_E_UNSUPPORTED] = 1,
		[OHC_E_INTERRUPTED] = 130,
	};

	if (rc >= 0)
		return 0;
	if ((size_t)-rc >= sizeof(status) / sizeof(status[0]))
		return 1;
	return status[-rc];
}
