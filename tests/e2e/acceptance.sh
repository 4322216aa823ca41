#!/usr/bin/env bash
# time limit: 900
# SPDX-License-Identifier: Apache-2.0
# The program's promises, tried as its users would, by the numbers of that list.  Others of it
# are marked "acceptance N" where they are: 2 in tests/integration/push_determinism.sh, 5 and 6 in
# bases.sh beside this, 9 in tests/integration/check.sh, 10 in tests/integration/push_engine.sh.
. "$(dirname "$0")/../lib.sh"

have skopeo || skip_all "no skopeo"
start_registry
small_payload payload
busybox_rootfs plain

# layers_of NAME: digests, a line each
layers_of()
{
	image manifest "$1" | json '"\n".join(l["digest"] for l in j["layers"])' /dev/stdin
}

size_of()
{
	du -s --apparent-size -B1 "$1" | cut -f1
}

t "1: composed without root's rights or a network; the contract shows, the base's layers are its own"
mkdir second
echo second >second/file
make_layout base:1 --layer plain --layer second --config "$BASE_CONFIG" >/dev/null
if ! (trap - ERR; unshare --user --net true) 2>/dev/null; then
	skip "no user namespaces here"
else
	run unshare --user --net "$OHC" push -q --payload payload oci:base:1 oci:out:1
	expect_status 0
	expect skopeo inspect --config oci:out:1
	expect_eq "$(json '[j["config"][k] for k in ("User", "WorkingDir", "Cmd", "ExposedPorts")]')" \
		'["1000:1000", "/workspace", ["/openhands/bin/oh-action-execution-server", "8000", "/workspace"], {"8000/tcp": {}}]'
	expect_eq "$(json '[e for e in j["config"]["Env"] if e.startswith(("PATH", "LD_", "LANG"))]')" \
		'["PATH=/openhands/bin:/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8"]'
	expect_eq "$(json '"Entrypoint" in j["config"]')" false
	expect_eq "$(layers_of oci:out:1 | sed -n 1,2p)" "$(layers_of oci:base:1)" "the base's layers"
fi

t "3: twenty bases, one payload: it has one digest, and an image costs less than 1 MB"
for i in $(seq 20); do
	mkdir -p "b$i/srv"
	head -c 3000000 /dev/urandom >"b$i/srv/data"
	[ $((i % 2)) = 0 ] || echo "user$i:x:$((2000 + i)):100::/:/bin/sh" | cat plain/etc/passwd - >"b$i/passwd"
	[ ! -e "b$i/passwd" ] || { mkdir "b$i/etc" && mv "b$i/passwd" "b$i/etc/passwd"; }
	make_layout "bases:$i" --layer plain --layer "b$i" --config "$BASE_CONFIG" >/dev/null
	put_layout "bases:$i" "$REGISTRY/base:$i" >/dev/null
	before=$(size_of "$REGISTRY_ROOT")
	"$OHC" push -q --payload payload "$REGISTRY/base:$i" "$REGISTRY/twenty:$i" >/dev/null 2>&1
	grown=$(($(size_of "$REGISTRY_ROOT") - before))
	[ $i = 1 ] || [ $grown -lt 1000000 ] || fail "image $i costs $grown bytes"
	layers_of "$REGISTRY/twenty:$i" | sed -n 3p >>payloads
done
expect_eq "$(sort -u payloads | wc -l)" 1 "digests of the payload"

# OHC_TEST_IMAGES=500 makes it as many as were asked for.
t "4: many images to a registry: one upload of the payload, else mounts; again: nothing is sent"
images=${OHC_TEST_IMAGES:-60}
sleep 3
for round in 1 2; do
	registry_log_mark
	for i in $(seq "$images"); do
		"$OHC" push -q --json --payload payload "$REGISTRY/base:$((i % 20 + 1))" \
			"$REGISTRY/many$i:1" 2>push.err || fail "image $i: $(cat push.err)"
	done >pushed
	_cmd="pushes of round $round" out="" err=""
	said=$("$PYTHON" -c 'import collections, json, sys
layers = [l for line in open("pushed") for l in json.loads(line)["layers"] if l["role"] == "payload"]
print(dict(collections.Counter(l["action"] for l in layers)))')
	if [ $round = 1 ]; then
		expect_eq "$said" "{'mounted': $images}" "the payload" # by now twenty:* have it
		digest=$(sed -n 1p payloads)
		expect_eq "$(registry_log_since | grep -c "^POST .*mount=sha256%3A${digest#*:}&.* 201$")" \
			"$images" "mounts"
	else
		expect_eq "$said" "{'kept': $images}" "the payload"
		expect_eq "$(registry_log_since | sed -E '/^(GET|HEAD|PUT .*manifests)/d')" "" "what is sent"
	fi
done

t "7: 1 GB that belongs to the user is stored once"
mkdir -p large/data
head -c 8000000 /dev/urandom >block
for i in $(seq 125); do
	{ echo "$i" && cat block; } >"large/data/$i"
done
cp payload/bin/tool large/oh
sleep 3 # what was written to moments ago is not remembered
before=$(size_of "$REGISTRY_ROOT")
for i in 1 2; do
	run "$OHC" push --json --check=warn --payload large --cmd '["/openhands/oh"]' "$REGISTRY/base:$i" \
		"$REGISTRY/large:$i"
	expect_status 0
	expect_eq "$(json '[l["role"] for l in j["layers"]]')" '["base", "base", "payload", "adapter"]'
	expect_eq "$(json 'j["layers"][3]["size"] < 10000')" true
	expect_eq "$(json 'j["layers"][2]["action"]')" "$([ $i = 1 ] && echo uploaded || echo kept)"
	stored=$(json 'j["layers"][2]["size"]')
done
grown=$(($(size_of "$REGISTRY_ROOT") - before))
expect_true test $grown -lt $((stored + 2000000))
expect_eq "$(layer_owners -2 "$REGISTRY/large:1")" \
	1000/1000 "owners in the payload"
rm -rf large

t "8: an amd64 payload on an arm64 base is refused before anything is written"
make_layout bases:arm64 --layer plain --platform linux/arm64 --config "$BASE_CONFIG" >/dev/null
put_layout bases:arm64 "$REGISTRY/arm64:1" >/dev/null
case $(uname -m) in x86_64) other=arm64 ;; *) other=amd64 ;; esac
if [ $other = amd64 ]; then
	skip "this machine's own programs are for arm64"
else
	registry_log_mark
	begun=$(registry_uploads)
	run "$OHC" push --payload payload --platform linux/arm64 "$REGISTRY/arm64:1" "$REGISTRY/refused:1"
	expect_message '4|7' 'amd64|arm64'
	# An upload that is begun, to see whether it may be, and given up again has written nothing.
	expect_eq "$(registry_log_since | sed -E '/^(GET|HEAD) /d; /^POST [^?]*\/blobs\/uploads\/ 202$/d; /^DELETE .* 204$/d')" \
		"" "requests that write"
	expect_eq "$(registry_uploads)" "$begun" "uploads that are not given up"
	run "$OHC" push --payload payload "$REGISTRY/arm64:1" oci:refused:1
	expect_message '4|7' 'amd64|arm64'
	expect_false test -e refused
fi

t "8: for arm64 on this machine it takes the time that it takes for amd64"
mkdir -p neutral/bin
printf '#!/bin/sh\n' >neutral/bin/oh-action-execution-server
chmod 755 neutral/bin/oh-action-execution-server
for i in $(seq 10); do
	{ echo "$i" && cat block; } >"neutral/$i"
done
for arch in arm64 amd64 arm64; do
	make_layout "arch:$arch" --layer plain --platform linux/$arch --config "$BASE_CONFIG" >/dev/null
	run "$OHC" push --json --no-cache --check=warn --payload neutral --platform linux/$arch \
		"oci:arch:$arch" "oci:arch-out-$arch:1"
	expect_status 0
	expect_eq "$(json 'j["platform"]')" linux/$arch
	eval "took_$arch=$(json 'int(j["seconds"] * 1000)')"
done
# shellcheck disable=SC2154
expect_true test "$took_arm64" -lt $((took_amd64 * 3 + 1000))

t "11: a base tag that moved is seen; names as others write them"
run "$OHC" push --payload payload "$REGISTRY/base:1" "$REGISTRY/moved:1"
first=${out##*@}
run "$OHC" push --payload payload "docker://$REGISTRY/base:1" "$REGISTRY/moved:1"
expect_eq "${out##*@}" "$first" "digest"
pinned=$(image digest "$REGISTRY/base:1")
put_layout bases:2 "$REGISTRY/base:1" >/dev/null
run "$OHC" push --payload payload "$REGISTRY/base:1" "$REGISTRY/moved:1"
expect_status 0
expect_true test "${out##*@}" != "$first"
expect_eq "$(image manifest "$REGISTRY/moved:1" |
	json 'j["annotations"]["org.opencontainers.image.base.digest"]' /dev/stdin)" \
	"$(image digest "$REGISTRY/base:1")" "the base's digest"
run "$OHC" push --payload payload "$REGISTRY/base@$pinned" "$REGISTRY/moved:pinned"
expect_status 0
expect_eq "$(layers_of "$REGISTRY/moved:pinned" | sed -n 1,2p)" "$(layers_of oci:bases:1)"
run "$OHC" push --payload payload "$REGISTRY/base:1@$pinned" "$REGISTRY/moved:pinned"
expect_status 0

t "12: killed at any point, nobody sees a part of an image, and the next run succeeds"
for i in $(seq "${OHC_TEST_KILLS:-10}"); do
	name=$REGISTRY/killed:$i
	mv neutral/x neutral/y 2>/dev/null || mv neutral/y neutral/x 2>/dev/null || : >neutral/x
	echo "$i" >neutral/x
	rm -f neutral/y
	"$OHC" push -q --check=warn --payload neutral "$REGISTRY/base:3" "$name" >/dev/null 2>&1 &
	sleep "0.$(printf %03d $((RANDOM % 700)))"
	kill -9 $! 2>/dev/null || true
	wait $! 2>/dev/null || true
	seen=$(curl -sf -o /dev/null -w '%{http_code}' "http://$REGISTRY/v2/killed/manifests/$i" \
		-H 'Accept: application/vnd.oci.image.manifest.v1+json' || true)
	if [ "$seen" = 200 ]; then
		expect "$OHC" verify -q "$name"
	else
		expect_eq "$seen" 404 "the registry's answer"
	fi
	expect "$OHC" push -q --check=warn --payload neutral "$REGISTRY/base:3" "$name"
	[ $((i % 3)) != 0 ] || expect "$OHC" verify -q "$name"
done

finish
