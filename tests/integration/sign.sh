#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# --sign: somebody else's program signs what was made, before a tag names it.
. "$(dirname "$0")/../lib.sh"

mkdir -p payload/bin base
echo program >payload/bin/program
make_layout base:1 --layer base >/dev/null
start_registry
export LOG=$tmp/signed OHC

# A signer as they are: it pushes something that refers to the image, with the environment's
# credentials.
cat >signer <<'EOF'
#!/bin/sh
echo "$1 ${REGISTRY_AUTH_FILE-none}" >>"$LOG"
echo "signature of $1" |
	"$OHC" attach --type application/vnd.dev.cosign.artifact.sig.v1+json "$1" - >/dev/null
EOF
chmod +x signer

# push DEST ARGUMENT...
push()
{
	local dest=$1

	shift
	run "$OHC" push --profile none --payload payload:/p "$@" oci:base:1 "$dest"
}

# signatures IMAGE: how many hang on it
signatures()
{
	"$OHC" inspect --referrers "$1" | grep -c cosign || true
}

for place in "$REGISTRY/a/b" oci:layout; do
	t "signed once, then tagged: ${place%%/*}"
	: >"$LOG"
	push "$place:1" --sign "$tmp/signer {}"
	expect_status 0
	digest=${out##*@}
	expect_eq "$(cat "$LOG")" "$place@$digest none"
	expect_eq "$(signatures "$place:1")" 1

	t "what is signed already is not signed again: ${place%%/*}"
	push "$place:1" --sign "$tmp/signer {}"
	expect_status 0
	expect_eq "$(wc -l <"$LOG")" 1

	t "what is there unsigned is signed: ${place%%/*}"
	push "$place:2" --label a=b
	expect_status 0
	push "$place:2" --label a=b --sign "$tmp/signer {}"
	expect_status 0
	expect_eq "$(signatures "$place:2")" 1
	expect_eq "$(wc -l <"$LOG")" 2

	t "a signer that fails: no tag, and it says so: ${place%%/*}"
	for signer in 'false' 'no-such-program' 'exit 3;' 'kill -9 $$;'; do
		push "$place:3" --label c=d --sign "$signer {}"
		expect_message 1 "cannot sign '$place@sha256:[0-9a-f]*': the signer ended with status"
		expect_no_out "$place"
	done
	run "$OHC" inspect "$place:3"
	expect_status 4
	push "$place:1" --label c=d --sign "false {}"
	expect_status 1
	run "$OHC" inspect --format '{{.Digest}}' "$place:1"
	expect_out_is "$digest"
done

t "a signer that hangs is ended, and what it started"
begin=$(date +%s)
run setsid "$OHC" push --profile none --payload payload:/p --label t=4 --timeout 2 \
	--sign "sleep 4711.$$; true {}" oci:base:1 "$REGISTRY/a/b:4"
expect_message 1 "'sh' did not end within 2 seconds"
expect_true test $(($(date +%s) - begin)) -lt 30
expect_false pgrep -f "sleep 4711\\.$$"
run "$OHC" inspect "$REGISTRY/a/b:4"
expect_status 4

t "a signer that prints rubbish, and one that prints without end"
push "$REGISTRY/a/b:5" --label s=5 --sign 'printf "\033[31m\n\000{}"; true'
expect_status 0
expect_no_err $'\e'
push "$REGISTRY/a/b:6" --label e=f --sign 'yes {}'
expect_message 1 "'sh' prints more than"

t "a name with a quote in it is one word"
push "oci:it's; touch hacked:1" --sign 'test -n {}'
expect_status 0
expect_not test -e hacked

t "an SBOM is no signature, a tag of cosign 2 is one"
for place in "$REGISTRY/s" oci:tagged; do
	push "$place:1"
	expect_status 0
	echo '{}' | "$OHC" attach --type application/spdx+json "$place:1" - >/dev/null
	: >"$LOG"
	push "$place:1" --sign "$tmp/signer {}"
	expect_status 0
	expect_eq "$(wc -l <"$LOG")" 1
	push "$place:2" --label a=b
	expect_status 0
	digest=${out##*@}
	"$OHC" copy oci:base:1 "$place:sha256-${digest#sha256:}.sig" >/dev/null
	push "$place:2" --label a=b --sign "$tmp/signer {}"
	expect_status 0
	expect_eq "$(wc -l <"$LOG")" 1
done

# bundle IMAGE PREDICATE: hangs one of sigstore's on it, as cosign 3 does
bundle()
{
	echo "{\"of\": \"$2\"}" | "$OHC" attach --type application/vnd.dev.sigstore.bundle.v0.3+json \
		${2:+--annotation "dev.sigstore.bundle.predicateType=$2"} "$1" - >/dev/null
}
# forget IMAGE: its list of referrers says no more than digests and types, as some programs write it
forget()
{
	local tag

	tag=sha256-$(image digest "$1" | cut -d: -f2)
	image manifest "${1%:*}:$tag" >list.json
	py -c 'import json
j = json.load(open("list.json"))
for m in j["manifests"]:
    m.pop("annotations", None)
print(json.dumps(j), end="")' >bare.json
	put_manifest bare.json "${1%:*}:$tag"
}

t "an attestation is no signature, a bundle that signs is one"
i=0
for predicate in https://cyclonedx.org/bom https://slsa.dev/provenance/v1 \
	https://sigstore.dev/cosign/sign/v1 ''; do
	case $predicate in
	*/sign/* | '') calls=0 ;;
	*) calls=1 ;;
	esac
	for bare in false true; do
		i=$((i + 1))
		place=$REGISTRY/bundles/$i
		push "$place:1"
		expect_status 0
		bundle "$place:1" "$predicate"
		! $bare || forget "$place:1"
		: >"$LOG"
		push "$place:1" --sign "$tmp/signer {}"
		expect_status 0
		expect_eq "$(wc -l <"$LOG")" $calls "calls for '$predicate', $bare"
	done
done

t "a list names a bundle that is gone"
push "$REGISTRY/gone:1"
bundle "$REGISTRY/gone:1" https://sigstore.dev/cosign/sign/v1
forget "$REGISTRY/gone:1"
digest=$(json 'j["manifests"][0]["digest"]' list.json)
curl -sf -X DELETE "http://$REGISTRY/v2/gone/manifests/$digest"
: >"$LOG"
push "$REGISTRY/gone:1" --no-cache --sign "echo {} >>\"\$LOG\""
expect_status 0
expect_eq "$(wc -l <"$LOG")" 1

t "--authfile is the signer's, too"
echo '{"auths": {}}' >auth.json
: >"$LOG"
push "$REGISTRY/a/b:7" --label g=h --authfile "$tmp/auth.json" --sign "$tmp/signer {}"
expect_status 0
expect_eq "$(cut -d' ' -f2 "$LOG")" "$tmp/auth.json"
: >"$LOG"
REGISTRY_AUTH_FILE=$tmp/none.json push "$REGISTRY/a/b:8" --label g=i --authfile "$tmp/auth.json" --sign "$tmp/signer {}"
expect_status 0
expect_eq "$(cut -d' ' -f2 "$LOG")" "$tmp/auth.json"

t "pack"
: >"$LOG"
run "$OHC" pack --prefix /p --sign "$tmp/signer {}" payload "$REGISTRY/a/payload:1"
expect_status 0
expect_eq "$(wc -l <"$LOG")" 1
expect_eq "$(signatures "$REGISTRY/a/payload:1")" 1

t "bake: each once, also the second time"
: >"$LOG"
for i in 1 2 3 4 5 6; do
	make_layout "bases:$i" --layer base --config "{\"Env\": [\"I=$i\"]}" >/dev/null
	echo "oci:bases:$i"
done >list
for run in 1 2; do
	run "$OHC" bake --bases list --dest "$REGISTRY/baked:{base.tag}" --profile none \
		--payload payload:/p --sign "$tmp/signer {}"
	expect_status 0
	expect_eq "$(sort -u "$LOG" | wc -l)" 6
	expect_eq "$(wc -l <"$LOG")" 6
done

t "a list names no program"
echo '{"payload": "payload:/p", "profile": "none", "sign": "true {}",
	"images": [{"base": "oci:base:1", "dest": "oci:x:1"}]}' >list.json
run "$OHC" bake list.json
expect_message "2|3" "sign"

t "wrong use"
push "$REGISTRY/a/b:8" --sign cosign
expect_message 2 "'[{][}]' stands for what is to be signed"
push oci-archive:x.tar:1 --sign 'true {}'
expect_message 2 "only when the archive is whole"
: >"$LOG"
push "$REGISTRY/a/b:9" --dry-run --sign "$tmp/signer {}"
expect_status 0
expect_eq "$(cat "$LOG")" ""

finish
