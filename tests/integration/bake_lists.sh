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

t "two images cannot have one name, however it is written, nor one tag"
two()
{
	printf '{"images": [{"base": "a", %s},\n  {"base": "b", %s}]%s}' "$1" "$2" "${3:-}" >two.json
	refused 3 "list 'two.json': line 2, column 3: 'images\[1\]': $4" two.json "${@:5}"
}
two '"dest": "r:1/x"' '"dest": "docker://r:1/x:latest"' '' "'docker://r:1/x:latest' is the destination of line 1, .*images\[0\]', too"
two '"dest": "x"' '"dest": "docker.io/library/x"' '' "'docker.io/library/x' is the destination of"
two '"dest": "r:1/x:1"' '"dest": "r:1/x:2", "tag": "1"' '' "tag '1' is the destination of"
two '"dest": "r:1/x:1", "tag": "2"' '"dest": "r:1/x:2"' '' "'r:1/x:2' is a tag of"
two '"dest": "r:1/x:1", "tag": "3"' '"dest": "r:1/x:2", "tag": ["4", "3"]' '' "tag '3' is a tag of"
two '"dest": "r:1/x:1"' '"dest": "r:1/x:2"' ', "tag": "3"' "tag '3' is a tag of"
two '"dest": "r:1/x:{base.digest}"' '"dest": "r:1/x:{arch}-{base.digest}"' ', "tag": "3"' "tag '3' is a tag of"
two '"dest": "oci:x:1"' '"dest": "oci:x:2"' ', "tag": "3"' "tag '3' is a tag of"

t "no base of the list is a destination: the next run would compose onto what this one made"
two '"dest": "r:1/x"' '"dest": "docker.io/library/b:latest"' '' "'docker.io/library/b:latest' is the base of line 2, .*images\[1\]', .*by its digest"
two '"dest": "r:1/x"' '"dest": "a"' '' "'a' is the base of line 1, .*images\[0\]'"
two '"dest": "r:1/x"' '"dest": "docker.io/library/b:1", "tag": "latest"' '' "tag 'latest' is the base of line 2"
refused 2 "list 'names': line 1, column 1: --dest: '$STUB/a:1' is the base of line 1, column 1, which" \
	--bases names --dest "$STUB/{base.repo}:{base.tag}"

t "... nor in a list with one tag for all"
printf '{"images": [{"base": "%s/a:1", "dest": "r:1/x:1"},\n  {"base": "b", "dest": "r:1/x:2"}]}' "$STUB" >two.json
refused 2 "list 'two.json': line 2, column 3: 'images\[1\]': --tag: tag '3' is a tag of" two.json --tag 3

t "a CSV with other separators, and a tag that is too long as it is written, are told of"
printf 'id;image\n1;%s/a:1\n' "$STUB" >other.csv
refused 3 "list 'other.csv': line 1, column 1: ';' stands between the columns: a ',' is wanted" \
	--bases other.csv --base-field image "${dest[@]}"
printf 'id\timage\n1\t%s/a:1\n' "$STUB" >other.csv
refused 3 "line 1, column 1: a tab stands between" --bases other.csv --base-field image "${dest[@]}"
long_tag=$(printf 'a%.0s' $(seq 129))
printf '{"images": [{"base": "a", "dest": "r:1/x:%s"}]}' "$long_tag" >long.json
refused 3 "list 'long.json': line 1, column 13: 'images\[0\]': .*malformed tag 'a{129}': up to 128" long.json
refused 2 "--dest: .*malformed tag 'a{129}'" --bases names --dest "$STUB/x:$long_tag"

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

t "an option that no image can have is told before any is begun"
while IFS='|' read -r member pattern; do
	printf '{"images": ["%s/a:1",\n  {"base": "%s/a:2", %s}]}' "$STUB" "$STUB" "$member" >bad.json
	run "$OHC" bake --payload payload bad.json "${dest[@]}"
	expect_message 3 "list 'bad.json': line 2, column 3: 'images\[1\]': .*$pattern"
done <<'E2'
"format": "x"|unknown format 'x': auto, oci or docker
"platform": "x"|malformed platform 'x'
"profile": "nosuch"|unknown profile 'nosuch'
"profile": "none"|has no prefix: say where the payload goes
"expose": "x"|--expose: malformed port 'x'
"tag": "a b"|malformed tag 'a b'
"mount": "x"|unknown --mount 'x': prefer or require
"check": "x"|unknown --check 'x': warn or refuse
"check": "warn", "no_check": true|'--check' and '--no-check' cannot be given together
"on_uid_clash": "x"|unknown policy 'x'
"compression": "x"|unknown compression 'x'
"compression_level": 15|no level 15 of gzip
"owner": "x"|owner
"account": "x"|account
"annotation": {"io.ohcompose.composition": "x"}|says itself
"dest": "a:1@sha256:0000000000000000000000000000000000000000000000000000000000000000"|has a digest
"created": "x"|'x'
"mtime": "clamp"|needs SOURCE_DATE_EPOCH
E2
expect_eq "$(stub_log '"x"' | wc -l)" 0 requests
seq -f "$STUB/a:%g" 3 >names
refused 2 "^ohcompose: --expose: malformed port 'x'" --bases names "${dest[@]}" --expose x
refused 2 "'--digest-file'" --bases names "${dest[@]}" --digest-file x

t "an option that no image can have is told by upgrade before any is read"
command=upgrade
for i in 1 2; do
	echo "$STUB/a:$i"
done >images
while IFS='|' read -r arguments pattern; do
	eval "arguments=($arguments)"
	refused 2 "^ohcompose: $pattern" --list images "${arguments[@]}" --report report --journal made
done <<'E2'
--platform x|malformed platform 'x'
--profile nosuch|unknown profile 'nosuch'
--profile none|profile 'none' has no prefix: say where the payload goes
--expose x|--expose: malformed port 'x'
--label x|--label: malformed label 'x'
--env x|--env: variable 'x' has no '='
--workdir x|--workdir: the working directory 'x' is not absolute
--volume x|--volume: the volume 'x' is not absolute
--stop-signal x|--stop-signal: unknown signal 'x'
--tag 'a b'|malformed tag 'a b'
--remove x|--remove 'x': a path of the base is wanted
--created x|malformed time 'x'
--owner x|malformed owner 'x'
--account x|.*account 'x'
--account a:1 --no-account|'--account' and '--no-account' cannot be given together
--check warn --no-check|'--check' and '--no-check' cannot be given together
--annotation x|--annotation 'x': KEY=VALUE is wanted
--annotation io.ohcompose.composition=x|--annotation 'io.ohcompose.composition': .*says itself
--compression gzip --compression-level 15|there is no level 15 of gzip
--payload - --payload -|--payload -: standard input can be read only once
--payload payload:/|.*payload
--sign true|--sign 'true': '\{\}' stands for what is to be signed
--base 'Bad Name'|--base: malformed image name 'Bad Name'
--dest 'x:{base.slag}'|--dest 'x:\{base.slag\}': template .* did you mean '\{base.slug\}'
--dest 'Bad:{base.tag}'|--dest 'Bad:\{base.tag\}': malformed image name 'Bad:any'
--dest scratch|'scratch' is a base, not a destination
--dest x:1@sha256:0000000000000000000000000000000000000000000000000000000000000000|destination 'x:1@sha256:0+' has a digest
--repo 'Bad Name'|--repo: malformed image name 'Bad Name'
--repo x:1|--repo 'x:1': a repository or a layout is wanted, without a tag
E2
expect_eq "$(ls report made 2>/dev/null || true)" ''
command=bake

t "files of payloads and profiles that are not there are told once, with the place that names them"
for command in bake upgrade; do
	list=(--bases names "${dest[@]}")
	[ $command = bake ] || list=(--list images)
	refused 4 "^ohcompose: cannot open the payload 'none': No such file" "${list[@]}" --payload none
	refused 4 "^ohcompose: cannot open the payload 'none.tar': No such file" "${list[@]}" --payload none.tar:/opt
	refused 4 "^ohcompose: cannot open the payload 'oci:none:1': No such file" "${list[@]}" --payload oci:none:1
	refused 4 "^ohcompose: cannot open the payload 'oci-archive:none': No such file" "${list[@]}" --payload oci-archive:none
	refused 2 "^ohcompose: the payload '/dev/null' is neither a directory nor a tar" "${list[@]}" --payload /dev/null
	refused 4 "^ohcompose: .*'./none.json': No such file" "${list[@]}" --profile ./none.json
	for option in authfile src-authfile dest-authfile ca-file cert; do
		refused 4 "^ohcompose: --$option: cannot open 'none': No such file" "${list[@]}" "--$option" none
	done
	refused 4 "^ohcompose: --key: cannot open 'none': No such file" "${list[@]}" --cert names --key none
done
command=bake
while IFS='|' read -r member pattern; do
	printf '{"images": ["%s/a:1",\n  {"base": "%s/a:2", %s}]}' "$STUB" "$STUB" "$member" >bad.json
	refused 4 "^ohcompose: list 'bad.json': line 2, column 3: 'images\[1\]': .*$pattern" bad.json "${dest[@]}"
done <<'E2'
"payload": "none"|cannot open the payload 'none': No such file
"payload": ["payload", "none"]|cannot open the payload 'none': No such file
"payload": "oci:none"|cannot open the payload 'oci:none': No such file
"profile": "./none.json"|'./none.json': No such file
E2
printf '{"payload": "none",\n "images": ["%s/a:1"]}' "$STUB" >bad.json
run "$OHC" bake bad.json "${dest[@]}"
expect_message 4 "^ohcompose: list 'bad.json': line 2, .*cannot open the payload 'none': No such file"

t "what a payload image's label may decide does not hide what is wrong with other options"
for command in bake push; do
	stub_config '{}'
	what=(--bases names "${dest[@]}")
	[ $command = bake ] || what=("$STUB/a:1" "$STUB/out:1")
	run "$OHC" $command --payload "$STUB/packed:1" "${what[@]}" --expose x
	expect_message 2 "^ohcompose: --expose: malformed port 'x'"
	run "$OHC" $command --payload "$STUB/packed:1" "${what[@]}" --account x
	expect_message 2 "account"
	expect_eq "$(stub_log '"x"' | wc -l)" 0 requests
done
command=bake

t "attach looks at its annotations and at its file before any request"
for arguments in '--annotation x' '--annotation =x'; do
	run "$OHC" attach --type text/plain $arguments "$STUB/a:1" names
	expect_message 2 "is no annotation: it is KEY=VALUE"
done
run "$OHC" attach --type text/plain "$STUB/a:1" payload
expect_message 1 "cannot read 'payload': Is a directory"
expect_eq "$(stub_log '"x"' | wc -l)" 0 requests

t "files that cannot be written, or are one, are told before any request, by upgrade too"
cp names keep
mkdir dir
ln -s keep link
echo "no journal" >foreign
echo '{"journal":"ohcompose bake","version":2}' >newer
for command in bake upgrade; do
	list=(--bases keep "${dest[@]}")
	[ $command = bake ] || list=(--list keep)
	refused 1 "--report: cannot open 'dir': Is a directory" "${list[@]}" --report dir
	refused 4 "--report: cannot open 'none/r'" "${list[@]}" --report none/r
	refused 4 "--report: cannot open ''" "${list[@]}" --report ''
	refused 1 "the page of --html: .*'dir': Is a directory" "${list[@]}" --html dir
	refused 4 "the page of --html: .*'none/h'" "${list[@]}" --html none/h
	refused 4 "the page of --html: .*''" "${list[@]}" --html ''
	refused 1 "cannot open journal 'dir'" "${list[@]}" --journal dir
	refused 4 "cannot open journal 'none/j'" "${list[@]}" --journal none/j
	refused 2 "journal '/dev/null' is not a regular file" "${list[@]}" --journal /dev/null
	refused 2 "--journal '-': a file is wanted" "${list[@]}" --journal -
	refused 3 "'foreign' is no journal of a bake: name a new file" "${list[@]}" --journal foreign
	refused 3 "'newer' was written by another version of ohcompose: name a new file" "${list[@]}" --journal newer
	refused 2 "--report './keep' is the list itself" "${list[@]}" --report ./keep
	refused 2 "--html 'link' is the list itself" "${list[@]}" --html link
	refused 2 "--journal 'keep' is the list itself" "${list[@]}" --journal keep
	refused 2 "--report './new' is the file of --journal, too" "${list[@]}" --journal new --report ./new
	refused 2 "--html 'dir/../new' is the file of --report, too" "${list[@]}" --html dir/../new --report new
	refused 2 "--report and --html cannot both be standard output" "${list[@]}" --report - --html -
done
command=bake
expect_true cmp names keep
echo old >report
refused 2 "is the destination of" --bases names --dest "$STUB/out:1" --report report --journal made
expect_eq "$(cat report)" old
expect_false test -e made

t "a dry run writes none of its files, and may look at a journal that another bake has"
make_busybox_base base:1 >/dev/null
for i in 1 2 3; do
	put_layout base:1 "$STUB/a:$i"
done
run "$OHC" bake --dry-run --no-check --payload payload --bases names "${dest[@]}" --journal j --report r --html h
expect_status 0
expect_eq "$(ls j r h 2>/dev/null || true)" ''
run "$OHC" bake --no-check --payload payload --bases names "${dest[@]}" --journal j
expect_status 0
exec 7<j
flock 7
run "$OHC" bake --no-check --payload payload --bases names "${dest[@]}" --journal j
expect_message 1 "another bake is using the journal 'j'"
(
	sleep 0.3
	flock -u 7
) &
run "$OHC" bake --no-check --payload payload --bases names "${dest[@]}" --journal j
expect_status 0 # one that was killed a moment ago
wait $!
flock 7
run "$OHC" bake --json --dry-run --no-check --payload payload --bases names "${dest[@]}" --journal j
expect_status 0
expect_eq "$(json 'j["noted"]')" 3
exec 7<&-

t "names on standard input that end within a line are told of: the last one may be another image's"
cut='list on standard input ends without a line break: its last line may be cut short'
for list in 'bake|--bases|-' 'bake|--bases|-|--base-field|image' 'upgrade|--list|-'; do
	IFS='|' read -ra words <<<"$list"
	[[ $list != *field* ]] || set -- image
	run_in "$OHC" "${words[0]}" --dry-run --profile none "${words[@]:1}" --dest "$STUB/cut:{base.tag}" \
		< <(printf '%s\n' "$@"; printf '%s/a:1\n%s/a:2' "$STUB" "$STUB")
	expect_err "$cut"
	run_in "$OHC" "${words[0]}" --dry-run --profile none "${words[@]:1}" --dest "$STUB/cut:{base.tag}" \
		< <(printf '%s\n' "$@"; printf '%s/a:1\n%s/a:2\n' "$STUB" "$STUB")
	expect_no_err "line break"
	set --
done

t "a journal that cannot be written ends the bake: what is made is told as made, and no line is torn"
long=full$(printf %0200d 0)
(
	ulimit -f 1
	trap '' XFSZ
	run "$OHC" bake -q --json --jobs 1 --no-check --payload payload --bases names --dest "$STUB/$long:{base.tag}" --journal full
	printf '%s\n' "$status" "$out" >full.out
	printf '%s\n' "$err" >full.err
)
expect_eq "$(head -n 1 full.out)" 1
made=$(sed -n 2p full.out | json 'j["done"]' /dev/stdin)
expect_eq "$(sed -n 2p full.out | json 'j["failed"]' /dev/stdin)" 0
expect_true test "$(sed -n 2p full.out | json 'j["waiting"]' /dev/stdin)" -ge 0
expect_true grep -q "^ohcompose: journal: cannot write 'full': File too large" full.err
expect_eq "$(tail -c 1 full | od -An -c | tr -d ' ')" '\n'
expect_eq "$(curl -sf "$STUB_URL/v2/$long/tags/list" | json 'len(j["tags"])' /dev/stdin)" "$made"
run "$OHC" bake -q --json --no-check --payload payload --bases names --dest "$STUB/$long:{base.tag}" --journal full
expect_status 0
expect_no_err torn
expect_eq "$(json 'j["done"] + j["there"]')" 3

t "a report that cannot be written fails, once all images are made"
run "$OHC" bake --json --no-check --payload payload --bases names "${dest[@]}" --report /dev/full
expect_status 1
expect_eq "$(json 'j["done"] + j["there"]')" 3
expect_eq "$(grep -c "cannot write the report '/dev/full': No space left on device; the images are made" <<<"$err")" 1
expect_err "^ohcompose: cannot write the report '/dev/full': No space left on device$"

t "a report that is removed while it is written is told of"
mkfifo go
{ read -r _ <go; rm gone; echo >going; } &
run "$OHC" bake --json --no-check --payload payload --bases names "${dest[@]}" --report gone --jobs 1 \
	--sign 'sh -c "[ -e going ] || echo {} >go; while ! [ -e going ]; do sleep 0.05; done"'
expect_status 1
expect_eq "$(json 'j["done"] + j["there"]')" 3
expect_eq "$(grep -c "warning: cannot write the report 'gone': it was removed; the images are made" <<<"$err")" 1
expect_err "^ohcompose: cannot write the report 'gone': it was removed$"

seq -f "$STUB/a:%g" 20 >twenty
t "a bake that is interrupted has its report and its page, as far as it came"
run timeout --preserve-status -s INT 2 "$OHC" bake -q --no-check --payload payload --bases twenty --rate 10/s --jobs 1 \
	--dest "$STUB/part:{base.slug}" --report part.jsonl --html part.html
expect_status 130
expect_true grep -q '</html>' part.html
expect_eq "$(wc -l <part.jsonl)" "$(grep -cE '<tr class="(done|failed)">' part.html)"
expect_true grep -q 'not begun' part.html

t "a page on a full or closed standard output says why it cannot be written"
status=0 out='' err=$("$OHC" bake -q --no-check --payload payload --bases names "${dest[@]}" --html - 2>&1 >/dev/full) || status=$?
expect_message 1 "cannot write the page to standard output: No space left"
status=0 out='' err=$("$OHC" bake -q --no-check --payload payload --bases names "${dest[@]}" --html - 2>&1 >&-) || status=$?
expect_message 1 "cannot write the page to standard output: Bad file descriptor"

t "a report or a page on standard output has it for itself"
run "$OHC" bake --no-check --payload payload --bases names "${dest[@]}" --report -
expect_status 0
expect_eq "$(wc -l <<<"$out")" 3
expect_no_out "^3 images"
expect_err "^3 images: "
run "$OHC" bake --json --no-check --payload payload --bases names "${dest[@]}" --report -
expect_eq "$(tail -n 1 <<<"$out" | json 'j["images"]' /dev/stdin)" 3
run "$OHC" bake --no-check --payload payload --bases names "${dest[@]}" --html -
expect_eq "$(tail -n 1 <<<"$out")" "</html>"

t "a payload that cannot be read is read once, and not with each image"
tar cf torn.tar -C payload .
truncate -s 900000 torn.tar
echo "no tar" >text.tar
for i in torn text; do
	run "$OHC" bake --no-check --payload $i.tar --bases names --dest "$STUB/$i:{base.tag}"
	expect_status 3
	expect_out '^3 images: 0 done, 0 there, 3 failed'
	expect_err "3 × push to '.*': payload '$i.tar' is not a valid tar"
	expect_eq "$(grep -c "^read payload '$i.tar': failed" <<<"$err")" 1 "readings of $i.tar"
done

t "a file of a payload that may not be read ends the upload once, and not with each image, twice"
if [ "$(id -u)" = 0 ] && ! have setpriv; then
	skip "root may read all, and there is no setpriv"
else
	as=()
	[ "$(id -u)" != 0 ] || as=(setpriv --bounding-set -dac_override,-dac_read_search)
	cp -a payload closed
	head -c 3000000 /dev/urandom >closed/zz
	chmod 000 closed/zz
	stub_config '{}'
	run "${as[@]}" "$OHC" bake --no-cache --no-check --payload closed --bases names --dest "$STUB/closed:{base.tag}"
	expect_status 1
	expect_err "3 × push to '.*': payload 'closed': cannot open 'closed/zz': Permission denied"
	expect_eq "$(grep -c "^push payload /openhands: failed" <<<"$err")" 1 "readings"
	expect_eq "$(stub_log 'r["method"] if r["method"] == "PATCH" else None' | wc -l)" 1 uploads
fi

t "a payload on standard input is read once for all images"
tar cf payload.tar -C payload .
run_in "$OHC" bake -q --json --no-check --payload - --bases names --dest "$STUB/stdin:{base.tag}" <payload.tar
expect_status 0
expect_eq "$(json 'j["done"]')" 3
run "$OHC" bake -q --json --no-check --skip-existing --payload payload.tar --bases names --dest "$STUB/stdin:{base.tag}"
expect_eq "$(json 'j["there"]')" 3
printf '{"images": [{"base": "%s/a:1", "dest": "%s/s:1"}, {"base": "%s/a:2", "dest": "%s/s:2", "owner": "7:7"}]}' \
	"$STUB" "$STUB" "$STUB" "$STUB" >owners.json
run_in "$OHC" bake -q --json --no-check --payload - owners.json <payload.tar
expect_status 1
expect_eq "$(json 'j["done"] + j["failed"]')" 2
expect_err "--payload -: standard input can be read only once, and images want other layers of it"
for command in bake upgrade; do
	option=--bases
	[ $command = bake ] || option=--list
	run_in "$OHC" $command --payload - $option - --dest "$STUB/out:{base.tag}" <names
	expect_message 2 "--payload -: the list is on standard input, too"
done
command=bake

t "credentials that cannot be read are told once, before any request, and no secret of them"
stub_config '{}'
while IFS='|' read -r text pattern; do
	echo "${text//HOST/$STUB}" >auth.json
	refused 3 "credentials for '$STUB': $pattern" --bases twenty "${dest[@]}" --authfile auth.json
	expect_eq "$(wc -l <<<"$err")" 1 messages
	expect_no_err geheim
done <<'E2'
geheim{|'auth.json' is not valid JSON: line 1, column 6
["geheim"]|'auth.json' is not a JSON object
{"auths": ["geheim"]}|'auth.json': 'auths' is not an object
{"auths": {"HOST": "geheim"}}|'auth.json', auths of '.*' is not an object
{"auths": {"HOST": {"auth": "geheim!"}}}|'auth.json', auths of '.*': 'auth' is not the base64 of user:password
{"auths": {"HOST": {"username": "a", "password": ["geheim"]}}}|'auth.json', auths of '.*': 'password' is not a string
{"credHelpers": {"HOST": ["geheim"]}}|credHelpers of 'auth.json': the entry '.*' is not a string
E2
echo '{"auths": {"elsewhere.example": "geheim"}}' >auth.json
run "$OHC" bake -q --no-check --payload payload --bases names "${dest[@]}" --authfile auth.json
expect_status 0

t "a credential helper that fails is run once, and not for each image"
mkdir helpers
printf '#!/bin/sh\necho x >>"%s/runs"\necho geheim\nexit 1\n' "$tmp" >helpers/docker-credential-fails
chmod 755 helpers/docker-credential-fails
echo "{\"credHelpers\": {\"$STUB\": \"fails\"}}" >auth.json
stub_config '{"auth": {"kind": "basic", "user": "u", "password": "p"}}'
run env PATH="$tmp/helpers:$PATH" "$OHC" bake -q --no-check --payload payload --bases twenty "${dest[@]}" --authfile auth.json
expect_status 5
expect_out '^20 images: 0 done, 0 there, 20 failed'
expect_err "[0-9]+ × .*the credential helper 'docker-credential-fails' failed at 'get' with status 1"
expect_no_err geheim
expect_eq "$(wc -l <runs)" 1 "runs of the helper"
run env PATH="$tmp/helpers:$PATH" "$OHC" bake --no-check --payload "$STUB/p:1:/opt/p" --bases twenty "${dest[@]}" \
	--authfile auth.json
expect_status 5
expect_eq "$(wc -l <<<"$err")" 1 messages
stub_config '{}'

t "a payload image that is not there is told once, and asked for once, where all images need it"
for payload in "$STUB/none:1" "$STUB/none@sha256:$(printf %064d 0)" "oci:lay:none"; do
	[ -e lay ] || make_layout lay:1 --layer payload >/dev/null
	stub_config '{}'
	run "$OHC" bake --no-check --payload "$payload:/opt/p" --bases twenty "${dest[@]}" --report rows
	expect_status 4
	expect_err "^ohcompose: payload '$payload': "
	expect_eq "$(wc -l <<<"$err")" 1 messages
	expect_true test "$(stub_log '"x"' | wc -l)" -le 2
	expect_out_is ''
	expect_false test -s rows
done
printf '{"images": [{"base": "%s/a:1", "payload": "%s/none:1:/opt/p"}, "%s/a:2"]}' "$STUB" "$STUB" "$STUB" >one.json
run "$OHC" bake -q --no-check --payload payload one.json "${dest[@]}"
expect_status 1
expect_out '^2 images: [01] done, [01] there, 1 failed'

t "bases that are not there, in registries and on this machine, are told by reason; the others go on"
stub_config '{}'
printf 'oci:gone%d:1\n' 1 2 3 4 5 6 7 >gone
printf '%s\n' oci-archive:gone.tar:1 "$STUB/none:1" "$STUB/a:1" >>gone
run "$OHC" bake --no-check --payload payload --bases gone "${dest[@]}"
expect_status 1
expect_out '^10 images: [01] done, [01] there, 9 failed'
expect_err "7 × "
expect_err "'gone.tar'"
expect_err "'$STUB/none:1'"

t "options that all images have are kept once: an image of a long list takes less than a kilobyte"
if can_peak; then
	seq -f "127.0.0.1:1/some/name/of/base:%g" 20000 >long
	head -n 1 long >short
	long_options=()
	for i in $(seq 20); do
		long_options+=(--env "VARIABLE_$i=value $i")
	done
	for i in short long; do
		# of this shard is none: what is read is the list alone
		peak "$OHC" bake --shard 1/1000000 --no-check --payload payload --dest "oci:out:{base.slug}" --bases $i \
			"${long_options[@]}"
		expect_status 0
		read -r "peak_$i" <<<"$peak"
	done
	expect_true test $(((peak_long - peak_short) * 1024 / 20000)) -lt 1000
else
	skip "$no_peak"
fi

t "the label of a payload image tells where it goes, whatever the profile"
"$OHC" pack -q payload oci:packed:1 >/dev/null
run "$OHC" bake --no-check --profile none --payload oci:packed:1 --bases names "${dest[@]}"
expect_status 0
run "$OHC" bake --no-check --profile none --payload payload --bases names "${dest[@]}"
expect_message 2 "profile 'none' has no prefix"

finish
