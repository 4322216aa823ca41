#!/usr/bin/env bash
# time limit: 1800
# SPDX-License-Identifier: Apache-2.0
# As opened_by_name.sh, of Debian's what is large, and more tools: Racket, LibreOffice, GStreamer that gets https, what
# servers and agents use; each a row of docs/compatibility.md.
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

# With two trees that are a recipe's own.
cat >rows <<'X'
sshd^0^mkdir -p /run/sshd; echo sshd:x:74:74::/run/sshd:/bin/false >>/etc/passwd; rm -f /tmp/hk*; ssh-keygen -q -t ed25519 -N '' -f /tmp/hk; /openhands/bin/sshd -f /dev/null -h /tmp/hk -p 22991 -o ListenAddress=127.0.0.1 -o PidFile=/tmp/sp -o StrictModes=no -o AuthorizedKeysFile=/tmp/hk.pub -E /tmp/sshd.log; sleep 2; ssh -F /dev/null -o BatchMode=yes -o UserKnownHostsFile=/dev/null -o StrictHostKeyChecking=no -i /tmp/hk -p 22991 root@127.0.0.1 echo came in; kill $(cat /tmp/sp)^came in
nmap^0^nmap -sT -p 1 --script banner 127.0.0.1^Nmap done
gawk^0^gawk '@load "filefuncs"; @include "join"; BEGIN { a[1] = 1; a[2] = 2; print join(a, 1, 2), stat("/", d) }'^1 2 0
pandoc^0^printf '# Hi' | pandoc -s --metadata title=x -t html; printf x | pandoc -t docx -o /tmp/x.docx^<h1 id="hi">Hi
hunspell^0^echo helo world | hunspell -d en_US -l^helo
espeak-ng^0^espeak-ng -q -x hello^ *h@l
iptables^0^iptables-nft -m comment -h^comment match
ip^0^/openhands/bin/ip -br link show lo^lo
fish^0^fish -c 'functions -q fish_add_path; and echo found'^found
tesseract^0^oh-tesseract --list-langs^eng
mercurial^0^cd /tmp; rm -rf h; hg init h; cd h; echo x >f; hg add -q f; hg commit -q -u a -m first; hg log -T '{desc}\n'^first
vim's Python and Perl^0^vim.nox -es -u NONE -c 'redir! >/tmp/v' -c 'py3 import json; print(json.dumps([1]))' -c 'perl VIM::Msg(6*7)' -c 'redir END' -c q; tr '\n' ' ' </tmp/v^ *\[1\] *42
gcc, copied^0^printf 'int f(int x) { return x * 42; }' >/tmp/h.c; gcc -S -O2 /tmp/h.c -o -^.*imul
iverilog, copied^0^cd /tmp; printf 'module t; initial $display("v %%0d", 6 * 7); endmodule' >t.v; iverilog -o t.vvp t.v; vvp t.vvp^v 42
X
if files_of tools openssh-server,openssh-client,nmap,gawk,pandoc,hunspell,hunspell-en-us,espeak-ng,iptables,iproute2,fish,tesseract-ocr,mercurial,vim-nox,gcc,iverilog,bash,dash; then
	# What installing them does.
	for f in tools/usr/lib/*/blas/libblas.so.3 tools/usr/lib/*/lapack/liblapack.so.3; do
		[ ! -e "$f" ] || ln -s "${f#"${f%/*/*}/"}" "${f%/*/*}/"
	done
	ivl=/$(cd tools && ls -d usr/lib/*/ivl)
	recipe_of '{ "name": "oh-tesseract", "program": "bin/tesseract" }' "{ \"from\": \"$ivl\", \"to\": \"ivl\" },
		{ \"from\": \"/usr/libexec/gcc\", \"to\": \"libexec/gcc\", \"dereference\": true },
		{ \"from\": \"/usr/lib/gcc\", \"to\": \"lib/gcc\", \"dereference\": true }" /usr/sbin/sshd ssh ssh-keygen nmap gawk \
		pandoc hunspell espeak-ng /usr/sbin/iptables-nft /usr/sbin/ip fish tesseract hg vim.nox gcc iverilog vvp >tools.json
	opened tools tools.json rows
	rm -rf tools
fi
finish
