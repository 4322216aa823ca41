#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# pack: what the image holds and says, that its programs run in an empty root, that the same gives the
# same, and that what did not change is not read.
. "$(dirname "$0")/../lib.sh"

mkdir -p tree/bin tree/lib/sub
printf '#!/openhands/bin/x\n' >tree/bin/script
chmod 755 tree/bin/script
echo library >tree/lib/sub/file
ln -s sub/file tree/lib/link
ln -s /openhands/lib/link tree/absolute
find tree -exec touch -hd @1000000000 {} +

config()
{
	"$OHC" inspect --config "$1"
}

label()
{
	config "$1" | json "j['config']['Labels']['io.ohcompose.payload.$2']" /dev/stdin
}

t "a directory becomes one layer below the prefix"
run "$OHC" pack tree oci:out:1
expect_status 0
first=${out##*@}
expect_eq "$out" "oci:out:1@$first"
expect_eq "$("$OHC" inspect --tree oci:out:1 | awk '{ print $1, $2, $NF }')" \
	"drwxr-xr-x 0:0 /
drwxr-xr-x 1000:1000 /openhands
lrwxrwxrwx 1000:1000 /openhands/lib/link
drwxr-xr-x 1000:1000 /openhands/bin
-rwxr-xr-x 1000:1000 /openhands/bin/script
drwxr-xr-x 1000:1000 /openhands/lib
lrwxrwxrwx 1000:1000 sub/file
drwxr-xr-x 1000:1000 /openhands/lib/sub
-rw-r--r-- 1000:1000 /openhands/lib/sub/file" tree
expect "$OHC" verify oci:out:1

t "extended attributes of files and directories are kept, as push keeps them"
mkdir -p attributes/dir
echo x >attributes/dir/file
if ! have setfattr || ! setfattr -n user.of -v dir attributes/dir 2>/dev/null; then
	skip "no xattrs on this file system"
else
	setfattr -n user.of -v top attributes
	setfattr -n user.of -v file attributes/dir/file
	expect "$OHC" pack attributes oci:kept:1
	image layer 0 oci:kept:1 >layer.tar
	expect_eq "$(py -c 'import tarfile
print([m.pax_headers.get("SCHILY.xattr.user.of") for m in tarfile.open("layer.tar")])')" \
		"['top', 'dir', 'file']"
fi

t "labels say what it is"
expect_eq "$(label oci:out:1 prefix)" /openhands
expect_eq "$(label oci:out:1 libc)" none
expect_eq "$(label oci:out:1 components)" \
	"{\"payload\":$(config oci:out:1 | json 'json.dumps(j["rootfs"]["diff_ids"][0])' /dev/stdin)}"
expect_eq "$(config oci:out:1 | json 'j["history"][0]["created_by"]' /dev/stdin)" \
	"ohcompose pack: payload"

t "what the profile starts is in the payload, or a warning says that it is not"
cp -a tree served
mkdir -p served/bin
run "$OHC" pack --profile openhands served oci:command:0
expect_status 0
expect_err "warning: the profile 'openhands' starts '/openhands/bin/oh-action-execution-server', which is not in the payload"
touch served/bin/oh-action-execution-server
chmod 755 served/bin/oh-action-execution-server
run "$OHC" pack --profile openhands served oci:command:1
expect_status 0
expect_no_err "not in the payload"
expect_true grep -q '/openhands/bin/oh-action-execution-server' < <(image config oci:command:1)
mkdir other
echo x >other/x
run "$OHC" pack --profile agent-server-binary other oci:command:2
expect_err "starts '/agent-server/bin/openhands-agent-server', which is not in the payload"

t "another day, folder, umask and number of threads give the same digest"
mkdir -p elsewhere
cp -a tree elsewhere/tree
(
	umask 077
	cd elsewhere
	"$OHC" pack --no-cache --jobs 1 --digest-file digest tree oci:out:1 >/dev/null
)
expect_eq "$(cat elsewhere/digest)" "$first"

cp -a tree plain
rm plain/absolute

t "options: prefix, owner, env, labels, platform, format, tags"
run "$OHC" pack --prefix /opt/x/ --owner 5:6 --env 'PATH=/opt/x/bin:$PATH' --env A=1 --env A=2 \
	--label a=b --platform linux/arm64 --format docker --tag three \
	--created 1970-01-01T00:00:05Z --mtime epoch --compression-level 9 --json plain oci:out:2
expect_status 0
expect_eq "$(json 'j["platform"]')" linux/arm64
expect_eq "$(json 'j["mediaType"]')" application/vnd.docker.distribution.manifest.v2+json
expect_eq "$(json '[l["role"] for l in j["layers"]]')" '["payload"]'
expect_eq "$(config oci:out:three | json 'j["config"]["Env"]' /dev/stdin)" \
	'["PATH=/opt/x/bin:$PATH", "A=2"]'
expect_eq "$(config oci:out:2 | json 'j["architecture"] + j["created"]' /dev/stdin)" \
	arm641970-01-01T00:00:05Z
expect_eq "$(config oci:out:2 | json 'j["config"]["Labels"]["a"]' /dev/stdin)" b
expect_eq "$("$OHC" inspect --tree oci:out:2 | awk '$NF == "/opt/x/lib/sub" { print $2 }')" 5:6

t "a manifest in Docker's format in a layout is said to be one, as push says it"
run "$OHC" pack --format docker plain oci:docker:1
expect_status 0
expect_err "'oci:docker:1' now has a manifest in Docker's format"
run "$OHC" pack --format docker --dry-run plain oci:docker:2
expect_status 0
expect_no_err "Docker's format"

t "an annotation is the manifest's"
expect "$OHC" pack --annotation c=d tree oci:out:3
expect_eq "$("$OHC" inspect --raw oci:out:3 | json 'j["annotations"]["c"]' /dev/stdin)" d

t "a dry run says what each layer would hold, and writes nothing"
run "$OHC" pack --dry-run tree oci:dry:1
expect_status 0
expect_out '^payload: 8 entries, 27 B, written$'
expect_out '^oci:dry:1@sha256:'
expect_false test -e dry

cat >recipe.json <<'EOF'
{
  "prefix": "/openhands", "profile": "openhands", "owner": "7:7",
  "env": { "PATH": "/openhands/bin:$PATH" },
  "layers": [
    { "name": "base", "locale": true },
    { "name": "tools", "programs": [
        { "from": "/usr/bin/tmux", "to": "libexec/tmux" }, "/bin/bash", "/usr/bin/which" ] },
    { "name": "python", "python": {
        "interpreter": "/usr/bin/python3", "exclude": [ "test", "sitecustomize.py", "__pycache__" ],
        "site-packages": [ "site" ], "scripts": [ "scripts" ] } },
    { "name": "code", "copy": [ { "from": "tree", "to": "code", "exclude": [ "absolute" ] } ] }
  ],
  "launchers": [ { "name": "say", "program": "bin/bash", "args": [ "-c", "echo \"$$0 $$HI\"" ],
                   "env": { "HI": "hello" } } ]
}
EOF
mkdir -p site scripts
echo 'def main(): print("module")' >site/amodule.py
printf '#!/usr/bin/python3 -s\nimport amodule\namodule.main()\n' >scripts/acommand
chmod 755 scripts/acommand
python=$(basename "$(readlink -f /usr/bin/python3)")
find site scripts -exec touch -hd @1000000000 {} +
sleep 4 # what was written moments ago is not remembered

t "a recipe: one layer a component, libraries first, launchers last"
if ! have tmux; then
	skip "no tmux"
else
	run "$OHC" pack --json recipe.json oci:real:1
	expect_status 0
	expect_eq "$(json '[l["name"] for l in j["layers"]]')" \
		'["libraries", "base", "tools", "python", "code", "launchers"]'
	recipe=$(json 'j["digest"]')
	expect_eq "$(json '[l["programs"] for l in j["layers"] if l["name"] == "tools"][0]')" \
		'["/openhands/libexec/tmux", "/openhands/bin/bash", "/openhands/bin/sh"]'
	expect_eq "$(json '[p for p in j["layers"][0]["libraries"] if p.endswith("/libc.so.6")]')" \
		'["/openhands/lib/libc.so.6"]'
	expect "$OHC" verify oci:real:1
	expect_eq "$(label oci:real:1 libc)" own
	expect_eq "$(label oci:real:1 profile)" openhands
	expect_eq "$(label oci:real:1 provides)" /openhands/bin/bash,/openhands/bin/sh
	expect_true grep -qE '^2\.[0-9]+$' <<<"$(label oci:real:1 glibc)"
fi

t "again: nothing is read, and the digest is the same"
run "$OHC" pack --json recipe.json oci:real:1
expect_status 0
expect_eq "$(json 'j["digest"]')" "${recipe:-}"
expect_eq "$(json 'j["bytes"]["read"]')" 0
expect_eq "$(json '{l["action"] for l in j["layers"]} == {"kept"}')" true

t "changed code is its own layer's affair"
echo more >tree/lib/more
sleep 4
run "$OHC" pack --json recipe.json oci:real:2
expect_status 0
expect_eq "$(json '[l["name"] for l in j["layers"] if l["action"] != "kept"]')" '["code"]'
expect_true test "$(json 'j["bytes"]["read"]')" -lt 100

t "in an empty root the programs run, with their own libraries"
if [ "$(id -u)" != 0 ]; then
	skip "chroot needs root"
else
	mkdir -p root/tmp root/dev
	mknod -m 666 root/dev/null c 1 3
	unpack_image oci:real:1 root
	run chroot root /openhands/bin/oh-tmux -V
	expect_out '^tmux [0-9]'
	run chroot root /openhands/bin/bash -c 'echo "$BASH_VERSION"; env_of() { export -p; }; env_of'
	expect_out '^[0-9]'
	expect_no_out LD_
	run chroot root /openhands/bin/oh-python -c 'import ssl, sqlite3, ctypes, asyncio, lzma, sys
print(sys.prefix)'
	expect_out_is /openhands/python
	run chroot root /openhands/bin/oh-python -c 'import ctypes
for name in "c", "m", "dl", "pthread", "rt", "util":
    ctypes.CDLL("lib%s.so.%d" % (name, {"c": 6, "m": 6, "dl": 2, "pthread": 0}.get(name, 1)))'
	expect_status 0
	run chroot root "/openhands/python/bin/$python" -m amodule
	expect_status 0
	run chroot root /openhands/python/bin/acommand
	expect_out_is module
	run chroot root /openhands/bin/bash -c 'PATH=/openhands/bin which sh'
	expect_out_is /openhands/bin/sh
	run chroot root /openhands/bin/say
	expect_out_is "/openhands/bin/bash hello"
	expect_eq "$(stat -c %u:%g root/openhands/bin/bash)" 7:7
fi

t "a directory with --closure: its programs get what they need of the machine"
mkdir -p own/bin own/lib
cp /bin/bash own/bin/
run "$OHC" pack --closure --launcher 'say=bin/bash -c "echo $$1" say' own oci:oown:1
expect_status 0
expect_eq "$(label oci:oown:1 libc)" own
if [ "$(id -u)" = 0 ]; then
	mkdir bare
	unpack_image oci:oown:1 bare
	run chroot bare /openhands/bin/say "it runs"
	expect_out_is "it runs"
fi

t "a mark for an executable stack goes where nothing needs it"
if ! have cc || ! have readelf; then
	skip "no compiler or no readelf"
else
	mkdir -p marked/bin
	printf '.globl f\nf: ret\n' >by_hand.S
	cat >marked.c <<'X'
void f(void);
int main(void) { f(); return 0; }
X
	cc -w marked.c by_hand.S -o marked/bin/marked -Wl,-z,execstack
	readelf -lW marked/bin/marked | grep -q 'GNU_STACK.*RWE' || fail "no mark to begin with"
	for options in --closure ''; do
		# shellcheck disable=SC2086
		run "$OHC" pack $options marked oci:omarked:1
		expect_status 0
		expect_err "marked/bin/marked' asks for an executable stack and puts no code there"
		rm -rf plain
		mkdir plain
		unpack_image oci:omarked:1 plain
		readelf -lW plain/openhands/bin/marked >headers
		expect_true grep -q 'GNU_STACK.*RW ' headers
		if [ -z "$options" ] || [ "$(id -u)" != 0 ]; then
			continue
		fi
		run chroot plain /openhands/bin/marked
		expect_status 0
	done
	cat >nested.c <<'X'
static void call(void (*f)(int)) { for (int i = 0; i < 3; i++) f(i); }
int main(void) { int sum = 0; void add(int x) { sum += x; } call(add); return sum != 3; }
X
	for cc in cc aarch64-linux-gnu-gcc; do
		for level in -O0 -O2; do
			rm -rf nested
			mkdir nested
			$cc -w $level -fno-inline nested.c -o nested/nested 2>/dev/null || continue
			run "$OHC" pack nested oci:onested:1
			expect_message 3 "nested/nested' wants an executable stack"
		done
	done
fi

t "the C library comes with its UTF-8 locale, which launchers name without a profile, too"
if [ ! -e /usr/lib/locale/C.utf8/LC_CTYPE ]; then
	skip "no C.utf8 here"
else
	run "$OHC" pack --closure --launcher 'length=bin/bash -c "echo $${#1}" length' own oci:oown:2
	expect_status 0
	mkdir utf8
	unpack_image oci:oown:2 utf8
	expect_false grep -q LOCPATH utf8/openhands/etc/launchers
	expect_true cmp /usr/lib/locale/C.utf8/LC_CTYPE utf8/openhands/lib/locale/C.utf8/LC_CTYPE
	if [ "$(id -u)" = 0 ]; then
		run env LC_ALL=C.UTF-8 chroot utf8 /openhands/bin/length äöü
		expect_out_is 3
		run env LC_ALL=C.UTF-8 chroot utf8 /openhands/bin/bash -c 'echo ${#1}' bash äöü
		expect_out_is 3
		expect_no_err setlocale
	fi
fi

t "a virtual environment in a layer of its own, beside its interpreter"
cat >venv.json <<'EOF'
{ "layers": [
    { "name": "python", "python": { "interpreter": "/usr/bin/python3",
        "exclude": [ "test", "__pycache__" ] } },
    { "name": "packages", "python": { "interpreter": "/usr/bin/python3", "venv": ".venv",
        "site-packages": [ "site" ], "scripts": [ "scripts" ] } } ] }
EOF
run "$OHC" pack --json venv.json oci:venv:1
expect_status 0
expect_eq "$(json '[l["programs"] for l in j["layers"] if l["name"] == "packages"]')" '[[]]'
expect_true test "$(json '[l["entries"] for l in j["layers"] if l["name"] == "packages"][0]')" -lt 20
if [ "$(id -u)" = 0 ]; then
	mkdir venv-root
	unpack_image oci:venv:1 venv-root
	run chroot venv-root /openhands/.venv/bin/python -c \
		'import amodule, json, sys; print(sys.prefix, sys.base_prefix)'
	expect_out_is "/openhands/.venv /openhands/python"
	run chroot venv-root /openhands/.venv/bin/acommand
	expect_out_is module
fi

sed 's/"venv":/"dlopen": [ "libz.so.1" ], &/' venv.json >late.json
run "$OHC" pack late.json oci:late:1
expect_message 3 "line 4, column 27: an earlier layer has the interpreter '/usr/bin/python3'"

t "a root for another architecture"
py "$top/tests/make_tree.py" arm <<'EOF'
elf /bin/x arch=arm64 type=exec interp=/lib/ld-linux-aarch64.so.1 needed=libx.so.1,libc.so.6
mode 755 /bin/x
elf /lib/ld-linux-aarch64.so.1 arch=arm64 soname=ld-linux-aarch64.so.1
elf /lib/libc.so.6 arch=arm64 soname=libc.so.6 defs=GLIBC_2.17
elf /usr/lib/libx.so.1 arch=arm64 soname=libx.so.1
EOF
printf '{ "layers": [ { "name": "x", "programs": [ "/bin/x" ] } ] }\n' >arm.json
run "$OHC" pack --json --root arm arm.json oci:oarm:1
expect_status 0
expect_eq "$(json 'j["platform"]')" linux/arm64
expect_eq "$(json 'sorted(j["layers"][0]["libraries"])')" \
	'["/openhands/lib/ld-linux-aarch64.so.1", "/openhands/lib/libc.so.6", "/openhands/lib/libx.so.1"]'
if ! have readelf; then
	skip "no readelf"
else
	mkdir unpacked
	unpack_image oci:oarm:1 unpacked
	expect_true grep -q 'interpreter: /openhands/lib/ld-linux-aarch64.so.1' \
		< <(readelf -lW unpacked/openhands/bin/x 2>/dev/null)
fi

t "to a registry: uploaded once, and tagged last"
start_registry
run "$OHC" pack --json tree "$REGISTRY/payload:1"
expect_status 0
expect_eq "$(json '[l["action"] for l in j["layers"]]')" '["uploaded"]'
registry_log_mark
run "$OHC" pack --json tree "$REGISTRY/payload:1"
expect_status 0
expect_eq "$(json '[l["action"] for l in j["layers"]]')" '["kept"]'
expect_false grep -E '^(PATCH|GET .*/blobs/)' < <(registry_log_since)
expect_eq "$(registry_uploads)" 0 "open upload sessions"

finish
