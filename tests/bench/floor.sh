#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# How far a cold push to a layout is from the least that making its layer takes (floor.c), in one run.
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

cat <<EOF
machine   $(nproc) CPUs, $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $(df --output=fstype "$tmp" | tail -n 1)
payload   $(find "$payload" | wc -l) entries, $(du -sm --apparent-size "$payload" | cut -f1) MB
method    the payload is read once before, then $rounds rounds of each in turn, each after sync; medians of
          wall-clock and CPU seconds of the whole command
EOF
tools="floor push push_checked"
run_floor() { ./floor "$payload" floor.out; }
run_push() { "$OHC" push -q --no-cache --no-check --profile none --payload "$payload:/p" oci:base:1 oci:out:1; }
run_push_checked() { "$OHC" push -q --no-cache --check=warn --profile none --payload "$payload:/p" oci:base:1 oci:out:1; }
export payload OHC
export -f run_floor run_push run_push_checked

find "$payload" -type f -exec cat {} + >/dev/null
for ((round = 1; round <= rounds; round++)); do
	for tool in $tools; do
		rm -rf out floor.out
		sync
		/usr/bin/time -a -o times -f "$tool %e %U %S" bash -c "run_$tool" >log 2>&1 || {
			echo "$tool failed:"
			cat log
			exit 1
		}
	done
done
"$PYTHON" - <<'EOF'
import statistics
rows = {}
for line in open("times"):
    tool, wall, user, system = line.split()
    rows.setdefault(tool, []).append((float(wall), float(user) + float(system)))
wall0, cpu0 = (statistics.median(x) for x in zip(*rows["floor"]))
for tool, all in rows.items():
    wall, cpu = (statistics.median(x) for x in zip(*all))
    print(f"{tool:14} {wall:6.2f} s {cpu:6.2f} s CPU   ratio to the floor {wall / wall0:.2f}, CPU {cpu / cpu0:.2f}")
EOF
