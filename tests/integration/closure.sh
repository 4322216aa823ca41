#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# time limit: 600
# A payload's own loader and libraries: whole, each once, and what its trees bring before the rest.
. "$(dirname "$0")/../lib.sh"

have cc || skip_all "no C compiler"
have readelf || skip_all "no readelf"

# unpack IMAGE DIR: as a root with nothing else in it
unpack()
{
	mkdir -p "$2/dev" "$2/tmp"
	unpack_image "$1" "$2"
}

can_enter=''
if [ "$(id -u)" = 0 ] && chroot / true 2>/dev/null; then
	can_enter=chroot
elif unshare -r chroot / true 2>/dev/null; then
	can_enter="unshare -r chroot"
fi

# enter DIR CMD...: in that root, with nothing of this one's environment.  There is no /proc, which
# tells a loader where a program lies.
enter()
{
	local dir=$1

	shift
	# shellcheck disable=SC2086
	run env -i PATH="$PATH" LC_ALL=C.UTF-8 TERM=xterm LD_ORIGIN_PATH="$(dirname "$1")" \
		$can_enter "$dir" "$@"
}

# what_leads_out DIR: interpreters, libraries and search paths that are not the payload's
what_leads_out()
{
	local f name

	find "$1/openhands" -type f | LC_ALL=C sort | while read -r f; do
		[ "$(head -c 4 "$f" | tr -d '\0')" = "$(printf '\177ELF')" ] || continue
		readelf -lW "$f" | sed -n 's/.*interpreter: \(.*\)]/\1/p' >interp
		readelf -dW "$f" >dynamic
		# A library with an interpreter (libc, libcap) can be started, but is not.
		grep -q "(SONAME)" dynamic ||
			grep -v "^/openhands/lib/" interp | sed "s|^|$f: |" || true
		! grep -q RUNPATH dynamic || echo "$f: RUNPATH"
		sed -n 's/.*(RPATH).*\[\(.*\)\]/\1/p' dynamic | tr : '\n' |
			grep -v '^/openhands/\|^\$ORIGIN' | sed "s|^|$f: |" || true
		for name in $(sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' dynamic); do
			[ -e "$1/openhands/lib/$name" ] || [ -e "$(dirname "$f")/$name" ] ||
				[ -e "$1/openhands/own/lib/$name" ] || echo "$f: $name"
		done
	done
}

t "programs of this machine, whole in an empty root"
list='' count=0
for name in bash sed tar gzip find grep perl git curl openssl tmux iconv locale tput python3; do
	have "$name" || continue
	f=$(readlink -f "$(command -v "$name")")
	# A script would bring its interpreter, and a Python its own tree.
	[ "$(head -c 4 "$f" | tr -d '\0')" = "$(printf '\177ELF')" ] || continue
	[ "$name" != python3 ] || continue
	list="$list${list:+, }{ \"from\": \"$f\", \"to\": \"bin/$name\" }"
	count=$((count + 1))
done
[ $count -ge 5 ] || fail "only $count programs were found"
echo "{ \"prefix\": \"/openhands\", \"profile\": \"none\",
  \"layers\": [ { \"name\": \"tools\", \"programs\": [ $list ], \"locale\": true } ] }" >tools.json
expect "$OHC" pack --compression none tools.json oci:tools:1
unpack oci:tools:1 tools.root
what_leads_out tools.root >complaints
[ ! -s complaints ] || fail "$(cat complaints)"
if [ -z "$can_enter" ]; then
	skip "no right to enter another root"
else
	for f in tools.root/openhands/bin/*; do
		case ${f##*/} in
		tmux) enter tools.root /openhands/bin/tmux -V ;;
		git) continue ;; # opens /dev/null
		tput) enter tools.root /openhands/bin/tput -V ;;
		openssl) enter tools.root /openhands/bin/openssl version ;;
		perl) enter tools.root /openhands/bin/perl -v ;;
		*) enter tools.root "/openhands/bin/${f##*/}" --version ;;
		esac
		expect_status 0
	done
fi

t "what glibc opens by itself is there"
gconv_dirs=$(find /usr/lib /usr/lib64 -maxdepth 2 -type d -name gconv 2>/dev/null || true)
if [ ! -e tools.root/openhands/bin/iconv ] || [ -z "$can_enter" ]; then
	skip "no iconv, or no right to enter another root"
else
	printf 'gr\303\274n' >tools.root/tmp/text
	# The base's converters are for another version.
	for dir in $gconv_dirs; do
		mkdir -p "tools.root$dir"
		for name in UTF-16 UTF-32 ISO8859-1 ISO8859-15 CP1252 UTF-7; do
			echo 'of the base' >"tools.root$dir/$name.so"
		done
		cp tools.root/openhands/lib/gconv/gconv-modules "tools.root$dir/"
		cp "$dir/gconv-modules.cache" "tools.root$dir/" 2>/dev/null || true
	done
	for name in UTF-16 UTF-32 ISO-8859-1 ISO-8859-15 CP1252 UTF-7; do
		enter tools.root /openhands/bin/iconv -f UTF-8 -t $name -o /tmp/other /tmp/text
		expect_status 0
		enter tools.root /openhands/bin/iconv -f $name -t UTF-8 /tmp/other
		expect_eq "$out" "grün"
	done
fi

t "more encodings by a word"
if [ ! -e tools.root/openhands/bin/iconv ] || [ -z "$can_enter" ]; then
	skip "no iconv, or no right to enter another root"
else
	for words in '"cyrillic", "east-asian"' '"all"'; do
		echo "{ \"profile\": \"none\", \"encodings\": [ $words ], \"layers\": [ { \"name\": \"tools\",
			\"programs\": [ \"$(command -v iconv)\" ] } ] }" >encodings.json
		rm -rf encodings.root
		expect "$OHC" pack --compression none encodings.json oci:encodings:1
		unpack oci:encodings:1 encodings.root
		printf '\346\227\245\346\234\254' >encodings.root/tmp/japanese
		printf '\320\274\320\270\321\200' >encodings.root/tmp/russian
		for name in EUC-JP SJIS ISO-2022-JP GB18030 BIG5 EUC-KR; do
			enter encodings.root /openhands/bin/iconv -f UTF-8 -t $name -o /tmp/other /tmp/japanese
			enter encodings.root /openhands/bin/iconv -f $name -t UTF-8 /tmp/other
			expect_eq "$out" "$(cat encodings.root/tmp/japanese)" "$name"
		done
		for name in KOI8-R CP1251 ISO-8859-5 IBM866; do
			enter encodings.root /openhands/bin/iconv -f UTF-8 -t $name -o /tmp/other /tmp/russian
			enter encodings.root /openhands/bin/iconv -f $name -t UTF-8 /tmp/other
			expect_eq "$out" "$(cat encodings.root/tmp/russian)" "$name"
		done
	done
	enter tools.root /openhands/bin/iconv -f UTF-8 -t KOI8-R /tmp/text
	expect_status 1
fi

t "without a launcher, programs have their locale and terminal"
if [ ! -e tools.root/openhands/bin/locale ] || [ ! -e tools.root/openhands/bin/tput ] ||
	[ -z "$can_enter" ]; then
	skip "no locale or no tput, or no right to enter another root"
else
	expect_false test -e tools.root/usr/lib/locale -o -e tools.root/usr/share/terminfo
	enter tools.root /openhands/bin/locale charmap
	expect_status 0
	expect_eq "$out" UTF-8
	expect_eq "$err" ''
	enter tools.root /openhands/bin/tput colors
	expect_status 0
	expect_eq "$out" 8
fi

cat >open.c <<'X'
#include <dlfcn.h>
#include <stdio.h>

int main(void)
{
	puts(dlopen("libofbase.so.1", RTLD_NOW) ? "found" : "not found");
	return 0;
}
X

# opens CC LIBDIR: a program packed from this machine, in a root that has a library of its own in LIBDIR
opens()
{
	rm -rf open opened.root && mkdir open
	$1 -w open.c -o open/prog -ldl
	expect "$OHC" pack --compression none --closure open oci:of-open:1
	unpack oci:of-open:1 opened.root
	mkdir -p "opened.root$2" opened.root/etc
	echo 'int of_base;' >base.c
	$1 -w -fPIC -shared base.c -o "opened.root$2/libofbase.so.1" -Wl,-soname,libofbase.so.1
	if [ -n "$can_enter" ]; then
		[ "$1" != cc ] || ldconfig -r opened.root 2>/dev/null || true
		enter opened.root /openhands/prog
		expect_status 0
		expect_eq "$out" "not found" "$2"
	fi
}

t "the payload's loader searches none of the base's libraries"
for dir in /lib /usr/lib "$(dirname "$(ldd /bin/sh | grep -o '/[^ ]*libc\.so\.6')")"; do
	opens cc "$dir"
done
run "$OHC" push --profile none --cmd '["/openhands/prog"]' --payload oci:of-open:1 scratch oci:of-open:2
expect_status 0
if have musl-gcc; then
	opens musl-gcc /lib
	opens musl-gcc /usr/lib
fi

# A program with a tree of its own, in another root that has a library of the same name.
mkdir -p root own/bin own/lib
for f in $(ldd /bin/sh | grep -o '/[^ ]*'); do
	mkdir -p "root$(dirname "$f")"
	cp -L "$f" "root$f"
done
mkdir -p root/etc # where the loader looks is not told by where it is
ldd /bin/sh | grep -o '/[^ ]*libc\.so\.6' | xargs dirname >root/etc/ld.so.conf
touch root/etc/ld.so.cache
libs=root$(dirname "$(ldd /bin/sh | grep -o '/[^ ]*libc\.so\.6')")
mkdir -p root/usr/bin
say()
{
	printf '#include <stdio.h>\nconst char *%s(void) { return "%s"; }\n' "$1" "$2" >"$1.c"
	cc -w -fPIC -shared "$1.c" -o "$3" "${@:4}"
}
say which root "$libs/libwhich.so.1" -Wl,-soname,libwhich.so.1
printf '#include <stdio.h>\nconst char *which(void);\nint main(void) { puts(which()); return 0; }\n' >main.c
cc -w main.c -o root/usr/bin/of_root "$libs/libwhich.so.1"
say which own own/lib/libwhich.so.1 -Wl,-soname,libwhich.so.1
cc -w main.c -o own/bin/new own/lib/libwhich.so.1 -Wl,-rpath,'$ORIGIN/../lib' \
	-Wl,--enable-new-dtags
cc -w main.c -o own/bin/absolute own/lib/libwhich.so.1 -Wl,-rpath,/opt/own/lib -Wl,--disable-new-dtags
printf 'const char *which(void);\nconst char *through(void) { return which(); }\n' >through.c
cc -w -fPIC -shared through.c -o own/lib/libthrough.so own/lib/libwhich.so.1 -Wl,-soname,libthrough.so
printf '#include <stdio.h>\nconst char *through(void);\nint main(void) { puts(through()); return 0; }\n' >main2.c
cc -w main2.c -o own/bin/through own/lib/libthrough.so -Wl,-rpath,'$ORIGIN/../lib' \
	-Wl,-rpath-link,own/lib -Wl,--disable-new-dtags
mkdir -p root/opt
cp -a own root/opt/own
cat >own.json <<'X'
{ "prefix": "/openhands", "profile": "none",
  "layers": [ { "name": "root", "programs": [ "/usr/bin/of_root" ] },
              { "name": "own", "copy": [ { "from": "/opt/own", "to": "own" } ] } ] }
X

t "a tree's own libraries come before those of the root"
expect "$OHC" pack --compression none --root root own.json oci:of-own:1
unpack oci:of-own:1 own.root
what_leads_out own.root >complaints
[ ! -s complaints ] || fail "$(cat complaints)"
if [ -z "$can_enter" ]; then
	skip "no right to enter another root"
else
	for name in own/bin/new own/bin/absolute own/bin/through; do
		enter own.root "/openhands/$name"
		expect_status 0
		expect_eq "$out" own "$name"
	done
	enter own.root /openhands/bin/of_root
	expect_eq "$out" root
fi

t "a library that is in the payload is not there twice"
cat >once.json <<X
{ "prefix": "/openhands", "profile": "none",
  "layers": [ { "name": "root", "programs": [ "/usr/bin/of_root" ] },
              { "name": "own", "copy": [ { "from": "${libs#root}/libwhich.so.1",
                                           "to": "elsewhere/libwhich.so.1" } ] } ] }
X
expect "$OHC" pack --compression none --root root once.json oci:of-once:1
unpack oci:of-once:1 once.root
expect_eq "$(readlink once.root/openhands/lib/libwhich.so.1)" /openhands/elsewhere/libwhich.so.1
if [ -n "$can_enter" ]; then
	enter once.root /openhands/bin/of_root
	expect_eq "$out" root
fi

t "two libraries of one name that differ"
mkdir -p root/opt/b
cc -w main.c -o root/opt/b/prog own/lib/libwhich.so.1 -Wl,-rpath,/opt/own/lib
cat >two.json <<'X'
{ "prefix": "/openhands", "profile": "none",
  "layers": [ { "name": "root", "programs": [ "/usr/bin/of_root", "/opt/b/prog" ] } ] }
X
run "$OHC" pack --root root two.json oci:of-two:1
expect_status 1
expect_err "opt/own/lib/libwhich.so.1' \(needed by '.*opt/b/prog'\)"
expect_err "libwhich.so.1' \(needed by '.*of_root'\)"
expect_false test -e of-two

t "a library that is nowhere"
rm "$libs/libwhich.so.1"
run "$OHC" pack --root root two.json oci:of-two:1
expect_status 4
expect_err "of_root' needs 'libwhich.so.1'"

t "... which may be, where somebody says so"
run "$OHC" pack --root root --optional 'libwhich.so*' two.json oci:of-two:1
expect_status 0
sed 's/"layers":/"optional": [ "libw*" ], &/' two.json >optional.json
run "$OHC" pack -v --root root optional.json oci:of-two:2
expect_status 0
expect_err "of_root' needs 'libwhich.so.1', which is nowhere, and may be missing"
run "$OHC" pack --root root --optional 'libother.so*' two.json oci:of-two:3
expect_status 4

t "paths that programs have compiled in and the payload has not are told"
mkdir -p root/usr/share/thing/more root/usr/bin/
touch root/usr/share/thing/more/data
cat >thing.c <<'X'
#include <stdio.h>
int main(void) { return !fopen("/usr/share/thing/more/data", "r") && !fopen("/usr/share/gone/x", "r"); }
X
cc -w thing.c -o root/usr/bin/thing
echo '{ "profile": "none", "layers": [ { "name": "x", "programs": [ "/usr/bin/thing" ] } ] }' >thing.json
run "$OHC" pack --root root thing.json oci:of-thing:1
expect_status 0
expect_err "warning: 'root/usr/bin/thing' looks at '/usr/share/thing/more/data', which the root has and the payload has not"
expect_no_err gone
sed 's|"programs"|"copy": [ { "from": "/usr/share/thing", "to": "share/thing" } ], &|' thing.json >copied.json
run "$OHC" pack --root root copied.json oci:of-thing:2
expect_status 0
expect_no_err warning

t "... and what a recipe copies is what they look at"
# looks_at TO [FROM]: what the copy of FROM to TO makes of the program's path
looks_at()
{
	echo "{ \"prefix\": \"$prefix\", \"profile\": \"none\", \"layers\": [ { \"name\": \"x\",
		\"copy\": [ { \"from\": \"${2-/usr/share/thing}\", \"to\": \"$1\" } ], \"programs\": [ \"/usr/bin/thing\" ] } ] }" >thing.json
	rm -rf looked
	run "$OHC" pack --root root --compression none thing.json oci:looked:1
	expect_status 0
	rm -rf looked-root
	unpack_image oci:looked:1 looked-root
	looked=$(grep -ao '/[a-z/.]*/more/data' "looked-root$prefix/bin/thing")
	expect_true test -e "looked-root$looked"
}
prefix=/openhands
for to in share/thing t a/long/way/to/it ''; do
	looks_at "$to"
	expect_eq "${#looked}" 26
done
looks_at thing/of/mine /usr/share/thing/
prefix=/opt/a/long/prefix
run "$OHC" pack --root root --prefix $prefix copied.json oci:of-thing:2
expect_err "bin/thing' looks at '/usr/share/thing' on every base, not at what is copied .* at most 14 bytes, and '$prefix' has 18"

t "... and of a pattern of them, the directory"
mkdir -p root/usr/share/many/plugin-1
echo 'int main(void) { return !printf("/usr/share/many/plugin-%d/%d", 1, 2); }' >many.c
cc -w many.c -o root/usr/bin/many
sed 's,bin/thing,bin/many,' thing.json >many.json
run "$OHC" pack --root root many.json oci:of-many:1
expect_status 0
expect_err "warning: 'root/usr/bin/many' looks at '/usr/share/many', which the root has and the payload has not"

t "... and of more in one program's directory the first, of many directories their names"
{
	echo 'const char *volatile paths[] = {'
	for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
		mkdir -p "root/usr/share/of-$i/a" "root/usr/share/of-$i/b"
		echo "\"/usr/share/of-$i/a\", \"/usr/share/of-$i/b\","
	done
	echo '}; int main(void) { return !paths[0]; }'
} >many.c
cc -w many.c -o root/usr/bin/many
run "$OHC" pack --root root many.json oci:of-many:2
expect_status 0
expect_err "bin/many' looks at '/usr/share/of-1/a' and 1 more below '/usr/share/of-1', which the root has"
expect_err "other files of the payload look at '/usr/share/of-11', '/usr/share/of-12', which the root has and"
expect_eq "$(printf '%s\n' "$err" | grep -c warning)" 11
run "$OHC" pack -v --root root many.json oci:of-many:2
expect_err "looks at '/usr/share/of-12/a' and 1 more"

t "what a tree brings for other systems is left alone"
mkdir -p foreign/bin
cp /bin/sh foreign/bin/sh
py "$top/tests/make_elf.py" foreign/addon.musl.node --needed libc.musl-x86_64.so.1 --needed libgone.so.1
py "$top/tests/make_elf.py" foreign/addon.other.node --needed libc.so --needed libgone.so.1
py "$top/tests/make_elf.py" foreign/addon.glibc.node --needed libc.so.6
py "$top/tests/make_elf.py" foreign/addon.bsd.node --needed libc.so.7
printf '\011' | dd of=foreign/addon.bsd.node bs=1 seek=7 conv=notrunc 2>/dev/null
py "$top/tests/make_elf.py" foreign/bin/rg.musl --interp /lib/ld-musl-none.so.1 --needed libc.so
chmod +x foreign/bin/rg.musl
run "$OHC" pack --compression none --closure foreign oci:of-foreign:1
expect_status 0
expect_err "foreign/addon.musl.node' is for musl, not for glibc: it is taken as it is"
expect_err "foreign/addon.other.node' is for musl"
expect_err "foreign/addon.bsd.node' is for FreeBSD, not for Linux"
expect_err "foreign/bin/rg.musl' is for musl"
expect_no_err "addon.glibc.node"
unpack oci:of-foreign:1 foreign.root
for f in addon.musl.node addon.other.node addon.bsd.node bin/rg.musl; do
	expect_true cmp "foreign/$f" "foreign.root/openhands/$f"
done
run "$OHC" check --profile none --payload oci:of-foreign:1 scratch
expect_out "^warning architecture /openhands/addon.bsd.node: is for FreeBSD"
expect_out "^warning libc-family /openhands/addon.musl.node: .* \(and 1 more like it\)"
expect_no_out '^error libc'
echo '{ "profile": "none", "layers": [ { "name": "x", "programs": [ "foreign/bin/rg.musl" ] } ] }' >foreign.json
run "$OHC" pack foreign.json oci:of-foreign:2
expect_message 3 "foreign/bin/rg.musl' is a program for musl, and the payload one for glibc"

t "what a tree's programs open by name"
mkdir -p root/opt/tree/bin
cp root/usr/bin/of_root root/opt/tree/bin/prog
sed -i 's/libwhich\.so\.1/libwhere.so.1/' root/opt/tree/bin/prog
say where root "$libs/libopened.so.2" -Wl,-soname,libopened.so.2
say which root "$libs/libwhere.so.1" -Wl,-soname,libwhere.so.1
cat >opened.json <<'X'
{ "prefix": "/openhands", "profile": "none",
  "layers": [ { "name": "x", "copy": [ { "from": "/opt/tree", "dlopen": [ "libopened.so.2" ] } ] } ] }
X
expect "$OHC" pack --compression none --root root opened.json oci:of-opened:1
unpack oci:of-opened:1 tree.root
expect_true test -e tree.root/openhands/lib/libopened.so.2
rm "$libs/libopened.so.2"
run "$OHC" pack --root root opened.json oci:of-opened:2
expect_message 4 "no library 'libopened.so.2' for the payload's programs"

t "an interpreter without a directory is told by its name"
mkdir relative
cc -w main.c -o relative/prog own/lib/libwhich.so.1 -Wl,--dynamic-linker=ld-here.so
run "$OHC" pack --closure relative oci:of-relative:1
expect_status 4
expect_err "relative/prog' needs 'ld-here.so'"
expect_no_err null

t "a program that carries its data behind its end finds it, started as before"
cat >tail.c <<'X'
#include <stdio.h>

int main(int argc, char **argv)
{
	char text[16] = "";
	FILE *f = fopen(argv[0], "rb");

	return argc != 1 || !f || fseek(f, -6, SEEK_END) < 0 || fread(text, 1, 6, f) != 6 ||
	       puts(text) < 0;
}
X
mkdir tail
cc -w tail.c -o tail/prog -fuse-ld=bfd
printf 'my end' >>tail/prog
expect "$OHC" pack --compression none --closure tail oci:of-tail:1
unpack oci:of-tail:1 tail.root
run "$OHC" push --check=warn --profile none --cmd '["/openhands/prog"]' --payload oci:of-tail:1 scratch oci:of-tail:2
expect_status 0
run "$OHC" check -v --profile none oci:of-tail:2
expect_out '^ok command /openhands/prog: can be started'
if [ -n "$can_enter" ]; then
	enter tail.root /openhands/prog
	expect_status 0
	expect_eq "$out" "my end"
fi

t "one that has no room is started by the payload's loader, or refused where it looks at itself"
tight="-no-pie -s -Wl,-z,noseparate-code,-z,norelro,-z,now"
echo '{ "profile": "none", "layers": [ { "name": "x", "programs": [ "tight" ] } ] }' >tight.json
# shellcheck disable=SC2086
if ! cc -w tail.c -o tight -fuse-ld=bfd $tight 2>cc.log; then
	skip "no such linker"
else
	printf 'my end' >>tight
	run "$OHC" pack --compression none tight.json oci:of-tight:1
	expect_status 0
	if [[ $err != *"the launcher '/openhands/bin/tight' lets the payload's loader start it"* ]]; then
		skip "this linker leaves room"
	else
		unpack oci:of-tight:1 tight.root
		expect_true cmp tight tight.root/openhands/libexec/tight
		if [ -n "$can_enter" ]; then
			enter tight.root /openhands/bin/tight
			expect_status 0
			expect_eq "$out" "my end"
		fi
		for look in /proc/self/exe /proc/%d/exe; do
			{ echo "const char *look = \"$look\";" && cat tail.c; } >look.c
			# shellcheck disable=SC2086
			cc -w look.c -o tight -fuse-ld=bfd $tight
			printf 'my end' >>tight
			run "$OHC" pack --compression none tight.json oci:of-tight:2
			expect_message 1 "'$tmp/tight' cannot be given another interpreter .* has data of its own behind its end"
		done
		# One of another name, below a directory, or with a search path of the root's, the same.
		# shellcheck disable=SC2086
		cc -w tail.c -o tight -fuse-ld=bfd $tight -Wl,-rpath,/usr/lib/x
		printf 'my end' >>tight
		run "$OHC" pack --compression none tight.json oci:of-tight:3
		expect_message 1 "'$tmp/tight' cannot be given another interpreter"
	fi
fi

t "one of .NET's in one file, which has the place of its data in itself, is edited although it has no room"
cat >bundle.c <<'X'
#include <stdio.h>

static volatile unsigned char place[] = { 0, 0, 0, 0, 0, 0, 0, 0,
	0x8b, 0x12, 0x02, 0xb9, 0x6a, 0x61, 0x20, 0x38, 0x72, 0x7b, 0x93, 0x02, 0x14, 0xd7, 0xa0, 0x32,
	0x13, 0xf5, 0xb9, 0xe6, 0xef, 0xae, 0x33, 0x18, 0xee, 0x3b, 0x2d, 0xce, 0x24, 0xb3, 0x6a, 0xae };

int main(int argc, char **argv)
{
	char text[16] = "";
	long at = place[0] + 256L * place[1] + 65536L * place[2];
	FILE *f = fopen(argc > 1 ? "/proc/self/exe" : argv[0], "rb");

	return !f || fseek(f, at, SEEK_SET) < 0 || fread(text, 1, 6, f) != 6 || puts(text) < 0;
}
X
mkdir bundle
# shellcheck disable=SC2086
if ! cc -w bundle.c -o bundle/prog -fuse-ld=bfd $tight 2>cc.log; then
	skip "no such linker"
else
	py -c 'import sys
d = open(sys.argv[1], "rb").read()
at = d.index(bytes.fromhex("8b1202b96a612038")) - 8
open(sys.argv[1], "wb").write(d[:at] + len(d).to_bytes(8, "little") + d[at + 8:] + b"my end")' bundle/prog
	expect "$OHC" pack --compression none --closure bundle oci:of-bundle:1
	unpack oci:of-bundle:1 bundle.root
	run "$OHC" push --check=warn --profile none --cmd '["/openhands/prog"]' --payload oci:of-bundle:1 scratch oci:of-bundle:2
	expect_status 0
	expect_no_err appended-data
	if [ -n "$can_enter" ]; then
		enter bundle.root /openhands/prog
		expect_status 0
		expect_eq "$out" "my end"
	fi
fi

t "what PyInstaller made finds its archive and its own libraries, and the C library"
if ! have pyinstaller && "$PYTHON" -m venv venv >/dev/null 2>&1 &&
	timeout 60 venv/bin/pip -q --retries 0 --timeout 5 install pyinstaller >/dev/null 2>&1; then
	PATH=$tmp/venv/bin:$PATH
fi
if ! have pyinstaller; then
	skip "no pyinstaller, and none to be had"
elif [ -z "$can_enter" ]; then
	skip "no right to enter another root"
else
	cat >hello.py <<'X'
import json, math, os, ssl, sys
print(json.dumps(sys.argv[1:]), math.sqrt(4), [k for k in os.environ if k.startswith("LD_LIBRARY")])
X
	expect pyinstaller --onefile --distpath dist --workpath work --specpath work hello.py
	echo '{ "prefix": "/openhands", "profile": "none",
	  "layers": [ { "name": "hello", "pyinstaller": "dist/hello" } ] }' >hello.json
	expect "$OHC" pack --compression none hello.json oci:hello:1
	unpack oci:hello:1 hello.root
	# The payload's OpenSSL is not what it was made with.
	echo other >hello.root/openhands/lib/libssl.so.3
	enter hello.root /openhands/bin/hello one two
	expect_status 0
	expect_eq "$out" '["one", "two"] 2.0 []'
fi

finish
