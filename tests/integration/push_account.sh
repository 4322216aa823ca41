#!/usr/bin/env bash
# time limit: 300
# SPDX-License-Identifier: Apache-2.0
# The account and the adapter layer, over bases of many kinds; umoci says what a container would see.
. "$(dirname "$0")/../lib.sh"

small_payload payload
busybox_rootfs plain

# base NAME: what is in the directory of that name becomes oci:bases:NAME
base()
{
	make_layout "bases:$1" --layer "$1" --config "$BASE_CONFIG" >/dev/null
}

# variant NAME: a copy of the plain base, to be changed
variant()
{
	rm -rf "$1"
	cp -a plain "$1"
}

# push BASE [OPTIONS...]: to oci:out:BASE, whose tree is then in root/
push()
{
	local base=$1

	shift
	run "$OHC" push --payload payload "$@" "oci:bases:$base" "oci:out:$base"
	[ "$status" = 0 ] || return 0
	rm -rf bundle root
	umoci unpack --rootless --image "out:$base" bundle >umoci.log 2>&1 || fail "umoci: $(cat umoci.log)"
	mv bundle/rootfs root
	image config "oci:out:$base" >config.json
}

# entries BASE: of the adapter layer
entries()
{
	image layer -1 "oci:out:$1" | tar --numeric-owner -tvf - | awk '{ print $2 ":" $NF }' | tr '\n' ' '
}

adapter_of()
{
	image manifest "oci:out:$1" | json 'j["layers"][-1]["digest"]' /dev/stdin
}

user()
{
	json 'j["config"]["User"]' config.json
}

have umoci || skip_all "no umoci"

t "the account is added to the base's own files"
base plain
push plain
expect_status 0
expect_eq "$(user)" 1000:1000
expect_eq "$(tail -n 1 root/etc/passwd)" "openhands:x:1000:1000::/home/openhands:/bin/sh" passwd
expect_eq "$(head -n -1 root/etc/passwd)" "$(cat plain/etc/passwd)" "what stands before it"
expect_eq "$(tail -n 1 root/etc/group)" "openhands:x:1000:" group
expect_eq "$(tail -n 1 root/etc/shadow)" "openhands:*::0:99999:7:::" shadow
expect_eq "$(stat -c %a root/etc/shadow)" 600 "mode of shadow"
expect_false test -e root/etc/gshadow
expect_eq "$(entries plain)" \
	"0/0:etc/group 0/0:etc/passwd 0/0:etc/shadow 1000/1000:home/openhands/ 1000/1000:workspace/ "

t "bases with the same account files get the same adapter layer"
variant more
echo more >more/usr/more
base more
push more
expect_eq "$(adapter_of more)" "$(adapter_of plain)"

t "doing it again does nothing: there is no adapter layer"
run "$OHC" push --json --payload payload oci:out:plain oci:out:again
expect_status 0
expect_eq "$(json '[l["role"] for l in j["layers"]].count("adapter")')" 0

t "--no-account"
push plain --no-account
expect_status 0
expect_eq "$(user)" 1000:1000
expect_eq "$(entries plain)" "1000/1000:workspace/ "

t "--account"
push plain --account me:5000:6000:/srv/me:/bin/ash
expect_status 0
expect_eq "$(user)" 5000:6000
expect_eq "$(tail -n 1 root/etc/passwd)" "me:x:5000:6000::/srv/me:/bin/ash"
expect_eq "$(tail -n 1 root/etc/group)" "me:x:6000:"
expect_true grep '5000/6000:srv/me/' <<<"$(entries plain)"
expect_eq "$(image layer -2 oci:out:plain | tar --numeric-owner -tvf - | awk '{ print $2 }' | sort -u)" \
	5000/6000 "owners in the payload"
push plain --account me:5000 --user 7:8
expect_eq "$(user)" 7:8
expect_true grep '7/8:workspace/' <<<"$(entries plain)"

t "bad accounts"
for bad in me 5:5 me:x me:1:2:home me:1:2:/h:sh '' me:1:2:/h:/s:x; do
	run "$OHC" push --account "$bad" oci:bases:plain oci:out:x
	expect_message 2 "malformed account '$bad'"
done
run "$OHC" push --account me:1 --no-account oci:bases:plain oci:out:x
expect_message 2 "'--account' and '--no-account' cannot be given together"
run "$OHC" push --on-uid-clash perhaps oci:bases:plain oci:out:x
expect_message 2 "'--on-uid-clash' takes fail, reuse, rename or next-free, not 'perhaps'"

t "a uid that is taken: the account is named, nothing is written"
variant node
echo 'node:x:1000:1000::/home/node:/bin/sh' >>node/etc/passwd
printf 'node:x:1000:\nwheel:x:10:root,node\n' >>node/etc/group
echo 'node:!:19000::::::' >>node/etc/shadow
mkdir -p node/home/node
base node
find out | sort >before
push node
expect_message 7 "uid 1000 is taken by 'node' of the base: choose --on-uid-clash"
expect_eq "$(find out | sort)" "$(cat before)" "files in the destination"

t "--on-uid-clash reuse"
push node --on-uid-clash reuse
expect_status 0
expect_eq "$(user)" 1000:1000
expect_eq "$(entries node)" "1000/1000:workspace/ "

t "--on-uid-clash rename"
push node --on-uid-clash rename
expect_status 0
expect_eq "$(user)" 1000:1000
expect_eq "$(tail -n 1 root/etc/passwd)" "openhands:x:1000:1000::/home/openhands:/bin/sh"
expect_eq "$(tail -n 2 root/etc/group)" "$(printf 'openhands:x:1000:\nwheel:x:10:root,openhands')"
expect_eq "$(tail -n 1 root/etc/shadow)" "openhands:!:19000::::::"

t "--on-uid-clash next-free: the payload keeps its owner and its digest"
push node --on-uid-clash next-free
expect_status 0
expect_err "the user is 'openhands', 1001:1001; the payload's files belong to 1000:1000"
expect_eq "$(user)" 1001:1001
expect_eq "$(tail -n 1 root/etc/passwd)" "openhands:x:1001:1001::/home/openhands:/bin/sh"
expect_true grep '1001/1001:workspace/' <<<"$(entries node)"
push more
expect_eq "$(image manifest oci:out:node | json 'j["layers"][-2]["digest"]' /dev/stdin)" \
	"$(image manifest oci:out:more | json 'j["layers"][-2]["digest"]' /dev/stdin)" "payload"

t "no account files at all"
mkdir nothing
base nothing
push nothing
expect_status 0
expect_eq "$(cut -d: -f1,3,4 root/etc/passwd | tr '\n' ' ')" "root:0:0 openhands:1000:1000 "
expect_eq "$(tr '\n' ' ' <root/etc/group)" "root:x:0: openhands:x:1000: "
expect_false test -e root/etc/shadow
expect_err "'openhands' has no shell"
push_scratch()
{
	run "$OHC" push --payload payload scratch oci:out:scratch
	expect_status 0
	expect_eq "$(adapter_of scratch)" "$(adapter_of nothing)" "adapter layer over scratch"
}
push_scratch

t "symlinks of the base are gone through, and none is replaced"
variant links
mv links/home links/var/home
ln -s var/home links/home
ln -s /var/ws links/workspace
mv links/etc links/usr/etc
ln -s usr/etc links/etc
mv links/bin/* links/usr/bin/
rmdir links/bin
ln -s usr/bin links/bin
base links
ln -s tool payload/bin/openhands-agent-server
push links --profile agent-server-binary
expect_status 0
for l in home workspace etc bin; do
	expect_true test -L "root/$l"
done
expect_true grep '^openhands:x:10001:' root/usr/etc/passwd
expect_true test -d root/var/home/openhands
expect_true test -d root/var/ws/project
expect_eq "$(readlink root/usr/local/bin/openhands-agent-server)" \
	/agent-server/bin/openhands-agent-server
expect_eq "$(readlink root/bin)" usr/bin

t "a directory of the base keeps its mode and owner, and a warning says so"
variant owned
mkdir -m 755 owned/workspace
base owned
push owned
expect_status 0
expect_err "warning.*'/workspace' belongs to 0:0 in the base \(mode 0755\), where the user 1000:1000 cannot"
expect_false grep workspace <<<"$(entries owned)"

t "home is made as /etc/skel has it"
variant skel
mkdir -p skel/etc/skel/.config
echo 'umask 022' >skel/etc/skel/.profile
ln -s .profile skel/etc/skel/.bashrc
base skel
push skel
expect_status 0
expect_eq "$(cat root/home/openhands/.profile)" "umask 022"
expect_eq "$(readlink root/home/openhands/.bashrc)" .profile
expect_true test -d root/home/openhands/.config
expect_true grep '1000/1000:home/openhands/.config/' <<<"$(entries skel)"

t "the payload's shell serves a base that has none"
cp -a payload with-bash
install -m 755 "$(command -v busybox)" with-bash/bin/bash
run "$OHC" push --payload with-bash oci:bases:nothing oci:out:bash
expect_status 0
expect_true grep -F 'bin/bash -> /openhands/bin/bash' \
	<<<"$(image layer -1 oci:out:bash | tar -tvf -)"
expect_no_err "no shell"

t "a program of the base in the place of a link"
variant taken
mkdir -p taken/usr/local/bin
echo mine >taken/usr/local/bin/openhands-agent-server
base taken
push taken --profile agent-server-binary
expect_status 7
expect_err "'/usr/local/bin/openhands-agent-server' should lead to '/agent-server/bin/openhands-agent-server', but the base has something else"

t "a base that has the prefix"
variant prefix
mkdir prefix/openhands
echo old >prefix/openhands/old
base prefix
push prefix
expect_status 0
expect_err "'/openhands' is in the base already"

finish
