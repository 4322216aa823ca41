#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Layouts and archives that somebody else made: what they say is looked at before it is used.
. "$(dirname "$0")/../lib.sh"

# name LAYOUT NAME...: lists the layout's first image under these names instead of its own
name()
{
	py - "$@" <<-'END'
	import json, sys
	path = sys.argv[1] + "/index.json"
	with open(path) as f:
	    index = json.load(f)
	first = index["manifests"][0]
	index["manifests"] = [
	    {**first, "annotations": {"org.opencontainers.image.ref.name": n}} for n in sys.argv[2:]
	]
	with open(path, "w") as f:
	    json.dump(index, f)
	END
}

mkdir tree
seq 1000 >tree/text
make_layout l:x --layer tree >/dev/null
digest=$(image digest oci:l:x)

t "names that are none are neither shown nor used"
cp -r l odd
name odd good $'\e[31mred' $'two\nlines' '../../../victim/app/manifests/prod' 'x?y=1' $'\xc2\x9b2J' ''
run "$OHC" inspect --tags oci:odd
expect_status 0
expect_out_is good
expect_err 'left out, as it is no name of an image: .\\x1b\[31mred'
expect_err 'left out, .*two\\nlines'
expect_err 'left out, .*\.\./\.\./\.\./victim'
expect_no_err $'\e'
run "$OHC" inspect --tags --json oci:odd
expect_eq "$(json j)" '["good"]'
run "$OHC" copy --all-tags oci:odd oci:copied
expect_message 3 "has an image whose name is malformed: '.*'"
expect_not test -e copied
tar cf odd.tar -C odd .
run "$OHC" copy --all-tags oci-archive:odd.tar oci:copied
expect_message 3 "has an image whose name is malformed"
run "$OHC" copy oci:odd:nosuch oci:copied
expect_message 4 "has no tag 'nosuch'"
expect_no_err $'\e'

t "nor those of a docker archive"
expect "$OHC" copy -q oci:l:x docker-archive:odd-d.tar:r/s:good
mkdir d
tar xf odd-d.tar -C d
for bad in r/s:a?b=1 ../../victim/app:prod $'r/s:\e[31m' ''; do
	py -c 'import json, sys
j = json.load(open("d/manifest.json"))
j[0]["RepoTags"] = ["r/s:good", sys.argv[1]]
json.dump(j, open("d/manifest.json", "w"))' "$bad"
	tar cf odd-d.tar -C d .
	run "$OHC" inspect --tags docker-archive:odd-d.tar
	expect_status 0
	expect_out_is good
	expect_err "left out, as it is no name of an image: '"
	expect_no_err $'\e'
	run "$OHC" copy --all-tags docker-archive:odd-d.tar oci:copied
	expect_message 3 "has an image whose name is malformed: '"
	expect_not test -e copied
	expect "$OHC" copy docker-archive:odd-d.tar:r/s:good oci:out-d
	expect "$OHC" copy --all-tags docker-archive:odd-d.tar:r/s oci:out-d
done

t "names with a colon, as podman writes them"
cp -r l named
name named localhost/app:1.0 h.io:5000/a/b:2 v1
for n in localhost/app:1.0 h.io:5000/a/b:2 v1; do
	run "$OHC" copy "oci:named:$n" "oci:out:$n"
	expect_out_is "oci:out:$n@$digest"
	run "$OHC" copy "oci:out:$n" "oci-archive:$(tr -c 'a-z0-9\n' _ <<<"$n").tar:$n"
	expect_status 0
done
run "$OHC" inspect --json oci-archive:localhost_app_1_0.tar:localhost/app:1.0
expect_eq "$(json 'j["digest"]')" "$digest" digest
expect "$OHC" copy --all-tags oci:named oci:all
run "$OHC" inspect --tags oci:all
expect_out_is $'h.io:5000/a/b:2\nlocalhost/app:1.0\nv1'
expect_eq "$(tar xOf localhost_app_1_0.tar index.json | grep -o '"localhost/app:1.0"')" '"localhost/app:1.0"'
run "$OHC" copy --all-tags oci:named docker-archive:d.tar:r/s
expect_message 2 "has an image 'h.io:5000/a/b:2', which is no tag for 'docker-archive:d.tar:r/s'"
expect_not test -e d.tar
run "$OHC" copy oci:named:../x oci:out
expect_message 2 "malformed name of an image '../x'"

t "directories with a colon"
cp -r named a:b
for n in localhost/app:1.0 v1; do
	run "$OHC" inspect --json "oci:a:b:$n"
	expect_eq "$(json 'j["digest"]')" "$digest" "digest of $n"
done
run "$OHC" copy oci:named:v1 "oci:$PWD/a:b/new:h.io/x:1"
expect_out_is "oci:$PWD/a:b/new:h.io/x:1@$digest"
expect test -e a:b/new/oci-layout

t "a path that is no UTF-8 is escaped"
mkdir bytes
touch "bytes/$(printf 'a\377b')"
make_layout bytes.l:x --layer bytes >/dev/null
run "$OHC" inspect --tree oci:bytes.l:x
expect_status 0
expect_out '/a\\xffb$'

t "every text of a document is escaped"
make_layout esc:x --layer tree --config '{"User": "\u001b[1m", "WorkingDir": "/\u009b2J", "Env": ["A=\u202eb"],
	"Entrypoint": ["\u001b"], "Cmd": ["\u0085"], "Labels": {"\u001b": "\u0007"}, "StopSignal": "\u001b",
	"ExposedPorts": {"\u001b/tcp": {}}, "Volumes": {"/\u001b": {}}}' \
	--config-top '{"author": "\u001b", "created": "\u001b", "variant": "\u001b",
	"history": [{"created_by": "\u001b\n", "comment": "\u001b"}]}' \
	--manifest '{"artifactType": "a/\u001b", "annotations": {"\u001b": "\u001b",
	"org.opencontainers.image.base.name": "\u001b", "org.opencontainers.image.base.digest": "\u001b"}}' >/dev/null
for mode in '' --json --layers --tree --tags; do
	run "$OHC" inspect $mode oci:esc:x
	expect_status 0
	expect_no_out $'[\e\a\x7f]'
	if LC_ALL=C grep -q $'\xc2[\x80-\x9f]\|\xe2\x80[\xaa-\xae]' <<<"$out"; then
		fail "inspect $mode prints what a terminal obeys"
	fi
done
run "$OHC" inspect --json oci:esc:x
expect_eq "$(json '[j["config"]["workdir"], j["config"]["env"], j["config"]["cmd"]]' | od -An -tx1 | tr -d ' \n')" \
	"$(printf '["/\xc2\x9b2J", ["A=\xe2\x80\xaeb"], ["\xc2\x85"]]\n' | od -An -tx1 | tr -d ' \n')"
run "$OHC" verify oci:esc:x
expect_status 3
expect_no_out $'\e'
expect_no_err $'\e'
for mode in --raw --config; do
	script=$(printf '%q ' "$OHC" inspect $mode oci:esc:x)
	run py -c 'import pty, sys; sys.exit(pty.spawn(["sh", "-c", sys.argv[1]]) >> 8)' "$script"
	expect_status 0
	expect_no_out $'[\e\a\x7f]'
done

t "a media type goes into headers"
make_layout media:x --layer tree --manifest '{"subject": {"mediaType": "a/b\u001b"}}' >/dev/null
py - <<'END'
import json
with open("media/index.json") as f:
    index = json.load(f)
index["manifests"][0]["mediaType"] = "a/b\x1b"
with open("media/index.json", "w") as f:
    json.dump(index, f)
END
run "$OHC" copy oci:media:x oci:out:x
expect_message 3 'malformed media type'

t "an index that we could not read again is not written"
make_layout full:t0 --layer tree >/dev/null
py - 24998 <<'END'
import json, sys
with open("full/index.json") as f:
    index = json.load(f)
first = index["manifests"][0]
index["manifests"] = [{**first, "annotations": {"org.opencontainers.image.ref.name": "t%d" % i}}
    for i in range(int(sys.argv[1]))]
with open("full/index.json", "w") as f:
    json.dump(index, f)
END
expect "$OHC" copy oci:l:x oci:full:last
before=$(sha256sum <full/index.json)
make_layout other:x --layer l >/dev/null
files=$(find full -type f | wc -l)
run "$OHC" copy oci:other:x oci:full:more
expect_message 1 'index.json. would have more than 150000 JSON values, and could not be read again'
expect_eq "$(sha256sum <full/index.json)" "$before" index.json
expect_eq "$(find full -type f | wc -l)" "$files" "number of files"
run "$OHC" inspect --tags oci:full
expect_status 0
expect_out '^last$'
expect "$OHC" copy oci:full:last oci:full:t7
run "$OHC" push --profile none --expose 1-65535 oci:l:x oci:ports:some
expect_status 0
run "$OHC" push --profile none --expose 1-65535 --expose 1-65535/udp oci:l:x oci:ports:all
expect_message 1 "image's config would have more than 150000 JSON values"
run "$OHC" inspect --tags oci:ports
expect_out_is some

t "gc stops at an image that it cannot parse"
for text in '"{\"a\":1,\"a\":1}"' '"[\"\\u0000\"]"' '"123456789012345678901234567890"' 'str([0] * 150001)'; do
	rm -rf g
	cp -r l g
	py - "$text" <<-'END'
	import hashlib, json, sys
	with open("g/index.json") as f:
	    index = json.load(f)
	name = "g/blobs/sha256/" + index["manifests"][0]["digest"][7:]
	with open(name) as f:
	    text = f.read().rstrip()[:-1] + ',"x":' + eval(sys.argv[1]) + "}"
	digest = hashlib.sha256(text.encode()).hexdigest()
	with open("g/blobs/sha256/" + digest, "w") as f:
	    f.write(text)
	index["manifests"] = [{**index["manifests"][0], "digest": "sha256:" + digest, "size": len(text)}]
	with open("g/index.json", "w") as f:
	    json.dump(index, f)
	END
	files=$(find g -type f | sort)
	run "$OHC" gc oci:g
	expect_message 3 'what it refers to is not known: nothing was removed'
	expect_eq "$(find g -type f | sort)" "$files" files
done

t "gc knows what it does not know: other spellings, new members, and blobs that others share"
for change in s/layers/Layers/ s/digest/Digest/ s/layers/parts/; do
	rm -rf g
	cp -r l g
	old=$(sed -n 's/.*"sha256:\([0-9a-f]*\)".*/\1/p' g/index.json)
	sed "$change" g/blobs/sha256/$old >changed
	new=$(sha256sum changed | cut -d' ' -f1)
	rm g/blobs/sha256/$old
	mv changed g/blobs/sha256/$new
	sed -i "s/$old/$new/" g/index.json
	files=$(find g -type f | sort)
	run "$OHC" gc oci:g
	expect_eq "$(find g -type f | sort)" "$files" "files after $change"
	[[ $change == *parts* ]] && continue
	run "$OHC" copy oci:g oci:half
	expect_message 3 "has '(Layers|Digest)', which some tools take for '(layers|digest)'"
	expect_not test -e half
done
rm -rf g
cp -r l g
sed -i s/manifests/Manifests/ g/index.json
run "$OHC" gc oci:g
expect_message 3 "index.json' has 'Manifests', which some tools take for 'manifests'"
expect_eq "$(find g -type f | wc -l)" 5 files
rm -rf g shared
cp -r l g
mv g/blobs shared
echo other >shared/sha256/$(echo other | sha256sum | cut -d' ' -f1)
ln -s ../shared g/blobs
files=$(find g shared -type f | sort)
run "$OHC" gc oci:g
expect_message 1 "'g/blobs' is a symbolic link, .*: nothing was removed"
expect_eq "$(find g shared -type f | sort)" "$files" files

t "a place whose name is not UTF-8"
bytes=$(printf 'p\xff')
run "$OHC" copy oci:l:x "oci:$bytes:x"
expect_out_is "oci:$bytes:x@$digest"
run "$OHC" copy --json oci:l:x "oci:$bytes:y"
expect_status 0
expect_eq "$(json 'j["name"]')" 'oci:p\xff:y' name
run "$OHC" inspect --json "oci:$bytes:x"
expect_eq "$(json 'j["name"]')" 'oci:p\xff:x' name
run "$OHC" push --profile none --json oci:l:x "oci:$bytes:z"
expect_status 0
expect_eq "$(json 'j["name"]')" 'oci:p\xff:z' name
run "$OHC" verify --json "oci:$bytes:x"
expect_eq "$(json 'j["findings"]')" '[]'
run "$OHC" gc --json "oci:$bytes"
expect_status 0

finish
