#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# time limit: 600
# Files that programs open by name come along with them: they work in a root that has a shell and little else.
. "$(dirname "$0")/../lib.sh"

[ "$(id -u)" = 0 ] || skip_all "no right to enter another root"

# enter CMD...: in that root, with nothing of this one's environment
enter()
{
	run env -i PATH="$prefix/bin:/bin" HOME=/root TERM=xterm LC_ALL=C.UTF-8 "$(command -v chroot)" root "$@"
}

# packed PROGRAM... [-- OPTIONS]: those programs of this machine, in that root
packed()
{
	local list='' name

	while [ $# -gt 0 ] && [ "$1" != -- ]; do
		name=$(readlink -f "$(command -v "$1")")
		list="$list${list:+, }{ \"from\": \"$name\", \"to\": \"bin/$1\" }"
		shift
	done
	[ $# = 0 ] || shift
	echo "{ \"prefix\": \"$prefix\", \"profile\": \"none\",
		\"layers\": [ { \"name\": \"tools\", \"programs\": [ $list ] } ] }" >recipe.json
	rm -rf root out
	busybox_rootfs root
	mknod -m 666 root/dev/null c 1 3
	mknod -m 666 root/dev/urandom c 1 9
	run "$OHC" pack -v --compression none "$@" recipe.json oci:out:1
	expect_status 0
	unpack_image oci:out:1 root
}

prefix=/openhands

t "git"
if ! have git; then
	skip "no git"
else
	packed git
	expect_err "set 'git': '/usr/lib[a-z]*/git-core' goes to '/openhands/lib[a-z]*/git-core'"
	cat >root/clone.sh <<'Y'
set -e
git init -q a
git -C a -c user.name=n -c user.email=e commit -q --allow-empty -m first
git clone -q a b
git -C b log --format=%s
git -C b submodule status
Y
	enter /bin/sh /clone.sh
	expect_status 0
	expect_eq "$out" first
	enter /openhands/bin/git --exec-path
	expect_true test -x "root$out/git-upload-pack"
fi

t "perl"
if ! perl -MPOSIX -e 1 2>/dev/null; then
	skip "no perl"
else
	packed perl
	enter /openhands/bin/perl -MPOSIX -MFile::Spec -e 'print strftime("%Y", gmtime(0)), "\n"'
	expect_status 0
	expect_out_is 1970
	expect_eq "$err" ''
	# Another version's modules of the base are not looked at.
	for dir in $(perl -e 'print "$_\n" for @INC' | grep '^/usr/\(lib\|share\)/'); do
		mkdir -p "root$dir"
		echo 'die "of the base"' >"root$dir/strict.pm"
	done
	enter /openhands/bin/perl -Mstrict -e 'print "own\n"'
	expect_out_is own
fi

t "file"
if ! have file; then
	skip "no file"
else
	packed file
	enter /openhands/bin/file /bin/busybox
	expect_status 0
	expect_out 'ELF .* executable'
fi

t "openssl"
if ! openssl list -providers -provider legacy >/dev/null 2>&1; then
	skip "no openssl with providers"
else
	packed openssl
	enter /openhands/bin/openssl list -providers -provider legacy
	expect_status 0
	expect_out legacy
fi

t "what is too long to be compiled in, launchers lead to"
if ! have git; then
	skip "no git"
else
	prefix=/opt/a/payload/whose/prefix/is/long
	packed git
	expect_err "warning: 1 programs in '$prefix/bin/', such as '$prefix/bin/git', have no launcher"
	packed git -- --launcher 'oh-git=bin/git'
	expect_no_err 'have no launcher'
	enter "$prefix/bin/oh-git" --exec-path
	expect_out_is "$prefix/lib/git-core"
	enter "$prefix/bin/oh-git" init -q /x
	expect_status 0
	expect_eq "$out$err" ''
fi

t "what a recipe copies itself is not there twice"
if ! have git || [ ! -d /usr/lib/git-core ]; then
	skip "no git"
else
	prefix=/openhands
	echo '{ "profile": "none", "layers": [ { "name": "tools", "programs": [ "/usr/bin/git" ],
		"copy": [ { "from": "/usr/lib/git-core", "to": "libexec/git-core" } ] } ] }' >own.json
	run "$OHC" pack -v --dry-run own.json oci:own:1
	expect_status 0
	expect_no_err "set 'git': '/usr/lib/git-core'"
	expect_err "set 'git': '/usr/share/git-core'"
fi

# own_root: a root with a shell's libraries, and nothing that is known of by name
own_root()
{
	rm -rf own
	mkdir -p own/bin own/usr/bin own/usr/lib
	cp "$(readlink -f /bin/sh)" own/bin/sh
	{ ldd /bin/sh || true; } | grep -o '/[^ ]*' | while read -r f; do
		install -D -m 755 "$f" "own$f"
	done
}

# speaker FILE TEXT...: a library, or program, of that root that has the texts compiled in; a library gets
# a program own/usr/bin/speak that needs it.  What is run says the texts.
speaker()
{
	local file=$1 text flags=''

	shift
	printf '#include <stdio.h>\nint speak(void)\n{\n\tstatic const char *volatile texts[] = {' >speak.c
	for text; do
		printf ' "%s",' "${text//\"/\\\"}" >>speak.c
	done
	printf ' };\n\tfor (unsigned i = 0; i < sizeof(texts) / sizeof(*texts); i++)\n' >>speak.c
	printf '\t\tputs(texts[i]);\n\treturn 0;\n}\n' >>speak.c
	printf 'int speak(void);\nint main(void) { return speak(); }\n' >main.c
	case $file in
	*.so.*)
		cc -shared -fPIC -Wl,-soname,"${file##*/}" -o "own/$file" speak.c
		cc -o own/usr/bin/speak main.c "own/$file"
		;;
	*) cc -o "own/$file" main.c speak.c ;;
	esac
}

# spoken PROGRAM [-- OPTIONS]: packs that program of that root, and lets it speak where nothing else is; what
# pack said is the file `said`
spoken()
{
	local program=$1

	shift
	[ $# = 0 ] || shift
	echo "{ \"prefix\": \"$prefix\", \"profile\": \"none\", \"root\": \"own\",
		\"layers\": [ { \"name\": \"tools\", \"programs\": [ \"/usr/bin/$program\" ] } ] }" >own.json
	rm -rf root out
	mkdir root
	run "$OHC" pack -v --compression none "$@" own.json oci:out:1
	expect_status 0
	printf '%s\n' "$err" >said
	unpack_image oci:out:1 root
	run "$(command -v chroot)" root "$prefix/bin/$program"
}

prefix=/openhands
t "of node's built-in modules those that it names, whichever they are"
if ! have cc; then
	skip "no C compiler"
else
	own_root
	speaker usr/lib/libnode.so.115 /usr/share/nodejs/acorn/acorn.js /usr/share/nodejs/later/dist/x.js
	for name in acorn later other; do
		install -D /dev/null own/usr/share/nodejs/$name/package.json
	done
	spoken speak
	expect_eq "$(ls root/openhands/share/nodejs)" "$(printf 'acorn\nlater')"
	expect_out "^$prefix/.nodej/acorn/acorn.js"
fi

t "git's templates, of which git knows where they are below /usr"
if ! have cc; then
	skip "no C compiler"
else
	own_root
	speaker usr/bin/git /usr/lib/git-core share/git-core/templates
	install -D /dev/null own/usr/lib/git-core/git-x
	install -D /dev/null own/usr/share/git-core/templates/description
	spoken git -- --launcher oh-git=bin/git
	expect_out_is "$(printf '/openhands/.git-c\n/openhands////.templates')"
	expect_true test -e root/openhands/.templates/description
	expect_true test -e root/openhands/.git-c/git-x
	run cat root/openhands/etc/launchers
	expect_no_out GIT_TEMPLATE_DIR
fi

t "what is an element of a list is led into the payload, where a set says so"
if ! have cc; then
	skip "no C compiler"
else
	own_root
	speaker usr/bin/troff /usr/share/groff/site-tmac:/usr/share/groff/1/tmac:/usr/share/groffer:/usr/lib/font \
		x=/usr/share/groff/1 '/usr/share/groff /x'
	speaker usr/bin/lua '/usr/local/share/lua/5.4/?.lua;/usr/share/lua/5.4/?.lua;./?.lua'
	mkdir -p own/usr/share/groff/1/tmac own/usr/share/lua/5.4
	touch own/usr/share/groff/1/tmac/an own/usr/share/lua/5.4/x.lua
	spoken troff
	expect_out_is "$(printf '%s\n' /openhands/.grof/site-tmac:/openhands/.grof/1/tmac:/usr/share/groffer:/usr/lib/font \
		x=/usr/share/groff/1 '/openhands/.grof /x')"
	expect_true test -e root/openhands/.grof/1/tmac/an
	spoken lua
	expect_out_is '/usr/local/share/lua/5.4/?.lua;/openhands/.lu/5.4/?.lua;./?.lua'
	expect_true test -e root/openhands/.lu/5.4/x.lua
	speaker usr/lib/libkpathsea.so.6 '{/etc/texmf/web2c,/usr/share/texmf/web2c,$SELFAUTOPARENT/share/texmf/web2c}'
	mkdir -p own/usr/share/texmf/web2c own/usr/share/texlive/texmf-dist/web2c own/etc/texmf
	echo 'TEXMFDIST = /usr/share/texlive/texmf-dist' >own/usr/share/texlive/texmf-dist/web2c/texmf.cnf
	ln -s ../../texlive/texmf-dist/web2c/texmf.cnf own/usr/share/texmf/web2c/
	spoken speak
	expect_out_is '{/etc/texmf/web2c,/openhands/.texm/web2c,$SELFAUTOPARENT/share/texmf/web2c}'
	run cat root/openhands/.texm/web2c/texmf.cnf
	expect_out_is 'TEXMFDIST = /openhands/share/texlive/texmf-dist'
fi

t "scripts and lists that name a tree lead into the payload, whatever its prefix"
if ! have cc; then
	skip "no C compiler"
else
	own_root
	mkdir -p own/usr/lib/erlang/bin own/usr/lib/erlang/lib own/usr/lib/R/bin own/usr/share/bash-completion
	cat >own/usr/lib/erlang/bin/erl <<'X'
#!/bin/sh
ROOTDIR=/usr/lib/erlang
echo "$ROOTDIR/lib" x/usr/lib/erlang /usr/lib/erlangs "/usr/lib/erlang"
X
	printf '#!/bin/sh\nR_HOME_DIR=/usr/lib/R\necho "$R_HOME_DIR"/bin\n' >own/usr/lib/R/bin/R
	chmod +x own/usr/lib/erlang/bin/erl own/usr/lib/R/bin/R
	ln -s ../lib/erlang/bin/erl own/usr/bin/erl
	ln -s ../lib/R/bin/R own/usr/bin/R
	spoken erl
	expect_out_is '/openhands/lib/erlang/lib x/usr/lib/erlang /usr/lib/erlangs /openhands/lib/erlang'
	expect_true grep -qx ROOTDIR=/openhands/lib/erlang root/openhands/lib/erlang/bin/erl
	expect_true grep -q "the set 'erlang' comes along" said
	# R's own functions are compressed, and one of them asks for /usr/bin/which.
	speaker usr/bin/Rscript x
	install -D -m 755 own/usr/bin/Rscript own/usr/lib/R/bin/Rscript
	ln -sf ../lib/R/bin/Rscript own/usr/bin/Rscript
	install -D -m 644 /dev/stdin own/usr/lib/R/library/base/R/Rprofile <<<'x <- "/usr/lib/R/etc"'
	install -D -m 644 /dev/stdin own/usr/lib/R/etc/Rprofile.site <<<'x <- 1'
	printf '#!/bin/sh\necho "it is $1"\n' >own/usr/bin/which.debianutils
	chmod +x own/usr/bin/which.debianutils
	spoken R
	expect_out_is '/openhands/lib/R/bin'
	spoken Rscript
	run cat root/openhands/lib/R/library/base/R/Rprofile
	expect_out '^x <- "/openhands/lib/R/etc"$'
	expect_out '^if \(file.access\("/usr/bin/which", 1L\) != 0L\)$'
	expect_out '"/openhands/lib/R/bin/which",$'
	expect_true cmp own/usr/lib/R/etc/Rprofile.site root/openhands/lib/R/etc/Rprofile.site
	expect_true cmp own/usr/bin/which.debianutils root/openhands/lib/R/bin/which
	prefix=/opt/a/much/longer/prefix
	spoken erl
	expect_out_is "$prefix/lib/erlang/lib x/usr/lib/erlang /usr/lib/erlangs $prefix/lib/erlang"
	prefix=/openhands
fi

t "a file's URL in a text leads into the payload, and the libraries that NSS opens come along"
if ! have cc; then
	skip "no C compiler"
else
	own_root
	mkdir -p own/usr/lib/libreoffice/program
	echo 'void f(void) {}' >f.c
	cc -shared -fPIC -o own/usr/lib/libsoftokn3.so f.c
	speaker usr/lib/libnss3.so.1 x
	cc -shared -fPIC -Wl,-soname,libnss3.so -o own/usr/lib/libnss3.so speak.c
	cc -o own/usr/lib/libreoffice/program/soffice.bin main.c own/usr/lib/libnss3.so
	printf 'BASE=file:///usr/lib/libreoffice\nOTHER=http:///usr/lib/libreoffice\n' \
		>own/usr/lib/libreoffice/program/fundamentalrc
	ln -s ../lib/libreoffice/program/soffice.bin own/usr/bin/soffice.bin
	spoken soffice.bin
	expect_out_is x
	run cat root/openhands/lib/libreoffice/program/fundamentalrc
	expect_out_is "$(printf 'BASE=file:///openhands/lib/libreoffice\nOTHER=http:///usr/lib/libreoffice')"
	expect_true test -e root/openhands/lib/libsoftokn3.so
fi

t "what is put together of a directory of libraries and a name leads into the payload"
if ! have cc; then
	skip "no C compiler"
else
	own_root
	machine=$(cc -dumpmachine)
	lib=usr/lib/$machine
	mkdir -p "own/$lib/gdk-pixbuf-2.0/2.10.0/loaders"
	speaker "$lib/libgdk_pixbuf-2.0.so.0" "/usr/lib/$machine" "/usr/lib/$machine/x"
	echo "\"/usr/lib/$machine/gdk-pixbuf-2.0/2.10.0/loaders/x.so\"" >"own/$lib/gdk-pixbuf-2.0/2.10.0/loaders.cache"
	spoken speak
	expect_out "^/openhands/+lib$"
	expect_out "^/usr/lib/$machine/x$"
	expect_true grep -q '^"/openhands/*/lib/gdk-pixbuf-2.0/2.10.0/loaders/x.so"$' \
		root/openhands/lib/gdk-pixbuf-2.0/2.10.0/loaders.cache
fi

# inlined FILE TEXT: a program of that root with a copy of the text as the compiler makes it, in pieces, which it
# says; 1 where this one makes none
inlined()
{
	cat >inlined.c <<-X
	#include <stdio.h>
	#include <stdlib.h>
	#include <string.h>
	char *copy(void) { char *p = malloc(sizeof("$2")); return strcpy(p, "$2"); }
	int main(void) { return puts(copy()) < 0; }
	X
	cc -O2 -o "own/$1" inlined.c
	! grep -qF "$2" "own/$1"
}

t "what the compiler has taken apart leads into the payload, too"
if ! have cc; then
	skip "no C compiler"
elif [ "$(uname -m)" != x86_64 ]; then
	skip "it is put together again for x86-64 alone"
else
	machine=$(cc -dumpmachine)
	while read -r program text tree now; do
		own_root
		mkdir -p "own$tree/x"
		if ! inlined "usr/bin/$program" "$text"; then
			skip "this compiler leaves '$text' as it is"
			break
		fi
		spoken "$program"
		expect_out_is "$now"
		[ "$now" = "$text" ] || expect_true test -d "root$now/x"
	done <<-X
	mc /usr/share/mc/ /usr/share/mc /openhands/.m/
	Xvfb /usr/share/X11/xkb /usr/share/X11/xkb /openhands////.xkb
	gnuplot /usr/share/gnuplot/ /usr/share/gnuplot /openhands/.gnuplo/
	gdb /usr/share/gdb /usr/share/gdb /usr/share/gdb
	mc /usr/lib/mc /usr/lib/mc /usr/lib/mc
	swipl /usr/share/swi-prolog /usr/share/swi-prolog /openhands/.swi-prolo
	zsh /usr/lib/$machine/zsh /usr/lib/$machine/zsh /openhands////////////lib/zsh
	X
fi

t "... and what is there in both ways"
if ! have cc || { own_root && ! inlined usr/bin/swipl /usr/share/swi-prolog; }; then
	skip "no C compiler, or one that leaves it as it is"
else
	mkdir -p own/usr/share/swi-prolog
	echo 'const char *volatile whole = "/usr/share/swi-prolog";' >>inlined.c
	sed -i 's/return puts/extern const char *volatile whole; puts(whole); &/' inlined.c
	cc -O2 -o own/usr/bin/swipl inlined.c
	expect_true grep -qF /usr/share/swi-prolog own/usr/bin/swipl
	spoken swipl
	expect_out_is "$(printf '/openhands/.swi-prolo\n/openhands/.swi-prolo')"
fi

t "a library's modules that are taken apart, and data in a list of two directories"
if ! have cc; then
	skip "no C compiler"
else
	own_root
	speaker usr/lib/libglib-2.0.so.0 /usr/local/share/:/usr/share/
	install -D /dev/null own/usr/share/glib-2.0/schemas/gschemas.compiled
	install -D /dev/null own/usr/share/mime/mime.cache
	spoken speak
	expect_out_is /openhands//share:/usr/share/
	expect_true test -e root/openhands/share/glib-2.0/schemas/gschemas.compiled
	expect_true test -e root/openhands/share/mime/mime.cache
fi

t "a longer directory in the place of one that has room"
if ! have cc; then
	skip "no C compiler"
else
	own_root
	mkdir -p own/etc/racket own/usr/share/racket/collects
	echo '((share-dir . "/usr/share/racket") (bin-dir . "/usr/bin"))' >own/etc/racket/config.rktd
	cat >main.c <<-'X'
	#include <stdio.h>
	static char config[40] = "config:/etc/racket", more[60] = "more:/usr/share/racket/collects";
	static struct { char full[17], next[80]; } two = { "full:/etc/racket", "two:/etc/racket:/etc/racket" };
	int main(void) { return printf("%s\n%s\n%s\n%s\n", config, more, two.full, two.next) < 0; }
	X
	cc -o own/usr/bin/racket main.c
	spoken racket
	expect_out '^config:/openhands/etc/racket$'
	expect_out '^full:/etc/racket$'
	expect_out '^more:/openhands/share/racket/collects$'
	expect_out '^two:/etc/racket:/etc/racket$'
	run cat root/openhands/etc/racket/config.rktd
	expect_out_is '((share-dir . "/openhands/share/racket") (bin-dir . "/openhands/bin"))'
fi

t "a file of such a name that does not name the tree brings nothing"
if ! have cc; then
	skip "no C compiler"
else
	own_root
	mkdir -p own/usr/lib/erlang/bin own/usr/lib/x
	printf '#!/bin/sh\necho of its own\n' >own/usr/bin/erl
	chmod +x own/usr/bin/erl
	spoken erl
	expect_out_is 'of its own'
	expect_true test ! -e root/openhands/lib/erlang
fi

t "a program that lies in its tree does not stand for the tree"
if ! have cc; then
	skip "no C compiler"
else
	own_root
	mkdir -p own/usr/lib/swi-prolog/bin own/usr/lib/swi-prolog/boot
	speaker usr/lib/swi-prolog/bin/swipl /usr/lib/swi-prolog
	ln -s ../lib/swi-prolog/bin/swipl own/usr/bin/swipl
	touch own/usr/lib/swi-prolog/boot/init.pl
	# Bytecode in files like those of ELF, for no machine.
	py "$top/tests/make_elf.py" own/usr/lib/swi-prolog/boot/x.go --needed libc.so.6
	printf '\0\0' | dd of=own/usr/lib/swi-prolog/boot/x.go bs=1 seek=18 conv=notrunc status=none
	spoken swipl
	expect_out_is /openhands/.swi-pro
	expect_true test -e root/openhands/.swi-pro/boot/init.pl
	expect_true cmp own/usr/lib/swi-prolog/boot/x.go root/openhands/lib/swi-prolog/boot/x.go
	expect_false grep -q 'x.go' said
fi

t "a script that finds the rest of it from where it is lies in its tree, and its name leads there"
if ! have cc; then
	skip "no C compiler"
else
	own_root
	mkdir -p own/usr/lib/libreoffice/program own/bin own/usr/share/tool/bin
	printf '#!/bin/sh\ncat "$(dirname "$(readlink -f "$0")")/said"\n' >own/usr/lib/libreoffice/program/soffice
	echo "of its tree" >own/usr/lib/libreoffice/program/said
	chmod +x own/usr/lib/libreoffice/program/soffice
	ln -s ../lib/libreoffice/program/soffice own/usr/bin/soffice
	spoken soffice
	run "root$prefix/bin/soffice"
	expect_out_is "of its tree"
	expect_eq "$(readlink "root$prefix/bin/soffice")" ../lib/libreoffice/program/soffice
	expect_false grep -q 'goes in without' said

	# Of no set: its directory is not known.
	printf '#!/bin/sh\n' >own/usr/share/tool/bin/tool.sh
	cp own/usr/share/tool/bin/tool.sh own/usr/bin/plain.sh
	chmod +x own/usr/share/tool/bin/tool.sh own/usr/bin/plain.sh
	ln -s ../share/tool/bin/tool.sh own/usr/bin/tool
	ln -s plain.sh own/usr/bin/plain
	spoken tool
	expect_true grep -q "own/usr/bin/tool' leads to the script '.*own/usr/share/tool/bin/tool.sh', which goes in without" said
	spoken plain
	expect_false grep -q 'goes in without' said
fi

t "what a recipe copies of a set elsewhere is what leads there"
if ! have cc; then
	skip "no C compiler"
else
	own_root
	mkdir -p own/usr/lib/libreoffice/program own/usr/share/perl/5 own/usr/share/vim/vim91
	printf '#!/bin/sh\ncat "$(dirname "$(readlink -f "$0")")/said"\n' >own/usr/lib/libreoffice/program/soffice
	echo "of its tree" >own/usr/lib/libreoffice/program/said
	chmod +x own/usr/lib/libreoffice/program/soffice
	ln -s ../lib/libreoffice/program/soffice own/usr/bin/soffice
	speaker usr/bin/perl /usr/share/perl /usr/share/perl/5
	speaker usr/bin/vim /usr/share/vim
	echo '{ "profile": "none", "root": "own", "layers": [ { "name": "tools",
		"programs": [ "/usr/bin/soffice", "/usr/bin/perl", "/usr/bin/vim" ],
		"copy": [ { "from": "/usr/lib/libreoffice", "to": "office" }, { "from": "/usr/share/perl", "to": "p" },
			{ "from": "/usr/share/vim", "to": "v/i/m" } ] } ] }' >own.json
	rm -rf root out
	run "$OHC" pack -v --compression none own.json oci:out:1
	expect_status 0
	mkdir root
	unpack_image oci:out:1 root
	run "root$prefix/bin/soffice"
	expect_out_is "of its tree"
	expect_eq "$(readlink "root$prefix/bin/soffice")" ../office/program/soffice
	expect_true test ! -e "root$prefix/lib/libreoffice"
	run "$(command -v chroot)" root "$prefix/bin/perl"
	expect_out_is "$(printf '%s////p\n%s////p/5' "$prefix" "$prefix")"
	run "$(command -v chroot)" root "$prefix/bin/vim"
	expect_eq "${#out}" 14
	expect_true test -e "root$out/vim91"

	# What variables lead to, too.
	sed 's|"root": "own"|"prefix": "/opt/a/payload/whose/prefix/is/long", &|' own.json >long.json
	run "$OHC" pack -v --compression none --launcher oh-vim=bin/vim long.json oci:out:2
	expect_status 0
	expect_true grep -q 'VIM?=.PREFIX/v/i/m' <(unpack_image oci:out:2 long && cat long/opt/a/payload/whose/prefix/is/long/etc/launchers)
fi

t "a program of Python's finds the standard library, and what the root has installed"
if ! have cc; then
	skip "no C compiler"
else
	own_root
	speaker usr/bin/python3.13 x
	speaker usr/lib/libpython3.12.so.1.0 x
	for n in 3.1 3.12 3.13; do
		install -D /dev/null own/usr/lib/python$n/os.py
	done
	install -D /dev/null own/usr/lib/python3/dist-packages/more.py
	printf '#!/usr/bin/python3\n' >own/usr/bin/tool
	chmod +x own/usr/bin/tool
	ln -s python3.13 own/usr/bin/python3
	spoken tool
	expect_eq "$(cd root/openhands/lib && ls -d python*/*)" "$(printf 'python3.13/os.py\npython3/dist-packages')"
	spoken speak
	expect_eq "$(cd root/openhands/lib && ls -d python*/*)" "$(printf 'python3.12/os.py\npython3/dist-packages')"
	echo '{ "profile": "none", "root": "own", "layers": [ { "name": "tools", "copy":
		[ { "from": "/usr/bin/python3.13" }, { "from": "/usr/lib/python3.13", "to": "mine" } ] } ] }' >own.json
	rm -rf root out
	run "$OHC" pack -v --compression none own.json oci:out:1
	mkdir root
	unpack_image oci:out:1 root
	expect_true test ! -e root/openhands/lib/python3 -a ! -e root/openhands/lib/python3.13
	expect_true test -e root/openhands/mine/os.py
fi

t "what further programs open by name comes along"
if ! have cc; then
	skip "no C compiler"
else
	own_root
	mkdir -p own/usr/lib/openssh own/usr/share/nmap own/usr/share/fish own/etc/fish
	speaker usr/lib/openssh/sshd-session /usr/lib/openssh/sshd-auth
	speaker usr/lib/openssh/sshd-auth x
	speaker usr/bin/sshd /usr/lib/openssh/sshd-session /usr/lib/openssh/sshd-auth
	spoken sshd
	expect_out_is "$(printf '/openhands/.open/sshd-%s\n' session auth)"
	run "$(command -v chroot)" root "${out%%$'\n'*}"
	expect_out_is /openhands/.open/sshd-auth
	speaker usr/bin/nmap /usr/share/nmap
	spoken nmap
	expect_out_is /openhands/.nma
	speaker usr/bin/fish x
	spoken fish
	expect_true test -d root/openhands/share/fish -a -d root/openhands/etc/fish
fi

t "where nothing is compiled in, launchers lead to the tree, always"
if ! have cc; then
	skip "no C compiler"
else
	own_root
	speaker usr/bin/octave-cli share/octave
	mkdir -p own/usr/share/octave/7
	spoken octave-cli
	expect_true grep -q "bin/octave-cli', have no launcher: .* give them launchers (--launcher)" said
	spoken octave-cli -- --launcher oh-octave=bin/octave-cli
	run cat root/openhands/etc/launchers
	expect_out '^\*: OCTAVE_HOME\?=.PREFIX$'
	expect_true test -e root/openhands/share/octave/7
fi

t "a program that another one starts by a short directory is found by PATH, where that is emptied"
if ! have cc; then
	skip "no C compiler"
else
	own_root
	mkdir -p own/usr/share/X11/xkb/rules
	touch own/usr/share/X11/xkb/rules/base
	speaker usr/bin/xkbcomp /usr/share/X11/xkb
	speaker usr/bin/Xvfb /usr/share/X11/xkb /usr/bin /usr/bin/other
	spoken Xvfb
	expect_eq "$out" "$(printf '%s\n' /openhands////.xkb '' /usr/bin/other)"
	expect_true test -e root/openhands/share/X11/xkb/rules/base
	enter /openhands/bin/xkbcomp
	expect_out_is /openhands////.xkb
fi

t "what nothing can lead to below a long prefix is told"
if ! have cc; then
	skip "no C compiler"
else
	own_root
	speaker usr/bin/perl /usr/share/perl /usr/share/perl5
	mkdir -p own/usr/share/perl/5 own/usr/share/perl5
	prefix=/openhands/tools
	spoken perl
	expect_true grep -q "bin/perl' looks at '/usr/share/perl' .* at most 13 bytes, and '$prefix' has 16" said
	expect_out_is "$(printf '/usr/share/perl\n/usr/share/perl5')"
	prefix=/openhands/ab
	spoken perl
	expect_true test "$(grep -c 'a prefix of at most' said)" = 0
	prefix=/openhands
fi

t "OpenSSL's configuration, and the certificates of the base"
if ! have cc; then
	skip "no C compiler"
else
	own_root
	speaker usr/lib/libcrypto.so.3 /usr/lib/ssl /usr/lib/ssl/certs /usr/lib/ssl/cert.pem
	install -D /dev/null own/usr/lib/ssl/openssl.cnf
	spoken speak
	expect_out_is "$(printf '/usr/lib/ssl\n/usr/lib/ssl/certs\n/usr/lib/ssl/cert.pem')"
	mv own/usr/bin/speak own/usr/bin/openssl
	spoken openssl -- --launcher oh-openssl=bin/openssl
	expect_out_is "$(printf '/openhands/s\n/usr/lib/ssl/certs\n/usr/lib/ssl/cert.pem')"
	expect_true test -e root/openhands/s/openssl.cnf
	run cat root/openhands/etc/launchers
	expect_no_out OPENSSL_CONF
fi

t "fonts, where a library looks for them that has no configuration"
if ! have cc; then
	skip "no C compiler"
else
	own_root
	speaker usr/lib/libfontconfig.so.1 '<x><dir>/usr/share/fonts</dir></x>' '<a>/usr/share/fonts-x</a>'
	install -D /dev/null own/usr/share/fonts/truetype/dejavu/a.ttf
	install -D /dev/null own/usr/share/fonts/truetype/liberation/b.ttf
	spoken speak -- --launcher oh-speak=bin/speak
	expect_out_is "$(printf '<x><dir>/openhands/.font</dir></x>\n<a>/usr/share/fonts-x</a>')"
	expect_eq "$(ls root/openhands/.font)" a.ttf
	run cat root/openhands/etc/fonts/fonts.conf
	expect_out '<dir>/openhands/share/fonts</dir>'
	run cat root/openhands/etc/launchers
	expect_out 'FONTCONFIG_FILE!'
fi

t "a core that a program finds beside itself"
if ! have cc; then
	skip "no C compiler"
else
	own_root
	speaker usr/bin/sbcl ../lib/sbcl
	install -D /dev/null own/usr/lib/sbcl/sbcl.core
	spoken sbcl
	expect_true test -e root/openhands/lib/sbcl/sbcl.core
fi

t "scripts that ask the base for the C library ask the payload"
if ! have cc; then
	skip "no C compiler"
else
	own_root
	speaker usr/bin/node x
	mkdir -p app/mod/prebuilds
	cat >app/mod/libc.js <<'X'
const a = '/usr/bin/ldd', b = "/usr/bin/ldd"; // of /usr/bin/ldd, not '/usr/bin/ldd.x'
const c = '/etc/alpine-release';
X
	cat >app/mod/build.cjs <<'X'
const dir = 'prebuilds', b = "/etc/alpine-release", end = 1;
X
	cp app/mod/libc.js app/mod/libc.txt
	for prefix in /openhands /o; do
		fill=''
		[ $prefix != /o ] || fill=// # a path is not shorter than before
		echo "{ \"prefix\": \"$prefix\", \"profile\": \"none\", \"root\": \"own\", \"layers\": [ { \"name\": \"app\",
			\"programs\": [ \"/usr/bin/node\" ], \"copy\": [ { \"from\": \"app\", \"to\": \"app\" } ] } ] }" >own.json
		rm -rf root out own/usr/bin/ldd own/etc
		run "$OHC" pack -v --compression none own.json oci:out:1
		expect_status 0
		expect_err "app/mod/libc.js' asks the base which C library it has"
		unpack_image oci:out:1 root
		cat >want <<X
const a = '$prefix$fill/lib/ldd', b = "$prefix$fill/lib/ldd"; // of /usr/bin/ldd, not '/usr/bin/ldd.x'
const c = '/etc/alpine-release';
X
		expect_true diff want "root$prefix/app/mod/libc.js"
		expect_true grep -q "prebuilds', b = \"$prefix/*/lib/alpine-release\", end = 1;\$" "root$prefix/app/mod/build.cjs"
		expect_true cmp app/mod/libc.txt "root$prefix/app/mod/libc.txt"
		run cat "root$prefix/lib/ldd"
		expect_out 'GNU C Library'
		expect_true test ! -e "root$prefix/lib/alpine-release"
	done
	prefix=/openhands
	# What the root has is taken.
	mkdir -p own/etc
	echo 'of the root' >own/usr/bin/ldd
	echo 3.20 >own/etc/alpine-release
	sed -i 's|"/o"|"/openhands"|' own.json
	rm -rf root out
	expect "$OHC" pack --compression none own.json oci:out:1
	unpack_image oci:out:1 root
	expect_eq "$(cat root/openhands/lib/ldd root/openhands/lib/alpine-release)" "$(printf 'of the root\n3.20')"
fi

if have cc; then
	cat >inner.c <<'X'
#include <math.h>
#include <stdio.h>

int main(int argc, char **argv)
{
	return printf("inner %s %g\n", argv[1], cos(argc - 2)) < 0;
}
X
	cat >outer.c <<'X'
#include <unistd.h>

const char *volatile text = TEXT;

int main(int argc, char **argv)
{
	(void)argc;
	return execv("/tmp/inner", argv);
}
X
	own_root
	cc -o inner inner.c -lm -Wl,--no-as-needed
	{ ldd inner || true; } | grep -o '/[^ ]*' | while read -r f; do
		[ -e "own$f" ] || install -D -m 755 "$f" "own$f"
	done
	echo '{ "profile": "none", "root": "own", "layers": [ { "name": "x", "programs": [ "outer" ] } ] }' >own.json
fi

# make_outer KIND: a program that starts what it has unpacked.  An AppImage of type 2 has three bytes in its header
# that say so, and a file system behind its end.
make_outer()
{
	case $1 in
	nuitka) cc -DTEXT='"NUITKA_ONEFILE_PARENT"' -o outer outer.c ;;
	appimage) cc -DTEXT='""' -o outer outer.c ;;
	"static appimage") cc -DTEXT='""' -static -o outer outer.c ;;
	esac
	[ "$1" != nuitka ] || return 0
	printf 'hsqs and so on' >>outer
	printf 'AI\002' | dd of=outer bs=1 seek=8 conv=notrunc status=none
}

for kind in nuitka appimage "static appimage"; do
	t "$kind: what a program unpacks finds a loader and its libraries where the base has none"
	if ! have cc; then
		skip "no C compiler"
		continue
	fi
	make_outer "$kind"
	rm -rf out
	run "$OHC" pack --compression none own.json oci:out:1
	expect_status 0
	expect_err "outer' unpacks a program that names '/"
	make_busybox_base base:1
	expect "$OHC" push --profile none --check=warn --cmd '["/openhands/bin/outer"]' --payload oci:out:1 oci:base:1 oci:out:2
	rm -rf root
	unpack_image oci:out:2 root
	cp inner root/tmp/inner
	run "$(command -v chroot)" root /openhands/bin/outer told
	expect_status 0
	expect_out_is 'inner told 1'
	[ "$kind" = nuitka ] || expect_eq "$(tail -c 14 root/openhands/bin/outer)" 'hsqs and so on'
done

t "a prefix that is too long for what is unpacked is told of"
if ! have cc; then
	skip "no C compiler"
else
	prefix=/opt/a/prefix/that/is/long
	run "$OHC" pack --prefix "$prefix" --compression none own.json oci:out:3
	expect_err "the prefix '$prefix' is too long to be compiled into it"
	prefix=/openhands
fi

finish
