#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# How long it takes to put a payload on a base in a registry, beside other tools, in one run.
#
# usage: tests/bench/push.sh [ROUNDS [PAYLOAD]]		5 rounds, a payload from tests/bench/payload
#
# BENCH_ALL=1 adds umoci insert + skopeo copy, which is slow.
set -eu

. "$(dirname "$0")/../lib.sh"
_finished=1 # a bench has no plan
PATH=$PATH:$HOME/go/bin
rounds=${1:-5}
payload=${2:-}

if [ -z "$payload" ]; then
	payload=$tmp/payload
	"$top/tests/bench/payload" "$payload"
fi
make_base base:1 >/dev/null

cat <<EOF
machine   $(nproc) CPUs, $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $(df --output=fstype "$tmp" | tail -n 1)
payload   $(find "$payload" | wc -l) entries, $(du -sm --apparent-size "$payload" | cut -f1) MB
base      $(image manifest oci:base:1 | json '", ".join(str(l["size"]) for l in j["layers"])' /dev/stdin) bytes, in the same registry
registry  $(docker-registry --version), fresh for each run, on loopback
method    the payload is read once before (page cache warm for all), then $rounds rounds of every tool in
          turn, each after sync, into a repository that is new; wall-clock seconds of the whole command,
          CPU seconds and peak memory of the tool alone (the registry's work is in the wall clock)
EOF

# Each tool is a function of BASE and DEST, run by `timed` in a bash of its own.
crane_append()
{
	tar -C "$(dirname "$payload")" -cf - "$(basename "$payload")" | pigz -1 >layer.tar.gz &&
		crane append --insecure -b "$1" -f layer.tar.gz -t "$2"
}
ohcompose_push()
{
	"$OHC" push -q --check=warn --payload "$payload" "$1" "$2"
}
ohcompose_zstd()
{
	"$OHC" push -q --check=warn --compression zstd --payload "$payload" "$1" "$2"
}
umoci_skopeo()
{
	rm -rf image && skopeo copy -q --insecure-policy --src-tls-verify=false "docker://$1" oci:image:x &&
		umoci insert --image image:x "$payload" /openhands &&
		skopeo copy -q --insecure-policy --dest-tls-verify=false oci:image:x "docker://$2"
}

tools="ohcompose_push ohcompose_zstd"
if have crane && have pigz; then
	tools="crane_append $tools"
else
	echo "note      no crane or no pigz: 'tar | pigz -1 > f && crane append' is not run"
fi
if [ -n "${BENCH_ALL:-}" ] && have umoci && have skopeo; then
	tools="$tools umoci_skopeo"
fi
export payload OHC
export -f crane_append ohcompose_push ohcompose_zstd umoci_skopeo

find "$payload" -type f -exec cat {} + >/dev/null
for ((round = 1; round <= rounds; round++)); do
	for tool in $tools; do
		start_registry
		put_layout base:1 "$REGISTRY/base:1"
		rm -rf layer.tar.gz image
		sync
		/usr/bin/time -a -o times -f "$tool %e %U %S %M" \
			bash -c "$tool $REGISTRY/base:1 $REGISTRY/out:$round" >log 2>&1 || {
			echo "$tool failed:"
			cat log
			exit 1
		}
		echo "round $round  $(tail -n 1 times)"
		size=$(image manifest "$REGISTRY/out:$round" |
			json 'sum(l["size"] for l in j["layers"])' /dev/stdin)
		echo "$tool $size" >>sizes
		stop_registry
		rm -rf "$tmp"/.lib/registry.*
	done
done

"$PYTHON" - <<'E2'
import statistics
runs, sizes = {}, {}
for line in open("times"):
    name, *numbers = line.split()
    runs.setdefault(name, []).append([float(x) for x in numbers])
for line in open("sizes"):
    name, size = line.split()
    sizes[name] = int(size)
label = {
    "crane_append": "tar | pigz -1 > f && crane append",
    "ohcompose_push": "ohcompose push",
    "ohcompose_zstd": "ohcompose push --compression zstd",
    "umoci_skopeo": "umoci insert + skopeo copy",
}
ours = statistics.median(r[0] for r in runs["ohcompose_push"])
print(f"\n{'median of ' + str(len(runs['ohcompose_push'])):36s} {'seconds':>8s} {'(min-max)':>14s} {'CPU s':>7s}"
      f" {'peak MB':>8s} {'image MB':>9s} {'ratio':>6s}")
for name, r in runs.items():
    wall = [x[0] for x in r]
    m = statistics.median(wall)
    cpu = statistics.median(x[1] + x[2] for x in r)
    span = f"({min(wall):.2f}-{max(wall):.2f})"
    print(f"{label[name]:36s} {m:8.2f} {span:>14s} {cpu:7.2f} {max(x[3] for x in r) / 1024:8.0f}"
          f" {sizes[name] / 1e6:9.0f} {m / ours:5.2f}x")
E2
