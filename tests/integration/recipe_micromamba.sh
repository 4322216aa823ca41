#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What stands in for micromamba in layout/recipes/openhands-runtime: V0's own start command works by it.
. "$(dirname "$0")/../lib.sh"

recipe=$top/layout/recipes/openhands-runtime
env=poetry/openhands-ai-py3.13/bin

t "it lies where V0 looks for it, and starts the payload's Python"
mkdir -p "root/env/$env"
printf '#!/bin/sh\necho "$0 $*"\n' >"root/env/$env/python"
chmod 755 "root/env/$env/python"
root=$PWD/root at=/openhands/${env%bin}lib/python3.13
eval "$(grep /opt/tree "$recipe/input")"
py - "$recipe/recipe.json" >recipe.json <<'END'
import json, sys

r = json.load(open(sys.argv[1]))
trees = [dict(c) for l in r["layers"] for c in l.get("copy", []) if c["to"].startswith("micromamba") or not c["to"]]
launchers = [l for l in r["launchers"] if l["name"] == "oh-micromamba"]
print(json.dumps({"prefix": "/openhands", "closure": False, "launchers": launchers, "layers": [
    {"name": "x", "copy": [{"from": "/env", "to": ""}] + trees}]}))
END
cp "$recipe/micromamba.py" .
run "$OHC" pack -q --root root recipe.json oci:out:1
expect_status 0
run "$OHC" unpack oci:out:1 dir
expect_status 0
run dir/micromamba/bin/micromamba run -n openhands poetry run python -V
expect_out_is "$tmp/dir/$env/python -I -S $tmp/dir/micromamba/run.py run -n openhands poetry run python -V"
expect_eq "$(readlink dir/code/openhands)" ../poetry/openhands-ai-py3.13/lib/python3.13/dist-packages/openhands

mkdir -p env/bin
ln -s "$(command -v "$(py -c 'import sys; print(sys.executable)')")" env/bin/python
printf '#!/bin/sh\nprintf "<%%s>" "$PATH" "${SU_TO_USER-unset}" "$@"\nexit 3\n' >env/bin/tool
chmod 755 env/bin/tool

micromamba()
{
	run env "${given[@]}" "$tmp/env/bin/python" -I -S "$recipe/micromamba.py" "$@"
}

# expect_told STATUS TEXT: on standard error
expect_told()
{
	expect_status "$1"
	expect_err "^micromamba: .*$2"
}

user=false
[ "$(id -u)" != 0 ] || user=unset

t "it runs a command of the environment, through poetry or not"
given=(PATH=/usr/bin:/bin)
for words in '-n openhands poetry run' '--name=x' '-p /x --no-capture-output' ''; do
	# shellcheck disable=SC2086
	micromamba run $words tool -n 'a b' ''
	expect_out_is "<$tmp/env/bin:/usr/bin:/bin><$user><-n><a b><>"
	expect_status 3
done

t "PATH has no empty and no double element"
given=("PATH=/bin::$tmp/env/bin:/bin:")
micromamba run -n x tool
expect_out_is "<$tmp/env/bin:/bin><$user>"
given=(-u PATH)
micromamba run -n x tool
expect_out "^<$tmp/env/bin:/usr/local/sbin:.*:/bin>"

t "a shell of another user is asked for where the image says so"
given=(PATH=/bin SU_TO_USER=true)
micromamba run -n x tool
expect_out_is "<$tmp/env/bin:/bin><true>"

t "and root needs none for itself"
given=(PATH=/bin)
micromamba run -n x tool --username root
expect_out_is "<$tmp/env/bin:/bin><false><--username><root>"

t "what it does not do, it says"
micromamba env list
expect_told 2 'only this is known here: run'
micromamba run -n x --cwd / tool
expect_told 2 "'--cwd' is not known here"
micromamba run -n x poetry run
expect_told 2 'no command is given'
micromamba run -n x nothing-of-that-name
expect_told 127 "'nothing-of-that-name' is not there"
chmod 644 env/bin/tool
micromamba run -n x tool
expect_told 126 "'tool' cannot be started: Permission denied"

finish
