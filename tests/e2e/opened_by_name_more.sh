#!/usr/bin/env bash
# time limit: 1800
# SPDX-License-Identifier: Apache-2.0
# As opened_by_name.sh, of Debian's what is large: Racket, LibreOffice, GStreamer that gets gstreamer's https; each a row of
# docs/compatibility.md.
. "$(dirname "$0")/../lib.sh"
. "$top/tests/e2e/lib/bases.sh"
. "$top/tests/e2e/lib/opened.sh"

[ "$(id -u)" = 0 ] || skip_all "no right to enter another root"

# files_of KIND PACKAGE,...: in KIND/
files_of()
{
	has_rows rows || return 1
	t "$1"
	debian_files trixie "$2" || {
		skip "$no_debian"
		return 1
	}
	mkdir "$1"
	tar -xf "$debian" -C "$1"
}

start_registry tls
mkdir tls
cp "$REGISTRY_CA" tls/
cat >rows <<X
gstreamer's https^0^mkdir -p /etc/ssl/certs; cat /tls/* >>/etc/ssl/certs/ca-certificates.crt; gst-launch-1.0 -q souphttpsrc location=https://localhost:${REGISTRY#*:}/v2/ ! filesink location=/tmp/got 2>&1; cat /tmp/got^\{\}
X
if files_of gstreamer gstreamer1.0-tools,gstreamer1.0-plugins-good,glib-networking,bash,dash; then
	# What installing it does.
	chroot gstreamer "/$(cd gstreamer && ls usr/lib/*/glib-2.0/glib-compile-schemas)" /usr/share/glib-2.0/schemas
	recipe_of '' '' gst-launch-1.0 >gstreamer.json
	place=tls opened gstreamer gstreamer.json rows
	rm -rf gstreamer
fi

cat >rows <<'X'
racket^1000^racket -e '(require racket/list json) (write (list (last (range 9)) (string->jsexpr "[1]")))'^\(8 \(1\)\)
racket's compiler^0^cd /tmp; printf '#lang racket/base\n(require racket/match)\n(display (match (list 1 2) [(list a b) (+ a b)]))\n' >x.rkt; raco make x.rkt; ls compiled/x_rkt.zo; racket x.rkt^.*x_rkt.zo
X
if files_of racket racket,bash,dash; then
	recipe_of '' '' racket raco >racket.json
	opened racket racket.json rows
	rm -rf racket
fi

cat >rows <<'X'
libreoffice^1000^cd /tmp; echo "hello 6" >x.txt; soffice --headless --convert-to pdf x.txt 2>&1; head -c 5 x.pdf^.*%PDF-
X
if files_of libreoffice libreoffice-writer-nogui,fonts-dejavu-core,bash,dash,sed,grep,coreutils; then
	# What installing it does.
	cp libreoffice/usr/lib/libreoffice/share/.registry/main.xcd libreoffice/etc/libreoffice/registry/
	recipe_of '' '' soffice >libreoffice.json
	opened libreoffice libreoffice.json rows
	rm -rf libreoffice
fi
finish
