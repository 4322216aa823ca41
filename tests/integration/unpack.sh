#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# unpack: a payload image as a directory, and hostile ones.
. "$(dirname "$0")/../lib.sh"

mkdir -p tree/bin tree/lib tree/closed
echo program >tree/bin/program
chmod 4755 tree/bin/program
ln -s ../bin/program tree/lib/link
ln tree/bin/program tree/bin/again
echo x >tree/closed/x
touch -d @1000000000 tree/bin/program tree/lib
chmod 2555 tree/closed
run "$OHC" pack --prefix /p tree oci:image:1
expect_status 0

# nothing_left: no directory of an unpacking that failed
nothing_left()
{
	expect_eq "$(find "$tmp" -maxdepth 2 -name '.unpack*' | wc -l)" 0 "directories left"
}

t "what lies below the prefix, as whoever runs it"
run "$OHC" unpack oci:image:1 out
expect_status 0
expect_out_is "out:/p"
expect_eq "$(cd out && find . | sort)" "$(cd tree && find . | sort)"
expect_eq "$(cat out/lib/link)" program
expect_eq "$(stat -c '%a %Y %u' out/bin/program)" "755 1000000000 $(id -u)"
expect_eq "$(stat -c '%a' out/closed)" 555
expect_eq "$(stat -c '%Y' out/lib)" 1000000000
expect_eq "$(stat -c %i out/bin/again)" "$(stat -c %i out/bin/program)"
nothing_left

t "into an empty directory, from a registry, as JSON"
start_registry
run "$OHC" copy oci:image:1 "$REGISTRY/image:1"
mkdir -p deep/empty
run "$OHC" unpack --json "$REGISTRY/image:1" deep/empty/
expect_status 0
expect_eq "$(json 'j["prefix"]')" /p
expect_eq "$(cd deep/empty && find . | sort)" "$(cd tree && find . | sort)"

t "not over what is there"
run "$OHC" unpack oci:image:1 out
expect_message 2 "'out' is there, and not an empty directory"
echo file >file
run "$OHC" unpack oci:image:1 file
expect_message 2 "'file' is there"
run "$OHC" unpack oci:image:1 none/out
expect_status 4
expect_not test -e none
nothing_left

t "an image that is no payload"
mkdir -p base/opt/app
echo app >base/opt/app/x
make_layout base:1 --layer base >/dev/null
run "$OHC" unpack oci:base:1 app
expect_message 2 "was not made by 'ohcompose pack'.*--prefix"
run "$OHC" unpack --prefix /opt/app oci:base:1 app
expect_status 0
expect_eq "$(cat app/x)" app
rm -r app

# hostile NAME SCRIPT: a layer that Python's tarfile makes of it, as oci:NAME:1
hostile()
{
	py - "$1.tar" <<EOF
import io, sys, tarfile
tar = tarfile.open(sys.argv[1], "w", format=tarfile.PAX_FORMAT)
def add(name, type=tarfile.REGTYPE, link="", data=b"", mode=0o644):
    t = tarfile.TarInfo(name)
    t.type, t.linkname, t.size, t.mode = type, link, len(data), mode
    tar.addfile(t, io.BytesIO(data))
$2
tar.close()
EOF
	rm -rf "hostile-$1"
	make_layout "hostile-$1:1" --layer "$1.tar" >/dev/null
}

mkdir victim
echo safe >victim/file
n=0
while IFS='|' read -r message script; do
	n=$((n + 1))
	t "hostile: ${message}: $n"
	hostile $n "$script"
	run "$OHC" unpack --prefix /p "oci:hostile-$n:1" "bad$n"
	expect_message 3 "$message"
	expect_not test -e "bad$n"
	expect_eq "$(cat victim/file)" safe
	expect_eq "$(find victim | wc -l)" 2
	nothing_left
done <<EOF
outside the payload's prefix|add("etc/passwd")
outside the payload's prefix|add("p/../victim/x")
outside the payload's prefix|add("../victim/x")
outside the payload's prefix|add("p/a/../../x")
goes through what is no directory|add("p/l", tarfile.SYMTYPE, "$tmp/victim"); add("p/l/x")
goes through what is no directory|add("p/l", tarfile.SYMTYPE, "$tmp/victim"); add("p/l/d", tarfile.DIRTYPE)
is a directory where something else is|add("p/l", tarfile.SYMTYPE, "$tmp/victim"); add("p/l", tarfile.DIRTYPE, mode=0o777)
takes the place of a directory|add("p/d/x"); add("p/d")
another name of what is not below the prefix|add("p/h", tarfile.LNKTYPE, "$tmp/victim/file")
another name of what is not below the prefix|add("p/h", tarfile.LNKTYPE, "../victim/file")
another name of what is not there|add("p/h", tarfile.LNKTYPE, "p/none")
goes through what is no directory|add("p/l", tarfile.SYMTYPE, "$tmp/victim"); add("p/h", tarfile.LNKTYPE, "p/l/file")
is a device, a socket or a pipe|add("p/c", tarfile.CHRTYPE)
is a device, a socket or a pipe|add("p/f", tarfile.FIFOTYPE)
deletes something|add("p/.wh.x")
is the prefix, and no directory.*--prefix|add("p", tarfile.SYMTYPE, "$tmp/victim")
is the prefix, and no directory.*--prefix|add("p", data=b"x"); add("p/x")
is the prefix, and no directory.*--prefix|add("p/x"); add("p", tarfile.LNKTYPE, "p/x")
EOF

t "a file in the place of a symlink does not go through it"
hostile over 'add("p/l", tarfile.SYMTYPE, "'"$tmp"'/victim/file"); add("p/l", data=b"evil")'
run "$OHC" unpack --prefix /p oci:hostile-over:1 over
expect_status 0
expect_eq "$(cat victim/file over/l)" "$(printf 'safe\nevil')"

t "a directory that comes twice is as the last one says"
hostile first 'add("p", tarfile.DIRTYPE, mode=0o755); add("p/d", tarfile.DIRTYPE, mode=0o755); add("p/d/x")'
hostile second 'add("p", tarfile.DIRTYPE, mode=0o700); add("p/d", tarfile.DIRTYPE, mode=0o711); add("p/d/y")'
make_layout twice:1 --layer first.tar --layer second.tar >/dev/null
run "$OHC" unpack --prefix /p oci:twice:1 twice-out
expect_status 0
expect_eq "$(stat -c %a twice-out twice-out/d)" "$(printf '700\n711')"

t "a directory that nobody may enter comes behind what is in it"
unprivileged=()
[ "$(id -u)" != 0 ] || unprivileged=(setpriv --bounding-set -dac_override,-dac_read_search)
if [ -n "${unprivileged[*]}" ] && ! have setpriv; then
	skip "no setpriv"
else
	hostile shut 'add("p/d/e/f", tarfile.DIRTYPE, mode=0o755); add("p/d/e", tarfile.DIRTYPE, mode=0o755)
add("p/d", tarfile.DIRTYPE, mode=0)'
	run "${unprivileged[@]}" "$OHC" unpack --prefix /p oci:hostile-shut:1 shut
	expect_status 0
	expect_eq "$(stat -c %a shut/d)" 0
fi

t "a directory that a symlink leads to"
mkdir real
ln -s real linked
run "$OHC" unpack oci:image:1 linked
expect_status 0
expect_eq "$(readlink linked)" real
expect_eq "$(cat real/bin/program)" program
nothing_left

t "limits, and a layer that is not what it says"
run "$OHC" unpack --max-layer-size 1 oci:image:1 big
expect_message 3 '--max-layer-size'
run "$OHC" unpack --max-layer-entries 2 oci:image:1 many
expect_message 3 '--max-layer-entries'
cp -a image broken
for blob in broken/blobs/sha256/*; do
	if gzip -t "$blob" 2>/dev/null; then
		{ head -c -1 "$blob" && printf '\377'; } >changed
		cat changed >"$blob"
	fi
done
run "$OHC" unpack oci:broken:1 wrong
expect_status 3
expect_not test -e wrong
nothing_left

t "a layer with what it should hold, in other bytes"
cp -a image other
for blob in other/blobs/sha256/*; do
	if gzip -t "$blob" 2>/dev/null; then
		printf '\007' | dd of="$blob" bs=1 seek=9 conv=notrunc status=none # where it was packed
		expect_true gzip -t "$blob"
	fi
done
run "$OHC" unpack oci:other:1 wrong
expect_message 3 "is not what its name promises"
expect_not test -e wrong
nothing_left

t "wrong use"
run "$OHC" unpack oci:image:1
expect_message 2 ''
for prefix in / x /x/ /a/../b; do
	run "$OHC" unpack --prefix "$prefix" oci:image:1 x
	expect_message 2 'an absolute directory is wanted'
done

finish
