#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# pack --sbom: the list of what is in a payload, judged by what dpkg, pip, npm, Go and Rust say of the
# same files.
. "$(dirname "$0")/../lib.sh"

# Optimized, since for a debug build zig, the compiler of check-static, first makes parts of its own, two at a time,
# which has failed on a busy machine.
cc=${CC:-cc}
printf 'int main(void) { return 0; }\n' >main.c
$cc -O2 -o program main.c

# bom IMAGE TYPE: the list that hangs there, as bom.json
bom()
{
	local layout=${1#oci:} d

	layout=${layout%:*}
	run "$OHC" inspect --json --referrers "$1"
	expect_status 0
	d=$(json "[m['digest'] for m in j if m['artifactType'] == '$2'][0]")
	run "$OHC" inspect --raw "oci:$layout@$d"
	expect_status 0
	d=$(json 'j["layers"][0]["digest"]')
	cp "$layout/blobs/sha256/${d#sha256:}" bom.json
}

# has PURL: the places of that component
has()
{
	json "sorted(o['location'] for c in j['components'] if c.get('purl') == '$1' for o in c['evidence']['occurrences'])" bom.json
}

# ---- a tree of all kinds ----
mkdir -p root/usr/{bin,lib/x} root/etc root/var/lib/dpkg/info root/usr/share/doc/tool
cp program root/usr/bin
ln -s usr/lib root/lib
echo data >root/usr/lib/x/data
printf 'ID=debian\nVERSION_ID="12"\n' >root/etc/os-release
cat >root/var/lib/dpkg/status <<'EOF'
Package: tool
Status: install ok installed
Architecture: amd64
Source: tool-src (1.1)
Version: 1:1.2-3+b1
Description: a tool
 with a long description

Package: gone
Status: deinstall ok config-files
Architecture: amd64
Version: 1

Package: libx
Status: install ok installed
Architecture: amd64
Version: 2.0~rc1
EOF
printf '/.\n/usr\n/usr/bin\n/usr/bin/program\n' >root/var/lib/dpkg/info/tool.list
printf '/.\n/lib\n/lib/x\n/lib/x/data\n' >root/var/lib/dpkg/info/libx:amd64.list
printf 'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\nFiles: *\nLicense: MIT\n\nFiles: x\nLicense: GPL-2+\n text\n\nFiles: y\nLicense: MIT\n' \
	>root/usr/share/doc/tool/copyright

site=tree/lib/python3.11/site-packages
mkdir -p $site/demo/__pycache__ $site/demo-1.5.dist-info $site/old-0.1.egg-info tree/bin
printf 'Metadata-Version: 2.1\nName: Demo\nVersion: 1.5\nLicense-Expression: Apache-2.0\n\ntext\n' \
	>$site/demo-1.5.dist-info/METADATA
echo 'x = 1' >$site/demo/__init__.py
echo code >$site/demo/__pycache__/__init__.cpython-311.pyc
mkdir -p tree/lib/own/__pycache__
echo 'y = 1' >tree/lib/own/own.py
echo code | tee tree/lib/own/__pycache__/own.cpython-311.pyc >tree/lib/own/__pycache__/gone.cpython-311.pyc
echo script >tree/bin/demo
printf 'demo/__init__.py,sha256=x,6\r\n"../../../bin/demo",,\r\ndemo-1.5.dist-info/METADATA,,\r\ndemo-1.5.dist-info/RECORD,,\r\n' \
	>$site/demo-1.5.dist-info/RECORD
printf 'Metadata-Version: 1.0\nName: old\nVersion: 0.1\nClassifier: License :: OSI Approved :: MIT License\n' \
	>$site/old-0.1.egg-info/PKG-INFO
mkdir -p tree/app/node_modules/{left/node_modules/deep,@scope/right}
echo '{"name": "app", "version": "9"}' >tree/app/package.json
echo '{"name": "left", "version": "1.0.0", "license": "MIT"}' >tree/app/node_modules/left/package.json
echo '{"name": "deep", "version": "2.0.0", "licenses": [{"type": "ISC"}]}' \
	>tree/app/node_modules/left/node_modules/deep/package.json
echo '{"name": "@scope/right", "version": "3.0.0"}' >tree/app/node_modules/@scope/right/package.json
echo left >tree/app/node_modules/left/index.js
echo stray >tree/app/node_modules/left/node_modules/stray.js
{ printf '\0%.0s' {1..5000} && echo ' https://nodejs.org/download/release/v22.11.0/node-v22.11.0-headers.tar.gz '; } >tree/bin/node
{ printf '\0%.0s' {1..5000} && printf '1.2.3.4.5\000185.0.169.9\000x131.0.6778.39\000130.0.6700.0\000131.0.6778.34\00099.0.1000.0\000131.0.6778.35.1\000'; } \
	>tree/bin/chrome
chmod +x tree/bin/*
py - <<'EOF'
import json, zlib

def text(s):
    n, out = len(s), b""
    while n >= 128:
        out += bytes([n & 127 | 128]); n >>= 7
    return out + bytes([n]) + s

mark = b"m" * 16
modules = (b"path\texample.com/cmd\nmod\texample.com/cmd\tv1.2.3\th1:x=\n"
           b"dep\tgolang.org/x/sys\tv0.5.0\th1:y=\ndep\told.org/mod\tv1.0.0\n=>\tnew.org/fork\tv1.0.1\th1:z=\n"
           b"build\t-compiler=gc\n")
with open("go.section", "wb") as f:
    f.write(b"\xff Go buildinf:" + bytes([8, 2]) + bytes(16) + text(b"go1.22.1") + text(mark + modules + mark))
with open("rust.section", "wb") as f:
    f.write(zlib.compress(json.dumps({"packages": [
        {"name": "app", "version": "0.1.0", "source": "local", "root": True},
        {"name": "libc", "version": "0.2.150", "source": "crates.io"},
        {"name": "cc", "version": "1.0.0", "source": "crates.io", "kind": "build"}]}).encode()))
EOF
objcopy --add-section .go.buildinfo=go.section program tree/bin/go-program
objcopy --add-section .dep-v0=rust.section program tree/bin/rust-program
echo plain >tree/plain.txt

cat >recipe.json <<'EOF'
{"root": "root", "closure": false, "layers": [
	{"name": "tools", "copy": [{"from": "/usr/bin/program", "to": "bin/program"},
				   {"from": "/usr/lib/x", "to": "x"}]},
	{"name": "tree", "copy": [{"from": "tree", "to": "tree"}]}]}
EOF

t "CycloneDX: packages of dpkg's, with source, license and place"
run "$OHC" pack recipe.json oci:out:1
expect_status 0
bom oci:out:1 application/vnd.cyclonedx+json
expect_eq "$(has 'pkg:deb/debian/tool@1%3A1.2-3%2Bb1?arch=amd64&distro=debian-12')" '["/openhands/bin/program"]'
expect_eq "$(has 'pkg:deb/debian/libx@2.0~rc1?arch=amd64&distro=debian-12')" '["/openhands/x/data"]'
one='[c for c in j["components"] if c["name"] == "tool"][0]'
expect_eq "$(json "$one['licenses'][0]['license']['name']" bom.json)" 'MIT, GPL-2+'
expect_eq "$(json "$one['properties'][0]['value']" bom.json)" 'tool-src 1.1'
expect_eq "$(json '[c for c in j["components"] if c["name"] == "gone"]' bom.json)" '[]'

t "Python, npm, Go, Rust, node and Chromium"
lib=/openhands/tree/lib/python3.11/site-packages
expect_eq "$(has pkg:pypi/demo@1.5)" "[\"$lib/demo-1.5.dist-info\"]"
expect_eq "$(has pkg:pypi/old@0.1)" "[\"$lib/old-0.1.egg-info\"]"
expect_eq "$(has pkg:npm/left@1.0.0)" '["/openhands/tree/app/node_modules/left"]'
expect_eq "$(has pkg:npm/deep@2.0.0)" '["/openhands/tree/app/node_modules/left/node_modules/deep"]'
expect_eq "$(has pkg:npm/%40scope/right@3.0.0)" '["/openhands/tree/app/node_modules/@scope/right"]'
for purl in stdlib@1.22.1 example.com/cmd@v1.2.3 golang.org/x/sys@v0.5.0 new.org/fork@v1.0.1; do
	expect_eq "$(has "pkg:golang/$purl")" '["/openhands/tree/bin/go-program"]'
done
expect_eq "$(has pkg:golang/old.org/mod@v1.0.0)" '[]'
for purl in app@0.1.0 libc@0.2.150; do
	expect_eq "$(has "pkg:cargo/$purl")" '["/openhands/tree/bin/rust-program"]'
done
expect_eq "$(has pkg:cargo/cc@1.0.0)" '[]'
expect_eq "$(has pkg:generic/node@22.11.0)" '["/openhands/tree/bin/node"]'
expect_eq "$(has pkg:generic/chromium@131.0.6778.34)" '["/openhands/tree/bin/chrome"]'
licenses='{c["name"]: c["licenses"][0]["license"]["name"] for c in j["components"] if c["type"] == "library" and "licenses" in c and c["name"] != "tool"}'
expect_eq "$(json "$licenses" bom.json)" '{"deep": "ISC", "demo": "Apache-2.0", "left": "MIT", "old": "MIT License"}'

t "what belongs to nothing is a file with its digest, and nothing is there twice"
expect_eq "$(json '", ".join(c["name"][16:] for c in j["components"] if c["type"] == "file")' bom.json)" \
	"app/node_modules/left/node_modules/stray.js, app/package.json, lib/own/__pycache__/gone.cpython-311.pyc, \
lib/own/__pycache__/own.cpython-311.pyc, lib/own/own.py, plain.txt"
expect_eq "$(json '[c for c in j["components"] if c["name"].endswith("plain.txt")][0]["hashes"][0]["content"]' bom.json)" \
	"$(sha256sum <tree/plain.txt | cut -d' ' -f1)"
expect_eq "$(json 'len(j["components"]) - len({c["bom-ref"] for c in j["components"]})' bom.json)" 0
expect_eq "$(json 'len(j["components"])' bom.json)" 21

t "dpkg's records lie below the prefix, those of the packages that went in alone"
run "$OHC" inspect --tree oci:out:1
expect_out '/openhands/var/lib/dpkg/status.d/tool$'
expect_out '/openhands/var/lib/dpkg/status.d/libx$'
expect_no_out 'status.d/gone'

t "the same list from another folder, on another day, from the cache and without it"
first=$(sha256sum <bom.json)
cp -a root tree recipe.json program "$(mkdir -p else && echo else)"
for args in "" "--no-cache" "--mtime epoch"; do
	# shellcheck disable=SC2086
	(cd else && "$OHC" pack -q $args recipe.json oci:out:1 >/dev/null)
	bom oci:else/out:1 application/vnd.cyclonedx+json
	expect_eq "$(sha256sum <bom.json)" "$first"
	rm -r else/out
done

t "a package that was upgraded beside files that stayed is listed as it is now, from the cache, too"
sleep 2.1 # a tree that was written to just now is not remembered
for version in 1:1.2-3+b1 1:1.2-4; do
	sed -i "s/^Version: 1:.*/Version: $version/" root/var/lib/dpkg/status
	for run in 1 2; do
		rm -rf out
		run "$OHC" pack -q recipe.json oci:out:1
		expect_status 0
		bom oci:out:1 application/vnd.cyclonedx+json
		expect_eq "$(json '[c["version"] for c in j["components"] if c["name"] == "tool"]' bom.json)" "[\"$version\"]"
	done
done

t "bytecode whose time is written anew has the digest that it has in the layer"
mkdir -p py/__pycache__
echo 'x = 1' >py/m.py
py -c 'import py_compile; py_compile.compile("py/m.py", "py/__pycache__/m.cpython-311.pyc")'
run "$OHC" pack --mtime epoch --compression none py oci:pyc:1
expect_status 0
bom oci:pyc:1 application/vnd.cyclonedx+json
blob=$("$OHC" inspect --layers oci:pyc:1 | cut -d' ' -f1)
tar -xf "pyc/blobs/sha256/${blob#sha256:}" -C "$(mkdir -p un && echo un)"
for file in openhands/m.py openhands/__pycache__/m.cpython-311.pyc; do
	expect_eq "$(json "[c['hashes'][0]['content'] for c in j['components'] if c['name'] == '/$file'][0]" bom.json)" \
		"$(sha256sum <"un/$file" | cut -d' ' -f1)"
done

t "a recipe's version, revision and source: labels, and the version in the list"
sed '1s/{/{"version": "4.5.6", "revision": "0123abc", "source": "https:\/\/example.com\/x.git",/' recipe.json >facts.json
run "$OHC" pack facts.json oci:facts:1
expect_status 0
bom oci:facts:1 application/vnd.cyclonedx+json
expect_eq "$(json 'j["metadata"]["component"]["version"]' bom.json)" 4.5.6
labels='{k.rpartition(".")[2]: v for k, v in j["config"]["Labels"].items() if k.startswith("org.")}'
run "$OHC" inspect --config oci:facts:1
expect_eq "$(json "$labels")" '{"revision": "0123abc", "source": "https://example.com/x.git", "version": "4.5.6"}'
run "$OHC" pack --sbom spdx --label org.opencontainers.image.version=7 facts.json oci:facts:2
expect_status 0
bom oci:facts:2 application/spdx+json
expect_eq "$(json 'j["packages"][0]["versionInfo"]' bom.json)" 4.5.6
run "$OHC" inspect --config oci:facts:2
expect_eq "$(json "($labels)['version']")" 7
sed '1s/{/{"version": "",/' recipe.json >facts.json
run "$OHC" pack facts.json oci:facts:3
expect_message 3 "'version' is empty"

t "a distribution's file that is not what its RECORD says is a file with its digest"
mkdir -p dist/site/{demo,demo-1.dist-info,more-1.dist-info}
printf 'Name: demo\nVersion: 1\n' >dist/site/demo-1.dist-info/METADATA
printf 'Name: more\nVersion: 1\n' >dist/site/more-1.dist-info/METADATA
echo first >dist/site/demo/same.py
echo second >dist/site/demo/written.py
echo third >dist/site/demo/unknown.py
echo shared >dist/site/demo/shared.py
install -m 755 program dist/site/demo/program
# recorded FILE...: lines of RECORD
recorded()
{
	local file

	for file; do
		printf '"%s","sha256=%s",%s\n' "$file" "$(openssl sha256 -binary <"dist/site/$file" | base64 | tr '+/' '-_' |
			tr -d =)" "$(stat -c %s "dist/site/$file")"
	done
}
{ recorded demo/{same,written}.py demo/program && echo demo/unknown.py,,; } >dist/site/demo-1.dist-info/RECORD
recorded demo/shared.py >>dist/site/demo-1.dist-info/RECORD
echo 'shared, and installed later' >dist/site/demo/shared.py
recorded demo/shared.py >dist/site/more-1.dist-info/RECORD
echo evil >>dist/site/demo/written.py
touch -d '2024-02-03 04:05:06 UTC' dist/site/demo/*
tar -C dist -cf dist.tar .
# files: those that are listed as such
files()
{
	json '[c["name"] for c in j["components"] if c["type"] == "file"]' bom.json
}
for args in dist "--no-cache dist" "--closure dist" dist.tar; do
	rm -rf dist-out
	# shellcheck disable=SC2086
	run "$OHC" pack $args oci:dist-out:1
	expect_status 0
	bom oci:dist-out:1 application/vnd.cyclonedx+json
	case $args in
	--closure*) expect_true grep -q written.py <<<"$(files)" && expect_false grep -qE 'same|program|unknown|shared' <<<"$(files)" ;;
	*) expect_eq "$(files)" '["/openhands/site/demo/written.py"]' "files of '$args'" ;;
	esac
done
run "$OHC" pack --sbom spdx dist oci:dist-out:2
expect_status 0
bom oci:dist-out:2 application/spdx+json
expect_eq "$(json '[f["fileName"] for f in j["files"]]' bom.json)" '["./openhands/site/demo/written.py"]'
expect_eq "$(json 'len(j["relationships"])' bom.json)" 4

t "a license in a classifier, whatever it ends in"
mkdir -p odd/{one,two,three}-1.egg-info
printf 'Name: one\nVersion: 1\nClassifier: License :: X:\n' >odd/one-1.egg-info/PKG-INFO
printf 'Name: two\nVersion: 1\nClassifier: License :: A :: B:C\n' >odd/two-1.egg-info/PKG-INFO
printf 'Name: three\nVersion: 1\nClassifier: License :: \n' >odd/three-1.egg-info/PKG-INFO
run "$OHC" pack odd oci:odd-out:1
expect_status 0
bom oci:odd-out:1 application/vnd.cyclonedx+json
expect_eq "$(json '{c["name"]: c["licenses"][0]["license"]["name"] for c in j["components"] if "licenses" in c}' bom.json)" \
	'{"one": "X:", "two": "B:C"}'

t "a package.json with a mark of UTF-8, a version that no schema takes"
mkdir -p odd-js/node_modules/{marked,long}
printf '\357\273\277{"name": "marked", "version": "1.0.0"}' >odd-js/node_modules/marked/package.json
printf '{"name": "long", "version": "%02000d"}' 1 >odd-js/node_modules/long/package.json
run "$OHC" pack odd-js oci:odd-js-out:1
expect_status 0
bom oci:odd-js-out:1 application/vnd.cyclonedx+json
expect_eq "$(json '{c["name"]: c.get("version") for c in j["components"]}' bom.json)" '{"long": null, "marked": "1.0.0"}'

t "SPDX: the same packages, and files with both digests"
run "$OHC" pack --sbom spdx recipe.json oci:spdx:1
expect_status 0
bom oci:spdx:1 application/spdx+json
expect_eq "$(json 'len(j["packages"]) - 1 + len(j["files"])' bom.json)" 21
expect_eq "$(json '[c["checksumValue"] for c in j["files"][-1]["checksums"]]' bom.json)" \
	"[\"$(sha1sum <tree/plain.txt | cut -d' ' -f1)\", \"$(sha256sum <tree/plain.txt | cut -d' ' -f1)\"]"
expect_eq "$(json '{p["name"]: p["licenseDeclared"] for p in j["packages"] if p["name"] in ("tool", "left")}' bom.json)" \
	'{"left": "MIT", "tool": "NOASSERTION"}'
expect_eq "$(json 'len(j["relationships"])' bom.json)" 22
expect_eq "$(json '[f["fileName"] for f in j["files"] if f["fileName"].endswith("plain.txt")]' bom.json)" '["./openhands/tree/plain.txt"]'
expect_eq "$(json '[r for r in j["relationships"] if "File" in r["relatedSpdxElement"] and r["relationshipType"] != "DESCRIBES"]' bom.json)" '[]'

t "another distribution's packages have its name"
cp -a root ubuntu
printf 'ID=ubuntu\nVERSION_ID="24.04"\n' >ubuntu/etc/os-release
sed 's/"root": "root"/"root": "ubuntu"/' recipe.json >ubuntu.json
run "$OHC" pack ubuntu.json oci:named:1
expect_status 0
bom oci:named:1 application/vnd.cyclonedx+json
expect_eq "$(has "pkg:deb/ubuntu/libx@2.0~rc1?arch=amd64&distro=ubuntu-24.04")" '["/openhands/x/data"]'

t "a tar and an image have the list that the same directory has"
run "$OHC" pack tree oci:dir:1
expect_status 0
bom oci:dir:1 application/vnd.cyclonedx+json

want=$(sha256sum <bom.json)
tar -C tree -czf tree.tar.gz .
rm -rf as && mkdir as && cp -a tree as/openhands
echo other >as/other
make_layout image:1 --layer as --config '{"Cmd": ["x"]}' >/dev/null
for source in tree.tar.gz oci:dir:1 oci:image:1; do
	for args in "" "" "--no-cache"; do
		rm -rf of
		# shellcheck disable=SC2086
		run "$OHC" pack $args $source oci:of:1
		expect_status 0
		bom oci:of:1 application/vnd.cyclonedx+json
		expect_eq "$(sha256sum <bom.json)" "$want" "$source $args"
	done
done
"$OHC" pack - oci:of:2 <tree.tar.gz >/dev/null
bom oci:of:2 application/vnd.cyclonedx+json
expect_eq "$(sha256sum <bom.json)" "$want" "standard input"
run "$OHC" pack --launcher oh-go=bin/go-program tree.tar.gz oci:of:3
expect_status 0
bom oci:of:3 application/vnd.cyclonedx+json
expect_eq "$(has pkg:npm/left@1.0.0)" '["/openhands/app/node_modules/left"]'
expect_eq "$(json "[c for c in j['components'] if c['name'] == '/openhands/bin/oh-go'][0]['type']" bom.json)" file

t "of a package of which only configuration is left the files are nobody's"
cp -a root left
echo conf >left/etc/gone.conf
printf '/.\n/etc\n/etc/gone.conf\n' >left/var/lib/dpkg/info/gone.list
echo '{"root": "left", "closure": false, "layers": [{"name": "tools", "copy": [{"from": "/etc/gone.conf", "to": "gone.conf"}]}]}' \
	>left.json
run "$OHC" pack left.json oci:leftover:1
expect_status 0
bom oci:leftover:1 application/vnd.cyclonedx+json
expect_eq "$(json '[[c["type"], c["name"]] for c in j["components"]]' bom.json)" '[["file", "/openhands/gone.conf"]]'

t "a tar of a system: the packages that its own databases name, and no more of this machine's"
tar -C root -cf system.tar .
run "$OHC" pack system.tar oci:system:1
expect_status 0
bom oci:system:1 application/vnd.cyclonedx+json
tool=pkg:deb/debian/tool@1%3A1.2-4?arch=amd64
expect_eq "$(has "$tool&distro=debian-12")" '["/openhands/usr/bin/program"]'
expect_eq "$(has 'pkg:deb/debian/libx@2.0~rc1?arch=amd64&distro=debian-12')" '["/openhands/usr/lib/x/data"]'
expect_eq "$(json "[c for c in j['components'] if c['name'] == 'tool'][0]['licenses'][0]['license']['name']" bom.json)" 'MIT, GPL-2+'
expect_eq "$(json '[c["name"] for c in j["components"] if c["type"] == "library"]' bom.json)" '["libx", "tool"]'
run "$OHC" inspect --tree oci:system:1
expect_no_out status.d

t "an image that was packed: the packages whose records are in it"
run "$OHC" pack recipe.json oci:records:1
expect_status 0
run "$OHC" pack oci:records:1 oci:repacked:1
expect_status 0
bom oci:repacked:1 application/vnd.cyclonedx+json
expect_eq "$(has $tool)" '["/openhands/var/lib/dpkg/status.d/tool"]'
expect_eq "$(has pkg:pypi/demo@1.5)" "[\"$lib/demo-1.5.dist-info\"]"
expect_eq "$(json 'len(j["components"]) - len({c["bom-ref"] for c in j["components"]})' bom.json)" 0

# ---- an image of which the payload is a part, and whose databases are not ----
mkdir -p image/base image/top/openhands/{bin,lib} image/top/opt/x
cp -a root/. image/base
printf 'int x = 1;\n' >x.c
$cc -shared -fPIC -o image/top/openhands/lib/libx.so.2 x.c
install -m 755 program image/top/openhands/bin/copied
cp program image/top/openhands/lib/no-such-name
echo own >image/top/openhands/own
echo data >image/top/openhands/data
{ cat program && echo changed; } >image/top/openhands/bin/changed
# sum FILE: by MD5
sum()
{
	md5sum <"$1" | cut -d' ' -f1
}
info=image/base/var/lib/dpkg/info
echo "$(sum program)  usr/bin/program" >$info/tool.md5sums
printf '%s  usr/lib/x/libx.so.2.0\n%s  usr/libexec/x/data\n' "$(sum image/top/openhands/lib/libx.so.2)" \
	"$(sum root/usr/lib/x/data)" >$info/libx:amd64.md5sums
echo /openhands/own >>$info/tool.list
libx='pkg:deb/debian/libx@2.0~rc1?arch=amd64&distro=debian-12'

t "a part of an image: packages of the databases that stay behind, by paths and by contents"
make_layout whole:1 --layer image/base --layer image/top --config '{"Cmd": ["x"]}' >/dev/null
first=''
for args in "" "" "--no-cache" "--dry-run" "--no-cache --dry-run"; do
	# shellcheck disable=SC2086
	run "$OHC" pack $args oci:whole:1 oci:part:1
	expect_status 0
	first=${first:-${out##*@}}
	expect_eq "${out##*@}" "$first" "digest with '$args'"
	bom oci:part:1 application/vnd.cyclonedx+json
	expect_eq "$(has "$tool&distro=debian-12")" \
		'["/openhands/bin/copied", "/openhands/lib/no-such-name", "/openhands/own"]'
	expect_eq "$(has "$libx")" '["/openhands/lib/libx.so.2"]'
done
expect_eq "$(json '", ".join(c["name"][11:] for c in j["components"] if c["type"] == "file")' bom.json)" \
	'bin/changed, data'
expect_eq "$(json "[c for c in j['components'] if c['name'] == 'tool'][0]['licenses'][0]['license']['name']" bom.json)" 'MIT, GPL-2+'

t "their records are a layer above its own, which stays as it is"
run "$OHC" pack --sbom none oci:whole:1 oci:part:none
expect_status 0
expect_eq "$(image config oci:part:1 | json 'j["rootfs"]["diff_ids"][0]' /dev/stdin)" \
	"$(image config oci:part:none | json 'j["rootfs"]["diff_ids"][0]' /dev/stdin)"
expect_eq "$(image layer 1 oci:part:1 | tar -tf - | tr '\n' ' ')" "openhands/ openhands/var/ openhands/var/lib/ \
openhands/var/lib/dpkg/ openhands/var/lib/dpkg/status.d/ openhands/var/lib/dpkg/status.d/libx \
openhands/var/lib/dpkg/status.d/tool "
expect_true grep -qx 'Version: 1:1.2-4' <(image layer 1 oci:part:1 | tar -xOf - openhands/var/lib/dpkg/status.d/tool)
run "$OHC" pack --launcher oh-copied=bin/copied oci:whole:1 oci:part:launcher
expect_status 0
run "$OHC" inspect --tree oci:part:launcher
expect_out '/openhands/var/lib/dpkg/status.d/libx$'
expect_out '/openhands/bin/oh-copied$'

t "directories that are there keep their mode, a symlink on the way stays, a record that is there too"
mkdir -p image/dirs/openhands/var/lib
chmod 700 image/dirs/openhands image/dirs/openhands/var
make_layout whole:2 --layer image/base --layer image/top --layer image/dirs >/dev/null
run "$OHC" pack oci:whole:2 oci:part:2
expect_status 0
expect_eq "$(image layer 1 oci:part:2 | tar --numeric-owner -tvf - openhands/var | awk '{ print $1, $2 }' | head -n 1)" \
	'drwx------ 1000/1000'
mkdir -p image/link/openhands
ln -s lib image/link/openhands/var
make_layout whole:3 --layer image/base --layer image/top --layer image/link >/dev/null
run "$OHC" pack -v oci:whole:3 oci:part:3
expect_status 0
expect_err "no records of packages: '/openhands/var/lib/dpkg/status.d' leads elsewhere"
expect_eq "$(image manifest oci:part:3 | json 'len(j["layers"])' /dev/stdin)" 1
mkdir -p image/record/openhands/var/lib/dpkg/status.d
printf 'Package: tool\nVersion: 0\n' >image/record/openhands/var/lib/dpkg/status.d/tool
make_layout whole:4 --layer image/base --layer image/top --layer image/record >/dev/null
run "$OHC" pack oci:whole:4 oci:part:4
expect_status 0
expect_false grep -q 'status.d/tool$' <(image layer 1 oci:part:4 | tar -tf -)
expect_true grep -q 'status.d/libx$' <(image layer 1 oci:part:4 | tar -tf -)

t "names of packages that are no names"
mkdir -p image/hostile/var/lib/dpkg/info image/hostile/openhands
i=0
for name in ../../../etc/evil a/b .wh.bin '' ' ' $'x\ty'; do
	i=$((i + 1))
	printf 'Package: %s\nVersion: 1\n\n' "$name"
	echo $i >image/hostile/openhands/$i
done >image/hostile/var/lib/dpkg/status
printf 'Package: good\nVersion: 1\n' >>image/hostile/var/lib/dpkg/status
mkdir -p image/hostile/var/lib/dpkg/info/a
for ((k = 1; k <= i; k++)); do
	echo "/openhands/$k"
done | tee image/hostile/var/lib/dpkg/info/{a/b,.wh.bin,' ',$'x\ty',good}.list image/hostile/etc-evil >/dev/null
echo /openhands/good >>image/hostile/var/lib/dpkg/info/good.list
echo good >image/hostile/openhands/good
make_layout hostile:1 --layer image/hostile >/dev/null
run "$OHC" pack oci:hostile:1 oci:part:5
expect_status 0
expect_eq "$(image layer 1 oci:part:5 | tar -tf - | grep -v '/$')" openhands/var/lib/dpkg/status.d/good
truncate -s 65M image/hostile/var/lib/dpkg/status
make_layout hostile:2 --layer image/hostile >/dev/null
run "$OHC" pack oci:hostile:2 oci:part:6
expect_status 0

t "a part of an image of Alpine's, with /lib as a symlink, too"
for lib in lib usr/lib; do
	rm -rf alpine-like
	mkdir -p alpine-like/$lib/apk/db alpine-like/openhands
	[ $lib = lib ] || ln -s usr/lib alpine-like/lib
	printf 'P:small\nV:1-r0\nA:x86_64\nL:MIT\nF:bin\nR:nothing\nZ:Q1%s\n\nP:large\nV:2-r1\nA:x86_64\nF:usr/bin\nM:0:0:755\nR:program\na:0:0:755\nZ:Q1%s\n' \
		"$(echo | openssl sha1 -binary | base64)" "$(openssl sha1 -binary <program | base64)" >alpine-like/$lib/apk/db/installed
	install -m 755 program alpine-like/openhands/copied
	make_layout apk-part:1 --layer alpine-like >/dev/null
	run "$OHC" pack oci:apk-part:1 oci:apk-out:1
	expect_status 0
	bom oci:apk-out:1 application/vnd.cyclonedx+json
	expect_eq "$(json '[c["purl"] for c in j["components"]]' bom.json)" '["pkg:apk/alpine/large@2-r1?arch=x86_64"]'
	rm -rf apk-part apk-out
	tar -C alpine-like -cf alpine-like.tar .
	run "$OHC" pack alpine-like.tar oci:apk-out:1
	expect_status 0
	bom oci:apk-out:1 application/vnd.cyclonedx+json
	expect_eq "$(json '[c["name"] for c in j["components"] if "purl" in c]' bom.json)" '[]' # no path of a package's is there
	rm -rf apk-out
	install -D -m 755 program alpine-like/usr/bin/program
	tar -C alpine-like -cf alpine-like.tar .
	run "$OHC" pack alpine-like.tar oci:apk-out:1
	expect_status 0
	bom oci:apk-out:1 application/vnd.cyclonedx+json
	expect_eq "$(has 'pkg:apk/alpine/large@2-r1?arch=x86_64')" '["/openhands/usr/bin/program"]'
	rm -rf apk-out
done

t "a dry run tells the digest that the image with its records has"
run "$OHC" pack --dry-run recipe.json oci:dry:1
expect_status 0
expect_eq "${out##*@}" "$(image digest oci:records:1)"
expect_false test -e dry

t "none: neither a list nor records"
run "$OHC" pack --sbom none recipe.json oci:none:1
expect_status 0
run "$OHC" inspect --referrers oci:none:1
expect_out_is ''
run "$OHC" inspect --tree oci:none:1
expect_no_out status.d

t "what cannot have one says so when it was asked for"
run "$OHC" pack --sbom spdx recipe.json oci-archive:a.tar:1
expect_status 0
expect_err 'an archive has no place for the list'
run "$OHC" pack recipe.json oci-archive:b.tar:1
expect_status 0
expect_no_err 'list of what'
run "$OHC" pack --sbom list recipe.json oci:x:1
expect_message 2 "none, cyclonedx"

if command -v dpkg-query >/dev/null && [ -x /usr/bin/curl ]; then
	t "programs of this machine with their libraries: as dpkg says it"
	echo '{"layers": [{"name": "tools", "programs": ["/usr/bin/curl"]}]}' >own.json
	run "$OHC" pack own.json oci:own:1
	expect_status 0
	bom oci:own:1 application/vnd.cyclonedx+json
	expect_true test "$(json 'len([c for c in j["components"] if c.get("purl", "").startswith("pkg:deb/")])' bom.json)" -gt 5
	py - <<'EOF' >said
import json
for c in json.load(open("bom.json"))["components"]:
    if c.get("purl", "").startswith("pkg:deb/"):
        print(c["name"], c["version"], c["properties"][0]["value"])
EOF
	dpkg-query -W -f '${Package} ${Version} ${source:Package} ${source:Version}\n' | sort >packages
	expect_eq "$(sort said | comm -23 - packages)" ""
	expect_true grep -q '^curl ' said
	expect_true grep -q '^libc6 ' said
else
	t "programs of this machine with their libraries: as dpkg says it"
	skip "no dpkg, or no curl from a package"
fi

t "Alpine's packages"
if tar=$(trap - ERR; alpine_tar); then
	alpine=$tmp/alpine
	mkdir "$alpine"
	tar -xf "$tar" -C "$alpine"
	echo "{\"root\": \"$alpine\", \"layers\": [{\"name\": \"tools\", \"programs\": [\"/bin/busybox\"]}]}" >apk.json
	run "$OHC" pack apk.json oci:apk:1
	expect_status 0
	bom oci:apk:1 application/vnd.cyclonedx+json
	for name in busybox musl; do
		version=$(awk -v n=$name '$0 == "P:" n { f = 1 } f && /^V:/ { print substr($0, 3); exit }' "$alpine/lib/apk/db/installed")
		expect_true grep -q "pkg:apk/alpine/$name@$version?arch=" bom.json
	done
else
	skip "no Alpine beside the source tree"
fi

t "in a registry it is a referrer"
start_registry
run "$OHC" pack recipe.json "$REGISTRY/payload:1"
expect_status 0
run "$OHC" inspect --referrers "$REGISTRY/payload:1"
expect_out 'application/vnd.cyclonedx.json'
payload=$(cut -d' ' -f1 <<<"$out")

t "push --sbom hangs it on the image, without reading it"
mkdir base
make_layout base:1 --layer base --config '{"Cmd": ["x"]}' >/dev/null
for dest in "$REGISTRY/image:1" oci:image:1; do
	run "$OHC" push --no-check --profile none --sbom --payload "$REGISTRY/payload:1" oci:base:1 "$dest"
	expect_status 0
	run "$OHC" inspect --json --referrers "$dest"
	expect_eq "$(json '[m["artifactType"] for m in j]')" '["application/vnd.cyclonedx+json"]'
	image=$(json 'j[0]["digest"]')
	run "$OHC" inspect --raw "${dest%:1}@$image"
	list=$(json 'j["layers"][0]["digest"]')
	run "$OHC" inspect --raw "$REGISTRY/payload@$payload"
	expect_eq "$(json 'j["layers"][0]["digest"]')" "$list"
done
run "$OHC" push --no-check --profile none --payload "$REGISTRY/payload:1" oci:base:1 "$REGISTRY/image:2" --label a=b
expect_status 0
run "$OHC" inspect --referrers "$REGISTRY/image:2"
expect_out_is ''

t "bake --sbom: asked for once, hung on each"
for i in 1 2 3 4; do
	make_layout "bases:$i" --layer base --config "{\"Cmd\": [\"x\"], \"Env\": [\"I=$i\"]}" >/dev/null
	echo "oci:bases:$i"
done >list
registry_log_mark
run "$OHC" bake --bases list --dest "$REGISTRY/baked:{base.tag}" --profile none --no-check --sbom \
	--payload "$REGISTRY/payload:1"
expect_status 0
expect_eq "$(registry_log_since | grep -c "GET /v2/payload/referrers")" 1
for i in 1 2 3 4; do
	run "$OHC" inspect --referrers "$REGISTRY/baked:$i"
	expect_out 'application/vnd.cyclonedx.json'
done

t "push --sbom where there is none, or no place for one"
run "$OHC" push --no-check --profile none --sbom --payload tree:/p oci:base:1 oci:x:1
expect_status 0
expect_err '--sbom: no list of what is in it hangs on the payload'
run "$OHC" push --no-check --profile none --sbom --payload tree:/p oci:base:1 oci-archive:x.tar
expect_message 2 'which has no place for what hangs'

finish
