#!/usr/bin/env bash
# time limit: 300
# SPDX-License-Identifier: Apache-2.0
# pack of a tar and of an image: the same layer and labels as of the directory.
. "$(dirname "$0")/../lib.sh"

small_payload payload
busybox_rootfs plain
make_layout bases:1 --layer plain --config "$BASE_CONFIG" >/dev/null
tar -C payload -cf p.tar .
zstd -q p.tar -o p.tar.zst
mkdir root
cp -a payload root/openhands
tar -C root -cf layer.tar openhands
make_layout src:1 --layer plain --layer layer.tar >/dev/null

config()
{
	"$OHC" inspect --config "$1"
}

# about NAME: its layers' diff IDs, its labels and platform
about()
{
	config "$1" | json '[j["rootfs"], j["config"]["Labels"], j["architecture"], j["history"]]' /dev/stdin
}

t "a tar, compressed or not, in a file or from standard input"
run "$OHC" pack payload oci:out:dir
expect_status 0
want=$(about oci:out:dir)
for source in p.tar p.tar.zst layer.tar; do
	run "$OHC" pack $source oci:out:tar
	expect_status 0
	[ $status != 0 ] || expect_eq "$(about oci:out:tar)" "$want" $source
done
expect "$OHC" verify oci:out:tar
"$OHC" pack - oci:out:stdin <p.tar.zst >/dev/null
expect_eq "$(about oci:out:stdin)" "$want" "standard input"

t "a recipe from standard input, be it a file or a pipe"
printf '\n { "layers": [ { "name": "payload", "copy": [ { "from": "payload" } ] } ] }' >recipe.json
sed 's/payload" }/gone" }/' recipe.json >gone.json
"$OHC" pack recipe.json oci:out:recipe >/dev/null
want=$(about oci:out:recipe)
for how in '<recipe.json' '< <(cat recipe.json)' '< <(sleep 0.2; cat recipe.json)'; do
	eval '"$OHC" pack - oci:out:piped '"$how >/dev/null"
	expect_eq "$(about oci:out:piped)" "$want" "$how"
done
expect_eq "$("$OHC" pack -q - oci:bad:1 2>&1 <gone.json || true)" \
	"ohcompose: recipe '-': line 2, column 47: there is no './gone'"
expect_eq "$("$OHC" pack -q - oci:bad:1 2>&1 </dev/null || true)" \
	"ohcompose: pack '-': standard input has no files: it cannot be a payload"
want=$(about oci:out:dir)

t "layers and launchers for which the root, or the recipe's directory, has nothing are left out"
mkdir -p root/opt/there/bin
printf '#!/bin/sh\n' >root/opt/there/bin/a
chmod 755 root/opt/there/bin/a
cat >if.json <<'END'
{ "layers": [
    { "name": "there", "if": "/opt/there", "copy": [ { "from": "/opt/there", "to": "" } ] },
    { "name": "absent", "if": "/opt/absent", "copy": [ { "from": "/opt/absent", "to": "" } ] },
    { "name": "beside", "if": "payload", "copy": [ { "from": "payload", "to": "beside" } ] },
    { "name": "gone", "if": "gone", "copy": [ { "from": "gone", "to": "gone" } ] } ],
  "launchers": [ { "name": "one", "if": "/opt/there/bin/a", "program": "bin/a" },
                 { "name": "two", "if": "/opt/absent", "program": "bin/b" } ] }
END
run "$OHC" pack -v --root root --json if.json oci:out:if
expect_status 0
expect_err "^'absent' is left out: there is no '/opt/absent'\$"
expect_err "^'two' is left out: there is no '/opt/absent'\$"
run "$OHC" inspect --config oci:out:if
expect_eq "$(json 'sorted(eval(j["config"]["Labels"]["io.ohcompose.payload.components"]))')" \
	'["beside", "launchers", "there"]'
run "$OHC" inspect --tree oci:out:if
expect_out '/openhands/bin/one$'
expect_no_out '/openhands/bin/two$'
# What is there must be there entirely.
sed 's|"from": "/opt/there"|"from": "/opt/there/x"|' if.json >bad.json
expect_not "$OHC" pack -q --root root bad.json oci:bad:1

t "a script with data behind its text stays as it is, and is told of"
printf '#!/usr/bin/env python3\nPK\0' >root/opt/app
printf '#!/bin/sh\nexit\n\0' >root/opt/sh
cp root/opt/app root/opt/large
head -c 2000000 /dev/zero >>root/opt/large
chmod 755 root/opt/{app,sh,large}
echo '{ "layers": [ { "name": "x", "programs": [ "/opt/app", "/opt/sh", "/opt/large" ] } ] }' >data.json
run "$OHC" pack --root root --compression none data.json oci:data:1
expect_status 0
expect_err "opt/app' is a script with data behind its text.* a base with 'python3'"
expect_err "opt/large' is a script with data behind its text"
expect_no_err "opt/sh' is a script"
unpack_image oci:data:1 data.root
expect_true cmp data.root/openhands/bin/app root/opt/app

t "an image: what it has at the prefix"
run "$OHC" pack oci:src:1 oci:out:image
expect_status 0
expect_eq "$(about oci:out:image)" "$want"
expect_false grep -q BASE <(config oci:out:image)
run "$OHC" pack --prefix /openhands/bin oci:src:1 oci:out:part
expect_status 0
expect_eq "$(image layer 0 oci:out:part | tar -tf - | sort | head -n 2 | tr '\n' ' ')" \
	"openhands/bin/ openhands/bin/hello "
run "$OHC" pack --prefix /none oci:src:1 oci:bad:1
expect_message 4 "pack 'oci:src:1': the image has no directory '/none': in '/' there is"
expect_false test -e bad

t "options: prefix, owner, times; --json says what the layer holds"
run "$OHC" pack --json --prefix /opt/x --owner 3:4 payload oci:out:a
dir=$(json '[[l["digest"], l["entries"], l["content"], l["programs"]] for l in j["layers"]]' |
	sed 's,/opt/x,,g')
run "$OHC" pack --json --prefix /opt/x --owner 3:4 p.tar oci:out:b
expect_status 0
expect_eq "$(json '[[l["digest"], l["entries"], l["content"], l["programs"]] for l in j["layers"]]' |
	sed 's,/opt/x,,g')" "$dir"

t "launchers stand on it"
run "$OHC" pack --launcher 'go=bin/tool echo gone' payload oci:out:launched
expect_status 0
want=$(about oci:out:launched)
for source in p.tar oci:src:1; do
	run "$OHC" pack --launcher 'go=bin/tool echo gone' $source oci:out:launched
	expect_status 0
	expect_eq "$(about oci:out:launched)" "$want" $source
done

t "a symlink that leads out is an error of a tar, as of a directory, and a warning of an image"
mkdir -p out/openhands/bin
ln -s /openhands/bin out/openhands/own
ln -s ../../openhands/bin/x out/openhands/bin/leaves
tar -C out -cf out.tar openhands
run "$OHC" pack out.tar oci:bad:1
expect_message 3 "the symlink '/openhands/bin/leaves' leads out of '/openhands', to '../../openhands/bin/x'"
run "$OHC" pack out/openhands oci:bad:1
expect_message 3 "the symlink '.*/bin/leaves' leads out"
expect_false test -e bad
make_layout leads:1 --layer plain --layer out.tar >/dev/null
run "$OHC" pack oci:leads:1 oci:led:1
expect_status 0
expect_err "warning: the symlink '/openhands/bin/leaves' leads out"
expect_no_err /openhands/own

t "of a directory or a recipe, --exclude and --dereference choose what goes in"
mkdir -p chosen/src/deep/.git chosen/else
echo 1 | tee chosen/src/a.c chosen/src/a.o chosen/src/deep/b.o chosen/src/deep/.git/c chosen/else/d >/dev/null
ln -s ../else chosen/src/linked
ln -s a.c chosen/src/link
run "$OHC" pack --exclude '*.o' --exclude deep/.git --dereference chosen/src oci:kept:1
expect_status 0
"$OHC" inspect --tree oci:kept:1 | awk '{ print $1, $NF }' >chosen.tree
expect_eq "$(cat chosen.tree)" "drwxr-xr-x /
drwxr-xr-x /openhands
-rw-r--r-- /openhands/a.c
drwxr-xr-x /openhands/deep
lrwxrwxrwx a.c
drwxr-xr-x /openhands/linked
-rw-r--r-- /openhands/linked/d"
echo '{ "closure": false, "layers": [ { "name": "x", "copy": [ { "from": "chosen/src", "exclude": [ ".git" ] } ] } ] }' >chosen.json
run "$OHC" pack --exclude '*.o' --dereference chosen.json oci:kept:2
expect_status 0
expect_eq "$("$OHC" inspect --tree oci:kept:2 | awk '{ print $1, $NF }')" "$(cat chosen.tree)"

t "--dlopen adds what programs open by name, and all that it needs"
py "$top/tests/make_tree.py" root <<EOF
elf /p/bin/a interp=/lib64/ld-linux-x86-64.so.2 type=exec needed=libc.so.6
elf /lib64/ld-linux-x86-64.so.2
elf /lib64/libc.so.6 soname=libc.so.6
elf /lib64/libopened.so.1 soname=libopened.so.1 needed=libdeep.so.2
elf /lib64/libdeep.so.2 soname=libdeep.so.2
elf /lib64/libbroken.so.1 soname=libbroken.so.1 needed=libnowhere.so.1
EOF
expect "$OHC" pack --closure --root root root/p oci:opened:0
run "$OHC" inspect --tree oci:opened:0
expect_no_out 'libopened|libdeep'
expect "$OHC" pack --closure --root root --dlopen libopened.so.1 root/p oci:opened:1
run "$OHC" inspect --tree oci:opened:1
expect_out /openhands/lib/libopened.so.1
expect_out /openhands/lib/libdeep.so.2
run "$OHC" pack --closure --root root --dlopen libnone.so.1 --dlopen libbroken.so.1 root/p oci:bad:1
expect_err "warning: there is no library 'libnone.so.1' for the payload's programs to open, in the root 'root'"
expect_message 4 "'/lib64/libbroken.so.1' needs 'libnowhere.so.1'.*one of 2 faults"
expect_false test -e bad

t "what was packed is a payload"
run "$OHC" push --json --no-check --payload oci:out:tar oci:bases:1 oci:composed:1
expect_status 0
expect_eq "$(json '[l["digest"] for l in j["layers"] if l["role"] == "payload"]')" \
	"$(image manifest oci:out:tar | json '[l["digest"] for l in j["layers"]]' /dev/stdin)"

t "again, to a registry: the layer is not made again"
start_registry
touch -d '2024-02-03 04:05:06 UTC' p.tar
sleep 4
run "$OHC" pack --json p.tar "$REGISTRY/payload:1"
expect_status 0
run "$OHC" pack --json p.tar "$REGISTRY/payload:2"
expect_status 0
expect_eq "$(json '[j["layers"][0]["action"], j["bytes"]["read"]]')" '["kept", 0]'
put_layout src:1 "$REGISTRY/src:1" >/dev/null
run "$OHC" pack --json "$REGISTRY/src:1" "$REGISTRY/other:1"
expect_status 0
expect_eq "$(json 'j["bytes"]["downloaded"] > 1000000')" true
run "$OHC" pack --json "$REGISTRY/src:1" "$REGISTRY/third:1"
expect_status 0
expect_eq "$(json '[j["layers"][0]["action"], j["bytes"]["downloaded"] < 10000]')" '["mounted", true]'

t "what makes no sense is refused"
run "$OHC" pack --closure p.tar oci:bad:1
expect_message 2 "--closure is for a directory or a recipe"
for option in '--exclude x' --dereference '--dlopen libx.so.1'; do
	# shellcheck disable=SC2086
	run "$OHC" pack $option p.tar oci:bad:1
	expect_message 2 "${option%% *} is for a directory or a recipe"
done
head -c 5000 p.tar >cut.tar
run "$OHC" pack cut.tar oci:bad:1
expect_message 3 "payload 'cut.tar' is not a valid tar"
run "$OHC" pack oci:src:none oci:bad:1
expect_message 4 none
expect_false test -e bad

finish
