#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Recipes are told of in three places: the program, the manual page and the schema for editors.
. "$(dirname "$0")/../lib.sh"

schema=$top/layout/recipes/recipe.schema.json

t "the program and the schema know the same members"
sed -nE 's/^\t\{ "([^"]+)", [a-z_]+, .*/\1/p' "$top"/layout/recipes/*.c "$top"/layout/components/*.c | sort -u >known
py - "$schema" >written <<'EOF'
import json, sys

def names(o):
    if isinstance(o, dict):
        for k, v in o.items():
            if k == "properties":
                yield from v
            yield from names(v)
    elif isinstance(o, list):
        for v in o:
            yield from names(v)

print("\n".join(sorted(set(names(json.load(open(sys.argv[1])))))))
EOF
expect_true test -s known
expect_eq "$(LC_ALL=C sort known)" "$(LC_ALL=C sort written)" members

t "the manual page tells of them"
for member in $(cat written); do
	grep -qE "(^\.It Cm|^\.Cm) $member( |\$)|\\\$schema" "$top/cmd/ohcompose-recipe.5" ||
		[ "$member" = '$schema' ] || fail "there is nothing of '$member'"
done

t "so does 'help recipe', and its example is a recipe, too"
"$OHC" help recipe >help
for member in $(cat written); do
	grep -qE "(^  $member |\"$member\")" help || [ "$member" = '$schema' ] || fail "there is nothing of '$member'"
done
sed -n '/^An example:/,$p' help | sed 1d >example.json
mkdir other
run "$OHC" pack --root other example.json oci:out:1
expect_err "recipe 'example.json': line [0-9]+, column [0-9]+: there is no 'other/usr/bin/tmux'"
expect_message 4 "there is no '\./src' \(one of 3 faults\)"

t "its example is a recipe"
sed -n '/^\.Sh EXAMPLES/,/^\.Ed/p' "$top/cmd/ohcompose-recipe.5" | sed '/^\./d' >recipe.json
mkdir root
run "$OHC" pack --root root recipe.json oci:out:1
expect_err "recipe 'recipe.json': line [0-9]+, column [0-9]+: there is no 'root/usr/lib/chromium'"
expect_message 4 "there is no '\./src' \(one of [0-9]+ faults\)"

t "and so is it by the schema"
if ! "$PYTHON" -c 'import jsonschema' 2>/dev/null; then
	skip "no jsonschema for Python"
else
	expect "$PYTHON" -c 'import json, sys, jsonschema
jsonschema.validate(json.load(open(sys.argv[1])), json.load(open(sys.argv[2])))' recipe.json "$schema"
fi

mkdir -p dir
touch dir/file
echo x >dir/text

# layer MEMBERS: a recipe of one layer with them
layer()
{
	echo "{ \"layers\": [ { \"name\": \"x\", $1 } ] }"
}

# other MEMBERS: a recipe that is good but for them
other()
{
	echo "{ \"layers\": [ { \"name\": \"x\", \"copy\": [ { \"from\": \"dir\" } ] } ], $1 }"
}

# judge good|bad: the recipe on standard input, by the program; ./judged is for the schema
judge()
{
	cat >judged.json
	run "$OHC" pack --dry-run --progress none judged.json oci:out:1
	if [ "$1" = good ]; then
		expect_status 0
	else
		expect_message 3 "recipe 'judged.json'(: | is not valid JSON: )line [0-9]+, column [0-9]+: "
	fi
	{ printf '%s ' "$1" && tr '\n' ' ' <judged.json && echo; } >>judged
}

t "what one takes the other does"
while read -r members; do
	layer "$members" | judge good
done <<'EOF'
"copy": [ { "from": "dir", "exclude": [ "*.o", "/a/**", "b\\\\", "..." ], "mode": "0640" } ]
"copy": [ { "from": "dir", "to": "./a/.b/..c", "dereference": true } ], "programs": [], "fonts": false
"copy": [ { "from": "dir", "mode": "755" } ], "certificates": false, "locale": false
EOF
while read -r members; do
	other "$members" | judge good
done <<'EOF'
"$schema": "x", "prefix": "/a/.b/..c", "owner": "0:0", "profile": "none", "closure": false
"env": { "A": "$A:x", "B": "" }, "launchers": [], "root": "dir"
"launchers": [ { "name": "x", "program": "/acp-node/bin/gemini", "args": [ "--acp" ] } ]
EOF

t "what one refuses the other does"
while read -r members; do
	layer "$members" | judge bad
done <<'EOF'
"copy": []
"certificates": false, "locale": false, "fonts": false, "copy": [], "programs": []
"certificates": null
"copy": [ { "to": "x" } ]
"copy": [ "dir" ]
"copy": [ { "from": "" } ]
"copy": [ { "from": "dir", "to": "/x" } ]
"copy": [ { "from": "dir", "to": "a/../../x" } ]
"copy": [ { "from": "dir", "mode": "4755" } ]
"copy": [ { "from": "dir", "mode": "000" } ]
"copy": [ { "from": "dir", "mode": 644 } ]
"copy": [ { "from": "dir", "exclude": [ "" ] } ]
"copy": [ { "from": "dir", "exclude": [ "./x" ] } ]
"copy": [ { "from": "dir", "exclude": [ "x/.." ] } ]
"copy": [ { "from": "dir", "exclude": [ "x\\" ] } ]
"copy": [ { "from": "dir", "dereference": null } ]
"programs": [ { "from": "dir/file", "dlopen": "x" } ]
"python": "dir/file"
"python": { "interpreter": "dir/file", "venv": "" }
"python": { "interpreter": "dir/file", "bytecode": "some" }
"browser": { "from": "dir", "as": "a/b" }
"fonts": { "from": "dir" }
EOF
while read -r members; do
	other "$members" | judge bad
done <<'EOF'
"prefix": "/"
"prefix": "/a/../b"
"prefix": "a"
"prefix": "/a/"
"owner": "root"
"owner": "1:2:3"
"env": { "": "x" }
"env": { "A=B": "x" }
"env": { "A": 1 }
"closure": 1
"launchers": null
"launchers": [ { "name": "x" } ]
"launchers": [ { "name": "x", "program": "" } ]
"launchers": [ { "name": "x", "program": "/" } ]
"launchers": [ { "name": "x", "program": "/a/../b" } ]
"launchers": [ { "name": "x", "program": "/a//b" } ]
"launchers": [ { "name": "x", "program": "/a/b/" } ]
"launchers": [ { "name": "*", "program": "text" } ]
"launchers": [ { "name": "..", "program": "text" } ]
"launchers": [ { "name": "x", "program": "text", "env": { "LD_PRELOAD": "x" } } ]
EOF
for name in libraries launchers 'a b' ''; do
	echo "{ \"layers\": [ { \"name\": \"$name\", \"copy\": [ { \"from\": \"dir\" } ] } ] }" | judge bad
done

t "the schema judges each of these as the program does"
expect_eq "$(wc -l <judged)" 52 "recipes"
if ! "$PYTHON" -c 'import jsonschema' 2>/dev/null; then
	skip "no jsonschema for Python"
else
	expect "$PYTHON" -c 'import json, sys, jsonschema
schema, wrong = json.load(open(sys.argv[1])), []
for line in open("judged"):
    should, recipe = line.split(" ", 1)
    try:
        jsonschema.validate(json.loads(recipe), schema)
        judged = "good"
    except jsonschema.ValidationError:
        judged = "bad"
    wrong += [line] if judged != should else []
sys.exit("the schema says otherwise: " + "".join(wrong) if wrong else 0)' "$schema"
fi

t "what only the program sees has its place, too"
while read -r column members; do
	other "$members" >judged.json
	run "$OHC" pack --dry-run --progress none judged.json oci:out:1
	[ "$status" = 3 ] || [ "$status" = 4 ] || fail "$members"
	expect_err "recipe 'judged.json': line 1, column $column: "
done <<'EOF'
65 "profile": "none-such"
65 "profile": "none/such.json"
65 "root": "none-such"
65 "owner": "99999999999:1"
74 "env": { "A": "${B" }
80 "launchers": [ { "name": "x", "program": "none-such" } ]
80 "launchers": [ { "name": "x", "program": "text" } ]
80 "launchers": [ { "name": "x", "program": "." } ]
80 "launchers": [ { "name": "x", "program": "bin/x" } ]
EOF

t "a profile's file lies beside the recipe, and its name is not in the image"
mkdir -p beside
echo '{ "name": "mine", "prefix": "/mine" }' >beside/profile.json
echo '{ "profile": "./profile.json", "layers": [ { "name": "x", "copy": [ { "from": "../dir" } ] } ] }' \
	>beside/recipe.json
run "$OHC" pack beside/recipe.json oci:mine:1
expect_status 0
expect_err "the image does not tell of the profile: it is a file"
expect_true grep -q '"io.ohcompose.payload.prefix":"/mine"' < <(image config oci:mine:1)
expect_false grep -q 'payload.profile"' < <(image config oci:mine:1)

finish
