#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# push --payload of what pack made: mounted without a byte of it being read; its profile, variables
# and links; what its labels say is held against the base.
. "$(dirname "$0")/../lib.sh"

start_registry
load_base base:1 >/dev/null
mkdir -p tree/bin tree/etc/ssl/certs
printf 'a shell, say\n' >tree/bin/bash
chmod 755 tree/bin/bash
echo bundle >tree/etc/ssl/certs/ca-certificates.crt
echo more >tree/file

blobs_of()
{
	image manifest "$1" | json '" ".join(l["digest"] for l in j["layers"])' /dev/stdin
}

config()
{
	"$OHC" inspect --config "$1"
}

t "mounted: not one GET of a payload's blob, nothing read, nothing sent"
expect "$OHC" pack --profile agent-server --prefix /agent-server --env 'PATH=/agent-server/bin:$PATH' \
	--env 'PAYLOAD=of the payload' --env LOG_JSON=payload tree "$REGISTRY/payload:1"
registry_log_mark
run "$OHC" push --no-cache --json --payload "$REGISTRY/payload:1" "$REGISTRY/base:1" "$REGISTRY/app:1"
expect_status 0
expect_eq "$(json '[l["action"] for l in j["layers"] if l["role"] == "payload"]')" '["mounted"]'
expect_eq "$(json 'j["bytes"]["read"]')" 0
requests=$(registry_log_since)
for blob in $(blobs_of "$REGISTRY/payload:1"); do
	expect_false grep -E "^GET /v2/.*/blobs/$blob" <<<"$requests"
	expect_true grep -E "^POST /v2/app/blobs/uploads/.*mount=.* 201$" <<<"$requests"
	expect_true registry_has app "$blob"
done

t "its profile is the default, and its variables come between the base's and the profile's"
config "$REGISTRY/app:1" >app.json
expect_eq "$(json 'j["config"]["Entrypoint"][0]' app.json)" tini
expect_eq "$(json 'j["config"]["User"]' app.json)" openhands
expect_eq "$(json '[e for e in j["config"]["Env"] if e.startswith("PAYLOAD=")]' app.json)" \
	'["PAYLOAD=of the payload"]'
expect_eq "$(json '[e for e in j["config"]["Env"] if e.startswith("LOG_JSON=")]' app.json)" \
	'["LOG_JSON=true"]'
path=$(config "$REGISTRY/base:1" |
	json '[e for e in j["config"].get("Env", ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]) if e.startswith("PATH=")][0][5:]' /dev/stdin)
expect_eq "$(json '[e for e in j["config"]["Env"] if e.startswith("PATH=")]' app.json)" \
	"[\"PATH=/agent-server/bin:$path:/agent-server/bin\"]"

t "what push found of a payload by its label alone is not all that check finds"
mkdir -p alone/bin
cp "$(command -v env)" alone/bin/tool
printf '#!/none/interpreter\n' >alone/bin/script
chmod +x alone/bin/*
run "$OHC" pack --closure alone oci:packed:alone
expect_status 0
alone=(--profile none --cmd '["/openhands/bin/tool"]' --payload oci:packed:alone)
run "$OHC" push "${alone[@]}" "$REGISTRY/base:1" oci:image:alone
expect_status 0
expect_no_err script-interpreter
run "$OHC" check "${alone[@]}" "$REGISTRY/base:1"
expect_status 0
expect_out 'script-interpreter /openhands/bin/script'

t "what pack made is not read again by who looks at it then"
cp -R alone twice
mkdir -p twice/lib/python3/site-packages/x-1.dist-info
printf 'Name: x\nVersion: 1\n\ntext\n' >twice/lib/python3/site-packages/x-1.dist-info/METADATA
expect "$OHC" pack --cache made --closure --env A=1 twice oci:packed:twice
cp -R made read
rm -r read/layer-index
for cache in made read; do
	run "$OHC" check -v --cache $cache "${alone[@]:0:4}" --payload oci:packed:twice "$REGISTRY/base:1"
	expect_err "peek: $([ $cache = made ] && echo 0 || echo 2) of 2 layers of 'packed' must be read"
done
expect_true diff -r made/layer-index read/layer-index
expect "$OHC" pack --no-cache twice oci:packed:none

t "a tree with its own loader runs where it is packed without a closure, too"
run "$OHC" unpack oci:packed:alone unpacked
rm unpacked/bin/script
run "$OHC" pack unpacked oci:packed:again
expect_status 0
expect_eq "$(config oci:packed:again | json 'j["config"]["Labels"]["io.ohcompose.payload.libc"]' /dev/stdin)" unknown
mkdir nothing
make_layout none:1 --layer nothing >/dev/null
run "$OHC" push "${alone[@]:0:4}" --payload oci:packed:again oci:none:1 oci:image:again
expect_status 0
# What was just written may change once more in the same moment: it is read each time.
for try in 1 2 3 4 5; do
	touch unpacked/new
	touched=$EPOCHSECONDS reads=
	for n in 1 2; do
		run "$OHC" pack --json unpacked "oci:fresh:$n"
		expect_status 0
		reads+=" $(json 'j["bytes"]["read"] > 100000')"
	done
	# A slow machine may have left that moment.
	[ $((EPOCHSECONDS - touched)) -gt 1 ] || break
done
expect_eq "$reads" " true true" "read, on try $try"

t "the owner is the profile's account's, whatever it is"
expect_eq "$(layer_owners 0 "$REGISTRY/payload:1")" 10001/10001
expect_eq "$(config "$REGISTRY/payload:1" | json 'j["config"]["Labels"]["io.ohcompose.payload.owner"]' /dev/stdin)" \
	10001:10001
while read -r profile owner; do
	expect "$OHC" pack --profile "$profile" tree "oci:owners:$profile"
	expect_eq "$(layer_owners 0 "oci:owners:$profile")" "$owner" "owner for $profile"
done <<EOF
openhands 1000/1000
openhands-v0 0/0
none 1000/1000
EOF
expect "$OHC" pack tree oci:owners:nobody
expect_eq "$(layer_owners 0 oci:owners:nobody)" 1000/1000
expect "$OHC" pack --profile agent-server --owner 7:8 tree oci:owners:given
expect_eq "$(layer_owners 0 oci:owners:given)" 7/8
echo '{"owner": "5:6", "profile": "agent-server", "layers": [{"name": "x", "copy": [{"from": "tree"}]}]}' >owned.json
expect "$OHC" pack owned.json oci:owners:recipe
expect_eq "$(layer_owners 0 oci:owners:recipe)" 5/6

t "push --owner cannot change a packed payload, and says so"
run "$OHC" push --owner 10001:10001 --payload "$REGISTRY/payload:1" "$REGISTRY/base:1" "$REGISTRY/app:owned"
expect_status 0
for option in "--owner 1000:1000" "--owner 10001:1000 --no-check"; do
	registry_log_mark
	# shellcheck disable=SC2086
	run "$OHC" push --no-cache $option --payload "$REGISTRY/payload:1" "$REGISTRY/base:1" "$REGISTRY/app:other"
	expect_message 2 "'/agent-server' of the payload '.*/payload:1' belongs to 10001:10001, and the layers of an image are used as they are: pack it again with that --owner"
	expect_false grep -E '^(PUT|GET /v2/payload/blobs/.* 200 .*octet)' < <(registry_log_since)
done
t "nor that of an image without labels, which is looked at"
tar --owner=0 --group=0 -C tree -cf plain.tar --transform 's,^\.,openhands,' .
make_layout plain:1 --layer plain.tar >/dev/null
run "$OHC" push --owner 1000:1000 --no-check --payload oci:plain:1 "$REGISTRY/base:1" oci:app:other
expect_message 2 "'/openhands/?' of the payload 'oci:plain:1' belongs to 0:0"
expect "$OHC" push --owner 0:0 --no-check --payload oci:plain:1 "$REGISTRY/base:1" oci:app:same
echo more >other
tar -rf plain.tar other
make_layout plain:1 --layer plain.tar >/dev/null
expect "$OHC" push --owner 7:7 --no-check --payload oci:plain:1 "$REGISTRY/base:1" oci:app:extracted
expect_eq "$(layer_owners -2 oci:app:extracted)" 7/7

t "a payload of another user than the image's is a finding, also by its label alone"
run "$OHC" push --payload "$REGISTRY/payload:1:/agent-server" --profile agent-server --account me:1000:1000 \
	--user 1000:1000 "$REGISTRY/base:1" "$REGISTRY/app:mine"
expect_err "warning: payload-owner: '/agent-server' belongs to uid 10001, as its labels say, not to the user 1000"
expect_no_err "payload-owner.*push with"
run "$OHC" push --payload "$REGISTRY/payload:1:/agent-server" --profile agent-server --account me:1000:1000 \
	--user me "$REGISTRY/base:1" "$REGISTRY/app:mine"
expect_err "warning: payload-owner: '/agent-server' belongs to uid 10001, as its labels say, not to the user 1000"
run "$OHC" push --payload "$REGISTRY/payload:1" "$REGISTRY/base:1" "$REGISTRY/app:mine"
expect_no_err payload-owner

t "a command that is neither in the base nor where the payload may have it is refused, by its label alone"
for command in /nowhere/x /bin/nowhere; do
	run "$OHC" push --payload "$REGISTRY/payload:1" --entrypoint '' --cmd "[\"$command\"]" \
		"$REGISTRY/base:1" "$REGISTRY/app:nowhere"
	expect_message 7 "command-missing: '$command' is what the image starts, and is not in it"
done
run "$OHC" push --payload "$REGISTRY/payload:1" --entrypoint '' --cmd '["/agent-server/x"]' \
	"$REGISTRY/base:1" "$REGISTRY/app:known"
expect_status 0

t "another profile is taken when it is asked for"
expect "$OHC" push --payload "$REGISTRY/payload:1:/agent-server" --profile none "$REGISTRY/base:1" \
	"$REGISTRY/app:none"
expect_false grep -q agent_server < <(config "$REGISTRY/app:none")

t "where it goes is where it thinks it is"
expect "$OHC" pack --prefix /opt/tool tree "$REGISTRY/tool:1"
run "$OHC" push --json --payload "$REGISTRY/tool:1" --profile none "$REGISTRY/base:1" "$REGISTRY/app:tool"
expect_status 0
expect_eq "$(json '[l["action"] for l in j["layers"] if l["role"] == "payload"]')" '["mounted"]'
expect_true grep -q " /opt/tool/file$" < <("$OHC" inspect --tree "$REGISTRY/app:tool")

t "an empty base gets links to the shell and the certificates that the labels name"
expect "$OHC" pack --profile openhands tree "$REGISTRY/oh:1"
run "$OHC" push --no-cache --payload "$REGISTRY/oh:1" scratch "$REGISTRY/app:scratch"
expect_status 0
"$OHC" inspect --tree "$REGISTRY/app:scratch" >tree.txt
expect_true grep -q '/bin/bash -> /openhands/bin/bash$' tree.txt
expect_true grep -q '/bin/sh -> /openhands/bin/bash$' tree.txt
expect_true grep -q \
	'/etc/ssl/certs/ca-certificates.crt -> /openhands/etc/ssl/certs/ca-certificates.crt$' tree.txt

t "an image that is built on top of a payload image is another one: it is looked at"
"$OHC" push --profile none --payload tree:/opt/more "$REGISTRY/oh:1" "$REGISTRY/on-top:1" >/dev/null
expect "$OHC" push --json --no-check --payload "$REGISTRY/on-top:1" scratch "$REGISTRY/app:on-top"
expect_eq "$(json '[l["action"] for l in j["layers"] if l["role"] == "payload"]')" '["uploaded"]'
expect_false grep -q /opt/more < <("$OHC" inspect --tree "$REGISTRY/app:on-top")

t "the payload's architecture is the base's, or nothing is written"
expect "$OHC" pack --platform linux/arm64 --profile openhands tree "$REGISTRY/oh:arm64"
registry_log_mark
run "$OHC" push --payload "$REGISTRY/oh:arm64" "$REGISTRY/base:1" "$REGISTRY/refused:1"
expect_message 4 "is an image for linux/amd64, not for linux/arm64"
expect_false grep -E '^(PUT|PATCH)' < <(registry_log_since) # an upload is begun, to see whether it may
expect_eq "$(registry_uploads)" 0 "open uploads"

t "of a base with several platforms the payload's is taken"
load_base many:1 --platform linux/amd64,linux/arm64/v8 >/dev/null
run "$OHC" push --json --payload "$REGISTRY/oh:arm64" "$REGISTRY/many:1" "$REGISTRY/app:arm64"
expect_status 0
expect_eq "$(json 'j["platform"]')" linux/arm64

glibc_root()
{
	py "$top/tests/make_tree.py" "$1" <<-EOF
	elf /lib64/ld-linux-x86-64.so.2
	elf /lib64/libc.so.6 soname=libc.so.6 defs=GLIBC_2.17,GLIBC_$2
	EOF
}

t "a payload without a closure needs the base's libc, and a new enough one"
py "$top/tests/make_tree.py" old <<'EOF'
elf /bin/x type=exec interp=/lib64/ld-linux-x86-64.so.2 needed=libc.so.6 needs=libc.so.6:GLIBC_2.34
mode 755 /bin/x
EOF
expect "$OHC" pack old "$REGISTRY/needs:1"
expect_eq "$(config "$REGISTRY/needs:1" |
	json '[j["config"]["Labels"]["io.ohcompose.payload." + k] for k in ("libc", "glibc")]' \
		/dev/stdin)" '["glibc", "2.34"]'
glibc_root older 2.31
glibc_root exact 2.34
glibc_root newer 2.34,GLIBC_2.36
mkdir nothing && touch nothing/x
for root in older exact newer; do
	"$OHC" push --profile none --payload "$root/lib64:/lib64" scratch "$REGISTRY/$root:1" >/dev/null
done
"$OHC" push --profile none --payload nothing:/srv scratch "$REGISTRY/bare:1" >/dev/null
registry_log_mark
run "$OHC" push --cmd '["/openhands/bin/x"]' --payload "$REGISTRY/needs:1" "$REGISTRY/bare:1" "$REGISTRY/refused:2"
expect_message 7 "(libc-family|command-library): '/openhands/bin/x' needs the loader '/lib64/ld-linux-x86-64.so.2', and the image has no C library"
run "$OHC" push --cmd '["x"]' --payload "$REGISTRY/needs:1" "$REGISTRY/older:1" "$REGISTRY/refused:2"
expect_message 7 "libc-version: '/openhands/bin/x' needs GLIBC_2.34, which '/lib64/libc.so.6' does not have, only up to GLIBC_2.31"
expect_false grep -E '^(PUT|PATCH)' < <(registry_log_since) # an upload is begun, to see whether it may
expect_eq "$(registry_uploads)" 0 "open uploads"
for root in exact newer; do
	run "$OHC" push --cmd '["x"]' --payload "$REGISTRY/needs:1" "$REGISTRY/$root:1" "$REGISTRY/app:$root"
	expect_status 0
	expect_no_err GLIBC
done

t "what its labels do not say is found by reading it, once, where the push looks at all"
py "$top/tests/make_tree.py" more <<'EOF'
elf /bin/x type=exec interp=/lib64/ld-linux-x86-64.so.2 needed=libc.so.6,libmore.so.1
mode 755 /bin/x
EOF
expect "$OHC" pack --no-cache more "$REGISTRY/more:1"
blob=$("$OHC" inspect --raw "$REGISTRY/more:1" | json 'j["layers"][0]["digest"]' /dev/stdin)
registry_log_mark
run "$OHC" push --no-check --cmd '["x"]' --payload "$REGISTRY/more:1" "$REGISTRY/newer:1" "$REGISTRY/app:more"
expect_status 0
expect_false grep "GET .*$blob" < <(registry_log_since)
for time in first second; do
	run "$OHC" push --cmd '["x"]' --payload "$REGISTRY/more:1" "$REGISTRY/newer:1" "$REGISTRY/refused:3"
	expect_message 7 "'/openhands/bin/x' needs .*'libmore.so.1'|library-missing: 'libmore.so.1'|command-library: .*'libmore.so.1'"
done
expect_eq "$(registry_log_since | grep -c "GET .*$blob")" 1 "how often it was read"

t "check reads it in full"
run "$OHC" check -v --payload "$REGISTRY/needs:1" "$REGISTRY/newer:1"
expect_out '^error command-missing'
run "$OHC" check --payload "$REGISTRY/needs:1" "$REGISTRY/older:1"
expect_status 7
expect_out "^error libc-version /openhands/bin/x:? "

t "from a layout or another registry it is sent once, and mounted for the next image"
one=$REGISTRY
start_registry
expect "$OHC" pack tree oci:kept:1
for from in oci:kept:1 "$one/payload:1"; do
	name=${from//[^a-z]/}
	run "$OHC" push --json --profile none --payload "$from" scratch "$REGISTRY/$name-a:1"
	expect_eq "$(json '[l["action"] for l in j["layers"]]')" '["copied"]' "$from"
	registry_log_mark
	run "$OHC" push --json --dry-run --profile none --payload "$from" scratch "$REGISTRY/$name-b:1"
	expect_eq "$(json '[l["action"] for l in j["layers"]]')" '["mounted"]' "$from, dry"
	run "$OHC" push --json --profile none --payload "$from" scratch "$REGISTRY/$name-b:1"
	expect_status 0
	expect_eq "$(json '[l["action"] for l in j["layers"]]')" '["mounted"]' "$from"
	expect_true grep -E "^POST /v2/$name-b/blobs/uploads/.*mount=.*from=$name-a 201$" \
		< <(registry_log_since)
	run "$OHC" push --json --profile none --payload "$from" scratch "$REGISTRY/$name-b:1"
	expect_eq "$(json '[l["action"] for l in j["layers"]]')" '["kept"]' "$from"
	expect "$OHC" verify "$REGISTRY/$name-b:1"
done

finish
