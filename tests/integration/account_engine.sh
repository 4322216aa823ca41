#!/usr/bin/env bash
# time limit: 600
# SPDX-License-Identifier: Apache-2.0
# The user of an image in a real engine, over bases of many kinds, and that the base stays as it was.
. "$(dirname "$0")/../lib.sh"

start_containerd || skip_all "$no_engine"
start_registry
small_payload payload
busybox_rootfs plain

# base LAYER [OPTIONS...]: a directory or tar, composed and pulled
base()
{
	local layer=$1 name=${1##*/}

	name=${name%%.*}
	shift
	make_layout "bases:$name" --layer "$layer" --config "$BASE_CONFIG" >/dev/null
	expect "$OHC" push -q --payload payload "$@" "oci:bases:$name" "$REGISTRY/$name:1"
	pull "$REGISTRY/$name:1"
}

# in_shell SCRIPT
in_shell()
{
	in_container /bin/sh -c "$1"
}

# judge UID NAME HOME: what every base must give
judge()
{
	in_shell 'id -u; whoami; echo ~; pwd; touch /workspace/x ~/x && echo wrote; ls -ld / /etc /bin/. | cut -c1-10'
	expect_status 0
	expect_out_is "$(printf '%s\n' "$1" "$2" "$3" /workspace wrote drwxr-xr-x drwxr-xr-x drwxr-xr-x)"
	in_shell 'cat /openhands/share/data/x | wc -c; busybox ls /bin >/dev/null && echo base runs'
	expect_out '^100000$'
	expect_out '^base runs$'
}

base plain
in_shell 'exit 0'
if [ "$status" != 0 ]; then
	skip_all "no container can be started here: $(tail -n 1 <<<"$err")"
fi

t "a busybox base"
judge 1000 openhands /home/openhands
in_shell 'ls -ldn /workspace /home/openhands | awk "{ print \$3 \":\" \$4 }"; ls -l /etc/shadow | cut -c1-10'
expect_out_is "$(printf '%s\n' 1000:1000 1000:1000 -rw-------)"

t "uid 1000 is taken: the base's account is the user"
cp -a plain node
echo 'node:x:1000:1000::/home/node:/bin/sh' >>node/etc/passwd
echo 'node:x:1000:' >>node/etc/group
mkdir -p node/home/node
chown 1000:1000 node/home/node
tar --numeric-owner -C node -cf node.tar .
base node.tar --on-uid-clash reuse
judge 1000 node /home/node

t "… and gets its home where the base has none"
rmdir node/home/node
tar --numeric-owner -C node -cf homeless.tar .
base homeless.tar --on-uid-clash reuse
judge 1000 node /home/node

t "uid 1000 is taken: it is renamed"
base node.tar --on-uid-clash rename
judge 1000 openhands /home/openhands

t "uid 1000 is taken: the next one is free"
base node.tar --on-uid-clash next-free
judge 1001 openhands /home/openhands

t "/home and /workspace are symlinks, /bin is merged into /usr"
cp -a plain links
mv links/home links/var/home
ln -s var/home links/home
ln -s /var/ws links/workspace
mv links/bin/* links/usr/bin/
rmdir links/bin
ln -s usr/bin links/bin
base links
in_shell 'id -u; whoami; pwd -P; touch /workspace/x ~/x && echo wrote; for l in /home /workspace /bin; do readlink $l; done; ls -ldn /var/ws | awk "{ print \$3 }"'
expect_status 0
expect_out_is "$(printf '%s\n' 1000 openhands /var/ws wrote var/home /var/ws usr/bin 1000)"

t "a user whose uid is empty is root, in the engine and in the workspace's owner"
cp -a plain twice
printf '%s\n' app:x::1000::/:/bin/sh app:x:1000:1000::/:/bin/sh >>twice/etc/passwd
base twice --no-account --user app
in_shell 'id -u; id -g; ls -ldn /workspace | awk "{ print \$3 \":\" \$4 }"'
expect_status 0
expect_out_is "$(printf '%s\n' 0 1000 0:1000)"

t "no account files at all"
mkdir -p bare/bin bare/tmp
install -m 755 "$(command -v busybox)" bare/bin/busybox
ln -s busybox bare/bin/sh
base bare
in_shell 'busybox id -u; busybox whoami; busybox touch /workspace/x ~/x && echo wrote'
expect_status 0
expect_out_is "$(printf '%s\n' 1000 openhands wrote)"

t "Alpine"
if ! alpine=$(trap - ERR; alpine_tar); then
	skip "no Alpine beside the source tree"
else
	base "$alpine"
	judge 1000 openhands /home/openhands
	in_shell '/sbin/apk --version'
	expect_status 0
	expect_out '^apk-tools'
fi

finish
