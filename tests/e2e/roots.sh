#!/usr/bin/env bash
# time limit: 3600
# SPDX-License-Identifier: Apache-2.0
# Tries what is released in fresh roots: the Debian package on minimal Debians, the single file there, on Alpine and on a
# busybox. Each pushes to a registry with TLS by the root's own CA bundle. The images run as who they say.
. "$(dirname "$0")/../lib.sh"

have mmdebstrap || skip_all "no mmdebstrap"
have dh || skip_all "no debhelper"
machine=$(uname -m)
version=$("$OHC" version | sed -n 's/^ohcompose //p')
release=$top/build/release
keep_libraries
make -s -C "$top" -j"$(nproc)" release >release.log 2>&1 ||
	skip_all "there is no release: $(grep -v '^$' release.log | tail -n 1)"
program=$release/ohcompose-$version-linux-$machine
mkdir files
cp "$OHC" files/some-file

start_registry tls
host=localhost:${REGISTRY#*:}
make_layout one-layer:a --layer files >/dev/null

# in_root ROOT CMD...: as run, without this machine's environment
in_root()
{
	run env -i PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/tmp "$(command -v chroot)" "$@"
}

# pushes ROOT PROGRAM...: with the CA bundle of that root, to which our CA was added as an administrator does it
pushes()
{
	rm -rf "$1/tmp/l"
	cp -r one-layer "$1/tmp/l"
	in_root "$@" copy --retry 0 oci:/tmp/l:a "$host/x:1"
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
if alpine=$(trap - ERR; alpine_tar "$machine"); then
	mkdir alpine
	tar -xzf "$alpine" -C alpine
	cat "$REGISTRY_CA" >>alpine/etc/ssl/certs/ca-certificates.crt
	cp "$program" alpine/usr/bin/single
	pushes alpine single
else
	skip "no Alpine beside the source tree"
fi

t "Alpine on aarch64, by qemu: the single file pushes, and composes with the same diff IDs"
if ! have qemu-aarch64-static; then
	skip "no qemu-aarch64-static"
elif arm=$(trap - ERR; alpine_tar aarch64); then
	mkdir arm
	tar -xzf "$arm" -C arm
	cat "$REGISTRY_CA" >>arm/etc/ssl/certs/ca-certificates.crt
	cp "$(command -v qemu-aarch64-static)" arm/usr/bin/qemu
	cp "$release/ohcompose-$version-linux-aarch64" arm/usr/bin/single
	pushes arm qemu /usr/bin/single
	cp -a files arm/tmp/
	in_root arm qemu /usr/bin/single push --no-check --payload /tmp/files oci:/tmp/l:a oci:/tmp/out:1
	expect_status 0
	"$OHC" push -q --no-check --payload files oci:one-layer:a oci:here:1 >pushed
	for dir in arm/tmp/out here; do
		image config "oci:$dir:1" | json 'j["rootfs"]["diff_ids"]' /dev/stdin >"${dir##*/}.diffs"
	done
	expect_true cmp out.diffs here.diffs
else
	skip "no Alpine for aarch64 beside the source tree"
fi

t "a busybox: the single file runs and pushes"
mkdir -p busybox/bin busybox/tmp busybox/etc/ssl
cp "$(command -v busybox)" busybox/bin/
cp "$REGISTRY_CA" busybox/etc/ssl/cert.pem
cp "$program" busybox/bin/single
pushes busybox single

# ---- the images ----

t "the images: for both architectures, under 10 MB, one layer, not root"
archive=oci-archive:$release/ohcompose-image-$version
run "$OHC" inspect "$archive.tar:$version"
expect_status 0
expect_eq "$(echo "$out" | sed -n 's/^Platforms: *\([^ ]*\).*/\1/p; s/^  *\(linux\/arm64\).*/\1/p' | tr '\n' ' ')" \
	'linux/amd64 linux/arm64 '
"$OHC" copy -q --platform linux/amd64 "$archive.tar:$version" oci:img:single >copied
"$OHC" copy -q "$archive-busybox.tar:$version-busybox" oci:img:busybox >>copied
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
