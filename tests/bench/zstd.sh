#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# zstd by blocks that are frames of their own, on our threads, against one frame on zstd's own pool (zstd.c).
#
# usage: tests/bench/zstd.sh [ROUNDS [FILE]]	3 rounds; without a file a tar of a payload from tests/bench/payload
set -eu

. "$(dirname "$0")/../lib.sh"
_finished=1 # a bench has no plan
rounds=${1:-3}
file=${2:-}

if [ -z "$file" ]; then
	"$top/tests/bench/payload" payload
	tar -cf payload.tar payload
	file=payload.tar
fi
# shellcheck disable=SC2046
${CC:-cc} -O2 -D_GNU_SOURCE -pthread -o zstd "$top/tests/bench/zstd.c" $(pkg-config --cflags --libs libzstd)

cat <<EOF
machine   $(nproc) CPUs, $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), libzstd $(pkg-config --modversion libzstd)
file      $(stat -Lc %s "$file") bytes
method    the file is read once before, then $rounds rounds of each in turn; medians of wall-clock and CPU seconds,
          and the largest resident set, most of which is the file itself
EOF
cat "$file" >/dev/null
for ((round = 1; round <= rounds; round++)); do
	for level in 3 9; do
		for way in frames pool; do
			/usr/bin/time -a -o times -f "$way $level %e %U %S %M" ./zstd $way $level "$(nproc)" "$file" >size
			sed -i "\$s/\$/ $(cat size)/" times
		done
	done
done
"$PYTHON" - <<'EOF'
import statistics
rows = {}
for line in open("times"):
    way, level, wall, user, system, rss, size = line.split()
    rows.setdefault((level, way), []).append((float(wall), float(user) + float(system), int(rss), int(size)))
print(f"\n{'':16}{'wall':>8}{'CPU':>8}{'RSS MB':>8}  bytes")
for (level, way), all in rows.items():
    wall, cpu, rss, size = (statistics.median(x) for x in zip(*all))
    print(f"level {level:>2} {way:7}{wall:>8.2f}{cpu:>8.2f}{rss / 1024:>8.0f}  {size:.0f}")
EOF
