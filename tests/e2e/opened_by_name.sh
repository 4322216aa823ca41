#!/usr/bin/env bash
# time limit: 1800
# SPDX-License-Identifier: Apache-2.0
# The example of ohcompose-recipe(5) as it is printed, and Debian's programs with what they open by name: all
# from Debian roots, started in roots of their own: the example and Java on Alpine, the others on bases that have
# none of it, each a row of docs/compatibility.md.
. "$(dirname "$0")/../lib.sh"
. "$top/tests/e2e/lib/bases.sh"
. "$top/tests/e2e/lib/opened.sh"

[ "$(id -u)" = 0 ] || skip_all "no right to enter another root"
alpine=$(trap - ERR; alpine_tar) || skip_all "no Alpine"
packages=tmux,git,vim,php-cli,php-mbstring,php-intl,ruby,graphviz,perl,openssl,file,sbcl,pgloader,nodejs
debian_tar trixie $packages,default-jre-headless,fonts-dejavu-core,chromium,python3,ca-certificates,tzdata ||
	skip_all "$no_debian"
mkdir debian
tar -xf "$debian" -C debian
layers alpine "$alpine"

t "the recipe of the manual, as printed"
mkdir -p build/site-packages/demo src
echo 'said = "demo"' >build/site-packages/demo/__init__.py
echo 'print(1)' >src/a.py
sed -n '/^\.Sh EXAMPLES/,/^\.Ed/p' "$top/cmd/ohcompose-recipe.5" | sed -n '/^{/,/^}/p' >recipe.json
composed recipe.json
enter 1000 'tmux -L a new-session -d "sleep 60"; tmux -L a ls; tmux -L a kill-server
oh-tmux -L b new-session -d "sleep 60"; oh-tmux -L b ls; oh-tmux -L b kill-server'
expect_status 0
expect_out '^0: 1 windows'
enter 1000 'cd /tmp; git init -q a; git -C a -c user.name=n -c user.email=e commit -q --allow-empty -m first
git clone -q a b; git -C b log --format=%s
git clone -q --bare a s.git; git -C s.git update-server-info
/openhands/bin/oh-python -m http.server 8099 --bind 127.0.0.1 >/dev/null 2>&1 & server=$!
for i in 1 2 3 4 5 6 7 8 9 10; do git clone -q http://127.0.0.1:8099/s.git c 2>/dev/null && break; sleep 1; done
kill $server; git -C c log --format="%s over http"'
expect_status 0
expect_out_is "$(printf 'first\nfirst over http')"
expect_eq "$err" ''
enter 1000 'oh-python -c "import ssl, sqlite3, ctypes, demo; print(demo.said)"'
expect_out_is demo
enter 1000 'cd /tmp; echo "<h1>shown</h1>" >x.html
timeout 120 oh-chromium --headless --disable-gpu --dump-dom file:///tmp/x.html 2>/dev/null'
expect_out '<h1>shown</h1>'

cat >rows <<'X'
php^0^php -r 'echo date("Y", 0), mb_strtoupper("a"), (new NumberFormatter("de_DE", 1))->format(1.5);'^1970A1,5
ruby^0^ruby -e 'require "json"; require "openssl"; require "yaml"; puts JSON.dump([Gem::VERSION.size])'^\[5\]
graphviz^0^echo 'digraph { a -> b }' | dot -Tpng | file -^.*PNG image data
vim^0^vim -es -u NONE -c 'redir! >/tmp/v' -c 'echo globpath(&rtp, "syntax/c.vim")' -c 'redir END' -c q; cat /tmp/v^.*vim91/syntax/c.vim
perl^0^perl -MPOSIX -MEncode -MIO::Socket -Mcharnames=:full -e 'print encode("cp1252", "\x{e9}") eq "\xe9"'^1
openssl's providers^0^openssl list -providers -provider legacy^.*legacy
openssl.cnf^0^openssl req -new -x509 -newkey rsa:2048 -nodes -subj /CN=x -keyout /tmp/k -out /tmp/c; head -n 1 /tmp/c^.*BEGIN CERTIFICATE
file^0^file -L /bin/sh^.*ELF 64-bit
sbcl^0^sbcl --noinform --eval '(progn (require :asdf) (print (+ 40 2)) (exit))'^42
pgloader^0^pgloader --version^pgloader version
node^0^node -e 'console.log(new Intl.NumberFormat("de").format(1.5), new Date(0).toLocaleString("en", {timeZone: "Asia/Tokyo"}))'^1,5 1/1/1970, 9:00
iconv^0^printf '\344' | iconv -f latin1 -t utf8^ä
getent^0^getent passwd root^root:
git^0^cd /tmp; git init -q g 2>&1; git -C g status 2>&1^No commits yet
X
recipe_of '' '' php ruby dot vim perl openssl file sbcl pgloader node iconv getent git >tools.json
opened debian tools.json rows

cat >rows <<'X'
guile^0^guile-3.0 --no-auto-compile -c '(use-modules (ice-9 regex) (srfi srfi-1)) (display (iota 3))'^\(0 1 2\)
emacs^0^emacs-nox --batch --eval '(progn (require (quote org)) (princ (org-version)))'^9\.
erlang^0^erl -noshell -eval 'io:format("~p~n", [lists:sum([1, 2])])' -s init stop^3
erlang's compiler^0^cd /tmp; printf -- '-module(m).\n-export([f/0]).\nf() -> 7.\n' >m.erl; erlc m.erl; erl -noshell -eval 'io:format("~p~n", [m:f()])' -s init stop^7
gdb^0^gdb -batch -ex 'python import json, ctypes; print(json.dumps([gdb.parameter("data-directory")]))'^\["/openhands
groff^0^printf '.TH X 1\n.SH NAME\nhello\n' | groff -man -Tutf8^.*NAME
groff's PostScript^0^echo hello | groff -Tps | head -n 1^%!PS
tcl^0^echo 'package require msgcat; puts [clock format 0 -gmt 1 -format %Y]' | tclsh^1970
imagemagick^0^magick-im7.q16 -size 9x9 xc:red /tmp/x.png; magick-im7.q16 identify /tmp/x.png^/tmp/x.png PNG 9x9
ghostscript^0^gs -q -dBATCH -sDEVICE=txtwrite -o /tmp/gs.txt -c '/Helvetica findfont 12 scalefont setfont 72 72 moveto (hello) show showpage'; cat /tmp/gs.txt^ *hello
swi-prolog^0^swipl -g 'use_module(library(lists)), sum_list([1,2],X), print(X), nl' -t halt^3
lua^0^lua5.4 -e 'print(require("demo").said)'^demo
r^0^oh-Rscript -e 'cat(median(c(1, 2, 9)), nzchar(Sys.which("sh")), "\n")'^2 TRUE
r, its own script^0^R --vanilla -s -e 'cat(toupper(tools::file_ext("a.b")), "\n")'^B
octave^0^oh-octave --eval 'disp(mean([1 2 9]))'^4
postgresql^1000^cd /tmp; rm -rf d; initdb -D d --no-sync >/dev/null 2>&1; echo "select 40 + 2 as n, now() at time zone 'Asia/Tokyo' > 'epoch' as z" | postgres --single -D d postgres 2>&1^.*n = "42"
gnuplot^0^gnuplot-nox -e 'set term postscript; set output "/tmp/x.ps"; plot x'; head -n 1 /tmp/x.ps^%!PS
sox^0^sox -n /tmp/x.ogg synth 0.1 sine 440; soxi -t /tmp/x.ogg^vorbis
cmake^0^cd /tmp; printf 'include(CMakePrintHelpers)\ncmake_print_variables(CMAKE_ROOT)\n' >x.cmake; cmake -P x.cmake 2>&1^-- CMAKE_ROOT="/openhands
zsh^0^zsh -fc 'zmodload zsh/datetime; autoload -U colors; colors; print ${#fg[red]}'^[1-9]
gdk-pixbuf^0^magick-im7.q16 -size 9x9 xc:red /tmp/x.tga; gdk-pixbuf-csource /tmp/x.tga^.*GdkPixbuf
tk and an X server^0^cd /tmp; Xvfb :9 -screen 0 200x100x24 >x.log 2>&1 & for i in 1 2 3 4 5 6 7 8 9; do [ -e /tmp/.X11-unix/X9 ] && break; sleep 1; done; echo 'puts [list [winfo screenwidth .] [ttk::style theme use]]; exit' >x.tcl; DISPLAY=:9 wish8.6 x.tcl; kill $!^200 default
sqlite's extension, and proj^0^sqlite3 :memory: "select load_extension('mod_spatialite'); select InitSpatialMetaData(1); select AsText(Transform(MakePoint(13, 52, 4326), 3857))"^POINT\(1447153
gsettings^0^gsettings get org.gnome.desktop.interface cursor-size^24
gio's TLS^0^guile-3.0 --no-auto-compile -c '(use-modules (system foreign)) (define l (dynamic-link "libgio-2.0.so.0")) (define (f r n a) (pointer->procedure r (dynamic-func n l) a)) (display ((f int "g_tls_backend_supports_tls" (list (quote *))) ((f (quote *) "g_tls_backend_get_default" (list)))))'^1
gio's TLS, a server^0^mkdir -p /etc/ssl/certs; cat /tls/ca.crt >>/etc/ssl/certs/ca-certificates.crt; guile-3.0 --no-auto-compile /tls/connect.scm^connected
gio's TLS, a server that nobody vouches for^0^cp /tls/none /etc/ssl/certs/ca-certificates.crt; guile-3.0 --no-auto-compile /tls/connect.scm^.*certificate
mc^0^oh-mc -F; ls -d /openhands/.m/skins/default.ini^.*Data directory: +/openhands/.m/
gstreamer^0^gst-launch-1.0 audiotestsrc num-buffers=2 ! audioconvert ! fakesink 2>&1^Got EOS
X
# A socket of GIO's that speaks TLS, to a server here.
start_registry tls
mkdir tls
cp "$REGISTRY_CA" tls/ca.crt
: >tls/none
cat >tls/connect.scm <<X
(use-modules (system foreign) (rnrs bytevectors))
(define gio (dynamic-link "libgio-2.0.so.0"))
(define (c result name . args) (pointer->procedure result (dynamic-func name gio) args))
(define client ((c '* "g_socket_client_new")))
((c void "g_socket_client_set_tls" '* int) client 1)
(define err (make-bytevector 8 0))
(define made ((c '* "g_socket_client_connect_to_host" '* '* uint16 '* '*) client
  (string->pointer "localhost") ${REGISTRY#*:} %null-pointer (bytevector->pointer err)))
(display (if (null-pointer? made)
  (pointer->string (dereference-pointer (make-pointer (+ 8
    (pointer-address (dereference-pointer (bytevector->pointer err)))))))
  "connected"))
X
packages=guile-3.0,emacs-nox,erlang-base,gdb,groff,tcl,imagemagick,ghostscript,swi-prolog-nox,lua5.4,r-base-core
packages+=,octave,postgresql,gnuplot-nox,sox,cmake,zsh,libgdk-pixbuf2.0-bin,gstreamer1.0-tools,gstreamer1.0-plugins-base
packages+=,tk,xvfb,sqlite3,libsqlite3-mod-spatialite,mc,libglib2.0-bin,glib-networking,gsettings-desktop-schemas,bash,dash
if ! debian_files trixie $packages; then
	t "more of Debian's programs"
	skip "$no_debian"
else
	mkdir more
	tar -xf "$debian" -C more
	mkdir -p more/usr/share/lua/5.4
	echo 'return { said = "demo" }' >more/usr/share/lua/5.4/demo.lua
	# What installing them does.
	for f in more/usr/lib/*/blas/libblas.so.3 more/usr/lib/*/lapack/liblapack.so.3; do
		ln -s "${f#"${f%/*/*}/"}" "${f%/*/*}/"
	done
	chroot more "/$(cd more && ls usr/lib/*/gdk-pixbuf-2.0/gdk-pixbuf-query-loaders)" --update-cache
	chroot more /usr/bin/update-mime-database /usr/share/mime
	chroot more "/$(cd more && ls usr/lib/*/glib-2.0/glib-compile-schemas)" /usr/share/glib-2.0/schemas
	cp more/usr/lib/R/etc/Renviron.ucf more/etc/R/Renviron
	postgresql=/$(cd more && ls -d usr/lib/postgresql/*/bin)
	recipe_of '{ "name": "oh-octave", "program": "bin/octave-cli" }, { "name": "oh-Rscript", "program": "bin/Rscript" },
		{ "name": "oh-mc", "program": "bin/mc" }' \
		'' guile-3.0=libgio-2.0.so.0 emacs-nox erl erlc gdb groff tclsh \
		magick-im7.q16 gs swipl lua5.4 R Rscript octave-cli gnuplot-nox sox soxi cmake zsh gdk-pixbuf-csource \
		gst-launch-1.0 wish8.6 Xvfb gsettings mc \
		sqlite3=mod_spatialite.so $postgresql/initdb $postgresql/postgres >more.json
	place=tls opened more more.json rows
	rm -rf more
fi

cat >rows <<'X'
tex's files^0^kpsewhich plain.tex cmr10.tfm^/openhands/share/texlive
tex^0^cd /tmp; tex -ini plain '\dump' >tex.log 2>&1; printf 'hello \\bye\n' >x.tex; tex -fmt=plain x.tex^Output written on x.dvi
X
if ! debian_files trixie texlive-binaries,texlive-base,bash,dash; then
	t "TeX"
	skip "$no_debian"
else
	mkdir tex
	tar -xf "$debian" -C tex
	# What installing it does: a list of all files.
	dist=tex/usr/share/texlive/texmf-dist
	{
		echo '% ls-R -- filename database for kpathsea; do not change this line.'
		(cd $dist && ls -1AR ./)
	} >"tex/$(readlink $dist/ls-R)"
	recipe_of '' '' tex kpsewhich >tex.json
	opened tex tex.json rows
	rm -rf tex
fi

t "Java draws text"
if ! have javac; then
	skip "no javac"
else
	cat >T.java <<'X'
import java.awt.*;
import java.awt.image.*;

public class T {
	public static void main(String[] a) {
		BufferedImage i = new BufferedImage(90, 30, BufferedImage.TYPE_INT_RGB);
		Graphics2D g = i.createGraphics();
		int n = 0;
		g.drawString("hello", 5, 20);
		for (int x = 0; x < 90; x++)
			for (int y = 0; y < 30; y++)
				n += (i.getRGB(x, y) & 0xffffff) != 0 ? 1 : 0;
		System.out.println(n > 20 ? "drawn" : "nothing");
	}
}
X
	expect javac --release 17 T.java
	jvm=$(cd debian && ls -d usr/lib/jvm/java-*-openjdk-* | tail -n 1)
	echo "{ \"profile\": \"none\", \"optional\": [ \"libasound.so.*\" ], \"layers\": [ { \"name\": \"jvm\",
		\"copy\": [ { \"from\": \"/$jvm\", \"to\": \"jvm\", \"dereference\": true } ] } ] }" >java.json
	composed java.json --profile none --env LC_ALL=C.UTF-8
	cp T.class root/
	enter 0 '/openhands/jvm/bin/java -Djava.awt.headless=true -cp / T'
	expect_out_is drawn
fi

finish
