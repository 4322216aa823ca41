#!/usr/bin/env bash
# time limit: 600
# SPDX-License-Identifier: Apache-2.0
# Images that hold more than the payload: what they have at the target becomes one layer, which is
# that of the directory that umoci unpacks.
. "$(dirname "$0")/../lib.sh"

have umoci || skip_all "no umoci"
have skopeo || skip_all "no skopeo"

small_payload payload
busybox_rootfs plain
make_layout bases:1 --layer plain --config "$BASE_CONFIG" >/dev/null

# An image as a Dockerfile makes it: the payload in several layers, on top of a base, with files that were
# removed, replaced, made links of one another across layers, and one that lies outside as well.
py - <<'EOF'
import io, tarfile

def layer(name, entries):
    with tarfile.open(name, "w", format=tarfile.PAX_FORMAT) as t:
        for path, what, value, mode in entries:
            i = tarfile.TarInfo(path)
            i.mode, i.mtime = mode, 1700000000
            i.type = {"dir": tarfile.DIRTYPE, "file": tarfile.REGTYPE,
                      "link": tarfile.LNKTYPE, "sym": tarfile.SYMTYPE}[what]
            data = value.encode() if what == "file" else b""
            i.linkname = value if what in ("link", "sym") else ""
            i.size = len(data)
            if path.endswith("noted"):
                i.pax_headers = {"SCHILY.xattr.user.note": "kept"}
            t.addfile(i, io.BytesIO(data))

layer("1.tar", [
    ("openhands", "dir", "", 0o755),
    ("openhands/bin", "dir", "", 0o755),
    ("openhands/bin/prog", "file", "#!/openhands/bin/sh\n", 0o755),
    ("openhands/bin/old", "file", "old", 0o644),
    ("openhands/data", "dir", "", 0o755),
    ("openhands/data/a", "file", "a" * 70000, 0o644),
    ("openhands/data/b", "file", "b", 0o644),
    ("usr/share", "dir", "", 0o755),
    ("usr/share/common", "file", "common", 0o644),
    ("openhands/data/common", "link", "usr/share/common", 0o644),
])
layer("2.tar", [
    ("openhands/bin/.wh.old", "file", "", 0o644),
    ("openhands/bin/again", "link", "openhands/bin/prog", 0o755),
    ("openhands/data", "dir", "", 0o700),
    ("openhands/data/.wh..wh..opq", "file", "", 0o644),
    ("openhands/data/c", "file", "c", 0o600),
    ("openhands/data/noted", "file", "n", 0o600),
    ("openhands/data/common", "link", "usr/share/common", 0o644),
    ("openhands/abs", "sym", "/etc/passwd", 0o777),
    ("openhands/rel", "sym", "../usr/share/common", 0o777),
])
layer("3.tar", [("srv/unrelated", "file", "u" * 3000000, 0o644)])
layer("4.tar", [
    ("openhands", "dir", "", 0o711),
    ("openhands/bin/prog", "file", "#!/openhands/bin/newer\n", 0o755),
    ("openhands/name with a newline\n", "file", "", 0o644),
])
EOF
make_layout src:1 --layer plain --layer 1.tar --layer 2.tar --layer 3.tar --layer 4.tar \
	--config '{"Env": ["PATH=/openhands/bin", "SECRET=no"]}' >/dev/null

# push PAYLOAD [OPTIONS...]
push()
{
	local payload=$1

	shift
	run "$OHC" push --json --no-check --payload "$payload" "$@" oci:bases:1 oci:out:1
}

layer()
{
	image config oci:out:1 | json 'j["rootfs"]["diff_ids"][1]' /dev/stdin
}

t "the layer is that of the directory that umoci unpacks"
umoci_unpack src:1 bundle
find bundle/rootfs/openhands -type l -exec touch -h -d @1700000000 {} +
push bundle/rootfs/openhands
expect_status 0
want=$(layer)
push oci:src:1
expect_status 0
expect_eq "$(layer)" "$want"
expect_eq "$(json 'len([l for l in j["layers"] if l["role"] == "payload"])')" 1
image layer 1 oci:out:1 | tar --numeric-owner -tvf - >list
expect_false grep -v ' 1000/1000 ' list
expect_eq "$(awk '{ print $6 }' list | head -n 1)" openhands/

t "nothing of its config comes along"
image config oci:out:1 >config.json
expect_false grep -q SECRET config.json

t "the composed image is the base and the payload, as umoci and skopeo have it"
umoci_unpack out:1 made
expect_true diff -r --no-dereference bundle/rootfs/openhands made/rootfs/openhands
expect_true diff -r --no-dereference plain/bin made/rootfs/bin
run skopeo copy -q oci:out:1 dir:copied
expect_status 0
run "$OHC" verify oci:out:1
expect_status 0

t "a target of its own, its owner and its times"
make_layout src:etc --layer plain --layer 1.tar >/dev/null
umoci_unpack src:etc etc
SOURCE_DATE_EPOCH=1500000000 push etc/rootfs/usr:/usr --owner 5:6 --mtime clamp --profile none
expect_status 0
want=$(layer)
SOURCE_DATE_EPOCH=1500000000 push oci:src:etc:/usr --owner 5:6 --mtime clamp --profile none
expect_status 0
expect_eq "$(layer)" "$want"

t "what lies below the target by its name, and elsewhere by a symlink, does not come along"
py - <<'EOF'
import io, tarfile
with tarfile.open("s1.tar", "w") as t:
    for path, link in ("openhands", None), ("openhands/out", "../etc"):
        i = tarfile.TarInfo(path)
        i.type, i.mode = (tarfile.SYMTYPE, 0o777) if link else (tarfile.DIRTYPE, 0o755)
        i.linkname = link or ""
        t.addfile(i)
with tarfile.open("s2.tar", "w") as t:
    i = tarfile.TarInfo("openhands/out/stray")
    i.size = 1
    t.addfile(i, io.BytesIO(b"x"))
EOF
make_layout src:stray --layer s1.tar --layer s2.tar >/dev/null
push oci:src:stray
expect_status 0
run "$OHC" inspect --tree oci:out:1
expect_out '/openhands/out -> '
expect_no_out 'stray'

t "an image behind a symlink; one of docker; archives; an index"
push oci:src:1
want=$(layer)
mkdir -p moved/srv
py - <<'EOF'
import tarfile
for n in "1", "2", "4":
    with tarfile.open(n + ".tar") as old, tarfile.open("m" + n + ".tar", "w", format=tarfile.PAX_FORMAT) as new:
        if n == "1":
            i = tarfile.TarInfo("openhands")
            i.type, i.linkname = tarfile.SYMTYPE, "srv/oh"
            new.addfile(i)
        for i in old:
            data = old.extractfile(i) if i.isreg() else None
            if i.name.startswith("openhands"):
                i.name = "srv/oh" + i.name[9:]
            if i.islnk() and i.linkname.startswith("openhands"):
                i.linkname = "srv/oh" + i.linkname[9:]
            new.addfile(i, data)
EOF
make_layout src:moved --layer plain --layer m1.tar --layer m2.tar --layer m4.tar >/dev/null
make_layout src:docker --docker --layer plain --layer 1.tar --layer 2.tar --layer 4.tar >/dev/null
make_layout src:index --platform linux/amd64,linux/arm64 --layer plain --layer 1.tar --layer 2.tar \
	--layer 4.tar >/dev/null
skopeo copy -q oci:src:1 docker-archive:saved.tar:payload:1
skopeo copy -q oci:src:1 oci-archive:archive.tar:1
for name in oci:src:moved oci:src:docker oci:src:index docker-archive:saved.tar \
	docker-archive:saved.tar:payload:1 oci-archive:archive.tar:1 "oci:$PWD/src:1" \
	"oci:$PWD/src:1:/openhands" "oci-archive:$PWD/archive.tar" "linux/amd64=oci:$PWD/src:1" \
	"docker-archive:$PWD/saved.tar:payload:1:/openhands"; do
	push "$name"
	expect_status 0
	[ $status != 0 ] || expect_eq "$(layer)" "$want" "$name"
done

t "an image of nothing but the payload is used as it is"
make_layout src:only --layer 1.tar >/dev/null
py - <<'EOF'
import tarfile
with tarfile.open("1.tar") as old, tarfile.open("only.tar", "w", format=tarfile.PAX_FORMAT) as new:
    for i in old:
        if i.name.startswith("openhands") and not i.islnk():
            new.addfile(i, old.extractfile(i) if i.isreg() else None)
EOF
make_layout src:only --layer only.tar --compression zstd >/dev/null
push oci:src:only
expect_status 0
expect_eq "$(json '[l["digest"] for l in j["layers"] if l["role"] == "payload"]')" \
	"$(image manifest oci:src:only | json '[l["digest"] for l in j["layers"]]' /dev/stdin)"

t "one that hides what is outside is not"
mkdir -p hide/tmp hide2/tmp
: >hide/tmp/x
: >hide2/tmp/.wh.x
: >hide2/.wh.tmp
tar -C hide2 -cf hide2.tar .wh.tmp
tar -C hide -cf hide.tar tmp/x
make_layout src:hide --layer only.tar --layer hide.tar --layer hide2.tar >/dev/null
push oci:src:hide
expect_status 0
expect_eq "$(json 'len([l for l in j["layers"] if l["role"] == "payload"])')" 1

t "from a registry: only the layers that have something of it, once, and no second time"
start_registry
load_base base:1 >/dev/null
load_base base:2 --created 2025-01-01T00:00:00Z >/dev/null
put_layout src:1 "$REGISTRY/payload:1" >/dev/null
unrelated=$(image manifest oci:src:1 | json 'j["layers"][3]["digest"]' /dev/stdin)
run "$OHC" inspect --tree "$REGISTRY/payload:1" # knows the layers now
expect_status 0
registry_log_mark
run "$OHC" push --json --no-check --payload "$REGISTRY/payload:1" "$REGISTRY/base:1" "$REGISTRY/out:1"
expect_status 0
digest=$(json '[l["digest"] for l in j["layers"] if l["role"] == "payload"][0]')
registry_log_since >log
expect_false grep -q "GET.*$unrelated" log
expect_eq "$(grep -c 'GET .*payload/blobs' log)" 4 "three layers and the config"
registry_log_mark
run "$OHC" push --json --no-check --payload "$REGISTRY/payload:1" "$REGISTRY/base:2" "$REGISTRY/other:1"
expect_status 0
registry_log_since >log
expect_false grep -q 'GET .*payload/' log
expect_eq "$(json '[l["action"] for l in j["layers"] if l["role"] == "payload"]')" '["mounted"]'
expect_eq "$(json '[l["digest"] for l in j["layers"] if l["role"] == "payload"][0]')" "$digest"
run "$OHC" push --json --no-check --payload "$REGISTRY/payload:1" "$REGISTRY/base:2" "$REGISTRY/other:1"
expect_eq "$(json '[l["action"] for l in j["layers"] if l["role"] == "payload"]')" '["kept"]'
run "$OHC" push --json --no-cache --no-check --payload "$REGISTRY/payload:1" "$REGISTRY/base:1" \
	"$REGISTRY/third:1"
expect_status 0
expect_eq "$(json '[l["digest"] for l in j["layers"] if l["role"] == "payload"][0]')" "$digest"

t "the preflight sees what is in it, and says what it says of the directory"
run "$OHC" check --payload oci:src:1 oci:bases:1
image_out=$out
expect_out 'script-interpreter /openhands/bin/again'
run "$OHC" check --payload bundle/rootfs/openhands oci:bases:1
expect_eq "$image_out" "$out" findings

# bad STATUS PATTERN PAYLOAD [OPTIONS...]
bad()
{
	local want=$1 pattern=$2 payload=$3

	shift 3
	run "$OHC" push --no-check "$@" --payload "$payload" oci:bases:1 oci:bad:1
	expect_message "$want" "$pattern"
	expect_false test -e bad/index.json
}

t "what is not there is named, with what is"
bad 4 "payload 'oci:src:1': the image has no directory '/agent-server': in '/' there is 'bin'" \
	oci:src:1:/agent-server
bad 4 "in '/openhands/bin' there is 'again', 'prog'" oci:src:1:/openhands/bin/deep/er
bad 4 "has no directory '/openhands/bin/prog'" oci:src:1:/openhands/bin/prog
bad 4 "nosuch" oci:src:nosuch

t "nor is one that cannot be read taken for one that says nothing of itself"
for profile in none openhands; do
	for source in oci:nothere:1 "$REGISTRY/nothere:1" oci-archive:nothere.tar; do
		run "$OHC" push --no-check --profile $profile --payload "$source" oci:src:1 oci:refused:1
		expect_message 4 "payload '$source': "
	done
	source=127.0.0.1:$(closed_port)/x:1
	run "$OHC" push --retry 0 --no-check --profile $profile --payload "$source" oci:src:1 oci:refused:1
	expect_message 6 "payload '$source': .*Connection refused"
done
expect_false test -e refused

t "what no payload can have is refused by name"
py - <<'EOF'
import tarfile
with tarfile.open("dev.tar", "w") as t:
    i = tarfile.TarInfo("openhands/null")
    i.type, i.devmajor, i.devminor = tarfile.CHRTYPE, 1, 3
    t.addfile(i)
EOF
make_layout src:device --layer plain --layer dev.tar >/dev/null
bad 1 "'/openhands/null' is a device or a FIFO" oci:src:device

t "an image of another platform, and one with a layer that lies"
make_layout src:arm --platform linux/arm64 --layer plain --layer 1.tar >/dev/null
bad 4 "linux/arm64" oci:src:arm
make_layout liar:1 --layer plain --layer 1.tar --break layer-digest >/dev/null
bad 3 "sha256" oci:liar:1

t "--dry-run writes nothing"
run "$OHC" push --dry-run --no-check --payload oci:src:1 oci:bases:1 oci:none:1
expect_status 0
expect_false test -e none

t "two payloads, and the profile: the programs of all are found"
for name in a b; do
	mkdir -p "two/$name/bin"
	echo "$name" >"two/$name/bin/program-$name"
done
run "$OHC" pack --profile none --prefix /a --env 'PATH=$PATH:/a/bin' --env 'X=$PATH' two/a oci:two-packed:a
expect_status 0
run "$OHC" pack --profile openhands --prefix /b --env 'PATH=/b/bin:$PATH' two/b oci:two-packed:b
expect_status 0
mkdir empty-base
echo x >empty-base/x
make_layout two-base:1 --layer empty-base --config '{"Env": ["PATH=/base"]}' >/dev/null
run "$OHC" push --no-check --no-account --profile openhands --payload oci:two-packed:a --payload oci:two-packed:b \
	oci:two-base:1 oci:two-out:1
expect_status 0
expect_no_err 'was packed for profile'
run "$OHC" inspect --format '{{join .Config.Env "\n"}}' oci:two-out:1
expect_out '^PATH=/openhands/bin:/b/bin:/base:/a/bin$'
expect_out '^X=/base$'

t "launchers and links reach into another payload's prefix"
mkdir -p reach/a/bin reach/b/bin
cp "$(command -v busybox)" reach/b/bin/busybox
cp "$(command -v busybox)" reach/a/bin/busybox
echo '{ "name": "reach", "links": { "/opt/c/busybox": "/opt/b/bin/busybox", "/opt/d/say": "/opt/a/bin/say" } }' >reach.json
expect "$OHC" pack --profile none --prefix /opt/a --launcher 'say=/opt/b/bin/busybox echo from b' reach/a oci:reached:a
expect "$OHC" pack --profile none --prefix /opt/b reach/b oci:reached:b
make_busybox_base reachbase:1
expect "$OHC" push --profile reach.json --payload oci:reached:a --payload oci:reached:b oci:reachbase:1 oci:reached:1
run "$OHC" check --profile reach.json oci:reached:1
expect_status 0
unpack_image oci:reached:1 reached.root
if [ "$(id -u)" = 0 ]; then
	for program in /opt/a/bin/say /opt/d/say; do
		run chroot reached.root $program to all
		expect_out_is 'from b to all'
	done
	run chroot reached.root /opt/c/busybox echo c
	expect_out_is c
fi
# Without the other one, what leads nowhere is told.
expect "$OHC" push --no-check --cmd '["/opt/d/say"]' --profile reach.json --payload oci:reached:a oci:reachbase:1 oci:reached:2
run "$OHC" check --profile reach.json oci:reached:2
expect_status 7
expect_out "^error command-missing /opt/d/say: is a launcher of '/opt/b/bin/busybox', which is not in the image"
expect_out "^error contract-link /opt/c/busybox: is not there, where the profile 'reach' has a link"

t "payloads of two profiles: the first decides, and it is said"
run "$OHC" push --no-check --payload oci:two-packed:b --payload oci:two-packed:a oci:two-base:1 oci:two-out:2
expect_status 0
expect_err "payload 'oci:two-packed:a' was packed for profile 'none', and the image gets 'openhands'"
run "$OHC" push --no-check --payload oci:two-packed:a --payload oci:two-packed:b oci:two-base:1 oci:two-out:3
expect_status 0
expect_err "payload 'oci:two-packed:b' was packed for profile 'openhands', and the image gets 'none'"

t "a working directory in a packed payload that is not read is not called missing"
run "$OHC" pack -q payload "$REGISTRY/unread:1"
unread()
{
	run "$OHC" push --check=warn --cache unread --profile none --workdir "$1" --payload "$REGISTRY/unread:1" \
		oci:two-base:1 "oci:unread-out:${1##*/}"
	expect_status 0
}
unread /openhands-not
expect_err "workdir-missing: '/openhands-not' is the working directory"
unread /openhands/share/data
expect_no_err workdir-missing

t "a directory beside a packed payload: a link into that does not dangle"
mkdir -p two/links
ln -s /b/bin/program-b two/links/program
run "$OHC" check --profile none --payload oci:two-packed:b --payload two/links:/links oci:two-base:1
expect_no_out symlink-dangling

finish
