#!/usr/bin/env bash
# time limit: 400
# SPDX-License-Identifier: Apache-2.0
# Docker's archives in all their varieties: packed with whatever docker reads, with keys in lower case
# and names that begin with "./"; on their way to a registry, where their layers are compressed; and
# images by sha512 in archives.
. "$(dirname "$0")/../lib.sh"

start_registry
small_payload payload
mkdir -p base/bin base/etc
printf 'a shell, say\n' >base/bin/sh
echo root:x:0:0::/:/bin/sh >base/etc/passwd
make_layout b:1 --layer base --compression none >/dev/null
expect "$OHC" push --no-check --payload payload --compression none oci:b:1 oci:plain:x
expect "$OHC" push --no-check --payload payload oci:b:1 oci:packed:x
expect "$OHC" copy oci:plain:x docker-archive:plain.tar:r/s:1
tree=$("$OHC" inspect --tree oci:plain:x | cut -c 1-32,37-)

# same_image NAME: it verifies, and has the tree of plain:x
same_image()
{
	run "$OHC" verify -q "$1"
	expect_status 0
	run "$OHC" inspect --tree "$1"
	expect_status 0
	expect_eq "$(cut -c 1-32,37- <<<"$out")" "$tree" "tree of $1"
}

# types NAME: the media types of its layers
types()
{
	"$OHC" inspect --raw "$1" | json '" ".join(sorted({l["mediaType"] for l in j["layers"]}))' /dev/stdin
}

# old FILE HOW: a docker archive of before 25, whose layers are packed HOW, from plain.tar; keys and
# names by $keys and $dot
old()
{
	py - "$1" "$2" "${keys:-}" "${dot:-}" <<-'END'
	import bz2, gzip, io, json, lzma, subprocess, sys, tarfile
	name, how, keys, dot = sys.argv[1:]
	pack = {"xz": lzma.compress, "bzip2": bz2.compress, "plain": bytes,
	    "gzip": lambda d: gzip.compress(d, mtime=0),
	    "zstd": lambda d: subprocess.run(["zstd", "-cq"], input=d, stdout=-1, check=True).stdout}[how]
	src = tarfile.open("plain.tar")
	read = lambda n: src.extractfile(n).read()
	item = json.loads(read("manifest.json"))[0]
	out = tarfile.open(name, "w")
	def add(n, data):
	    info = tarfile.TarInfo(dot + n)
	    info.size = len(data)
	    out.addfile(info, io.BytesIO(data))
	layers = []
	for i, l in enumerate(item["Layers"]):
	    add("layer%d/layer.tar" % i, pack(read(l)))
	    layers.append(dot + "layer%d/layer.tar" % i)
	add("config.json", read(item["Config"]))
	new = {"Config": dot + "config.json", "RepoTags": item["RepoTags"], "Layers": layers}
	if keys:
	    new = {getattr(k, keys)(): v for k, v in new.items()}
	add("manifest.json", json.dumps([new]).encode())
	END
}

for how in plain gzip zstd xz bzip2; do
	t "layers that are packed with $how"
	old old-$how.tar $how
	expect "$OHC" copy docker-archive:old-$how.tar:r/s:1 oci:from:$how
	same_image oci:from:$how
	expect_no_out 'xz|bzip2'
	run "$OHC" inspect --json docker-archive:old-$how.tar
	expect_status 0
	expect "$OHC" push --no-check --profile none docker-archive:old-$how.tar oci:from:pushed-$how
	same_image oci:from:pushed-$how
done

for how in gzip zstd xz bzip2; do
	t "an archive that is packed with $how, from a file and through a pipe"
	case $how in
	gzip) gzip -c plain.tar ;;
	zstd) zstd -qc plain.tar ;;
	xz) py -c 'import lzma, sys; sys.stdout.buffer.write(lzma.compress(open("plain.tar", "rb").read(), preset=0))' ;;
	bzip2) py -c 'import bz2, sys; sys.stdout.buffer.write(bz2.compress(open("plain.tar", "rb").read()))' ;;
	esac >archive.$how
	expect "$OHC" copy docker-archive:archive.$how:r/s:1 oci:from:archive-$how
	same_image oci:from:archive-$how
	run_in "$OHC" copy docker-archive:- oci:from:pipe-$how <archive.$how
	expect_status 0
	same_image oci:from:pipe-$how
	head -c "$(($(stat -c %s archive.$how) - 20000))" archive.$how >cut.$how
	run "$OHC" copy docker-archive:cut.$how:r/s:1 oci:from:cut
	expect_message 3 'cut off|damaged'
done

t "payload tars that are packed with xz and bzip2"
tar cf payload.tar -C payload .
for how in lzma bz2; do
	py -c 'import importlib, sys
sys.stdout.buffer.write(importlib.import_module(sys.argv[1]).compress(open("payload.tar", "rb").read()))' $how >payload.tar.$how
	expect "$OHC" push --no-check --payload payload.tar.$how:/openhands --profile none oci:b:1 oci:from:payload-$how
done
expect "$OHC" push --no-check --payload payload.tar:/openhands --profile none oci:b:1 oci:from:payload
for how in lzma bz2; do
	expect_eq "$(image digest oci:from:payload-$how)" "$(image digest oci:from:payload)" "digest of $how"
done

t "keys in lower case, names with ./"
for keys in lower upper ''; do
	for dot in ./ ''; do
		old odd.tar plain
		expect "$OHC" copy docker-archive:odd.tar:r/s:1 oci:from:odd
		same_image oci:from:odd
	done
done
keys='' dot=''

t "to a registry layers are compressed as on push"
expect "$OHC" copy docker-archive:plain.tar:r/s:1 "$REGISTRY/a:gzip"
same_image "$REGISTRY/a:gzip"
expect_eq "$(types "$REGISTRY/a:gzip")" application/vnd.oci.image.layer.v1.tar+gzip types
expect_eq "$("$OHC" inspect --layers "$REGISTRY/a:gzip" | sed -n '2s/ .*//p')" \
	"$("$OHC" inspect --layers oci:packed:x | sed -n '2s/ .*//p')" "digest of the layer that push makes"
old old.tar plain
expect "$OHC" copy docker-archive:old.tar "$REGISTRY/a:old"
same_image "$REGISTRY/a:old"
expect_eq "$(types "$REGISTRY/a:old")" application/vnd.docker.image.rootfs.diff.tar.gzip types
for how in xz bzip2 gzip; do
	expect "$OHC" copy docker-archive:old-$how.tar "$REGISTRY/a:$how"
	same_image "$REGISTRY/a:$how"
	expect_eq "$(types "$REGISTRY/a:$how")" application/vnd.docker.image.rootfs.diff.tar.gzip types
done

t "--compression and --compression-level"
expect "$OHC" copy --compression zstd docker-archive:old.tar "$REGISTRY/a:zstd"
same_image "$REGISTRY/a:zstd"
expect_eq "$(types "$REGISTRY/a:zstd")" application/vnd.oci.image.layer.v1.tar+zstd types
expect "$OHC" copy --compression none docker-archive:old.tar "$REGISTRY/a:none"
same_image "$REGISTRY/a:none"
expect_eq "$(types "$REGISTRY/a:none")" application/vnd.docker.image.rootfs.diff.tar types
expect "$OHC" copy --compression gzip --compression-level 9 docker-archive:old.tar "$REGISTRY/a:9"
same_image "$REGISTRY/a:9"
expect "$OHC" copy --compression gzip oci:plain:x oci:from:made
same_image oci:from:made
expect_eq "$(types oci:from:made)" application/vnd.oci.image.layer.v1.tar+gzip types
run "$OHC" copy --compression zstd --format docker docker-archive:old.tar "$REGISTRY/a:never"
expect_message 1 'no media type for zstd layers that all engines take'
run "$OHC" copy --compression-level 5 oci:plain:x oci:from:never
expect_message 2 "needs '--compression'"
run "$OHC" copy --compression zstd --compression-level 20 oci:plain:x oci:from:never
expect_message 2 compression-level
run "$OHC" copy --compression gzip --referrers oci:plain:x oci:from:never
expect_message 1 'leave out --referrers'

t "push compresses those of a base and of a payload on their way to a registry, and once"
expect "$OHC" copy oci:b:1 docker-archive:base.tar:b:1
expect "$OHC" pack payload oci:pay:1
expect "$OHC" copy --compression none oci:pay:1 oci:pay:plain
printf '{"Labels": %s}' "$("$OHC" inspect --config oci:pay:1 | json 'j["config"]["Labels"]' /dev/stdin)" >labels
py - oci:pay:1 "$(image manifest oci:pay:1 | json 'j["layers"][0]["digest"][7:]' /dev/stdin)" <<-'END'
	import gzip, sys
	with gzip.open("pay/blobs/sha256/" + sys.argv[2]) as f, open("pay.layer.tar", "wb") as out:
	    out.write(f.read())
END
make_layout pay:plain --layer pay.layer.tar --compression none --config "$(cat labels)" >/dev/null
expect "$OHC" copy oci:pay:plain docker-archive:pay.tar:pay:1
for base in oci:b:1 docker-archive:base.tar; do
	run "$OHC" push --json --no-check --payload docker-archive:pay.tar $base "$REGISTRY/pushed:${base%%:*}"
	expect_status 0
done
expect_eq "$(types "$REGISTRY/pushed:docker-archive")" application/vnd.oci.image.layer.v1.tar+gzip types
expect_eq "$(json '[l["mediaType"].split(".")[-1] for l in j["layers"]]')" '["tar+gzip", "tar+gzip", "tar+gzip"]'
expect_eq "$(json '[l["action"] for l in j["layers"][:2]]')" '["uploaded", "kept"]'
expect_eq "$(json '[l["digest"] for l in j["layers"]]')" \
	"$(image manifest "$REGISTRY/pushed:docker-archive" | json '[l["digest"] for l in j["layers"]]' /dev/stdin)"
expect "$OHC" verify -q "$REGISTRY/pushed:docker-archive"
expect_eq "$("$OHC" inspect --tree "$REGISTRY/pushed:docker-archive")" "$("$OHC" inspect --tree "$REGISTRY/pushed:oci")"
first=$(image digest "$REGISTRY/pushed:docker-archive")
registry_log_mark
run "$OHC" push --json --skip-existing --no-check --payload docker-archive:pay.tar docker-archive:base.tar \
	"$REGISTRY/pushed:docker-archive"
expect_status 0
expect_false grep -E '^(PUT|PATCH)' < <(registry_log_since)
run "$OHC" push --no-cache --no-check --payload docker-archive:pay.tar docker-archive:base.tar "$REGISTRY/pushed:again"
expect_eq "${out##*@}" "$first" "digest without a cache"
run "$OHC" push --dry-run --no-cache --no-check --payload docker-archive:pay.tar docker-archive:base.tar "$REGISTRY/pushed:dry"
expect_eq "${out##*@}" "$first" "digest of a dry run"
expect "$OHC" push --no-check --compression zstd --format oci --payload payload docker-archive:base.tar "$REGISTRY/pushed:zstd"
expect_eq "$(types "$REGISTRY/pushed:zstd")" application/vnd.oci.image.layer.v1.tar+zstd types
expect "$OHC" push --no-check --compression none --payload payload docker-archive:base.tar "$REGISTRY/pushed:none"
expect_eq "$(types "$REGISTRY/pushed:none")" application/vnd.oci.image.layer.v1.tar types
expect "$OHC" push --no-check --payload payload docker-archive:base.tar oci:pushed:1
expect_eq "$(types oci:pushed:1)" "application/vnd.oci.image.layer.v1.tar application/vnd.oci.image.layer.v1.tar+gzip" types

t "elsewhere, and what is compressed already, stays as it is"
expect "$OHC" copy oci:plain:x "$REGISTRY/a:plain"
expect_eq "$(image digest "$REGISTRY/a:plain")" "$(image digest oci:plain:x)" digest
expect "$OHC" copy --compression gzip oci:packed:x oci:from:same
run "$OHC" copy --json docker-archive:plain.tar:r/s:1 oci:from:as-is
expect_eq "$(image digest oci:from:as-is)" "$(image digest oci:plain:x)" digest
expect "$OHC" copy oci:packed:x docker-archive:packed.tar:r/s:1
expect "$OHC" copy docker-archive:packed.tar:r/s:1 "$REGISTRY/a:packed"
same_image "$REGISTRY/a:packed"

t "several images that share layers are compressed once"
expect "$OHC" push --no-check --profile none --label a=b oci:plain:x oci:two:2
expect "$OHC" copy oci:plain:x oci:two:1
expect "$OHC" copy -a oci:two docker-archive:two.tar:r/s
run "$OHC" copy -a --json docker-archive:two.tar:r/s "$REGISTRY/two"
expect_status 0
layers=$("$OHC" inspect --layers "$REGISTRY/two:1" | wc -l)
expect_eq "$(json 'j["blobs"]["copied"]')" $((layers + 2)) "layers once and two configs"
same_image "$REGISTRY/two:1"
same_image "$REGISTRY/two:2"

t "skopeo reads what became of them"
if ! have skopeo; then
	skip "no skopeo"
else
	for tag in gzip old zstd none xz; do
		expect skopeo copy -q --src-tls-verify=false "docker://$REGISTRY/a:$tag" "oci:judged:$tag"
		expect skopeo copy -q --src-tls-verify=false "docker://$REGISTRY/a:$tag" "dir:judged-$tag"
	done
fi

t "images by sha512 go into archives, and come out of them"
py - <<'END'
import hashlib, json, os, shutil
os.makedirs("s/blobs/sha512", exist_ok=True)
def path(root, d):
    a, _, h = d["digest"].partition(":")
    return root + "/blobs/" + a + "/" + h
def put(data, d):
    d = {**d, "digest": "sha512:" + hashlib.sha512(data).hexdigest(), "size": len(data)}
    with open(path("s", d), "wb") as f:
        f.write(data)
    return d
def get(d):
    with open(path("packed", d), "rb") as f:
        return f.read()
with open("packed/index.json") as f:
    index = json.load(f)
entry = index["manifests"][0]
manifest = json.loads(get(entry))
manifest["layers"] = [put(get(d), d) for d in manifest["layers"]]
manifest["config"] = put(get(manifest["config"]), manifest["config"])
index["manifests"] = [put(json.dumps(manifest).encode(), entry)]
with open("s/index.json", "w") as f:
    json.dump(index, f)
shutil.copy("packed/oci-layout", "s/oci-layout")
END
digest=$("$OHC" inspect --json oci:s:x | json 'j["digest"]' /dev/stdin)
for archive in oci-archive:s.tar:x docker-archive:sd.tar:r/s:1; do
	expect "$OHC" copy oci:s:x $archive
	same_image $archive
	run "$OHC" copy $archive oci:s-back:x
	expect_status 0
	expect_out "@$digest\$"
	rm -rf s-back
done
expect tar tf s.tar
expect_out '^blobs/sha512/[0-9a-f]{128}$'
"$OHC" copy oci:s:x oci-archive:-:x 2>/dev/null | cmp - s.tar || fail "through a pipe it is another archive"

finish
