#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Tests of what all commands share: help, usage errors, output that cannot be written.
. "$(dirname "$0")/../lib.sh"

commands=$("$OHC" help | sed -n 's/^  \([a-z][a-z]*\) .*/\1/p')

t "alone it shows the overview on standard error"
run "$OHC"
expect_status 2
expect_out_is ''
expect_err '^Usage: ohcompose COMMAND'
expect_err '^  version '

t "each command is listed once, by what it is for, and push first"
expect_eq "$(sort <<<"$commands")" "$(sort -u <<<"$commands")" "list of commands"
expect_eq "$(head -n 1 <<<"$commands")" push "first command"
expect_eq "$("$OHC" help | sed -n 's/:$//p' | tr '\n' ,)" \
	"Make images,Look at images,Move and keep images,Registries,The program itself," groups

t "help recipe"
run "$OHC" help recipe
expect_status 0
expect_out '^ohcompose help recipe: '
expect_eq "$(awk 'length > 80' <<<"$out")" '' "what is longer"
run "$OHC" help
expect_out "'ohcompose help recipe' tells how a recipe"

for word in help --help -h; do
	t "'ohcompose $word' shows the overview on standard output"
	run "$OHC" "$word"
	expect_status 0
	expect_out '^Usage: ohcompose COMMAND'
	expect_eq "$err" '' "standard error"
done

for c in $commands; do
	t "$c: --help, -h and 'help $c' are the same"
	run "$OHC" help "$c"
	expect_status 0
	expect_out "^Usage: ohcompose $c( |$)"
	expect_out "^  -h, --help "
	help=$out
	run "$OHC" "$c" --help
	expect_status 0
	expect_out_is "$help"
	run "$OHC" "$c" -h
	expect_status 0
	expect_out_is "$help"

	t "$c: the help is at most 80 columns wide"
	expect_eq "$(awk 'length > 80' <<<"$help")" '' "what is longer"

	t "$c: --help wins over names that are missing or too many, and ends the options"
	run "$OHC" "$c" a b c d e f g --help --no-such-option
	expect_status 0
	expect_out_is "$help"

	t "$c: an unknown option is refused"
	run "$OHC" "$c" --no-such-option
	expect_message 2 "unknown option '--no-such-option'"
	expect_err "^try 'ohcompose $c --help'\$"
	run "$OHC" "$c" -Z
	expect_message 2 "unknown option '-Z'"

	t "$c: what cannot be written is an error"
	if [ -e /dev/full ]; then
		status=0 out='' err=$("$OHC" "$c" --help 2>&1 >/dev/full) || status=$?
		expect_message 1 'cannot write standard output: No space left'
	else
		skip "no /dev/full"
	fi
done

t "--version and version are the same"
run "$OHC" version
expect_status 0
version=$out
expect_out '^ohcompose [0-9]+\.[0-9]+'
expect_out '^libcurl [0-9]+\.'
run "$OHC" --version
expect_status 0
expect_out_is "$version"

t "version --json"
run "$OHC" version --json
expect_status 0
expect_eq "ohcompose $(json 'j["version"]')" "$(head -n 1 <<<"$version")" version
expect_eq "libcurl $(json 'j["libraries"]["libcurl"]')" \
	"$(grep '^libcurl ' <<<"$version")" libcurl

t "version -v tells of the launchers what sha256sum says of them"
run "$OHC" version -v
expect_status 0
expect_eq "$(grep -v '^launcher ' <<<"$out")" "$version" "before them"
launchers=$(grep '^launcher ' <<<"$out")
expect_eq "$(sort <<<"$launchers")" "$(cd "$(dirname "$OHC")/launcher" &&
	sha256sum -- *64 *64.so | sed 's/^\([0-9a-f]*\)  \([^.]*\).*/launcher \2 sha256:\1/' | sort)" launchers
run "$OHC" version --json
expect_eq "$(json '"\n".join("launcher %s %s" % l for l in j["launchers"].items())')" "$launchers"

t "unknown commands, and what may have been meant"
run "$OHC" verzion
expect_message 2 "unknown command 'verzion', did you mean 'version'\?"
expect_err "^try 'ohcompose help'\$"
run "$OHC" frobnicate
expect_message 2 "unknown command 'frobnicate'\$"
run "$OHC" help verzion
expect_message 2 "unknown command 'verzion', did you mean 'version'\?"
run "$OHC" ''
expect_message 2 "unknown command ''"

t "unknown options, and what may have been meant"
run "$OHC" version --jsno
expect_message 2 "unknown option '--jsno', did you mean '--json'\?"

t "long options are not abbreviated"
run "$OHC" version --js
expect_message 2 "unknown option '--js', did you mean '--json'\?"

t "a flag takes no value"
run "$OHC" version --json=yes
expect_message 2 "'--json' takes no value"

t "options in front of the command"
run "$OHC" --insecure version
expect_message 2 "'--insecure' goes behind the command"
run "$OHC" --nonsense
expect_message 2 "unknown option '--nonsense'"

t "a name too many"
run "$OHC" version 1.0
expect_message 2 "'1.0' is one name too many: ohcompose version"
run "$OHC" version -- --json
expect_message 2 "'--json' is one name too many"

t "control characters of an argument do not reach the terminal"
run "$OHC" $'no\e[2Jsuch\ncommand'
expect_message 2 'no\\x1b\[2Jsuch\\ncommand'
expect_eq "$(grep -c '' <<<"$err")" 2 "number of lines"

# to_nobody CMD...: its standard output is a pipe that nobody reads any more; sets $err and $status
to_nobody()
{
	_cmd="$* | :" out=''
	{
		status=0
		"$@" 2>"$tmp/.lib/err" </dev/null || status=$?
		echo $status >"$tmp/.lib/status"
	} | :
	status=$(cat "$tmp/.lib/status") err=$(cat "$tmp/.lib/err")
}

t "what nobody reads any more ends the program as SIGPIPE does, without a word"
make_layout many:1 --layer "$top/registry" >/dev/null
for command in 'help push' 'completion zsh' 'inspect -q --tree oci:many:1' 'inspect --json oci:many:1' \
	'copy --progress none oci:many:1 oci-archive:-' 'version --json'; do
	# shellcheck disable=SC2086
	to_nobody sh -c 'sleep 0.2; exec "$@"' sh "$OHC" $command
	expect_status 141
	expect_eq "$err" '' "standard error of $command"
done
run bash -o pipefail -c "'$OHC' inspect --tree oci:many:1 | head -n 1"
expect_eq "$err" '' "standard error"

t "another error is told of all the same"
to_nobody sh -c 'sleep 0.2; exec "$@"' sh "$OHC" inspect oci:none
expect_message 4 none

t "standard output that is closed"
status=0 out='' err=$("$OHC" version 2>&1 >&-) || status=$?
expect_message 1 'cannot write standard output: Bad file descriptor'

t "standard descriptors that are closed, with nothing to say"
status=0
"$OHC" version --jsno <&- >&- 2>&- || status=$?
expect_status 2

finish
