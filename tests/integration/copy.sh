#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# time limit: 300
# Every kind of place to every other, judged by what skopeo, umoci, crane and containerd make of it.
. "$(dirname "$0")/../lib.sh"

# digest NAME [OPTION]: of an image's manifest, as skopeo sees it
digest()
{
	skopeo inspect --raw "$@" | sha256sum | cut -d ' ' -f 1
}

no_temporary_files()
{
	local left

	left=$(find . -name '.ohcompose-tmp*' | head -n 3)
	[ -z "$left" ] || fail "left behind: $left"
}

start_registry
make_busybox_base L:multi --platform linux/amd64,linux/arm64 --attestation >/dev/null
make_busybox_base L:one >/dev/null
make_busybox_base L:zstd --compression zstd >/dev/null
make_busybox_base L:plain --compression none >/dev/null
make_busybox_base K:docker --docker >/dev/null
want=$(digest oci:L:one)

t "into a repository of the same name in another registry: nothing is mounted from there"
here=$REGISTRY here_root=$REGISTRY_ROOT here_log=$REGISTRY_LOG
expect "$OHC" copy oci:L:one "$here/same/name:1"
start_registry
registry_log_mark
run "$OHC" copy "$here/same/name:1" "$REGISTRY/same/name:1"
expect_status 0
expect_false grep -q 'mount=' <(registry_log_since)
expect "$OHC" verify "$REGISTRY/same/name:1"
REGISTRY=$here REGISTRY_ROOT=$here_root REGISTRY_LOG=$here_log

t "there and back through every kind of place: the same bytes"
expect "$OHC" copy oci:L:one "$REGISTRY/aa:1"
expect "$OHC" copy "$REGISTRY/aa:1" oci-archive:a.tar:x
expect "$OHC" copy oci-archive:a.tar docker-archive:d.tar:foo/bar:1
expect "$OHC" copy docker-archive:d.tar:foo/bar:1 oci:M:back
expect_eq "$(digest oci:M:back)" "$want" "digest"
expect cmp L/blobs/sha256/"$want" M/blobs/sha256/"$want"

t "the last line of standard output names what was written"
run "$OHC" copy oci:L:one oci:M:two
expect_out_is "oci:M:two@sha256:$want"
run "$OHC" copy --digest-file digest oci:L:one "$REGISTRY/aa:2"
expect_out_is "$REGISTRY/aa:2@sha256:$want"
expect_eq "$(cat digest)" "sha256:$want" "digest file"

t "what is there is kept"
run "$OHC" copy --json oci:L:one "$REGISTRY/aa:3"
expect_eq "$(json 'j["blobs"]["kept"]')" 2 kept
expect_eq "$(json 'j["blobs"]["copied"]')" 0 copied

t "within a registry blobs are mounted"
run "$OHC" copy --json "$REGISTRY/aa:1" "$REGISTRY/bb:1"
expect_eq "$(json 'j["blobs"]["mounted"]')" 2 mounted
expect "$OHC" copy "$REGISTRY/bb:1" oci:M:mounted
expect_eq "$(digest oci:M:mounted)" "$want" digest

for kind in one zstd plain multi; do
	t "skopeo reads what we write: $kind"
	expect "$OHC" copy "oci:L:$kind" "oci:W:$kind"
	expect skopeo copy -q --all "oci:W:$kind" "dir:w-$kind"
	expect "$OHC" copy "oci:L:$kind" "oci-archive:w-$kind.tar:$kind"
	expect skopeo copy -q --all "oci-archive:w-$kind.tar:$kind" "dir:wa-$kind"
	expect diff -r "w-$kind" "wa-$kind"
	expect "$OHC" copy "oci:L:$kind" "$REGISTRY/ww:$kind"
	expect skopeo copy -q --all --src-tls-verify=false "docker://$REGISTRY/ww:$kind" "dir:wr-$kind"
	expect diff -r "w-$kind" "wr-$kind"

	t "we read what skopeo writes: $kind"
	expect skopeo copy -q --all "oci:L:$kind" "oci:S:$kind"
	expect "$OHC" copy "oci:S:$kind" "oci:R:$kind"
	expect_eq "$(digest "oci:R:$kind")" "$(digest "oci:S:$kind")" digest
	if [ "$kind" != multi ]; then # skopeo's archives take one image
		expect skopeo copy -q "oci:L:$kind" "oci-archive:s-$kind.tar:x"
		expect "$OHC" copy "oci-archive:s-$kind.tar:x" "oci:R:a-$kind"
		expect_eq "$(digest "oci:R:a-$kind")" "$(digest "oci:S:$kind")" digest
	fi
done

t "docker archives of skopeo, read and written"
expect skopeo copy -q oci:L:one docker-archive:s.tar:quay.io/q/r:2
expect "$OHC" copy docker-archive:s.tar:quay.io/q/r:2 docker-archive:t.tar:quay.io/q/r:2
expect skopeo copy -q docker-archive:t.tar:quay.io/q/r:2 docker-archive:u.tar:quay.io/q/r:2
expect cmp s.tar u.tar

t "a docker archive's image runs through umoci"
expect "$OHC" copy --format oci docker-archive:s.tar oci:U:x
umoci_unpack U:x bundle
expect diff -r --no-dereference "$tmp/.lib/busybox" bundle/rootfs

t "docker archives of crane"
PATH=$PATH:$(own_home)/go/bin
if ! have crane; then
	skip "no crane"
else
	expect crane pull --insecure "$REGISTRY/aa:1" c.tar
	expect "$OHC" copy docker-archive:c.tar oci:U:c
	expect crane push --insecure t.tar "$REGISTRY/cc:1"
	expect "$OHC" copy "$REGISTRY/ww:one" docker-archive:v.tar:v:1
	expect crane validate --tarball v.tar
	expect crane validate --insecure --remote "$REGISTRY/ww:one"
fi

t "compressed archives, from a file and through a pipe"
gzip -k a.tar
zstd -q -k d.tar
expect "$OHC" copy oci-archive:a.tar.gz oci:Z:1
expect "$OHC" copy docker-archive:d.tar.zst:foo/bar:1 oci:Z:2
expect bash -c "cat d.tar.zst | '$OHC' copy docker-archive:- oci:Z:3"
expect bash -c "cat a.tar | '$OHC' copy oci-archive:- oci:Z:4"
run_in "$OHC" copy oci-archive:- oci:Z:5 <a.tar
expect_status 0
for i in 1 2 3 4 5; do
	expect_eq "$(digest oci:Z:$i)" "$want" "digest of $i"
done

t "an archive to standard output holds nothing else"
"$OHC" copy oci:L:one oci-archive:- >o.tar 2>o.err
expect "$OHC" copy oci:L:one oci-archive:p.tar
expect cmp o.tar p.tar
expect grep -q "oci-archive:-@sha256:$want" o.err
"$OHC" copy oci:L:plain docker-archive:-:x:1 2>/dev/null | cat >q.tar
expect skopeo inspect docker-archive:q.tar:x:1

t "push reads and writes archives too"
small_payload payload
expect "$OHC" push --payload payload oci:L:one oci:P:x
expect "$OHC" push --payload payload oci-archive:a.tar:x docker-archive:p.tar:p:1
expect "$OHC" copy docker-archive:p.tar oci:P2:x
"$OHC" push -q --payload payload oci-archive:a.tar:x docker-archive:-:p:1 2>/dev/null >p3.tar
expect cmp p.tar p3.tar

t "an archive is replaced as a whole"
expect "$OHC" copy oci:L:plain oci-archive:p.tar:new
expect_eq "$(tar xOf p.tar index.json | grep -o '"new"')" '"new"' tag

t "the archive of an image is the same on every day"
sleep 1
expect "$OHC" copy oci:L:plain oci-archive:p2.tar:new
expect cmp p.tar p2.tar

t "one platform of an index"
expect "$OHC" copy --platform linux/arm64 oci:L:multi docker-archive:arm.tar:m:1
expect_eq "$(skopeo inspect --config docker-archive:arm.tar:m:1 | grep -o '"arm64"')" '"arm64"'
run "$OHC" copy --platform linux/s390x oci:L:multi oci:X:x
expect_message 4 'linux/amd64.*linux/arm64'
expect_not test -e X
run "$OHC" copy oci:L:multi docker-archive:no.tar:m:1
expect_message 1 'say which with --platform'
expect_not test -e no.tar
# As BuildKit builds for one platform.
make_busybox_base BK:attested --attestation --index >/dev/null
run "$OHC" copy oci:BK:attested docker-archive:no.tar:m:1
expect_message 1 "'no.tar' holds images of one platform, and no index: say which with --platform"
expect "$OHC" copy --platform linux/amd64 oci:BK:attested docker-archive:attested.tar:m:1

t "all tags of a place"
expect "$OHC" copy --all-tags oci:L "$REGISTRY/all"
expect "$OHC" copy -a "$REGISTRY/all" oci:A
for tag in multi one plain zstd; do
	expect_eq "$(digest oci:A:$tag)" "$(digest oci:L:$tag)" "digest of $tag"
done
run "$OHC" copy --all-tags oci:L:one oci:A
expect_message 2 'without a tag'
expect "$OHC" copy -a oci:L oci-archive:all.tar
expect "$OHC" copy -a oci-archive:all.tar oci:B
expect diff -r A/blobs B/blobs

expect "$OHC" copy -a --platform linux/amd64 oci:L docker-archive:all-d.tar:team/app
expect "$OHC" copy -a docker-archive:all-d.tar:team/app oci:B2
expect_eq "$(digest oci:B2:plain)" "$(digest oci:L:plain)" "digest of plain"
expect_eq "$(tar xOf all-d.tar manifest.json | grep -o 'team/app:[a-z]*' | sort | xargs)" \
	"team/app:multi team/app:one team/app:plain team/app:zstd" "names"

t "a layout's names are no way into another repository"
expect "$OHC" copy oci:L:plain "$REGISTRY/victim/app:prod"
before=$(digest docker://"$REGISTRY"/victim/app:prod --tls-verify=false)
make_layout H:good --layer L >/dev/null
for bad in ../../../victim/app/manifests/prod 'x?y=1' h.io/app:1; do
	py - "$bad" <<-'END'
	import json, sys
	with open("H/index.json") as f:
	    index = json.load(f)
	index["manifests"] = index["manifests"][:1] + [{**index["manifests"][0],
	    "annotations": {"org.opencontainers.image.ref.name": sys.argv[1]}}]
	with open("H/index.json", "w") as f:
	    json.dump(index, f)
	END
	run "$OHC" copy --all-tags oci:H "$REGISTRY/mine/y"
	expect_message '[23]' "'$(sed 's/[.?]/\\&/g' <<<"$bad")'"
	expect_not test -e "$REGISTRY_ROOT/repositories/mine"
done
expect_eq "$(digest docker://"$REGISTRY"/victim/app:prod --tls-verify=false)" "$before" "digest of the victim"

t "what has no tags is no success"
make_layout H2: --layer L >/dev/null
run "$OHC" copy --all-tags oci:H2 "$REGISTRY/mine/y"
expect_message 4 "'oci:H2' has no tags"
run "$OHC" copy --all-tags oci:H2 oci:H3
expect_message 4 "'oci:H2' has no tags"
expect_not test -e H3
run "$OHC" copy --all-tags "$REGISTRY/mine/y" oci:H3
expect_message 4 "no repository"

t "a layer that is kept elsewhere, and here too"
make_layout F:x --layer L >/dev/null
py - <<'END'
import hashlib, json
def blob(d):
    return "F/blobs/sha256/" + d["digest"][7:]
with open("F/index.json") as f:
    index = json.load(f)
entry = index["manifests"][0]
with open(blob(entry)) as f:
    manifest = json.load(f)
with open(blob(manifest["config"])) as f:
    config = json.load(f)
layer = manifest["layers"][0]
foreign = {**layer,
    "mediaType": "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip"}
manifest["layers"] = [foreign, layer, foreign]
config["rootfs"]["diff_ids"] *= 3
def put(doc, d):
    data = json.dumps(doc).encode()
    d["digest"], d["size"] = "sha256:" + hashlib.sha256(data).hexdigest(), len(data)
    with open(blob(d), "wb") as f:
        f.write(data)
put(config, manifest["config"])
put(manifest, entry)
with open("F/index.json", "w") as f:
    json.dump(index, f)
END
run "$OHC" copy --json oci:F:x oci:F2:x
expect_status 0
expect_eq "$(json '[j["blobs"][k] for k in ("foreign", "copied", "kept")]')" '[2, 2, 0]' blobs
expect "$OHC" verify oci:F2:x
run "$OHC" copy --json oci:F:x "$REGISTRY/foreign:x"
expect_eq "$(json '[j["blobs"][k] for k in ("foreign", "copied", "kept")]')" '[2, 2, 0]' blobs
expect "$OHC" verify "$REGISTRY/foreign:x"

t "more layers than any engine mounts"
layers=()
for ((i = 0; i < 130; i++)); do
	mkdir "layer$i"
	echo "$i" >"layer$i/file"
	layers+=(--layer "layer$i")
done
make_layout L2:many "${layers[@]}" >/dev/null
expect "$OHC" copy oci:L2:many "$REGISTRY/many:1"
expect "$OHC" copy "$REGISTRY/many:1" oci-archive:many.tar:x
expect "$OHC" copy oci-archive:many.tar:x oci:M2:many
expect diff -r L2/blobs M2/blobs

t "another format"
expect "$OHC" copy --format docker oci:L:one "$REGISTRY/ff:1"
! have crane || expect crane validate --insecure --remote "$REGISTRY/ff:1"
run "$OHC" copy --format docker oci:L:zstd "$REGISTRY/ff:2"
expect_message 1 'zstd'
run "$OHC" copy oci:K:docker oci:D:x
expect_err 'format oci'
expect "$OHC" copy --format oci oci:K:docker oci:D:y
expect skopeo inspect oci:D:y
expect "$OHC" copy oci:K:docker "$REGISTRY/kk:1"
expect "$OHC" copy "$REGISTRY/kk:1" oci:K2:x
expect diff -r K/blobs K2/blobs

# attach DIR TAG NOTE: an artifact that refers to the image of that tag; prints its digest
attach()
{
	py - "$@" <<-'EOP'
	import hashlib, json, sys
	where, tag, note = sys.argv[1:]
	index = json.load(open(where + "/index.json"))
	subject = next(d for d in index["manifests"]
	               if d.get("annotations", {}).get("org.opencontainers.image.ref.name") == tag)
	def put(data, media):
	    digest = hashlib.sha256(data).hexdigest()
	    open(where + "/blobs/sha256/" + digest, "wb").write(data)
	    return {"mediaType": media, "digest": "sha256:" + digest, "size": len(data)}
	empty = put(b"{}", "application/vnd.oci.empty.v1+json")
	media = "application/vnd.oci.image.manifest.v1+json"
	d = put(json.dumps({
	    "schemaVersion": 2, "mediaType": media, "artifactType": "application/x-note",
	    "config": empty, "layers": [put(note.encode(), "text/plain")],
	    "subject": {k: subject[k] for k in ("mediaType", "digest", "size")}}).encode(), media)
	index["manifests"].append(d)
	json.dump(index, open(where + "/index.json", "w"))
	print(d["digest"][7:])
	EOP
}

t "what refers to an image goes with it where that is asked for"
make_busybox_base F:one >/dev/null
note=$(attach F one "a signature")
expect "$OHC" copy --referrers oci:F:one "$REGISTRY/ref:1"
expect "$OHC" copy --referrers "$REGISTRY/ref:1" oci-archive:ref.tar:1
expect "$OHC" copy --referrers oci-archive:ref.tar:1 oci:G:1
expect cmp "F/blobs/sha256/$note" "G/blobs/sha256/$note"
expect "$OHC" gc oci:G
expect test -e "G/blobs/sha256/$note"
make_layout H:other --layer F >/dev/null
expect "$OHC" copy oci:H:other oci:G:1
expect "$OHC" gc oci:G # what was said of the image that the tag named before
expect_not test -e "G/blobs/sha256/$note"
expect_not grep "$note" G/index.json
expect "$OHC" copy "$REGISTRY/ref:1" oci:G2:1
expect_not test -e "G2/blobs/sha256/$note"
run "$OHC" copy --referrers oci:F:one docker-archive:x.tar:x:1
expect_message 2 'no place for referrers'
run "$OHC" copy --referrers --format docker oci:F:one oci:H:1
expect_message 1 'leave out --referrers, or --format'

t "containerd imports both kinds of archives"
if ! start_containerd; then
	skip "$no_engine"
else
	expect engine image import --index-name i.example/a:1 a.tar
	expect "$OHC" copy oci:L:one docker-archive:e.tar:e.example/e:1
	expect engine image import e.tar
	run engine image ls -q
	expect_out '^e.example/e:1$'
	expect engine image import --platform linux/amd64 w-multi.tar
fi

t "docker loads what we write, and we read what it saves"
if ! start_dockerd; then
	skip "$no_engine"
else
	for kind in one zstd plain; do
		expect "$OHC" copy "oci:L:$kind" "docker-archive:load.tar:load.example/x:$kind"
		expect docker load -i load.tar
		run docker image ls -q "load.example/x:$kind"
		expect_out .
	done
	expect bash -c 'docker save load.example/x:one load.example/x:plain >save.tar'
	expect "$OHC" copy docker-archive:save.tar:load.example/x:plain oci:D2:x
	expect "$OHC" verify -q oci:D2:x
fi

t "what cannot be copied is told, and leaves nothing"
run "$OHC" copy oci:L:none oci:X:x
expect_message 4 "has no tag 'none': it has the tags 'multi', 'one', 'plain' and 'zstd'"
run "$OHC" copy oci:L oci:X:x
expect_message 4 'several images'
run "$OHC" copy oci:nowhere oci:X:x
expect_message 4 'No such file'
run "$OHC" copy oci-archive:d.tar:none oci:X:x
expect_message 4 "has no tag 'none'"
run "$OHC" copy docker-archive:s.tar:other:1 oci:X:x
expect_message 4 "it has 'quay.io/q/r:2'"
run "$OHC" copy oci-archive:s.tar oci:X:x
expect_message 3 'looks like a docker-archive'
run "$OHC" copy scratch oci:X:x
expect_message 2 'scratch'
run "$OHC" copy oci:L:one "oci:X@sha256:$want"
expect_message 2 'a destination has a tag'
make_busybox_base B1:x --break layer-digest >/dev/null
run "$OHC" copy oci:B1:x oci:X:x
expect_message 3 'is not what its name promises'
run "$OHC" copy oci:B1:x oci-archive:X.tar
expect_message 3 'is not what its name promises'
expect_not test -e X
expect_not test -e X.tar
no_temporary_files

finish
