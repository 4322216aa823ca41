#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Recipes are told of in three places: the program, the manual page and the schema for editors.
. "$(dirname "$0")/../lib.sh"

schema=$top/layout/recipes/recipe.schema.json

t "the program and the schema know the same members"
sed -nE 's/^\t\{ "([^"]+)", [a-z_]+, .*/\1/p' "$top"/layout/recipe*.c | sort -u >known
"$PYTHON" - "$schema" >written <<'EOF'
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

t "its example is a recipe"
sed -n '/^\.Sh EXAMPLES/,/^\.Ed/p' "$top/cmd/ohcompose-recipe.5" | sed '/^\./d' >recipe.json
mkdir root
run "$OHC" pack --root root recipe.json oci:out:1
expect_message 4 "recipe 'recipe.json': line [0-9]+, column [0-9]+: there is no 'root/usr/lib/chromium'"

t "and so is it by the schema"
if ! "$PYTHON" -c 'import jsonschema' 2>/dev/null; then
	skip "no jsonschema for Python"
else
	expect "$PYTHON" -c 'import json, sys, jsonschema
jsonschema.validate(json.load(open(sys.argv[1])), json.load(open(sys.argv[2])))' recipe.json "$schema"
fi

t "the recipes of the source tree are recipes, too"
for recipe in "$top"/layout/recipes/*/recipe.json; do
	run "$OHC" pack --root root "$recipe" oci:out:1
	expect_message 4 "line [0-9]+, column [0-9]+: there is no 'root/"
	[ "$status" = 4 ] && "$PYTHON" -c 'import jsonschema' 2>/dev/null || continue
	expect "$PYTHON" -c 'import json, sys, jsonschema
jsonschema.validate(json.load(open(sys.argv[1])), json.load(open(sys.argv[2])))' "$recipe" "$schema"
	# What is pinned has a hash, and one version.
	pinned=$(dirname "$recipe")/requirements.txt
	expect_eq "$(grep -c '==' "$pinned")" "$(grep -cE '^[a-z0-9.-]+==[^ ]+ \\$' "$pinned")"
	expect_eq "$(sed -n 's/==.*//p' "$pinned" | uniq -d)" ''
	expect_true bash -n "$(dirname "$recipe")/input"
done

finish
