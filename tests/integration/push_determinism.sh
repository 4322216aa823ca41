#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The same inputs give the same digests: in another folder, on another day, under another umask, with
# any number of threads, from another order of directory entries.  (acceptance 2)
. "$(dirname "$0")/../lib.sh"

make_base base:1 >/dev/null
make_payload()
{
	local i

	mkdir -p "$1/lib"
	small_payload "$1/small"
	for i in $2; do
		seq "$i" $((i * 5000)) >"$1/lib/file-$i"
	done
	cp -r /usr/include/linux "$1/include"
	find "$1" -exec touch -h -d '2024-02-03 04:05:06 UTC' {} +
	chmod -R u=rwX,go=rX "$1"
}
make_payload payload "1 2 3 4 5 6 7 8 9 10 11 12"

# pushed OPTIONS...: the digest of a push into a layout of its own
n=0
pushed()
{
	n=$((n + 1))
	run "$@" oci:base:1 "oci:out$n:x"
	expect_status 0
	digest=$(image digest "oci:out$n:x")
}

t "twice the same"
pushed "$OHC" push --no-check --payload payload
first=$digest
pushed "$OHC" push --no-check --payload payload
expect_eq "$digest" "$first"

t "in another folder, its entries made in another order"
mkdir -p far/away
make_payload far/away/tree "12 3 11 1 10 9 2 8 7 4 6 5"
pushed "$OHC" push --no-check --payload far/away/tree
expect_eq "$digest" "$first"
pushed "$OHC" push --no-check --payload "$PWD/far/away/tree/"
expect_eq "$digest" "$first"
run sh -c "cd far/away/tree && '$OHC' push --no-check --payload . oci:../../../base:1 oci:../../../dot:x"
expect_status 0
expect_eq "$(json 'j["layers"]' <(image manifest oci:dot:x))" \
	"$(json 'j["layers"]' <(image manifest oci:out1:x))"

t "under another umask"
for mask in 000 077; do
	n=$((n + 1))
	run sh -c "umask $mask; exec '$OHC' push --no-check --payload payload oci:base:1 oci:out$n:x"
	expect_status 0
	expect_eq "$(image digest "oci:out$n:x")" "$first" "digest under umask $mask"
done

t "with one, two or many threads"
for jobs in 1 2 8; do
	pushed "$OHC" push --no-check --jobs $jobs --payload payload
	expect_eq "$digest" "$first" "digest with --jobs $jobs"
done
if have taskset; then
	pushed taskset -c 0 "$OHC" push --no-check --payload payload
	expect_eq "$digest" "$first" "digest on one CPU"
fi

t "the adapter layer is zlib's, whose bytes are the same on every processor"
image manifest oci:out1:x >m.json
run py -c 'import json, sys, zlib
d = json.load(open("m.json"))["layers"][-1]["digest"]
packed = open("out1/blobs/" + d.replace(":", "/"), "rb").read()
plain = zlib.decompress(packed, 31)
z = zlib.compressobj(6, zlib.DEFLATED, -15, 8)
print(packed[10:-8] == z.compress(plain) + z.flush(), b"etc/passwd" in plain)'
expect_out_is "True True"

t "zstd too"
pushed "$OHC" push --no-check --jobs 1 --compression zstd --payload payload
one=$digest
pushed "$OHC" push --no-check --jobs 8 --compression zstd --payload payload
expect_eq "$digest" "$one"

t "on another day, in another time zone"
if ! have faketime; then
	skip "no faketime"
elif [ -n "${SANITIZE:-}" ]; then
	skip "faketime and the sanitizers do not go together"
else
	pushed faketime '2031-07-08 09:10:11' "$OHC" push --no-check --payload payload
	expect_eq "$digest" "$first"
	n=$((n + 1))
	run env TZ=Asia/Tokyo "$OHC" push --no-check --payload payload oci:base:1 "oci:out$n:x"
	expect_eq "$(image digest "oci:out$n:x")" "$first"
fi

t "as root or not: the owner is the profile's"
if [ "$(id -u)" != 0 ]; then
	skip "only root can be somebody else"
else
	chmod 711 .
	mkdir -m 777 open
	cp "$OHC" open/ohcompose
	run setpriv --reuid 65534 --regid 65534 --clear-groups env HOME=/nonexistent \
		open/ohcompose push --no-check --payload payload oci:base:1 oci:open/out:x
	expect_status 0
	expect_eq "$(image digest oci:open/out:x)" "$first"
fi

t "access times and ctimes do not matter, mtimes below a second neither"
touch -a -d '2020-01-01' payload/lib/file-1
touch -d '2024-02-03 04:05:06.789 UTC' payload/lib/file-2
chmod 600 payload/lib/file-3 && chmod 644 payload/lib/file-3
pushed "$OHC" push --no-check --payload payload
expect_eq "$digest" "$first"

t "mtimes, modes, contents and names do matter"
touch -d '2024-02-03 04:05:07 UTC' payload/lib/file-2
pushed "$OHC" push --no-check --payload payload
expect_false test "$digest" = "$first"
second=$digest
chmod 600 payload/lib/file-3
pushed "$OHC" push --no-check --payload payload
expect_false test "$digest" = "$second"

t "SOURCE_DATE_EPOCH and --created set the image's time"
run env SOURCE_DATE_EPOCH=1700000000 "$OHC" push --no-check --payload far/away/tree oci:base:1 oci:sde:x
expect_status 0
expect_eq "$(json 'j["created"]' <(image config oci:sde:x))" 2023-11-14T22:13:20Z
run "$OHC" push --no-check --created 2023-11-14T22:13:20Z --payload far/away/tree oci:base:1 oci:sde:y
expect_status 0
expect_eq "$(json 'j["created"]' <(image config oci:sde:y))" 2023-11-14T22:13:20Z
for seconds in 1700000000 0 253402300799; do
	run "$OHC" push --no-check --created $seconds --payload far/away/tree oci:base:1 oci:sde:seconds
	expect_status 0
	expect_eq "$(json 'j["created"]' <(image config oci:sde:seconds))" \
		"$(py -c 'import datetime, sys
print((datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=int(sys.argv[1]))).isoformat() + "Z")' $seconds)"
done
for bad in 253402300800 -1 1e9 17000000x '1700000000 ' 99999999999999999999; do
	run "$OHC" push --no-check --created="$bad" --payload far/away/tree oci:base:1 oci:sde:seconds
	expect_message 2 "malformed time '$bad': RFC 3339 is wanted, .*, or seconds since 1970"
	run env SOURCE_DATE_EPOCH="$bad" "$OHC" push --no-check --payload far/away/tree oci:base:1 oci:sde:seconds
	expect_message 2 "SOURCE_DATE_EPOCH is '$bad'"
done

t "else it is the base's, or 1970 where that has none"
while read -r created is; do
	make_busybox_base "timed:1" --created "$created" >/dev/null
	run "$OHC" push --no-check --payload far/away/tree oci:timed:1 oci:sde:z
	expect_status 0
	image config oci:sde:z >config.json
	expect_eq "$(json 'j["created"]' config.json)" "$is"
	expect_eq "$(json 'sorted({h["created"] for h in j["history"][1:]})' config.json)" "[\"$is\"]"
done <<EOF
2024-01-01T00:00:00Z 2024-01-01T00:00:00Z
2021-05-06T07:08:09.123456789+02:00 2021-05-06T05:08:09Z
yesterday 1970-01-01T00:00:00Z
EOF
run "$OHC" push --no-check --payload far/away/tree scratch oci:sde:z
expect_eq "$(json 'j["created"]' <(image config oci:sde:z))" 1970-01-01T00:00:00Z

finish
