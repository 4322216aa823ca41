#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Files that a payload has and the base lacks: shell, certificates and locale, by links of the adapter
# layer and by launchers, for payloads that are directories and for those that are images.
# shellcheck disable=SC2016
. "$(dirname "$0")/../lib.sh"

driver=$(dirname "$OHC")/tests/integration/launchers_driver
bundle=etc/ssl/certs/ca-certificates.crt
have busybox || skip_all "no busybox"

# A payload whose programs all say how they were started.
mkdir -p payload/{bin,libexec,etc/ssl/certs,etc/fonts,lib/locale/C.utf8,share/terminfo/x} \
	payload/browser/chromium payload/.venv/bin \
	payload/.venv/lib/python3.13/site-packages/openhands/runtime
install -m 755 "$(command -v busybox)" payload/libexec/busybox
for f in libexec/tmux browser/chromium/chrome .venv/bin/python; do
	cat >payload/$f <<-'EOF'
	#!/openhands/libexec/busybox sh
	bb=/openhands/libexec/busybox
	echo "$0" "$@"
	$bb env | $bb grep -vE '^(SHLVL|PWD|_)=' | $bb sort
	EOF
	chmod 755 payload/$f
done
touch payload/$bundle payload/lib/locale/C.utf8/LC_CTYPE payload/share/terminfo/x/xterm \
	payload/etc/fonts/fonts.conf \
	payload/.venv/lib/python3.13/site-packages/openhands/runtime/action_execution_server.py
"$driver" payload /openhands openhands 'bash=libexec/busybox sh'
mkdir image
cp -a payload image/openhands
make_layout payloads:one --layer image --config '{}' >/dev/null

# base NAME [PATH...]: with these files, which are static programs below a bin
base()
{
	local name=$1 f

	shift
	mkdir -p "$name/etc"
	printf 'root:x:0:0:root:/root:/bin/sh\n' >"$name/etc/passwd"
	printf 'root:x:0:\n' >"$name/etc/group"
	for f in "$@"; do
		mkdir -p "$(dirname "$name/$f")"
		case $f in
		*bin/*) install -m 755 "$(command -v busybox)" "$name/$f" ;;
		*) echo base >"$name/$f" ;;
		esac
	done
	make_layout "bases:$name" --layer "$name" --config "$BASE_CONFIG" >/dev/null
}

# push NAME PAYLOAD [OPTIONS...]: $links is what the adapter layer links, root/ what a container sees
push()
{
	local name=$1 payload=$2

	shift 2
	run "$OHC" push --payload "$payload" "$@" "oci:bases:$name" "oci:out:$name"
	expect_status 0
	image layer -1 "oci:out:$name" >adapter.tar
	links=$(tar -tvf adapter.tar | sed -n 's/^l.* \([^ ]* -> .*\)/\1/p')
	rm -rf root
	cp -a "$name" root
	cp -a payload root/openhands
	tar -xf adapter.tar -C root --no-same-owner
}

# in_root CMD...: with the environment that a container has
in_root()
{
	if [ "$(id -u)" = 0 ]; then
		run env -i LC_ALL=C.UTF-8 LD_LIBRARY_PATH=/l "$(command -v chroot)" root "$@"
	else
		run env -i LC_ALL=C.UTF-8 LD_LIBRARY_PATH=/l "$(command -v unshare)" -r \
			"$(command -v chroot)" root "$@"
	fi
}

PATH=$PATH:/usr/sbin:/sbin
no_root=''
[ "$(id -u)" = 0 ] || unshare -r true 2>/dev/null || no_root=1

t "the profile's launchers are those whose programs are there"
expect_eq "$(sed -n 's/^\(oh-[^ ]*\): .*/\1/p' payload/etc/launchers | tr '\n' ' ')" \
	'oh-action-execution-server oh-chromium oh-python oh-tmux '

base bare
for payload in payload oci:payloads:one; do
	t "$payload on a base with nothing: shell and certificates are the payload's"
	push bare "$payload"
	expect_eq "$links" 'bin/bash -> /openhands/bin/bash
bin/sh -> /openhands/bin/bash
etc/ssl/certs/ca-certificates.crt -> /openhands/etc/ssl/certs/ca-certificates.crt' links
	expect_eq "$(tail -n 1 root/etc/passwd | cut -d: -f7)" /bin/bash "the account's shell"
	if [ -n "$no_root" ]; then
		skip "neither root nor user namespaces"
		continue
	fi
	in_root /bin/sh -c 'echo "$1"; exit 5' x 'a b'
	expect_status 5
	expect_out '^a b$'
	in_root /openhands/bin/oh-tmux new 'a b'
	expect_eq "$out" '/openhands/libexec/tmux new a b
FONTCONFIG_FILE=/openhands/etc/fonts/fonts.conf
LC_ALL=C.UTF-8
LD_LIBRARY_PATH=/l
LOCPATH=/openhands/lib/locale
PATH=/openhands/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt
TERMINFO_DIRS=:/openhands/share/terminfo' tmux
	in_root /openhands/bin/oh-chromium --headless
	expect_out '^/openhands/browser/chromium/chrome --no-sandbox --disable-dev-shm-usage --headless$'
	in_root /openhands/bin/oh-action-execution-server 8000 /workspace --plugins a
	expect_out '^/openhands/.venv/bin/python -u -m openhands.runtime.action_execution_server 8000 --working-dir /workspace --plugins a$'
	in_root /openhands/bin/oh-python -c ''
	expect_out '^/openhands/.venv/bin/python -c $'
done

t "a base with a sh: bash is linked, sh stays"
base sh bin/sh
push sh payload
expect_eq "$links" 'bin/bash -> /openhands/bin/bash
etc/ssl/certs/ca-certificates.crt -> /openhands/etc/ssl/certs/ca-certificates.crt' links

t "a base with a bash: nothing is linked, and sh to what there is only where it lacks"
base bash bin/bash bin/sh
push bash payload
expect_eq "$links" 'etc/ssl/certs/ca-certificates.crt -> /openhands/etc/ssl/certs/ca-certificates.crt' links

t "certificates where Fedora has them: no link, and the payload's programs use the base's"
base fedora etc/pki/tls/certs/ca-bundle.crt bin/sh bin/bash
push fedora payload
expect_eq "$links" '' links
if [ -z "$no_root" ]; then
	in_root /openhands/bin/oh-tmux
	expect_out '^SSL_CERT_FILE=/etc/pki/tls/certs/ca-bundle.crt$'
	expect_out '^GIT_SSL_CAINFO=/etc/pki/tls/certs/ca-bundle.crt$'
fi

t "a base that has all: nothing is linked, nothing of it is hidden"
base debian bin/sh bin/bash "$bundle" usr/lib/ssl/certs/ca-certificates.crt \
	usr/lib/locale/C.UTF-8/LC_CTYPE lib/terminfo/x/xterm etc/fonts/fonts.conf
push debian payload
expect_eq "$links" '' links
if [ -z "$no_root" ]; then
	in_root /openhands/bin/oh-tmux
	expect_eq "$out" '/openhands/libexec/tmux
LC_ALL=C.UTF-8
LD_LIBRARY_PATH=/l
PATH=/openhands/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
TERMINFO_DIRS=:/openhands/share/terminfo' tmux
fi

t "a profile that does not ask for them"
run "$OHC" push --payload payload:/openhands --profile none --no-check oci:bases:bare oci:out:none
expect_status 0
expect_eq "$(image manifest oci:out:none | json 'len(j["layers"])' /dev/stdin)" 2 "number of layers"

finish
