#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# check --policy: what must not be in an image is found, with its reason, in the base and in the payload, and
# nothing else is.
. "$(dirname "$0")/../lib.sh"

busybox_rootfs base
mkdir -p base/testbed/.git/refs/remotes/origin base/testbed/src base/root/.cache/pip/http base/usr/share/src
echo x >base/testbed/.git/packed-refs
echo x >base/testbed/.git/refs/remotes/origin/main
echo x >base/testbed/src/a.pyc
echo x >base/usr/share/src/b.pyc
echo x >base/root/.cache/pip/http/one
echo x >base/root/.cache/pip/http/two
echo x >base/answer
echo x >base/testbed/answer
make_layout img:1 --layer base --config "$BASE_CONFIG" >/dev/null
mkdir -p payload/bin
cp base/bin/busybox payload/bin/oh-action-execution-server
echo x >payload/notes.gold.patch

# policy JSON OPTIONS...: what check says of its lines
policy()
{
	printf '%s' "$1" >policy.json
	run "$OHC" check --profile none --policy policy.json "${@:2}" oci:img:1
	found=$(grep -E '^[a-z]+ policy ' <<<"$out" || true)
}

t "what is forbidden is an error with its reason, what is warned of is none"
policy '{"forbid": {"/testbed/.git/packed-refs": "names later commits"}, "warn": {"*.pyc": ""}}'
expect_status 7
expect_eq "$found" "error policy /testbed/.git/packed-refs: is what the policy forbids by '/testbed/.git/packed-refs': names later commits
warning policy /testbed/src/a.pyc: is what the policy warns of by '*.pyc' (and 1 more like it)"
policy '{"warn": {"*.pyc": "bytecode"}}'
expect_status 0
expect_out "^warning policy /testbed/src/a.pyc: is what the policy warns of by '\\*.pyc': bytecode \\(and 1 more like it\\)"

t "a pattern with a slash is for the whole path, one without for every name"
policy '{"forbid": {"/answer": ""}}'
expect_eq "$found" "error policy /answer: is what the policy forbids by '/answer'"
policy '{"forbid": {"answer": ""}}'
expect_eq "$found" "error policy /answer: is what the policy forbids by 'answer' (and 1 more like it)"
policy '{"forbid": {"**/refs/remotes/**": ""}}'
expect_eq "$found" "error policy /testbed/.git/refs/remotes/origin: is what the policy forbids by '**/refs/remotes/**'"

t "a directory is told of once, its files are not"
policy '{"forbid": {"/root/.cache/": "a cache"}, "warn": {"one": ""}}'
expect_eq "$found" "error policy /root/.cache: is what the policy forbids by '/root/.cache/': a cache"

t "exceptions, and an image that has nothing of it"
policy '{"forbid": {"*.pyc": ""}, "except": ["/usr/**"]}'
expect_eq "$found" "error policy /testbed/src/a.pyc: is what the policy forbids by '*.pyc'"
policy '{"forbid": {"*.pyc": "", "answer": ""}, "except": ["/usr/**", "/testbed/**", "/answer"]}'
expect_status 0
expect_eq "$found" ''

t "the payload counts, what is removed does not, and a second time says the same"
for i in 1 2; do
	policy '{"forbid": {"*.gold.patch": "an answer", "packed-refs": ""}}' --payload payload:/openhands \
		--remove /testbed/.git --no-account
	expect_status 7
	expect_eq "$found" "error policy /openhands/notes.gold.patch: is what the policy forbids by '*.gold.patch': an answer"
done
run "$OHC" check --payload payload:/openhands --no-account oci:img:1
expect_no_out policy

t "standard input, and JSON"
echo '{"forbid": {"answer": "why"}}' >policy.json
run bash -c '"$OHC" check --profile none --json --policy - oci:img:1 <policy.json'
expect_status 7
expect_eq "$(json '[[f["level"], f["subject"]] for f in j if f["code"] == "policy"]')" '[["error", "/answer"]]'

t "a file that is no policy: before the image is looked at"
while IFS='|' read -r text message; do
	printf '%s' "$text" >policy.json
	run "$OHC" check --policy policy.json oci:nowhere:1
	expect_status 3
	expect_err "policy 'policy.json'.*$message"
done <<'END'
{"forbid": {"a": 1}}|'forbid' has a pattern without a text that says why
{"forbid": ["a"]}|'forbid' is not an object of patterns
{"forbid": {"": "x"}}|'forbid' has a pattern that fits no path
{"forbid": {"a/../b": "x"}}|'forbid' has a pattern that fits no path
{"forbid": {"a": ""}, "except": ["/x/./y"]}|'except' has a pattern that fits no path
{"forbid": {}}|'forbid' names nothing, and neither does 'warn'
{}|'forbid' names nothing, and neither does 'warn'
{"forbids": {"a": ""}}|forbids
{"forbid": {"a": ""}|is not valid JSON: line 1
{"forbid": {"a": "x", "a": "y"}}|is not valid JSON
END
run "$OHC" check --policy none.json oci:img:1
expect_status 4
expect_err "none.json"
py -c 'import json; print(json.dumps({"forbid": {f"p{i}": "" for i in range(1001)}}))' >many.json
run "$OHC" check --policy many.json oci:img:1
expect_status 3
expect_err "too many patterns"

finish
