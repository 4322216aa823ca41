#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# time limit: 600
# Files that programs open by name come along with them: they work in a root that has a shell and little else.
. "$(dirname "$0")/../lib.sh"

[ "$(id -u)" = 0 ] || skip_all "no right to enter another root"

# enter CMD...: in that root, with nothing of this one's environment
enter()
{
	run env -i PATH="$prefix/bin:/bin" HOME=/root TERM=xterm LC_ALL=C.UTF-8 "$(command -v chroot)" root "$@"
}

# packed PROGRAM... [-- OPTIONS]: those programs of this machine, in that root
packed()
{
	local list='' name

	while [ $# -gt 0 ] && [ "$1" != -- ]; do
		name=$(readlink -f "$(command -v "$1")")
		list="$list${list:+, }{ \"from\": \"$name\", \"to\": \"bin/$1\" }"
		shift
	done
	[ $# = 0 ] || shift
	echo "{ \"prefix\": \"$prefix\", \"profile\": \"none\",
		\"layers\": [ { \"name\": \"tools\", \"programs\": [ $list ] } ] }" >recipe.json
	rm -rf root out
	busybox_rootfs root
	mknod -m 666 root/dev/null c 1 3
	mknod -m 666 root/dev/urandom c 1 9
	run "$OHC" pack -v --compression none "$@" recipe.json oci:out:1
	expect_status 0
	unpack_image oci:out:1 root
}

prefix=/openhands

t "git"
if ! have git; then
	skip "no git"
else
	packed git
	expect_err "set 'git': '/usr/lib[a-z]*/git-core' goes to '/openhands/lib[a-z]*/git-core'"
	cat >root/clone.sh <<'Y'
set -e
git init -q a
git -C a -c user.name=n -c user.email=e commit -q --allow-empty -m first
git clone -q a b
git -C b log --format=%s
git -C b submodule status
Y
	enter /bin/sh /clone.sh
	expect_status 0
	expect_eq "$out" first
	enter /openhands/bin/git --exec-path
	expect_true test -x "root$out/git-upload-pack"
fi

t "perl"
if ! perl -MPOSIX -e 1 2>/dev/null; then
	skip "no perl"
else
	packed perl
	enter /openhands/bin/perl -MPOSIX -MFile::Spec -e 'print strftime("%Y", gmtime(0)), "\n"'
	expect_status 0
	expect_out_is 1970
	expect_eq "$err" ''
	# Another version's modules of the base are not looked at.
	for dir in $(perl -e 'print "$_\n" for @INC' | grep '^/usr/\(lib\|share\)/'); do
		mkdir -p "root$dir"
		echo 'die "of the base"' >"root$dir/strict.pm"
	done
	enter /openhands/bin/perl -Mstrict -e 'print "own\n"'
	expect_out_is own
fi

t "file"
if ! have file; then
	skip "no file"
else
	packed file
	enter /openhands/bin/file /bin/busybox
	expect_status 0
	expect_out 'ELF .* executable'
fi

t "openssl"
if ! openssl list -providers -provider legacy >/dev/null 2>&1; then
	skip "no openssl with providers"
else
	packed openssl
	enter /openhands/bin/openssl list -providers -provider legacy
	expect_status 0
	expect_out legacy
fi

t "what is too long to be compiled in, launchers lead to"
if ! have git; then
	skip "no git"
else
	prefix=/opt/a/payload/whose/prefix/is/long
	packed git -- --launcher 'oh-git=bin/git'
	enter "$prefix/bin/oh-git" --exec-path
	expect_out_is "$prefix/lib/git-core"
	enter "$prefix/bin/oh-git" init -q /x
	expect_status 0
	expect_eq "$out$err" ''
fi

t "what a recipe copies itself is not there twice"
if ! have git || [ ! -d /usr/lib/git-core ]; then
	skip "no git"
else
	prefix=/openhands
	echo '{ "profile": "none", "layers": [ { "name": "tools", "programs": [ "/usr/bin/git" ],
		"copy": [ { "from": "/usr/lib/git-core", "to": "libexec/git-core" } ] } ] }' >own.json
	run "$OHC" pack -v --dry-run own.json oci:own:1
	expect_status 0
	expect_no_err "set 'git': '/usr/lib/git-core'"
	expect_err "set 'git': '/usr/share/git-core'"
fi

finish
