#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# time limit: 300
# Limits on what a registry may send: both sides of each limit, and replies without an end.
. "$(dirname "$0")/../lib.sh"
. "$top/tests/stub/stub.sh"

driver=$(dirname "$OHC")/tests/integration/registry_driver
start_stub
oci=application/vnd.oci.image.manifest.v1+json
index=application/vnd.oci.image.index.v1+json
head -c 300000 /dev/urandom >blob
digest=sha256:$(sha256sum blob | cut -d' ' -f1)
printf '{"schemaVersion":2,"mediaType":"%s","config":{"mediaType":"application/vnd.oci.empty.v1+json","digest":"%s","size":300000},"layers":[]}' \
	$oci "$digest" >manifest
stub_config '{}'
run "$driver" write "$STUB/repo" blob
run "$driver" put "$STUB/repo:tag" manifest $oci
[ "$status" = 0 ]

# measured COMMAND...: as run; sets $mib to the memory it took at most, $seconds to the time
measured()
{
	run py -c 'import resource, subprocess, sys, time
begin = time.time()
status = subprocess.call(sys.argv[1:])
used = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
open("measured", "w").write("%d %d\n" % (used, time.time() - begin))
sys.exit(status)' "$@"
	read -r mib seconds <measured
}

# ---- what has no end ----

# endless WHAT MATCH: from now on, at each request that matches
endless()
{
	stub_config "{${3:-} \"rules\": [{\"match\": $2, \"do\": {\"endless\": \"$1\"}}]}"
}

# How much a registry can send before reading it counts as too much: curl reads up to a hundred
# times 512 KiB before it lets anyone look, and what lies in the kernel's buffers counts as sent.
most=$((64 << 20))
for mem in /proc/sys/net/ipv4/tcp_rmem /proc/sys/net/ipv4/tcp_wmem; do
	[ ! -r $mem ] || most=$((most + $(awk '{ print $3 }' $mem)))
done

# bounded: it failed soon, with little memory, having read little of what it was sent
bounded()
{
	[ "$status" = 3 ] || [ "$status" = 6 ] || fail "status $status"
	[ "$seconds" -lt 20 ] || fail "took $seconds s"
	[ "$mib" -lt 48 ] || [ -n "${SANITIZE:-}" ] || fail "took $mib MiB"
	sent=$(stub_log 'r.get("sent")' | sort -n | tail -n 1)
	[ "${sent:-0}" -lt $most ] || fail "was sent $sent bytes"
}

for what in headers header continues trailers extension extensions; do
	t "endless $what: a manifest, a list, referrers"
	endless $what '{"path": "/v2/repo/.*"}'
	measured "$driver" get "$STUB/repo:tag"
	bounded
	measured "$driver" tags "$STUB/repo"
	bounded
	measured "$driver" referrers "$STUB/repo" "$digest"
	bounded

	t "endless $what: a blob"
	measured "$driver" --retry 1 read "$STUB/repo" "$digest" 300000
	bounded

	t "endless $what: the first answer of all"
	endless $what '{"path": "/v2/"}'
	measured "$driver" get "$STUB/repo:tag"
	[ "$seconds" -lt 20 ] || fail "took $seconds s"
	[ "$mib" -lt 48 ] || [ -n "${SANITIZE:-}" ] || fail "took $mib MiB"

	t "endless $what: a token"
	endless $what '{"path": "/token"}' '"auth": {"kind": "bearer"},'
	measured "$driver" get "$STUB/repo:tag"
	bounded
done

for what in headers header continues; do
	for method in POST PUT; do
		t "endless $what: $method of an upload"
		endless $what "{\"method\": \"$method\", \"path\": \"/v2/up/.*\"}"
		measured "$driver" --retry 1 write "$STUB/up" blob
		bounded
	done
done

t "an answer in a coding that nobody asked for"
for coding in gzip 'gzip, chunked' deflate; do
	stub_config "{\"rules\": [{\"match\": {\"path\": \"/v2/repo/.*\"}, \"do\": {\"raw\": \"HTTP/1.1 200 OK\\r\\nTransfer-Encoding: $coding\\r\\n\\r\\n\"}}]}"
	run "$driver" get "$STUB/repo:tag"
	expect_status 3
	expect_err "'$STUB' compresses its answer in a way that nobody asked for"
done

# ---- both sides of each limit ----

# answer HEADERS TRAILERS: the manifest, with heads and trailers of so many bytes in all
answer()
{
	py - "$1" "$2" $oci <<'PY' >config.json
import json, sys
head, trailers, media = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
body = open("manifest").read()
lines = "HTTP/1.1 200 OK\r\nContent-Type: %s\r\nTransfer-Encoding: chunked\r\n" % media
def pad(n):
    return "" if n == 0 else "X: " + "x" * (n - 5) + "\r\n"
def lines_of(n): # curl takes no longer line than 4 KiB here
    return pad(1000) * (n // 1000 - 1) + pad(n % 1000 + 1000) if n else ""
raw = lines + pad(head - len(lines) - 2) + "\r\n"
raw += "%x\r\n%s\r\n0\r\n%s\r\n" % (len(body), body, lines_of(trailers))
print(json.dumps({"rules": [{"match": {"path": "/v2/repo/manifests/.*"}, "do": {"raw": raw}}]}))
PY
	stub_config @config.json
}

t "64 KiB of headers, and one byte more"
answer 65536 0
run "$driver" get "$STUB/repo:tag"
expect_status 0
answer 65537 0
run "$driver" get "$STUB/repo:tag"
expect_status 3
expect_err "'$STUB' sends headers without end"

t "trailers count with them"
answer 40000 25536
run "$driver" get "$STUB/repo:tag"
expect_status 0
expect_out_is "$(cat manifest)"
answer 40000 25537
run "$driver" get "$STUB/repo:tag"
expect_status 3

# manifest_of SIZE
manifest_of()
{
	py - "$1" $oci "$digest" <<'PY'
import json, sys
doc = {"schemaVersion": 2, "mediaType": sys.argv[2], "config": {"mediaType": "application/vnd.oci.empty.v1+json", "digest": sys.argv[3], "size": 300000}, "layers": [], "annotations": {"x": ""}}
doc["annotations"]["x"] = "x" * (int(sys.argv[1]) - len(json.dumps(doc)))
sys.stdout.write(json.dumps(doc))
PY
}

stub_config '{}'
t "a manifest of 4 MiB, and one byte more"
for size in 4194304 4194305; do
	manifest_of $size >large
	[ "$(stat -c %s large)" = $size ]
	put_manifest large "$STUB/repo:m$size"
done
run "$driver" get "$STUB/repo:m4194304"
expect_status 0
run "$driver" get "$STUB/repo:m4194305"
expect_status 3
expect_err 'larger than the limit of 4194304 bytes'

t "a token's answer of 1 MiB, and one byte more"
for size in 1048576 1048577; do
	py - $size <<'PY' >config.json
import json, sys
doc = {"token": "t", "pad": ""}
doc["pad"] = "x" * (int(sys.argv[1]) - len(json.dumps(doc)))
print(json.dumps({"auth": {"kind": "bearer", "registry_token": "t"}, "rules": [
    {"match": {"path": "/token"}, "do": {"status": 200, "body": json.dumps(doc)}}]}))
PY
	stub_config @config.json
	run "$driver" get "$STUB/repo:tag"
	[ $size = 1048576 ] && expect_status 0 || expect_status 3
done
expect_err 'larger than the limit of 1048576 bytes'

t "a token of 64 KiB, and one byte more"
for size in 60000 65537; do # with its name and "Bearer " it must fit into a server's header line
	py - $size <<'PY' >config.json
import json, sys
token = "x" * int(sys.argv[1])
print(json.dumps({"auth": {"kind": "bearer", "registry_token": token}, "rules": [
    {"match": {"path": "/token"}, "do": {"status": 200, "json": {"token": token}}}]}))
PY
	stub_config @config.json
	run "$driver" get "$STUB/repo:tag"
	[ $size = 60000 ] && expect_status 0 || expect_status 3
done
expect_err 'holds no usable token'

t "seven pages in a row without a new tag, and eight"
for n in 7 8; do
	py - $n <<'PY' >config.json
import json, sys
n = int(sys.argv[1])
def page(tags, following):
    return {"status": 200, "json": {"tags": tags},
            "headers": {"Link": '<{path}?page=%d>; rel="next"' % following} if following else {}}
rules = [{"match": {"query": "n=1000"}, "do": page(["a"], 1)}]
rules += [{"match": {"query": "page=%d" % i}, "do": page(["a"], i + 1)} for i in range(1, n + 1)]
rules += [{"match": {"query": "page=%d" % (n + 1)}, "do": page(["b"], 0)}]
for r in rules:
    r["match"]["path"] = "/v2/repo/tags/list"
print(json.dumps({"rules": rules}))
PY
	stub_config @config.json
	run "$driver" tags "$STUB/repo"
	[ $n = 7 ] && expect_status 0 || expect_status 3
done
expect_err 'does not end'

t "half a million tags, and one more"
for n in 500000 500001; do
	py - $n <<'PY' >config.json
import json, sys
n, rules = int(sys.argv[1]), []
for i in range(0, n, 100000):
    headers = {"Link": '<{path}?at=%d>; rel="next"' % (i + 100000)} if i + 100000 < n else {}
    rules.append({"match": {"path": ".*/tags/list", "query": "at=%d" % i if i else "n=1000"},
                  "do": {"status": 200, "headers": headers,
                         "body": json.dumps({"tags": ["%06d" % t for t in range(i, min(i + 100000, n))]}, separators=(",", ":"))}})
rules.append({"match": {"query": ".*last=.*"}, "do": {"status": 200, "json": {"tags": []}}})
print(json.dumps({"rules": rules}))
PY
	stub_config @config.json
	run "$driver" tags "$STUB/repo"
	[ $n = 500000 ] && expect_status 0 || expect_status 3
	[ $n != 500000 ] || expect_eq "$(wc -l <<<"$out")" 500000
	out=''
done
expect_err 'more than 500000 entries'

# referrers PAGES EACH
referrers()
{
	py - "$1" "$2" $index <<'PY' >config.json
import json, sys
pages, each, rules = int(sys.argv[1]), int(sys.argv[2]), []
for i in range(pages):
    headers = {"Content-Type": sys.argv[3]}
    if i + 1 < pages:
        headers["Link"] = '<{path}?at=%d>; rel="next"' % (i + 1)
    rules.append({"match": {"path": ".*/referrers/.*", "query": "at=%d" % i if i else ""},
                  "do": {"status": 200, "headers": headers, "json": {"schemaVersion": 2, "mediaType": sys.argv[3], "manifests": [
                      {"mediaType": "a/b", "digest": "sha256:%064x" % (i * each + k), "size": 1} for k in range(each)]}}})
print(json.dumps({"rules": rules}))
PY
	stub_config @config.json
	run "$driver" referrers "$STUB/repo" "$digest"
}

t "a hundred pages of referrers, and one more"
referrers 100 1
expect_status 0
referrers 101 1
expect_status 3
expect_err 'does not end'

t "ten thousand referrers, and one more"
referrers 1 10000
expect_status 0
out=''
referrers 1 10001
expect_status 3
expect_err 'more than 10000'

t "bodies of 256 KiB at most are taken, smaller ones are not tried"
for most in 262144 262143; do
	stub_config "{\"max_body\": $most}"
	run "$driver" write "$STUB/least" blob
	[ $most = 262144 ] && expect_status 0 || expect_status 1
done
expect_err 'takes no body of'

t "an error of 64 KiB is quoted in part, a longer one too"
for size in 65536 65537 10000000; do
	stub_config "{\"rules\": [{\"match\": {\"path\": \"/v2/repo/.*\"}, \"do\": {\"status\": 400, \"endless_body\": $size}}]}"
	run "$driver" get "$STUB/repo:tag"
	expect_status 1
	expect_err 'HTTP 400'
done

finish
