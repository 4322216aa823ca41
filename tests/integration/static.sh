#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# time limit: 600
# The static program (make static): what it is, and that it needs nothing of where it runs.
. "$(dirname "$0")/../lib.sh"

program=$top/build/static/$(uname -m)/ohcompose
! is_static "$OHC" || program=$OHC
[ -x "$program" ] || skip_all "no static program: make static"

t "one file, without a loader or libraries, wherever it is put in memory"
if have readelf; then
	run readelf -hlW "$program"
	expect_status 0
	expect_out 'Type: +DYN'
	expect_no_out 'INTERP'
	expect_out 'GNU_RELRO'
	run readelf -dW "$program"
	expect_no_out 'NEEDED|RPATH|RUNPATH|TEXTREL'
else
	skip "no readelf"
fi
expect_true [ "$(wc -c <"$program")" -lt 10000000 ]

t "8 MiB of stack for each thread, which nobody may execute"
if have readelf; then
	run readelf -lW "$program"
	expect_out 'GNU_STACK +0x0+ 0x0+ 0x0+ 0x0+ 0x0*800000 RW '
else
	skip "no readelf"
fi

t "it names no folder of the machine that built it"
for folder in "$top" "${DIST_CACHE:-$HOME}" "$HOME"; do
	expect_false grep -aqF "$folder/" "$program"
done

t "version says what is linked in, with Debian's versions, and -v the launchers"
run "$program" version -v
while read -r name version _; do
	case $name in
	'#' | nasm | ca-certificates | busybox-static:*) continue ;;
	openssl) name=libcrypto ;;
	curl) name=libcurl ;;
	bzip2) name=libbz2 ;;
	xz-utils) name=liblzma ;;
	esac
	expect_true grep -qxF "$name $version" <<<"$out"
done <"$top/dist/sources"
expect_out '^musl [0-9.]+$'
expect_out '^zig [0-9.]+$'
for name in amd64 arm64 frozen-amd64 frozen-arm64; do
	expect_out "^launcher $name sha256:[0-9a-f]{64}\$"
done

t "the terms of each that is linked in lie beside it"
for name in $(sed -n 's/^\([a-z0-9]*\) .*/\1/p' <<<"$out" | grep -vx -e ohcompose -e launcher); do
	expect_true test -s "${program%/*}/licences/$name"
done

# ---- in a root that has nothing else ----

# in_root CMD...: as run, in $root, without the environment, as root there
user_namespace=$([ "$(id -u)" = 0 ] || echo --map-root-user)
in_root()
{
	_cmd=$(printf '%q ' "$@")
	status=0
	unshare $user_namespace env -i ${variable:+"$variable"} "$(command -v chroot)" "$root" "$@" \
		>"$tmp/.lib/out" 2>"$tmp/.lib/err" </dev/null || status=$?
	out=$(<"$tmp/.lib/out") err=$(<"$tmp/.lib/err")
}

root=$tmp/root variable=''
mkdir -p root/data
cp "$program" root/ohcompose
mkdir -p layer payload/bin
echo text >layer/file
echo '#!/bin/sh' >payload/bin/run
make_layout root/data/base:1 --layer layer >/dev/null
cp -a payload root/data/
in_root /ohcompose version
[ "$status" = 0 ] || {
	t "an empty root"
	skip "no root can be changed to: $err"
	finish
	exit 0
}

t "an empty root: an image is composed, with a digest that does not depend on where"
in_root /ohcompose push --no-check --payload /data/payload oci:/data/base:1 oci:/data/out:1
expect_status 0
"$OHC" push --no-check --payload payload oci:root/data/base:1 oci:here:1 >out.here
for dir in root/data/out here; do
	image config "oci:$dir:1" | json 'j["rootfs"]["diff_ids"]' /dev/stdin >"${dir##*/}.diffs"
done
expect_true cmp out.diffs here.diffs

start_registry tls
host=localhost:${REGISTRY#*:}

t "a registry with TLS, and no CA certificate anywhere: it says so, and what to do"
in_root /ohcompose copy --retry 0 oci:/data/out:1 "$host/x:1"
expect_message 6 "the certificate of '$host' is not trusted.*no CA certificates here; install ca-certificates"

# The places of core/ca_files.h, which are those of Go's crypto/x509.
for file in $(grep -oE '/etc/[^"]*\.(crt|pem)' "$top/core/ca_files.h"); do
	t "... trusted by the machine's own $file"
	mkdir -p "root$(dirname "$file")"
	cp "$REGISTRY_CA" "root$file"
	in_root /ohcompose copy --retry 0 oci:/data/out:1 "$host/x:1"
	expect_status 0
	rm -r root/etc
done

t "... by SSL_CERT_FILE, by a directory, and by OpenSSL's names in /etc/ssl/certs"
mkdir -p root/etc/ssl/certs root/some
cp "$REGISTRY_CA" root/some/ca.crt
variable=SSL_CERT_FILE=/some/ca.crt
in_root /ohcompose copy --retry 0 oci:/data/out:1 "$host/x:1"
expect_status 0
variable=SSL_CERT_DIR=/nowhere:/some
in_root /ohcompose copy --retry 0 oci:/data/out:1 "$host/x:1"
expect_status 0
variable=''
mv root/some/ca.crt "root/etc/ssl/certs/$(openssl x509 -hash -noout -in "$REGISTRY_CA").0"
in_root /ohcompose copy --retry 0 oci:/data/out:1 "$host/x:1"
expect_status 0

finish
