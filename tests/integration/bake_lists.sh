#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Lists and options of bake that are wrong: each is told with its place and with what to do, before any request.
. "$(dirname "$0")/../lib.sh"
. "$top/tests/stub/stub.sh"

start_stub
stub_config '{}'
small_payload payload

# refused STATUS PATTERN ARGUMENTS...: by bake, or what $command names, before any request
command=bake
refused()
{
	local status=$1 pattern=$2

	shift 2
	run "$OHC" $command --no-check --payload payload "$@"
	expect_message "$status" "$pattern"
	expect_eq "$(stub_log '"x"' | wc -l)" 0 requests
	stub_config '{}'
}
dest=(--dest "$STUB/out:{base.slug}")

t "a bad name is told by the list, the line and the column"
printf '%s/a:1\n# more\n  Bad Name # no\n' "$STUB" >names
bad="malformed image name 'Bad Name'"
refused 3 "list 'names': line 3, column 3: $bad" --bases names "${dest[@]}"
refused 3 "list '/dev/fd/[0-9]+': line 3, column 3: $bad" --bases <(cat names) "${dest[@]}"
printf 'id,"image"\r\n"\xc3\xa4",Bad Name\r\n' >bad.csv
refused 3 "list 'bad.csv': line 2, column 5: $bad" --bases bad.csv --base-field image "${dest[@]}"
printf '{"image": "a"}\n{"image": "Bad Name"}\n' >bad.jsonl
refused 3 "list 'bad.jsonl': line 2, column 1: $bad" --bases bad.jsonl --base-field image "${dest[@]}"
command=upgrade
refused 3 "list 'names': line 3, column 3: $bad" --list names
printf '%s/a:1\n%s/a@sha256:%064d\n' "$STUB" "$STUB" 0 >digests
refused 3 "list 'digests': line 2, column 1: .* has a digest, which cannot stay" --list digests
command=bake
run_in "$OHC" bake --bases - "${dest[@]}" <names
expect_message 3 "list on standard input: line 3, column 3: $bad"
head -c 100000 /dev/zero | tr '\0' a >long
refused 3 "list 'long': line 1, column 1: malformed image name 'a{300}': .*255 characters" --bases long "${dest[@]}"

t "what is wrong with an image of a JSON is told by its place"
for image in '"Bad Name"' '{"base": "Bad Name"}' '{"base": "a", "dest": "Bad Name"}' '{"base": "a", "dest": "x:{base"}' \
	'{"base": "a", "dest": "x:{image.tag}"}' '{"base": "b", "dest": "one"}'; do
	printf '{"dest": "d:{base.slug}", "images": [{"base": "b", "dest": "one"},\n  %s]}' "$image" >bad.json
	refused 3 "list 'bad.json': line 2, column 3: 'images\[1\]': " bad.json
done
expect_err "'one' is the destination of line 1, column 38: 'images\[0\]', too"

t "what is wrong with --dest is the command line's fault"
seq -f "$STUB/a:%g" 3 >names
refused 2 "^ohcompose: --dest: template '.*': .*, did you mean '\{base.slug\}'" --bases names --dest "$STUB/out:{base.slag}"
refused 2 "list 'names': line 1, column 1: --dest: .*'Out' is no repository" --bases names --dest "$STUB/Out:{base.tag}"
refused 2 "list 'names': line 2, column 1: --dest: '.*' is the destination of line 1, column 1, too" \
	--bases names --dest "$STUB/out:1"
refused 2 "no destination" --bases names

t "a list of another kind is told by what it is"
echo "[\"$STUB/a:1\"]" >array
echo "{\"image\": \"$STUB/a:1\"}" >lines
echo "{\"image\": \"$STUB/a:2\"}" >>lines
refused 3 "is no JSON object: names, a CSV and JSON Lines are given with --bases" names "${dest[@]}"
refused 3 "is JSON Lines, which are given with --bases and --base-field" lines "${dest[@]}"
refused 3 "is a JSON array: JSON Lines" --bases array "${dest[@]}"
refused 2 "is JSON Lines: --base-field says which member" --bases lines "${dest[@]}"
refused 3 "line 1, column 3: no name has a ','" --bases bad.csv "${dest[@]}"
refused 3 "names no image" --bases /dev/null "${dest[@]}"
refused 3 "names no image" /dev/null

finish
