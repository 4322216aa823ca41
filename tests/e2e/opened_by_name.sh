#!/usr/bin/env bash
# time limit: 1800
# SPDX-License-Identifier: Apache-2.0
# The example of ohcompose-recipe(5) as it is printed, and Debian's programs with what they open by name: all
# from a Debian root, started on Alpine, in a root of their own.
. "$(dirname "$0")/../lib.sh"

[ "$(id -u)" = 0 ] || skip_all "no right to enter another root"
alpine=$(trap - ERR; alpine_tar) || skip_all "no Alpine"
packages=tmux,git,vim,php-cli,php-mbstring,php-intl,ruby,graphviz,perl,openssl,file,sbcl,pgloader,nodejs
debian_tar trixie $packages,default-jre-headless,fonts-dejavu-core,chromium,python3,ca-certificates,tzdata ||
	skip_all "$no_debian"
mkdir debian
tar -xf "$debian" -C debian
layers alpine "$alpine"

# composed RECIPE [OPTIONS]: packed from that Debian, pushed onto Alpine, unpacked to root/
composed()
{
	local recipe=$1

	shift
	rm -rf root out
	expect "$OHC" pack -q --root debian --compression none "$recipe" oci:out:payload
	expect "$OHC" push -q --check=warn --compression none --cmd '["/bin/sh"]' "$@" \
		--payload oci:out:payload oci:alpine:1 oci:out:image
	unpack_image oci:out:image root
	json '"\n".join(j["config"]["Env"])' <(image config oci:out:image) >env
}

# enter UID SCRIPT: in that root, with the image's environment
enter()
{
	printf '%s\n' "$2" >root/script
	# shellcheck disable=SC2016
	run unshare -m --propagation private sh -c '
		mount -t proc proc root/proc && mount --rbind /dev root/dev && exec env -i "$@"' - \
		PATH=/usr/bin:/bin "$(command -v env)" $(cat env) HOME=/tmp TERM=xterm \
		"$(command -v chroot)" --userspec="$1:$1" root /bin/sh -e /script
}

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

# The program, what is run with it on Alpine, and a pattern of what it says.
cat >rows <<'X'
php|php -r 'echo date("Y", 0), mb_strtoupper("a"), (new NumberFormatter("de_DE", 1))->format(1.5);'|^1970A1,5
ruby|ruby -e 'require "json"; require "openssl"; require "yaml"; puts JSON.dump([Gem::VERSION.size])'|^\[5\]
dot|echo 'digraph { a -> b }' \| dot -Tpng \| file -|PNG image data
vim|vim -es -u NONE -c 'redir! >/tmp/v' -c 'echo globpath(&rtp, "syntax/c.vim")' -c 'redir END' -c q; cat /tmp/v|vim91/syntax/c.vim
perl|perl -MPOSIX -MEncode -MIO::Socket -Mcharnames=:full -e 'print encode("cp1252", "\x{e9}") eq "\xe9"'|^1
openssl|openssl list -providers -provider legacy|legacy
openssl|openssl req -new -x509 -newkey rsa:2048 -nodes -subj /CN=x -keyout /tmp/k -out /tmp/c; head -n 1 /tmp/c|BEGIN CERTIFICATE
file|file /bin/busybox|ELF 64-bit
sbcl|sbcl --noinform --eval '(progn (require :asdf) (print (+ 40 2)) (exit))'|42
pgloader|pgloader --version|pgloader version
node|node -e 'console.log(new Intl.NumberFormat("de").format(1.5), new Date(0).toLocaleString("en", {timeZone: "Asia/Tokyo"}))'|^1,5 1/1/1970, 9:00
iconv|printf '\344' \| iconv -f latin1 -t utf8|^ä
getent|getent passwd root|^root:
git|cd /tmp; git init -q g 2>&1; git -C g status 2>&1|^No commits yet
X
programs=$(cut -d '|' -f 1 rows | sort -u | sed 's|.*|"/usr/bin/&"|' | paste -sd ,)
echo "{ \"profile\": \"none\", \"layers\": [ { \"name\": \"tools\", \"programs\": [ $programs ] } ] }" >tools.json

t "Debian's programs, without a launcher"
composed tools.json --profile none --env 'PATH=/openhands/bin:$PATH' --env LC_ALL=C.UTF-8
while read -r row <&3; do
	script=${row#*|} pattern=${row##*|}
	script=${script%|*}
	script=${script//\\|/|}
	enter 0 "$script"
	expect_out "$pattern"
done 3<rows

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
