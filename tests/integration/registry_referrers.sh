#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Referrers of registries that have no API for them, each in its own way, and the index that is kept
# instead.
. "$(dirname "$0")/../lib.sh"
. "$top/tests/stub/stub.sh"

driver=$(dirname "$OHC")/tests/integration/registry_driver
start_stub
oci=application/vnd.oci.image.manifest.v1+json
index=application/vnd.oci.image.index.v1+json
printf '{}' >empty
config='{"mediaType":"application/vnd.oci.empty.v1+json","digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","size":2}'
printf '{"schemaVersion":2,"mediaType":"%s","config":%s,"layers":[]}' $oci "$config" >subject
subject=sha256:$(sha256sum subject | cut -d' ' -f1)
tag=${subject/:/-}
for i in 1 2 3 4; do
	printf '{"schemaVersion":2,"mediaType":"%s","artifactType":"a/b%s","config":%s,"layers":[],"subject":{"mediaType":"%s","digest":"%s","size":%s}}' \
		$oci $i "$config" $oci "$subject" "$(stat -c %s subject)" >ref$i
done

# fresh CONFIG: a repository with the subject alone, then this configuration
fresh()
{
	n=$((${n:-0} + 1))
	repo=$STUB/r$n
	stub_config '{}'
	"$driver" write "$repo" empty >/dev/null
	"$driver" put "$repo:subject" subject $oci >/dev/null
	stub_config "$1"
}

# attach I ARGUMENT...: puts refI
attach()
{
	local i=$1

	shift
	run "$driver" "$@" put "$repo" "ref$i" $oci
}

# listed ARGUMENT...: the types of the referrers
listed()
{
	run "$driver" "$@" referrers "$repo" "$subject"
	expect_status 0
	json '" ".join(sorted(m["artifactType"] for m in j["manifests"] if "artifactType" in m))'
}

# no_api DO: a registry whose place for referrers answers so, and which does not say OCI-Subject
no_api()
{
	printf '{"referrers": false, "rules": [{"match": {"path": "/v2/[^/]*/referrers/.*"}, "do": %s}]}' "$1"
}

for answer in '{"status": 404}' '{"status": 400}' '{"status": 403}' '{"status": 405}' '{"status": 406}' \
	'{"status": 410}' '{"status": 415}' '{"status": 422}' '{"status": 501}' '{"status": 505}' \
	'{"status": 200, "body": "{}", "headers": {"Content-Type": "application/json"}}' \
	'{"status": 200, "body": "{}"}' \
	"{\"status\": 200, \"body\": \"{}\", \"headers\": {\"Content-Type\": \"$index\"}}" \
	'{"status": 200, "body": "{\"manifests\": []}", "headers": {"Content-Type": "application/json"}}' \
	'{"status": 200, "body": "<html>", "headers": {"Content-Type": "text/html"}}' \
	'{"status": 200, "body": ""}' '{"status": 204}' \
	"{\"status\": 200, \"body\": \"{\\\"manifests\\\": [{}]}\", \"headers\": {\"Content-Type\": \"$oci\"}}"; do
	t "no API: $answer"
	fresh "$(no_api "$answer")"
	expect_eq "$(listed)" ''
	attach 1
	expect_status 0
	attach 2
	expect_status 0
	expect_eq "$(listed)" 'a/b1 a/b2'
done

t "an API whose answer has no type is believed when there is something in it"
fresh "$(no_api "{\"status\": 200, \"json\": {\"schemaVersion\": 2, \"manifests\": [{\"artifactType\": \"x\"}]}, \"headers\": {\"Content-Type\": \"application/json\"}}")"
expect_eq "$(listed)" 'x'

t "null is a list without entries"
fresh "$(no_api "{\"status\": 200, \"body\": \"{\\\"manifests\\\": null}\", \"headers\": {\"Content-Type\": \"$index\"}}")"
expect_eq "$(listed)" ''
expect_eq "$(stub_log '"x" if "/manifests/" in r["path"] else None')" '' "looked for the tag"

t "what may pass is no sign of a missing API, nor is who asks"
for code in 429 500 502 503; do
	fresh "$(no_api "{\"status\": $code}")"
	run "$driver" --retry 0 referrers "$repo" "$subject"
	expect_status 6
	expect_err "HTTP $code"
done
fresh "$(no_api '{"status": 403, "body": "TOOMANYREQUESTS"}')"
run "$driver" --retry 0 referrers "$repo" "$subject"
expect_status 6
expect_err "HTTP 403"

t "a page that is missing: the list was cut"
for code in 404 406 500; do
	fresh "{\"page\": 1, \"rules\": [{\"match\": {\"path\": \".*/referrers/.*\", \"query\": \"at=1\"}, \"do\": {\"status\": $code}}]}"
	attach 1
	attach 2
	run "$driver" --retry 0 referrers "$repo" "$subject"
	[ "$status" != 0 ] || fail "went well"
	expect_err "HTTP $code"
done

t "the tag that resolves to the subject itself, as at GitLab"
fresh "{\"referrers\": false, \"rules\": [{\"match\": {\"method\": \"GET\", \"path\": \"/v2/[^/]*/manifests/$tag\"},
	\"do\": {\"status\": 200, \"body\": $(py -c 'import json; print(json.dumps(open("subject").read()))'), \"headers\": {\"Content-Type\": \"$oci\"}}, \"times\": 2}]}"
expect_eq "$(listed)" ''
attach 1
expect_status 0
expect_eq "$(listed)" 'a/b1'

t "a tag that names something else is left alone"
fresh '{}'
sed 's/"layers":\[\]/"layers":[],"annotations":{"a":"b"}/' subject >other
run "$driver" put "$repo:$tag" other $oci
expect_status 0
stub_config '{"referrers": false}'
expect_eq "$(listed)" ''
attach 1
expect_status 3
expect_err 'its fallback tag names something else than an index'
run "$driver" get "$repo:$tag"
expect_out_is "$(cat other)"

t "what else stands in the index stays"
fresh '{"referrers": false}'
printf '{"schemaVersion":2,"mediaType":"%s","manifests":[],"annotations":{"kept":"yes"},"x-unknown":[1]}' $index >kept
run "$driver" put "$repo:$tag" kept $index
attach 1
run "$driver" get "$repo:$tag"
expect_eq "$(json '[len(j["manifests"]), j["annotations"], j["x-unknown"]]')" '[1, {"kept": "yes"}, [1]]'

# overwritten N: the next N writings of the index are answered, and then gone
overwritten()
{
	printf '{"referrers": false, "rules": [{"match": {"method": "PUT", "path": "/v2/[^/]*/manifests/%s"},
		"do": {"status": 201}, "times": %s}]}' "$tag" "$1"
}

t "what others have overwritten is written again"
fresh "$(overwritten 2)"
attach 1
expect_status 0
expect_eq "$(listed)" 'a/b1'
expect_eq "$(stub_log '"x" if r["method"] == "PUT" and "sha256-" in r["path"] else None' | wc -l)" 3
attach 2
expect_status 0
attach 2
expect_status 0
expect_eq "$(listed)" 'a/b1 a/b2'
fresh "$(overwritten 1000)"
attach 1
expect_status 1
expect_err "the list did not stay as it was written, 20 times; others write it, too"

t "an index that is written is read at the registry, not at a mirror that is behind"
fresh '{"referrers": false}'
attach 1
stub_config "{\"referrers\": false, \"rules\": [
	{\"match\": {\"port\": 1, \"path\": \"/v2/[^/]*/manifests/$tag\"}, \"do\": {\"status\": 200, \"headers\": {\"Content-Type\": \"$index\"},
	 \"json\": {\"schemaVersion\": 2, \"mediaType\": \"$index\", \"manifests\": []}}}]}"
attach 2 --mirror "$STUB=http://$STUB_OTHER"
expect_status 0
expect_eq "$(stub_log 'r["port"] if r["port"] else None')" ''
expect_eq "$(listed)" 'a/b1 a/b2'
expect_eq "$(listed --mirror "$STUB=http://$STUB_OTHER")" 'a/b1 a/b2'

t "nothing is written that we could not read again"
fresh '{"referrers": false}'
py - $index <<'PY' >full
import json, sys
print(json.dumps({"schemaVersion": 2, "mediaType": sys.argv[1], "manifests": [
    {"mediaType": "a/b", "digest": "sha256:%064x" % i, "size": 1} for i in range(9999)]}), end="")
PY
run "$driver" put "$repo:$tag" full $index
attach 1
expect_status 0
attach 2
expect_status 1
expect_err 'would become more than an index can hold'
expect_eq "$(listed)" a/b1

t "an index of 4 MiB, almost"
fresh '{"referrers": false}'
py - $index <<'PY' >full
import json, sys
doc = {"schemaVersion": 2, "mediaType": sys.argv[1], "manifests": [], "annotations": {"x": ""}}
doc["annotations"]["x"] = "x" * ((4 << 20) - 100 - len(json.dumps(doc)))
print(json.dumps(doc), end="")
PY
run "$driver" put "$repo:$tag" full $index
expect_status 0
attach 1
expect_status 1
expect_err 'would become more than an index can hold'

t "a manifest that was put without an answer, where there is an API"
fresh '{"rules": [{"match": {"method": "PUT", "path": ".*/manifests/.*"}, "do": {"lose_reply": true}, "times": 1}]}'
attach 1
expect_status 0
expect_eq "$(listed)" 'a/b1'
expect_eq "$(stub_log '"x" if r["method"] == "PUT" and "sha256-" in r["path"] else None')" '' "fallback tag"

t "and where there is none"
fresh '{"referrers": false, "rules": [{"match": {"method": "PUT", "path": ".*/manifests/.*"}, "do": {"lose_reply": true}, "times": 1}]}'
attach 1
expect_status 0
expect_eq "$(listed)" 'a/b1'

t "of a sha512 digest the tag has 64 digits"
fresh '{"referrers": false}'
long=sha512:$(sha512sum subject | cut -d' ' -f1)
sed "s/$subject/$long/" ref1 >reflong
run "$driver" put "$repo" reflong $oci
expect_status 0
short=${long:0:71}
run "$driver" get "$repo:${short/:/-}"
expect_status 0
run "$driver" referrers "$repo" "$long"
expect_eq "$(json '[m["artifactType"] for m in j["manifests"]]')" '["a/b1"]'

finish
