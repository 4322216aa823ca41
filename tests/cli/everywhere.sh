#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The options of "Everywhere", at the example of push.  What they do to requests is tested with the
# registry.
. "$(dirname "$0")/../lib.sh"

make_busybox_base base:b >/dev/null

push()
{
	run "$OHC" push "$@"
}

# on_terminal KEYS CMD...: runs it on a terminal of its own, whose keys are pressed when it asks for
# a password ("^C" is the interrupt key); $out is what the terminal shows
on_terminal()
{
	run_in py - "$@" <<-'END'
	import os, pty, sys, termios, time
	keys = {"^C": b"\x03"}.get(sys.argv[1], sys.argv[1].encode() + b"\n")
	pid, fd = pty.fork()
	if pid == 0:
	    os.execv(sys.argv[2], sys.argv[2:])
	shown, pressed = b"", False
	while True:
	    try:
	        got = os.read(fd, 4096)
	    except OSError:
	        break
	    if not got:
	        break
	    shown += got
	    if not pressed and b"password" in shown:
	        assert not termios.tcgetattr(fd)[3] & termios.ECHO, "the terminal echoes"
	        os.write(fd, keys)
	        pressed = True
	status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
	sys.stdout.write(shown.decode().replace("\r\n", "\n"))
	sys.exit(status)
	END
}

t "options that contradict each other"
push --cache d --no-cache oci:base:b oci:out
expect_message 2 "'--cache' and '--no-cache' cannot be given together"
push --creds u:p --creds-stdin oci:base:b oci:out
expect_message 2 "'--creds' and '--creds-stdin' cannot be given together"
push --key k oci:base:b oci:out
expect_message 2 "'--key' needs '--cert'"

push --src-creds u:p --src-creds-stdin oci:base:b oci:out
expect_message 2 "'--src-creds' and '--src-creds-stdin' cannot be given together"

t "options are offered where they mean something, and nowhere else"
while read -r command option; do
	run "$OHC" "$command" "$option" x
	expect_message 2 "unknown option '$option'"
done <<-'END'
	version --quiet
	help --json
	completion --creds
	gc --creds
	gc --jobs
	gc --no-cache
	cache --insecure
	cache --authfile
	logout --creds
	logout --timeout
	login --jobs
	login --cache
	login --json
	login --mirror
	login --src-creds
	inspect --src-creds
	inspect --dest-tls-verify
	copy --no-cache
END

t "numbers have a range"
push --retry 101 oci:base:b oci:out
expect_message 2 "'--retry' takes a number from 0 to 100, not '101'"
push --timeout 0 oci:base:b oci:out
expect_message 2 "'--timeout' takes a number from 1 to 86400, not '0'"
push --jobs -1 oci:base:b oci:out
expect_message 2 "'--jobs' takes a number from 1 to 256, not '-1'"
push --jobs '' oci:base:b oci:out
expect_message 2 "'--jobs' takes a number from 1 to 256, not ''"

t "mirrors are HOST=URL"
for bad in example.com =http://x example.com=; do
	push --mirror $bad oci:base:b oci:out
	expect_message 2 "'--mirror': takes HOST=URL, not '$bad'"
done

t "credentials need a user, and are not shown"
push --creds :hunter2 oci:base:b oci:out
expect_message 2 "'--creds': takes USER or USER:PASSWORD"
expect_no_err hunter2
for line in hunter2 :hunter2 ''; do
	run_in "$OHC" push --creds-stdin --profile none oci:base:b oci:out <<<"$line"
	expect_message 2 "'--creds-stdin' found no USER:PASSWORD on standard input"
	expect_no_err hunter2
done
run_in "$OHC" push --creds-stdin --profile none oci:base:b oci:out < <(head -c 70000 /dev/zero | tr '\0' x)
expect_message 2 "'--creds-stdin' reads one line of at most"
push --creds-stdin oci:base:b oci:out
expect_message 2 "'--creds-stdin' found no USER:PASSWORD"

t "credentials from standard input"
run_in "$OHC" push --creds-stdin --profile none oci:base:b oci:out <<<'user:pass:word'
expect_status 0

t "a password is asked for without echo"
on_terminal hunter2 "$OHC" push --creds me --progress none --profile none oci:base:b oci:out
expect_status 0
expect_out '^password of me: $'
expect_no_out hunter2

t "an interrupt while a password is asked for"
on_terminal '^C' "$OHC" push --creds me --profile none oci:base:b oci:out
expect_status 130
expect_out '^ohcompose: interrupted$'

t "without a terminal there is nobody to ask"
if have setsid; then
	run setsid -w "$OHC" push --creds me --profile none oci:base:b oci:out
	expect_message 2 "no terminal to ask for the password on: use '--creds-stdin'"
else
	skip "no setsid"
fi

t "unknown ways of progress"
push --progress bar oci:base:b oci:out
expect_message 2 "'--progress' takes auto, tty, plain, json or none, not 'bar'"

t "progress: plain where there is no terminal"
push --no-check --payload base oci:base:b oci:plain
expect_status 0
expect_err 'payload .*: written'
expect_no_err $'\e'

for quiet in -q --quiet -qq '--progress none' '--progress=none'; do
	t "progress: none with $quiet"
	# shellcheck disable=SC2086
	push $quiet --no-check --payload base oci:base:b "oci:quiet${quiet//[ =]/}"
	expect_status 0
	expect_eq "$err" '' "standard error"
	expect_out '@sha256:'
done

t "progress: a terminal's lines where they are asked for"
push --progress tty --no-check --payload base oci:base:b oci:tty
expect_status 0
expect_err $'\e\\[K'

t "progress: auto on a terminal, and on a dumb one"
TERM=xterm on_terminal '' "$OHC" push --no-check --payload base oci:base:b oci:xterm
expect_status 0
expect_out $'\e\\[K'
for term in dumb ''; do
	TERM=$term on_terminal '' "$OHC" push --no-check --payload base oci:base:b "oci:dumb$term"
	expect_status 0
	expect_no_out $'\e'
done

t "progress: JSON, an object a line, the error too"
push --progress json --no-check --payload base oci:base:b oci:json
expect_status 0
expect_eq "$(py -c 'import json, sys
events = [json.loads(line) for line in sys.stdin]
begun = {e["task"] for e in events if e["event"] == "begin"}
ended = {e["task"] for e in events if e["event"] == "end" and e["outcome"]}
print(len(begun) > 0 and begun == ended)' <<<"$err")" True "whether what began has ended"
push --progress json --payload missing oci:base:b oci:json
expect_status 4
expect_eq "$out" '' "standard output"
out=$err
expect_eq "$(json '[j["event"], j["level"], j["status"]]')" '["message", "error", 4]' error

t "progress: how much a payload is, is known when its way begins, and is what is read"
mkdir -p known/bin
head -c 100000 /dev/zero >known/bin/a
ln known/bin/a known/bin/the-same
printf 12345 >known/b
echo >more
tar -cf known.tar known
tar -cf all.tar known more
make_layout payload:1 --layer all.tar >/dev/null
for source in known:/x known.tar:/known oci:payload:1:/known; do
	for cache in '--cache fresh' --no-cache; do
		# shellcheck disable=SC2086
		push --progress json $cache --no-check --profile none --payload "$source" scratch oci:shown:1
		expect_status 0
		expect_eq "$(py -c 'import json, sys
tasks = {}
for e in map(json.loads, sys.stdin):
    tasks.setdefault(e.get("task"), {}).update(e)
print([(t["total"], t["bytes"]) for t in tasks.values() if t.get("verb") == "push"])' <<<"$err")" \
			"[(100005, 100005)]" "of $source with $cache"
	done
	rm -rf fresh
done

t "an error with --json leaves standard output empty"
push --json --payload missing oci:base:b oci:json
expect_message 4 'missing'

t "--json: one object"
push --json -q --no-check --payload base oci:base:b oci:json
expect_status 0
expect_eq "$(json 'j["name"]')" oci:json name

t "the result is an error when it cannot be written"
if [ -e /dev/full ]; then
	status=0 out='' err=$("$OHC" push -q --profile none oci:base:b oci:full 2>&1 >/dev/full) || status=$?
	expect_message 1 'cannot write standard output: No space left'
else
	skip "no /dev/full"
fi

t "the digest goes to a file, or to standard output"
push -q --digest-file digest --profile none oci:base:b oci:out:x
expect_status 0
expect_eq "oci:out:x@$(cat digest)" "$out" "digest in the file"
push -q --digest-file - --profile none oci:base:b oci:out:x
expect_out_is "$(cat digest)"$'\n'"oci:out:x@$(cat digest)"
run "$OHC" copy -q --digest-file - oci:base:b oci:out:y
expect_eq "$(tail -n 1 <<<"$out")" "oci:out:y@$(head -n 1 <<<"$out")" "last line"

t "a digest file that cannot be written is told of before anything is done"
push -q --digest-file no/such/file --profile none oci:base:b oci:none:x
expect_message 4 "no/such/file"
run "$OHC" copy -q --digest-file no/such/file oci:base:b oci:none:x
expect_message 4 "no/such/file"
run "$OHC" pack -q --digest-file no/such/file base oci:none:x
expect_message 4 "no/such/file"
expect_false test -e none

t "nor is anything baked whose page, report or journal cannot be written"
echo '{"images": [{"base": "oci:base:b", "dest": "oci:none:x", "profile": "none"}]}' >bake.json
for option in --html --report --journal; do
	run "$OHC" bake -q $option no/such/file bake.json
	expect_message "1|4" "no/such/file"
done
expect_false test -e none
sed 's/none:x/page:x/' bake.json >page.json
run "$OHC" bake -q --html - page.json
expect_status 0
expect_out '^</html>'
expect_false test -e ./-

t "a digest file that was there stays when the push fails"
push -q --digest-file digest --payload missing oci:base:b oci:out:x
expect_status 4
expect_true grep -q '^sha256:' digest
expect_eq "$(find . -maxdepth 1 -name '.ohcompose-tmp*')" '' "what is left"

t "a pipe that nobody reads is told of, in place of waiting for ever"
mkfifo pipe
for option in --html --report; do
	timeout 20 "$OHC" bake -q $option pipe bake.json >"out$option" 2>&1 || echo "status $?" >>"out$option" &
done
timeout 20 "$OHC" push -q --profile none --digest-file pipe oci:base:b oci:none:x >out--digest 2>&1 || echo "status $?" >>out--digest &
timeout 20 "$OHC" copy -q oci:base:b oci-archive:pipe >out--archive 2>&1 || echo "status $?" >>out--archive &
wait $(jobs -p | tail -n 4)
for option in --html --report --digest --archive; do
	expect_true grep -q "nobody reads the pipe 'pipe': start what reads it first" "out$option"
	expect_eq "$(tail -n 1 "out$option")" "status 1"
done
expect_false test -e none
{ sleep 0.3 && cat pipe >read; } &
push -q --digest-file pipe --profile none oci:base:b oci:out:x
wait $!
expect_status 0
expect_true grep -q '^sha256:' read

t "a file that standard output goes to is not written over, by whatever name"
sed 's/none:x/page:x/' bake.json >page.json
for name in /dev/stdout /dev/fd/1 ./mixed; do
	"$OHC" bake -q --report $name page.json >mixed 2>sums
	expect_eq "$(json 'j["name"]' mixed)" oci:page:x
	expect_true grep -q '^1 images: ' sums
	"$OHC" bake -q --html $name page.json >mixed 2>sums
	expect_eq "$(head -n 1 mixed)" "<!DOCTYPE html>"
	expect_eq "$(tail -n 1 mixed)" "</html>"
	"$OHC" push -q --digest-file $name --profile none oci:base:b oci:out:x >mixed
	expect_eq "$(sed 's/.*@//' mixed | sort -u | wc -l)" 1
	expect_eq "$(wc -l <mixed)" 2
	status=0
	"$OHC" bake -q --journal $name page.json >mixed 2>sums || status=$?
	expect_eq "$status" 2
done
for name in /dev/stderr /dev/fd/2 ./mixed; do
	"$OHC" bake --report $name page.json 2>mixed >sums
	expect_eq "$(json 'j["name"]' <(grep '^{' mixed))" oci:page:x
	expect_true grep -q '^.*1/1 there' mixed
done

t "a link that leads to nothing yet leads to the new file"
ln -s behind/file ahead
for command in "push -q --profile none --digest-file ahead oci:base:b oci:out:x" "bake -q --report ahead page.json" \
	"bake -q --html ahead page.json" "copy -q oci:base:b oci-archive:ahead"; do
	run "$OHC" $command
	expect_status 4
	expect_err "behind/file"
	mkdir behind
	run "$OHC" $command
	expect_status 0
	expect_true test -L ahead
	expect_true test -s behind/file
	rm -r behind
done

t "a digest that cannot be noted is told, because the image is there"
if [ -e /dev/full ]; then
	push -q --digest-file /dev/full --profile none oci:base:b oci:out:x
	expect_message 1 "the image sha256:[0-9a-f]{64} is written, its digest file is not: cannot write '/dev/full'"
else
	skip "no /dev/full"
fi

t "another user's symbolic link or pipe in a sticky directory is not written through"
if [ "$(id -u)" = 0 ]; then
	mkdir -m 1777 sticky
	echo mine >victim
	ln -s "$tmp/victim" sticky/link
	ln -s "$tmp/none" sticky/dangling
	mkfifo -m 666 sticky/pipe
	chown -h 12345 sticky/link sticky/dangling sticky/pipe
	echo '{"images": [{"base": "oci:base:b", "dest": "oci:baked:x", "profile": "none"}]}' >bake.json
	for file in link dangling pipe; do
		for option in --report --html --journal; do
			run "$OHC" bake -q $option sticky/$file bake.json
			expect_status 1
			expect_err "'sticky/$file' is another user's "
		done
		push -q --digest-file sticky/$file --profile none oci:base:b oci:none:x
		expect_message 1 "'sticky/$file' is another user's "
		for dest in oci:sticky/$file:x oci-archive:sticky/$file:x docker-archive:sticky/$file:x/y:z; do
			run "$OHC" copy -q oci:base:b $dest
			expect_message 1 "'sticky/$file' is another user's "
		done
	done
	expect_eq "$(cat victim)" mine "the link's file"
	expect_false test -e none
	mkdir elsewhere
	ln -s "$tmp/elsewhere" sticky/dir
	chown -h 12345 sticky/dir
	push -q --profile none oci:base:b oci:sticky/dir:x
	expect_message 1 "'sticky/dir' is another user's symbolic link"
	expect_eq "$(ls elsewhere)" '' "what is in the link's directory"
	chown -h 0 sticky/link
	push -q --digest-file sticky/link --profile none oci:base:b oci:out:x
	expect_status 0
	expect_true grep -q '^sha256:' victim
else
	skip "not root"
fi

t "a dry run says what would become of each layer, and writes nothing"
push -q --dry-run --digest-file other --no-check --payload base oci:base:b oci:dry
expect_status 0
expect_out '^base +[a-z]+ .* sha256:'
expect_out '^payload +[a-z]+ .* sha256:'
expect_eq "$(ls -d dry other 2>/dev/null || true)" '' "what was written"

t "a name is missing"
push oci:base:b
expect_message 2 'a name is missing: ohcompose push \[options\] BASE DEST'
push
expect_message 2 'names are missing: ohcompose push \[options\] BASE DEST'
push a b c
expect_message 2 "'c' is one name too many: ohcompose push"

finish
