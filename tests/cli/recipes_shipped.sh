#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The recipes of layout/recipes, as far as they can be seen without their inputs: form, pins, profiles, papers.
. "$(dirname "$0")/../lib.sh"

recipes=$top/layout/recipes
mkdir root

for dir in "$recipes"/*/; do
	name=$(basename "$dir")
	t "$name: a recipe, of which only the input is missing"
	run "$OHC" pack --dry-run --root root "$dir/recipe.json" oci:out:1
	expect_message 4 "line [0-9]+, column [0-9]+: there is no 'root/"
	expect_no_err 'is not|is unknown|has no|is missing'
	if "$PYTHON" -c 'import jsonschema' 2>/dev/null; then
		expect "$PYTHON" -c 'import json, sys, jsonschema
jsonschema.validate(json.load(open(sys.argv[1])), json.load(open(sys.argv[2])))' \
			"$dir/recipe.json" "$recipes/recipe.schema.json"
	fi

	t "$name: a script makes the input, and a page tells of it"
	expect_true test -x "$dir/input"
	expect_true bash -n "$dir/input"
	run env ARCH=riscv64 "$dir/input" out
	expect_status 1
	expect_err "input: no wheels are pinned for riscv64"
	expect_true grep -q "^# $name\$" "$dir/README.md"
	expect_true grep -q "^| \`$name\` |" "$recipes/README.md"

	pinned=$dir/requirements.txt
	if [ -e "$pinned" ]; then
		t "$name: every package of PyPI is pinned by hash, and once"
		expect_eq "$(grep -c '==' "$pinned")" "$(grep -cE '^[a-z0-9.-]+==[^ ]+ \\$' "$pinned")"
		expect_eq "$(sed -n 's/==.*//p' "$pinned" | uniq -d)" ''
	fi

	[ -e "$dir/profile.json" ] || continue
	t "$name: its profile"
	make_layout base:1 >/dev/null
	mkdir -p payload/bin
	echo x >payload/x
	run "$OHC" push -q --no-check --profile "$dir/profile.json" --payload payload oci:base:1 oci:image:1
	expect_status 0
	expect_eq "$(py -c 'import json, sys
r, p = (json.load(open(f)) for f in sys.argv[1:])
a = p["account"]
print(r["prefix"] == p["prefix"], r["owner"] == "%d:%d" % (a["uid"], a["gid"]), p["name"])' \
		"$dir/recipe.json" "$dir/profile.json")" "True True $name" "prefix, owner and name"
done

t "what is npm's is pinned by hash, for both architectures, at no particular registry"
cat >pins.py <<'END'
import json, pathlib, sys

for lock in sorted(pathlib.Path(sys.argv[1]).glob("**/package-lock.json")):
    packages = json.load(open(lock))["packages"]
    wanted = json.load(open(lock.parent / "package.json"))
    pins = {**wanted.get("dependencies", {}), **wanted.get("optionalDependencies", {})}
    for name, version in pins.items():
        assert packages["node_modules/" + name]["version"] == version, (lock, name)
    for path, package in packages.items():
        assert not path or package.get("inBundle") or package["integrity"].startswith("sha512-"), (lock, path)
        assert "resolved" not in package, (lock, path)
    natives = {path for path in packages if "linux" in path.rpartition("/")[2] and "x64" in path}
    for path in natives:
        assert path.replace("x64-baseline", "x64").replace("x64", "arm64") in packages, (lock, path)
END
run py pins.py "$recipes"
expect_status 0

finish
