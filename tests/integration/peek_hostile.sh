#!/usr/bin/env bash
# time limit: 200
# SPDX-License-Identifier: Apache-2.0
# Layers that want all memory and all time: refused soon, and with little of both.
. "$(dirname "$0")/../lib.sh"

have zstd || skip_all "no zstd"
driver=$(dirname "$OHC")/tests/integration/peek_driver

# hostile KIND: the layer, as a tar to standard output
hostile()
{
	"$PYTHON" - "$1" <<-'END'
	import sys

	def header(name, kind=b"0", size=0, link=b"", magic=b"ustar\x0000", more=()):
	    b = bytearray(512)
	    b[0 : len(name)] = name
	    b[100:124] = b"0000644\0" + b"0000000\0" * 2
	    b[124:136] = b"%011o\0" % size if size < 8**11 else b"\x80" + size.to_bytes(11, "big")
	    b[136:148] = b"00000000000\0"
	    b[148:156] = b" " * 8
	    b[156:157] = kind
	    b[157 : 157 + len(link)] = link
	    b[257:265] = magic
	    for at, text in more:
	        b[at : at + len(text)] = text
	    b[148:156] = b"%06o\0 " % sum(b)
	    return bytes(b)

	def pax(records):
	    text = b""
	    for key, value in records:
	        line = b" " + key + b"=" + value + b"\n"
	        n = len(line) + 1
	        while n != len(line) + len(b"%d" % n):
	            n += 1
	        text += b"%d" % n + line
	    return header(b"p", b"x", len(text)) + text + b"\0" * (-len(text) % 512)

	out, gib, mib = sys.stdout.buffer, 1 << 30, 1 << 20
	kind = sys.argv[1]
	if kind == "bomb":
	    out.write(header(b"f", size=3 * gib))
	    for _ in range(3 * 1024):
	        out.write(bytes(mib))
	elif kind in ("pax", "global", "name"):
	    out.write(header(b"p", {"pax": b"x", "global": b"g", "name": b"L"}[kind], gib))
	    for _ in range(1024):
	        out.write(b"9" * mib)
	elif kind == "headers":
	    for _ in range(400):
	        out.write(header(b"p", b"g", 0) * 1024)
	elif kind == "old-sparse":
	    out.write(header(b"f", b"S", magic=b"ustar  \0",
	                     more=((386, b"00000000000\0" * 2), (482, b"\1"))))
	    piece = b"00000000001\0" * 42 + b"\1" + bytes(7)
	    for _ in range(400):
	        out.write(piece * 1024)
	elif kind == "new-sparse":
	    out.write(pax([(b"GNU.sparse.major", b"1"), (b"GNU.sparse.minor", b"0"),
	                   (b"GNU.sparse.name", b"f"), (b"GNU.sparse.realsize", b"1000")]))
	    out.write(header(b"f", size=200 * mib) + b"50000000\n")
	    for _ in range(200):
	        out.write(b"0\n1\n" * (mib // 4))
	elif kind == "paths":
	    for i in range(20000):
	        path = b"/".join((b"%d" % ((i * 7919 + k) % 99991)) * 40 for k in range(18))
	        out.write(header(b"p", b"L", len(path) + 1) + path + bytes(512 - len(path) % 512))
	        out.write(header(b"x"))
	out.write(bytes(1024))
	END
}

# image KIND: its layer as an image in ./image; nothing of it is ever whole in memory or plain on disk
image_of()
{
	rm -rf image
	mkdir -p image/blobs/sha256
	hostile "$1" | zstd -q -1 -o layer
	"$PYTHON" - <<-'END'
	import hashlib, json, os, shutil

	def put(data, media, name=None):
	    digest = hashlib.sha256(data).hexdigest()
	    with open("image/blobs/sha256/" + digest, "wb") as f:
	        f.write(data)
	    return {"mediaType": "application/vnd.oci.image." + media, "digest": "sha256:" + digest,
	            "size": len(data)}

	layer = put(open("layer", "rb").read(), "layer.v1.tar+zstd")
	config = put(json.dumps({"architecture": "amd64", "os": "linux", "rootfs": {
	    "type": "layers", "diff_ids": ["sha256:" + "0" * 64]}}).encode(), "config.v1+json")
	manifest = put(json.dumps({"schemaVersion": 2, "config": config, "layers": [layer],
	    "mediaType": "application/vnd.oci.image.manifest.v1+json"}).encode(), "manifest.v1+json")
	manifest["annotations"] = {"org.opencontainers.image.ref.name": "1"}
	open("image/index.json", "w").write(json.dumps({"schemaVersion": 2, "manifests": [manifest]}))
	open("image/oci-layout", "w").write('{"imageLayoutVersion": "1.0.0"}')
	END
	rm layer
}

# refused KIND MESSAGE: with that message, under 64 MiB, and leaving nothing in the cache
refused()
{
	local peak

	t "$1"
	image_of "$1"
	rm -rf cache
	run "$PYTHON" -c 'import resource, subprocess, sys
rc = subprocess.call(sys.argv[1:], timeout=60)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(rc)' "$driver" --cache cache image 1
	expect_status 3
	expect_err "$2"
	peak=$out
	[ -n "${SANITIZE:-}" ] || expect_true test "$peak" -lt 65536
	expect_eq "$({ find cache -type f 2>/dev/null || true; } | wc -l)" 0 "entries in the cache"
	expect_eq "$(find . -newer image/oci-layout -type f ! -path './.lib/*' | wc -l)" 0 "new files"
}

refused bomb 'unpacks to more than 200 times its size: not read on'
refused pax 'Special header too large'
refused global 'Special header too large'
refused name 'Special header too large'
refused headers 'is not a valid tar|larger than the limit|an entry without a name'
refused old-sparse 'header is larger than the limit of 2097152 bytes'
refused new-sparse 'header is larger than the limit of 2097152 bytes'
refused paths 'paths that are more than the limit of 50331648 bytes'

finish
