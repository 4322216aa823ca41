#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The runner and lib.sh count what they should, and fail when they should.
. "$(dirname "$0")/../lib.sh"

# script NAME: an executable from standard input
script()
{
	cat >"$1"
	chmod +x "$1"
}

# uses_lib NAME: a test script that uses lib.sh, its body from standard input
uses_lib()
{
	{
		echo '#!/usr/bin/env bash'
		echo ". '$top/tests/lib.sh'"
		cat
	} | script "$1"
}

run_tests()
{
	run "$top/tests/run" "$@"
}

last_line()
{
	tail -n 1 <<<"$out"
}

t "passes and skips are counted"
script a <<'E2'
#!/bin/sh
echo "ok 1 - one"; echo "ok 2 - two # SKIP no moon"; echo "1..2"
E2
run_tests ./a
expect_status 0
expect_eq "$(last_line)" "1 passed, 0 failed, 1 skipped"
expect_out 'a: two: no moon'

t "without a skip the line does not speak of it"
script a <<'E2'
#!/bin/sh
echo "ok 1 - one"; echo "1..1"
E2
run_tests ./a ./a
expect_status 0
expect_eq "$(last_line)" "2 passed, 0 failed"

t "a failed case fails the run and shows the output"
script b <<'E2'
#!/bin/sh
echo "# because of this"; echo "not ok 1 - one"; echo "1..1"
E2
run_tests ./a ./b
expect_status 1
expect_eq "$(last_line)" "1 passed, 1 failed"
expect_out 'because of this'

t "no plan, a wrong plan, an exit status and a signal each fail"
script c <<'E2'
#!/bin/sh
echo "ok 1 - one"
E2
script d <<'E2'
#!/bin/sh
echo "1..2"; echo "ok 1 - one"
E2
script e <<'E2'
#!/bin/sh
echo "1..1"; echo "ok 1 - one"; exit 3
E2
script f <<'E2'
#!/bin/sh
echo "1..1"; echo "ok 1 - one"; kill -SEGV $$
E2
run_tests ./c ./d ./e ./f ./missing
expect_status 1
expect_eq "$(last_line)" "4 passed, 5 failed"

t "a run without a case fails"
run_tests
expect_status 1
expect_out '^no test was run$'

t "who takes too long is ended with its children"
script g <<'E2'
#!/bin/sh
sleep 1000 & echo $! >"$0.pid"
wait
E2
run_tests -t 1 ./g
expect_status 1
expect_out 'ran for more than'
# A process that was killed may still wait to be reaped.
expect_false grep -q 'State:.[^Z]' "/proc/$(cat g.pid)/status"

t "--follow shows the output while it comes, line by line, with the time"
script slow <<'E2'
#!/bin/sh
echo "ok 1 - first"; printf 'ok 2'; until [ -e "$0.seen" ]; do sleep 0.1; done; printf ' - second\n1..2\nrest'
E2
"$top/tests/run" -j 2 --follow ./slow ./a >followed 2>&1 &
wait_for 20 grep -q 'first' followed || fail "nothing is shown while it runs"
expect_false grep -q 'ok 2\|begin   a' followed
: >slow.seen
wait $! || fail "status $?"
out=$(cat followed)
expect_out '^  begin   slow: 300 s at most$'
expect_out '^    \| 0:00:[0-9][0-9] ok 1 - first$'
expect_out '^    \| 0:00:[0-9][0-9] ok 2 - second$'
expect_out '^    \| 0:00:[0-9][0-9] rest$'
expect_eq "$(grep -n 'ok      slow: 2 passed\|begin   a' followed | cut -d : -f 2 | cut -c 3-9)" "ok     
begin  " "how one follows another"
expect_eq "$(grep -c first followed)" 1 "how often it is shown"
expect_eq "$(last_line)" "3 passed, 0 failed"

t "--passed leaves out what has passed, and tries again what has not"
run_tests --passed list ./a ./b
expect_status 1
expect_eq "$(cat list)" a
run_tests --passed list ./a ./b
expect_status 1
expect_out '^  left out a: it has passed$'
expect_eq "$(last_line)" "0 passed, 1 failed"
run_tests --passed list ./a
expect_status 0

t "who may take longer begins first, where several run at a time"
script short <<'E2'
#!/bin/sh
echo "$0" >>order; echo "1..1"; echo "ok 1 - one"
E2
sed '2i# time limit: 301' short >long
chmod +x long
run_tests -j 2 ./short ./short ./short ./long
expect_true test "$(grep -n long order | head -c 1)" -le 2
rm order
run_tests -j 1 ./short ./short ./short ./long
expect_eq "$(grep -n long order | head -c 1)" 4 "its place"

t "cmocka's skip is a skip"
script h <<'E2'
#!/bin/sh
echo "1..1"; echo "# skip: no moon"; echo "not ok 1 # SKIP test_moon"
E2
run_tests ./h
expect_status 1
expect_out 'h: test_moon: no moon'

t "lib.sh: a good case, a bad one, a skipped one"
uses_lib i <<'E2'
t good
run sh -c 'echo out; echo err >&2; exit 3'
expect_status 3
expect_out '^out$'
expect_err '^err$'
t bad
expect_status 4
t skipped
skip 'no moon'
finish
E2
run_tests ./i
expect_status 1
expect_eq "$(last_line)" "1 passed, 1 failed, 1 skipped"
expect_out 'status 3, not 4'

t "lib.sh: an expectation behind a pipe, or in \$(...), counts, for its own case"
uses_lib piped <<'E2'
t pipe
echo x | expect_true grep -q y
t good
echo x | expect_true grep -q x
t substituted
x=$(expect_eq 1 2 >&9)
finish
E2
run_tests ./piped
expect_status 1
expect_eq "$(last_line)" "1 passed, 2 failed"

t "lib.sh: what a script needs must work"
uses_lib j <<'E2'
t good
false
finish
E2
run_tests ./j
expect_status 1
expect_out 'status 1: false'
expect_out 'ended before finish'

t "lib.sh: a script without finish has failed"
uses_lib k <<'E2'
t good
expect true
E2
run_tests ./k
expect_status 1

t "lib.sh: a container that still runs is gone afterwards, and what is mounted"
uses_lib m <<E2
start_containerd || skip_all "\$no_engine"
start_registry
busybox_rootfs plain
make_layout bases:1 --layer plain --config "\$BASE_CONFIG" >/dev/null
put_layout bases:1 "\$REGISTRY/m:1"
t runs
pull "\$REGISTRY/m:1"
engine run -d --snapshotter "\$_snapshotter" "\$REGISTRY/m:1" m\$\$ /bin/sleep 1000
engine task list | grep -q "^m\$\$ .*RUNNING" || fail "it does not run"
pwd >'$tmp/where'
echo m\$\$ >'$tmp/name'
finish
E2
run_tests ./m
if [[ $out == *"1 skipped"* ]]; then
	skip "no containerd, or no right to start one"
else
	expect_status 0
	expect_false pgrep -f "$(cat where)/"
	expect_false grep -F "$(cat where)/" /proc/self/mountinfo
	expect_false test -e "$(cat where)"
	expect_false test -e "/run/containerd/runc/default/$(cat name)" # which all engines of a machine share
fi

t "lib.sh: the directory is gone afterwards"
uses_lib l <<'E2'
t good
pwd >'$tmp/where'
expect_true test -d "\$PWD"
finish
E2
sed -i "s|'\$tmp|'$tmp|; s|\\\\\\\$|\$|" l
run_tests ./l
expect_status 0
expect_true test -s where
expect_false test -e "$(cat where)"

finish
