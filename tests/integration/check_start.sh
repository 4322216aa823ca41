#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What check says of scripts, loaders and libraries, held against what the kernel, env(1) and the loader
# do with them in a chroot.
. "$(dirname "$0")/../lib.sh"

chroot=$(PATH=$PATH:/usr/sbin:/sbin command -v chroot || echo)

# gnu_base DIR: busybox, but for env, which is this machine's
gnu_base()
{
	local f

	busybox_rootfs "$1"
	rm -f "$1/bin/env" "$1/usr/bin/env"
	install -D -m 755 "$(command -v env)" "$1/usr/bin/env"
	{ ldd "$1/usr/bin/env" || true; } | grep -o '/[^ ]*' | sort -u | while read -r f; do
		[ ! -f "$f" ] || cp -L --parents "$f" "$1"
	done
}

busybox_rootfs busybox
ln -s ../../bin/busybox busybox/usr/bin/env
gnu_base gnu
for base in busybox gnu; do
	make_layout bases:$base --layer $base --config "$BASE_CONFIG" >/dev/null
done

# starts BASE: what happens to the payload's program there
starts()
{
	rm -rf root
	cp -a "$1" root
	cp -a payload root/openhands
	env -i PATH=/usr/bin:/bin "$chroot" --userspec=1000:1000 root /openhands/bin/prog
}

# judged STATUS BASE: so check decides about the payload, and so it is
judged()
{
	run "$OHC" check --no-cache --profile none --user 1000:1000 --owner 1000:1000 \
		--cmd '["/openhands/bin/prog"]' --payload payload:/openhands "oci:bases:$2"
	expect_status "$1"
	[ "$(id -u)" = 0 ] && [ -n "$chroot" ] || return 0
	if [ "$1" = 0 ]; then
		expect_true starts "$2"
	else
		expect_false starts "$2"
	fi
}

# script LINE: the payload's program is one whose first line that is
script()
{
	rm -rf payload
	mkdir -p payload/bin
	printf '#!%b\nexit 0\n' "$1" >payload/bin/prog
	printf '#!/bin/sh\nexit 0\n' >payload/bin/sh2
	chmod 755 payload/bin/*
}

# each STATUS-WITH-GNU STATUS-WITH-BUSYBOX LINE
each()
{
	t "#!$3"
	script "$3"
	judged "$1" gnu
	judged "$2" busybox
}

each 0 0 '/bin/sh -e'
each 0 0 '  /bin/sh -e  '
each 0 0 '/usr/bin/env sh'
each 7 7 '/usr/bin/env sh -e'
each 7 7 '/usr/bin/env sh\r'
each 7 7 '/bin/sh/'
each 7 7 '/usr/bin/env -i sh'
each 0 7 '/usr/bin/env -S sh -e'
each 0 7 '/usr/bin/env -Ssh -e'
each 0 7 '/usr/bin/env -S -u HOME sh -e'
each 0 7 '/usr/bin/env -S --unset=HOME --chdir=/ A=b sh -e'
each 0 7 '/usr/bin/env -S "sh" -e'
each 7 7 '/usr/bin/env -S PATH=/nowhere sh -e'
each 0 7 '/usr/bin/env -S PATH=/openhands/bin sh2'
each 7 7 '/usr/bin/env -S sh2'

# elf FILE [OPTIONS]
elf()
{
	mkdir -p "$(dirname "$1")"
	py "$top/tests/make_elf.py" --stack plain "$@"
	chmod 755 "$1"
}

t "a loader that was copied from Debian to where others have theirs"
rm -rf scratch payload
elf scratch/lib64/ld-linux-x86-64.so.2 --type dyn --soname ld-linux-x86-64.so.2
elf scratch/lib/x86_64-linux-gnu/libc.so.6 --type dyn --soname libc.so.6
make_layout bases:scratch --layer scratch --config "$BASE_CONFIG" >/dev/null
elf payload/bin/prog --interp /lib64/ld-linux-x86-64.so.2 --needed libc.so.6
run "$OHC" check --no-cache --profile none --owner 0:0 --cmd '["/openhands/bin/prog"]' \
	--payload payload:/openhands oci:bases:scratch
expect_status 0

t "one thing that is wrong is told once"
script '/usr/bin/env sh -e'
judged 7 gnu
expect_out "^error command-interpreter /openhands/bin/prog: .*'sh -e'.* -S"
expect_no_out '^warning script-interpreter'

# linked [OPTIONS]: the payload's program has its own loader, and a library that is made by them
linked()
{
	rm -rf payload
	elf payload/lib/ld-linux-x86-64.so.2 --type dyn --soname ld-linux-x86-64.so.2
	elf payload/bin/prog --interp /openhands/lib/ld-linux-x86-64.so.2 --needed libx.so \
		--rpath /openhands/lib
	elf payload/lib/libx.so "$@"
}

t "a loader takes a library alone for a library"
linked --type dyn --soname libx.so
run "$OHC" check --no-cache --profile none --user 1000:1000 --owner 1000:1000 \
	--cmd '["/openhands/bin/prog"]' --payload payload:/openhands oci:bases:busybox
expect_status 0
for kind in "--type exec" "--type dyn --pie" "--type rel"; do
	# shellcheck disable=SC2086 # two words
	linked $kind
	judged 7 busybox
	expect_out "^error library-missing libx.so: .*'/openhands/lib/libx.so' is a program or an obj"
done

t "a loader that the user may not execute"
for mode in 644 700; do
	linked --type dyn --soname libx.so
	chmod $mode payload/lib/ld-linux-x86-64.so.2
	run "$OHC" check --no-cache --profile none --user 1001:1001 --owner 1000:1000 \
		--cmd '["/openhands/bin/prog"]' --payload payload:/openhands oci:bases:busybox
	expect_status 7
	expect_out '^error interpreter /openhands/bin/prog: has a loader that the user may not exec'
done

finish
