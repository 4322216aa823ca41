#!/usr/bin/env bash
# time limit: 900
# SPDX-License-Identifier: Apache-2.0
# Mode and owner of every directory are the same in every engine.  Docker's overlay2 and podman unpack
# each layer alone, where a directory without an entry is root's 0755 and hides the one below it;
# containerd and umoci unpack a layer into what lies below.  The root directory is the engine's own.
. "$(dirname "$0")/../lib.sh"

have umoci || skip_all "no umoci, the referee"
have skopeo || skip_all "no skopeo, which umoci's layout comes from"
[ "$(id -u)" = 0 ] || skip_all "owners show only to root"
PATH=$PATH:/usr/sbin

start_registry
declare -A absent=()
start_dockerd overlay2 || absent[docker]=$no_engine
start_podman || absent[podman]=$no_engine
start_containerd || absent[containerd]=$no_engine
mounts=0
engines=(docker podman containerd-overlayfs containerd-native)

# directories_of ENGINE IMAGE: those of its merged tree, as "MODE UID:GID PATH"
directories_of()
{
	local dir

	case $1 in
	umoci)
		rm -rf referee
		skopeo copy -q --src-tls-verify=false "docker://$2" oci:referee:1
		umoci_unpack referee:1 bundle
		list bundle/rootfs
		;;
	docker)
		docker pull -q "$2" >engine.log 2>&1 && docker create "$2" x >container 2>engine.log &&
			docker export "$(cat container)" | list_tar && docker rm "$(cat container)" >engine.log 2>&1
		;;
	podman)
		podman pull -q --tls-verify=false --signature-policy .lib/policy.json "$2" >engine.log 2>&1 &&
			podman image mount "$2" >where 2>engine.log && list "$(cat where)" &&
			podman image unmount "$2" >engine.log 2>&1
		;;
	containerd-*)
		mounts=$((mounts + 1))
		dir=mounted$mounts
		mkdir "$dir" &&
			engine image pull --plain-http --snapshotter "${1#*-}" "$2" >engine.log 2>&1 &&
			engine image mount --snapshotter "${1#*-}" "$2" "$dir" >engine.log 2>&1 &&
			list "$dir" && umount "$dir"
		;;
	esac
}

list_tar()
{
	py -c 'import sys, tarfile
for m in tarfile.open(fileobj=sys.stdin.buffer, mode="r|"):
    if m.isdir():
        print("%o %d:%d /%s" % (m.mode & 0o7777, m.uid, m.gid, m.name.strip("./")))'
}

list()
{
	find "$1" -mindepth 1 -type d -printf '%m %U:%G /%P\n'
}

# judge IMAGE LINE...: every engine has the directories that umoci has, and these among them
judge()
{
	local image=$1 engine line

	shift
	directories_of umoci "$image" | LC_ALL=C sort >should-be
	for engine in "${engines[@]}"; do
		t "$what, in $engine"
		if [ -n "${absent[${engine%-*}]:-}" ]; then
			skip "${absent[${engine%-*}]}"
			continue
		fi
		if ! directories_of "$engine" "$image" >all; then
			skip "$engine cannot unpack here: $(tail -n 1 engine.log)"
			continue
		fi
		# Engines add /dev/pts and the like.
		awk 'NR == FNR { known[$3] = 1; next } $3 in known' should-be all | LC_ALL=C sort >is
		expect_true diff should-be is
		for line; do
			expect_true grep -Fxq "$line" is
		done
	done
}

# base NAME DIR...: one layer each, with their owners
base()
{
	local name=$1 dir args=()

	shift
	for dir; do
		tar --numeric-owner -C "$dir" -cf "$dir.tar" .
		args+=(--layer "$dir.tar")
	done
	make_layout "bases:$name" "${args[@]}" --config "$BASE_CONFIG" >/dev/null
	put_layout "bases:$name" "$REGISTRY/base:$name"
}

# push DEST OPTIONS...
push()
{
	local dest=$1

	shift
	expect "$OHC" push -q --check=warn "$@" "$REGISTRY/$dest"
}

small_payload payload
mkdir tools
cp payload/bin/hello tools/

busybox_rootfs root
chmod 711 root/home
mkdir -m 700 root/home/alice
chown 1001:1001 root/home/alice
mkdir root/data
chown 0:5 root/data
chmod 2775 root/data
chmod 751 root/etc
chmod 1777 root/tmp
chown -R 3:4 root/var
base one root
sed '/"workspace"/s/\[.*\]/["\/tmp\/ws", "\/data\/ws"]/' "$top/layout/profiles/openhands.json" >profile.json

what="directories of the base, and those of the payload"
push one:1 --profile profile.json --payload payload --payload tools:/home/alice/app \
	--payload tools:/var/new/app "$REGISTRY/base:one"
judge "$REGISTRY/one:1" '711 0:0 /home' '700 1001:1001 /home/alice' '2775 0:5 /data' '751 0:0 /etc' \
	'1777 0:0 /tmp' '755 1000:1000 /tmp/ws' '755 1000:1000 /home/openhands' '755 3:4 /var' \
	'755 1000:1000 /openhands' '755 1000:1000 /openhands/bin' '755 1000:1000 /home/alice/app'

what="a payload in another, and one below a directory that hands down its group"
chmod 2770 payload/share
push nested:1 --payload payload --payload tools:/openhands/share/more --payload tools:/data/a/b/app \
	"$REGISTRY/base:one"
judge "$REGISTRY/nested:1" '755 1000:1000 /openhands' '2770 1000:1000 /openhands/share' '2775 0:5 /data' \
	'755 0:0 /data/a' '755 0:0 /data/a/b' '755 1000:1000 /data/a/b/app'
t "check has nothing to say of it"
run "$OHC" check "$REGISTRY/nested:1"
expect_no_out layer-directory
chmod 00755 payload/share

what="a packed payload whose launchers are a layer of their own"
chmod 750 payload/share
expect "$OHC" pack -q --profile openhands --launcher 'again=bin/hello' payload "$REGISTRY/payload:1"
push two:1 --payload "$REGISTRY/payload:1" "$REGISTRY/base:one"
judge "$REGISTRY/two:1" '755 1000:1000 /openhands' '755 1000:1000 /openhands/bin' \
	'750 1000:1000 /openhands/share' '711 0:0 /home' '751 0:0 /etc'

what="a home and a workspace in the payload's own directories"
chmod 770 payload
mkdir -m 1777 payload/var
sed '/"workspace"/s/\[.*\]/["\/openhands\/var\/ws"]/' "$top/layout/profiles/openhands.json" >profile.json
expect "$OHC" pack -q payload "$REGISTRY/payload:2"
for source in payload "$REGISTRY/payload:2"; do
	push three:1 --profile profile.json --account me:1000:1000:/openhands/home --payload "$source" \
		"$REGISTRY/base:one"
	judge "$REGISTRY/three:1" '770 1000:1000 /openhands' '1777 1000:1000 /openhands/var' \
		'755 1000:1000 /openhands/home' '755 1000:1000 /openhands/var/ws'
done
chmod 755 payload

what="a payload that goes where the base has directories"
mkdir -p root/opt/shared
chown 7:8 root/opt/shared
chmod 2770 root/opt/shared
base four root
mkdir -p over/shared/sub
cp payload/bin/hello over/shared/sub/
push four:1 --profile none --owner 1000:1000 --payload over:/opt "$REGISTRY/base:four"
judge "$REGISTRY/four:1" '755 0:0 /opt' '2770 7:8 /opt/shared' '755 1000:1000 /opt/shared/sub'

what="a base with a symlink for /home, whose upper layer says /var in another way"
cp -a root links
mv links/home links/var/home
ln -s var/home links/home
mkdir upper
mkdir -m 750 upper/var
chown 9:9 upper/var
base five links upper
push five:1 --payload payload "$REGISTRY/base:five"
judge "$REGISTRY/five:1" '750 9:9 /var' '711 0:0 /var/home' '755 1000:1000 /var/home/openhands'

# root_of ENGINE IMAGE: mode and owner of / where it runs, which the layer of the container itself decides
root_of()
{
	local ask='stat -c "%a %u:%g" /'

	case $1 in
	docker) docker run --rm --network none "$2" /bin/sh -c "$ask" ;;
	podman)
		podman pull -q --tls-verify=false --signature-policy .lib/policy.json "$2" >engine.log &&
			podman run --rm --network none --ulimit nofile=1024 --ulimit nproc=1024 "$2" \
				/bin/sh -c "$ask"
		;;
	containerd-*)
		engine image pull --plain-http --snapshotter "${1#*-}" "$2" >engine.log 2>&1 &&
			engine run --rm --snapshotter "${1#*-}" "$2" "root-${2##*[:/]}-$1" /bin/sh -c "$ask"
		;;
	esac 2>engine.log
}

# So the adapter does not say the root directory again: were it said, this would be no other.
chmod 711 root
chown 7:9 root
base seven root
mkdir top
chmod 711 top
chown 7:9 top
touch top/said
base eight root top
push seven:1 --payload payload "$REGISTRY/base:seven"
for engine in "${engines[@]}"; do
	t "the root directory is what it is of the base alone, and of one that says it again, in $engine"
	if [ -n "${absent[${engine%-*}]:-}" ]; then
		skip "${absent[${engine%-*}]}"
	elif ! of_base=$(root_of "$engine" "$REGISTRY/base:seven"); then
		skip "$engine runs nothing here: $(tail -n 1 engine.log)"
	else
		expect_eq "$(root_of "$engine" "$REGISTRY/seven:1")" "$of_base"
		expect_eq "$(root_of "$engine" "$REGISTRY/base:eight")" "$of_base"
	fi
done
chmod 755 root
chown 0:0 root

# check predicts what engines make of an image that was not mended.
mkdir -p more/home
touch more/home/x
base six root
tar -C more -cf more.tar home/x
make_layout bases:six --layer root.tar --layer more.tar --config "$BASE_CONFIG" >/dev/null
put_layout bases:six "$REGISTRY/base:six"
t "a layer without an entry for its directory, which check finds"
run "$OHC" check "$REGISTRY/base:six"
expect_out "^warning layer-directory /home: is 0:0's, mode 0711, but layer 2 of the image"
for engine in "${engines[@]}"; do
	t "… in $engine"
	case $engine in containerd*) mode=711 ;; *) mode=755 ;; esac
	if [ -n "${absent[${engine%-*}]:-}" ]; then
		skip "${absent[${engine%-*}]}"
	elif ! directories_of "$engine" "$REGISTRY/base:six" >all; then
		skip "$engine cannot unpack here: $(tail -n 1 engine.log)"
	else
		expect_true grep -Fxq "$mode 0:0 /home" all
	fi
done

finish
