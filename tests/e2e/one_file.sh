#!/usr/bin/env bash
# time limit: 1200
# SPDX-License-Identifier: Apache-2.0
# Programs in one file, from npm and PyPI: Deno, one of .NET's, and what pex and shiv make; on bases that have nothing
# of theirs, each a row of docs/compatibility.md.
. "$(dirname "$0")/../lib.sh"
. "$top/tests/e2e/lib/bases.sh"
. "$top/tests/e2e/lib/opened.sh"

[ "$(id -u)" = 0 ] || skip_all "no right to enter another root"
have npm || skip_all "no npm"
[ "$(uname -m)" = x86_64 ] || skip_all "packages of this machine are not named here"

# get NAME: a directory of the cache, which the function of that name makes with its own name as argument
get()
{
	kept=${E2E_CACHE:-$tmp/cache}/one-file-$1
	[ ! -d "$kept" ] || return 0
	mkdir -p "$kept.new"
	"get_${1%-*}" "${1##*-}" "$kept.new" >got.log 2>&1 || {
		rm -rf "$kept.new"
		skip_all "$1 cannot be had: $(grep -v '^$' got.log | tail -n 1)"
	}
	mv "$kept.new" "$kept"
}

get_deno()
{
	(cd "$2" && npm pack --silent "@deno/linux-x64-glibc@$1" && tar -xzf ./*.tgz && mv package/deno . && rm -rf package ./*.tgz)
}

# The MCP server of Azure's, as wheels have it: a program of .NET's in one file.
get_azmcp()
{
	"$PYTHON" -m pip download -q --no-deps --no-binary :none: --dest "$2" "msmcp-azure==$1" &&
		"$PYTHON" -m zipfile -e "$2"/*.whl "$2/wheel" && mv "$2/wheel/msmcp_azure/bin/azmcp" "$2/" &&
		chmod 755 "$2/azmcp" && rm -rf "$2"/wheel "$2"/*.whl
}

# With a native module for Debian 13's Python.
FOR='--only-binary=:all: --platform manylinux2014_x86_64 --python-version 3.13 --implementation cp'
get_zipapps()
{
	"$PYTHON" -m venv "$2/venv" && "$2/venv/bin/pip" install -q pex==2.105.2 shiv==1.0.8 setuptools &&
		"$2/venv/bin/pex" --platform manylinux2014_x86_64-cp-313-cp313 -o "$2/x.pex" MarkupSafe==3.0.3 &&
		"$2/venv/bin/shiv" -q -o "$2/x.pyz" $FOR MarkupSafe==3.0.3 && rm -rf "$2/venv"
}

debian_files trixie python3,libicu76,libssl3t64,libgssapi-krb5-2,libstdc++6,libgcc-s1,zlib1g,ca-certificates,bash,dash ||
	skip_all "$no_debian"
mkdir debian
tar -xf "$debian" -C debian
mkdir -p debian/opt/own
for of in deno-2.9.6 azmcp-3.0.0 zipapps-1; do
	get $of
	cp -a "$kept"/* debian/opt/own/
done

cat >rows <<'X'
deno^1000^deno eval 'console.log(new Intl.NumberFormat("de").format(1.5), new Date(0).toLocaleString("en", {timeZone: "Asia/Tokyo"}))'^1,5 1/1/1970, 9:00
deno's libraries^0^deno eval 'const l = Deno.dlopen("libc.so.6", {getpid: {parameters: [], result: "i32"}}); console.log(l.symbols.getpid() == Deno.pid)'^true
deno's packages^0^cd /tmp; echo 'import { assert } from "./y.ts"; assert(1 as number); console.log("typed")' >x.ts; echo 'export function assert(a: unknown) { if (!a) throw 1; }' >y.ts; deno run x.ts^typed
.NET in one file^1000^azmcp --version^3\.0\.0
.NET's libraries^0^printf '%s\n' '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-03-26","capabilities":{},"clientInfo":{"name":"x","version":"1"}}}' >/tmp/ask; (cat /tmp/ask; sleep 20) | timeout 25 azmcp server start 2>/tmp/azmcp.log | head -n 1^.*"serverInfo"
pex^1000^printf 'import markupsafe, sys\nprint(markupsafe._speedups.__name__, markupsafe.escape("<"), sys.executable)' >/tmp/x.py; oh-pex /tmp/x.py^markupsafe._speedups &lt; /
shiv^1000^printf 'import markupsafe, markupsafe._speedups, sys\nprint(markupsafe.escape("<"), sys.executable)' >/tmp/y.py; oh-shiv /tmp/y.py^&lt; /openhands/
X
cat >own.json <<'X'
{ "profile": "none",
  "layers": [ { "name": "tools", "python": { "interpreter": "/usr/bin/python3.13", "site-packages": [] },
    "programs": [ "/opt/own/deno", "/opt/own/azmcp" ],
    "copy": [ { "from": "/opt/own/x.pex", "to": "lib/x.pex" }, { "from": "/opt/own/x.pyz", "to": "lib/x.pyz" } ] } ],
  "launchers": [
    { "name": "oh-pex", "program": "python/bin/python3.13", "args": [ "$PREFIX/lib/x.pex" ] },
    { "name": "oh-shiv", "program": "python/bin/python3.13", "args": [ "$PREFIX/lib/x.pyz" ] } ] }
X
opened debian own.json rows
finish
