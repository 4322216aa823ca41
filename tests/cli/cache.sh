#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# ohcompose cache.
. "$(dirname "$0")/../lib.sh"

# entry NAMESPACE BYTES: something that looks like an entry
entry()
{
	local hex

	hex=$(head -c 16 /dev/urandom | sha256sum | cut -c 1-64)
	mkdir -p "cache/$1/${hex:0:2}"
	head -c "$2" /dev/zero >"cache/$1/${hex:0:2}/$hex"
}

t "what is not there is empty"
run "$OHC" cache info --cache cache
expect_status 0
expect_out_is "cache: 0 entries, 0 B of at most 1.1 GB"
expect_eq "$(ls)" "" "files that were made"
run "$OHC" cache prune --cache cache
expect_status 0
expect_out_is "removed 0 entries, 0 B"

t "info counts by namespace"
entry layer-index 1000
entry layer-index 1000
entry payload 500
run "$OHC" cache info --cache cache
expect_status 0
expect_out '^cache: 3 entries, 2\.5 kB of'
expect_out '^  layer-index  +2 entries +2\.0 kB$'
expect_out '^  payload  +1 entries +500 B$'
run "$OHC" cache --json info --cache cache
expect_status 0
expect_eq "$(json '[j["directory"], j["entries"], j["bytes"], j["namespaces"]["payload"]["bytes"]]')" \
	'["cache", 3, 2500, 500]' "JSON"

t "prune keeps what it is told to, and nothing else"
run "$OHC" cache prune --keep 2K --cache cache
expect_status 0
expect_out '^removed [12] entries'
run "$OHC" cache prune --cache cache --json
expect_status 0
expect_out '^\{"removed":\{"entries":[12],"bytes":[0-9]+\}\}$'
expect_eq "$(find cache -type f)" "" "files that are left"

t "the default places"
run env XDG_CACHE_HOME="$tmp/x" HOME="$tmp/h" "$OHC" cache info
expect_out "^$tmp/x/ohcompose: 0 entries"
run env -u XDG_CACHE_HOME HOME="$tmp/h" "$OHC" cache info
expect_out "^$tmp/h/.cache/ohcompose: 0 entries"
run env XDG_CACHE_HOME="$tmp/x" "$OHC" cache info --cache ''
expect_out "^$tmp/x/ohcompose: 0 entries"
run env -u XDG_CACHE_HOME -u HOME "$OHC" cache info
expect_message 2 "there is no cache: name one with --cache DIR"

t "bad arguments"
run "$OHC" cache
expect_message 2 "a name is missing|names are missing"
run "$OHC" cache empty
expect_message 2 "unknown action 'empty': info or prune"
run "$OHC" cache info prune
expect_message 2 "'prune' is one name too many"
run "$OHC" cache info --no-cache
expect_message 2 "there is no cache"
run "$OHC" cache info --keep 1
expect_message 2 "'--keep' belongs to 'cache prune'"
for bad in '' x 1X 1KB -1 1.5G 12345678901234567890 1234567G; do
	run "$OHC" cache prune --keep="$bad"
	expect_message 2 "'--keep': takes bytes, or a number with K, M, G or T, not '$bad'"
done
touch file
run "$OHC" cache info --cache file
expect_message 4 "cannot read the cache 'file'"

finish
