#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# time limit: 600
# ELF files with another interpreter and search path: they run as before, and what judges ELF files
# finds nothing new in them.
. "$(dirname "$0")/../lib.sh"

driver=$(dirname "$OHC")/tests/integration/elf_edit_driver
prefix=$tmp/openhands
mkdir -p "$prefix/lib" a

have readelf || skip_all "no readelf"
have cc || skip_all "no C compiler"

interp_of()
{
	readelf -lW "$1" 2>/dev/null | sed -n 's/.*Requesting program interpreter: \(.*\)]/\1/p'
}

# take_libs FILE...: their loader and libraries to the prefix
take_libs()
{
	local f

	for f in $(ldd "$@" 2>/dev/null | grep -o '/[^ ]*' | grep -v ':$' | sort -u); do
		[ -e "$prefix/lib/${f##*/}" ] || cp -L "$f" "$prefix/lib/"
	done
}

# edit FILE OUT
edit()
{
	local i

	i=$(interp_of "$1")
	run "$driver" --interp "$prefix/lib/${i##*/}" --rpath "$prefix/lib:\$ORIGIN/../lib" "$1" "$2"
}

# what_readelf_says FILE: complaints, without their numbers
what_readelf_says()
{
	readelf -aW "$1" 2>&1 >/dev/null | sed 's/0x[0-9a-f]*\|[0-9][0-9]*/N/g' | sort -u
}

# The same.  eu-elflint counts the size of a function whose address is put into a table to the place
# in the table, so that the last ones seem to reach into what follows.
what_elflint_says()
{
	eu-elflint --gnu-ld "$1" 2>&1 | grep -v 'read-only section modified\|^No errors' |
		sed 's/0x[0-9a-f]*\|[0-9][0-9]*/N/g' | sort -u || true
}

# judge FILE EDITED: one line for each new complaint
judge()
{
	comm -13 <(what_readelf_says "$1") <(what_readelf_says "$2") | sed "s|^|$1: readelf: |"
	! have eu-elflint || comm -13 <(what_elflint_says "$1") <(what_elflint_says "$2") |
		sed "s|^|$1: eu-elflint: |"
	[ "$(interp_of "$2")" = "${3-$prefix/lib/$(basename "$(interp_of "$1")")}" ] ||
		[ -z "$(interp_of "$1")" ] || echo "$1: interpreter $(interp_of "$2")"
	readelf -dW "$2" >dynamic
	grep -q "(RPATH).*\[$prefix/lib:\$ORIGIN/../lib\]" dynamic || echo "$1: no RPATH"
	! grep -q RUNPATH dynamic || echo "$1: RUNPATH"
}

t "objects of this machine, as readelf and eu-elflint see them"
# Every so many of them, for some fifty.
find /usr/bin /usr/sbin /usr/lib -type f -size -3000k \( -perm -100 -o -name '*.so*' \) 2>/dev/null |
	LC_ALL=C sort >all
awk -v n="$(wc -l <all)" 'NR % (int(n / 120) + 1) == 0' all >some
count=0 bytes=0
while read -r f; do
	[ "$(head -c 4 "$f" | tr -d '\0')" = "$(printf '\177ELF')" ] || continue
	edit "$f" edited
	[ "$status" != 10 ] || continue
	expect_status 0
	judge "$f" edited >complaints
	[ ! -s complaints ] || fail "$(cat complaints)"
	run "$driver" --interp "$(interp_of edited)" --rpath "$prefix/lib:\$ORIGIN/../lib" edited again
	expect_status 10
	cmp -s edited again || fail "$f: another file the second time"
	count=$((count + 1))
done <some
[ $count -ge 20 ] || fail "only $count objects were found"

# version_of NAME FILE: what it says when it is started by that name, and its status
version_of()
{
	timeout 10 bash -c 'exec -a "$0" "$1" --version' "$1" "$2" </dev/null 2>&1 || echo "status $?"
}

t "programs of this machine run from the prefix as from their own place"
count=0
for name in ls cat sort grep sed find tar gzip xz bash dash perl python3 git tmux curl openssl ld \
	readelf make diff file less gpg ssh; do
	have "$name" || continue
	f=$(readlink -f "$(command -v "$name")")
	[ -n "$(interp_of "$f")" ] || continue
	take_libs "$f"
	edit "$f" "a/$name"
	expect_status 0
	before=$(version_of "$name" "$f")
	after=$(version_of "$name" "$tmp/a/$name")
	[ "$before" = "$after" ] || fail "$name: $after"
	count=$((count + 1))
done
[ $count -ge 5 ] || fail "only $count programs were found"

t "a library that comes from the prefix alone"
run a/ls /
expect_status 0
run env LD_DEBUG=libs a/ls /
expect_err "trying file=$prefix/lib/"

t "a library's name that is the end of the old search path stays"
new="$prefix/lib:\$ORIGIN/../lib"
pad=$(printf "%*s" $((${#new} - 14)) '' | tr ' ' x)
printf 'int shared(void) { return 7; }\n' >shared.c
printf 'int shared(void);\nint main(void) { return shared(); }\n' >sharer.c
cc -shared -nostdlib -Wl,-soname,libshared.so -o "$prefix/lib/libshared.so" shared.c
cc -o sharer sharer.c -L"$prefix/lib" -lshared -Wl,-rpath,"/$pad/libshared.so"
if [ "$(LC_ALL=C grep -a -o 'libshared\.so' sharer | wc -l)" != 1 ]; then
	skip "this linker does not let texts share their ends"
else
	take_libs sharer
	edit sharer sharer.edited
	expect_status 0
	judge sharer sharer.edited >complaints
	[ ! -s complaints ] || fail "$(cat complaints)"
	expect_true grep -q '(NEEDED).*\[libshared.so\]' dynamic
	run ./sharer.edited
	expect_status 7
fi

cat >lib.c <<'X'
#define _GNU_SOURCE
#include <link.h>
#include <stdio.h>
#include <string.h>

__thread int of_thread = 42;
static char zero[100000];
int data[3] = { 1, 2, 3 };

static int self(struct dl_phdr_info *i, size_t n, void *loads)
{
	for (int k = 0; k < i->dlpi_phnum; k++)
		if (i->dlpi_phdr[k].p_type == PT_LOAD &&
		    (char *)self - (char *)i->dlpi_addr - i->dlpi_phdr[k].p_vaddr <
			    i->dlpi_phdr[k].p_memsz)
			*(int *)loads = i->dlpi_phnum;
	return n == 0;
}

const char *say(void)
{
	static char text[100];
	int n = 0, sum = 0;

	for (size_t i = 0; i < sizeof(zero); i++)
		sum |= zero[i];
	memset(zero, 1, sizeof(zero));
	dl_iterate_phdr(self, &n);
	snprintf(text, sizeof(text), "%d %d %d %s", of_thread, sum, data[2], n ? "found" : "lost");
	return text;
}
X
cat >main.c <<'X'
#include <stdio.h>
#include <stdlib.h>

const char *say(void);
static char zero[300000];

int main(int argc, char **argv)
{
	char *p = malloc(1 << 20);
	int sum = 0;

	for (size_t i = 0; i < sizeof(zero); i++)
		sum |= zero[i];
	p[argc] = argv[0][0];
	printf("%s %d\n", say(), sum);
	return 0;
}
X

# try CC RUN PIE FLAGS...: a program and its library built with FLAGS, the program also with PIE;
# edited, and run from the prefix
try()
{
	local cc=$1 runner=$2 pie=$3 i

	shift 3
	rm -rf built && mkdir -p built/o
	# shellcheck disable=SC2086
	$cc -w -fPIC -shared -Wl,-soname,libsay.so -Wl,-rpath,/a/long/path/that/is/nowhere/at/all \
		"$@" lib.c -o built/libsay.so 2>built/log &&
		$cc -w $pie "$@" main.c -o built/main -Lbuilt -lsay 2>>built/log || {
		echo "# not built: $pie $*" && return 0
	}
	i=$(interp_of built/main)
	edit built/main built/o/main
	expect_status 0
	judge built/main built/o/main >complaints
	run "$driver" --rpath "$prefix/lib:\$ORIGIN/../lib" built/libsay.so "$prefix/lib/libsay.so"
	expect_status 0
	judge built/libsay.so "$prefix/lib/libsay.so" >>complaints
	[ ! -s complaints ] || fail "$* $(cat complaints)"
	# shellcheck disable=SC2086
	run $runner built/o/main
	expect_status 0
	[ "$out" = "42 0 3 found 0" ] || fail "$*"
	# Longer ones, so that nothing fits any more.
	run "$driver" --interp "$prefix/lib/././././${i##*/}" --rpath "$prefix/lib:/a/b/c:/d/e/f" \
		built/o/main built/o/again
	# shellcheck disable=SC2086
	run $runner built/o/again
	[ "$out" = "42 0 3 found 0" ] || fail "again: $*"
	tried=$((tried + 1))
}

# all CC RUN LINKER...
all()
{
	local cc=$1 runner=$2 linker

	shift 2
	tried=0
	for linker; do
		try "$cc" "$runner" -pie $linker
		try "$cc" "$runner" -no-pie $linker
		try "$cc" "$runner" -pie $linker -Wl,--build-id=none
		try "$cc" "$runner" -no-pie $linker -Wl,--build-id=none -Wl,-z,noseparate-code
		try "$cc" "$runner" -pie $linker -Wl,-z,now -Wl,-z,relro -s
		try "$cc" "$runner" -pie $linker -Wl,--disable-new-dtags -g
		try "$cc" "$runner" -pie $linker -Wl,--spare-dynamic-tags=0 -g
		try "$cc" "$runner" -no-pie $linker -Wl,--spare-dynamic-tags=0 -Wl,-z,norelro
		try "$cc" "$runner" -pie $linker -Wl,-z,max-page-size=65536
		try "$cc" "$runner" -no-pie $linker -Wl,--hash-style=sysv -Wl,-z,noexecstack
	done
}

# bare CC RUN FLAGS...: a program with no notes that could make room for a program header, which is
# then itself moved
bare()
{
	local cc=$1 runner=$2 i

	shift 2
	# shellcheck disable=SC2086
	$cc -w -nostartfiles -Wl,--build-id=none "$@" bare.c -o built/bare 2>/dev/null || return 0
	! readelf -lW built/bare | grep -q NOTE || return 0
	i=$(interp_of built/bare)
	edit built/bare built/o/bare
	expect_status 0
	expect_true test "$(readelf -hW built/o/bare | awk '/Start of program/ { print $5 }')" -gt 4096
	# shellcheck disable=SC2086
	run $runner built/o/bare
	expect_status 0
	expect_eq "$out" "0 found"
	tried=$((tried + 1))
}

cat >bare.c <<'X'
#define _GNU_SOURCE
#include <link.h>
#include <stdio.h>
#include <stdlib.h>

static char zero[500000];

static int self(struct dl_phdr_info *i, size_t n, void *loads)
{
	for (int k = 0; k < i->dlpi_phnum; k++)
		*(int *)loads += i->dlpi_phdr[k].p_type == PT_LOAD;
	return n != 0;
}

#ifdef __x86_64__
__attribute__((force_align_arg_pointer))
#endif
void _start(void)
{
	int sum = 0, loads = 0;

	for (size_t i = 0; i < sizeof(zero); i++)
		sum |= zero[i];
	dl_iterate_phdr(self, &loads);
	printf("%d %s\n", sum, loads ? "found" : "lost");
	exit(0);
}
X

t "programs and libraries, linked in many ways"
echo 'int main(void) { return 0; }' >empty.c
cc -x c++ empty.c -o empty 2>/dev/null || cc empty.c -o empty
take_libs ./empty
all cc "" "" -fuse-ld=lld -fuse-ld=gold
bare cc "" -pie
bare cc "" -no-pie -fno-pic -fcf-protection=none -Wa,-mx86-used-note=no
bare cc "" -pie -fuse-ld=lld -fcf-protection=none -Wa,-mx86-used-note=no
echo "# $tried ways"
[ $tried -ge 8 ] || fail "only $tried ways could be built"

t "the same for arm64, under an emulator"
emulator=$(command -v qemu-aarch64-static || command -v qemu-aarch64 || true)
if ! have aarch64-linux-gnu-gcc || [ -z "$emulator" ]; then
	skip "no compiler or no emulator for arm64"
else
	sysroot=$(dirname "$(aarch64-linux-gnu-gcc -print-file-name=libc.so.6)")
	rm -f "$prefix"/lib/*
	cp -L "$sysroot"/{ld-linux-aarch64.so.1,libc.so.6} "$prefix/lib/"
	all aarch64-linux-gnu-gcc "$emulator" ""
	bare aarch64-linux-gnu-gcc "$emulator" -pie
	bare aarch64-linux-gnu-gcc "$emulator" -no-pie
	echo "# $tried ways"
	[ $tried -ge 4 ] || fail "only $tried ways could be built"
fi

cat >own.c <<'X'
#include <stdio.h>
#include <string.h>

int main(void)
{
	char text[16] = "";
	FILE *f = fopen("/proc/self/exe", "rb");

	return !f || fseek(f, -6, SEEK_END) < 0 || fread(text, 1, 6, f) != 6 || puts(text) < 0;
}
X

# with_data FLAGS...: a program that reads the end of its own file, which lies behind all that the
# linker made: it is edited without moving that, or not at all
with_data()
{
	# shellcheck disable=SC2086
	cc -w "$@" own.c -o whole 2>/dev/null || { echo "# not built: $*" && return 0; }
	printf 'my end' >>whole
	edit whole a/whole
	if [ "$status" != 0 ]; then
		expect_status 1
		expect_err "'whole' .* has data of its own behind its end"
		return 0
	fi
	expect_eq "$(stat -c %s a/whole)" "$(stat -c %s whole)" "$* its size"
	expect_eq "$(interp_of a/whole)" "$prefix/lib/$(basename "$(interp_of whole)")"
	run a/whole
	expect_status 0
	expect_eq "$out" "my end" "$*"
	run env LD_DEBUG=libs a/whole
	expect_err "trying file=$prefix/lib/"
	# Longer ones, so that nothing fits any more.
	run "$driver" --interp "$(dirname "$(interp_of a/whole)")/././././$(basename "$(interp_of whole)")" \
		--rpath "$prefix/lib:/a/b/c:/d/e/f" a/whole a/again
	expect_status 0
	run a/again
	expect_eq "$out" "my end" "again: $*"
	tried=$((tried + 1))
}

t "data behind the end of a program stays there"
tried=0
take_libs ./empty
for linker in "" -fuse-ld=gold -fuse-ld=lld -fuse-ld=mold; do
	for pie in -pie -no-pie; do
		# shellcheck disable=SC2086
		with_data $pie $linker
		# shellcheck disable=SC2086
		with_data $pie $linker -s -Wl,-z,now
	done
done
with_data -pie -Wl,-z,noseparate-code
with_data -pie -Wl,--spare-dynamic-tags=0
with_data -pie -Wl,-z,max-page-size=65536
with_data -pie -Wl,-rpath,/x -Wl,--disable-new-dtags
echo "# $tried ways"
[ $tried -ge 6 ] || fail "only $tried ways could be edited"

t "what cannot be edited is left alone"
printf '#!/bin/sh\n' >script
run "$driver" --interp /x --rpath /y script out
expect_status 10
cc -static empty.c -o static 2>/dev/null && {
	run "$driver" --interp /x --rpath /y static out
	expect_status 10
}
head -c 100 "$(command -v cc)" >cut
run "$driver" --interp /x --rpath /y cut out
expect_status 3
expect_err 'damaged ELF file'

finish
