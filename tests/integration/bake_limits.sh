#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# time limit: 600
# bake within the limits of registries: rarely more is asked than they allow.  2,000 a minute are 500 or
# 1,000 in 6 s here, which is faster, but has to be learned in the same way.  That what they allow is used
# is seen in unit/test_registry_pace.c, on a clock that does not depend on what else this machine does.
. "$(dirname "$0")/../lib.sh"
. "$top/tests/stub/stub.sh"

start_stub
small_payload payload
mkdir -p own/etc
echo own >own/etc/own
make_busybox_base base:1 --layer own
put_layout base:1 "$STUB/base:1"
image manifest "$STUB/base:1" >m.json
# bases N: one manifest under N tags
bases()
{
	seq -f "$STUB/base:%g" "$1"
}
py - "$STUB" "$(json 'j["mediaType"]' m.json)" <<'E2'
import http.client, sys
c = http.client.HTTPConnection(sys.argv[1])
body = open("m.json", "rb").read()
for tag in range(1, 1091):
    c.request("PUT", f"/v2/base/manifests/{tag}", body, {"Content-Type": sys.argv[2]})
    r = c.getresponse()
    r.read()
    assert r.status == 201
E2
bake()
{
	run "$OHC" bake -q --json --no-check --payload payload "$@"
}

# limited N REQUESTS SECONDS MEMBERS OPTIONS...: all of N arrive, 1 % or less refused at that rate
limited()
{
	local n=$1 requests=$2 seconds=$3 more=$4

	shift 4
	stub_config "{\"rate\": {\"requests\": $requests, \"seconds\": $seconds, $more}}"
	bake --bases <(bases "$n") --dest "$STUB/repo:$RANDOM-{base.tag}" "$@"
	expect_status 0
	expect_eq "$(json 'j["done"]')" "$n"
	stub_log '[r["status"], r["at"]]' >log
	judged=$(judge "$requests" "$seconds") || fail "$judged"
	echo "# $judged"
}

# judge LIMIT SECONDS: of the log
judge()
{
	py - "$@" <<'E2'
import json, sys
limit, period = map(int, sys.argv[1:])
log = [json.loads(line) for line in open("log")]
refused = sum(status in (429, 403) for status, at in log)
good = len(log) - refused
seconds = log[-1][1] - log[0][1]
used = good / (limit * seconds / period)
print(f"{good} requests in {seconds:.1f} s, {100 * used:.1f} % of what is allowed; "
      f"{refused} refused, {100 * refused / len(log):.2f} %")
sys.exit(refused > 0.01 * len(log))
E2
}

t "a window that says when it ends: 1 % at most is refused"
limited 1090 1000 6 '"says": ["hint"]'

t "a window that says what is left"
limited 200 500 6 '"says": ["draft"]'
expect_eq "$(json '[[h["host"], h["requests"], h["refused"]] for h in j["hosts"]]')" \
	"[[\"$STUB\", $(stub_log '"x"' | wc -l), 0]]"

t "--rate: nothing is refused"
limited 200 500 6 '"kind": "sliding"' --rate "$STUB=5000/m" --rate 1/d
expect_eq "$(stub_log '"x" if r["status"] == 429 else None')" ""

t "a dry run says how many pulls are left, of how many in what time"
stub_config '{"rate": {"requests": 1000, "seconds": 21600, "says": ["hub"]}}'
run "$OHC" bake --dry-run --no-check --payload payload --bases <(bases 3) --dest "$STUB/repo:pulls-{base.tag}"
expect_status 0
expect_out "$STUB: .*; it allows 9[0-9][0-9] more pulls now, of 1000 in 6:00:00\$"

t "a limit in disguise, that of others, and none at all: all arrive"
stub_config '{"rate": {"requests": 20, "seconds": 1, "kind": "bucket", "burst": 30, "says": ["disguise", "hint"]}}'
bake --bases <(bases 60) --dest "$STUB/repo:disguise-{base.tag}"
expect_status 0
expect_eq "$(json 'j["done"]')" 60
expect_true test "$(stub_log '"x" if r["status"] == 403 else None' | wc -l)" -gt 0
stub_config '{"rules": [
	{"match": {"path": "/v2/.*"}, "every": 10, "do": {"status": 429}},
	{"match": {"path": "/v2/.*"}, "every": 50, "do": {"hang_up": true}}]}'
bake --bases <(bases 50) --dest "$STUB/repo:busy-{base.tag}"
expect_status 0
expect_eq "$(json 'j["done"]')" 50

t "who wants us back tomorrow is not waited for, nor asked again for any of 50 images"
stub_config '{"rules": [{"match": {"path": "/v2/.*"}, "do": {"status": 429, "headers": {"Retry-After": "86400"}}}]}'
bake --bases <(bases 50) --dest "$STUB/repo:never-{base.tag}"
expect_status 6
expect_true test "$(stub_log '"x"' | wc -l)" -lt 150
expect_eq "$(json 'j["failed"]')" 50
run "$OHC" bake --no-check --payload payload --bases <(bases 3) --dest "$STUB/repo:never-{base.tag}"
expect_err "3 × .*HTTP 429, not before 24:00:00 have passed"

t "a base that is slow does not hold the others"
stub_config '{}'
for tag in 1 2 3; do
	put_layout base:1 "$STUB/slow:$tag"
	echo "$STUB/slow:$tag"
done >mixed
bases 40 >>mixed
stub_config '{"rules": [{"match": {"path": "/v2/slow/.*"}, "do":
	{"after": {"requests": 40, "method": "PUT", "path": "/v2/repo/manifests/mixed-.*base-[0-9]*"}}}]}'
run "$OHC" bake --no-check --jobs 2 --bases mixed --dest "$STUB/repo:mixed-{base.slug}" --payload payload \
	--report mixed.report
expect_status 0
expect_err "^43 images over 43 bases, into 1 repository; 3 bases and payloads are slow, and not counted below"
expect_false grep -q '/slow:' <(head -n 40 mixed.report)

t "what the registry is known to have images mount at once: none waits for the mounts of another"
stub_config '{}'
"$OHC" pack -q payload "$STUB/same:payload" >/dev/null
# same NAME FIRST LAST: images of these bases, in repositories of their own
same()
{
	run timeout 30 "$OHC" bake -q --no-check --payload "$STUB/same:payload" --dest "$STUB/$1-{base.tag}:1" \
		--bases <(seq -f "$STUB/base:%g" "$2" "$3")
	expect_status 0
}
mounts() { stub_log "1 if r['path'].startswith('/v2/$1/') and 'mount=' in r['query'] else None" | wc -l; }
same sent 3 3
same known 3 3
image manifest "$STUB/known-3:1" >m.json
n=$(mounts known-3)
expect_true test "$n" -ge 3
# the second image begins when the first one waits for a mount, whose answer comes when the second is there
for hex in $(json '"\n".join(l["digest"][7:] for l in j["layers"])' m.json); do
	stub_config "{\"rules\": [{\"match\": {\"path\": \"/v2/base/manifests/2\"}, \"do\": {\"delay\": 0.7}},
		{\"match\": {\"method\": \"POST\", \"path\": \"/v2/$hex-1/.*\", \"query\": \"mount=.*$hex.*\"}, \"do\":
			{\"after\": {\"requests\": 1, \"method\": \"PUT\", \"path\": \"/v2/$hex-2/manifests/.*\"}}}]}"
	same "$hex" 1 2
	expect_eq "$(mounts "$hex-1") $(mounts "$hex-2")" "$n $n"
done

t "a rate for a host that is never asked is told of, once"
stub_config '{}'
other=(--rate "registry.example=5/s" --rate "registry.example=1/m" --rate "$STUB=100/s" --rate 1000/s)
for dry in "" --dry-run; do
	run "$OHC" bake -q --no-check --payload payload --bases <(bases 2) --dest "$STUB/typo:{base.tag}" "${other[@]}" $dry
	expect_status 0
	expect_eq "$(grep -c -- "--rate: no request " <<<"$err")" 1
	expect_err "--rate: no request (goes|went) to 'registry.example'"
done

t "a registry that is away for some seconds is waited for; one that never was there is not"
stub_config '{}'
start_registry
"$OHC" bake --no-check --payload payload --bases <(bases 20) --dest "$REGISTRY/away:{base.tag}" --rate "$REGISTRY=40/s" \
	--journal away >/dev/null 2>away.err &
baking=$!
wait_for 60 grep -q '"name"' away
stop_registry
sed -i "s/127\.0\.0\.1:0/$REGISTRY/" "${REGISTRY_LOG%/log}/config.yml"
sleep 8
docker-registry serve "${REGISTRY_LOG%/log}/config.yml" >>"$REGISTRY_LOG" 2>&1 </dev/null &
REGISTRY_PID=$!
_pids+=("$REGISTRY_PID")
status=0 out='' err=''
wait $baking || status=$?
err=$(cat away.err)
expect_status 0
expect_eq "$(grep -c '"name"' away)" 20
start=$SECONDS
bake --bases <(bases 2) --dest "127.0.0.1:$(closed_port)/out:{base.tag}"
expect_status 6
expect_true test $((SECONDS - start)) -lt 30

t "a rate that is none"
for bad in 5 5/x 0/m =5/m -1/m 5/m/s http://h=5/m 'a b=5/m' h==5/m; do
	bake --bases nowhere --dest "$STUB/repo:x" --rate="$bad"
	expect_message 2 "'--rate': takes \[HOST=\]N/s, N/m, N/h or N/d, not '$bad'"
done

finish
