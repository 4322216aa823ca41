#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# pack's refusals: by exact message and status, with nothing written.
. "$(dirname "$0")/../lib.sh"

# refuse STATUS MESSAGE [ARG...]: of recipe.json, or of what is named as SOURCE in $source
source=recipe.json
refuse()
{
	local want=$1 message=$2

	shift 2
	run "$OHC" pack --progress none "$@" "$source" oci:out:1
	expect_status "$want"
	expect_eq "$out" "" "standard output"
	# An error in a recipe names the recipe, line and column.
	[[ $message == "recipe "* ]] || [ "$source" = recipe.json ] || message="pack '$source': $message"
	expect_eq "$(grep '^ohcompose: ' <<<"$err")" "ohcompose: $message" message
	expect_false test -e out
}

# recipe MEMBERS: of the one layer, which stand in line 2 from column 1 on
recipe()
{
	printf '{ "layers": [ { "name": "x",\n%s } ] }\n' "$1" >recipe.json
}

make_tree()
{
	rm -rf root
	py "$top/tests/make_tree.py" root
}

program='interp=/lib64/ld-linux-x86-64.so.2 type=exec'

t "a recipe that names what is not there"
recipe '"copy": [ { "from": "gone/dir" } ]'
refuse 4 "recipe 'recipe.json': line 2, column 11: there is no './gone/dir'"
make_tree <<<"dir /bin"
recipe '"programs": [ "/bin/gone" ]'
refuse 4 "recipe 'recipe.json': line 2, column 15: there is no 'root/bin/gone'" --root root
source=gone.json
refuse 4 "cannot open 'gone.json': No such file or directory"
source=recipe.json
refuse 4 "cannot open the root 'nowhere': No such file or directory" --root nowhere

t "a recipe with a fault"
printf '{ "layers": [\n  { "nmae": "x" } ] }\n' >recipe.json
refuse 3 "recipe 'recipe.json': line 2, column 5: 'layers[0].nmae' is unknown, did you mean 'name'?"

t "a source of no kind"
echo >file.txt
source=file.txt
run "$OHC" pack file.txt oci:out:1
expect_message 3 "pack 'file.txt': payload 'file.txt' is not a valid tar"
expect_false test -e out
source=/dev/null
refuse 2 "'/dev/null' is neither a directory nor a tar, nor a recipe, whose name ends in .json"
source=recipe.json

t "programs of two architectures"
make_tree <<EOF
elf /bin/a $program
mode 755 /bin/a
elf /bin/b $program arch=arm64
mode 755 /bin/b
elf /lib64/ld-linux-x86-64.so.2
EOF
recipe '"programs": [ "/bin/a", "/bin/b" ]'
refuse 3 "recipe 'recipe.json': line 2, column 25: 'root/bin/b' is a program for arm64, and the payload one for amd64: pack one payload for each platform" --root root
recipe '"programs": [ "/bin/b" ]'
refuse 3 "recipe 'recipe.json': line 2, column 15: 'root/bin/b' is a program for arm64, and the payload one for amd64: pack one payload for each platform" --root root --platform linux/amd64

t "a library that is missing, and who needs it"
make_tree <<EOF
elf /bin/a $program needed=libgone.so.1
mode 755 /bin/a
elf /lib64/ld-linux-x86-64.so.2
EOF
recipe '"programs": [ "/bin/a" ]'
refuse 4 "'/bin/a' needs 'libgone.so.1', which is not in the root 'root': install it there, leave '/bin/a' out, or say that it may be missing (--optional)" --root root

t "two libraries of one name that differ"
make_tree <<EOF
elf /bin/a $program needed=libx.so.1 runpath=/a
mode 755 /bin/a
elf /bin/b $program needed=libx.so.1 runpath=/b
mode 755 /bin/b
elf /a/libx.so.1 soname=libx.so.1
elf /b/libx.so.1 soname=libx.so.1 defs=X_1
elf /lib64/ld-linux-x86-64.so.2
EOF
recipe '"programs": [ "/bin/a", "/bin/b" ]'
run "$OHC" pack --root root recipe.json oci:out:1
expect_message 1 "'root/a/libx.so.1' \(needed by '.*/bin/a'\) and 'root/b/libx.so.1' \(needed by '.*/bin/b'\) are both 'libx.so.1', and differ"
expect_false test -e out

# needs_stack FILE: the instructions with which GCC writes code onto the stack
needs_stack()
{
	printf '\307\100\024\111\377\343\220' >>"$1"
}

t "a tree that needs an executable stack"
make_tree <<EOF
elf /t/lib.so stack=exec
EOF
needs_stack root/t/lib.so
recipe '"copy": [ { "from": "/t" } ]'
run "$OHC" pack --root root recipe.json oci:out:1
expect_message 3 "line 2, column 11: 'root/t/lib.so' wants an executable stack"
expect_false test -e out

t "a symlink that leads out of what is copied"
make_tree <<<"link /t/a/out ../../secret"
recipe '"copy": [ { "from": "/t" } ]'
refuse 3 "recipe 'recipe.json': line 2, column 11: the symlink 'root/t/a/out' leads out of what is copied, to '../../secret': leave it out (\"exclude\"), or copy what it leads to (\"dereference\": true)" --root root
source=root/t
refuse 3 "the symlink '$tmp/root/t/a/out' leads out of what is copied, to '../../secret': leave it out (--exclude), or copy what it leads to (--dereference)"
source=recipe.json

t "one path with two contents"
make_tree <<EOF
file /a/f 1
file /b/f 2
EOF
recipe '"copy": [ { "from": "/a" }, { "from": "/b" } ]'
refuse 1 "recipe 'recipe.json': line 2, column 29: '/openhands/f' comes from 'root/a/f' and, with other content, from 'root/b/f'" --root root

t "a prefix that is none"
source=root/a
refuse 2 "the payload's target must not be '/': a payload lies under one prefix, as /openhands" --prefix /
refuse 2 "the payload's target '/a/../b' has '..' in it" --prefix /a/../b
refuse 2 "the payload's target 'a' is not an absolute path" --prefix a
refuse 2 "the payload's target '/a\\xff' is not UTF-8, in which an image says where its payload lies" --prefix $'/a\xff'
run "$OHC" push --payload root/a:$'/a\xff' scratch oci:out:1
expect_message 2 "the payload's target '/a.xff' is not UTF-8"

t "options that make no sense"
refuse 2 "malformed owner 'me': UID:GID is wanted, in numbers" --owner me
refuse 2 "'--platform all': a payload is for one platform" --platform all
refuse 2 "--launcher: 'x' is no launcher: it is NAME=PROGRAM [ARGUMENT ...]" --launcher x
run "$OHC" pack --env =x root/a oci:out:1
expect_message 2 "env: variable '=x' has no name"
run "$OHC" pack --profile nosuch root/a oci:out:1
expect_message 2 "unknown profile 'nosuch'"
run "$OHC" pack root/a scratch
expect_message 2 "'scratch' is a base"
run "$OHC" pack root/a
expect_message 2 "a name is missing"

source=root/a
refuse 2 "--exclude: '' is no pattern for paths below SOURCE" --exclude ''
refuse 2 "--exclude: '../x' is no pattern for paths below SOURCE" --exclude ../x
refuse 2 "--dlopen adds libraries to those of --closure" --dlopen libx.so.1
refuse 2 "--optional is for the libraries of --closure" --optional 'libx.so*'
refuse 4 "there is no program in it that opens 'libx.so.1'" --closure --dlopen libx.so.1

t "a launcher of what is not there"
run "$OHC" pack --launcher x=bin/gone root/a oci:out:1
expect_message 4 "'x'.*bin/gone"
expect_false test -e out

t "an empty directory"
mkdir empty
source=empty
run "$OHC" pack empty oci:empty:1
expect_status 0

t "a static program and a file that is none are taken as they are"
make_tree <<EOF
elf /bin/static type=exec
mode 755 /bin/static
file /bin/text 'no program'
mode 755 /bin/text
EOF
recipe '"programs": [ "/bin/static", "/bin/text" ]'
run "$OHC" pack --root root recipe.json oci:static:1
expect_status 0
"$OHC" copy oci:static:1 oci-archive:static.tar >/dev/null
mkdir unpacked && tar -xf static.tar -C unpacked
unpack_image oci:unpacked unpacked
expect_true cmp root/bin/static unpacked/openhands/bin/static
expect_true cmp root/bin/text unpacked/openhands/bin/text

t "all that is wrong is told in one run"
make_tree <<EOF
link /t/a/gone ../../../gone
link /t/a/out /etc/passwd
elf /t/bin/a $program needed=libgone.so.1,libother.so.1
elf /t/bin/b $program needed=libgone.so.1
elf /t/lib/stack.so stack=exec
file /t/.wh.x 1
elf /lib64/ld-linux-x86-64.so.2
EOF
needs_stack root/t/lib/stack.so
out='leave it out (--exclude), or copy what it leads to (--dereference)'
wrong=$(sort <<EOF
'$tmp/root/t/bin/a' needs 'libgone.so.1', which is not in the root 'root': install it there, leave '$tmp/root/t/bin/a' out, or say that it may be missing (--optional)
'/openhands/.wh.x' (from '$tmp/root/t/.wh.x') cannot be put there: in a layer, names with .wh. in front mean that something is deleted
'$tmp/root/t/lib/stack.so' wants an executable stack, which glibc 2.41 and hardened kernels refuse: build it without, or clear its mark (patchelf --clear-execstack) where it is there by mistake
the symlink '$tmp/root/t/a/gone' leads out of what is copied, to '../../../gone': $out
the symlink '$tmp/root/t/a/out' leads out of what is copied, to '/etc/passwd': $out
EOF
)
run "$OHC" pack --closure --root root root/t oci:out:1
expect_status 4
expect_eq "$(sed -n 's/^ohcompose: warning: //p' <<<"$err" | sort)" "$wrong" "what is said before"
expect_message 4 "pack 'root/t': '$tmp/root/t/bin/a' needs 'libother.so.1', .* \(one of 6 faults\)"
expect_false test -e out
recipe '"copy": [ { "from": "/t" } ], "programs": [ "/bin/gone" ]'
run "$OHC" pack --root root recipe.json oci:out:1
expect_err "warning: recipe 'recipe.json': line 2, column 11: the symlink 'root/t/a/out' leads out"
expect_err "warning: recipe 'recipe.json': line 2, column 45: there is no 'root/bin/gone'"
expect_err "one of 7 faults"

t "nothing is said without end"
make_tree <<EOF
$(for i in {100..220}; do echo "link /t/$i /etc/passwd"; done)
EOF
run "$OHC" pack root/t oci:out:1
expect_eq "$(grep -c 'warning: the symlink' <<<"$err")" 100 "how many are said"
expect_err "warning: and 20 more"
expect_err "'/etc/passwd'.* \(one of 121 faults\)"

t "names that would delete others"
why="in a layer, names with .wh. in front mean that something is deleted"
make_tree <<EOF
file /w/a/.wh.f 1
file /d/.wh.d/f 1
file /ok/bin/f 1
file /ok/bin/.whatever 1
EOF
for name in w/a/.wh.f d/.wh.d; do
	source=root/${name%%/*}
	refuse 1 "'/openhands/${name#*/}' (from '$tmp/root/$name') cannot be put there: $why"
	tar -C "$source" -cf wh.tar .
	run "$OHC" pack wh.tar oci:out:1
	expect_message 3 "would be deleted by a whiteout"
	expect_false test -e out
done
recipe '"copy": [ { "from": "/ok", "to": "x/.wh.y" } ]'
source=recipe.json
run "$OHC" pack --root root recipe.json oci:out:1
expect_message 1 "'/openhands/x/\.wh\.y' \(from 'root/ok'\) cannot be put there: $why"
source=root/ok
refuse 2 "the payload's target cannot be '/a/.wh.b/c': $why" --prefix /a/.wh.b/c
run "$OHC" pack --launcher '.wh.x=bin/f' root/ok oci:out:1
expect_message '[12]' "\.wh\.x"
expect_false test -e out
expect "$OHC" pack root/ok oci:fine:1

finish
