#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# push from a registry to a registry: what is mounted, kept, copied and uploaded, and what is asked.
. "$(dirname "$0")/../lib.sh"

start_registry
here=$REGISTRY here_root=$REGISTRY_ROOT here_log=$REGISTRY_LOG
load_base base:1 >base.digest
load_base many:1 --platform linux/amd64,linux/arm64/v8 --attestation >many.digest
load_base docker:1 --docker >/dev/null
small_payload payload
base_layer=$(image manifest "$here/base:1" | json 'j["layers"][0]["digest"]' /dev/stdin)

actions()
{
	json '" ".join(l["role"] + ":" + l["action"] for l in j["layers"])'
}

t "a base that is not known is read once, to see what it has"
registry_log_mark
run "$OHC" push --json --dry-run --payload payload "$here/base:1" "$here/out/app:1"
expect_status 0
requests=$(registry_log_since)
expect_eq "$(grep -cE "^GET /v2/base/blobs/$base_layer 200$" <<<"$requests")" 1 "GETs of the layer"

t "another repository of the registry: the base is mounted and not read again"
registry_log_mark
run "$OHC" push --json --payload payload "$here/base:1" "$here/out/app:1"
expect_status 0
expect_eq "$(actions | cut -d' ' -f1-2)" "base:mounted payload:uploaded"
expect_true test "$(json 'j["bytes"]["downloaded"]')" -lt 100000
pushed=$(json 'j["digest"]')
requests=$(registry_log_since)
expect_true grep -E "^POST /v2/out/app/blobs/uploads/\?.*mount=.* 201$" <<<"$requests"
expect_false grep -E "^GET /v2/.*/blobs/$base_layer" <<<"$requests"
expect_eq "$(image digest "$here/out/app:1")" "$pushed"
expect_true registry_has out/app "$base_layer"
expect_eq "$(registry_uploads)" 0 "open upload sessions"

t "the layer is one POST, one PATCH, one PUT"
expect_eq "$(grep -c '^PATCH ' <<<"$requests")" 1 "number of PATCH requests of a payload"

t "the layers of the base are its own, in order, before ours"
image manifest "$here/base:1" >base.json
image manifest "$here/out/app:1" >app.json
expect_eq "$(json 'j["layers"][0]' app.json)" "$(json 'j["layers"][0]' base.json)"
expect_true test "$(json 'len(j["layers"])' app.json)" -ge 2
expect_eq "$(json 'j["mediaType"]' app.json)" application/vnd.oci.image.manifest.v1+json

t "the base's name and digest are annotated"
expect_eq "$(json 'j["annotations"]["org.opencontainers.image.base.name"]' app.json)" "$here/base:1"
expect_eq "$(json 'j["annotations"]["org.opencontainers.image.base.digest"]' app.json)" \
	"$(cat base.digest)"

t "standard output ends with the name and the digest"
run "$OHC" push --payload payload "$here/base:1" "$here/out/app:2"
expect_status 0
expect_eq "$(tail -n 1 <<<"$out")" "$here/out/app:2@$pushed"

t "--digest-file and --tag"
run "$OHC" push --payload payload --digest-file digest --tag three --tag four \
	"docker://$here/base:1" "docker://$here/out/app:3"
expect_status 0
expect_eq "$(cat digest)" "$pushed"
for tag in 3 three four; do
	expect_eq "$(image digest "$here/out/app:$tag")" "$pushed" "digest of $tag"
done

t "the same repository: the base's layers are there already"
registry_log_mark
run "$OHC" push --json --payload payload "$here/base:1" "$here/base:with"
expect_status 0
expect_eq "$(actions | cut -d' ' -f1)" "base:kept"
expect_false grep -E "/blobs/$base_layer" < <(registry_log_since | grep '^GET')
expect_eq "$(json 'j["digest"]')" "$pushed"

t "a second push of the same sends the layer to no other place, and gives the same"
run "$OHC" push --json --payload payload "$here/base:1" "$here/out/app:1"
expect_status 0
expect_eq "$(json 'j["digest"]')" "$pushed"
expect_eq "$(actions | cut -d' ' -f1)" "base:kept"
expect_eq "$(registry_uploads)" 0 "open upload sessions"

t "a payload over a second base is stored once"
load_base other:1 --config '{"Env": ["A=b"]}' >/dev/null
run "$OHC" push --json --payload payload "$here/other:1" "$here/out/other:1"
expect_status 0
expect_eq "$(json '[l["digest"] for l in j["layers"] if l["role"] == "payload"]')" \
	"$(json '[l["digest"] for l in [j["layers"][1]]]' app.json)"

t "a base by digest"
run "$OHC" push --payload payload "$here/base@$(cat base.digest)" "$here/out/app:bydigest"
expect_status 0
image manifest "$here/out/app:bydigest" >bydigest.json
expect_eq "$(json 'j["annotations"]["org.opencontainers.image.base.digest"]' bydigest.json)" \
	"$(cat base.digest)"

t "of an index the platform that was asked for, or this machine's"
mkdir -p scripts && echo text >scripts/file
run "$OHC" push --no-check --json --payload scripts --platform linux/arm64 \
	"$here/many:1" "$here/out/many:arm"
expect_status 0
expect_eq "$(json 'j["platform"]' | cut -d/ -f1-2)" linux/arm64
image config "$here/out/many:arm" >arm.config
expect_eq "$(json 'j["architecture"]' arm.config)" arm64
expect_eq "$(json 'j["variant"]' arm.config)" v8
image manifest "$here/out/many:arm" >arm.json
expect_eq "$(json 'j["annotations"]["org.opencontainers.image.base.digest"]' arm.json)" \
	"$(cat many.digest)" "base.digest (of the index)"
if [ "$(uname -m)" = x86_64 ]; then
	run "$OHC" push --json --payload payload "$here/many:1" "$here/out/many:here"
	expect_status 0
	expect_eq "$(json 'j["platform"]')" linux/amd64
fi

t "a docker schema 2 base gives a docker schema 2 image"
run "$OHC" push --json --payload payload "$here/docker:1" "$here/out/docker:1"
expect_status 0
expect_eq "$(json 'j["mediaType"]')" application/vnd.docker.distribution.manifest.v2+json
image manifest "$here/out/docker:1" >docker.json
expect_eq "$(json 'j["config"]["mediaType"]' docker.json)" \
	application/vnd.docker.container.image.v1+json
expect_eq "$(json 'sorted({l["mediaType"] for l in j["layers"]})' docker.json)" \
	'["application/vnd.docker.image.rootfs.diff.tar.gzip"]'

t "--dry-run says what it would do and writes nothing"
registry_log_mark
run "$OHC" push --dry-run --payload payload "$here/base:1" "$here/out/dry:1"
expect_status 0
expect_true test -n "$out$err"
expect_false grep -E '^(POST|PUT|PATCH|DELETE) ' < <(registry_log_since)
expect_false test -e "$here_root/repositories/out/dry"
run "$OHC" push --dry-run --no-check --platform all --payload payload "$here/many:1" "$here/out/dry:all"
expect_status 0
expect_false grep -E '^(POST|PUT|PATCH|DELETE) ' < <(registry_log_since)

t "another registry: blobs stream from one to the other"
start_registry
run "$OHC" push --json --payload payload "$here/base:1" "$REGISTRY/out/app:1"
expect_status 0
expect_eq "$(actions | cut -d' ' -f1-2)" "base:copied payload:uploaded"
expect_eq "$(json 'j["digest"]')" "$pushed"
expect_true cmp "$(registry_blob out/app "$base_layer")" \
	"$here_root/blobs/sha256/${base_layer:7:2}/${base_layer#sha256:}/data"
expect_eq "$(registry_uploads)" 0 "open upload sessions"

t "and what is there already is not sent again"
registry_log_mark
run "$OHC" push --json --payload payload "$here/base:1" "$REGISTRY/out/app:2"
expect_status 0
expect_eq "$(actions | cut -d' ' -f1)" "base:kept"
expect_eq "$(grep -c "digest=${base_layer/:/%3A}" < <(registry_log_since) || true)" 0

t "a payload that was last seen in other registries is mounted from where it is near"
for n in 1 2; do
	run "$OHC" push --payload payload "$here/base:1" "$here/out/more$n:1"
	expect_status 0
done
run "$OHC" push --json --payload payload "$here/base:1" "$REGISTRY/out/near:1"
expect_status 0
expect_eq "$(actions | cut -d' ' -f2)" "payload:mounted"

t "nothing is left in the working directory or the temporary one"
expect_eq "$(find . "$TMPDIR" -name '.ohcompose-tmp*' | wc -l)" 0

finish
