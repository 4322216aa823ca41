#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The launcher: what it hands on to its program, what it changes, and how it fails.
# shellcheck disable=SC2016
. "$(dirname "$0")/../lib.sh"

launchers=$(dirname "$OHC")/launcher
case $(uname -m) in
x86_64) native=$launchers/amd64 ;;
aarch64) native=$launchers/arm64 ;;
*) skip_all "no launcher for this machine" ;;
esac
bundle=/etc/ssl/certs/ca-certificates.crt

# prefix DIR [LAUNCHER]: an empty payload with a launcher in it, under the name oh-x
prefix()
{
	mkdir -p "$1/bin" "$1/etc"
	install -m 755 "${2:-$native}" "$1/bin/oh-x"
}

# config LINE...: the payload's launchers
config()
{
	printf '%s\n' "$@" >"$p/etc/launchers"
}

p=$tmp/pay
prefix "$p"

# Prints what it was given, a line a word.
cat >"$p/bin/show" <<EOF
#!$(py -c 'import os, sys; print(os.path.realpath(sys.executable))')
import os, sys
for a in sys.argv:
    sys.stdout.buffer.write(b"arg <" + os.fsencode(a) + b">\n")
for k in sorted(os.environb):
    sys.stdout.buffer.write(b"env " + k + b"=" + os.environb[k] + b"\n")
EOF
chmod 755 "$p/bin/show"

# args_are ARG...: what the program got, but its own name
args_are()
{
	expect_eq "$(grep -av '^env ' <<<"$out")" "$(printf 'arg <%s>\n' "$p/bin/show" "$@")" arguments
}

# env_is LINES: what the program got; Python adds LC_CTYPE
env_is()
{
	expect_eq "$(sed -n '/^env LC_CTYPE=/d; s/^env //p' <<<"$out")" "$1" environment
}

env=(HOME=/)
x()
{
	run env -i "${env[@]}" "$p/bin/oh-x" "$@"
}

# The launchers, not the library that goes into PyInstaller's programs (tests/integration/frozen.sh).
for f in "$launchers"/*; do
	[[ $f != *.so ]] || continue
	t "${f##*/}: small, static, no interpreter, no relocations, no executable stack"
	if ! have readelf; then
		skip "no readelf"
		continue
	fi
	expect_true [ "$(wc -c <"$f")" -lt 16384 ]
	run readelf -lW "$f"
	expect_no_out 'INTERP|DYNAMIC|RWE|Requesting'
	expect_out 'GNU_STACK.* RW '
	expect_out '^ *LOAD .* R E '
	expect_no_out '^ *LOAD .* RW'
	run readelf -rdW "$f"
	expect_out 'no relocations'
	run readelf -hW "$f"
	expect_out 'EXEC'
done

t "ohcompose-launchers(5): mdoc without warnings"
if have mandoc; then
	expect_eq "$(mandoc -Tlint -W warning "$top/cmd/ohcompose-launchers.5" 2>&1)" '' warnings
else
	skip "no mandoc"
fi

t "arguments are handed on as they are"
config 'oh-x: bin/show'
x
args_are
x a '' 'b c' $'d\te\nf' '$1' '*' "it's" 'ünï ☃' -- -x=1
args_are a '' 'b c' $'d\te\nf' '$1' '*' "it's" 'ünï ☃' -- -x=1
x "$(printf '\377\376')"
args_are "$(printf '\377\376')"

t "ten thousand of them, and long ones"
mapfile -t many < <(seq 10000)
x "${many[@]}"
args_are "${many[@]}"
long=$(printf '%0120000d' 7)
x "$long"
args_are "$long"

t "fixed arguments, quotes and dollars"
config "oh-x: bin/show --a 'b  c' \"d 'e'\" f\\ g '' h\"i j\"k \\\\ '\\' \$\$1 x\${PREFIX}y"
x z
args_are --a 'b  c' "d 'e'" 'f g' '' 'hi jk' '\' '\' '$1' "x${p}y" z

t "placeholders take the leading arguments"
config 'oh-x: bin/show -m server $1 ${2:+--working-dir} $2 $@'
x 8000 /workspace --plugins a b --x ''
args_are -m server 8000 --working-dir /workspace --plugins a b --x ''
x 8000 /work/ä\ b c
args_are -m server 8000 --working-dir '/work/ä b' c
x 8000 --working-dir /w
args_are -m server 8000 --working-dir /w
x 8000
args_are -m server 8000
x --help
args_are -m server --help
x
args_are -m server
config 'oh-x: bin/show $@ --port=$1 end'
x 80 a
args_are a --port=80 end
x
args_are end

t "the environment stays, and so does what the base tells the loader"
config 'oh-x: bin/show'
env=(HOME=/root A= B='x y' LD_LIBRARY_PATH=/l::/usr/local/cuda/lib64: LD_PRELOAD='/a.so /b.so'
	LD_AUDIT=/a LD_BIND_NOW= LDX=1 XLD_Y=2 LOCPATH=/q)
x
env_is "A=
B=x y
HOME=/root
LDX=1
LD_AUDIT=/a
LD_BIND_NOW=
LD_LIBRARY_PATH=/l::/usr/local/cuda/lib64:
LD_PRELOAD=/a.so /b.so
LOCPATH=/q
XLD_Y=2"
run env -i "$p/bin/oh-x"
env_is ''

t "what the payload's own programs told the loader does not go on"
env=("LD_LIBRARY_PATH=/tmp/_MEIab12:$p/lib:/usr/local/nvidia/lib:$p:${p}x/lib"
	LD_LIBRARY_PATH_ORIG=/usr/local/nvidia/lib "LD_PRELOAD=$p/lib/a.so /base/b.so"
	"LD_AUDIT=$p/audit.so")
x
env_is "LD_LIBRARY_PATH=/usr/local/nvidia/lib:${p}x/lib
LD_PRELOAD=/base/b.so"
env=(LD_LIBRARY_PATH=/tmp/_MEIab12 LD_LIBRARY_PATH_ORIG= A=1)
x
env_is 'A=1'
env=("LD_LIBRARY_PATH=/base:$p/lib")
x
env_is 'LD_LIBRARY_PATH=/base'

t "variables are set, always or where they are not"
config 'oh-x: A=1 B?=2 C?=3 D="x y" E= F=$PREFIX/f A=4 bin/show'
env=(A=0 B=0 D=0)
x
env_is "A=4
B=0
C=3
D=x y
E=
F=$p/f"

t "PATH: in front once, no empty element, never less than without it"
config 'oh-x: PATH^=$PREFIX/bin bin/show'
default=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
while IFS=' ' read -r is should; do
	env=()
	[ "$is" = unset ] || env=("PATH=${is#PATH=}")
	run "$(command -v env)" -i "${env[@]}" "$p/bin/oh-x"
	env_is "PATH=$should"
done <<EOF
PATH=/usr/bin:/bin $p/bin:/usr/bin:/bin
PATH= $p/bin:$default
unset $p/bin:$default
PATH=:/usr/bin::/bin: $p/bin:/usr/bin:/bin
PATH=: $p/bin
PATH=$p/bin $p/bin
PATH=/usr/bin:$p/bin /usr/bin:$p/bin
PATH=$p/bin/:/usr/bin $p/bin:$p/bin/:/usr/bin
PATH=$p/binx $p/bin:$p/binx
EOF

t "certificates: only where none of the files is there, and nobody has said"
touch there
config 'oh-x: SSL_CERT_FILE!/nowhere|'"$tmp"'/there=$PREFIX'"$bundle bin/show"
env=(HOME=/)
x
expect_no_out SSL
rm there
x
expect_out "^env SSL_CERT_FILE=$p$bundle\$"
ln -s nowhere there
x
expect_out "^env SSL_CERT_FILE=$p$bundle\$"
env=(SSL_CERT_FILE=/mine)
x
expect_out '^env SSL_CERT_FILE=/mine$'

t "... to the first of the values that is there, else the last"
config "oh-x: A!/nowhere=$tmp/a|$tmp/b|/c B!=$tmp/no|$tmp/none C!=\$PREFIX/bin|/c bin/show"
touch a b
env=(HOME=/)
x
env_is "A=$tmp/a
B=$tmp/none
C=$p/bin
HOME=/"
rm a
x
expect_out "^env A=$tmp/b\$"
rm b
x
expect_out '^env A=/c$'

t "the current directory, and arguments in settings"
mkdir -p 'a dir'
config 'oh-x: .=$2 A=<$1> B=$3 bin/pwd ${1:+port} $1'
printf '#!/bin/sh\nenv | grep -E "^(A|B|PWD)=" | sort; pwd -P; echo "$@"\n' >"$p/bin/pwd"
chmod 755 "$p/bin/pwd"
env=(PATH=/usr/bin:/bin PWD=/nonsense)
x 80 "$tmp/a dir"
expect_eq "$out" "A=<80>
PWD=$tmp/a dir
$tmp/a dir
port 80" output
x 80
expect_eq "$out" "A=<80>
PWD=$tmp
$tmp
port 80" output
x 80 /nowhere/at/all
expect_status 126
expect_eq "$err" "oh-x: cannot start: cannot change to '/nowhere/at/all': no such file or directory" message

t "'*' holds for the lines below it"
config '# a comment: bin/no' '' '*: A=1' 'oh-other: A=2 /bin/false' '*: B=2' 'oh-x: B=3 bin/show' \
	'*: A=9'
env=(HOME=/)
x
expect_out '^env A=1$'
expect_out '^env B=3$'

t "the exit status is the program's"
config 'oh-x: /bin/sh -c'
for s in 0 1 42 126 255; do
	x "exit $s"
	expect_status $s
done

t "signals reach the program, and end it as they do"
x 'kill -TERM $$'
expect_status 143
x 'kill -9 $$'
expect_status 137
config 'oh-x: /bin/sh -c "trap \"echo caught; exit 3\" TERM; echo ready; while :; do sleep 0.05; done"'
"$p/bin/oh-x" >said 2>&1 &
pid=$!
wait_for 10 grep -q ready said
kill -TERM $pid
status=0
wait $pid || status=$?
expect_status 3
expect_true grep -q caught said

t "standard input is the program's, and no descriptor more"
config 'oh-x: /bin/sh'
run_in env -i "$p/bin/oh-x" -c 'cat; ls -l /proc/$$/fd | grep -c launchers' <<<"hello there"
expect_out '^hello there$'
expect_out '^0$'

t "by another name, and through symlinks"
config 'oh-x: bin/show x' 'oh-y: bin/show y'
ln -f "$p/bin/oh-x" "$p/bin/oh-y"
run "$p/bin/oh-y"
expect_out '^arg <y>$'
mkdir links
ln -s "$p/bin/oh-y" links/python
run links/python
expect_out '^arg <y>$'
run env "PATH=$tmp/links:$PATH" python
expect_out '^arg <y>$'
run bash -c "exec -a nonsense '$p/bin/oh-x'"
expect_out '^arg <x>$'

t "a login shell stays one"
config 'oh-x: /bin/bash'
run bash -c "exec -l '$p/bin/oh-x' -c 'echo \$0; shopt login_shell'"
expect_out '^-bash$'
expect_out '^login_shell.*on$'
run "$p/bin/oh-x" -c 'echo $0; shopt login_shell'
expect_out '^/bin/bash$'
expect_out '^login_shell.*off$'

t "a program that is not there, or is none"
config 'oh-x: bin/missing'
x
expect_status 127
expect_eq "$err" "oh-x: cannot start '$p/bin/missing': no such file or directory" message
config 'oh-x: bin/show/x'
x
expect_status 127
config 'oh-x: etc/launchers'
x
expect_status 126
expect_err "cannot start '$p/etc/launchers': permission denied"
printf 'text\n' >"$p/bin/text"
chmod 755 "$p/bin/text"
config 'oh-x: bin/text'
x
expect_status 126
expect_err "cannot start '$p/bin/text': not a program"
config 'oh-x: bin'
x
expect_status 126
printf '#!/no/such/interpreter\n' >"$p/bin/text"
config 'oh-x: bin/text'
x
expect_status 127
expect_err "cannot start '$p/bin/text': the loader or interpreter that it names is not there"
ln -s loop "$p/bin/loop"
config 'oh-x: bin/loop'
x
expect_status 126
expect_err 'symbolic links'

t "a configuration that is not there, or not for it"
rm "$p/etc/launchers"
x
expect_status 127
expect_eq "$err" "oh-x: cannot start: cannot read '$p/etc/launchers': no such file or directory" message
: >"$p/etc/launchers"
x
expect_status 127
expect_err "'$p/etc/launchers' has no line for it"
config 'oh-xy: bin/show' 'oh: bin/show' 'OH-X: bin/show' ' oh-x: bin/show' 'oh-x bin/show'
x
expect_status 127
rm "$p/etc/launchers"
mkdir "$p/etc/launchers"
x
expect_status 126
expect_err 'is a directory'
rmdir "$p/etc/launchers"

# refused LINE PATTERN
refused()
{
	config "$1"
	x a b
	expect_status 126
	expect_err "^oh-x: cannot start: '.*/etc/launchers' $2"
}

t "a damaged configuration is said to be so"
refused "oh-x: 'bin/show" 'is damaged: .*quote'
refused 'oh-x: bin/show "a' 'is damaged: .*quote'
refused 'oh-x: bin/show a\' 'is damaged: .*backslash'
refused 'oh-x:' 'is damaged: .*no program'
refused 'oh-x: A=1' 'is damaged: .*no program'
refused "oh-x: ''" 'is damaged: .*no program'
for word in 'bin/show $x' 'bin/show $' 'bin/show ${' 'bin/show ${1' 'bin/show ${1:+$2}' '$HOME/x' \
	'bin/show $0' 'bin/show a$@' 'bin/show ${1:-x}'; do
	refused "oh-x: $word" "is damaged: .*'\\$'"
done
refused 'oh-x: bin/show $@ $@' "is damaged: .*twice"
refused '*: A=1 bin/show' "is damaged: .*more than settings for"
refused '*: A=$1' "is damaged: .*more than settings for"
printf 'oh-x: bin/show\0\n' >"$p/etc/launchers"
x
expect_status 126
expect_err 'is damaged: it has a NUL byte'

# times N WORD: the word N times
times()
{
	py -c 'import sys; print(int(sys.argv[1]) * sys.argv[2], end="")' "$@"
}

t "one that is too much is refused, not run out of memory over"
refused "oh-x: bin/show $(times 300 'x ')" 'is damaged: .*too many words'
refused "$(seq 1100 | sed 's/.*/*: A&=1/')" 'has too many settings'
refused "$(times 70000 x)" 'is too long'
ln -s /dev/zero "$p/etc/endless"
mv "$p/etc/endless" "$p/etc/launchers"
x
expect_status 126
expect_err 'is too long'
rm "$p/etc/launchers"

t "garbage is refused"
for i in 1 2 3 4 5; do
	py -c 'import random, sys
random.seed(int(sys.argv[1]))
junk = bytes(random.choice(b"oh-x: $@{}1PREFIX\"\\!=?^|ab/\x80\xff") for i in range(3000))
sys.stdout.buffer.write(b"oh-x: bin/show $" + junk)' "$i" >"$p/etc/launchers"
	x
	expect_status 126
	expect_err "^oh-x: cannot start: '.*/etc/launchers' is damaged"
done

t "the last line needs no newline, and words may be long"
printf 'oh-x: bin/show %s' "$(times 60000 5)" >"$p/etc/launchers"
x
args_are "$(times 60000 5)"

t "long paths"
deep=$tmp/deep
while [ ${#deep} -lt 3700 ]; do
	deep=$deep/$(times 200 d)
done
prefix "$deep"
echo 'oh-x: /bin/echo y $PREFIX' >"$deep/etc/launchers"
run "$deep/bin/oh-x"
expect_status 0
expect_eq "$out" "y $deep"
echo "oh-x: /bin/echo $(times 9000 '$PREFIX')" >"$deep/etc/launchers"
run "$deep/bin/oh-x"
expect_status 126
expect_err '^oh-x: cannot start: .*makes it too long$'

# ---- another machine's ----

t "arm64: the same, as far as an emulator can tell"
if [ "$native" = "$launchers/arm64" ] || [ ! -e "$launchers/arm64" ]; then
	skip "no arm64 launcher beside this machine's"
elif ! have qemu-aarch64-static; then
	skip "no qemu-aarch64-static"
else
	p=$tmp/arm
	prefix "$p" "$launchers/arm64"
	cp "$tmp/pay/bin/show" "$p/bin/"
	arm()
	{
		run env -i "${env[@]}" "$(command -v qemu-aarch64-static)" "$p/bin/oh-x" "$@"
	}
	config "oh-x: PATH^=\$PREFIX/bin S!/nowhere=\$PREFIX/s T!/etc=t bin/show 'a b' \$1 \${2:+-w} \$2"
	env=(PATH=/usr/bin LD_X=1 A=)
	arm 80 /w '' 'x  ä' -y
	args_are 'a b' 80 -w /w '' 'x  ä' -y
	env_is "A=
LD_X=1
PATH=$p/bin:/usr/bin
S=$p/s"
	config 'oh-x: /bin/sh -c'
	arm 'exit 42'
	expect_status 42
	arm 'kill -TERM $$'
	expect_status 143
	config 'oh-x: bin/missing'
	arm
	expect_status 127
	expect_eq "$err" "oh-x: cannot start '$p/bin/missing': no such file or directory" message
	config "oh-x: 'bin/show"
	arm
	expect_status 126
	rm "$p/etc/launchers"
	arm
	expect_status 127
fi

# ---- roots ----

no_chroot=''
if [ "$(id -u)" = 0 ]; then
	in_root()
	{
		run env -i "${env[@]}" "$(command -v chroot)" "$@"
	}
elif unshare -r true 2>/dev/null; then
	in_root()
	{
		run env -i "${env[@]}" "$(command -v unshare)" -r "$(command -v chroot)" "$@"
	}
else
	no_chroot="neither root nor user namespaces"
fi
have busybox || no_chroot="no busybox"

# payload ROOT: one of static programs, whose launchers do as those of a real one
payload()
{
	p=$1/openhands
	prefix "$p"
	mkdir -p "$p/etc/ssl/certs" "$p/lib/locale/C.utf8"
	touch "$p$bundle" "$p/lib/locale/C.utf8/LC_CTYPE"
	install -m 755 "$(command -v busybox)" "$p/bin/busybox"
	ln "$p/bin/oh-x" "$p/bin/oh-env"
	config '*: PATH^=$PREFIX/bin' \
		"*: SSL_CERT_FILE!$bundle|/etc/pki/tls/certs/ca-bundle.crt=\$PREFIX$bundle" \
		'*: LOCPATH!/usr/lib/locale/C.utf8/LC_CTYPE=$PREFIX/lib/locale' \
		'oh-x: bin/busybox' 'oh-env: bin/busybox env'
}

t "a root with nothing in it: no shell, no C library, no /proc"
if [ -n "$no_chroot" ]; then
	skip "$no_chroot"
else
	mkdir empty
	payload empty
	env=(PATH=/usr/bin LD_LIBRARY_PATH=/openhands/x)
	in_root empty /openhands/bin/oh-x echo a '' 'b c'
	expect_eq "$out" 'a  b c' output
	in_root empty /openhands/bin/oh-env
	expect_eq "$out" 'PATH=/openhands/bin:/usr/bin
SSL_CERT_FILE=/openhands/etc/ssl/certs/ca-certificates.crt
LOCPATH=/openhands/lib/locale' environment
	mkdir -p empty/x/y
	ln -s ../../openhands/bin/oh-env empty/x/y/python
	ln -s y/python empty/x/python3
	in_root empty /x/python3
	expect_out '^LOCPATH=/x/y/../../openhands/lib/locale$'
	in_root empty openhands/bin/oh-env
	expect_out '^LOCPATH=/openhands/lib/locale$'
	in_root empty /openhands/bin/oh-x sleep
	expect_status 1
	in_root empty /openhands/bin/oh-x false
	expect_status 1
	rm empty/openhands/bin/busybox
	in_root empty /openhands/bin/oh-env
	expect_status 127
	expect_eq "$err" "oh-env: cannot start '/openhands/bin/busybox': no such file or directory" message
fi

t "Alpine: its own certificates are kept, its own programs run as ever"
if [ -n "$no_chroot" ]; then
	skip "$no_chroot"
elif ! tar=$(trap - ERR; alpine_tar); then
	skip "no Alpine root file system"
else
	mkdir alpine
	tar -xzf "$tar" -C alpine --no-same-owner --exclude=./dev
	payload alpine
	env=(PATH=/bin LD_LIBRARY_PATH=/openhands/lib)
	in_root alpine /openhands/bin/oh-env
	expect_eq "$out" 'PATH=/openhands/bin:/bin
LOCPATH=/openhands/lib/locale' environment
	in_root alpine /openhands/bin/oh-x sh -c 'cat /etc/alpine-release; /bin/ls /; /bin/sh -c "exit 9"'
	expect_status 9
	expect_out '^3\.'
	expect_out '^openhands$'
	rm "alpine$bundle"
	in_root alpine /openhands/bin/oh-env
	expect_out '^SSL_CERT_FILE=/openhands/etc/ssl/certs/ca-certificates.crt$'
fi

finish
