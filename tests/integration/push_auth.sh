#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# push to registries that ask who we are: Basic authentication from docker's config.json.
. "$(dirname "$0")/../lib.sh"

make_base base:1 >/dev/null
small_payload payload
start_registry htpasswd
auth=$(printf 'user:secret' | base64)
wrong=$(printf 'user:not-the-password' | base64)
export DOCKER_CONFIG=$tmp/docker
mkdir docker

config()
{
	printf '{"auths": {"%s": {"auth": "%s"}}}\n' "$1" "$2" >docker/config.json
}

nothing_there()
{
	expect_eq "$(curl -s -o /dev/null -w '%{http_code}' -u user:secret \
		-H 'Accept: application/vnd.oci.image.manifest.v1+json' \
		"http://$REGISTRY/v2/out/manifests/1")" 404 "answer for the tag"
	expect_eq "$(registry_uploads)" 0 "open upload sessions"
}

t "without credentials it is denied, and the message names the registry"
run "$OHC" push --payload payload oci:base:1 "$REGISTRY/out:1"
expect_message 5 "$REGISTRY"
nothing_there

t "with a wrong password it is denied, and the password is not shown"
config "$REGISTRY" "$wrong"
run "$OHC" push -v -v --payload payload oci:base:1 "$REGISTRY/out:1"
expect_status 5
expect_err "$REGISTRY"
expect_no_err "not-the-password|$wrong"
nothing_there

t "with the right one it works, and nothing shows it"
config "$REGISTRY" "$auth"
run "$OHC" push -v -v --payload payload oci:base:1 "$REGISTRY/out:1"
expect_status 0
expect_no_err "secret|$auth"
expect_no_out "secret|$auth"

t "a base that needs it is read, and mounted"
run "$OHC" push --json --payload payload "$REGISTRY/out:1" "$REGISTRY/again:1"
expect_status 0
expect_eq "$(json 'j["layers"][0]["action"]')" mounted

t "user and password in their own members"
printf '{"auths": {"%s": {"username": "user", "password": "secret"}}}\n' "$REGISTRY" \
	>docker/config.json
run "$OHC" push --payload payload oci:base:1 "$REGISTRY/out:2"
expect_status 0

t "REGISTRY_AUTH_FILE and --authfile"
mv docker/config.json auth.json
REGISTRY_AUTH_FILE=$tmp/auth.json run "$OHC" push --payload payload oci:base:1 "$REGISTRY/out:3"
expect_status 0
run "$OHC" push --authfile auth.json --payload payload oci:base:1 "$REGISTRY/out:4"
expect_status 0

t "a config.json that is not JSON is named with its line, and stays as it is"
printf '{"auths":\n oops}\n' >docker/config.json
cp docker/config.json before
run "$OHC" push --payload payload oci:base:1 "$REGISTRY/out:5"
expect_message '[1-5]' 'config\.json.*(line |:)2'
expect_true cmp docker/config.json before

finish
