#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# From layout to layout on a file system with clones of files blobs are not written again.  What they hold is
# proved all the same, and what is read stays as it is.
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

# whole LAYOUT: it has the layer, and nothing temporary
whole()
{
	expect_status 0
	expect cmp "L/$blob" "$1/$blob"
	expect "$OHC" verify -q "oci:$1:one"
	expect_eq "$(find "$1" -name '.ohcompose-tmp*')" "" "temporary files"
}

t "what is only read does not change"
before=$(stat -c '%h %i %z' "L/$blob")
run "$OHC" copy oci:L:one oci:M:one
whole M
expect_eq "$(stat -c '%h %i %z' "L/$blob")" "$before" "links, inode and ctime"

t "one that is damaged is refused, and does not appear"
cp -r L bad
printf '\377\377' | dd of="bad/$blob" bs=1 seek=5000 conv=notrunc status=none
run "$OHC" copy oci:bad:one oci:refused:one
expect_message 3 "$layer"
expect_false test -e "refused/$blob"

t "another file system gets a copy"
if [ "$(id -u)" = 0 ] && mount -t tmpfs ohc-test other 2>/dev/null; then
	trap 'unmount; _on_exit' EXIT
	run "$OHC" copy oci:L:one oci:other/M:one
	whole other/M
	umount other
else
	skip "cannot mount another file system"
fi

t "clones of XFS, which take no part in what becomes of the other"
if [ "$(id -u)" = 0 ] && have mkfs.xfs && truncate -s 400M disk.img && mkfs.xfs -q disk.img 2>mkfs.log &&
	mount -o loop disk.img xfs 2>mount.log; then
	trap 'unmount; _on_exit' EXIT
	cp -r L xfs/L
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
