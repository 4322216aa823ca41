#!/usr/bin/env bash
# time limit: 600
# SPDX-License-Identifier: Apache-2.0
# Tars as payloads: the layer is that of the directory that GNU tar unpacks from it; it is read once.
. "$(dirname "$0")/../lib.sh"

small_payload payload
busybox_rootfs plain
make_layout bases:1 --layer plain --config "$BASE_CONFIG" >/dev/null

# Fingerprints of what was just written are not kept.
old() { touch -d '2024-02-03 04:05:06 UTC' "$@"; }
rest() { sleep 4; }

# push PAYLOAD [OPTIONS...]: onto the base, as oci:out:1
push()
{
	local payload=$1

	shift
	run "$OHC" push --json --no-check --payload "$payload" "$@" oci:bases:1 oci:out:1
}

# layer: the diff ID of the payload's
layer()
{
	image config oci:out:1 | json 'j["rootfs"]["diff_ids"][1]' /dev/stdin
}

# as_dir [OPTIONS...]: the diff ID of the same as a directory
as_dir()
{
	push payload "$@"
	expect_status 0
	want=$(layer)
}

tar -C payload -cf p.tar .
tar -C payload -czf p.tar.gz .
tar -C payload -c . | zstd -q >p.tar.zst
tar -C payload -cf names.tar bin share
mkdir root
cp -a payload root/openhands
tar -C root -cf rooted.tar openhands
tar -C root -cf dotted.tar .
tar --format=gnu -C payload -cf gnu.tar .
tar --format=pax -C payload -cf pax.tar .
tar --sort=name -C payload -cvf shuffled.tar --no-recursion -T <(cd payload && find . | sort -R) >/dev/null
cp p.tar.zst zst.tar.gz

t "a tar gives the same layer as its directory, whatever its compression, dialect and order"
as_dir
for f in p.tar p.tar.gz p.tar.zst gnu.tar pax.tar rooted.tar dotted.tar shuffled.tar zst.tar.gz; do
	push $f
	expect_status 0
	[ $status != 0 ] || expect_eq "$(layer)" "$want" $f
done

t "without an entry for its top, that is 0755 and of 1970; all else is the same"
push names.tar
expect_status 0
image layer 1 oci:out:1 | tar --numeric-owner --full-time -tvf - | sed 's/link to .*//' >got
push payload
image layer 1 oci:out:1 | tar --numeric-owner --full-time -tvf - | sed 's/link to .*//' >want
expect_eq "$(head -n 1 got | awk '{ print $1, $4, $5 }')" "drwxr-xr-x 1970-01-01 00:00:00"
expect_eq "$(tail -n +2 got)" "$(tail -n +2 want)"

t "from standard input, compressed or not, and through a FIFO"
as_dir
_run_stdin() { "$OHC" push --no-check --payload -:/openhands oci:bases:1 oci:out:1 <"$1"; }
for f in p.tar p.tar.zst; do
	status=0
	_run_stdin $f >got 2>&1 || status=$?
	out=$(cat got)
	expect_status 0
	expect_eq "$(layer)" "$want" "standard input, $f"
done
mkfifo pipe
cat p.tar.gz >pipe &
push pipe
wait $!
expect_status 0
expect_eq "$(layer)" "$want" FIFO

t "mtimes: none later, and all one; bytecode stays valid"
mkdir -p payload/py/__pycache__
printf 'x = 1\n' >payload/py/m.py
touch -d @1700000000 payload/py/m.py
py - <<'EOF'
import struct
open("payload/py/__pycache__/m.cpython-312.pyc", "wb").write(
    b"\xcb\x0d\x0d\x0a" + struct.pack("<III", 0, 1700000000, 6) + b"code")
EOF
tar -C payload -cf py.tar .
export SOURCE_DATE_EPOCH=1600000000
for how in clamp epoch preserve; do
	as_dir --mtime $how
	push py.tar --mtime $how
	expect_status 0
	expect_eq "$(layer)" "$want" "$how"
done
unset SOURCE_DATE_EPOCH

t "bytecode stays valid, too, among so many entries that their list is on disk"
py - <<'EOF'
import io, shutil, struct, tarfile
shutil.copy("py.tar", "many.tar")
with tarfile.open("many.tar", "a") as t:
    d = tarfile.TarInfo("./many")
    d.type, d.mode = tarfile.DIRTYPE, 0o755
    t.addfile(d)
    source = b"x = 1 # longer than its bytecode\n"
    code = b"\xcb\x0d\x0d\x0a" + struct.pack("<III", 0, 1700000000, len(source))
    for name, data in ("m.py", source), ("__pycache__/m.cpython-312.pyc", code):
        f = tarfile.TarInfo("./many/" + name)
        f.size, f.mtime = len(data), 1700000000
        t.addfile(f, io.BytesIO(data))
    for n in range(66000):
        t.addfile(tarfile.TarInfo(f"./many/{n}"))
EOF
push many.tar --mtime epoch
expect_status 0
image layer 1 oci:out:1 | tar -xf - openhands/many/__pycache__
got=$(py - <<'EOF'
import struct
print(struct.unpack("<4xIII", open(
    "openhands/many/__pycache__/m.cpython-312.pyc", "rb").read()))
EOF
)
expect_eq "$got" "(0, 0, 33)"
rm -r openhands payload/py

t "--owner, a target of its own, and extended attributes"
cp -a payload attributes
if have setfattr && setfattr -n user.note -v kept attributes/bin/hello 2>/dev/null; then
	setfattr -n user.a -v first attributes/bin
	setfattr -n user.a -v first attributes/bin/hello
fi
if have setcap; then
	setcap cap_net_raw+ep attributes/bin/tool 2>/dev/null || true
fi
tar --xattrs --xattrs-include='*' -C attributes -cf a.tar .
push attributes:/opt/x --owner 7:8
want=$(layer)
push a.tar:/opt/x --owner 7:8
expect_status 0
expect_eq "$(layer)" "$want"
if have getfattr && have setfattr; then
	image layer 1 oci:out:1 >layer.tar
	expect_true grep -aq 'SCHILY.xattr.user.note=kept' layer.tar
fi

t "what GNU tar unpacks of doubles and links is what is in the layer"
py - <<'EOF'
import io, tarfile
with tarfile.open("odd.tar", "w", format=tarfile.PAX_FORMAT) as t:
    def add(name, data=None, link=None, type=None, mode=0o644):
        i = tarfile.TarInfo(name)
        i.mode, i.mtime = mode, 1700000000
        i.type = type or tarfile.REGTYPE
        i.linkname = link or ""
        i.size = len(data or b"")
        t.addfile(i, io.BytesIO(data or b""))
    add(".", type=tarfile.DIRTYPE, mode=0o755)
    add("a", b"one")
    add("hard", link="a", type=tarfile.LNKTYPE)
    add("dir", type=tarfile.DIRTYPE, mode=0o755)
    add("dir/x", b"x" * 70000)
    add("a", b"two", mode=0o600)
    add("lib", type=tarfile.DIRTYPE, mode=0o755)
    add("lib64", link="lib", type=tarfile.SYMTYPE)
    add("lib64/so", b"elf")
    add("/absolute", b"root")
    add("./dir//./y", b"y")
    add("n" * 180 + "/" + "m" * 90, b"long")
    add("dangling", link="/etc/none", type=tarfile.SYMTYPE)
    for d in (".", "dir", "lib"):
        add(d, type=tarfile.DIRTYPE, mode=0o755)
EOF
mkdir unpacked
tar -C unpacked -xf odd.tar 2>/dev/null
find unpacked/nnn* -maxdepth 0 -exec chmod 755 {} + -exec touch -d @0 {} +
push unpacked
want=$(layer)
push odd.tar
expect_status 0
expect_eq "$(layer)" "$want"

t "umoci unpacks what GNU tar does; skopeo copies it"
if ! have umoci || ! have skopeo; then
	skip "no umoci or no skopeo"
else
	umoci_unpack out:1 bundle
	expect_true diff -r --no-dereference unpacked bundle/rootfs/openhands
	run skopeo copy -q oci:out:1 dir:copied
	expect_status 0
fi

t "the preflight sees what is in a tar"
run "$OHC" push --payload payload oci:bases:1 oci:out:2
as_dir_err=$(grep -v '^DEST\|read\|spooled' <<<"$err" | sort)
dir_status=$status
run "$OHC" push --payload p.tar oci:bases:1 oci:out:2
expect_status "$dir_status"
mkdir broken
cp -a payload/. broken
printf '#!/none/python\n' >broken/bin/oh-python
chmod 755 broken/bin/oh-python
tar -C broken -cf broken.tar .
run "$OHC" check --payload broken.tar oci:bases:1
dir_out=$out
expect_out '/openhands/bin/oh-python'
run "$OHC" check --payload broken oci:bases:1
expect_eq "$dir_out" "$out" "findings"

t "the second push reads nothing, to the same place and to another base and repository"
start_registry
load_base base:1 >/dev/null
load_base base:2 --created 2025-01-01T00:00:00Z >/dev/null
old p.tar.gz
rest
run "$OHC" push --json --no-check --payload p.tar.gz "$REGISTRY/base:1" "$REGISTRY/out:1"
expect_status 0
expect_eq "$(json 'j["bytes"]["read"] > 100000')" true
digest=$(json 'j["digest"]')
registry_log_mark
if can_trace; then
	run strace -f -qq -e trace=read,pread64 -y -o reads "$OHC" push --json --no-check \
		--payload p.tar.gz "$REGISTRY/base:1" "$REGISTRY/out:1"
	expect_false grep -q 'p\.tar\.gz' reads
else
	run "$OHC" push --json --no-check --payload p.tar.gz "$REGISTRY/base:1" "$REGISTRY/out:1"
fi
expect_status 0
expect_eq "$(json 'j["digest"]')" "$digest"
expect_eq "$(json 'j["bytes"]["read"]')" 0
expect_eq "$(json '[l["action"] for l in j["layers"] if l["role"] == "payload"]')" '["kept"]'
run "$OHC" push --json --no-check --payload p.tar.gz "$REGISTRY/base:2" "$REGISTRY/other/out:1"
expect_status 0
expect_eq "$(json 'j["bytes"]["read"]')" 0
expect_eq "$(json '[l["action"] for l in j["layers"] if l["role"] == "payload"]')" '["mounted"]'

t "where the layer is not known the tar is read again, and no second time"
run "$OHC" push --json --no-check --payload p.tar.gz oci:bases:1 oci:elsewhere:1
expect_status 0
expect_eq "$(json 'j["bytes"]["read"] > 100000')" true

t "a tar that changed is read again"
tar -C payload --exclude=share -czf p.tar.gz .
run "$OHC" push --json --no-check --payload p.tar.gz "$REGISTRY/base:1" "$REGISTRY/out:1"
expect_status 0
expect_eq "$(json 'j["bytes"]["read"] > 0')" true
expect_not test "$(json 'j["digest"]')" = "$digest"

t "a tar that changes after its list came out of the cache is an error, not another payload"
. "$top/tests/stub/stub.sh"
start_stub
tar -C payload -czf moving.tar.gz .
old moving.tar.gz
rest
run "$OHC" push --no-check --payload moving.tar.gz oci:bases:1 oci:first:1
expect_status 0
stub_config '{"rules": [{"match": {"path": "/v2/second/manifests/.*"}, "do": {"delay": 3}}]}'
asked()
{
	stub_log 'r["path"]' | grep -q /v2/second/manifests/
}
"$OHC" push --no-check --skip-existing --payload moving.tar.gz oci:bases:1 "$STUB/second:1" >got 2>&1 &
pid=$!
expect_true wait_for 20 asked # its list was looked at then, and the answer takes a while
tar -C payload --exclude=share -czf other.tar.gz .
mv other.tar.gz moving.tar.gz
status=0
wait $pid || status=$?
err=$(cat got)
out=
expect_message 1 "payload 'moving.tar.gz' has changed meanwhile: try again"

t "--platform all reads standard input once"
make_layout bases:all --layer plain --platform linux/amd64,linux/arm64 --config "$BASE_CONFIG" >/dev/null
status=0
"$OHC" push --json --no-cache --no-check --platform all --payload - oci:bases:all oci:out:all \
	<p.tar >got 2>&1 || status=$?
out=$(tail -n 1 got)
expect_status 0
expect_eq "$(json '[l["action"] for l in j["layers"] if l["role"] == "payload"]')" '["written", "kept"]'

t "--dry-run writes nothing"
push p.tar --dry-run
expect_status 0
run "$OHC" push --dry-run --no-check --payload p.tar oci:bases:1 oci:none:1
expect_status 0
expect_false test -e none

# bad STATUS PATTERN PAYLOAD: refused, and no image is there
bad()
{
	run "$OHC" push --no-check --payload "$3" oci:bases:1 oci:bad:1
	expect_message "$1" "$2"
	expect_false test -e bad/index.json
}

t "bad tars are refused, by name and without an image"
head -c 5000 p.tar >cut.tar
bad 3 "payload 'cut.tar' is not a valid tar" cut.tar
head -c 3000 p.tar.gz >cut.tar.gz
bad 3 "payload 'cut.tar.gz': the gzip data is cut off" cut.tar.gz
head -c 3000 p.tar.zst >cut.tar.zst
bad 3 "payload 'cut.tar.zst': the zstd data is cut off" cut.tar.zst
(head -c 2000 p.tar.gz; head -c 3000 /dev/urandom) >garbage.tar.gz
bad 3 "payload 'garbage.tar.gz'" garbage.tar.gz
cp "$(command -v busybox)" busybox
bad 3 "payload 'busybox' is not a valid tar" busybox
echo hello >text
bad 3 "payload 'text' is not a valid tar" text
: >empty
bad 3 "payload 'empty'" empty
tar -cf nothing.tar -T /dev/null
bad 3 "payload 'nothing.tar' has no files" nothing.tar
bad 2 "'/'" p.tar:/
bad 4 'none.tar' none.tar
chmod 000 text
[ "$(id -u)" = 0 ] || bad 5 "cannot open payload 'text'" text
bad 2 'neither a directory nor a tar' /dev/null
run "$OHC" push --payload - --payload -:/x oci:bases:1 oci:bad:1
expect_message 2 'standard input can be read only once'
mkdir special
mkfifo special/pipe
tar -cf special.tar special
bad 1 "'special/pipe' is a device or a FIFO" special.tar
mkdir white
: >white/.wh.x
tar -cf white.tar white
bad 3 "'white/x' would be deleted by a whiteout" white.tar

t "a tar bomb is not read to its end"
py - <<'EOF'
import subprocess, tarfile
info = tarfile.TarInfo("zeros")
info.size = 1 << 36
with open("bomb.tar.zst", "wb") as out:
    z = subprocess.Popen(["zstd", "-q", "-1"], stdin=-1, stdout=out)
    z.stdin.write(info.tobuf())
    piece = bytes(1 << 20)
    for _ in range(1500):
        z.stdin.write(piece)
    z.stdin.close()
    z.wait()
EOF
run "$OHC" push --no-check --max-layer-size 1G --payload bomb.tar.zst oci:bases:1 oci:bad:1
expect_message 3 'larger than the limit of 1073741824 bytes when unpacked: --max-layer-size raises it'
expect_false test -e bad/index.json

t "2 GB in bounded memory, from a file and from standard input"
if ! can_peak; then
	skip "$no_peak"
elif [ "$(df --output=avail -k "${TMPDIR:-/var/tmp}" | tail -n 1)" -lt 6000000 ]; then
	skip "needs 6 GB of disk"
else
	py - <<'EOF'
import io, os, tarfile
block = os.urandom(1 << 20)
with tarfile.open("big.tar", "w") as t:
    for n in range(50000):
        i = tarfile.TarInfo(f"many/{n // 200}/a-file-with-a-name-of-some-length-{n}")
        i.size = 1000
        t.addfile(i, io.BytesIO(block[n : n + 1000]))
    for n in range(2):
        i = tarfile.TarInfo(f"big-{n}")
        i.size = 1000 << 20
        class Repeat:
            def read(self, n=-1):
                return block[:n]
        t.addfile(i, Repeat())
EOF
	peak "$OHC" push --no-cache --compression none --no-check --payload big.tar oci:bases:1 oci:big:1
	expect_status 0
	expect_true test "$peak" -lt 65536
	rm -rf big
fi

finish
