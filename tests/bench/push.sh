#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# How long it takes to put a payload on a base in a registry, beside other tools, in one run: three races.
#
#	cold	nothing is known of the payload, and nothing of it is in the registry
#	next	the same payload on another base, after cold: each tool with what it has kept
#	there	the payload is in the registry, packed or in an image: only settings change (crane mutate)
#
# usage: tests/bench/push.sh [ROUNDS [PAYLOAD]]		3 rounds, a payload from tests/bench/payload
#
# BENCH_TOOLS="crane_pigz …" leaves out the other peers.
set -eu

. "$(dirname "$0")/../lib.sh"
_finished=1 # a bench has no plan
PATH=$PATH:$HOME/go/bin
rounds=${1:-3}
payload=${2:-}

if [ -z "$payload" ]; then
	payload=$tmp/payload
	"$top/tests/bench/payload" "$payload"
fi
mkdir -p other/srv
echo "another base" >other/srv/name
make_base base:1 >/dev/null
make_base base:2 --layer other >/dev/null

cat <<E2
machine   $(nproc) CPUs, $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $(df --output=fstype "$tmp" | tail -n 1)
payload   $(find "$payload" | wc -l) entries, $(du -sm --apparent-size "$payload" | cut -f1) MB
base      $(image manifest oci:base:1 | json '", ".join(str(l["size"]) for l in j["layers"])' /dev/stdin) bytes, in the same registry
registry  $(docker-registry --version), fresh for each tool and round, on loopback
method    the payload is read once before (page cache warm for all), then $rounds rounds of every tool in
          turn, each race after sync, into a repository that is new; wall-clock seconds of the whole
          command, CPU seconds and peak memory of the tool alone (a daemon's and the registry's work is
          in the wall clock)
E2

# Each tool is a function of BASE and DEST; what it keeps lies in the current directory, or in the engine, until
# forget_TOOL.  TOOL_there is its way when the payload is in $STORED, an image.
crane_pigz()
{
	[ -e layer.tar.gz ] || tar -C "$(dirname "$payload")" -cf - "$(basename "$payload")" | pigz -1 >layer.tar.gz
	crane append --insecure -b "$1" -f layer.tar.gz -t "$2"
}
crane_gzip()
{
	[ -e layer.tar.gz ] || tar -C "$(dirname "$payload")" -cf - "$(basename "$payload")" | gzip -1 >layer.tar.gz
	crane append --insecure -b "$1" -f layer.tar.gz -t "$2"
}
crane_pigz_there()
{
	crane mutate --insecure -e A=b "$STORED" -t "$2"
}
umoci_skopeo()
{
	skopeo copy -q --insecure-policy --src-tls-verify=false "docker://$1" oci:image:x
	umoci insert --image image:x "$payload" /openhands
	skopeo copy -q --insecure-policy --dest-tls-verify=false oci:image:x "docker://$2"
}
buildah_copy()
{
	local b="buildah --root $tmp/.lib/buildah --runroot $tmp/.lib/buildah.run --storage-driver overlay" c

	echo '{"default": [{"type": "insecureAcceptAnything"}]}' >policy.json
	c=$($b from --signature-policy policy.json --tls-verify=false "$1")
	$b copy -q "$c" "$payload" /openhands >/dev/null
	$b commit -q --signature-policy policy.json --tls-verify=false "$c" "docker://$2"
}
docker_build()
{
	printf 'FROM %s\nCOPY . /openhands\n' "$1" >Dockerfile
	DOCKER_BUILDKIT=0 docker build -q -f Dockerfile -t "$2" "$payload" >/dev/null
	docker push -q "$2" >/dev/null
}
ohcompose_push()
{
	"$OHC" push -q --check=warn --cache cache --payload "$payload" "$1" "$2"
}
ohcompose_zstd()
{
	"$OHC" push -q --check=warn --cache cache --compression zstd --payload "$payload" "$1" "$2"
}
ohcompose_push_there()
{
	"$OHC" push -q --check=warn --cache cache --payload "${STORED%:*}:payload" --env A=b "$1" "$2"
}
# umoci sets the times of what it reads: a payload that changed a moment ago is not remembered by whoever is next.
forget_umoci_skopeo()
{
	sleep 4
}
forget_docker_build()
{
	docker system prune -af >/dev/null
}
forget_buildah_copy()
{
	buildah --root "$tmp/.lib/buildah" --runroot "$tmp/.lib/buildah.run" --storage-driver overlay rm -a >/dev/null
	buildah --root "$tmp/.lib/buildah" --runroot "$tmp/.lib/buildah.run" --storage-driver overlay rmi -af >/dev/null
}

# can TOOL PROGRAM...: whether it is wanted and is there
can()
{
	local tool=$1 program

	[ -z "${BENCH_TOOLS:-}" ] || [[ " $BENCH_TOOLS " == *" $tool "* ]] || return 1
	shift
	for program; do
		have "$program" || { echo "note      no $program: $tool is not run"; return 1; }
	done
}

tools="ohcompose_push ohcompose_zstd"
! can crane_pigz crane pigz || tools="$tools crane_pigz"
! can crane_gzip crane gzip || tools="$tools crane_gzip"
! can umoci_skopeo umoci skopeo || tools="$tools umoci_skopeo"
! can buildah_copy buildah || tools="$tools buildah_copy"
if can docker_build dockerd docker; then
	if start_dockerd overlay2; then
		tools="$tools docker_build"
	else
		echo "note      $no_engine: docker_build is not run"
	fi
fi
export payload tmp OHC
for tool in $tools; do
	export -f "${tool?}"
done
export -f crane_pigz_there ohcompose_push_there 2>/dev/null

# race NAME TOOL FUNCTION BASE DEST: one line of ./times
race()
{
	sync
	/usr/bin/time -a -o times -f "$1 $2 %e %U %S %M" bash -ec "$3 $4 $5" >log 2>&1 || {
		echo "$2 failed:"
		cat log
		exit 1
	}
	echo "round $round  $(tail -n 1 times)"
}

find "$payload" -type f -exec cat {} + >/dev/null
for ((round = 1; round <= rounds; round++)); do
	for tool in $tools; do
		start_registry
		put_layout base:1 "$REGISTRY/base:1"
		put_layout base:2 "$REGISTRY/base:2"
		rm -rf layer.tar.gz image cache
		race cold "$tool" "$tool" "$REGISTRY/base:1" "$REGISTRY/cold:$round"
		echo "$tool $(image manifest "$REGISTRY/cold:$round" |
			json 'sum(l["size"] for l in j["layers"])' /dev/stdin)" >>sizes
		race next "$tool" "$tool" "$REGISTRY/base:2" "$REGISTRY/next:$round"
		if [ "$(type -t "${tool}_there")" = function ]; then
			export STORED=$REGISTRY/cold:$round
			if [ "$tool" = ohcompose_push ]; then # what a payload's author does, once
				"$OHC" pack -q --cache cache "$payload" "$REGISTRY/cold:payload" >/dev/null
			fi
			for again in 1 2 3; do
				race there "$tool" "${tool}_there" "$REGISTRY/base:1" "$REGISTRY/there$again:$round"
			done
		fi
		[ "$(type -t "forget_$tool")" != function ] || "forget_$tool"
		stop_registry
		rm -rf "$tmp"/.lib/registry.*
	done
done

"$PYTHON" - <<'E2'
import statistics
races, sizes = {}, {}
for line in open("times"):
    race, name, *numbers = line.split()
    races.setdefault(race, {}).setdefault(name, []).append([float(x) for x in numbers])
for line in open("sizes"):
    name, size = line.split()
    sizes[name] = int(size)
label = {
    "crane_pigz": "tar | pigz -1 > f && crane append",
    "crane_gzip": "tar | gzip -1 > f && crane append",
    "ohcompose_push": "ohcompose push",
    "ohcompose_zstd": "ohcompose push --compression zstd",
    "umoci_skopeo": "umoci insert + skopeo copy",
    "buildah_copy": "buildah from, copy, commit",
    "docker_build": "docker build + docker push",
}
for race, runs in races.items():
    ours = statistics.median(r[0] for r in runs["ohcompose_push"])
    head = f"{race}: median of {len(runs['ohcompose_push'])}"
    print(f"\n{head:36s} {'seconds':>8s} {'(min-max)':>14s} {'CPU s':>7s} {'peak MB':>8s} {'image MB':>9s} {'ratio':>7s}")
    for name, r in runs.items():
        wall = [x[0] for x in r]
        m = statistics.median(wall)
        cpu = statistics.median(x[1] + x[2] for x in r)
        span = f"({min(wall):.2f}-{max(wall):.2f})"
        shown = "crane mutate" if race == "there" and name == "crane_pigz" else label[name]
        print(f"{shown:36s} {m:8.2f} {span:>14s} {cpu:7.2f} {max(x[3] for x in r) / 1024:8.0f}"
              f" {sizes[name] / 1e6:9.0f} {m / ours:6.2f}x")
E2
