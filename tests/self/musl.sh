#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The sources compile against musl's headers, which bring along less than glibc's do.  Nothing is
# linked, so the headers of the libraries will do: they are the same for either.
. "$(dirname "$0")/../lib.sh"

have musl-gcc || skip_all "no musl-gcc"

# The headers of the libraries and of the kernel, without glibc's beside them.
machine=$(musl-gcc -dumpmachine)
mkdir any machine
for h in jansson.h jansson_config.h archive.h archive_entry.h openssl curl zlib.h zconf.h zstd.h \
	zstd_errors.h isa-l.h isa-l linux asm asm-generic; do
	[ ! -e "/usr/include/$h" ] || ln -s "/usr/include/$h" any/
	[ ! -e "/usr/include/$machine/$h" ] || ln -s "/usr/include/$machine/$h" machine/
done

isal=$(! pkg-config --exists libisal || echo -DHAVE_ISAL=1)
export tmp top isal

# compile FILE...: what the compiler says of them; status 123 where one does not compile
compile()
{
	printf '%s\0' "$@" | xargs -0 -n 8 -P "$(nproc)" bash -c '
		for f in "$@"; do
			musl-gcc -std=gnu17 -fsyntax-only -Wall -Wextra -Werror -D_GNU_SOURCE \
				-D_FILE_OFFSET_BITS=64 -DOHC_VERSION=\"x\" -DOHC_LIBRARIES=\"x\" $isal \
				-I "$top" -isystem "$tmp/any" -isystem "$tmp/machine" "$f" || exit 1
		done' compile 2>&1
}

t "every room compiles"
cd "$top"
sources=()
for room in $(make -s print-rooms); do
	sources+=("$room"/*.c)
done
run compile "${sources[@]}"
expect_status 0
cd "$tmp"

t "what only glibc's headers bring along is found"
printf '#include <spawn.h>\n#include <time.h>\nint64_t x;\n' >x.c
expect "${CC:-cc}" -fsyntax-only -D_GNU_SOURCE x.c
run compile x.c
expect_status 123
expect_out int64_t

finish
