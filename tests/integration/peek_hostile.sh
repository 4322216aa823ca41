#!/usr/bin/env bash
# time limit: 900
# SPDX-License-Identifier: Apache-2.0
# Hostile layers, each shown to inspect --tree, to check, and to push as a base and as a payload: they
# are refused or taken as engines take them, soon, with little memory, and nothing is written anywhere.
. "$(dirname "$0")/../lib.sh"

have zstd || skip_all "no zstd"
[ "${SANITIZE:-}" != thread ] || skip_all "ThreadSanitizer writes a file of its own, and nothing may be written"

mkdir home temp victim payload payload/bin
echo secret >victim/secret
printf '#!/bin/sh\n' >payload/bin/x
chmod 755 payload/bin/x
export HOME=$tmp/home TMPDIR=$tmp/temp VICTIM=$tmp/victim

# layers KIND: what it is made of, as ./1.tar.zst and so on, lowest first
layers()
{
	rm -f ./*.tar.*
	py - "$1" <<-'END'
	import itertools, os, subprocess, sys, zlib

	def header(name, kind=b"0", size=0, link=b"", magic=b"ustar\x0000", mode=b"0000644\0", more=()):
	    b = bytearray(512)
	    b[0 : len(name)] = name
	    b[100:124] = mode + b"0000000\0" * 2
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

	def long(kind, text):
	    return header(b"p", kind, len(text) + 1) + text + bytes(512 - len(text) % 512)

	def pax(records):
	    text = b""
	    for key, value in records:
	        line = b" " + key + b"=" + value + b"\n"
	        n = len(line) + 1
	        while n != len(line) + len(b"%d" % n):
	            n += 1
	        text += b"%d" % n + line
	    return header(b"p", b"x", len(text)) + text + b"\0" * (-len(text) % 512)

	def file(name, data=b"x\n"):
	    return header(name, size=len(data)) + data + b"\0" * (-len(data) % 512)

	def symlink(name, to):
	    return (long(b"K", to) if len(to) > 100 else b"") + header(name, b"2", link=to[:100])

	def hardlink(name, to):
	    return header(name, b"1", link=to)

	def directory(name):
	    return header(name, b"5", mode=b"0000755\0")

	def whiteout(name):
	    d, _, n = name.rpartition(b"/")
	    return header((d + b"/" if d else b"") + b".wh." + n)

	gib, mib, kind = 1 << 30, 1 << 20, sys.argv[1]
	victim = os.environ["VICTIM"].encode()
	passwd = file(b"etc/passwd", b"root:x:0:0:root:/root:/bin/sh\n")

	def paths(first, n):
	    for i in range(first, first + n):
	        yield long(b"L", b"/".join((b"%d" % ((i * 7919 + k) % 99991)) * 40 for k in range(18)))
	        yield header(b"x")

	def many(n):
	    """So many entries, of names that come again."""
	    block = b"".join(header(b"usr/lib/%d/%d" % (i % 7, i)) for i in range(1000))
	    yield block * 50, n // 50000

	big = {
	    "pax": lambda: [header(b"p", b"x", gib)] + [(b"9" * mib, 1024)],
	    "global": lambda: [header(b"p", b"g", gib)] + [(b"9" * mib, 1024)],
	    "name": lambda: [header(b"p", b"L", gib)] + [(b"9" * mib, 1024)],
	    "headers": lambda: [(header(b"p", b"g", 0) * 1024, 400)],
	    "old-sparse": lambda: [header(b"f", b"S", magic=b"ustar  \0",
	                           more=((386, b"00000000000\0" * 2), (482, b"\1")))]
	                  + [((b"00000000001\0" * 42 + b"\1" + bytes(7)) * 1024, 400)],
	    "new-sparse": lambda: [pax([(b"GNU.sparse.major", b"1"), (b"GNU.sparse.minor", b"0"),
	                                (b"GNU.sparse.name", b"f"), (b"GNU.sparse.realsize", b"1000")]),
	                           header(b"f", size=200 * mib) + b"50000000\n"]
	                  + [(b"0\n1\n" * (mib // 4), 200)],
	    "paths": lambda: paths(0, 20000),
	    "too-many": lambda: many(2100000),
	    "zstd-bomb": lambda: [header(b"f", size=3 * gib // 2)] + [bytes(mib)] * 1536,
	    "hidden-again": lambda: [header(b"d/%d" % i) for i in range(50000)]
	                    + [header(b"d/.wh..wh..opq")] * 50000,
	    "replaced-again": lambda: [header(b"d/%d" % i) for i in range(50000)]
	                      + [header(b"d") + directory(b"d")] * 50000,
	    "long-way": lambda: [directory(b"d"), symlink(b"a", b"d/../" * 700 + b"d"),
	                         symlink(b"b", b"a/../a/../a/../a/../a")]
	                + [header(b"b/%d" % i) + header(b"%d" % i) for i in range(100000)],
	}
	small = {
	    "dotdot": [file(b"../victim/x")],
	    "dotdot-inside": [file(b"a/../../../victim/x")],
	    "dotdot-hard-link": [hardlink(b"a", b"../victim/secret")],
	    "hard-link-out": [hardlink(b"a", victim + b"/secret")],
	    "behind-a-loop": [symlink(b"a", b"b") + symlink(b"b", b"a") + file(b"a/x")],
	    "whiteout-of-dot": [passwd, header(b".wh..")],
	    "whiteout-of-dotdot": [passwd, header(b"etc/.wh...")],
	    "whiteout-of-no-name": [passwd, header(b".wh.")],
	    "too-deep": [long(b"L", b"d/" * 1500 + b"f") + header(b"x")],
	    "absolute": [passwd, file(b"/abs/x") + file(b"//abs//./y")],
	    "links-out": [symlink(b"rel", b"../" * 20 + victim.lstrip(b"/"))
	                  + symlink(b"abs", victim) + file(b"rel/x") + file(b"abs/y")
	                  + hardlink(b"rel/z", b"abs/y") + whiteout(b"rel/secret")],
	    "links-out-below": [symlink(b"link", victim), file(b"link/x") + header(b"link/.wh..wh..opq")],
	    "loops": [passwd, symlink(b"etc/self", b"self") + symlink(b"a", b"b/x") + symlink(b"b", b"a/x")],
	    "accounts-loop": [symlink(b"etc/passwd", b"group") + symlink(b"etc/group", b"passwd")],
	    "accounts-out": [symlink(b"etc/passwd", b"../" * 20 + victim.lstrip(b"/") + b"/secret")],
	    "prefix-out": [passwd, symlink(b"openhands", victim) + symlink(b"workspace", victim)],
	    "whiteouts-of-nothing": [passwd, whiteout(b"nobody") + whiteout(b"no/such/dir")
	                             + whiteout(b"etc/none") + header(b"no/.wh..wh..opq")],
	    "whiteout-of-all": [passwd + file(b"a"), whiteout(b"etc") + whiteout(b"a")],
	    "opaque-root": [passwd + file(b"a"), header(b".wh..wh..opq") + file(b"b")],
	    "whiteout-of-prefix": [passwd + file(b"openhands/bin/y"), whiteout(b"openhands")],
	    "names": [passwd + file(b"new\nline") + file(b"\xff\xfe\xe2\x82") + file(b"esc\x1b[31m")
	              + file(b"\xe2\x80\xaetxt.exe") + symlink(b"to", b"\x80\n")],
	}

	def packed(data):
	    return subprocess.run(["zstd", "-q", "-1", "--long=20", "-c"], input=data, stdout=-1, check=True).stdout

	def write(n, pieces):
	    """Pieces are bytes, which are one frame, or (bytes, TIMES): a frame that is made once."""
	    with open("%d.tar.zst" % n, "wb") as out:
	        for again, part in itertools.groupby(pieces, lambda piece: isinstance(piece, tuple)):
	            for data, times in part if again else [(b"".join(part), 1)]:
	                out.write(packed(data) * times)
	        out.write(packed(bytes(1024)))

	if kind == "gzip-bomb":
	    # A mebibyte of zeros is always the same bytes, so they are made once.
	    z = zlib.compressobj(9, zlib.DEFLATED, 31)
	    crc = 0
	    with open("1.tar.gz", "wb") as out:
	        out.write(z.compress(header(b"f", size=3 * gib // 2)) + z.flush(zlib.Z_FULL_FLUSH))
	        out.write(z.compress(bytes(mib)) + z.flush(zlib.Z_FULL_FLUSH))
	        block = z.compress(bytes(mib)) + z.flush(zlib.Z_FULL_FLUSH)
	        out.write(block * 1535 + z.flush())
	elif kind == "many-layers":
	    for i in range(4):
	        write(i + 1, paths(i * 11000, 11000))
	elif kind == "one-layer-often":
	    write(1, many(1000000))
	elif kind in big:
	    write(1, big[kind]())
	else:
	    for i, data in enumerate(small[kind]):
	        write(i + 1, [data])
	END
}

# image_of KIND [TIMES]: its layers (all of them so many times) as an image in ./image; nothing of
# them is ever plain on disk or whole in memory
image_of()
{
	rm -rf image
	mkdir -p image/blobs/sha256
	layers "$1"
	py - "${2:-1}" <<-'END'
	import glob, hashlib, json, sys

	def put(data, media):
	    digest = hashlib.sha256(data).hexdigest()
	    with open("image/blobs/sha256/" + digest, "wb") as f:
	        f.write(data)
	    return {"mediaType": "application/vnd.oci.image." + media, "digest": "sha256:" + digest,
	            "size": len(data)}

	layers = [put(open(f, "rb").read(), "layer.v1.tar+" + ("gzip" if f.endswith("gz") else "zstd"))
	          for f in sorted(glob.glob("*.tar.*"))] * int(sys.argv[1])
	config = put(json.dumps({"architecture": "amd64", "os": "linux", "rootfs": {
	    "type": "layers", "diff_ids": ["sha256:" + "0" * 64] * len(layers)}}).encode(),
	    "config.v1+json")
	manifest = put(json.dumps({"schemaVersion": 2, "config": config, "layers": layers,
	    "mediaType": "application/vnd.oci.image.manifest.v1+json"}).encode(), "manifest.v1+json")
	manifest["annotations"] = {"org.opencontainers.image.ref.name": "1"}
	open("image/index.json", "w").write(json.dumps({"schemaVersion": 2, "manifests": [manifest]}))
	open("image/oci-layout", "w").write('{"imageLayoutVersion": "1.0.0"}')
	END
	rm ./*.tar.*
}

# held MIB COMMAND...: run it where it cannot write a byte to any file (RLIMIT_FSIZE), have more than
# 2 GiB of addresses or run for a minute, and see that it did not take so much memory, that nothing
# here is new, and that nothing changed where links led
held()
{
	local most=$1 peak

	shift
	: >.lib/stamp
	run py -c 'import os, resource as r, subprocess, sys
def limit():
    r.setrlimit(r.RLIMIT_FSIZE, (0, 0))
    r.setrlimit(r.RLIMIT_CORE, (0, 0))
    if not os.environ.get("SANITIZE"):
        r.setrlimit(r.RLIMIT_AS, (2 << 30, 2 << 30))
p = subprocess.Popen(sys.argv[1:], stdout=-1, stderr=-1, preexec_fn=limit)
try:
    out, err = p.communicate(timeout=240 if os.environ.get("SANITIZE") else 60)
except subprocess.TimeoutExpired:
    p.kill()
    out, err = b"", b"a minute was not enough"
    p.wait()
sys.stdout.buffer.write(out)
sys.stderr.buffer.write(err)
open(".lib/peak", "w").write(str(r.getrusage(r.RUSAGE_CHILDREN).ru_maxrss))
sys.exit(p.returncode if p.returncode >= 0 else 128 - p.returncode)' "$@"
	peak=$(cat .lib/peak)
	[ -n "${SANITIZE:-}" ] || [ "$peak" -lt $((most * 1024)) ] || fail "$peak kB of memory"
	expect_eq "$(find . -newer .lib/stamp ! -path './.lib*' | head)" '' "what is new"
	expect_eq "$(ls -A victim home temp) $(cat victim/secret)" "$(printf 'home:\n\ntemp:\n\nvictim:\nsecret secret')" \
		"what was out of reach"
}

# The ways to look at ./image.  shellcheck disable=SC2086
limit=
inspected() { held "$most" "$OHC" inspect -q --no-cache $limit --tree oci:image:1; }
checked() { held "$most" "$OHC" check -q --no-cache $limit --profile none oci:image:1; }
pushed_on() { held "$most" "$OHC" push -q --no-cache --dry-run $limit "$@" --payload payload oci:image:1 oci:out:1; }
pushed() { held "$most" "$OHC" push -q --no-cache --dry-run $limit --payload oci:image:1 scratch oci:out:1; }

# refused KIND MESSAGE [MIB [TIMES]]: by all that look at it, with that message, and a cache gets
# nothing of a layer that was not read to its end
refused()
{
	local look looks='inspected checked pushed_on pushed'

	t "$1: refused"
	most=${3:-64}
	image_of "$1" "${4:-1}"
	[ -z "$big" ] || looks='inspected pushed_on'
	for look in $looks; do
		$look
		expect_message 3 "$2"
	done
	[[ $2 != "$whole"* ]] || return 0
	run "$OHC" check -q $limit --cache cache --profile none oci:image:1
	expect_message 3 "$2"
	expect_eq "$({ find cache -type f 2>/dev/null || true; } | wc -l)" 0 "entries in the cache"
	rm -rf cache
}

# taken KIND PATHS: these are all its paths (or with a '+', some of them), it can be checked, and
# pushed on as far as the account files allow it
taken()
{
	local line lines

	t "$1: taken as it is meant"
	most=64
	image_of "$1"
	inspected
	expect_status 0
	expect_eq "$err" '' "standard error"
	lines=$(sed -E 's/^([^ ]+ +){4}//' <<<"$out")
	if [[ $2 == +* ]]; then
		while read -r line; do
			expect_true grep -Fxq -e "$line" <<<"$lines"
		done <<<"$(tr '|' '\n' <<<"${2#+}")"
	else
		expect_eq "$lines" "$(tr '|' '\n' <<<"$2")" tree
	fi
	checked
	expect_status 0
	expect_no_out $'[\e\xff]'
	pushed_on
	[[ $status =~ ^[07]$ ]] || fail "push on it: status $status"
	pushed
	[[ $status =~ ^[1347]$ ]] || fail "push it: status $status"
}

# The merged tree is known when each layer has been read.
whole='.*'

big=
refused dotdot "'../victim/x' is a path with '..'"
refused dotdot-inside "victim/x' is a path with '..'"
refused dotdot-hard-link "'a' is a hard link to a path with '..'"
refused hard-link-out "$whole'a' is a hard link to what is not there"
refused behind-a-loop "$whole'a/x' lies behind a loop of symlinks"
refused whiteout-of-dot "$whole'.wh..' is a whiteout that hides nothing by name"
refused whiteout-of-dotdot "$whole'etc/.wh...' is a whiteout that hides nothing by name"
refused whiteout-of-no-name "$whole'.wh.' is a whiteout that hides nothing by name"
refused too-deep "' is a path with '..', or too deep"

taken absolute '/|/abs|/abs/x|/abs/y|/etc|/etc/passwd'
taken links-out "+/abs -> $VICTIM|$VICTIM|$VICTIM/x|$VICTIM/y|$VICTIM/z"
taken links-out-below "+/link -> $VICTIM|$VICTIM/x"
taken loops '/|/a -> b/x|/b -> a/x|/etc|/etc/passwd|/etc/self -> self'
taken accounts-loop '/|/etc|/etc/group -> passwd|/etc/passwd -> group'
pushed_on
expect_message 7 "'/etc/passwd' of the base is no file: no account can be added"
taken accounts-out '+/etc'
expect_no_err secret
taken prefix-out "+/openhands -> $VICTIM|/workspace -> $VICTIM"
pushed_on
expect_err "'/openhands' leads to '$VICTIM' through a symlink of the base"
taken whiteouts-of-nothing '/|/etc|/etc/passwd|/no|/no/such'
taken whiteout-of-all /
taken opaque-root '/|/b'
taken whiteout-of-prefix '/|/etc|/etc/passwd'
taken names '/|/esc\x1b[31m|/etc|/etc/passwd|/new\nline|/to -> \x80\n|/\xe2\x80\xaetxt.exe|/\xff\xfe\xe2\x82'

big=yes
limit='--max-layer-size 1G'
refused gzip-bomb 'larger than the limit of 1073741824 bytes when unpacked'
refused zstd-bomb 'larger than the limit of 1073741824 bytes when unpacked'
limit=
refused pax 'Special header too large'
refused global 'Special header too large'
refused name 'Special header too large'
refused headers 'is not a valid tar|larger than the limit|an entry without a name'
refused old-sparse 'header is larger than the limit of 2097152 bytes'
refused new-sparse 'header is larger than the limit of 2097152 bytes'
refused paths 'paths that are more than the limit of 46137344 bytes'
refused too-many 'more than the limit of 2000000 entries'
refused hidden-again "${whole}hide and replace one another more than"
refused replaced-again "${whole}hide and replace one another more than"
refused long-way "${whole}hide and replace one another more than"
refused many-layers "${whole}paths that are together more than the limit of 100663296 bytes" 320
refused one-layer-often "${whole}paths that are together more than the limit of 100663296 bytes" 64 1000

finish
