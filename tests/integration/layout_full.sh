#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A disk that is full, or cannot be written: the reason is told, and nothing is left.
. "$(dirname "$0")/../lib.sh"

mkdir big disk
head -c 8000000 /dev/urandom >big/file
echo small >big/small
make_layout L:big --layer big --compression none >/dev/null

unmount()
{
	umount "$tmp/disk" 2>/dev/null || true
}

# The library's own trap removes the directory, which must not be mounted then.
mounted=0
if [ "$(id -u)" = 0 ] && mount -t tmpfs -o size=4m ohc-test disk 2>/dev/null; then
	mounted=1
	trap 'unmount; _on_exit' EXIT
fi

for dest in oci:disk/l:x oci:disk/deep/er:x oci-archive:disk/a.tar docker-archive:disk/d.tar:x:1; do
	t "no space left for $dest"
	if [ $mounted = 0 ]; then
		skip "cannot mount a small file system"
		continue
	fi
	run "$OHC" copy oci:L:big "$dest"
	expect_message 1 'No space left on device'
	expect_eq "$(find disk -mindepth 1)" "" "what is left"
done

t "no space left, beside an image that is there already"
if [ $mounted = 0 ]; then
	skip "cannot mount a small file system"
else
	mkdir small
	echo small >small/file
	make_layout S:small --layer small >/dev/null
	expect "$OHC" copy oci:S:small oci:disk/l:x
	before=$(find disk -type f | sort)
	run "$OHC" copy oci:L:big oci:disk/l:y
	expect_message 1 'No space left on device'
	expect_eq "$(find disk -type f | sort)" "$before" "what is left"
	expect "$OHC" verify oci:disk/l:x
fi
unmount

t "a file size limit"
run bash -c "ulimit -f 1000; exec '$OHC' copy oci:L:big oci:F:x"
expect_message 1 'File too large'
expect_not test -e F
run bash -c "ulimit -f 1000; exec '$OHC' copy oci:L:big oci-archive:F.tar"
expect_message 1 'File too large'
expect_not test -e F.tar

t "a directory that cannot be written"
mkdir locked
chmod 555 locked
if [ "$(id -u)" = 0 ]; then
	skip "root may write anywhere"
else
	run "$OHC" copy oci:L:big oci:locked/l:x
	expect_message 1 'Permission denied'
fi

t "a directory with other things in it is not made a layout"
mkdir home
echo precious >home/file
run "$OHC" copy oci:L:big oci:home:x
expect_message 3 "no OCI image layout .*other things are in it"
expect_eq "$(ls home)" file "what is there"
mkdir empty
expect "$OHC" copy -q oci:L:big oci:empty:x

t "what is a file is no layout, and what is a directory no archive"
run "$OHC" copy oci:L:big oci:big/file:x
expect_message 4 'Not a directory'
run "$OHC" copy oci:L:big oci-archive:big:x
expect_message 2 'is a directory'
run "$OHC" copy oci-archive:big:x oci:X:x
expect_message 3 'is a directory'

finish
