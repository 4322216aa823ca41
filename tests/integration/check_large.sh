#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Large programs, whose facts lie where a stream has passed before it knows: what is said of them is
# the same for a directory, a tar and an image, and nothing that could not be looked at is all right.
# time limit: 900
. "$(dirname "$0")/../lib.sh"

server=oh-action-execution-server
loader=/lib64/ld-linux-x86-64.so.2

export TOP=$top

elf()
{
	mkdir -p "$(dirname "$1")"
	py "$top/tests/make_elf.py" --stack plain "$@"
}

busybox_rootfs plain
mkdir -p plain/etc/ssl/certs plain/opt
: >plain/etc/ssl/certs/ca-certificates.crt
make_layout bases:plain --layer plain --config "$BASE_CONFIG" >/dev/null
cp -a plain glibc
elf glibc$loader --type dyn --soname ld-linux-x86-64.so.2
elf glibc/lib64/libc.so.6 --type dyn --soname libc.so.6 --def GLIBC_2.2.5 --def GLIBC_2.17
elf glibc/lib64/libstdc++.so.6 --type dyn --soname libstdc++.so.6 --needed libc.so.6 \
	--def GLIBCXX_3.4.19 --lead 9000000 --pad 3000000
make_layout bases:glibc --layer glibc --config "$BASE_CONFIG" >/dev/null

common=(--interp $loader --pie --needed libstdc++.so.6 --needed libc.so.6
	--need libc.so.6:GLIBC_2.17,GLIBC_2.34 --need libstdc++.so.6:GLIBCXX_3.4.30)

# what_is_said BASE: of the payload in each of its forms, which must agree
what_is_said()
{
	local first='' form

	for form in payload payload.tar payload.tar.gz - oci:payloads:layer oci:payloads:more; do
		if [ "$form" = - ]; then
			"$OHC" check -v --json --no-cache --payload -:/openhands "oci:bases:$1" \
				<payload.tar.gz >said 2>why || true
		else
			"$OHC" check -v --json --no-cache --payload "$form" "oci:bases:$1" >said 2>why || true
		fi
		[ -n "$first" ] || first=$(cat said)
		expect_eq "$(cat said)" "$first" "what is said of $form"
	done
	out=$first err=$(cat why)
	expect_no_out '"command"'
}

codes()
{
	expect_eq "$(json '[[f["level"], f["code"], f["subject"]] for f in j if f["level"] != "ok"]')" \
		"$1" findings
}

# forms: the payload as a tar, as a layer of its own, and in an image with more
forms()
{
	rm -rf payloads whole
	tar -C payload --owner=1000 --group=1000 -cf payload.tar .
	gzip -1 -kf payload.tar
	mkdir -p whole
	cp -a payload whole/openhands
	tar -C whole --owner=1000 --group=1000 -cf whole.tar openhands
	make_layout payloads:layer --layer whole.tar >/dev/null
	cp -a plain/. whole/
	tar -C whole --owner=1000 --group=1000 -cf whole.tar .
	make_layout payloads:more --layer whole.tar >/dev/null
}

go=(--lead 12000000 --pad 9000000)
node=(--names 7000000 --pad 4000000)
llvm=(--names 14000000 --pad 4000000)
patched=(--late --lead 14000000 --pad 2000000)
for kind in go node llvm patched; do
	declare -n layout=$kind
	rm -rf payload
	elf payload/bin/$server "${common[@]}" "${layout[@]}"
	forms

	t "a program as large ones are ($kind) on a base without a C library"
	what_is_said plain
	codes "[[\"error\", \"libc-family\", \"/openhands/bin/$server\"]]"

	t "$kind: on one whose libraries are too old"
	what_is_said glibc
	codes "[[\"error\", \"libc-version\", \"/openhands/bin/$server\"], [\"error\", \"libstdcxx-version\", \"/openhands/bin/$server\"]]"
done

t "what a base's own image starts is looked at as well"
cp -a plain started
elf started/opt/node "${common[@]}" "${llvm[@]}"
make_layout bases:started --layer started --config '{"Env": ["PATH=/bin"], "Cmd": ["/opt/node"]}' >/dev/null
run "$OHC" check -v --profile none oci:bases:started
expect_status 7
expect_out '^error command-library /opt/node: '
expect_no_out '^ok command '

t "pack tells of a tar what it tells of a directory"
forms
run "$OHC" pack --compression none --profile none --prefix /openhands payload oci:packed:dir
expect_status 0
run "$OHC" pack --compression none --profile none --prefix /openhands payload.tar oci:packed:tar
expect_status 0
for tag in dir tar; do
	run "$OHC" inspect --config "oci:packed:$tag"
	expect_eq "$(json 'j["config"]["Labels"]["io.ohcompose.payload.glibc"]')" 2.34 "label of $tag"
done

t "a tree with its own loader is looked at, and needs nothing of the base, though its libc names the system's"
rm -rf payload
elf payload/lib/ld-linux-x86-64.so.2 --type dyn --soname ld-linux-x86-64.so.2
elf payload/lib/libc.so.6 --type dyn --soname libc.so.6 --def GLIBC_2.39 --interp $loader
elf payload/bin/$server --interp /openhands/lib/ld-linux-x86-64.so.2 --pie --needed libc.so.6 \
	--rpath /openhands/lib --need libc.so.6:GLIBC_2.39
run "$OHC" pack --compression none payload oci:packed:own
expect_status 0
run "$OHC" inspect --config oci:packed:own
expect_eq "$(json 'j["config"]["Labels"]["io.ohcompose.payload.libc"]')" unknown label
for source in payload oci:packed:own; do
	run "$OHC" push -q --payload "$source" oci:bases:plain oci:out:own
	expect_status 0
done
elf payload/bin/$server --interp /openhands/lib/ld-linux-x86-64.so.2 --pie --needed libc.so.6 \
	--needed libgone.so.1 --rpath /openhands/lib
expect "$OHC" pack --compression none payload oci:packed:lacks
for source in payload oci:packed:lacks; do
	run "$OHC" push -q --payload "$source" oci:bases:plain oci:out:lacks
	expect_message 7 "'libgone.so.1'"
done

t "what the label says of a library: which C library is needed, that none is, or nothing"
rm -rf payload
mkdir -p payload
while read -r label options; do
	rm -rf payload/lib
	# shellcheck disable=SC2086
	[ -z "$options" ] || elf payload/lib/x.so --type dyn $options
	expect "$OHC" pack --compression none payload oci:packed:label
	run "$OHC" inspect --config oci:packed:label
	expect_eq "$(json 'j["config"]["Labels"]["io.ohcompose.payload.libc"]')" "$label" "with '$options'"
done <<'END'
none
none --soname x.so
glibc --needed libc.so.6
musl --needed libc.musl-x86_64.so.1
unknown --needed libz.so.1
END

t "what cannot be looked at is told, and is never all right"
rm -rf payload
mkdir -p payload/bin
py - <<'PY'
import os, sys
sys.path.insert(0, os.environ["TOP"] + "/tests")
from make_elf import elf
# Facts that are more than is kept of a layer.
data = elf(soname="x", rpath="/a" * 30000, runpath="/b" * 30000)
os.makedirs("payload/lib")
for i in range(200):
    with open("payload/lib/lib%03d.so" % i, "wb") as f:
        f.write(data)
PY
elf payload/bin/zz-$server --type exec
ln -s zz-$server payload/bin/$server
forms
run "$OHC" check -v --payload oci:payloads:layer oci:bases:plain
expect_status 0
expect_out '^warning unknown /openhands/lib/lib[0-9]*.so: could not be looked at \(and [0-9]+ more'
expect_no_out '^ok libraries'

finish
