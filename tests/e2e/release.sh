#!/usr/bin/env bash
# time limit: 7200
# SPDX-License-Identifier: Apache-2.0
# What is released (make release): the same bytes in another folder, on another day, with libraries that were built
# again; the Debian package is clean and is installed on minimal Debians; the images run; the single file runs
# where there is nothing, and pushes to a registry with TLS by the machine's own certificates.
. "$(dirname "$0")/../lib.sh"

have mmdebstrap || skip_all "no mmdebstrap"
have dh || skip_all "no debhelper"
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES SOURCE_DATE_EPOCH LDFLAGS CFLAGS CC
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
	"ohcompose-$version-image.tar" LICENCES SHA256SUMS; do
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
expect_true cmp one/build/release/SHA256SUMS two/another/folder/build/release/SHA256SUMS

t "every package has the same launchers"
release=$tmp/one/build/release
mkdir deb wheel
dpkg-deb -x "$release"/*.deb deb
"$PYTHON" -m zipfile -e "$release"/*"$machine".whl wheel
chmod +x wheel/*.data/scripts/ohcompose
program=$release/ohcompose-$version-linux-$machine
launchers=$("$program" version -v | grep '^launcher ')
expect_eq "$(wc -l <<<"$launchers")" 2 launchers
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

t "lintian has nothing to say"
if have lintian; then
	run lintian --allow-root --fail-on warning,error one/build/deb/*.changes
	expect_status 0
	expect_no_out '^[EW]: '
else
	skip "no lintian"
fi

# ---- in fresh roots ----

start_registry tls
host=localhost:${REGISTRY#*:}
make_layout one-layer:a --layer deb >/dev/null

# pushes ROOT PROGRAM: with the CA bundle of that root, to which our CA was added as an administrator does it
pushes()
{
	rm -rf "$1/tmp/l"
	cp -r one-layer "$1/tmp/l"
	run env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/tmp "$(command -v chroot)" "$1" "$2" copy --retry 0 oci:/tmp/l:a "$host/x:1"
	expect_status 0
}

for suite in bookworm trixie; do
	t "$suite: the package is installed on a minimal Debian, with what it needs, and pushes"
	mkdir "$suite"
	run mmdebstrap --variant=apt --include=ca-certificates --skip=cleanup/apt,cleanup/apt/lists \
		--setup-hook="mkdir -p \$1/root && cp $release/*.deb \$1/root/" \
		--customize-hook="mkdir -p \$1/usr/local/share/ca-certificates && cp $REGISTRY_CA \$1/usr/local/share/ca-certificates/mine.crt" \
		--customize-hook='chroot $1 update-ca-certificates' \
		--customize-hook='chroot $1 sh -c "apt-get -y --no-install-recommends install /root/*.deb"' \
		"$suite" "$suite/root" http://deb.debian.org/debian
	expect_status 0
	pushes "$suite/root" ohcompose

	t "$suite: so does the single file"
	cp "$program" "$suite/root/usr/local/bin/single"
	pushes "$suite/root" single
done

t "Alpine: the single file runs and pushes"
alpine=$(ls "${OHC_SHARED:-$top/../shared}"/bases/alpine-minirootfs-*-"$machine".tar.gz 2>/dev/null | tail -n 1 || true)
if [ -n "$alpine" ]; then
	mkdir alpine
	tar -xzf "$alpine" -C alpine
	cat "$REGISTRY_CA" >>alpine/etc/ssl/certs/ca-certificates.crt
	cp "$program" alpine/usr/bin/single
	pushes alpine single
else
	skip "no Alpine root in OHC_SHARED"
fi

t "a busybox: the single file runs and pushes"
mkdir -p busybox/bin busybox/tmp busybox/etc/ssl
cp "$(command -v busybox)" busybox/bin/
cp "$REGISTRY_CA" busybox/etc/ssl/cert.pem
cp "$program" busybox/bin/single
pushes busybox single

# ---- the images ----

t "the images: for both architectures, under 10 MB, one layer, not root"
archive=oci-archive:$release/ohcompose-$version-image.tar
run "$OHC" inspect --json "$archive:$version"
expect_status 0
expect_eq "$("$OHC" inspect "$archive:$version" | sed -n 's/^Platforms: *\([^ ]*\).*/\1/p; s/^  *\(linux\/arm64\).*/\1/p' | tr '\n' ' ')" \
	'linux/amd64 linux/arm64 '
"$OHC" copy -q "$archive:$version" oci:img:single >copied
"$OHC" copy -q "$archive:$version-busybox" oci:img:busybox >>copied
image manifest oci:img:single >manifest
expect_eq "$(json 'len(j["layers"])' manifest)" 1 layers
expect_eq "$(json 'sum(l["size"] for l in j["layers"]) < 10**7' manifest)" true "under 10 MB"
expect_eq "$(image config oci:img:single | json 'j["config"]["User"]' /dev/stdin)" 65532:65532

t "... they run as that user, and one of them has a shell"
if start_containerd; then
	start_registry
	for tag in single busybox; do
		"$OHC" copy -q "oci:img:$tag" "$REGISTRY/tool:$tag" >>copied
	done
	pull "$REGISTRY/tool:single"
	in_container /usr/bin/ohcompose version
	expect_status 0
	pull "$REGISTRY/tool:busybox"
	in_container sh -c 'id -u; ohcompose version; touch /tmp/x'
	expect_status 0
	expect_out '^65532$'
else
	skip "$no_engine"
fi

finish
