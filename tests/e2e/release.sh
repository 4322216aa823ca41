#!/usr/bin/env bash
# time limit: 7200
# SPDX-License-Identifier: Apache-2.0
# make release gives the same bytes in another folder and under another umask (with E2E_ALL=1 also with
# all libraries built again), the same launchers everywhere, and a Debian package that lintian has nothing to say of.
. "$(dirname "$0")/../lib.sh"

have dh || skip_all "no debhelper"
keep_libraries
export CCACHE_DISABLE=1
machine=$(uname -m)
version=$("$OHC" version | sed -n 's/^ohcompose //p')

# release_in FOLDER: make release in a tree of its own, from the archive of the sources
release_in()
{
	mkdir -p "$1"
	tar -xzf "o/ohcompose-$version.tar.gz" --strip-components=1 -C "$1"
	make -s -C "$1" -j"$(nproc)" release
}

make -s -C "$top" O="$tmp/o" dist
t "make release, with libraries that were built before"
run release_in one
expect_status 0
[ "$status" = 0 ] || skip_all "there is no release"
files=$(cd one/build/release && echo *)
for name in "ohcompose-$version.tar.gz" "ohcompose-$version-linux-x86_64" "ohcompose-$version-linux-aarch64" \
	"ohcompose-image-$version.tar" "ohcompose-image-$version-busybox.tar" LICENCES SHA256SUMS; do
	expect_true grep -qwF -e "$name" <<<"$files"
done
expect_eq "$(echo one/build/release/*.whl | wc -w)" 2 wheels
(cd one/build/release && expect_true sha256sum --quiet -c SHA256SUMS)

t "the same bytes in another folder, for another user's umask, with all libraries built again"
if [ -n "${E2E_ALL:-}" ]; then
	cp -r "$DIST_CACHE/sources" sources
	mkdir cache
	mv sources cache/
	run env DIST_CACHE="$tmp/cache" bash -c "umask 077; $(declare -f release_in); version=$version; release_in two/another/folder"
else
	run bash -c "umask 077; $(declare -f release_in); version=$version; release_in two/another/folder"
fi
expect_status 0
expect diff {one,two/another/folder}/build/release/SHA256SUMS

t "every package has the same launchers"
release=$tmp/one/build/release
mkdir deb wheel
dpkg-deb -x "$release"/*.deb deb
"$PYTHON" -m zipfile -e "$release"/*"$machine".whl wheel
chmod +x wheel/*.data/scripts/ohcompose
program=$release/ohcompose-$version-linux-$machine
launchers=$("$program" version -v | grep '^launcher ')
expect_eq "$(cut -d' ' -f2 <<<"$launchers" | tr '\n' ' ')" 'amd64 frozen-amd64 arm64 frozen-arm64 '
for other in deb/usr/bin/ohcompose wheel/*.data/scripts/ohcompose; do
	expect_eq "$("$other" version -v | grep '^launcher ')" "$launchers" "launchers of $other"
done

t "aarch64: it runs there"
if have qemu-aarch64-static; then
	expect qemu-aarch64-static "$release/ohcompose-$version-linux-aarch64" version -v
	expect_eq "$(grep '^launcher ' <<<"$out")" "$launchers"
else
	skip "no qemu-aarch64-static"
fi

# lint CHANGES: by this machine's lintian, or by Debian 13's in a root of its own
lint()
{
	local lintian='lintian --allow-root --fail-on warning,error'

	if have lintian; then
		run $lintian "$1"
	elif [ "$(id -u)" != 0 ]; then
		no_debian="no lintian"
		return 1
	else
		debian_tar trixie lintian || return 1
		mkdir root
		tar -xpf "$debian" -C root
		cp "${1%/*}"/*.{changes,deb,buildinfo} root/root/
		run env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 "$(command -v chroot)" root \
			$lintian "/root/${1##*/}"
	fi
}

t "lintian has nothing to say"
if lint "$(echo one/build/deb/*.changes)"; then
	expect_status 0
	expect_no_out '^[EW]: '
else
	skip "$no_debian"
fi

finish
