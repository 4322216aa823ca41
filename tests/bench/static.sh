#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The static program (make static) beside the one that is linked with the system's libraries: what musl's
# memory, threads and strings cost, or save.
#
# usage: tests/bench/static.sh [ROUNDS]		5 rounds; STATIC names another program than build/static/…
set -eu

. "$(dirname "$0")/../lib.sh"
_finished=1 # a bench has no plan
rounds=${1:-5}
static=${STATIC:-$top/build/static/$(uname -m)/ohcompose}
[ -x "$static" ] || {
	echo "no static program: make static"
	exit 0
}
"$top/tests/bench/payload" "$tmp/payload"
make_base base:1 >/dev/null
start_registry
"$OHC" copy -q oci:base:1 "$REGISTRY/base:1" >/dev/null

cat <<EOF
machine   $(nproc) CPUs, $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)
payload   $(find payload | wc -l) entries, $(du -sm --apparent-size payload | cut -f1) MB
method    the payload is read once before; $rounds rounds of both in turn; medians
EOF

of()
{
	[ "$1" = "$static" ] && echo static || echo dynamic
}

# Measures one run: FUNCTION PROGRAM ROUND
start()
{
	for _ in {1..100}; do
		"$1" version >/dev/null
	done
}
push()
{
	"$1" push -q --no-cache --no-check --payload payload "$REGISTRY/base:1" "$REGISTRY/$(of "$1")/$2:1"
}
push_zstd()
{
	"$1" push -q --no-cache --no-check --compression zstd --payload payload oci:base:1 "oci:out$2:1"
	rm -rf "out$2"
}
verify()
{
	"$1" verify -q "$REGISTRY/$(of "$1")/1:1"
}
export REGISTRY static
export -f of start push push_zstd verify

find payload -type f -exec cat {} + >/dev/null
for work in start push push_zstd verify; do
	for ((round = 1; round <= rounds; round++)); do
		for program in "$OHC" "$static"; do
			/usr/bin/time -a -o times -f "$work $(of "$program") %e %U %S %M" \
				bash -c "$work $program $round" >log 2>&1 || {
				cat log
				exit 1
			}
		done
	done
done
"$PYTHON" - <<'E2'
import statistics
runs = {}
for line in open("times"):
    work, program, *numbers = line.split()
    runs.setdefault(work, {}).setdefault(program, []).append([float(x) for x in numbers])
label = {"start": "100 × version", "push": "push to a registry, gzip", "push_zstd": "push to a layout, zstd",
         "verify": "verify from a registry"}
print(f"\n{'':26s} {'seconds':>17s} {'CPU seconds':>17s} {'peak MB':>15s}   static : dynamic")
print(f"{'':26s} {'dynamic':>8s} {'static':>8s} {'dynamic':>8s} {'static':>8s} {'dynamic':>7s} {'static':>7s}   wall   CPU")
for work, both in runs.items():
    wall = [statistics.median(r[0] for r in both[p]) for p in ("dynamic", "static")]
    cpu = [statistics.median(r[1] + r[2] for r in both[p]) for p in ("dynamic", "static")]
    peak = [max(r[3] for r in both[p]) / 1024 for p in ("dynamic", "static")]
    print(f"{label[work]:26s} {wall[0]:8.2f} {wall[1]:8.2f} {cpu[0]:8.2f} {cpu[1]:8.2f} {peak[0]:7.0f} {peak[1]:7.0f}"
          f"   {wall[1] / wall[0]:4.2f}  {cpu[1] / cpu[0]:4.2f}")
E2
