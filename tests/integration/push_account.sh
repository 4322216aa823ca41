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
	rm -rf root
	umoci_unpack "out:$base" bundle
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
	"0/0:etc/ 0/0:etc/group 0/0:etc/passwd 0/0:etc/shadow 0/0:home/ 1000/1000:home/openhands/ 1000/1000:workspace/ "

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

# payload_owners NAME: whose the entries are of the payload's layer
payload_owners()
{
	layer_owners -2 "oci:out:$1"
}

t "--no-account leaves the payload to whom it would be with one"
push plain --no-account
expect_status 0
expect_eq "$(user)" 1000:1000
expect_eq "$(entries plain)" "1000/1000:workspace/ "
expect_eq "$(payload_owners plain)" 1000/1000
push plain --no-account --profile agent-server --no-check
expect_eq "$(payload_owners plain)" 10001/10001
push plain --no-account --owner 7:8
expect_eq "$(payload_owners plain)" 7/8

t "--account"
push plain --account me:5000:6000:/srv/me:/bin/ash
expect_status 0
expect_eq "$(user)" 5000:6000
expect_eq "$(tail -n 1 root/etc/passwd)" "me:x:5000:6000::/srv/me:/bin/ash"
expect_eq "$(tail -n 1 root/etc/group)" "me:x:6000:"
expect_true grep '5000/6000:srv/me/' <<<"$(entries plain)"
expect_eq "$(payload_owners plain)" 5000/6000
push plain --account me:5000 --user 7:8
expect_eq "$(user)" 7:8
expect_true grep '7/8:workspace/' <<<"$(entries plain)"

t "a home in the payload's tree leaves that tree's directories as they are"
mkdir open
cp -a payload open/payload
chmod 750 open/payload open/payload/share
run "$OHC" push --payload open/payload --account me:5000:5000:/openhands/share/me oci:bases:plain oci:out:plain
expect_status 0
expect_eq "$(entries plain)" \
	"0/0:etc/ 0/0:etc/group 0/0:etc/passwd 0/0:etc/shadow 5000/5000:openhands/ 5000/5000:openhands/share/ 5000/5000:openhands/share/me/ 5000/5000:workspace/ "
expect_eq "$(image layer -1 oci:out:plain | tar -tvf - | awk '/openhands/ { print $1 }')" \
	"$(printf '%s\n' drwxr-x--- drwxr-x--- drwxr-xr-x)" "modes"

t "bad accounts"
for bad in me 5:5 me:x me:1:2:home me:1:2:/h:sh '' me:1:2:/h:/s:x; do
	run "$OHC" push --account "$bad" oci:bases:plain oci:out:x
	expect_message 2 "malformed account '$bad'"
done
for bad in a2345678901234567890123456789012x:5 'a b:5' 'a$:5' '*:5' '/etc:5' $'a\nb:5' 'ä:5'; do
	run "$OHC" push --account "$bad" oci:bases:plain oci:out:x
	expect_message 2 "a name has at most 32 letters, digits"
done
for bad in me:4294967295 me:-1 me:5:4294967295 me:1e3; do
	run "$OHC" push --account "$bad" oci:bases:plain oci:out:x
	expect_message 2 "the .id is not a number below 4294967295"
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
expect_err "home-owner: '/home/node' belongs to 0:0"
cp -a node homeless
rmdir homeless/home/node
base homeless
push homeless --on-uid-clash reuse
expect_eq "$(entries homeless)" "0/0:home/ 1000/1000:home/node/ 1000/1000:workspace/ "
expect_no_err home

t "a home of the base that cannot be made is said, and not made"
long=/$(printf '%0250d/' {1..20})
while IFS=' ' read -r home words; do
	sed "s,:/home/node:,:${home/none/}:," homeless/etc/passwd >odd-passwd
	rm -rf odd-home
	cp -a homeless odd-home
	cp odd-passwd odd-home/etc/passwd
	base odd-home
	push odd-home --on-uid-clash reuse
	expect_err "path-blocked: '.*$words"
	expect_eq "$(entries odd-home)" "1000/1000:workspace/ "
done <<-END
none ' has the home '' in the base's /etc/passwd, which is no absolute path
home/node ' has the home 'home/node' in the base's /etc/passwd
/dev/null ' is not made: engines mount a file system of their own over it
/proc/self/x ' is not made: engines mount
$long /000
/home/${long:1:250}${long:1:6} ' cannot be made: no system has so long a name
END

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

t "the user may be an account of the base: the workspace is its own"
push node --no-account --user node
expect_status 0
expect_eq "$(user)" node
expect_eq "$(entries node)" "1000/1000:workspace/ "
push node --account me:5000 --user nobody:node
expect_true grep '65534/1000:workspace/' <<<"$(entries node)"
push node --account me:5000 --user me
expect_true grep '5000/5000:workspace/' <<<"$(entries node)"
push node --account me:5000 --user ''
expect_true grep '0/0:workspace/' <<<"$(entries node)"
push node --account me:5000 --user somebody
expect_message 7 "'somebody' is not in the image's /etc/passwd"

t "a name means whom engines start: the first line of that name, and no uid in it is 0"
variant twice
printf '%s\n' app:x::1000::/home/app:/bin/sh app:x:1000:1000::/home/app:/bin/sh >>twice/etc/passwd
base twice
printf '%s' '{"name":"app","prefix":"/openhands","workspace":["/ws"],"config":{"user":"app","workdir":"/ws"}}' >app.json
push twice --no-account --profile app.json
expect_status 0
expect_eq "$(entries twice)" "0/1000:ws/ "
run "$OHC" check -v --profile app.json oci:out:twice
expect_out '^ok user app: is 0:1000'
push twice --no-account --profile app.json --user 1000
expect_eq "$(entries twice)" "1000/1000:ws/ "
push twice --no-account --profile app.json --user 3000000000
expect_message 7 "'3000000000' means an id that no engine starts as: they take 0 to 2147483647"

t "root's ids are shared, not taken over"
push plain --account me:1000:0
expect_status 0
expect_eq "$(user)" 1000:0
expect_eq "$(tail -n 1 root/etc/passwd)" "me:x:1000:0::/home/me:/bin/sh"
expect_eq "$(cat root/etc/group)" "$(cat plain/etc/group)"
for how in fail rename next-free; do
	push plain --account me:0 --on-uid-clash $how
	expect_message 7 "uid 0 is taken by 'root' of the base: be it with --on-uid-clash reuse"
done
push plain --account root:0
expect_status 0
expect_eq "$(user)" 0:0
expect_eq "$(entries plain)" "0/0:workspace/ "

t "a group of that name with another gid, a gid without its uid"
variant groups
echo 'openhands:x:300:' >>groups/etc/group
base groups
push groups
expect_message 7 "the base has a group 'openhands' with gid 300, not 1000"
push groups --on-uid-clash reuse
expect_status 0
expect_eq "$(user)" 1000:300
sed -i 's/openhands:x:300/staff:x:1000/' groups/etc/group
base groups
push groups
expect_message 7 "gid 1000 is taken by 'staff' of the base"
push groups --on-uid-clash next-free
expect_eq "$(tail -n 1 root/etc/passwd | cut -d: -f1-4)" "openhands:x:1000:1001"

t "a row with fewer than four fields is no account, as the C library has it"
variant short
echo 'node:x:1000' >>short/etc/passwd
base short
push short
expect_status 0
expect_eq "$(user)" 1000:1000
expect_eq "$(tail -n 2 root/etc/passwd)" "node:x:1000
openhands:x:1000:1000::/home/openhands:/bin/sh"
echo 'node:x:1000:7' >>short/etc/passwd
base short
push short
expect_message 7 "uid 1000 is taken by 'node' of the base"

t "whatever else stands in the files stays as it is"
variant odd
printf '# %s\n\n  indented:x:5:5::/:/bin/sh\nodd line\nhalf:x:abc\nw:x:6:6::/:/bin/sh\r\nlast:x:9:9::/:/bin/sh' \
	'a comment: 1000:1000' >>odd/etc/passwd
printf '+\n' >>odd/etc/group
chmod 755 odd/etc/passwd
base odd
push odd
expect_status 0
expect_true cmp <({ cat odd/etc/passwd && echo && echo "openhands:x:1000:1000::/home/openhands:/bin/sh"; }) \
	root/etc/passwd
expect_true cmp <(sed 's/^+/openhands:x:1000:\n+/' odd/etc/group) root/etc/group
expect_eq "$(stat -c %a root/etc/passwd)" 755 "mode of passwd"

t "account files under other names, and accounts elsewhere"
variant names
mkdir -p names/usr/etc names/usr/lib
mv names/etc/shadow names/usr/etc/shadow
ln -s ../usr/etc/shadow names/etc/shadow
ln names/etc/group names/usr/lib/group.hard
echo 'core:x:1000:1000::/:/bin/sh' >names/usr/lib/passwd
base names
push names
expect_status 0
expect_eq "$(readlink root/etc/shadow)" ../usr/etc/shadow
expect_eq "$(tail -n 1 root/usr/etc/shadow)" "openhands:*::0:99999:7:::"
expect_eq "$(stat -c %a root/usr/etc/shadow)" 600
expect_eq "$(tail -n 1 root/etc/group)" openhands:x:1000:
expect_eq "$(cat root/usr/lib/passwd)" "$(cat names/usr/lib/passwd)" "nss-altfiles' own"
mv names/etc/passwd names/usr/etc/accounts
ln -s ../usr/etc/accounts names/etc/passwd
ln names/usr/etc/accounts names/another-name
base names
push names
expect_status 0
expect_eq "$(readlink root/etc/passwd)" ../usr/etc/accounts
expect_eq "$(tail -n 1 root/usr/etc/accounts)" openhands:x:1000:1000::/home/openhands:/bin/sh
expect_eq "$(cat root/another-name)" "$(cat names/usr/etc/accounts)" "its other name"
sed -i '1i# not by its name, and not by its first line' names/usr/etc/accounts
base names
push names
expect_message 1 "'/etc/passwd' of the base leads to a file whose name is no account file's"
push names --no-account
expect_status 0

t "a base that has users, and no shell"
mkdir -p distroless/etc distroless/home/nonroot distroless/tmp
printf 'root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n' \
	>distroless/etc/passwd
printf 'root:x:0:\nnonroot:x:65532:\n' >distroless/etc/group
base distroless
push distroless --no-account --user nonroot
expect_status 0
expect_eq "$(entries distroless)" "65532/65532:workspace/ "
push distroless
expect_status 0
expect_eq "$(tail -n 1 root/etc/passwd)" "openhands:*:1000:1000::/home/openhands:/sbin/nologin"
expect_err "'openhands' has no shell"

t "the other profiles"
push plain --profile agent-server --check=warn
expect_status 0
expect_eq "$(user)" openhands
expect_true grep '10001/10001:workspace/project/' <<<"$(entries plain)"
expect_eq "$(tail -n 1 root/etc/passwd)" "openhands:x:10001:10001::/home/openhands:/bin/sh"
push plain --profile openhands-v0 --check=warn
expect_eq "$(user)" 0:0
run "$OHC" push --json --profile openhands-v0 --check=warn --payload payload oci:bases:plain oci:out:v0
expect_eq "$(json '[l["role"] for l in j["layers"]]')" '["base", "payload"]'
for member in '"home": "/a:b"' '"home": "/a\nb"' '"shell": "/bin/sh\nevil:x:0:0::/:/bin/sh"'; do
	echo "{\"name\": \"mine\", \"account\": {\"name\": \"me\", \"uid\": 5, $member}}" >mine.json
	run "$OHC" push --profile ./mine.json --payload payload:/p oci:bases:plain oci:out:x
	expect_message '2|3' "account"
done

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
ln -s tool payload/bin/tini
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
mkdir -m 700 skel/etc/skel/.ssh
echo key >skel/etc/skel/.ssh/known_hosts
chmod 600 skel/etc/skel/.ssh/known_hosts
ln skel/etc/skel/.profile skel/etc/skel/.zprofile
printf '#!/bin/sh\n' >skel/etc/skel/run
chmod 4755 skel/etc/skel/run
head -c 100000 /dev/zero >skel/etc/skel/large
base skel
push skel
expect_status 0
expect_eq "$(cat root/home/openhands/.profile)" "umask 022"
expect_eq "$(readlink root/home/openhands/.bashrc)" .profile
expect_true test -d root/home/openhands/.config
expect_eq "$(cat root/home/openhands/.zprofile)" "umask 022"
expect_eq "$(cd root/home/openhands && stat -c '%a %n' .ssh .ssh/known_hosts run | tr '\n' ' ')" \
	"700 .ssh 600 .ssh/known_hosts 755 run "
expect_err "'/etc/skel/large' is not copied to the home directory: it is no small file"
expect_false test -e root/home/openhands/large
mv skel/etc/skel/large skel/etc/large
rm skel/etc/skel/.zprofile
mkdir skel/usr/etc
mv skel/etc/skel skel/usr/etc/skel
ln -s ../usr/etc/skel skel/etc/skel
echo elsewhere >skel/etc/a
ln skel/etc/a skel/usr/etc/skel/b
base skel
push skel
expect_status 0
expect_eq "$(cat root/home/openhands/.profile root/home/openhands/.ssh/known_hosts)" "umask 022
key"
expect_err "'/usr/etc/skel/b' is not copied to the home directory: it is another name of a file"
expect_eq "$(image layer -1 oci:out:skel | tar --numeric-owner -tvf - | awk '/home\/o/ { print $2 }' | sort -u)" \
	1000/1000 "owners in the home directory"

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
