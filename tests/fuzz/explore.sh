#!/usr/bin/env bash
# time limit: 900
# SPDX-License-Identifier: Apache-2.0
# Runs every fuzz target under clang's libFuzzer, from its corpus on: FUZZ_SECONDS in all (60), as
# many at a time as there are processors.  What breaks one is kept as FUZZ_DIR/found/NAME-..., and
# what was reached as FUZZ_DIR/reached/NAME/, from which the next run goes on.
#
# With --can it only says, by its status, whether there is a clang that has libFuzzer.

can()
{
	local dir rc=0

	dir=$(mktemp -d) || return 1
	echo 'int LLVMFuzzerTestOneInput(const unsigned char *p, unsigned long n)
	{ return !p + !n > 2; }' >"$dir/x.c"
	clang -fsanitize=fuzzer,address,undefined -o "$dir/x" "$dir/x.c" >/dev/null 2>&1 || rc=1
	rm -rf "$dir"
	return $rc
}

if [ "${1:-}" = --can ]; then
	can
	exit
fi

. "$(dirname "$0")/../lib.sh"

can || skip_all "no clang with libFuzzer"
bins=${FUZZ_DIR:?where make fuzz builds}/tests/fuzz
jobs=$(nproc)
names=$(cd "$top/tests/fuzz" && ls fuzz_*.c | sed 's/^fuzz_//; s/\.c$//')
n=$(wc -l <<<"$names")
each=$(((${FUZZ_SECONDS:-60} * jobs + n - 1) / n))

# explore NAME: its log and status as ./NAME.log and ./NAME.status
explore()
{
	local rc=0

	mkdir -p "$FUZZ_DIR/reached/$1" "$FUZZ_DIR/found"
	timeout -k 5 $((each + 60)) "$bins/fuzz_$1.explore" -max_total_time="$each" \
		-rss_limit_mb=1024 -timeout=10 -verbosity=1 -print_final_stats=1 \
		-artifact_prefix="$FUZZ_DIR/found/$1-" \
		"$FUZZ_DIR/reached/$1" "$top/tests/fuzz/corpus/$1" >"$1.log" 2>&1 || rc=$?
	echo "$rc" >"$1.status"
}

export -f explore
export FUZZ_DIR bins top each
xargs -P "$jobs" -I{} bash -c 'explore {}' <<<"$names"

for name in $names; do
	tried=$(sed -n 's/^stat::number_of_executed_units: *//p' "$name.log")
	t "$name: ${tried:-0} inputs in $each s break nothing"
	if [ "$(cat "$name.status")" != 0 ]; then
		fail "status $(cat "$name.status")"
		grep -v '^#[0-9]' "$name.log" | cut -c 1-1000 | _indent
	fi
	expect_true test "${tried:-0}" -gt 100
done

finish
