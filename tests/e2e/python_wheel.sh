#!/usr/bin/env bash
# time limit: 3000
# SPDX-License-Identifier: Apache-2.0
# The wheel in fresh Debians and on Alpine: pip and uv install it, and what they installed pushes to a registry with
# TLS whose authority is in the machine's own bundle.
. "$(dirname "$0")/../lib.sh"

[ "$(id -u)" = 0 ] || skip_all "chroot needs root"
have mmdebstrap || skip_all "no mmdebstrap"
machine=$(uname -m)
version=$("$OHC" version | sed -n '1s/.* //p')

keep_libraries
make -s -C "$top" O="$(dirname "$OHC")" wheel >wheel.log 2>&1 ||
	skip_all "there is no wheel: $(grep -v '^$' wheel.log | tail -n 1)"
wheel=$(echo "$(dirname "$OHC")"/ohcompose-*manylinux*"_$machine".whl)

# furnish ROOT: with the wheel, a payload, and the registry's authority
furnish()
{
	cat "$REGISTRY_CA" >>"$1/etc/ssl/certs/ca-certificates.crt"
	mkdir -p "$1/wheels" "$1/payload/bin"
	cp "$wheel" "$1/wheels/"
	printf '#!/bin/sh\necho hello\n' >"$1/payload/bin/hello"
	chmod 755 "$1/payload/bin/hello"
}

# unpack_root SUITE: the Debian in $debian at ./SUITE, furnished, with uv
unpack_root()
{
	mkdir "$1"
	tar -xpf "$debian" -C "$1" --exclude='./dev/*' --numeric-owner
	furnish "$1"
	[ ! -e uv.program ] || cp uv.program "$1/usr/local/bin/uv"
}

# in_root SUITE CMD...: with /dev and /proc, nothing of this machine's environment, no way to a package index
in_root()
{
	# shellcheck disable=SC2016
	run unshare --mount bash -c 'mount --rbind /dev "$1/dev" && mount -t proc proc "$1/proc" &&
		exec "${@:2}"' bash "$1" env -i PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin HOME=/root LC_ALL=C.UTF-8 PIP_NO_INDEX=1 \
		PIP_FIND_LINKS=/wheels UV_NO_INDEX=1 UV_FIND_LINKS=/wheels UV_OFFLINE=1 chroot "$@"
}

# pushes SUITE PROGRAM REPOSITORY
pushes()
{
	in_root "$1" "$2" push --profile none --payload payload:/opt --cmd '["/opt/bin/hello"]' --no-check \
		--creds user:secret scratch "$REGISTRY/$3:1"
	expect_status 0
	expect_true "$OHC" inspect -q --ca-file "$REGISTRY_CA" --creds user:secret "$out"
}

start_registry tls htpasswd
if "$PYTHON" -m pip download -q --no-deps --only-binary :all: -d uv uv >uv.log 2>&1; then
	"$PYTHON" -m zipfile -e uv/uv-*.whl uv
	install -m 755 uv/uv-*.data/scripts/uv uv.program
fi

for suite in bullseye bookworm trixie; do
	t "$suite: pip install ohcompose, and a push over TLS"
	if ! debian_tar "$suite" python3-pip,python3-venv,ca-certificates; then
		skip "$no_debian"
		continue
	fi
	unpack_root "$suite"
	in_root "$suite" python3 -m venv /venv
	expect_status 0
	in_root "$suite" /venv/bin/pip install ohcompose
	expect_status 0
	pushes "$suite" /venv/bin/ohcompose "$suite/pip"

	t "$suite: the package finds the program that came with it"
	in_root "$suite" /venv/bin/python -c 'import ohcompose; print(ohcompose.program(), ohcompose.version())'
	expect_out_is "/venv/bin/ohcompose $version"

	t "$suite: uv installs it as a tool, and uvx runs it"
	if [ ! -e "$suite/usr/local/bin/uv" ]; then
		skip "no uv"
	else
		in_root "$suite" uv tool install ohcompose
		expect_status 0
		in_root "$suite" /root/.local/bin/ohcompose version
		expect_out "ohcompose $version"
		in_root "$suite" uv tool run ohcompose version
		expect_out "ohcompose $version"
		pushes "$suite" /root/.local/bin/ohcompose "$suite/uv"
	fi

	t "$suite: uninstalled, nothing is left"
	in_root "$suite" /venv/bin/pip uninstall -y ohcompose
	expect_status 0
	expect_eq "$(find "$suite/venv" -name '*ohcompose*')" ''
	rm -rf "$suite"
done

t "Alpine: the same wheel is musl's, and what uv installs of it there pushes"
if [ ! -e uv.program ]; then
	skip "no uv"
elif ! alpine=$(trap - ERR; alpine_tar "$machine"); then
	skip "no Alpine beside the source tree"
else
	mkdir alpine
	tar -xzf "$alpine" -C alpine
	furnish alpine
	# There is no Python in that root, so uv is told of the platform and takes the Python here.
	run ./uv.program pip install --quiet --no-cache --no-config --no-index --find-links "${wheel%/*}" \
		--python "$PYTHON" --python-platform "$machine-unknown-linux-musl" --target alpine/opt/tool ohcompose
	expect_status 0
	pushes alpine /opt/tool/bin/ohcompose alpine/uv
fi
finish
