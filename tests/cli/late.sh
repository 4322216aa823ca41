#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Libraries that are loaded when something needs them (core/late.h): who needs none does not wait for them, and
# who has none is told so.
. "$(dirname "$0")/../lib.sh"

loaded=$(LD_TRACE_LOADED_OBJECTS=1 "$OHC" version)
case $loaded in
*"ohcompose "*) skip_all "a static program" ;;
*libcurl*) skip_all "a program that is linked with all libraries" ;;
esac

t "the program is not linked with what brings along many others"
expect_false grep -E 'libcurl|libarchive|libxml2|libgnutls' <<<"$loaded"
expect_true [ "$(wc -l <<<"$loaded")" -le 10 ]

t "... and says in itself that it needs them, as packaging tools read it"
if have readelf; then
	expect_eq "$(readelf -SW "$OHC" | sed -n 's/.*\.note\.dlopen *\([A-Z]*\) .*/\1/p')" NOTE
else
	skip "no readelf"
fi
for library in libcurl.so.4 libarchive.so.13; do
	expect_true grep -aq "\\[{\"soname\":\\[\"$library\"\\],\"priority\":\"required\"" "$OHC"
done

t "version and help load nothing"
if can_trace; then
	for words in version "help push" "completion bash"; do
		# shellcheck disable=SC2086
		strace -f -o trace -e trace=openat "$OHC" $words >out
		expect_false grep -E 'libcurl|libarchive' trace
	done
else
	skip "$no_trace"
fi

t "who lacks a library is told which, and what for"
if have "${CC:-cc}"; then
	cat >hide.c <<'END'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
void *dlopen(const char *name, int flags)
{
	void *(*next)(const char *, int) = (void *(*)(const char *, int))dlsym(RTLD_NEXT, "dlopen");

	return next(name && strstr(name, getenv("HIDE")) ? "nothing-of-that-name.so.4" : name, flags);
}
END
	"${CC:-cc}" -shared -fPIC -o hide.so hide.c -ldl
	export LD_PRELOAD=$tmp/hide.so
	HIDE=libcurl run "$OHC" inspect 127.0.0.1:1/a:1
	expect_message 1 "'libcurl.so.4' is needed to speak with registries, and cannot be loaded \\(.*nothing-of-that-name.*\\): install libcurl"
	mkdir payload
	touch payload/x
	HIDE=libarchive run "$OHC" push --no-check --profile none --payload payload:/p scratch oci:image:1
	expect_message 1 "'libarchive.so.13' is needed to read and write tars, and cannot be loaded"
	expect_false [ -e image/index.json ]
	HIDE=libcurl run "$OHC" push --no-check --profile none --payload payload:/p scratch oci:image:1
	expect_status 0
	HIDE=libarchive run "$OHC" inspect --tree oci:image:1
	expect_message 1 "libarchive.so.13"
	unset LD_PRELOAD
else
	skip "no compiler"
fi

finish
