#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Commands that README.md and docs/ show in blocks of ```sh work as they stand there, without an account and without
# the internet: the blocks of a paper are run one after another in one directory, by bash.
#
# In place of Docker Hub there is a registry here, as its mirror; registry.example.com is that registry, too.
. "$(dirname "$0")/../lib.sh"

start_registry
for name in alpine:3.20 debian:12 ubuntu:22.04 python:3.13; do
	load_base "library/$name" --config "{\"Env\": [\"BASE=$name\"], \"Cmd\": [\"/bin/sh\"]}" >/dev/null
done
export HOME=$tmp/home
mkdir -p "$HOME/.config/containers" bin
export XDG_CONFIG_HOME=$HOME/.config
cat >"$HOME/.config/containers/registries.conf" <<E2
[[registry]]
location = "docker.io"
[[registry.mirror]]
location = "$REGISTRY"
insecure = true
E2
ln -s "$OHC" bin/ohcompose
export PATH=$tmp/bin:$PATH OHCOMPOSE=$OHC PYTHONPATH=$top/python

# blocks PAPER: what is in its blocks, each but the first after a line "#### LINE"
blocks()
{
	awk '/^```sh$/ { on = 1; print "#### " NR + 1; next } /^```$/ { on = 0 } on' "$1" |
		sed "s|registry\\.example\\.com|$REGISTRY|g"
}

for paper in README.md $(cd "$top" && grep -l '^```sh$' docs/*.md); do
	blocks "$top/$paper" >text
	dir=$tmp/$(basename "$paper" .md)
	mkdir "$dir"
	n=0
	while read -r line; do
		t "$paper:$line"
		sed -n "/^#### $line\$/,/^#### /{/^####/!p}" text >block
		n=$((n + 1))
		run env -C "$dir" bash -eu -o pipefail "$tmp/block"
		expect_status 0
	done < <(sed -n 's/^#### //p' text)
	[ $n -gt 0 ] || {
		t "$paper shows something"
		fail "there is no block of \`\`\`sh in it"
	}
done

t "the picture of a bake is drawn from what happened"
printf '{"images": [{"base": "%s/library/alpine:3.20", "dest": "%s/drawn/a:1"}, {"base": "%s/library/debian:12",
	"dest": "%s/drawn/b:1"}]}' "$REGISTRY" "$REGISTRY" "$REGISTRY" "$REGISTRY" >list.json
small_payload drawn
run py "$top/tests/draw_bake.py" list.json drawn here
expect_status 0
echo "$out" >drawn.svg
# bars FILE: of images, of payloads, and the first number of its heading
bars()
{
	py -c 'import sys, xml.etree.ElementTree as x
t = x.parse(sys.argv[1])
bars = [r.get("class") for r in t.iter("{http://www.w3.org/2000/svg}rect")]
head = next(t.iter("{http://www.w3.org/2000/svg}text")).text
print(bars.count("image"), bars.count("payload"), head.split()[2])' "$1"
}
expect_eq "$(bars drawn.svg)" "2 1 2"
read -r made payloads said < <(bars "$top/docs/bake.svg")
expect_eq "$made $payloads" "$said 1" "docs/bake.svg"
finish
