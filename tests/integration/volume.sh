#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A payload image as a volume: what `inspect --volume` prints is done word by word, and the payload runs read-only on
# an image that nobody changed.
. "$(dirname "$0")/../lib.sh"

start_registry
load_base base:1 >/dev/null
mkdir -p root/bin
cp "$(command -v busybox)" root/bin/real
cat >root/bin/hello <<'END'
#!/bin/sh
echo "volume speaks, A is $A"
touch /openhands/x 2>/dev/null || echo read-only
END
chmod 755 root/bin/hello
base=$REGISTRY/base:1
pull_policy="--tls-verify=false --signature-policy $tmp/.lib/policy.json"

# line WORD...: the command among the comments that begins with these words, for the base and our program
line()
{
	sed -n "s/^# \($* .*\)/\1/p" volume | sed "s|IMAGE COMMAND|$base /openhands/bin/hello|"
}

t "a pod that mounts the prefix, with the lines for docker and podman"
expect "$OHC" pack -q --profile none --env "A=it's b" --env 'PATH=/openhands/bin:$PATH' root "$REGISTRY/payload:1"
run "$OHC" inspect --volume "$REGISTRY/payload:1"
expect_status 0
printf '%s\n' "$out" >volume
expect_eq "$(sed -n 's/^      reference: //p' volume)" "$REGISTRY/payload@$(image digest "$REGISTRY/payload:1")"
expect_true grep -qx '      mountPath: /openhands' volume
expect_true grep -qx '      subPath: openhands' volume
expect_true grep -qx '      value: "it'"'"'s b"' volume
expect_out '^# not set, as IMAGE.s own value belongs to it: PATH=/openhands/bin:\$PATH'

t "the pod is one that Kubernetes takes"
if have kubernetes-validate; then
	expect kubernetes-validate --version 1.33 --strict volume
elif "$PYTHON" -c 'import yaml' 2>/dev/null; then
	expect_eq "$("$PYTHON" -c 'import yaml
p = yaml.safe_load(open("volume"))
c, (v,) = p["spec"]["containers"][0], p["spec"]["volumes"]
print(p["kind"], c["volumeMounts"][0]["name"] == v["name"], c["env"], c["volumeMounts"][0]["readOnly"])')" \
		"Pod True [{'name': 'A', 'value': \"it's b\"}] True"
else
	skip "neither kubernetes-validate nor PyYAML"
fi

t "podman's lines: the payload runs, and cannot be written"
if start_podman; then
	podman pull -q $pull_policy "$base" >engine.log 2>&1 || fail "$(cat engine.log)"
	eval "$(line podman pull | sed "s|podman pull|& -q $pull_policy|")" >engine.log 2>&1 || fail "$(cat engine.log)"
	run eval "$(line podman run | sed 's|podman run|& --network none --ulimit nofile=1024 --ulimit nproc=1024|')"
	expect_status 0
	expect_eq "$out" $'volume speaks, A is it\'s b\nread-only'
	podman image unmount --all >engine.log
else
	skip "$no_engine"
fi

t "docker's lines: the same"
if start_dockerd overlay2; then
	docker pull -q "$base" >engine.log 2>&1 || fail "$(cat engine.log)"
	eval "$(line docker create)" >engine.log 2>&1 || fail "$(cat engine.log)"
	run eval "$(line docker run | sed 's|docker run|& --network none|')"
	if [[ $status = 12[56] ]]; then
		skip "no container can be started by docker here: $err"
	else
		expect_status 0
		expect_eq "$out" $'volume speaks, A is it\'s b\nread-only'
	fi
	docker rm -v openhands >engine.log 2>&1
else
	skip "$no_engine"
fi

t "what is no payload image, or in no registry, is refused"
run "$OHC" inspect --volume "$base"
expect_message 3 "'$REGISTRY/base@sha256:[0-9a-f]*' is no payload image"
make_layout layout:1 --layer root >/dev/null
run "$OHC" inspect --volume oci:layout:1
expect_message 2 "engines take a volume from a registry: copy 'oci:layout:1' into one"
run "$OHC" inspect --volume --tree "$base"
expect_message 2 "'--tree' and '--volume' cannot be given together"

finish
