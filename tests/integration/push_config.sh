#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The config and manifest that come out: the profiles, every option, and what was there before.
. "$(dirname "$0")/../lib.sh"

small_payload payload
make_layout base:1 --layer payload \
	--config '{"Env": ["PATH=/opt/bin:/bin", "KEEP=me", "HOME=/root"], "Cmd": ["/bin/sh"],
		"Entrypoint": ["/entry"], "User": "root", "WorkingDir": "/root",
		"ExposedPorts": {"22/tcp": {}}, "Volumes": {"/data": {}},
		"Labels": {"old": "label"}, "StopSignal": "SIGQUIT",
		"Healthcheck": {"Test": ["CMD", "true"], "Interval": 30000000000},
		"OnBuild": ["RUN x"], "Shell": ["/bin/ash", "-c"], "ArgsEscaped": true,
		"StopTimeout": 11, "X-Unknown": {"a": [1, 2.5, null, "é"]}}' \
	--config-top '{"author": "someone", "os.version": "1.2.3", "x-top": 9007199254740993}' \
	--manifest '{"annotations": {"old": "annotation"}, "x-manifest": {"deep": true}}' >base.digest

# push OPTIONS...: and its config in config.json, manifest in manifest.json
push()
{
	run "$OHC" push --no-check --payload payload "$@" oci:base:1 oci:out:x
	expect_status 0
	image config oci:out:x >config.json
	image manifest oci:out:x >manifest.json
}
config()
{
	json "j[\"config\"]$1" config.json
}

t "the default profile: env, user, workdir, command, port"
push
expect_eq "$(config '["Env"]')" "$(json 'j' <(cat <<'E2'
["PATH=/openhands/bin:/opt/bin:/bin", "KEEP=me", "HOME=/root",
 "POETRY_VIRTUALENVS_PATH=/openhands/poetry", "MAMBA_ROOT_PREFIX=/openhands/micromamba",
 "PLAYWRIGHT_BROWSERS_PATH=/openhands/browser/ms-playwright", "LANG=C.UTF-8", "LC_ALL=C.UTF-8"]
E2
))"
expect_eq "$(config '["User"]')" 1000:1000
expect_eq "$(config '["WorkingDir"]')" /workspace
expect_eq "$(config '["Cmd"]')" \
	'["/openhands/bin/oh-action-execution-server", "8000", "/workspace"]'
expect_eq "$(config '.get("Entrypoint")')" null
expect_eq "$(config '["ExposedPorts"]')" '{"22/tcp": {}, "8000/tcp": {}}'

t "what was there and is not ours stays"
expect_eq "$(config '["Volumes"]')" '{"/data": {}}'
expect_eq "$(config '["Labels"]["old"]')" label
expect_eq "$(config '["StopSignal"]')" SIGQUIT
expect_eq "$(config '["Healthcheck"]')" '{"Interval": 30000000000, "Test": ["CMD", "true"]}'
expect_eq "$(config '["OnBuild"]')" '["RUN x"]'
expect_eq "$(config '["Shell"]')" '["/bin/ash", "-c"]'
expect_eq "$(config '["ArgsEscaped"]')" true
expect_eq "$(config '["StopTimeout"]')" 11
expect_eq "$(config '["X-Unknown"]["a"][3]')" é
expect_eq "$(config '["X-Unknown"]["a"][1]')" 2.5
expect_eq "$(json 'j["author"]' config.json)" someone
expect_eq "$(json 'j["os.version"]' config.json)" 1.2.3
expect_eq "$(json 'j["x-top"]' config.json)" 9007199254740993
expect_eq "$(json 'j["annotations"]["old"]' manifest.json)" annotation
expect_eq "$(json 'j["x-manifest"]' manifest.json)" '{"deep": true}'

t "diff IDs, layers and history agree"
expect_eq "$(json 'len(j["rootfs"]["diff_ids"])' config.json)" \
	"$(json 'len(j["layers"])' manifest.json)"
expect_eq "$(json 'len([h for h in j["history"] if not h.get("empty_layer")])' config.json)" \
	"$(json 'len(j["layers"])' manifest.json)"
expect_eq "$(json 'j["history"][0]["created_by"]' config.json)" 'layer 0'
expect_true test "$(json 'sum("ohcompose" in h.get("created_by", "") for h in j["history"])' config.json)" -ge 1
for n in $(seq 0 $(($(json 'len(j["layers"])' manifest.json) - 1))); do
	expect_eq "sha256:$(image layer "$n" oci:out:x | sha256sum | cut -d' ' -f1)" \
		"$(json "j['rootfs']['diff_ids'][$n]" config.json)" "diff ID $n"
done

t "the adapter layer holds the account with its home, /workspace and a /tmp, and nothing else"
image layer -1 oci:out:x | tar --numeric-owner -tvf - >listing
expect_eq "$(sed 's/.* //' listing | tr '\n' ' ')" \
	"etc/ etc/group etc/passwd home/ home/openhands/ tmp/ workspace/ "
expect_true grep -E '^drwx[r-][w-]x[r-][w-]x 1000/1000 .* workspace/$' listing
expect_eq "$(json 'j["layers"][-1]["role"]' <("$OHC" push --no-check --json --dry-run --payload payload \
	oci:base:1 oci:out:y 2>/dev/null))" adapter

t "--env replaces, adds, and expands the base's values"
push --env KEEP=you --env NEW=1 --env 'PATH=/x:$PATH' --env 'H=${HOME}/sub' --env 'N=$NOPE.' \
	--env EMPTY=
expect_eq "$(json 'dict(e.split("=", 1) for e in j["config"]["Env"])["KEEP"]' config.json)" you
expect_eq "$(json 'dict(e.split("=", 1) for e in j["config"]["Env"])["NEW"]' config.json)" 1
expect_eq "$(json 'dict(e.split("=", 1) for e in j["config"]["Env"])["H"]' config.json)" /root/sub
expect_eq "$(json 'dict(e.split("=", 1) for e in j["config"]["Env"])["N"]' config.json)" .
expect_eq "$(json 'dict(e.split("=", 1) for e in j["config"]["Env"])["EMPTY"]' config.json)" ''
expect_eq "$(json 'len(j["config"]["Env"])' config.json)" \
	"$(json 'len({e.split("=")[0] for e in j["config"]["Env"]})' config.json)"

t "--unset-env"
push --unset-env KEEP --unset-env LANG --unset-env NOT_THERE
expect_eq "$(json '[e for e in j["config"]["Env"] if e.startswith(("KEEP=", "LANG="))]' \
	config.json)" '[]'

t "--user, --workdir, --stop-signal"
push --user 5:6 --workdir /else/where --stop-signal SIGINT
expect_eq "$(config '["User"]')" 5:6
expect_eq "$(config '["WorkingDir"]')" /else/where
expect_eq "$(config '["StopSignal"]')" SIGINT

t "--entrypoint and --cmd, as JSON and as a string"
push --entrypoint '["/e", "a b"]' --cmd '["c", "d"]'
expect_eq "$(config '["Entrypoint"]')" '["/e", "a b"]'
expect_eq "$(config '["Cmd"]')" '["c", "d"]'
push --entrypoint /bin/run --cmd 'echo $HOME'
expect_eq "$(config '["Entrypoint"]')" '["/bin/sh", "-c", "/bin/run"]'
expect_eq "$(config '["Cmd"]')" '["/bin/sh", "-c", "echo $HOME"]'

t "--label, --annotation, --expose, --volume"
push --label a=b --label old=new --annotation x.y=z --expose 53/udp --expose 80 --volume /vol
expect_eq "$(config '["Labels"]["a"]')" b
expect_eq "$(config '["Labels"]["old"]')" new
expect_eq "$(json 'j["annotations"]["x.y"]' manifest.json)" z
expect_eq "$(config '["ExposedPorts"]')" '{"22/tcp": {}, "53/udp": {}, "80/tcp": {}, "8000/tcp": {}}'
expect_eq "$(config '["Volumes"]')" '{"/data": {}, "/vol": {}}'

t "an empty value clears"
push --cmd '' --entrypoint '' --user '' --workdir '' --stop-signal '' --expose '' --volume ''
for field in Cmd Entrypoint ExposedPorts Volumes; do
	expect_eq "$(config ".get(\"$field\")")" null "$field"
done
for field in User WorkingDir StopSignal; do
	expect_eq "$(config ".get(\"$field\") or None")" null "$field"
done

t "--profile none changes nothing that was not asked for"
run "$OHC" push --no-check --profile none --payload payload:/opt/payload oci:base:1 oci:out:none
expect_status 0
image config oci:out:none >config.json
image config oci:base:1 >base.json
expect_eq "$(json 'j["config"]' config.json)" "$(json 'j["config"]' base.json)"

t "the other profiles"
push --profile agent-server
expect_eq "$(config '["User"]')" openhands
expect_eq "$(config '["WorkingDir"]')" /
expect_eq "$(config '["Entrypoint"]')" \
	'["tini", "--", "/agent-server/.venv/bin/python", "-m", "openhands.agent_server"]'
image layer 1 oci:out:x | tar --numeric-owner -tvf - >listing
expect_true grep -E ' 10001/10001 .* agent-server/bin/hello$' listing
push --profile agent-server-binary
push --profile openhands-v0
expect_eq "$(config '["WorkingDir"]')" /openhands/code

t "a profile in a file"
cat >profile.json <<'E2'
{
  "name": "mine",
  "prefix": "/mine",
  "config": {"env": {"PATH": "/mine/bin:$PATH"}, "workdir": "/mine"}
}
E2
run "$OHC" push --no-check --payload payload --profile ./profile.json oci:base:1 oci:out:mine
expect_status 0
expect_eq "$(json 'j["config"]["WorkingDir"]' <(image config oci:out:mine))" /mine
expect_eq "$(json '[e for e in j["config"]["Env"] if e.startswith("PATH=")]' \
	<(image config oci:out:mine))" '["PATH=/mine/bin:/opt/bin:/bin"]'

t "a base without a PATH gets the default one behind ours, and no empty element"
make_layout nopath:1 --layer payload --config '{}' >/dev/null
run "$OHC" push --no-check --payload payload oci:nopath:1 oci:out:nopath
expect_status 0
expect_eq "$(json '[e for e in j["config"]["Env"] if e.startswith("PATH=")]' \
	<(image config oci:out:nopath))" \
	'["PATH=/openhands/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]'
make_layout emptypath:1 --layer payload --config '{"Env": ["PATH="]}' >/dev/null
run "$OHC" push --no-check --payload payload oci:emptypath:1 oci:out:emptypath
expect_status 0
expect_false grep -E '"PATH=[^"]*(::|:")' <(image config oci:out:emptypath)

t "a base with null and missing members"
make_layout null:1 --layer payload --config '{"Env": null, "Labels": null, "ExposedPorts": null,
	"Volumes": null, "Cmd": null, "Entrypoint": null}' --config-top '{"history": null}' >/dev/null
run "$OHC" push --no-check --payload payload --label a=b oci:null:1 oci:out:null
expect_status 0
expect_eq "$(json 'j["config"]["Labels"]' <(image config oci:out:null))" '{"a": "b"}'

t "what of a base is not the new image's"
other=sha256:$(printf '%064d' 1)
subject="{\"mediaType\": \"application/vnd.oci.image.manifest.v1+json\", \"digest\": \"$other\", \"size\": 7}"
make_layout refers:1 --layer payload --manifest "{\"subject\": $subject, \"annotations\": {\"a\": \"b\"}}" >/dev/null
run "$OHC" push --no-check --payload payload oci:refers:1 oci:out:refers
expect_status 0
expect_eq "$(json '["subject" in j, j["annotations"]["a"]]' <(image manifest oci:out:refers))" '[false, "b"]'
top=$(make_layout refers:all --layer payload --platform linux/amd64,linux/arm64 --attestation \
	--index-json "{\"subject\": $subject}" --manifest "{\"subject\": $subject}")
py - "$top" <<'EOF'
# The index carries the manifests' bytes, too (image-spec descriptor.md, "data").
import base64, hashlib, json, sys
blobs = "refers/blobs/sha256/"
index = json.load(open(blobs + sys.argv[1][7:]))
for entry in index["manifests"]:
    entry["data"] = base64.b64encode(open(blobs + entry["digest"][7:], "rb").read()).decode()
text = json.dumps(index).encode()
digest = hashlib.sha256(text).hexdigest()
open(blobs + digest, "wb").write(text)
top = json.load(open("refers/index.json"))
for entry in top["manifests"]:
    if entry["digest"] == sys.argv[1]:
        entry.update(digest="sha256:" + digest, size=len(text))
json.dump(top, open("refers/index.json", "w"))
EOF
run "$OHC" push --no-check --platform all --payload payload oci:refers:all oci:out:all
expect_status 0
"$OHC" inspect --raw oci:out:all >index.json
expect_eq "$(json '"subject" in j' index.json)" false
expect_eq "$(json '[[m["platform"]["architecture"], "data" in m] for m in j["manifests"]]' index.json)" \
	'[["amd64", false], ["arm64", false]]'
expect_eq "$(json '"subject" in j' <("$OHC" inspect --raw --platform linux/arm64 oci:out:all))" false

finish
