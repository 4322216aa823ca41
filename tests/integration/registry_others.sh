#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# One sequence against every real registry that is installed here: docker-registry (2.8),
# distribution v3, zot.
. "$(dirname "$0")/../lib.sh"

driver=$(dirname "$OHC")/tests/integration/registry_driver
oci=application/vnd.oci.image.manifest.v1+json

head -c 5000000 /dev/urandom >blob
digest=sha256:$(sha256sum blob | cut -d' ' -f1)
printf '{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}' >config
config=sha256:$(sha256sum config | cut -d' ' -f1)
cat >manifest <<-END
{"schemaVersion":2,"mediaType":"$oci","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"$config","size":$(stat -c %s config)},"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":"$digest","size":5000000}]}
END
manifest=sha256:$(sha256sum manifest | cut -d' ' -f1)
printf '{"schemaVersion":2,"mediaType":"%s","artifactType":"application/vnd.test","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"%s","size":%s},"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":"%s","size":5000000}],"subject":{"mediaType":"%s","digest":"%s","size":%s}}' \
	$oci "$config" "$(stat -c %s config)" "$digest" $oci "$manifest" "$(stat -c %s manifest)" >referrer

# exercise NAME: what every registry must let us do at $REGISTRY
exercise()
{
	t "$1: upload, digest known and not, and nothing sent twice"
	run "$driver" write "$REGISTRY/a/b" blob config
	expect_status 0
	run "$driver" --unknown --once write "$REGISTRY/a/stream" blob
	expect_status 0
	expect_out_is "$digest 5000000"
	run "$driver" has "$REGISTRY/a/stream" "$digest"
	expect_out_is yes

	t "$1: read back, from its middle too"
	"$driver" read "$REGISTRY/a/b" "$digest" 5000000 >back
	expect cmp blob back

	t "$1: manifests, tags"
	for tag in one two three; do
		run "$driver" put "$REGISTRY/a/b:$tag" manifest $oci
		expect_status 0
	done
	run "$driver" get "$REGISTRY/a/b@$manifest"
	expect_out_is "$(cat manifest)"
	run "$driver" tags "$REGISTRY/a/b"
	expect_out_is "one
three
two"
	run "$driver" get "$REGISTRY/a/b:none"
	expect_status 4

	t "$1: mount"
	run "$driver" mount "$REGISTRY/c" "$REGISTRY/a/b" "$digest" 5000000
	expect_status 0
	run "$driver" copy "$REGISTRY/c" "$REGISTRY/a/b" "$digest" 5000000
	expect_status 0
	run "$driver" has "$REGISTRY/c" "$digest"
	expect_out_is yes

	t "$1: referrers"
	run "$driver" put "$REGISTRY/a/b" referrer $oci
	expect_status 0
	run "$driver" referrers "$REGISTRY/a/b" "$manifest"
	expect_status 0
	expect_eq "$(json '[m["digest"] for m in j["manifests"]]')" \
		"[\"sha256:$(sha256sum referrer | cut -d' ' -f1)\"]"

	t "$1: delete"
	run "$driver" delete "$REGISTRY/a/b@$manifest"
	expect_status 0
	run "$driver" get "$REGISTRY/a/b:one"
	expect_status 4
}

# start CONFIG COMMAND...: sets $REGISTRY; the port is in what the server logs
start()
{
	local i

	: >server.log
	"$@" >server.log 2>&1 </dev/null &
	_pids+=("$!")
	for ((i = 0; i < 200; i++)); do
		REGISTRY=$(sed -n 's/.*listening on \(127\.0\.0\.1:[0-9]*\).*/\1/p' server.log | head -n 1)
		[ -z "$REGISTRY" ] || return 0
		sleep 0.05
	done
	sed 's/^/# /' server.log
	return 1
}

if have docker-registry; then
	start_registry
	exercise "docker-registry 2.8"
else
	t "docker-registry 2.8"
	skip "no docker-registry"
fi

if have registry && registry --version 2>&1 | grep -q 'distribution/v3'; then
	cat >v3.yml <<-END
	version: 0.1
	log: {level: info}
	storage: {filesystem: {rootdirectory: $tmp/v3}, delete: {enabled: true}}
	http: {addr: "127.0.0.1:0", secret: none}
	END
	OTEL_TRACES_EXPORTER=none start registry serve v3.yml
	exercise "distribution v3"
else
	t "distribution v3"
	skip "no distribution v3 (go install github.com/distribution/distribution/v3/cmd/registry@v3.0.0)"
fi

if have zot; then
	port=$(closed_port)
	printf '{"storage": {"rootDirectory": "%s"}, "http": {"address": "127.0.0.1", "port": "%s"}, "log": {"level": "info"}}' \
		"$tmp/zot" "$port" >zot.json
	zot serve zot.json >zot.log 2>&1 </dev/null &
	_pids+=("$!")
	REGISTRY=127.0.0.1:$port
	wait_for 10 curl -sf "http://$REGISTRY/v2/"
	exercise zot
else
	t "zot"
	skip "no zot (https://zotregistry.dev)"
fi

finish
