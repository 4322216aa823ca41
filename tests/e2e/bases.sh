#!/usr/bin/env bash
# time limit: 1500
# SPDX-License-Identifier: Apache-2.0
# Real bases of many kinds: composed by way of a registry, held path by path to what umoci unpacks, and
# run by real engines, where base and payload must both be at home.  (acceptance 5 and 6)
. "$(dirname "$0")/../lib.sh"

start_containerd || skip_all "$no_engine"
have umoci && have skopeo || skip_all "no umoci or no skopeo"
start_registry
small_payload payload
busybox_rootfs plain

# base NAME LAYER [MAKE_LAYOUT OPTIONS...]: $REGISTRY/base/NAME:1
base()
{
	local name=$1 layer=$2

	shift 2
	make_layout "bases:$name" --layer "$layer" --config "$BASE_CONFIG" "$@" >/dev/null
	put_layout "bases:$name" "$REGISTRY/base/$name:1" >/dev/null
}

# compose NAME [PUSH OPTIONS...]: $REGISTRY/out/NAME:1
compose()
{
	local name=$1

	shift
	run "$OHC" push --payload payload "$@" "$REGISTRY/base/$name:1" "$REGISTRY/out/$name:1"
	expect_status 0
}

# judge_image NAME: the merged tree of the composed image is what umoci unpacks, and is left in root/
judge_image()
{
	skopeo copy -q --src-tls-verify=false "docker://$REGISTRY/out/$1:1" "oci:outs:$1"
	judge_tree "outs:$1"
	rm -rf root
	mv bundle/rootfs root
	expect "$OHC" check "$REGISTRY/out/$1:1"
}

# Lists the base's own directories, in a container.
LOOK='for p in / /etc /bin /usr /home /var /tmp /root; do
	[ ! -e $p ] || echo "$p $(stat -c "%a %u:%g %F" $p) $(readlink $p)"; done'

# judge_base NAME: what was there is as it was
judge_base()
{
	local before

	pull "$REGISTRY/base/$1:1"
	in_container /bin/sh -c "$LOOK"
	expect_status 0
	before=$out
	pull "$REGISTRY/out/$1:1"
	in_container /bin/sh -c "$LOOK"
	expect_status 0
	expect_eq "$out" "$before" "the base's directories"
}

# judge_user NAME UID ACCOUNT HOME [WORKSPACE]: who the user is, and what it may; then $programs, the
# base's own
judge_user()
{
	local script='id -u; whoami; cd && pwd; cd /workspace && pwd -P; touch /workspace/x ~/x && echo wrote
		/openhands/bin/hello | head -n 1; env | grep ^LD_'

	pull "$REGISTRY/out/$1:1"
	in_container /bin/sh -c "$script; { ${programs:-ls -l /} && echo the base runs; } >&2"
	expect_out_is "$(printf '%s\n' "$2" "$3" "$4" "${5:-/workspace}" wrote 'payload speaks')"
	expect_err '^the base runs$'
}

# judge_accounts: the C library's own tools have nothing to say of the account, in root/
judge_accounts()
{
	run chroot root /bin/sh -c 'for t in pwck grpck; do /usr/sbin/$t -r; done; :'
	expect_no_out 'openhands|line'
	run chroot root /bin/sh -c 'getent passwd 1000; getent group 1000; getent shadow openhands
		su openhands -s /bin/sh -c id'
	expect_status 0
	expect_out_is "$(printf '%s\n' openhands:x:1000:1000::/home/openhands:/bin/bash \
		openhands:x:1000: 'openhands:*::0:99999:7:::' \
		'uid=1000(openhands) gid=1000(openhands) groups=1000(openhands)')"
}

# judge_libraries NAME: the base's own programs run, so the checks have nothing to say of them (but of a
# script among bullseye's examples)
judge_libraries()
{
	echo '{"name": "usr", "prefix": "/usr"}' >usr.json
	run "$OHC" check -v --profile ./usr.json "$REGISTRY/base/$1:1"
	expect_status 0
	expect_out "^ok libraries /usr: .*${2:-}"
	expect_eq "$(grep ^warning <<<"$out" | grep -vE '^warning (certificates|command-none) |getopt-parse.tcsh')" '' warnings
}

DEBIAN_PROGRAMS='ls -l / && bash -c "cd; ls -A" && apt --version && dpkg -l && perl -e "print 1" &&
	python3 -c "import sys; print(sys.version)"'

under=''
for suite in bullseye trixie sid bookworm; do
	t "Debian $suite"
	if ! debian_tar $suite; then
		skip "$no_debian"
		continue
	fi
	under=$debian
	base $suite "$debian"
	compose $suite
	expect_eq "$(grep warning <<<"$err" | cut -d: -f3)" ' certificates' "what is warned of"
	judge_image $suite
	judge_accounts
	judge_base $suite
	judge_libraries $suite '[1-9][0-9][0-9] programs'
	programs=$DEBIAN_PROGRAMS judge_user $suite 1000 openhands /home/openhands
	expect_err '^\.bashrc$'
	expect_err '^\.profile$'
done

t "Debian's uid 1000 is taken"
if [ -z "$under" ]; then
	skip "$no_debian"
else
	tar -xf "$under" ./etc/passwd ./etc/group ./etc/shadow ./etc/gshadow ./etc/nsswitch.conf
	mkdir -p node/home/node
	cp -a etc node/etc
	rm node/etc/nsswitch.conf
	echo 'node:x:1000:1000:,,,:/home/node:/bin/bash' >>node/etc/passwd
	printf 'node:x:1000:\nwheel:x:2000:node\n' >>node/etc/group
	echo 'node:!:19000:0:99999:7:::' >>node/etc/shadow
	printf 'node:!::\nwheel:!::node\n' >>node/etc/gshadow
	chown -R 1000:1000 node/home/node
	tar -C node --numeric-owner -cf node.tar etc home
	base node "$under" --layer node.tar
	run "$OHC" push --payload payload "$REGISTRY/base/node:1" "$REGISTRY/out/node:1"
	expect_message 7 "uid 1000 is taken by 'node' of the base"
	run "$OHC" inspect "$REGISTRY/out/node:1"
	expect_status 4

	t "... and used"
	compose node --on-uid-clash reuse
	judge_user node 1000 node /home/node

	t "... and renamed, with its groups"
	compose node --on-uid-clash rename
	judge_image node
	judge_base node
	judge_user node 1000 openhands /home/openhands
	run chroot root id openhands
	expect_out_is 'uid=1000(openhands) gid=1000(openhands) groups=1000(openhands),2000(wheel)'
	run chroot root /bin/sh -c '/usr/sbin/pwck -r; /usr/sbin/grpck -r; :'
	expect_no_out 'openhands|wheel|node|line'

	t "... and left alone: the next one is free, and cannot write the payload"
	compose node --on-uid-clash next-free
	expect_err "the payload's files belong to 1000:1000"
	expect_err "warning: payload-owner: '/openhands"
	pull "$REGISTRY/out/node:1"
	in_container /bin/sh -c 'id -u; whoami; cd && pwd; touch /workspace/x ~/x && echo wrote
		/openhands/bin/hello | head -n 1; touch /openhands/share/data/new'
	expect_out_is "$(printf '%s\n' 1001 openhands /home/openhands wrote 'payload speaks')"
	expect_err 'Permission denied'
fi

# NIS lines, under which the C library looks for nobody who stands behind them; symlinks for all that
# the adapter layer makes; another name for a file that is edited; another system's line ends.
t "a Debian where nothing is where it used to be"
if [ -z "$under" ]; then
	skip "$no_debian"
else
	mkdir -p odd/etc odd/usr/lib/accounts odd/var/home odd/data
	ln -s var/home odd/home
	ln -s /data/ws odd/workspace
	cp etc/passwd odd/usr/lib/passwd
	printf '+someone::::::\n-nobody2\n+::::::\n' >>odd/usr/lib/passwd
	ln -s ../usr/lib/passwd odd/etc/passwd
	sed 's/$/\r/' etc/group >odd/etc/group
	ln odd/etc/group odd/usr/lib/accounts/group
	{ cat etc/shadow && echo '+::::::::'; } >odd/etc/shadow
	sed 's/^\(passwd\|shadow\):.*/\1: compat/' etc/nsswitch.conf >odd/etc/nsswitch.conf
	base odd "$under" --layer odd
	compose odd
	judge_image odd
	judge_base odd
	programs=$DEBIAN_PROGRAMS judge_user odd 1000 openhands /home/openhands /data/ws
	expect_eq "$(tail -n 4 root/usr/lib/passwd | cut -d: -f1 | tr '\n' ' ')" \
		"openhands +someone -nobody2 + "
	expect_eq "$(head -n -1 root/etc/group | md5sum)" "$(md5sum <odd/etc/group)" "what was there"
	for l in /etc/passwd /home /workspace /bin; do
		expect_true test -L "root$l"
	done
	run chroot root /bin/sh -c 'getent passwd 1000; su openhands -s /bin/sh -c "id -u"
		stat -c "%U:%G %a" /var/home/openhands /data/ws'
	expect_out_is "$(printf '%s\n' openhands:x:1000:1000::/home/openhands:/bin/bash 1000 \
		'openhands:openhands 755' 'openhands:openhands 755')"
fi

ALPINE_PROGRAMS='ls -l / && /sbin/apk --version && /bin/busybox true'
mkdir tools
printf '#!/bin/sh\necho tool\n' >tools/x
chmod 755 tools/x
chmod 700 tools
for kind in 3.20.3 3.12.12 3.6.5; do
	t "Alpine $kind"
	if ! alpine=$(trap - ERR; alpine_tar x86_64 $kind); then
		skip "no Alpine $kind"
		continue
	fi
	base "alpine-$kind" "$alpine"
	compose "alpine-$kind"
	expect_eq "$(grep warning <<<"$err" | cut -d: -f3 | tr -d '\n')" \
		"$([ $kind != 3.6.5 ] || echo ' certificates root-mode')" "what is warned of"
	judge_image "alpine-$kind"
	judge_base "alpine-$kind"
	judge_libraries "alpine-$kind"
	programs=$ALPINE_PROGRAMS judge_user "alpine-$kind" 1000 openhands /home/openhands
done

t "a payload for Debian's /bin, which is a symlink: refused, and right in /usr/bin"
if [ -z "$under" ]; then
	skip "$no_debian"
else
	name=${debian##*-} name=${name%.tar}
	run "$OHC" push --payload payload --payload tools:/bin "$REGISTRY/base/$name:1" \
		"$REGISTRY/out/refused:1"
	expect_message 7 "'/bin' leads to '/usr/bin' through a symlink of the base"
	compose "$name" --payload tools:/usr/bin
	judge_image "$name"
	judge_base "$name"
	programs="[ \"\$(x)\" = tool ] && $DEBIAN_PROGRAMS" judge_user "$name" 1000 openhands \
		/home/openhands
fi

# /bin of Alpine and of this busybox is a directory of its own.
t "a payload for /bin: the base's stays what it is"
base bin "$(alpine_tar || echo plain)"
compose bin --payload tools:/bin
judge_image bin
judge_base bin
programs='[ "$(/bin/x)" = tool ] && ls -l /' judge_user bin 1000 openhands /home/openhands

t "busybox and nothing else"
base busybox plain
compose busybox
judge_image busybox
judge_base busybox
programs='ls -l / && grep -c . /etc/passwd' judge_user busybox 1000 openhands /home/openhands

t "an empty base: only the payload is there"
mkdir empty
cp -a payload self-contained
ln self-contained/bin/tool self-contained/bin/busybox
base empty empty
run "$OHC" push --payload self-contained "$REGISTRY/base/empty:1" "$REGISTRY/out/empty:1"
expect_status 0
judge_image empty
pull "$REGISTRY/out/empty:1"
in_container /openhands/bin/busybox sh -c 'for a in id whoami touch; do
	eval "$a() { /openhands/bin/busybox $a \"\$@\"; }"; done
	id -u; whoami; cd && pwd; touch /workspace/x ~/x && echo wrote'
expect_status 0
expect_out_is "$(printf '%s\n' 1000 openhands /home/openhands wrote)"

# The kernel is told how to run such programs in a user namespace of its own, and nowhere else.
t "Alpine for arm64, under qemu"
in_arm64()
{
	local magic='\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00'
	local mask='\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff'
	local qemu pid

	qemu=$(command -v qemu-aarch64-static)
	rm -f mapped
	mkfifo mapped
	mkdir -p binfmt
	echo ":qemu-aarch64:M::$magic:$mask:$qemu:F" >register
	unshare --user --mount --fork /bin/bash -c 'read -r _ <mapped
		mount -t binfmt_misc none binfmt && cat register >binfmt/register &&
		exec chroot --userspec=1000:1000 root /bin/sh -c "$1"' sh "$1" >arm64.out 2>arm64.err &
	pid=$!
	sleep 0.5
	echo "0 0 4294967295" >"/proc/$pid/uid_map"
	echo "0 0 4294967295" >"/proc/$pid/gid_map"
	echo >mapped
	status=0
	wait $pid || status=$?
	out=$(cat arm64.out)
	err=$(cat arm64.err)
}
if ! arm=$(trap - ERR; alpine_tar aarch64); then
	skip "no Alpine beside the source tree"
else
	mkdir -p scripts/bin
	cp payload/bin/hello scripts/bin/
	cp payload/bin/hello scripts/bin/oh-action-execution-server
	base arm64 "$arm" --platform linux/arm64
	run "$OHC" push --payload scripts --platform linux/arm64 "$REGISTRY/base/arm64:1" \
		"$REGISTRY/out/arm64:1"
	expect_status 0
	expect_eq "$(image config "$REGISTRY/out/arm64:1" | json 'j["architecture"]' /dev/stdin)" arm64
	judge_image arm64
	if ! have qemu-aarch64-static || [ "$(uname -m)" = aarch64 ]; then
		skip "no qemu-aarch64-static"
	else
		in_arm64 'uname -m; id -u; whoami; touch /workspace/x ~openhands/x && echo wrote
			/openhands/bin/hello | head -n 1; /sbin/apk --version | cut -c-9'
		if grep -q binfmt_misc <<<"$err"; then
			skip "no binfmt_misc in a user namespace here: $err"
		else
			expect_status 0
			expect_out_is "$(printf '%s\n' aarch64 1000 openhands wrote 'payload speaks' apk-tools)"
		fi
	fi
fi

t "a docker engine runs it, too"
if ! start_dockerd; then
	skip "$no_engine"
else
	ran=0
	for name in bin ${under:+odd}; do
		docker pull -q "$REGISTRY/out/$name:1" >docker.out 2>&1 || fail "$(cat docker.out)"
		run docker run --rm --network none "$REGISTRY/out/$name:1" /bin/sh -c 'id -u; whoami; cd
			pwd; touch /workspace/x ~/x && echo wrote; /openhands/bin/hello | head -n 1'
		if [ $ran = 0 ] && grep -q 'OCI runtime' <<<"$err"; then
			skip "no container can be started by docker here: $err"
			break
		fi
		ran=1
		expect_status 0
		expect_out_is "$(printf '%s\n' 1000 openhands /home/openhands wrote 'payload speaks')"
	done
fi

finish
