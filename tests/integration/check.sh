#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# ohcompose check, and the same before a push.  What it says of a payload and a base is held against
# what happens when a program of the payload is started there, in a chroot.  (acceptance 9)
. "$(dirname "$0")/../lib.sh"

start_registry
python=$(readlink -f /usr/bin/python3)

# host_base DIR: the shell, a few programs and all libraries of this machine that Python loads
host_base()
{
	local f

	busybox_rootfs "$1"
	{ ldd "$python" /bin/ls 2>/dev/null || true; } | grep -o '/[^ :]*' | sort -u | while read -r f; do
		[ "$f" = "$python" ] || [ "$f" = /bin/ls ] || cp -L --parents "$f" "$1"
	done
	install -D -m 755 /bin/ls "$1/usr/bin/host-ls"
	cp /etc/ld.so.conf "$1/etc/"
	cp -r /etc/ld.so.conf.d "$1/etc/" 2>/dev/null || true
	ldconfig -r "$1" 2>/dev/null || /sbin/ldconfig -r "$1"
	mkdir -p "$1/etc/ssl/certs"
	: >"$1/etc/ssl/certs/ca-certificates.crt"
}

# python_payload DIR: a Python that relies on the base's libraries, as a copied one does
python_payload()
{
	local version=${python##*/}

	mkdir -p "$1"/{bin,lib}
	cp "$python" "$1/bin/$version"
	ln -s "$version" "$1/bin/python3"
	cp -a "/usr/lib/$version" "$1/lib/"
	find "$1/lib" -xtype l -delete
	rm -rf "$1/lib/$version"/{test,idlelib,config-*,lib-dynload,dist-packages,sitecustomize.py}
	ln -s python3 "$1/bin/oh-action-execution-server"
}

# runs IMAGE PROGRAM...: in a chroot of the unpacked image, as its user
runs()
{
	local image=$1

	shift
	umoci_unpack "$image" bundle
	chroot --userspec=1000:1000 bundle/rootfs /bin/env -i "$@" >ran.log 2>&1
}

can_run()
{
	[ "$(id -u)" = 0 ] && have umoci && have chroot
}

host_base host
make_layout bases:host --layer host --config "$BASE_CONFIG" >/dev/null
busybox_rootfs plain
make_layout bases:plain --layer plain --config "$BASE_CONFIG" >/dev/null
small_payload payload
python_payload python

t "a payload that needs nothing of the base runs there"
run "$OHC" check --payload payload oci:bases:plain
expect_status 0
expect_no_out '^error'
run "$OHC" check -v --payload payload oci:bases:plain
expect_status 0
expect_out '^ok command /openhands/bin/oh-action-execution-server: '
expect_out '^ok libraries /openhands: '
expect_out '^ok user 1000:1000: is 1000:1000'
expect_out '^ok workspace /workspace: '

t "JSON is an array of findings"
run "$OHC" check --json --payload payload oci:bases:plain
expect_status 0
expect_eq "$(json '[sorted(f) for f in j]')" '[["code", "level", "message", "subject"]]'
expect_eq "$(json '[f["code"] for f in j]')" '["certificates"]'
run "$OHC" check --json -v --payload payload oci:bases:plain
expect_eq "$(json 'sorted({f["level"] for f in j})')" '["ok", "warning"]'

t "a program that finds its libraries in the base: check says so, and it runs"
run "$OHC" check -v --payload python oci:bases:host
expect_status 0
expect_out '^ok libraries /openhands: [0-9]+ programs'
run "$OHC" push -q --payload python oci:bases:host oci:out:host
expect_status 0
if can_run; then
	expect_true runs out:host PYTHONHOME=/openhands /openhands/bin/python3 -c 'import json'
fi

t "the same on a base without glibc: check says so, and it does not run"
run "$OHC" check --payload python oci:bases:plain
expect_status 7
expect_out "^error libc-family /openhands/bin/python.*has no C library"
expect_err "'oci:bases:plain' does not pass: errors 1"
run "$OHC" push --check=warn --payload python oci:bases:plain oci:out:plain
expect_status 0
if can_run; then
	expect_false runs out:plain PYTHONHOME=/openhands /openhands/bin/python3 -c 'import json'
	expect_true grep -q 'No such file' ran.log
fi

t "a closure without a program brings a C library for what is in it"
mkdir -p alone/lib
cp "$(ldd "$python" | sed -n 's|.*libm.so.6 => \(/[^ ]*\).*|\1|p')" alone/lib/libm.so.6
if [ ! -s alone/lib/libm.so.6 ] || ! tar=$(alpine_tar); then
	skip "no libm.so.6, or no Alpine"
else
	make_layout bases:musl --layer "$tar" --config "$BASE_CONFIG" >/dev/null
	expect "$OHC" pack -q --profile none --closure --compression none alone oci:out:alone
	run "$OHC" check -v --profile none --payload oci:out:alone oci:bases:musl
	expect_status 0
	expect_out '^ok libraries /openhands: 0 programs'
	expect_no_out libc-family
fi

t "on Alpine it names musl"
if tar=$(alpine_tar); then
	make_layout bases:alpine --layer "$tar" --config "$BASE_CONFIG" >/dev/null
	run "$OHC" check --payload python oci:bases:alpine
	expect_status 7
	expect_out '^error libc-family .*has musl'
else
	skip "no Alpine beside the source tree"
fi

t "an Alpine for another processor"
if tar=$(alpine_tar aarch64); then
	make_layout bases:arm --layer "$tar" --platform linux/arm64 --config "$BASE_CONFIG" >/dev/null
	run "$OHC" check --platform linux/arm64 --payload payload oci:bases:arm
	expect_status 7
	expect_out '^error architecture /openhands/bin/tool: is for [a-z0-9]+, and the image is for arm64'
else
	skip "no Alpine beside the source tree"
fi

# elf_payload DIR [ARCH=PATH]...: programs that say that they are for those processors
elf_payload()
{
	local dir=$1 word

	shift
	mkdir -p "$dir/bin"
	echo data >"$dir/bin/data"
	for word in "$@"; do
		py "$top/tests/make_elf.py" "$dir/bin/${word#*=}" --arch "${word%%=*}" --stack plain
		chmod 755 "$dir/bin/${word#*=}"
	done
}

server=oh-action-execution-server
elf_payload arm64 arm64=$server arm64=b
elf_payload amd64 amd64=$server amd64=b
elf_payload mostly-arm64 amd64=a arm64=$server arm64=b
elf_payload none
for arch in amd64 arm64; do
	make_layout "bases:$arch" --layer plain --platform "linux/$arch" --config "$BASE_CONFIG" >/dev/null
done
make_layout bases:both --layer plain --platform linux/amd64,linux/arm64 --config "$BASE_CONFIG" >/dev/null
make_layout bases:third --layer plain --platform linux/s390x,linux/arm64 --config "$BASE_CONFIG" >/dev/null
here=$(py -c 'import platform
print({"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine()))')

# stored REPO: the links to blobs and manifests that the registry keeps there, and how many uploads
# are open.  An upload that was begun to see whether one may write is given up again.
stored()
{
	find "$REGISTRY_ROOT" -path "*/repositories/$1/*" -name link
	registry_uploads
}

t "a payload for another processor is refused before anything is written"
for pair in amd64:arm64 arm64:amd64; do
	run "$OHC" push --payload "${pair%:*}" "oci:bases:${pair#*:}" oci:foreign:1
	expect_message 7 "'/openhands/bin/b' is for ${pair%:*} \(and 1 more like it\), and the image is for ${pair#*:}"
	expect_err "all the same: architecture: '/openhands/bin/b'"
	expect_false test -e foreign
	run "$OHC" push --payload "${pair%:*}" "oci:bases:${pair#*:}" "$REGISTRY/foreign:1"
	expect_status 7
	expect_eq "$(stored foreign)" 0 "what the registry keeps"
	run "$OHC" check --payload "${pair%:*}" "oci:bases:${pair#*:}"
	expect_status 7
	expect_out '^error architecture /openhands/bin/b: '
	run "$OHC" push --platform "linux/${pair#*:}" --payload "${pair%:*}" oci:bases:both oci:foreign:1
	expect_status 7
done

t "of several platforms, one that is refused refuses all before anything is written"
run "$OHC" push --platform all --payload amd64 oci:bases:both "$REGISTRY/foreign:1"
expect_message 7 "linux/arm64: .*'/openhands/bin/b' is for amd64"
expect_eq "$(stored foreign)" 0 "what the registry keeps"
run "$OHC" push --platform all --payload linux/amd64=amd64 --payload linux/arm64=arm64 \
	oci:bases:both "$REGISTRY/two:1"
expect_status 0

t "of an index the payload's platform is taken, on every machine"
for arch in amd64 arm64; do
	run "$OHC" push --json --payload "$arch" oci:bases:both oci:chosen:$arch
	expect_status 0
	expect_eq "$(json 'j["platform"]')" "linux/$arch" platform
	expect_eq "$(json 'j["architecture"]' <(image config oci:chosen:$arch))" "$arch"
	run "$OHC" push --json --profile none --payload "$arch:/opt/x" scratch oci:chosen:$arch-scratch
	expect_eq "$(json 'j["platform"]')" "linux/$arch" "platform on scratch"
done
run "$OHC" push --payload amd64 oci:bases:third oci:chosen:third
expect_message 4 'linux/amd64.*linux/s390x'
run "$OHC" push --json --payload amd64 --payload arm64:/opt/arm64 --payload arm64:/opt/more \
	--check=warn oci:bases:both oci:chosen:two
expect_eq "$(json 'j["platform"]')" linux/arm64 "platform of the most files"

t "a payload for several processors: most of its files say which, and the others are named"
run "$OHC" check --payload mostly-arm64 oci:bases:both
expect_status 0
expect_out '^warning architecture /openhands/bin/a: is for amd64, and the image is for arm64$'
run "$OHC" check --payload mostly-arm64 oci:bases:amd64
expect_status 7
expect_out '^error architecture /openhands/bin/b: is for arm64 \(and 1 more like it\)'

t "a payload without programs is for this machine"
case $here in
amd64 | arm64)
	run "$OHC" push --json --no-check --payload none oci:bases:both oci:chosen:none
	expect_status 0
	expect_eq "$(json 'j["platform"]')" "linux/$here" platform
	;;
*)
	skip "a machine that the base is not for"
	;;
esac

t "a newer libc than the base's: check says so, and it does not run"
cp -a python newer
py - newer/bin/"${python##*/}" <<'PY'
# One of the versions of glibc that the program needs becomes one that there is not: name and hash.
import re, struct, sys
path = sys.argv[1]
data = bytearray(open(path, "rb").read())
def hash_of(name):
    h = 0
    for c in name:
        h = (h << 4) + c & 0xffffffff
        g = h & 0xf0000000
        h = (h ^ g >> 24) & ~g
    return h
old = sorted(re.findall(rb"\0(GLIBC_2\.[0-9]+)\0", bytes(data)), key=lambda v: int(v[8:]))[-1]
new = b"GLIBC_9." + b"9" * (len(old) - 8)
data = data.replace(b"\0" + old + b"\0", b"\0" + new + b"\0")
data = data.replace(struct.pack("<I", hash_of(old)), struct.pack("<I", hash_of(new)))
open(path, "wb").write(data)
PY
run "$OHC" check --payload newer oci:bases:host
expect_status 7
expect_out '^error libc-version /openhands/bin/python.*needs GLIBC_9\.9.*, only up to GLIBC_2'
"$OHC" push -q --check=warn --payload newer oci:bases:host oci:out:newer >/dev/null 2>&1
if can_run; then
	expect_false runs out:newer PYTHONHOME=/openhands /openhands/bin/python3 -c 'import json'
	expect_true grep -q "version .GLIBC_9" ran.log
fi

t "a library that is missing: check says so, and it does not run"
cp -a host less
rm "less/$(ldd "$python" | sed -n 's/.*=> \(.*libz[^ ]*\|.*libexpat[^ ]*\) .*/\1/p' | head -n 1)"
make_layout bases:less --layer less --config "$BASE_CONFIG" >/dev/null
run "$OHC" check --payload python oci:bases:less
expect_status 7
expect_out "^error library-missing lib(z|expat)\.so\.1: is needed by '/openhands/bin/python"
"$OHC" push -q --check=warn --payload python oci:bases:less oci:out:less >/dev/null 2>&1
if can_run; then
	expect_false runs out:less PYTHONHOME=/openhands /openhands/bin/python3 -c 'import json'
	expect_true grep -qE 'lib(z|expat)\.so\.1: cannot open' ran.log
fi

t "what is known of a payload directory is remembered, and forgotten when it changes"
cp -a python remembered
find remembered -exec touch -h -d '2024-02-03 04:05:06 UTC' {} +
sleep 4 # of what was written moments ago nothing is remembered
run "$OHC" check --cache kept --payload remembered oci:bases:plain
first=$out
expect_eq "$(find kept/payload-index -type f | wc -l)" 1 "indexes that are kept"
expect_eq "$(find kept/findings -type f | wc -l)" 1 "findings that are kept"
run "$OHC" check --cache kept --payload remembered oci:bases:plain
expect_eq "$out" "$first"
run "$OHC" check --cache kept -v --payload remembered oci:bases:plain
expect_out '^ok user '
run "$OHC" check -v --payload remembered oci:bases:plain
fresh=$out
run "$OHC" check --cache kept -v --payload remembered oci:bases:plain
expect_eq "$out" "$fresh" "what is recalled"
expect_eq "$(find kept/findings -type f | wc -l)" 1 "findings that are kept"
run "$OHC" check --cache kept --payload remembered --user nobodyknows oci:bases:plain
expect_out '^error user-unknown nobodyknows: '
run "$OHC" check --cache kept --payload remembered oci:bases:host
expect_no_out libc-family
mv "remembered/bin/${python##*/}" remembered/bin/other
run "$OHC" check --cache kept --payload remembered oci:bases:plain
expect_out '^error libc-family /openhands/bin/other: '

t "push refuses what cannot run, before anything is written"
run "$OHC" push --payload python oci:bases:plain oci:refused:1
expect_message 7 'would not run as it should \(errors: 1\).*--check=warn.*: libc-family: '
expect_no_err 'cannot run: '
expect_false test -e refused
run "$OHC" push --payload python oci:bases:plain "$REGISTRY/refused:1"
expect_status 7
expect_eq "$(registry_uploads)" 0 "open upload sessions"
run "$OHC" push --dry-run --payload python oci:bases:plain oci:refused:1
expect_status 7

t "--check=warn says it and goes on, --no-check says nothing"
run "$OHC" push --check=warn --payload python oci:bases:plain oci:warned:1
expect_status 0
expect_err 'cannot run: libc-family'
warned=$out
run "$OHC" push --no-check --payload python oci:bases:plain oci:warned:1
expect_status 0
expect_no_err 'libc-family'
expect_eq "$out" "$warned" "the image"
run "$OHC" push --no-check --check=warn --payload python oci:bases:plain oci:warned:1
expect_status 2

t "an image is held to the contract of its profile"
run "$OHC" check -v oci:out:host
expect_status 0
expect_out '^ok contract openhands: '
run "$OHC" check oci:bases:plain
expect_status 7
expect_out '^error contract-prefix /openhands: '
expect_out "^warning contract WorkingDir: is \"/\", where the profile 'openhands' has \"/workspace\""
expect_out '^warning contract-env POETRY_VIRTUALENVS_PATH: is not set'
run "$OHC" check --profile none oci:bases:plain
expect_status 0
run "$OHC" push -q --check=warn --payload python --env LD_LIBRARY_PATH=/openhands/lib \
	--volume /openhands --cmd '["nowhere"]' --user nobodyknows oci:bases:plain oci:out:bad
run "$OHC" check oci:out:bad
expect_status 7
for code in command-missing volume-payload user-unknown libc-family; do
	expect_out "^error $code "
done
expect_out '^warning env-library-path LD_LIBRARY_PATH: '

t "... which is the one that it was composed with, where no other is named"
echo '{"name": "mine", "prefix": "/mine", "config": {"workdir": "/mine", "cmd": ["/mine/bin/hello"]}}' >mine.json
run "$OHC" push -q --profile ./mine.json --payload payload oci:bases:plain oci:out:mine
expect_status 0
run "$OHC" check -v oci:out:mine
expect_status 0
expect_out '^ok contract mine: '
expect_out '^ok libraries /mine: '
expect_no_out 'openhands'
run "$OHC" check --profile openhands oci:out:mine
expect_status 7
expect_out '^error contract-prefix /openhands: '
run "$OHC" push -q --profile agent-server --no-check --payload payload oci:bases:plain oci:out:server
run "$OHC" check oci:out:server
expect_out '^error command-missing tini: '
expect_no_out "the profile 'openhands'"
# Without a prefix of the profile's, where its payload is.
mkdir -p dangling/bin
ln -s gone dangling/bin/x
run "$OHC" push -q --profile none --check=warn --payload dangling:/opt/x oci:bases:plain oci:out:none
run "$OHC" check -v oci:out:none
expect_out '^[a-z]+ symlink-dangling /opt/x/bin/x: '
expect_no_out openhands

t "an account that cannot be added"
mkdir -p taken/etc
cp -a plain/. taken/
echo 'node:x:1000:1000::/home/node:/bin/sh' >>taken/etc/passwd
make_layout bases:taken --layer taken --config "$BASE_CONFIG" >/dev/null
run "$OHC" check --payload payload oci:bases:taken
expect_status 7
expect_out "^error account openhands: .*'node'"
run "$OHC" check --payload payload --on-uid-clash reuse oci:bases:taken
expect_status 0

t "a payload image is as good as its directory"
run "$OHC" push -q --profile none --owner 1000:1000 --payload python:/openhands scratch oci:payloads:python
expect_status 0
run "$OHC" check --payload python oci:bases:less
dir=$out
run "$OHC" check --payload oci:payloads:python oci:bases:less
expect_status 7
expect_eq "$out" "$dir"

t "a registry's layers are read once"
put_layout bases:host "$REGISTRY/host:1"
run "$OHC" check --payload python "$REGISTRY/host:1"
expect_status 0
registry_log_mark
run "$OHC" check --payload python "$REGISTRY/host:1"
expect_status 0
expect_false grep '^GET .*/blobs/' <<<"$(registry_log_since)"

t "what the codes mean is in the manual"
run "$OHC" check --codes command
expect_status 2
expect_err "'command' is too much"
run "$OHC" check --codes
expect_status 0
while IFS=: read -r code _; do
	grep -qFx ".It Cm $code" "$top/cmd/ohcompose-check.1" || fail "$code is not in the manual"
done <<<"$out"

t "bad usage"
run "$OHC" check
expect_message 2 'name of an image'
run "$OHC" check --platform all oci:bases:plain
expect_message 2 'platform all'
run "$OHC" check oci:bases:nosuch
expect_status 4
run "$OHC" check --payload nosuch oci:bases:plain
expect_status 4
run "$OHC" check --profile nosuch oci:bases:plain
expect_status 2

finish
