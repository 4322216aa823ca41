#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Measures what it costs to know the tree of a base in a registry: the first time, beside the pipe that only
# lists it; when it is known; and in memory.
#
# usage: tests/bench/peek.sh [ROUNDS [TREE]]	5 rounds, a layer of what tests/bench/payload makes
set -eu

. "$(dirname "$0")/../lib.sh"
_finished=1 # a bench has no plan
rounds=${1:-5}
tree=${2:-}
driver=$(dirname "$OHC")/tests/integration/peek_driver

unpack="igzip -dc"
have igzip || unpack="gzip -dc"
export unpack OHC

start_registry
if [ -z "$tree" ]; then
	tree=$tmp/tree
	"$top/tests/bench/payload" "$tree"
fi
"$OHC" push -q --no-cache --no-check --profile none --payload "$tree:/usr" scratch "$REGISTRY/large:1" >/dev/null
read -r digest size <<<"$("$OHC" inspect --layers "$REGISTRY/large:1")"
blob=http://$REGISTRY/v2/large/blobs/$digest

cat <<EOF
machine   $(nproc) CPUs, $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)
layer     $(find "$tree" | wc -l) entries, $(du -sm --apparent-size "$tree" | cut -f1) MB, gzip of ${size%% *} bytes
registry  $(docker-registry --version), on loopback
method    each once before (the registry's files are in memory), then $rounds rounds of both in turn;
          wall-clock and CPU seconds of the whole pipe, the largest memory of a process in it
EOF
rm -rf "$tmp/tree"

list()
{
	set -o pipefail
	curl -sf "$1" | $unpack | tar -tf - >listed
}
peek()
{
	rm -rf cache
	"$OHC" inspect -q --cache cache --tree "$2" >peeked
}
known()
{
	"$OHC" inspect -q --cache cache --tree "$1" >peeked
}
export -f list peek known

# timed NAME FUNCTION ARGUMENT...: a line in ./times: NAME, seconds, of user, of system, peak kB
timed()
{
	local name=$1

	shift
	/usr/bin/time -a -o times -f "$name %e %U %S %M" bash -c "$*" || {
		echo "$name failed"
		exit 1
	}
}

timed warming-up list "$blob" "$REGISTRY/large:1"
timed warming-up peek "$blob" "$REGISTRY/large:1"
if [ "$(wc -l <listed)" -gt "$(wc -l <peeked)" ]; then
	echo "the pipe lists $(wc -l <listed) paths, the tree has $(wc -l <peeked)"
	exit 1
fi
for ((round = 1; round <= rounds; round++)); do
	timed list list "$blob" "$REGISTRY/large:1"
	timed peek peek "$blob" "$REGISTRY/large:1"
done

"$PYTHON" - "$unpack" <<'END'
import statistics, sys

runs = {}
for line in open("times"):
    name, *numbers = line.split()
    runs.setdefault(name, []).append([float(x) for x in numbers])
label = {"list": f"curl | {sys.argv[1]} | tar -t", "peek": "ohcompose inspect --tree, cold"}
print(f"\n{'median of ' + str(len(runs['peek'])):34s} {'seconds':>8s} {'(min-max)':>14s} {'CPU s':>7s}"
      f" {'peak MB':>8s}")
median = {}
for name in ("list", "peek"):
    wall = [x[0] for x in runs[name]]
    median[name] = statistics.median(wall)
    cpu = statistics.median(x[1] + x[2] for x in runs[name])
    span = f"({min(wall):.2f}-{max(wall):.2f})"
    print(f"{label[name]:34s} {median[name]:8.2f} {span:>14s} {cpu:7.2f}"
          f" {max(x[3] for x in runs[name]) / 1024:8.0f}")
pairs = [p[0] / l[0] for l, p in zip(runs["list"], runs["peek"])]
print(f"ratio of the medians {median['peek'] / median['list']:.2f}, median of the rounds' ratios"
      f" {statistics.median(pairs):.2f} (wanted: at most 1.3)")
END
stop_registry
rm -rf "$tmp"/.lib/registry.* cache

# ---- known ----

# debian: a layer of Debian as ./debian.tar, or of this machine's programs
debian()
{
	local kept

	kept=$(dirname "$OHC")/bases/debian-bookworm.tar
	if [ ! -e "$kept" ] && have mmdebstrap; then
		mkdir -p "$(dirname "$kept")"
		timeout 300 mmdebstrap --quiet --variant=minbase bookworm "$kept.$$" >mmdebstrap.log 2>&1 &&
			mv "$kept.$$" "$kept" || true
	fi
	if [ -e "$kept" ]; then
		what="Debian bookworm, minbase"
		ln -sf "$kept" debian.tar
	else
		what="this machine's /usr/bin, /usr/sbin and /etc"
		tar -C / -cf debian.tar --ignore-failed-read usr/bin usr/sbin etc 2>/dev/null || true
	fi
}

debian
mkdir -p l2/usr/share/doc l3/opt l4/usr/local/bin l5/etc
touch l2/usr/share/doc/.wh..wh..opq l3/opt/a l4/usr/local/bin/b l5/etc/c
make_layout five:1 --layer debian.tar --layer l2 --layer l3 --layer l4 --layer l5 >/dev/null
start_registry
put_layout five:1 "$REGISTRY/five:1" >/dev/null
"$OHC" inspect -q --cache cache --tree "$REGISTRY/five:1" >peeked
"$driver" --cache cache2 --quiet five 1 >/dev/null
registry_log_mark
for ((round = 1; round <= 10; round++)); do
	"$driver" --cache cache2 --quiet five 1 >>known
	timed known known "$REGISTRY/five:1"
done
blobs=$(registry_log_since | grep -c '/blobs/' || true)

cat <<EOF

known     $what, and four layers more: $(wc -l <peeked) paths
          the tree alone (from the cache, merged): $(sed 's/.* bytes, \(.*\) ms.*/\1/' known | sort -n | sed -n 5p) ms, median of 10 (wanted: under 10)
          ohcompose inspect --tree, the manifest's request and all: $(awk '$1 == "known" { print $2 }' times | sort -n | sed -n 5p) s
          requests for blobs in 10 runs: $blobs (wanted: 0)
EOF

# ---- in memory ----

"$PYTHON" - <<'END' | gzip -1 >many.tar.gz
import io, sys, tarfile

tar = tarfile.open(fileobj=sys.stdout.buffer, mode="w|", format=tarfile.GNU_FORMAT)
for i in range(500000):
    t = tarfile.TarInfo("usr/lib/python3/dist-packages/package%04d/module_%06d.py" % (i // 40, i))
    t.mtime = 1700000000 + i % 1000
    tar.addfile(t)
tar.close()
END
"$PYTHON" - <<'END'
import hashlib, json, os

os.makedirs("many/blobs/sha256")

def put(data, media):
    digest = hashlib.sha256(data).hexdigest()
    open("many/blobs/sha256/" + digest, "wb").write(data)
    return {"mediaType": "application/vnd.oci.image." + media, "digest": "sha256:" + digest,
            "size": len(data)}

layer = put(open("many.tar.gz", "rb").read(), "layer.v1.tar+gzip")
config = put(json.dumps({"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers",
    "diff_ids": ["sha256:" + "0" * 64]}}).encode(), "config.v1+json")
manifest = put(json.dumps({"schemaVersion": 2, "config": config, "layers": [layer],
    "mediaType": "application/vnd.oci.image.manifest.v1+json"}).encode(), "manifest.v1+json")
manifest["annotations"] = {"org.opencontainers.image.ref.name": "1"}
open("many/index.json", "w").write(json.dumps({"schemaVersion": 2, "manifests": [manifest]}))
open("many/oci-layout", "w").write('{"imageLayoutVersion": "1.0.0"}')
END
many()
{
	"$OHC" inspect -q --no-cache --tree oci:many:1 | wc -l >count
}
export -f many
timed many many
echo
awk '$1 == "many" { printf "memory    500,000 entries in one layer, read and merged: %.1f MiB, %s s", $5 / 1024, $2 }' times
echo ", $(cat count) paths (wanted: under 64 MiB)"
