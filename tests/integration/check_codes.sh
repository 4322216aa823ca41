#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# For each code of `ohcompose check --codes` an image that gives it, and one that gives none.
. "$(dirname "$0")/../lib.sh"

server=oh-action-execution-server
loader=/lib64/ld-linux-x86-64.so.2
site=lib/python3.12/site-packages
tested='' n=0

elf()
{
	mkdir -p "$(dirname "$1")"
	py "$top/tests/make_elf.py" --stack plain "$@"
	chmod 755 "$1"
}

# dist NAME VERSION LINE...: a Python distribution of the payload's
dist()
{
	local dir=payload/$site/$1-$2.dist-info

	cp server payload/bin/python3
	mkdir -p "$dir"
	printf 'Metadata-Version: 2.1\nName: %s\nVersion: %s\n' "$1" "$2" >"$dir/METADATA"
	shift 2
	[ $# = 0 ] || printf '%s\n' "$@" >>"$dir/METADATA"
}

# fresh: a base and a payload that go together, as directories
fresh()
{
	rm -rf base payload
	cp -a clean base
	mkdir -p payload/bin
	cp server "payload/bin/$server"
	config=$BASE_CONFIG prefix=/openhands
}

# glibc: the base has one
glibc()
{
	elf base$loader --type dyn --soname ld-linux-x86-64.so.2
	elf base/lib64/libc.so.6 --type dyn --soname libc.so.6 --def GLIBC_2.2.5 --def GLIBC_2.17
}

# program [OPTIONS]: one of the payload that needs the base's glibc
program()
{
	glibc
	elf payload/bin/program --interp $loader --needed libc.so.6 "$@"
}

# gives LEVEL CODE SUBJECT [OPTIONS]: so says `check` of the payload on the base
gives()
{
	judged "$1" "$2" "$3" --payload payload:"$prefix" "${@:4}"
}

# gives_alone: the same of the base as an image
gives_alone()
{
	judged "$@"
}

judged()
{
	local level=$1 code=$2 subject=$3

	shift 3
	n=$((n + 1))
	make_layout "bases:$n" --layer base --config "$config" >/dev/null
	run "$OHC" check -v "$@" "oci:bases:$n"
	expect_out "^$level $code $subject: ."
	[ "$level" != error ] || expect_status 7
	tested+=" $code"
}

busybox_rootfs clean
mkdir -p clean/etc/ssl/certs
: >clean/etc/ssl/certs/ca-certificates.crt
elf server

t "a clean image gives none, neither before it is composed nor after"
fresh
make_layout bases:clean --layer base --config "$config" >/dev/null
run "$OHC" check -q --payload payload oci:bases:clean
expect_status 0
expect_eq "$out$err" '' "what is said"
run "$OHC" check --json --payload payload oci:bases:clean
expect_eq "$(json j)" '[]'
run "$OHC" push --payload payload oci:bases:clean oci:out:clean
expect_status 0
expect_no_err warning
run "$OHC" check -q oci:out:clean
expect_status 0
expect_eq "$out$err" '' "what is said of the image"

t "a clean image of a self-contained payload on glibc and on Alpine's like"
for libc in none glibc; do
	fresh
	[ $libc = none ] || glibc
	elf payload/lib/ld-linux-x86-64.so.2 --type dyn --soname ld-linux-x86-64.so.2
	elf payload/lib/libc.so.6 --type dyn --soname libc.so.6 --def GLIBC_2.39
	elf payload/bin/program --interp /openhands/lib/ld-linux-x86-64.so.2 --needed libc.so.6 \
		--rpath /openhands/lib --need libc.so.6:GLIBC_2.39
	make_layout "bases:own-$libc" --layer base --config "$config" >/dev/null
	run "$OHC" check --payload payload "oci:bases:own-$libc"
	expect_status 0
	expect_eq "$out" '' "findings"
done

t "what is in order"
fresh
dist a 1
gives ok command "/openhands/bin/$server"
gives ok libraries /openhands
gives ok payload /openhands
gives ok python "/openhands/$site"
gives ok user 1000:1000
gives ok workspace /workspace

t "the command"
fresh
rm "payload/bin/$server"
gives error command-missing "/openhands/bin/$server"
printf '#!/nowhere/python\n' >"payload/bin/$server"
gives error command-mode "/openhands/bin/$server"
chmod 755 "payload/bin/$server"
gives error command-interpreter "/openhands/bin/$server"
fresh
glibc
elf base/opt/x --interp $loader --needed libno.so
gives error command-library /opt/x --cmd '["/opt/x"]'
printf '#!/opt/x\n' >base/opt/script
chmod 755 base/opt/script
gives error command-library /opt/x --cmd '["/opt/script"]'
head -c 100 server >base/opt/x
gives error command-format /opt/x --cmd '["/opt/x"]'
elf base/opt/x --arch arm64
config='{"Env": ["PATH=/bin"], "Cmd": ["/opt/x"]}'
gives_alone error architecture /opt/x --profile none
config='{"Env": ["PATH=/bin"]}'
gives warning command-none Cmd --profile none
config='{"Env": ["PATH=/bin"], "Entrypoint": ["/bin/sh"]}'
gives warning entrypoint-base /bin/sh --profile none --cmd '["ls"]'

config='{"Env": ["PATH=/bin"]}'
for name in /bin/sh/ /bin/sh/.; do
	gives error command-missing $name --profile none --cmd "[\"$name\"]"
done

t "what could not be looked at"
fresh
py - "$top/tests" <<'PY'
import os, sys
sys.path.insert(0, sys.argv[1])
from make_elf import elf
# Facts that are more than is kept of a layer.
data = elf(soname="x", rpath="/a" * 30000, runpath="/b" * 30000)
os.makedirs("large/openhands/lib")
for i in range(200):
    with open("large/openhands/lib/lib%03d.so" % i, "wb") as f:
        f.write(data)
PY
mkdir -p large/openhands/bin
cp server "large/openhands/bin/$server"
make_layout large --layer large >/dev/null
rm -r large/openhands
judged warning unknown '/openhands/lib/lib[0-9]*.so' --payload oci:large

t "the environment"
fresh
gives warning env-empty-element PATH --env PATH=/openhands/bin:
gives warning env-library-path LD_LIBRARY_PATH --env LD_LIBRARY_PATH=/openhands/lib
elf payload/lib/libc.so.6 --type dyn --soname libc.so.6
gives error env-library-path LD_LIBRARY_PATH --env LD_LIBRARY_PATH=/openhands/lib
gives warning env-preload /x.so --env LD_PRELOAD=/x.so

t "the user and the account"
fresh
gives error user-unknown somebody --user somebody
gives error group-unknown people --user 1000:people
gives warning user-no-account 4242 --user 4242
gives warning payload-owner /openhands/bin --owner 77:77
echo secret >payload/secret
chmod 600 payload/secret
gives error payload-mode /openhands/secret --owner 77:77
fresh
echo 'node:x:1000:1000::/home/node:/bin/sh' >>base/etc/passwd
gives error account openhands

t "directories"
fresh
gives warning workdir-missing /nowhere --workdir /nowhere
gives error workdir-missing /etc/passwd --workdir /etc/passwd
gives warning workdir-owner /etc --workdir /etc
gives_alone error workspace-missing /workspace
mkdir base/workspace
gives warning workspace-owner /workspace
rmdir base/workspace
: >base/workspace
gives warning path-blocked /workspace
fresh
mkdir -p base/home/openhands base/etc/skel
gives warning home-owner /home/openhands
rmdir base/home/openhands
truncate -s 2M base/etc/skel/large
gives warning skel /etc/skel/large
chmod 755 base/tmp
gives warning tmp /tmp
chmod 700 base
tar --owner=0 --group=0 -C base -cf closed .
rm -r base
mv closed base
gives warning root-mode / --user 1000
fresh
config='{"Volumes": {"/workspace": {}, "/openhands": {}}}'
gives error volume-payload /openhands
gives warning volume-workspace /workspace

t "what a base may lack"
fresh
rm -r base/etc/ssl base/bin/sh
gives warning certificates /etc/ssl/certs/ca-certificates.crt
gives warning shell /bin/sh

t "what a base has where the payload or a link goes"
fresh
mkdir base/openhands
echo old >base/openhands/old
gives warning prefix-there /openhands
echo new >payload/old
gives warning payload-shadows /openhands/old
rm -r base/openhands
ln -s opt base/openhands
gives error prefix-symlink /openhands
rm base/openhands
: >base/openhands
prefix=/openhands/x
gives error path-blocked /openhands/x
fresh
mkdir -p base/usr/local/bin
echo mine >base/usr/local/bin/openhands-agent-server
prefix=/agent-server
gives error link-taken /usr/local/bin/openhands-agent-server --profile agent-server-binary

t "a layer that goes through a directory of a lower one without an entry for it"
fresh
chmod 711 base/home
mkdir base/srv base/opt
mkdir -p upper/home upper/srv upper/opt
touch upper/home/x upper/srv/x upper/opt/x
tar -C upper -cf upper.tar home/x srv/x opt
make_layout bases:implied --layer base --layer upper.tar --config "$config" >/dev/null
run "$OHC" check oci:bases:implied
expect_out "^warning layer-directory /home: is 0:0's, mode 0711, but layer 2 of the image has something in it and no entry for it: Docker"
expect_eq "$(grep -c layer-directory <<<"$out")" 1 "findings: /srv is 0755, /opt has an entry"
tested+=" layer-directory"
mv base/srv base/usr/srv
ln -s usr/srv base/srv
chmod 700 base/opt
tar -C upper -cf upper.tar home/x srv/x opt/x
make_layout bases:implied --layer base --layer upper.tar --config "$config" >/dev/null
run "$OHC" check oci:bases:implied
expect_out "^warning layer-directory /home: .* \\(and 1 more like it\\): Docker"
expect_out "^warning layer-directory /srv: is a symlink, but layer 2 of the image has something behind it: Docker"

t "push mends those that it goes through, and leaves the others to the base"
run "$OHC" push --payload payload oci:bases:implied oci:out:implied
expect_status 0
expect_no_err layer-directory
run "$OHC" check oci:out:implied
expect_out "^warning layer-directory /opt: is 0:0's, mode 0700, but layer 2 of"

t "the same of a payload's own layers"
mkdir -p one/openhands/bin two/openhands/bin
cp "payload/bin/$server" one/openhands/bin/
cp "payload/bin/$server" two/openhands/bin/other
tar --owner=1000 --group=1000 -C one -cf one.tar openhands
tar --owner=1000 --group=1000 -C two -cf two.tar openhands/bin/other
make_layout payloads:two --layer one.tar --layer two.tar >/dev/null
make_layout bases:clean --layer clean --config "$config" >/dev/null
run "$OHC" check --payload oci:payloads:two oci:bases:clean
expect_out "^warning layer-directory /openhands: is 1000:1000's, mode 0755, but layer 2 of the payload 'oci:payloads:two' has .* \\(and 1 more like it\\)"
tar --owner=1000 --group=1000 -C two -cf two.tar openhands
make_layout payloads:two --layer one.tar --layer two.tar >/dev/null
run "$OHC" check --payload oci:payloads:two oci:bases:clean
expect_no_out layer-directory

t "ELF files"
fresh
elf payload/bin/foreign --arch arm64
elf payload/lib/stack.so --type dyn --stack exec
elf payload/lib/text.so --type dyn --textrel
printf '\177ELF' >payload/lib/damaged.so
gives warning architecture /openhands/bin/foreign
gives warning executable-stack /openhands/lib/stack.so
gives warning text-relocations /openhands/lib/text.so
elf base/opt/odd --stack exec --textrel
gives warning executable-stack /opt/odd --cmd '["/opt/odd"]'
gives warning text-relocations /opt/odd --cmd '["/opt/odd"]'
elf payload/bin/frozen --type exec --pyinstaller --interp $loader
gives warning pyinstaller /openhands/bin/frozen
rm payload/bin/frozen
elf payload/bin/apart --type exec --appended 100 --behind
gives warning appended-data /openhands/bin/apart --cmd '["/openhands/bin/apart"]'
expect_no_out '^ok command '
elf payload/bin/apart --type exec --appended 100
elf base/opt/odd --type exec --appended 100 --behind
gives warning appended-data /opt/odd --cmd '["/opt/odd"]'
expect_no_out '^ok command '
expect_no_out /openhands/bin/apart
elf base/opt/odd --type exec --appended 100
gives ok command /opt/odd --cmd '["/opt/odd"]'
rm payload/bin/apart
gives warning elf-damaged /openhands/lib/damaged.so
rm "payload/bin/$server" payload/lib/*
gives error architecture /openhands/bin/foreign

t "loaders and libraries"
fresh
elf payload/bin/program --interp /openhands/lib/ld.so
gives error interpreter /openhands/bin/program
elf payload/bin/program --interp /lib/ld-musl-x86_64.so.1
gives error libc-family /openhands/bin/program
program --need libc.so.6:GLIBC_2.38
gives error libc-version /openhands/bin/program
program --needed libno.so.1
gives error library-missing libno.so.1
elf base/lib64/libstdc++.so.6 --type dyn --soname libstdc++.so.6 --def GLIBCXX_3.4
program --needed libstdc++.so.6 --need libstdc++.so.6:GLIBCXX_3.4.32
gives error libstdcxx-version /openhands/bin/program
elf base/lib64/libz.so.1 --type dyn --soname libz.so.1 --def ZLIB_1.2
program --needed libz.so.1 --need libz.so.1:ZLIB_9
gives error library-version /openhands/bin/program
elf payload/lib/ld-linux-x86-64.so.2 --type dyn --soname ld-linux-x86-64.so.2
elf payload/bin/program --interp /openhands/lib/ld-linux-x86-64.so.2 --needed libc.so.6
gives error libc-mixed /openhands/bin/program
elf payload/lib/libc.so.6 --type dyn --soname libc.so.6
elf payload/bin/program --interp /openhands/lib/ld-linux-x86-64.so.2 --needed libc.so.6 \
	--needed libz.so.1 --rpath /openhands/lib
gives warning library-outside /openhands/bin/program

t "scripts and symlinks"
fresh
printf '#!/usr/bin/perl\n' >payload/bin/script
chmod 755 payload/bin/script
ln -s nowhere payload/bin/dangling
ln -s loop payload/bin/loop
gives warning script-interpreter /openhands/bin/script
gives warning symlink-dangling /openhands/bin/dangling
gives warning symlink-loop /openhands/bin/loop

t "Python"
fresh
dist a 1 'Requires-Dist: b>=2' 'Requires-Dist: c; extra == "x"'
gives error python-missing "/openhands/$site"
dist b 1.5
gives warning python-version "/openhands/$site"
dist d 1 'Requires-Dist: <odd>'
gives warning python-metadata "/openhands/$site"
mkdir -p "payload/$site/__pycache__"
echo 'x = 1' >"payload/$site/m.py"
py - "payload/$site" <<'PY'
import os, struct, sys
os.chdir(sys.argv[1])
# Bytecode of a source with another time: magic number of 3.12, flags, time, size.
open("__pycache__/m.cpython-312.pyc", "wb").write(
    b"\xcb\r\r\n" + struct.pack("<III", 0, int(os.stat("m.py").st_mtime) - 100, 6) + b"code")
PY
gives warning python-stale "/openhands/$site/__pycache__/m.cpython-312.pyc"

t "what is to be removed and is not there"
fresh
gives warning remove-missing /none --remove /none

t "the contract of a profile"
fresh
gives_alone error contract-prefix /openhands
gives_alone warning contract WorkingDir
gives_alone warning contract-env MAMBA_ROOT_PREFIX
gives_alone error contract-link /usr/local/bin/openhands-agent-server --profile agent-server-binary
run "$OHC" check -v oci:out:clean
expect_status 0
expect_out '^ok contract openhands: '

t "a policy"
fresh
mkdir -p base/testbed/.git
echo x >base/testbed/.git/packed-refs
echo '{"forbid": {"/testbed/.git/packed-refs": "later commits"}}' >policy.json
gives error policy /testbed/.git/packed-refs --policy policy.json
gives_alone error policy /testbed/.git/packed-refs --policy policy.json

t "there is no code that nothing gives"
run "$OHC" check --codes
expect_status 0
expect_eq "$(tr ' ' '\n' <<<"$tested" | sed '/^$/d' | sort -u)" "$(cut -d: -f1 <<<"$out")" "codes that are tested"

finish
