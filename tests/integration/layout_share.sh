#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# From layout to layout on one file system blobs are not written again: they are clones or names of the same
# files.  What they hold is proved all the same.  That nothing is written shows where files cannot grow.
. "$(dirname "$0")/../lib.sh"

mkdir tree xfs other
head -c 3000000 /dev/urandom >tree/file
make_layout L:one --layer tree --compression none >/dev/null
layer=$(image manifest oci:L:one | json 'j["layers"][0]["digest"]' /dev/stdin)
blob=blobs/sha256/${layer#sha256:}

# The library's own trap removes the directory, where nothing must be mounted then.
unmount()
{
	umount "$tmp/xfs" "$tmp/other" 2>/dev/null || true
}

# copy FROM TO: without a file of more than 200 KiB
copy()
{
	run bash -c 'ulimit -f 200 && exec "$@"' bash "$OHC" copy "oci:$1:one" "oci:$2:one"
}

# whole LAYOUT: it has the layer, and nothing temporary
whole()
{
	expect_status 0
	expect cmp "L/$blob" "$1/$blob"
	expect "$OHC" verify -q "oci:$1:one"
	expect_eq "$(find "$1" -name '.ohcompose-tmp*')" "" "temporary files"
}

t "a blob of the same file system is shared"
copy L M
whole M

t "each of the two stays when the other goes"
cp -r L K
copy K N
rm -r K
whole N

t "one that others could not read, or that is another user's, is copied"
chmod 600 "L/$blob"
run "$OHC" copy oci:L:one oci:private:one
whole private
expect_eq "$(stat -c %a "private/$blob")" "$(printf %o $((0644 & ~$(umask))))" "mode"
expect_true [ "$(stat -c %i "private/$blob")" != "$(stat -c %i "L/$blob")" ]
chmod 644 "L/$blob"
if [ "$(id -u)" = 0 ]; then
	chown 12345 "L/$blob"
	run "$OHC" copy oci:L:one oci:others:one
	whole others
	expect_true [ "$(stat -c %i "others/$blob")" != "$(stat -c %i "L/$blob")" ]
	chown 0 "L/$blob"
fi

t "one that is damaged is refused, and does not appear"
cp -r L bad
printf '\377\377' | dd of="bad/$blob" bs=1 seek=5000 conv=notrunc status=none
copy bad refused
expect_message 3 "$layer"
expect_false test -e "refused/$blob"

t "another file system gets a copy"
if [ "$(id -u)" = 0 ] && mount -t tmpfs ohc-test other 2>/dev/null; then
	trap 'unmount; _on_exit' EXIT
	run "$OHC" copy oci:L:one oci:other/M:one
	whole other/M
	copy L other/small
	expect_message 1 'File too large'
	umount other
else
	skip "cannot mount another file system"
fi

t "clones of XFS, which take no part in what becomes of the other"
if [ "$(id -u)" = 0 ] && have mkfs.xfs && truncate -s 400M disk.img && mkfs.xfs -q disk.img 2>mkfs.log &&
	mount -o loop disk.img xfs 2>mount.log; then
	trap 'unmount; _on_exit' EXIT
	cp -r L xfs/L
	chmod 600 "xfs/L/$blob" # no other name is made of it
	run "$OHC" copy oci:xfs/L:one oci:xfs/M:one
	whole xfs/M
	filefrag -v "xfs/M/$blob" >extents
	expect_true grep -q shared extents
	printf '\377\377' | dd of="xfs/L/$blob" bs=1 seek=5000 conv=notrunc status=none
	whole xfs/M
	run "$OHC" copy oci:xfs/L:one oci:xfs/bad:one
	expect_message 3 "$layer"
	expect_false test -e "xfs/bad/$blob"
	umount xfs
else
	skip "cannot mount XFS"
fi

finish
