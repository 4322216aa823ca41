#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# How far a first push is from the least that making its layer takes (floor.c), in one run: to a layout; to
# docker-registry, beside what the processor time of both would take on all processors; and, for root, with the
# machine's caches dropped before.
#
# usage: tests/bench/floor.sh [ROUNDS [PAYLOAD]]	5 rounds, a payload from tests/bench/payload
set -eu

. "$(dirname "$0")/../lib.sh"
_finished=1 # a bench has no plan
rounds=${1:-5}
payload=${2:-}

if [ -z "$payload" ]; then
	payload=$tmp/payload
	"$top/tests/bench/payload" "$payload"
fi
libs="libcrypto zlib"
flags=
if pkg-config --exists libisal; then
	libs+=" libisal"
	flags=-DHAVE_ISAL
fi
# shellcheck disable=SC2046,SC2086
${CC:-cc} -O2 -D_GNU_SOURCE $flags -pthread -o floor "$top/tests/bench/floor.c" $(pkg-config --cflags --libs $libs)
mkdir base
echo x >base/x
make_layout base:1 --layer base --config '{"Cmd": ["x"]}' >/dev/null

cold_tools=
if [ -w /proc/sys/vm/drop_caches ]; then
	cold_tools="floor push_checked"
fi
start_registry

cat <<EOF
machine   $(nproc) CPUs, $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $(df --output=fstype "$tmp" | tail -n 1)
payload   $(find "$payload" | wc -l) entries, $(du -sm --apparent-size "$payload" | cut -f1) MB
method    the payload is read once before, then $rounds rounds of each in turn, each after sync; medians of
          wall-clock and CPU seconds of the whole command; cold: the caches are dropped before each
EOF
[ -n "$cold_tools" ] || echo "note      not root: nothing is run with dropped caches"
tools="floor push push_checked"
run_floor() { ./floor "$payload" floor.out; }
run_push() { "$OHC" push -q --no-cache --no-check --profile none --payload "$payload:/p" oci:base:1 oci:out:1; }
run_push_checked() { "$OHC" push -q --no-cache --check=warn --profile none --payload "$payload:/p" oci:base:1 oci:out:1; }
run_push_registry() { "$OHC" push -q --no-cache --check=warn --profile none --payload "$payload:/p" oci:base:1 "$REGISTRY/out:1"; }
export payload OHC REGISTRY
export -f run_floor run_push run_push_checked run_push_registry

# CPU seconds that the registry has used so far
registry_seconds() { awk -v hz="$(getconf CLK_TCK)" '{print ($14 + $15) / hz}' "/proc/$REGISTRY_PID/stat"; }

# run NAME TOOL: one line of ./times; the last word is what the registry took
run()
{
	local before

	before=$(registry_seconds)
	/usr/bin/time -a -o times -f "$1 %e %U %S" bash -c "run_$2" >log 2>&1 || {
		echo "$1 failed:"
		cat log
		exit 1
	}
	sed -i "\$s/\$/ $(awk -v a="$before" -v b="$(registry_seconds)" 'BEGIN {print b - a}')/" times
}

find "$payload" -type f -exec cat {} + >/dev/null
for ((round = 1; round <= rounds; round++)); do
	for tool in $tools; do
		rm -rf out floor.out
		sync
		run "$tool" "$tool"
	done
	stop_registry
	start_registry # an empty one
	sync
	run push_registry push_registry
done
for ((round = 1; round <= rounds; round++)); do
	for tool in $cold_tools; do
		rm -rf out floor.out
		sync
		echo 3 >/proc/sys/vm/drop_caches
		run "${tool}_cold" "$tool"
	done
done
"$PYTHON" - "$(nproc)" <<'EOF'
import statistics
import sys

rows = {}
for line in open("times"):
    tool, *figures = line.split()
    wall, user, system, registry = map(float, figures)
    rows.setdefault(tool, []).append((wall, user + system, registry))
medians = {tool: [statistics.median(x) for x in zip(*all)] for tool, all in rows.items()}
for tool, (wall, cpu, registry) in medians.items():
    text = f"{tool:18} {wall:6.2f} s {cpu:6.2f} s CPU   "
    if tool == "push_registry":
        both = (cpu + registry) / int(sys.argv[1])
        print(f"{text}and the registry's {registry:.2f}: ratio to both on all processors {wall / both:.2f}")
    else:
        wall0, cpu0, _ = medians["floor_cold" if tool.endswith("cold") else "floor"]
        print(f"{text}ratio to the floor {wall / wall0:.2f}, CPU {cpu / cpu0:.2f}")
EOF
