#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The images that tests are made of are what other tools take for images.
. "$(dirname "$0")/../lib.sh"

start_registry
t "the base is the same twice, and skopeo reads it"
one=$(make_busybox_base one:a)
two=$(make_busybox_base two:a)
expect_eq "$one" "$two"
expect skopeo inspect --raw oci:one:a
expect_out image.manifest.v1

t "an index, docker types and zstd reach the registry as they are"
make_busybox_base many:a --platform linux/amd64,linux/arm64/v8 --attestation >many.digest
put_layout many:a "$REGISTRY/many:a"
expect curl -sf -H 'Accept: application/vnd.oci.image.index.v1+json' \
	"http://$REGISTRY/v2/many/manifests/$(cat many.digest)"
expect_eq "$(json 'len(j["manifests"])')" 3
make_busybox_base docker:a --docker >/dev/null
put_layout docker:a "$REGISTRY/docker:a"
expect skopeo inspect --tls-verify=false "docker://$REGISTRY/docker:a"
make_busybox_base zstd:a --compression zstd >/dev/null
put_layout zstd:a "$REGISTRY/zstd:a"
expect curl -sf -H 'Accept: application/vnd.oci.image.manifest.v1+json' \
	"http://$REGISTRY/v2/zstd/manifests/a"
expect_out 'tar\+zstd'

t "the registry's log, blobs and sessions can be looked at"
digest=$(json 'j["layers"][0]["digest"]')
expect_true test -s "$(registry_blob zstd "$digest")"
expect_true registry_has zstd "$digest"
expect_false registry_has docker "$digest"
expect_eq "$(registry_uploads)" 0
registry_log_mark
curl -s -o /dev/null "http://$REGISTRY/v2/none/manifests/x"
expect registry_log_since
expect_out '^GET /v2/none/manifests/x 404$'

t "a lie stays a lie"
make_busybox_base lie:a --break layer-digest >/dev/null
expect_not skopeo copy --insecure-policy oci:lie:a dir:out

t "htpasswd and tls"
start_registry htpasswd tls
expect curl -sf --cacert "$REGISTRY_CA" -u user:secret "https://$REGISTRY/v2/"
expect curl -s -o /dev/null -w '%{http_code}' --cacert "$REGISTRY_CA" "https://$REGISTRY/v2/"
expect_out_is 401

t "a registry that takes nothing"
start_registry readonly
expect_not put_layout one:a "$REGISTRY/x:a"
expect_err ' 405 '

finish
