#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Measures what it costs to bake many images, beside a bare loop of the same requests and beside other tools, in
# one run.
#
# usage: tests/bench/bake.sh [IMAGES [FILES [MEGABYTES]]]	1000 images over 20 bases, 50000 files, 1024 MB
#
# A bake and the bare loop take turns, ROUNDS times (4), each in names of its own, and now one and now the other goes
# first, because rows get faster or slower with time; the ratio is that of their medians.
# BENCH_ONLY=bake leaves out the other tools.
set -eu

. "$(dirname "$0")/../lib.sh"
_finished=1 # a bench has no plan
PATH=$PATH:$HOME/go/bin
images=${1:-1000} files=${2:-50000} megabytes=${3:-1024} rounds=${ROUNDS:-4}
bases=20

# twenty bases of five layers: a system that four share each, a runtime that ten share, three of their own
make_bases()
{
	local i name

	for i in 0 1 2 3 4; do
		busybox_rootfs "system$i"
		find /usr/lib /usr/share -xdev -type f -size -2M -perm -004 | sort |
			awk "NR % 40 == $i && n++ < 300" |
			tar -cf - -T - 2>/dev/null | tar -xf - -C "system$i"
	done
	for i in 0 1; do
		mkdir -p "runtime$i/opt/runtime"
		find /usr/include /usr/share/doc -xdev -type f -perm -004 | sort | awk "NR % 11 == $i && n++ < 300" |
			tar -cf - -T - 2>/dev/null | tar -xf - -C "runtime$i/opt/runtime"
	done
	for ((i = 0; i < bases; i++)); do
		for name in a b c; do
			mkdir -p "own$i$name/srv/$name"
			head -c 200000 /dev/urandom >"own$i$name/srv/$name/data"
		done
		make_layout "base$i:1" --layer "system$((i % 5))" --layer "runtime$((i % 2))" --layer "own${i}a" \
			--layer "own${i}b" --layer "own${i}c" --config "$BASE_CONFIG" >/dev/null
	done
}

# put_bases: as tags 1, 2, … of twenty repositories; the list in ./names
put_bases()
{
	local i

	for ((i = 0; i < bases; i++)); do
		put_layout "base$i:1" "$REGISTRY/bases/base$i:1"
	done
	"$PYTHON" - "$REGISTRY" "$bases" "$images" >names <<'E2'
import http.client, sys
host, bases, images = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
c = http.client.HTTPConnection(host)
kind = "application/vnd.oci.image.manifest.v1+json"
def ask(*args):
    c.request(*args)
    r = c.getresponse()
    return r.status, r.read()
for i in range(images):
    repo, tag = f"bases/base{i % bases}", i // bases + 1
    if i < bases:
        continue
    status, manifest = ask("GET", f"/v2/{repo}/manifests/1", None, {"Accept": kind})
    status, _ = ask("PUT", f"/v2/{repo}/manifests/{tag}", manifest, {"Content-Type": kind})
    assert status == 201, status
for i in range(images):
    print(f"{host}/bases/base{i % bases}:{i // bases + 1}")
E2
}

requests()
{
	registry_log_since | grep -vc '^GET /v2/ '
}

# bake NAME OPTIONS...: a line of figures; what was written before is on the disk by then
bake()
{
	local name=$1

	shift
	sync
	registry_log_mark
	/usr/bin/time -o time -f "%e %U %S %M" "$OHC" "${COMMAND:-bake}" -q --json --no-check --cache cache "$@" >out 2>err || {
		cat err
		exit 1
	}
	sleep 0.2 # for the registry's log
	read -r seconds user system peak <time
	n=$(requests)
	"$PYTHON" - "$name" "$seconds" "$user" "$system" "$peak" "$n" <<'E2'
import json, sys
name, seconds, user, system, peak, requests = sys.argv[1:]
j = json.load(open("out"))
images = j["images"]
assert j["failed"] == j["waiting"] == 0, j
print(f"{name:44s} {float(seconds):7.2f} s {images / float(seconds):7.1f}/s {float(user) + float(system):7.2f} s CPU "
      f"{int(peak) / 1024:5.0f} MB  {int(requests):6d} requests, {int(requests) / images:.2f} an image")
E2
}

# loop tags|new FROM TO: the bare loop puts what was baked as FROM under the name TO
loop()
{
	sync
	"$PYTHON" "$top/tests/bench/bake_loop.py" "$REGISTRY" "$1" "$2" "$3" 8 <names
}

# row FILE COMMAND...: shows the line that it prints, and adds its images a second to FILE
row()
{
	"${@:2}" | tee one.row
	sed 's/.* s  *\([0-9.]*\)\/s .*/\1/' one.row >>"$1"
}

# in_turns tags|new WHAT DEST: a bake to DEST, in which NAME is another one each time, and the loop
in_turns()
{
	local round

	for ((round = 1; round <= rounds; round++)); do
		((round % 2)) || row "$1.loop" loop "$1" "$1$((round - 1))" "loop-$1$round"
		row "$1.bake" bake "$2" --bases names --dest "${3/NAME/$1$round}" --label "round=$round" \
			--payload "$payload_image"
		((round % 2 == 0)) || row "$1.loop" loop "$1" "$1$round" "loop-$1$round"
	done
	"$PYTHON" - "$1" <<'E2'
import statistics, sys
kind = sys.argv[1]
bake, loop = (statistics.median(map(float, open(f"{kind}.{who}"))) for who in ("bake", "loop"))
print(f"{'medians':44s} {bake:.1f}/s and {loop:.1f}/s: {bake / loop:.2f} times the bare loop")
E2
}

have docker-registry || skip_all "no docker-registry"
"$top/tests/bench/payload" payload "$files" "$megabytes"
make_bases
start_registry
put_bases
cat <<E2
machine   $(nproc) CPUs, $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)
payload   $(find payload | wc -l) entries, $(du -sm --apparent-size payload | cut -f1) MB
bases     $bases of five layers, $(cat base*/blobs/sha256/* | wc -c) bytes; $images images over them
registry  $(docker-registry --version), on loopback
E2
find payload -type f -exec cat {} + >/dev/null

bake "all new: payload, bases, cache" --bases names --dest "$REGISTRY/first:{base.slug}" --payload payload \
	--journal journal
uploads=$(registry_log_since | grep -cE '^(PATCH|PUT) /v2/first/blobs/uploads/' || true)
large=$(find "$REGISTRY_ROOT/blobs" -name data -size +20M | wc -l)
echo "          $large blob of the payload in the registry, $uploads uploads in all; cache $(du -sm --apparent-size cache | cut -f1) MB, journal $(stat -c %s journal) bytes"

payload_image=$REGISTRY/payload:1
"$OHC" pack -q --cache cache payload "$payload_image" >/dev/null 2>err || { cat err; exit 1; }
in_turns tags "tags of one repository" "$REGISTRY/NAME:{base.slug}"
in_turns new "a repository for each image" "$REGISTRY/NAME/{base.slug}:1"
bake "once more, --skip-existing" --skip-existing --bases names --dest "$REGISTRY/new$rounds/{base.slug}:1" \
	--label "round=$rounds" --payload "$payload_image"
bake "once more, by the journal" --bases names --dest "$REGISTRY/first:{base.slug}" --payload payload --journal journal

echo 2 >payload/version
payload_image=$REGISTRY/payload:2
"$OHC" pack -q --cache cache payload "$payload_image" >/dev/null 2>err || { cat err; exit 1; }
COMMAND=upgrade bake "upgrade: a new payload, all tags of a repository" --repo "$REGISTRY/tags1" --payload "$payload_image"
COMMAND=upgrade bake "upgrade once more: all are there" --repo "$REGISTRY/tags1" --payload "$payload_image"

# The other tools make twenty images, one after the other, as a script of theirs would: with the payload there once.
few=20
peer()
{
	local name=$1 begun=$EPOCHREALTIME i=0 base

	shift
	while read -r base; do
		"$@" "$base" "$REGISTRY/$1:$((i += 1))" >log 2>&1 || { cat log; exit 1; }
	done < <(head -n $few names)
	"$PYTHON" - "$name" "$begun" "$EPOCHREALTIME" $few <<'E2'
import sys
name, begun, ended, n = sys.argv[1], float(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4])
print(f"{name:44s} {ended - begun:7.2f} s {n / (ended - begun):7.1f}/s")
E2
}
crane_append()
{
	crane append --insecure -b "$1" -f layer.tar.gz -t "$2" &&
		crane mutate --insecure -e PATH=/openhands/bin:/usr/bin:/bin -u 1000:1000 "$2" -t "$2"
}
docker_build()
{
	printf 'FROM %s\nCOPY . /openhands\nUSER 1000:1000\n' "$1" >Dockerfile
	DOCKER_BUILDKIT=0 docker build -q -f Dockerfile -t "$2" payload && docker push -q "$2"
}
if [ "${BENCH_ONLY:-}" != bake ]; then
	head -n $few names >few
	bake "$few images, all new" --bases few --dest "$REGISTRY/few:{base.slug}" --payload "$payload_image"
	if have crane && have pigz; then
		tar -cf - payload | pigz -1 >layer.tar.gz
		peer "$few by crane append and mutate, one by one" crane_append
	else
		echo "note      no crane or no pigz: a loop of crane append and crane mutate is not run"
	fi
	if start_dockerd overlay2; then
		few=3
		peer "$few by docker build and push, one by one" docker_build
	else
		echo "note      $no_engine: docker build is not run"
	fi
fi
