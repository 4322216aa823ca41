#!/usr/bin/env bash
# time limit: 600
# SPDX-License-Identifier: Apache-2.0
# Every kind of file that a payload can hold, judged by umoci, by Python's tarfile and by GNU tar.
. "$(dirname "$0")/../lib.sh"

make_base base:1 >/dev/null

py - <<'E2'
import os, socket
def put(path, data=b"x", mode=0o644):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.write(data)
    os.chmod(path, mode)

p = b"payload/"
put(p + b"bin/program", b"#!/bin/sh\necho hi\n", 0o755)
put(p + b"bin/setuid", b"s", 0o4755)
put(p + b"bin/setgid", b"s", 0o2755)
put(p + b"share/empty", b"")
put(p + b"share/secret", b"s", 0o600)
put(p + b"share/nothing-allowed", b"s", 0o000)
put(p + b"n/" + b"a" * 100, b"100")
put(p + b"n/" + b"b" * 101, b"101")
put(p + b"n/" + b"c" * 255, b"255")
deep = p + b"/".join([b"d" * 60] * 10)
put(deep + b"/" + b"e" * 200, b"deep")
os.symlink(b"t" * 100, p + b"n/link100")
os.symlink(b"t" * 101, p + b"n/link101")
os.symlink(b"../" * 200 + b"far", p + b"n/link-long")
os.link(deep + b"/" + b"e" * 200, p + b"n/hard-to-deep")
put(p + "names/grüße-日本-🙂".encode(), b"utf-8")
put(p + b"names/latin1-\xe4\xf6\xff", b"not utf-8")
put(p + b"names/new\nline", b"nl")
put(p + b"names/tab\tand space ", b"tab")
put(p + b"names/back\\slash", b"bs")
put(p + b"names/ leading", b"l")
put(p + b"names/-dash", b"d")
put(p + b"names/.wh", b"not a whiteout: no dot behind it")
os.symlink(b"names/latin1-\xe4\xf6\xff", p + b"to-latin1")
os.symlink(b"/absolute/target", p + b"absolute")
os.symlink(b"nowhere", p + b"dangling")
os.symlink(b".", p + b"self")
for n in (b"one", b"two", b"sub/three"):
    os.makedirs(os.path.dirname(p + b"hard/" + n), exist_ok=True)
    if n == b"one":
        put(p + b"hard/one", b"linked" * 1000)
    else:
        os.link(p + b"hard/one", p + b"hard/" + n)
os.makedirs(p + b"dirs/empty")
os.makedirs(p + b"dirs/sticky")
os.chmod(p + b"dirs/sticky", 0o1777)
os.makedirs(p + b"dirs/setgid")
os.chmod(p + b"dirs/setgid", 0o2775)
os.mkfifo(p + b"pipe", 0o620)
with open(p + b"sparse", "wb") as f:
    f.seek(20 << 20)
    f.write(b"end")
# Order is by bytes of the whole path: "a.b" before "a/b", capitals before small letters.
for n in (b"order/a/b", b"order/a.b", b"order/a0", b"order/B", b"order/_"):
    put(p + n, n)
os.utime(p + b"share/empty", (0, 0))
os.utime(p + b"share/secret", (2**33, 2**33))
os.utime(p + b"bin/program", (1700000000.75, 1700000000.75))
put(p + b"share/before-1970", b"old")
os.utime(p + b"share/before-1970", (-86400, -86400))
s = socket.socket(socket.AF_UNIX)
os.chdir(p + b"share")
s.bind("socket")
E2
xattrs=no
if have setfattr && setfattr -n user.comment -v 'with xattr' payload/bin/program 2>/dev/null; then
	xattrs=yes
	setfattr -n user.binary -v 0x00ff3d0a payload/share/secret
	setfattr -n user.dir -v d payload/dirs/empty
	if [ "$(id -u)" = 0 ] && have setcap; then
		cp "$(command -v busybox)" payload/bin/netcat
		setcap cap_net_raw,cap_net_bind_service+ep payload/bin/netcat
	fi
fi

t "it is pushed, and the socket is warned of"
run "$OHC" push --no-check --payload payload oci:base:1 oci:out:x
expect_status 0
expect_err 'socket'
expect_eq "$(grep -c 'share/socket' <<<"$err")" 1 "warnings about the socket"
image layer 1 oci:out:x >layer.tar

t "umoci unpacks what was there"
if ! have umoci; then
	skip "no umoci"
elif [ "$(id -u)" != 0 ]; then
	skip "umoci needs root for owners"
else
	umoci_unpack out:x bundle
	expect compare_trees payload bundle/rootfs/openhands --owner 1000:1000
fi

t "setuid, setgid and sticky bits are there"
tar --numeric-owner -tvf layer.tar >listing
expect_true grep -E '^-rwsr-xr-x 1000/1000 .* openhands/bin/setuid$' listing
expect_true grep -E '^-rwxr-sr-x 1000/1000 .* openhands/bin/setgid$' listing
expect_true grep -E '^drwxrwxrwt 1000/1000 .* openhands/dirs/sticky/$' listing

t "xattrs and capabilities are in SCHILY.xattr alone"
if [ $xattrs = no ]; then
	skip "no xattrs on this file system"
else
	expect py - <<'E2'
import tarfile
t = tarfile.open("layer.tar", encoding="utf-8", errors="surrogateescape")
m = {i.name: i.pax_headers for i in t}
assert m["openhands/bin/program"]["SCHILY.xattr.user.comment"] == "with xattr", m["openhands/bin/program"]
for name, pax in m.items():
    assert not any(k.startswith("LIBARCHIVE") or k in ("atime", "ctime") for k in pax), (name, pax)
assert "SCHILY.xattr.user.dir" in m["openhands/dirs/empty"]
if "openhands/bin/netcat" in m:
    assert "SCHILY.xattr.security.capability" in m["openhands/bin/netcat"]
E2
fi

t "every entry lies under the prefix, in the order of bytes, with no names of owners"
expect py - <<'E2'
import os, tarfile
t = tarfile.open("layer.tar", encoding="utf-8", errors="surrogateescape")
names = []
for i in t:
    assert i.name == "openhands" or i.name.startswith("openhands/"), i.name
    assert (i.uid, i.gid, i.uname, i.gname) == (1000, 1000, "", ""), i
    assert not i.sparse, i
    names.append(os.fsencode(i.name))
assert len(names) == len(set(names)), "a name twice"
assert names == sorted(names), [a for a, b in zip(names, sorted(names)) if a != b][:3]
E2

t "plain entries have no pax header"
expect py - <<'E2'
import tarfile
t = tarfile.open("layer.tar", encoding="utf-8", errors="surrogateescape")
m = {i.name: i for i in t}
for name in ("openhands/share/nothing-allowed", "openhands/order/a.b", "openhands/hard/one"):
    assert not m[name].pax_headers, m[name].pax_headers
assert m["openhands/bin/program"].mtime == 1700000000, m["openhands/bin/program"].mtime
E2

t "whiteout names of the payload are refused"
mkdir -p wh
: >wh/.wh.file
run "$OHC" push --no-check --payload wh oci:base:1 oci:whout:x
expect_message 1 "'wh/\.wh\.file' cannot be put there: in a layer, names with \.wh\. in front mean"
small_payload small
echo '{"name": "x", "prefix": "/x", "workspace": ["/.wh.tmp"]}' >wh.json
for option in "--payload small:/opt/.wh.x" "--account me:1000:1000:/home/.wh.me" "--profile wh.json"; do
	# shellcheck disable=SC2086
	run "$OHC" push --no-check --payload small:/x $option oci:base:1 oci:whout:x
	expect_message '[23]' "\.wh\.|none that a layer can have|is not normal"
done
expect_false test -e whout

t "DIR:/target puts it there"
run "$OHC" push --no-check --payload small:/openhands/sub/dir oci:base:1 oci:out:target
expect_status 0
image layer 1 oci:out:target | tar -tf - >names
expect_true grep -qx openhands/sub/dir/bin/hello names

t "--payload twice gives two layers"
mkdir -p other && echo o >other/o
run "$OHC" push --no-check --json --payload small --payload other:/openhands/other oci:base:1 oci:out:two
expect_status 0
expect_eq "$(json '[l["role"] for l in j["layers"]].count("payload")')" 2

t "--owner"
run "$OHC" push --no-check --payload small --owner 12345:54321 oci:base:1 oci:out:owner
expect_status 0
image layer 1 oci:out:owner | tar --numeric-owner -tvf - >listing
expect_false grep -v '12345/54321' listing

t "owners that do not fit ustar's octal digits"
run "$OHC" push --no-check --payload small --owner 4294967294:4294967294 oci:base:1 oci:out:bigowner
expect_status 0
image layer 1 oci:out:bigowner | tar --numeric-owner -tvf - >listing
expect_false grep -v '4294967294/4294967294' listing

t "an empty payload, and one of a single empty directory"
mkdir -p void/dir
run "$OHC" push --no-check --payload void oci:base:1 oci:out:void
expect_status 0
expect_eq "$(image layer 1 oci:out:void | tar -tf - | tr '\n' ' ')" "openhands/ openhands/dir/ "

t "a file of more than 8 GiB"
if [ -n "${SANITIZE:-}" ]; then
	skip "takes too long under a sanitizer"
elif ! truncate -s 8590000000 probe 2>/dev/null; then
	skip "no sparse files here"
else
	rm probe
	mkdir -p big
	truncate -s 8590000000 big/file
	echo after >big/next
	run "$OHC" push --no-check --payload big --compression zstd oci:base:1 oci:bigout:x
	expect_status 0
	blob=$(json 'j["layers"][1]["digest"][7:]' <(image manifest oci:bigout:x))
	zstd -dcq <bigout/blobs/sha256/"$blob" | tar --numeric-owner -tvf - >listing
	expect_true grep -E ' 8590000000 .* openhands/file$' listing
	expect_true grep -E ' 6 .* openhands/next$' listing
fi

finish
