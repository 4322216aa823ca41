#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# time limit: 900
# The page of a bake of 5,000 images, looked at in a real browser: it is drawn whole, quickly, without the network,
# with and without its script.
. "$(dirname "$0")/../lib.sh"

IMAGES=5000 FAILED=10

have chromium || skip_all "no chromium"
start_registry
small_payload payload
load_base base:1 >/dev/null
image manifest "$REGISTRY/base:1" >m.json
kind=$(json 'j["mediaType"]' m.json)
for ((i = 0; i < IMAGES - FAILED; i++)); do
	printf 'url = "http://%s/v2/base/manifests/t%d"\nrequest = PUT\nheader = "Content-Type: %s"\ndata-binary = @m.json\n%s' \
		"$REGISTRY" "$i" "$kind" $'output = /dev/null\nfail\nnext\n'
done | sed '$d' >puts
curl -s --parallel --parallel-max 8 -K puts
{
	for ((i = 0; i < FAILED; i++)); do echo "$REGISTRY/gone$i:1"; done
	for ((i = 0; i < IMAGES - FAILED; i++)); do echo "$REGISTRY/base:t$i"; done
} >names

# browse OUT ARGUMENTS... PAGE: nothing but the page can be reached
browse()
{
	local out=$1

	shift
	HOME=$tmp timeout 120 chromium --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --hide-scrollbars \
		--no-first-run --proxy-server=127.0.0.1:1 --user-data-dir="$tmp/chromium" "$@" >"$out" 2>chromium.log
}

# colours PNG: how many pixels have each of the most frequent colours, as RRGGBB N, by the picture's own bytes
colours()
{
	"$PYTHON" - "$1" <<'E2'
import collections, struct, sys, zlib
data, at, idat = open(sys.argv[1], "rb").read(), 8, b""
while at < len(data):
    n, kind = struct.unpack(">I4s", data[at:at + 8])
    body = data[at + 8:at + 8 + n]
    if kind == b"IHDR":
        width, height, depth, colour = struct.unpack(">IIBB", body[:10])
    elif kind == b"IDAT":
        idat += body
    at += n + 12
assert depth == 8 and colour in (2, 6), (depth, colour)
step = 3 if colour == 2 else 4
raw, line, count = zlib.decompress(idat), bytearray(width * step), collections.Counter()
for y in range(height):
    start = y * (width * step + 1)
    kind, row = raw[start], bytearray(raw[start + 1:start + 1 + width * step])
    for i in range(len(row)):
        a = row[i - step] if i >= step else 0
        b, c = line[i], line[i - step] if i >= step else 0
        if kind == 1:
            row[i] = row[i] + a & 255
        elif kind == 2:
            row[i] = row[i] + b & 255
        elif kind == 3:
            row[i] = row[i] + (a + b) // 2 & 255
        elif kind == 4:
            p = a + b - c
            pa, pb, pc = abs(p - a), abs(p - b), abs(p - c)
            row[i] = row[i] + (a if pa <= pb and pa <= pc else b if pb <= pc else c) & 255
    line = row
    for x in range(0, len(row), step):
        count[bytes(row[x:x + 3]).hex()] += 1
for name, n in count.most_common(400):
    print(name, n)
E2
}

t "a bake of 5,000 images writes its page"
run "$OHC" bake -qq --no-check --bases names --dest "$REGISTRY/out:{base.slug}" --payload payload --html page.html
expect_status 1
expect_true test "$(stat -c %s page.html)" -lt 5000000

t "the browser has every row, failures first, and asked for nothing else"
browse dom.html --dump-dom "file://$PWD/page.html"
expect_eq "$(grep -c '<tr class="done"' dom.html)" $((IMAGES - FAILED))
grep -o '<tr class="[a-z]*"><td class="state"' dom.html >rows
expect_eq "$(sed -n "1,$FAILED p" rows | grep -c '"failed"')" $FAILED
expect_eq "$(wc -l <rows)" $IMAGES
expect_true grep -q '<html lang="en" class="js">' dom.html
expect_false grep -qiE 'ERR_PROXY|ERR_[A-Z]*FAILED' chromium.log

t "its search leaves the rows that have the words"
sed 's|</body>|<script>addEventListener("load", function () { var s = document.getElementById("search"); s.value = "base-t49 DONE"; s.dispatchEvent(new Event("input")); });</script></body>|' \
	page.html >searched.html
browse dom.html --dump-dom "file://$PWD/searched.html"
# t49, t490 to t499, t4900 to t4989
expect_true grep -q '<span id="found">101 of 5000</span>' dom.html
expect_eq "$(grep -c '<tr class="done">' dom.html)" 101 "rows that are not hidden"

t "what it looks like: text, bars, and the colour of failure at the top"
red=$(sed -n 's/.*--bad: #\(.\)\(.\)\(.\);.*/\1\1\2\2\3\3/p' page.html)
expect_true test -n "$red"
# A browser that runs no script shows the page without it; this one takes no picture then.
sed '/<script>/,/<\/script>/d' page.html >plain.html
for page in page plain; do
	browse shot.log --window-size=1280,1600 --screenshot="$tmp/$page.png" "file://$PWD/$page.html"
	colours $page.png >seen
	expect_true test "$(wc -l <seen)" -gt 20
	expect_true grep -q "^$red " seen
	expect_true test "$(sed -n '1s/.* //p' seen)" -lt $((1280 * 1600 * 99 / 100)) # not one colour
done
expect_false cmp -s page.png plain.png # there is a box for the search, or none
[ -z "${PAGE_SHOT:-}" ] || cp page.png "$PAGE_SHOT"

finish
