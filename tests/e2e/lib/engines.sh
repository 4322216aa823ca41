# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# Other engines than containerd, which engine.sh uses: the same image, started by each.
#
#	start_engines			once, after e2e
#	in_engines PATTERN CMD...	for the image of `on`: the command's output in each engine, a cell of the table
#
#	has_engines BASE		whether what is large is started by all of them on that base
#
# Docker (overlay2) and podman pull the image from the registry and merge its layers by overlayfs; the others get
# one tree that umoci unpacked.  What cannot start on this machine is told in the table.

declare -A absent
ENGINES=${E2E_ENGINES:-docker podman gvisor charliecloud bubblewrap}

has_engines()
{
	[[ " ${E2E_ENGINE_BASES-alpine bookworm} " == *" $1 "* ]]
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
	docker | podman) ;;
	*) read -r uid gid cwd <bundle/user ;;
	esac
	case $1 in
	docker) run timeout -k 5 120 docker run --rm --network none "$image" "${@:2}" ;;
	podman) run podman run --rm --network none --timeout 120 --ulimit nofile=1024 --ulimit nproc=1024 \
		"$image" "${@:2}" ;;
	gvisor)
		"$PYTHON" -c 'import json, sys
c = json.load(open("bundle/config.json"))
c["process"].update(terminal=False, args=sys.argv[1:])
json.dump(c, open("bundle/config.json", "w"))' "${@:2}"
		# It mounts its root there, as a user that the tests' own directory is closed to.
		run env TMPDIR=/tmp timeout -k 5 120 runsc --root="$tmp/runsc" --platform=ptrace --network=none --ignore-cgroups \
			run --bundle bundle "g$$-$RANDOM"
		;;
	charliecloud)
		run env USER=root timeout -k 5 120 ch-run --unset-env='*' --set-env=bundle/env --uid="$uid" --gid="$gid" -c "$cwd" \
			--write "$PWD/bundle/rootfs" -- "${@:2}"
		;;
	bubblewrap)
		while IFS= read -r line; do
			env+=(--setenv "${line%%=*}" "${line#*=}")
		done <bundle/env
		run timeout -k 5 120 bwrap --bind bundle/rootfs / --proc /proc --dev /dev --tmpfs /tmp --unshare-all \
			--uid "$uid" --gid "$gid" --clearenv "${env[@]}" --chdir "$cwd" "${@:2}"
		;;
	esac
}

pull_into()
{
	case $1 in
	docker) docker pull -q "$image" ;;
	podman) podman pull -q --tls-verify=false --signature-policy .lib/policy.json "$image" ;;
	*) [ -d bundle ] || unpack_image ;;
	esac >pull.log 2>&1 || fail "$1 cannot take it: $(tail -n 1 pull.log)"
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
			run_in "$engine" "$@"
			expect_status 0
			expect_out "$pattern"
		fi
		record engine "$base" "$engine" "$([ $_bad = 0 ] && echo "${_skip:+skipped: $_skip}" || echo no)"
	done
	[ -n "${absent[docker]-}" ] || docker rmi -f "$image" >/dev/null 2>&1 || true
	[ -n "${absent[podman]-}" ] || podman rmi -f "$image" >/dev/null 2>&1 || true
	rm -rf bundle
}
