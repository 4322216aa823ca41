#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The client in registry/ against Debian's docker-registry, through the store interface.
. "$(dirname "$0")/../lib.sh"

driver=$(dirname "$OHC")/tests/integration/registry_driver

# digest_of FILE
digest_of()
{
	echo "sha256:$(sha256sum "$1" | cut -d' ' -f1)"
}

start_registry
head -c 5000000 /dev/urandom >blob
digest=$(digest_of blob)
: >empty
printf '{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}' >config
cat >manifest <<-END
{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"$(digest_of config)","size":$(stat -c %s config)},"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":"$digest","size":5000000}]}
END

t "a blob of known digest is one PUT"
registry_log_mark
run "$driver" write "$REGISTRY/a/b" blob
expect_status 0
expect_out_is "$digest 5000000"
expect cmp blob "$(registry_blob a/b "$digest")"
expect_eq "$(registry_log_since | cut -d' ' -f1,3 | tr '\n' ' ')" "GET 200 POST 202 PUT 201 "

t "a blob of unknown digest is one PATCH"
registry_log_mark
run "$driver" --unknown --once write "$REGISTRY/a/unknown" blob
expect_status 0
expect_out_is "$digest 5000000"
expect cmp blob "$(registry_blob a/unknown "$digest")"
expect_eq "$(registry_log_since | cut -d' ' -f1,3 | tr '\n' ' ')" \
	"GET 200 POST 202 PATCH 202 PUT 201 "

t "an empty blob, known or not"
run "$driver" write "$REGISTRY/a/b" empty
expect_status 0
run "$driver" --unknown write "$REGISTRY/a/b" empty
expect_status 0

t "many at once"
for i in 1 2 3 4 5 6 7 8; do head -c $((i * 1000000)) blob >"part$i" || true; done
run "$driver" --jobs 4 write "$REGISTRY/a/many" part*
expect_status 0
expect_eq "$(wc -l <<<"$out")" 8

t "has"
run "$driver" has "$REGISTRY/a/b" "$digest"
expect_out_is yes
run "$driver" has "$REGISTRY/a/c" "$digest"
expect_out_is no

t "what was written is read"
"$driver" read "$REGISTRY/a/b" "$digest" 5000000 >back
expect cmp blob back

t "a blob that is not there"
run "$driver" read "$REGISTRY/a/c" "$digest" 5000000
expect_status 4
expect_err "no blob $digest in '$REGISTRY/a/c'.*BLOB_UNKNOWN"

t "a size that is not what was promised"
run "$driver" read "$REGISTRY/a/b" "$digest" 4999999
expect_status 3

t "a blob is mounted from a repository beside it"
registry_log_mark
run "$driver" mount "$REGISTRY/a/c" "$REGISTRY/a/b" "$digest" 5000000
expect_out_is mounted
expect registry_has a/c "$digest"
run "$driver" mount "$REGISTRY/a/c" "$REGISTRY/a/c" "$digest" 5000000
expect_out_is mounted

t "a mount that cannot be done leaves no session"
run "$driver" mount "$REGISTRY/a/d" "$REGISTRY/a/b" "${digest%????}0000" 5000000
expect_out_is "not mounted"
expect_eq "$(registry_uploads)" 0

t "manifests by tag and by digest"
run "$driver" put "$REGISTRY/a/b:one" manifest application/vnd.oci.image.manifest.v1+json
expect_status 1
expect_err 'MANIFEST_BLOB_UNKNOWN'
run "$driver" write "$REGISTRY/a/b" config
run "$driver" put "$REGISTRY/a/b:one" manifest application/vnd.oci.image.manifest.v1+json
expect_status 0
"$driver" get "$REGISTRY/a/b:one" >back
expect cmp manifest back
"$driver" get "$REGISTRY/a/b@$(digest_of manifest)" >back
expect cmp manifest back

t "an image that does not exist"
run "$driver" get "$REGISTRY/a/b:two"
expect_status 4
expect_err "no image '$REGISTRY/a/b:two': MANIFEST_UNKNOWN"

t "tags, over several pages"
for i in $(seq 0 5); do
	run "$driver" put "$REGISTRY/a/b:t$i" manifest application/vnd.oci.image.manifest.v1+json
done
run "$driver" tags "$REGISTRY/a/b"
expect_out_is "one
t0
t1
t2
t3
t4
t5"
run "$driver" tags "$REGISTRY/none"
expect_status 4

t "a manifest is deleted"
run "$driver" delete "$REGISTRY/a/b@$(digest_of manifest)"
expect_status 0
run "$driver" get "$REGISTRY/a/b:one"
expect_status 4

uploading()
{
	[ "$(registry_uploads)" != 0 ]
}

# begin_upload MS COMMAND...: as $pid, by COMMAND; the blob's source waits so long every 64 KiB
begin_upload()
{
	local ms=$1

	shift
	"$@" "$driver" --unknown --once --slow "$ms" write "$REGISTRY/a/stop" blob 2>stop.err &
	pid=$!
	wait_for 5 uploading
	begin=$(date +%s%N)
}

# expect_given_up: at once, and nothing is left
expect_given_up()
{
	rc=0
	wait $pid || rc=$?
	expect_eq $rc 130
	expect_eq "$((($(date +%s%N) - begin) / 1000000000))" 0 "seconds"
	expect_eq "$(registry_uploads)" 0 "uploads left"
}

# A shell's background command ignores SIGINT, and what nohup(1) starts ignores SIGHUP: not here.
for signal in INT TERM HUP; do
	t "SIG$signal gives the upload up, at once"
	begin_upload 20 env --default-signal=INT,HUP
	kill -$signal $pid
	expect_given_up
done

t "two signals at once, as timeout(1) sends them, are one"
begin_upload 20 env --default-signal=INT,HUP
kill -TERM $pid
kill -TERM $pid
kill -HUP $pid
expect_given_up

for signal in INT HUP; do
	t "SIG$signal that was ignored before stays so"
	begin_upload 5 env --ignore-signal=$signal
	kill -$signal $pid
	expect_true wait $pid
	expect cmp blob "$(registry_blob a/stop "$digest")"
done

t "a registry that is not there"
run "$driver" get "127.0.0.1:$(closed_port)/a/b:one"
expect_status 6
expect_err 'cannot reach .*[Cc]onnection refused'

t "-vv shows requests"
run "$driver" -vv get "$REGISTRY/a/b:one"
expect_err "GET http://$REGISTRY/v2/a/b/manifests/one: 404, [0-9]+ ms"

registry1=$REGISTRY
start_registry readonly
t "a registry that does not allow pushing"
run "$driver" write "$REGISTRY/a/b" blob
expect_status 5
expect_err "'$REGISTRY' does not allow pushing to '$REGISTRY/a/b'"

start_registry
t "a blob streams from one registry to the other"
run "$driver" copy "$REGISTRY/x" "$registry1/a/b" "$digest" 5000000
expect_status 0
expect cmp blob "$(registry_blob x "$digest")"

start_registry htpasswd
t "credentials are asked for"
run "$driver" write "$REGISTRY/a/b" blob
expect_status 5
expect_err "registry '$REGISTRY' refused access without credentials"

t "wrong credentials"
run "$driver" --creds user:wrong write "$REGISTRY/a/b" blob
expect_status 5
expect_err "registry '$REGISTRY' refused the credentials of 'user' from --creds"

t "right credentials"
run "$driver" --creds user:secret write "$REGISTRY/a/b" blob
expect_status 0

t "credentials from config.json"
mkdir docker
printf '{"auths":{"%s":{"auth":"%s"}}}' "$REGISTRY" "$(printf user:secret | base64)" \
	>docker/config.json
DOCKER_CONFIG=$tmp/docker run "$driver" -vv has "$REGISTRY/a/b" "$digest"
expect_out_is yes
expect_no_err "secret|$(printf user:secret | base64)"

start_registry tls
t "a certificate of an unknown CA"
run "$driver" has "$REGISTRY/a/b" "$digest"
expect_status 6
expect_err "certificate of '$REGISTRY' is not trusted.*--ca-file"

t "its CA by --ca-file"
run "$driver" --ca-file "$REGISTRY_CA" write "$REGISTRY/a/b" blob
expect_status 0

t "no check with --insecure"
run "$driver" --insecure has "$REGISTRY/a/b" "$digest"
expect_out_is yes

finish
