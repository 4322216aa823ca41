#!/usr/bin/env bash
# time limit: 3600
# SPDX-License-Identifier: Apache-2.0
# --sign with cosign, by a local key and without a network: what it signs it verifies, in its new form
# and in its old one; its attestation of our list of what is in a payload holds; a bake signs each
# image once.
. "$(dirname "$0")/../lib.sh"

version=v3.1.3

# judge: the one in PATH, else one that Go builds, once
judge()
{
	if cosign=$(trap - ERR; command -v cosign) && "$cosign" version 2>&1 | grep -q '^GitVersion: *v3'; then
		return 0
	fi
	cosign=${E2E_CACHE:-$XDG_CACHE_HOME}/cosign-$version/cosign
	[ ! -x "$cosign" ] || return 0
	have go || skip_all "neither cosign 3 nor Go"
	echo "# building cosign $version"
	(unset XDG_CACHE_HOME GOFLAGS
	HOME=$(own_home) GOBIN=${cosign%/*} CGO_ENABLED=0 GOTOOLCHAIN=local \
		go install -trimpath "github.com/sigstore/cosign/v3/cmd/cosign@$version" >"$tmp/go.log" 2>&1) ||
		skip_all "cosign cannot be had from Go's modules: $(grep -v '^$' "$tmp/go.log" | tail -n 1)"
}

judge
start_registry
# Whatever is not on this machine is behind a proxy that does not answer.
HTTP_PROXY=http://127.0.0.1:$(closed_port)
export HTTP_PROXY HTTPS_PROXY=$HTTP_PROXY NO_PROXY=127.0.0.1 COSIGN_PASSWORD='' LOG=$tmp/signed
"$cosign" generate-key-pair >key.log 2>&1
plain=(--allow-http-registry --allow-insecure-registry)
to_sign=(--yes --key "$tmp/cosign.key" "${plain[@]}" --tlog-upload=false --use-signing-config=false)
to_verify=(--key "$tmp/cosign.pub" "${plain[@]}" --insecure-ignore-tlog=true)

# What --sign is given: cosign, with each call in a log.
cat >sign <<EOF
#!/bin/sh
for last; do :; done
echo "\$last" >>"\$LOG"
exec '$cosign' sign $(printf '%q ' "${to_sign[@]}") "\$@"
EOF
chmod +x sign

mkdir -p payload/bin
install -m 755 "$(command -v busybox)" payload/bin/program
echo plain >payload/plain.txt
make_busybox_base base:1
put_layout base:1 "$REGISTRY/base:1" >/dev/null
run "$OHC" pack --sign "$tmp/sign {}" payload "$REGISTRY/payload:1"
expect_status 0

# push DEST ARGUMENT...
push()
{
	run "$OHC" push --profile none --no-check --payload "$REGISTRY/payload:1" "${@:2}" "$REGISTRY/base:1" "$1"
}
# good IMAGE [OPTION...]: cosign says that it is signed by our key, and that this is the image
good()
{
	local digest

	digest=$(image digest "$1")
	run "$cosign" verify "${@:2}" "${to_verify[@]}" "$1"
	expect_status 0
	expect_eq "$(json 'j[0]["critical"]["image"]["docker-manifest-digest"]')" "$digest"
}

t "a payload that is packed"
good "$REGISTRY/payload:1"
expect_eq "$(cat "$LOG")" "$REGISTRY/payload@$(image digest "$REGISTRY/payload:1")"

for form in new old; do
	old=''
	[ $form = new ] || old=--new-bundle-format=false

	t "$form form: signed, and not again"
	: >"$LOG"
	for run in 1 2; do
		push "$REGISTRY/$form:1" --label form=$form --sign "$tmp/sign $old {}"
		expect_status 0
	done
	expect_eq "$(wc -l <"$LOG")" 1
	good "$REGISTRY/$form:1" $old

	t "$form form: of an image without a signature it says so"
	push "$REGISTRY/$form:unsigned" --label form=$form-unsigned
	expect_not "$cosign" verify $old "${to_verify[@]}" "$REGISTRY/$form:unsigned"

	t "$form form: its attestation of our list holds, and is no signature"
	push "$REGISTRY/$form:attested" --label form=$form-attested --sbom
	expect_status 0
	name=$REGISTRY/$form@$(image digest "$REGISTRY/$form:attested")
	list=$("$OHC" inspect --json --referrers "$name" | json 'j[0]["digest"]' /dev/stdin)
	list=$("$OHC" inspect --raw "$REGISTRY/$form@$list" | json 'j["layers"][0]["digest"]' /dev/stdin)
	curl -sf "http://$REGISTRY/v2/$form/blobs/$list" >list.json
	expect "$cosign" attest $old "${to_sign[@]}" --type cyclonedx --predicate list.json "$name"
	run "$cosign" verify-attestation $old "${to_verify[@]}" --type cyclonedx "$name"
	expect_status 0
	json 'j["payload"]' | base64 -d >statement.json
	expect_eq "$(json 'j["predicate"]' statement.json)" "$(json j list.json)" "what is attested"
	: >"$LOG"
	push "$REGISTRY/$form:attested" --label form=$form-attested --sign "$tmp/sign $old {}"
	expect_status 0
	expect_eq "$(wc -l <"$LOG")" 1
	good "$REGISTRY/$form:attested" $old
done

t "copy --referrers takes a signature along"
expect "$OHC" copy --referrers "$REGISTRY/new:1" "$REGISTRY/copied:1"
good "$REGISTRY/copied:1"

t "an index, whose digest is what is signed"
make_busybox_base both:1 --platform linux/amd64,linux/arm64
put_layout both:1 "$REGISTRY/both:1" >/dev/null
: >"$LOG"
run "$OHC" push --profile none --no-check --platform all --payload payload:/p --sign "$tmp/sign {}" \
	"$REGISTRY/both:1" "$REGISTRY/index:1"
expect_status 0
expect_true grep -qxF "$REGISTRY/index@$(image digest "$REGISTRY/index:1")" "$LOG"
good "$REGISTRY/index:1"

t "bake of twenty images: each is signed once, also by the second bake and by one that skips"
: >"$LOG"
for ((i = 1; i <= 20; i++)); do
	make_busybox_base "bases:$i" --config "{\"Env\": [\"I=$i\"], \"Cmd\": [\"/bin/sh\"]}"
	put_layout "bases:$i" "$REGISTRY/bases:$i" >/dev/null
	echo "$REGISTRY/bases:$i" >>bases.list
done
# bake ARGUMENT...
bake()
{
	run "$OHC" bake --bases bases.list --profile none --no-check --payload "$REGISTRY/payload:1" "$@"
	expect_status 0
}
for args in "--jobs 8" "" "--skip-existing" "--no-cache"; do
	# shellcheck disable=SC2086
	bake --dest "$REGISTRY/baked/{base.tag}:1" --sign "$tmp/sign {}" $args
	expect_eq "$(wc -l <"$LOG") $(sort -u "$LOG" | wc -l)" "20 20" "calls and digests, $args"
done
for ((i = 1; i <= 20; i++)); do
	good "$REGISTRY/baked/$i:1"
done

t "images that were baked before, without: a bake that skips what is there signs them"
: >"$LOG"
bake --dest "$REGISTRY/later/{base.tag}:1" --label later=1
bake --dest "$REGISTRY/later/{base.tag}:1" --label later=1 --skip-existing --sign "$tmp/sign {}"
expect_eq "$(wc -l <"$LOG")" 20 calls
good "$REGISTRY/later/20:1"

finish
