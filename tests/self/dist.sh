#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# time limit: 900
# From the archive of the sources to the installed program: make dist, make, make install, make
# uninstall.  It is built as if char were unsigned (as on arm64), and every fourth object once more in
# another folder, without optimization for the sake of time.
. "$(dirname "$0")/../lib.sh"

# The unit tests that are run there: of the rooms that read text and bytes.
units='account_* codec_* config_* core_* documents_* elf_* python_* recipes_* tar_*'

# These variables of the make(1) that started this test must not be inherited.
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES SANITIZE O SOURCE_DATE_EPOCH
export CCACHE_DISABLE=1
version=$(sed -n 's/^VERSION := //p' "$top/Makefile")
name=ohcompose-$version

# build FOLDER [WORD...]: make there
build()
{
	make -s -C "$1" -j"$(nproc)" OPT='-O0 -g' CFLAGS=-funsigned-char "${@:2}"
}

# files FOLDER: what is below it and no directory
files()
{
	(cd "$1" && find . ! -type d | sed 's,^\./,,' | LC_ALL=C sort)
}

# names_its_folder FILE FOLDER
names_its_folder()
{
	LC_ALL=C grep -aqF "$2" "$1"
}

t "make dist has every file that git knows, and no other"
make -s -C "$top" O="$tmp/o" dist
mkdir a b
tar -xzf "o/$name.tar.gz" -C a
mv "a/$name" a/src
if git -C "$top" rev-parse --is-inside-work-tree >/dev/null 2>&1 && [ -e "$top/.git" ]; then
	git -C "$top" -c core.quotePath=false ls-files | LC_ALL=C sort >known
	files a/src >there
	expect_eq "$(comm -23 known there)" '' "missing in the archive"
	: >a/src/stray
	files a/src >there
	expect_eq "$(comm -13 known there)" stray "found, because it was put there"
	rm a/src/stray
else
	skip "no git"
fi

t "the archive's archive is the same"
make -s -C a/src O="$tmp/o2" dist
expect_true cmp "o/$name.tar.gz" "o2/$name.tar.gz"

t "it builds, where char is unsigned"
expect build a/src
expect a/src/build/ohcompose version
expect_out "$version"

t "unit tests pass there: $units"
run build a/src unit UNIT="$units"
expect_status 0
expect_out ' passed, 0 failed'

t "in another folder every fourth object has the same bytes, and the program names no folder"
mkdir -p b/another/folder
cp -a a/src b/another/folder/src
rm -rf b/another/folder/src/build
objects=$(cd a/src && find build -name '*.o' ! -path 'build/tests/*' | LC_ALL=C sort | awk 'NR % 4 == 1')
expect_true test "$(wc -l <<<"$objects")" -gt 50
# shellcheck disable=SC2086 # Names of objects have no spaces.
expect build b/another/folder/src $objects
for object in $objects; do
	expect_true cmp "a/src/$object" "b/another/folder/src/$object"
done
expect_false names_its_folder a/src/build/ohcompose "$tmp/a"

t "... and one that names its folder is found"
echo 'int main(void) { return 0; }' >a/x.c
(cd a && "${CC:-cc}" -g -o x x.c)
expect_true names_its_folder a/x "$tmp/a"

t "make install: the program as it was built, its manual, completions, the schemas, the recipes"
run build a/src install PREFIX=/opt/x DESTDIR="$tmp/stage"
expect_status 0
expect_true cmp stage/opt/x/bin/ohcompose a/src/build/ohcompose
for page in a/src/cmd/*.[15]; do
	expect_true cmp "$page" "stage/opt/x/share/man/man${page##*.}/${page##*/}"
done
share=stage/opt/x/share
"$OHC" completion bash | expect_true cmp - $share/bash-completion/completions/ohcompose
"$OHC" completion zsh | expect_true cmp - $share/zsh/site-functions/_ohcompose
"$OHC" completion fish | expect_true cmp - $share/fish/vendor_completions.d/ohcompose.fish
expect_true cmp a/src/layout/recipes/recipe.schema.json $share/ohcompose/recipe.schema.json
expect_true cmp a/src/compose/bake/bake.schema.json $share/ohcompose/bake.schema.json
expect_true cmp a/src/compose/composition/composition.schema.json $share/ohcompose/composition.schema.json
expect_true diff -r -x '*.[ch]' -x recipe.schema.json a/src/layout/recipes $share/ohcompose/recipes
expect_true test -x $share/ohcompose/recipes/swe-rex/input

t "make uninstall leaves nothing of it, and what is not its own"
: >$share/man/man1/other.1
mkdir -p $share/fish/other
expect build a/src uninstall PREFIX=/opt/x DESTDIR="$tmp/stage"
expect_eq "$(files stage)" opt/x/share/man/man1/other.1 "left behind"
expect_eq "$(cd $share && echo *)" "fish man" "directories left behind"

t "without pkg-config or a library make says so at once, and what installs it"
run build a/src O=new PKG_CONFIG=no-such-pkg-config
expect_status 2
expect_err "there is no.*'no-such-pkg-config'; tests/packages build installs"
expect_false test -e a/src/new/core
run build a/src O=new LIBS='libarchive no-such-library'
expect_status 2
expect_err "no-such-library"
expect_err "tests/packages build installs"
expect_false test -e a/src/new/core

finish
