# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# Other engines than containerd, which engine.sh uses: the same image, started by each.
#
#	start_engines			once, after e2e
#	in_engines PATTERN CMD...	for the image of `on`: the command's output in each engine, a cell of the table
#	serves_in_engines SCRIPT CMD...	the same of a server, with PORT in its words: it answers /alive, says what its
#					user and directory are ($serves), and then the payload's bash runs SCRIPT
#
#	in_volumes PATTERN CMD...	the same for the untouched base and the (one) payload as a volume: by the lines
#					that `inspect --volume` prints, by what `unpack` makes.  The payload's bash runs
#					CMD, which must not be able to write below the prefix
#	serves_in_volumes SCRIPT CMD...	the same of a server
#
#	no_copies			after start_engines, for images that are too large for containerd-native
#	has_engines BASE		whether what is large is started by all of them on that base
#
# containerd copies layers where the checks have it merge them by overlayfs, as Docker (overlay2) and podman do,
# which pull the image from the registry; the others get one tree that umoci unpacked.  What cannot start on this
# machine is told in the table.

. "$top/tests/e2e/lib/apptainer.sh"

declare -A absent
# Copies of layers are large: they go right after they were made.
ENGINES=${E2E_ENGINES-docker podman gvisor charliecloud bubblewrap apptainer containerd-native}
VOLUMES=${E2E_VOLUMES-podman docker charliecloud bubblewrap apptainer}

read_only=--read-only

has_engines()
{
	[[ " ${E2E_ENGINE_BASES-alpine bookworm busybox} " == *" $1 "* ]]
}

start_engines()
{
	local program

	start_dockerd overlay2 || absent[docker]=$no_engine
	start_podman || absent[podman]=$no_engine
	for program in gvisor:runsc charliecloud:ch-run bubblewrap:bwrap; do
		have "${program#*:}" && have umoci && have skopeo ||
			absent[${program%:*}]="no ${program#*:}, umoci or skopeo"
	done
	[[ " $ENGINES $VOLUMES " != *" apptainer "* ]] || start_apptainer || absent[apptainer]=$no_apptainer
}

# no_copies: of what has this many layers containerd makes copies only where E2E_COPIES=yes says so
no_copies()
{
	[ "${E2E_COPIES-}" = yes ] ||
		absent[containerd-native]="it makes a copy of all layers below for each layer, 40 GB of them"
}

# unpack_image: the tree of $image in bundle/rootfs, for those that take one
unpack_image()
{
	rm -rf bundle unpacked
	skopeo copy -q --src-tls-verify=false "docker://$image" oci:unpacked:1
	umoci unpack --image unpacked:1 bundle >unpack.log 2>&1
	rm -rf unpacked
	mkdir -p bundle/rootfs/{proc,dev,sys,tmp}
	"$PYTHON" -c 'import json
c = json.load(open("bundle/config.json"))["process"]
print(c["user"]["uid"], c["user"]["gid"], c["cwd"])
open("bundle/env", "w").write("".join(e + "\n" for e in c["env"]))' >bundle/user
}

run_in()
{
	local uid gid cwd env=()

	case $1 in
	containerd-native | docker | podman) ;;
	*) read -r uid gid cwd <bundle/user ;;
	esac
	case $1 in
	containerd-native)
		run timeout -k 5 $limit ctr --address "$tmp/.lib/containerd/sock" run --rm --net-host --snapshotter native \
			"$image" "n$$-$RANDOM" "${@:2}"
		;;
	docker) run timeout -k 5 $limit docker run --rm --network none --entrypoint "$2" "$image" "${@:3}" ;;
	podman) run podman run --rm --network none --timeout $limit --ulimit nofile=1024 --ulimit nproc=1024 \
		--entrypoint "$2" "$image" "${@:3}" ;;
	gvisor)
		"$PYTHON" -c 'import json, sys
c = json.load(open("bundle/config.json"))
c["process"].update(terminal=False, args=sys.argv[1:])
json.dump(c, open("bundle/config.json", "w"))' "${@:2}"
		# It mounts its root there, as a user that the tests' own directory is closed to.
		run env TMPDIR=/tmp timeout -k 5 $limit runsc --root="$tmp/runsc" --platform=ptrace --network=none --ignore-cgroups \
			run --bundle bundle "g$$-$RANDOM"
		;;
	charliecloud)
		run env USER=root timeout -k 5 $limit ch-run --private-tmp --no-passwd --unset-env='*' --set-env=bundle/env \
			--uid="$uid" --gid="$gid" -c "$cwd" --write "$PWD/bundle/rootfs" -- "${@:2}"
		;;
	bubblewrap)
		while IFS= read -r line; do
			env+=(--setenv "${line%%=*}" "${line#*=}")
		done <bundle/env
		run timeout -k 5 $limit bwrap --bind bundle/rootfs / --proc /proc --dev /dev --tmpfs /tmp --unshare-all \
			--uid "$uid" --gid "$gid" --clearenv "${env[@]}" --chdir "$cwd" "${@:2}"
		;;
	apptainer) run apptainer_exec "$uid" "$gid" "$cwd" --writable "${@:2}" ;;
	esac
}

pull_into()
{
	case $1 in
	containerd-native) engine image pull --plain-http --snapshotter native "$image" ;;
	docker) docker pull -q "$image" ;;
	podman) podman pull -q --tls-verify=false --signature-policy .lib/policy.json "$image" ;;
	gvisor) [ -d bundle ] || unpack_image ;;
	apptainer)
		[ -d bundle ] || unpack_image
		chown -hR "$(cut -d ' ' -f 1,2 --output-delimiter=: bundle/user)" bundle/rootfs
		;;
	*)
		# Theirs are trees of whoever runs them, who is the image's user inside.
		[ -d bundle ] || unpack_image
		chown -hR 0:0 bundle/rootfs
		;;
	esac >pull.log 2>&1 || fail "$1 cannot take it: $(tail -n 1 pull.log)"
}

# is_closed ENGINE: it starts nothing as another user than root, by the mode of the base's root directory
is_closed()
{
	[ "$1" = gvisor ] && [ -z "$(find bundle/rootfs -maxdepth 0 -perm -001)" ] || return 1
	run "$OHC" check "$image"
	expect_out '^warning root-mode /:'
}

in_engines()
{
	local engine pattern=$1

	shift
	for engine in $ENGINES; do
		t "$recipe on $base: $engine"
		if [ -n "${absent[$engine]-}" ]; then
			skip "${absent[$engine]}"
		else
			pull_into "$engine"
			if is_closed "$engine"; then
				skip "the base's root directory is closed to others, as check warns"
			else
				run_in "$engine" "$@"
				expect_status 0
				expect_out "$pattern"
			fi
		fi
		record engine "$base" "$engine" "$([ $_bad = 0 ] && echo "${_skip:+skipped: $_skip}" || echo no)"
	done
	[ -n "${absent[docker]-}" ] || docker rmi -f "$image" >/dev/null 2>&1 || true
	[ -n "${absent[podman]-}" ] || podman rmi -f "$image" >/dev/null 2>&1 || true
	rm -rf bundle
}

# The payload's bash asks the server, as not every payload has a Python; nothing on an empty base sleeps.
SERVE='
port=$1 script=$2
shift 2
export LITELLM_LOCAL_MODEL_COST_MAP=True
coproc quiet { read -r; }

alive()
{
	{ printf "GET /alive HTTP/1.0\r\nHost: localhost\r\n\r\n" >&3 && IFS= read -rt 30 answer <&3; } \
		3<>"/dev/tcp/127.0.0.1/$port"
}

"$@" >&2 &
until alive; do
	kill -0 $! || { wait $!; echo "the server ended with $?"; exit 1; }
	read -rt 0.5 -u "${quiet[0]}"
done
[[ $answer == *" 200 "* ]] && "$0" -c "$script" >&2 && echo "serves $UID $PWD"
kill $!
wait $! || :'

serves_in_engines()
{
	local script=$1 port

	port=$(closed_port)
	shift
	in_engines "^serves $serves\$" "$prefix/bin/bash" -c "$SERVE" "$prefix/bin/bash" "$port" "$script" "${@/#PORT/$port}"
}

serves_in_volumes()
{
	local script=$1 port read_only=''

	port=$(closed_port)
	shift
	in_volumes '^serves ' "$prefix/bin/bash" -c "$SERVE" "$prefix/bin/bash" "$port" "$script" "${@/#PORT/$port}"
}

# volume_line WORD...: the command that `inspect --volume` prints and that begins with these words, with OPTIONS
# after them
volume_line()
{
	sed -n "s|^# \($* .*\) IMAGE COMMAND|\1 $REGISTRY/$base:1|p; s|^# \($* .*\)|\1|p" volume | head -n 1 |
		sed "s|^$*|& $options|"
}

# unpack_volume: the base's tree in bundle/rootfs, with the payload unpacked beside it
unpack_volume()
{
	image=$REGISTRY/$base:1 unpack_image
	mkdir -p "bundle/rootfs$prefix"
	rm -rf unpacked-payload
	"$OHC" unpack "$payload" unpacked-payload
	image config "$payload" | _json '"\n".join(e for e in j["config"].get("Env") or [] if "$" not in e)' |
		sed '/^$/d' >>bundle/env
}

mount_volume()
{
	local options

	case $1 in
	podman)
		options='-q --tls-verify=false --signature-policy .lib/policy.json'
		podman pull $options "$REGISTRY/$base:1"
		eval "$(volume_line podman pull)"
		;;
	docker)
		docker pull -q "$REGISTRY/$base:1"
		options='' && eval "$(volume_line docker create)"
		;;
	*) [ -d bundle ] || unpack_volume ;;
	esac >pull.log 2>&1 || fail "$1 cannot take it: $(tail -n 1 pull.log)"
}

run_volume()
{
	local words options env=() accounts=()

	words=$(printf ' %q' "${@:2}")
	case $1 in
	podman)
		options="$read_only --network none --timeout $limit --ulimit nofile=1024 --ulimit nproc=1024"
		run eval "$(volume_line podman run)$words"
		podman image unmount --all >/dev/null 2>&1
		;;
	docker)
		options="--network none"
		run eval "$(volume_line docker run)$words"
		docker rm -v "${prefix#/}" >/dev/null 2>&1 || true
		;;
	charliecloud)
		# It lays accounts of its own over those that there are.
		[ -e bundle/rootfs/etc/passwd ] || accounts=(--no-passwd)
		run env USER=root timeout -k 5 $limit ch-run --private-tmp "${accounts[@]}" --unset-env='*' \
			--set-env=bundle/env --uid=1000 --gid=1000 -c /tmp --bind "$PWD/unpacked-payload:$prefix" "$PWD/bundle/rootfs" -- "${@:2}"
		;;
	bubblewrap)
		while IFS= read -r line; do
			env+=(--setenv "${line%%=*}" "${line#*=}")
		done <bundle/env
		run timeout -k 5 $limit bwrap --ro-bind bundle/rootfs / --ro-bind unpacked-payload "$prefix" --proc /proc \
			--dev /dev --tmpfs /tmp --unshare-all --uid 1000 --gid 1000 --clearenv "${env[@]}" --chdir /tmp "${@:2}"
		;;
	apptainer)
		chown -hR 1000:1000 bundle/rootfs unpacked-payload
		run apptainer_exec 1000 1000 /tmp "--bind=/payload:$prefix:ro" "${@:2}"
		;;
	esac
}

# Charliecloud binds for writing, and its users are who runs it.
in_volumes()
{
	local way pattern=$1

	shift
	set -- "$prefix/bin/bash" -c 'export PATH=$0:$PATH HOME=/tmp
		"$@" && ! echo x 2>/dev/null >"$0/x" && echo read-only' "$prefix/bin" "$@"
	"$OHC" inspect --volume "$payload" >volume
	for way in $VOLUMES; do
		t "$recipe beside $base, as a volume: $way"
		if [ -n "${absent[$way]-}" ]; then
			skip "${absent[$way]}"
		else
			mount_volume "$way"
			run_volume "$way" "$@"
			expect_out "$pattern"
			[ "$way" = charliecloud ] || expect_out '^read-only$'
		fi
		record volume "$base" "$way" "$([ $_bad = 0 ] && echo "${_skip:+skipped: $_skip}" || echo no)"
	done
	rm -rf bundle unpacked-payload
}
