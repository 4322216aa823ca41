#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# login, and credentials of options: what is refused before any request.
. "$(dirname "$0")/../lib.sh"

to=localhost:$(closed_port)

t "--password-stdin needs --user"
run_in "$OHC" login --password-stdin --authfile auth.json "$to" <<<secret
expect_status 2
expect_err "'--password-stdin' needs '--user'"

t "user and password are not given twice"
for more in '-u me' '-u me --password-stdin'; do
	# shellcheck disable=SC2086 # words
	run_in "$OHC" login --creds you:secret $more --authfile auth.json "$to" <<<secret
	expect_status 2
	expect_err "given twice: leave '--creds' out"
done

t "an empty password, and one with a zero in it, is none"
run_in "$OHC" login -u me --password-stdin --authfile auth.json "$to" </dev/null
expect_status 2
expect_err 'no password on standard input'
run_in "$OHC" login -u me --password-stdin --authfile auth.json "$to" < <(printf 'sec\0ret')
expect_status 2
expect_err 'no password on standard input'

t "credentials have a user"
for line in ':secret' 'me' ''; do
	run_in "$OHC" inspect --creds-stdin "$to/x" <<<"$line"
	expect_status 2
	expect_err "'--creds-stdin' found no USER:PASSWORD"
done
run "$OHC" inspect --creds :secret "$to/x"
expect_status 2
expect_err 'takes USER or USER:PASSWORD'

t "nothing was written for any of these"
expect_eq "$(ls)" "" "files"

finish
